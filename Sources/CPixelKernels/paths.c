#include "internal.h"

#if defined(__x86_64__)

bool mlk_has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

enum mlk_path mlk_widest_path(void) {
    if (!mlk_has_avx2())
        return MLK_PORTABLE;
    // VBMI2 came with Ice Lake and Zen 4. Processors before these slow down when registers of 512 bits are used.
    bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vbmi2");
    return has_avx512 ? MLK_AVX512 : MLK_AVX2;
}

bool mlk_argmax(enum mlk_path path, mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                int32_t *argmax, void *given) {
    bool is_wide = path == MLK_AVX512;
    switch (tile.type) {
    case MLK_FLOAT16:
        return (is_wide ? mlk_argmax_f16_avx512 : mlk_argmax_f16_avx2)(tile, labels, bounds, maximum, argmax, given);
    case MLK_FLOAT32:
        return (is_wide ? mlk_argmax_f32_avx512 : mlk_argmax_f32_avx2)(tile, labels, bounds, maximum, argmax, given);
    case MLK_FLOAT64:
        return (is_wide ? mlk_argmax_f64_avx512 : mlk_argmax_f64_avx2)(tile, labels, bounds, maximum, argmax, given);
    }
    return false;
}

#else

bool mlk_has_avx2(void) { return false; }

enum mlk_path mlk_widest_path(void) { return MLK_PORTABLE; }

#endif
