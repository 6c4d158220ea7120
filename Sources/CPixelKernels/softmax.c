// Scores to probabilities.
#include "internal.h"

#define ONLY
#define LINKAGE static
#define FN(name) name##_portable
#include "softmax_template.h"

void mlk_softmax(double *planes, size_t stride, uint32_t classes, uint32_t count) {
#if defined(__x86_64__)
    if (mlk_has_avx2()) {
        mlk_softmax_avx2(planes, stride, classes, count);
        return;
    }
#endif
    mlk_softmax_portable(planes, stride, classes, count);
}

void mlk_normalize(double *planes, size_t stride, uint32_t classes, uint32_t count) {
#if defined(__x86_64__)
    if (mlk_has_avx2()) {
        mlk_normalize_avx2(planes, stride, classes, count);
        return;
    }
#endif
    mlk_divide_by_sum(planes, stride, classes, count);
}
