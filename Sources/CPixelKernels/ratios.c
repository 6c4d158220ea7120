// Pixels by the ratio of the predicted class to the others.
#include "internal.h"

#define ONLY
#define LINKAGE static
#define HALF mlk_half_to_float
#define FN(name) name##_portable
#include "ratios_template.h"

void mlk_count_ratios(enum mlk_path path, mlk_tile tile, const void *maximum, const int32_t *argmax,
                      const uint16_t *chosen, uint32_t chosen_count, const double *limits, uint32_t *counts) {
#if defined(__x86_64__)
    if (path != MLK_PORTABLE) {
        mlk_count_ratios_avx2(&tile, maximum, argmax, chosen, chosen_count, limits, counts);
        return;
    }
#else
    (void)path;
#endif
    mlk_count_ratios_portable(&tile, maximum, argmax, chosen, chosen_count, limits, counts);
}
