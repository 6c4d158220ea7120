#include "CPixelKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c,fma")))
#define STEP 8u

bool mlk_has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

static inline AVX2 __m256 blend(__m256 a, __m256 b, __m256 mask) { return _mm256_blendv_ps(a, b, mask); }

/// Running maximum, class and sum of eight pixels. Classes are kept as the bits of int32 in float lanes, so that one
/// blend serves both.
typedef struct {
    __m256 maximum, argmax, sum;
} lanes;

static inline AVX2 lanes join(lanes low, lanes high) {
    // Strictly greater: a tie stays with the lower class.
    __m256 above = _mm256_cmp_ps(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes){_mm256_max_ps(low.maximum, high.maximum), blend(low.argmax, high.argmax, above),
                   _mm256_add_ps(low.sum, high.sum)};
}

static inline AVX2 __m256 load_f32(const void *at, size_t index) { return _mm256_loadu_ps((const float *)at + index); }

static inline AVX2 __m256 load_f16(const void *at, size_t index) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)((const uint16_t *)at + index)));
}

static inline AVX2 lanes one(__m256 value, uint32_t class) {
    return (lanes){value, _mm256_castsi256_ps(_mm256_set1_epi32((int)class)), value};
}

typedef __m256 (*loader)(const void *at, size_t index);

/// Eight pixels at x through `n` (1 or 4) classes from `class` on.
static inline AVX2 __attribute__((always_inline)) lanes group(const void *planes, size_t stride, uint32_t class,
                                                              uint32_t n, uint32_t x, loader load, __m256 *signs) {
    __m256 v0 = load(planes, class * stride + x);
    if (n == 1) {
        *signs = _mm256_or_ps(*signs, v0);
        return one(v0, class);
    }
    __m256 v1 = load(planes, (class + 1) * stride + x);
    __m256 v2 = load(planes, (class + 2) * stride + x);
    __m256 v3 = load(planes, (class + 3) * stride + x);
    *signs = _mm256_or_ps(*signs, _mm256_or_ps(_mm256_or_ps(v0, v1), _mm256_or_ps(v2, v3)));
    return join(join(one(v0, class), one(v1, class + 1)), join(one(v2, class + 2), one(v3, class + 3)));
}

/// `count` is a multiple of eight. Four planes at a time share one read and write of the state.
static inline AVX2 __attribute__((always_inline)) bool argmax_ps(const void *planes, size_t stride, uint32_t classes,
                                                                 uint32_t count, mlk_bounds bounds, float *maximum,
                                                                 int32_t *argmax, loader load) {
    float sums[MLK_TILE];
    __m256 signs = _mm256_setzero_ps();
    for (uint32_t class = 0; class < classes;) {
        uint32_t n = classes - class >= 4 ? 4 : 1;
        for (uint32_t x = 0; x < count; x += STEP) {
            lanes best = n == 4 ? group(planes, stride, class, 4, x, load, &signs)
                                : group(planes, stride, class, 1, x, load, &signs);
            if (class > 0) {
                lanes before = {_mm256_loadu_ps(maximum + x), _mm256_loadu_ps((const float *)(const void *)argmax + x),
                                _mm256_loadu_ps(sums + x)};
                best = join(before, best);
            }
            _mm256_storeu_ps(maximum + x, best.maximum);
            _mm256_storeu_ps((float *)(void *)argmax + x, best.argmax);
            _mm256_storeu_ps(sums + x, best.sum);
        }
        class += n;
    }
    __m256 low = _mm256_set1_ps((float)bounds.lowest_sum), high = _mm256_set1_ps((float)bounds.highest_sum);
    __m256 top = _mm256_set1_ps((float)bounds.highest_value), bad = _mm256_setzero_ps();
    for (uint32_t x = 0; x < count; x += STEP) {
        __m256 sum = _mm256_loadu_ps(sums + x);
        // "Not greater or equal" is true for NaN as well.
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, low, _CMP_NGE_UQ));
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, high, _CMP_NLE_UQ));
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(_mm256_loadu_ps(maximum + x), top, _CMP_NLE_UQ));
    }
    return (_mm256_movemask_ps(signs) | _mm256_movemask_ps(bad)) != 0;
}

AVX2 bool mlk_argmax_f32_avx2(const float *planes, size_t stride, uint32_t classes, uint32_t count, mlk_bounds bounds,
                              float *maximum, int32_t *argmax) {
    uint32_t whole = count & ~(STEP - 1), rest = count - whole;
    bool odd = argmax_ps(planes, stride, classes, whole, bounds, maximum, argmax, load_f32);
    if (rest) {
        // The last pixels, one vector a plane, in the masked lanes only: nothing beyond the planes is touched.
        __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)rest), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        float column[STEP];
        float maximum_of[STEP];
        int32_t argmax_of[STEP];
        __m256 signs = _mm256_setzero_ps();
        lanes best = one(_mm256_maskload_ps(planes + whole, mask), 0);
        signs = best.maximum;
        for (uint32_t class = 1; class < classes; class++) {
            __m256 value = _mm256_maskload_ps(planes + class * stride + whole, mask);
            signs = _mm256_or_ps(signs, value);
            best = join(best, one(value, class));
        }
        _mm256_storeu_ps(maximum_of, best.maximum);
        _mm256_storeu_ps((float *)(void *)argmax_of, best.argmax);
        _mm256_storeu_ps(column, best.sum);
        odd |= _mm256_movemask_ps(signs) != 0;
        for (uint32_t x = 0; x < rest; x++) {
            maximum[whole + x] = maximum_of[x];
            argmax[whole + x] = argmax_of[x];
            odd |= !((double)column[x] >= bounds.lowest_sum && (double)column[x] <= bounds.highest_sum &&
                     (double)maximum_of[x] <= bounds.highest_value);
        }
    }
    return odd;
}

AVX2 bool mlk_argmax_f16_avx2(const uint16_t *planes, size_t stride, uint32_t classes, uint32_t count,
                              mlk_bounds bounds, float *maximum, int32_t *argmax) {
    uint32_t whole = count & ~(STEP - 1);
    bool odd = argmax_ps(planes, stride, classes, whole, bounds, maximum, argmax, load_f16);
    for (uint32_t x = whole; x < count; x++) {
        float best = 0, sum = 0;
        int32_t arg = 0;
        for (uint32_t class = 0; class < classes; class++) {
            uint16_t half = planes[class * stride + x];
            float value = _cvtsh_ss(half);
            odd |= (half & 0x8000u) != 0;
            sum += value;
            if (class == 0 || value > best) {
                best = value;
                arg = (int32_t)class;
            }
        }
        maximum[x] = best;
        argmax[x] = arg;
        odd |= !((double)sum >= bounds.lowest_sum && (double)sum <= bounds.highest_sum &&
                 (double)best <= bounds.highest_value);
    }
    return odd;
}

AVX2 bool mlk_argmax_f64_avx2(const double *planes, size_t stride, uint32_t classes, uint32_t count,
                              mlk_bounds bounds, double *maximum, int32_t *argmax) {
    double sums[MLK_TILE];
    double arg[MLK_TILE];
    const uint32_t step = 4;
    uint32_t whole = count & ~(step - 1);
    bool odd = false;
    __m256d signs = _mm256_setzero_pd();
    for (uint32_t class = 0; class < classes; class++) {
        const double *plane = planes + class * stride;
        // Classes are carried as doubles: exact, and in lanes as wide as the comparison's mask.
        __m256d class_lanes = _mm256_set1_pd((double)class);
        for (uint32_t x = 0; x < whole; x += step) {
            __m256d value = _mm256_loadu_pd(plane + x);
            signs = _mm256_or_pd(signs, value);
            if (class == 0) {
                _mm256_storeu_pd(maximum + x, value);
                _mm256_storeu_pd(arg + x, class_lanes);
                _mm256_storeu_pd(sums + x, value);
                continue;
            }
            __m256d best = _mm256_loadu_pd(maximum + x);
            __m256d above = _mm256_cmp_pd(value, best, _CMP_GT_OQ);
            _mm256_storeu_pd(maximum + x, _mm256_max_pd(value, best));
            _mm256_storeu_pd(arg + x, _mm256_blendv_pd(_mm256_loadu_pd(arg + x), class_lanes, above));
            _mm256_storeu_pd(sums + x, _mm256_add_pd(_mm256_loadu_pd(sums + x), value));
        }
        for (uint32_t x = whole; x < count; x++) {
            double value = plane[x];
            odd |= __builtin_signbit(value) != 0;
            if (class == 0 || value > maximum[x]) {
                maximum[x] = value;
                arg[x] = (double)class;
            }
            sums[x] = class == 0 ? value : sums[x] + value;
        }
    }
    for (uint32_t x = 0; x < count; x++) {
        argmax[x] = (int32_t)arg[x];
        odd |= !(sums[x] >= bounds.lowest_sum && sums[x] <= bounds.highest_sum && maximum[x] <= bounds.highest_value);
    }
    return odd | (_mm256_movemask_pd(signs) != 0);
}

#else

bool mlk_has_avx2(void) { return false; }

#endif
