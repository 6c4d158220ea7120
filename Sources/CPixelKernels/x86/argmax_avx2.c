// Maximum over classes and its class, by AVX2: eight pixels a vector in float and four in double.
#include "../prefetch.h"

#if defined(__x86_64__)

#include "avx2.h"

// ---------------------------------------------------------------- float

typedef float real_ps;
typedef __m256 vector_ps;
typedef __m256i classes_ps;
/// Vectors are whole. The pixels after the last whole one are looked at one by one.
typedef bool used_ps;

/// Classes are kept as the bits of int32 in float lanes, so that one blend serves both.
typedef struct {
    __m256 maximum, argmax, sum;
} lanes_ps;

INLINED uint32_t whole_ps(uint32_t count) { return count & ~7u; }
INLINED bool used_at_ps(uint32_t x, uint32_t count) { return x < count; }
INLINED __m256 zero_ps(void) { return _mm256_setzero_ps(); }
INLINED __m256 load_real_ps(const float *from) { return _mm256_loadu_ps(from); }
INLINED void store_real_ps(float *to, __m256 value) { _mm256_storeu_ps(to, value); }
INLINED __m256 load_argmax_ps(const int32_t *from) { return _mm256_loadu_ps((const float *)(const void *)from); }
INLINED void store_argmax_ps(int32_t *to, __m256 value) { _mm256_storeu_ps((float *)(void *)to, value); }
INLINED bool any_sign_ps(__m256 signs) { return _mm256_movemask_ps(signs) != 0; }

INLINED __m256i load_labels_ps(const int32_t *labels, uint32_t x, bool used) {
    (void)used;
    return _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
}

INLINED __m256 load_f32(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_loadu_ps(mlk_element(at, index, sizeof(float)));
}

INLINED __m256 load_f16(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_cvtph_ps(_mm_loadu_si128(mlk_element(at, index, sizeof(uint16_t))));
}

INLINED lanes_ps join_ps(lanes_ps low, lanes_ps high) {
    // Strictly greater: a tie stays with the lower class.
    __m256 above = _mm256_cmp_ps(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_ps){_mm256_max_ps(low.maximum, high.maximum), _mm256_blendv_ps(low.argmax, high.argmax, above),
                      _mm256_add_ps(low.sum, high.sum)};
}

/// Keeps the value of the given class on the way: fetching it afterwards would miss the cache wherever planes are a
/// power of two apart.
INLINED lanes_ps one_ps(__m256 value, uint32_t class, __m256i label, __m256 *own, __m256 *signs) {
    __m256i class_lanes = _mm256_set1_epi32((int)class);
    *own = _mm256_blendv_ps(*own, value, _mm256_castsi256_ps(_mm256_cmpeq_epi32(label, class_lanes)));
    *signs = _mm256_or_ps(*signs, value);
    return (lanes_ps){value, _mm256_castsi256_ps(class_lanes), value};
}

INLINED bool is_odd_ps(__m256 sum, __m256 maximum, bool used, mlk_bounds bounds) {
    (void)used;
    // "Not greater or equal" is true for NaN as well.
    __m256 bad = _mm256_cmp_ps(sum, _mm256_set1_ps((float)bounds.lowest_sum), _CMP_NGE_UQ);
    bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, _mm256_set1_ps((float)bounds.highest_sum), _CMP_NLE_UQ));
    bad = _mm256_or_ps(bad, _mm256_cmp_ps(maximum, _mm256_set1_ps((float)bounds.highest_value), _CMP_NLE_UQ));
    return _mm256_movemask_ps(bad) != 0;
}

#define ONLY AVX2
#define STEP 8u
#define FN(name) name##_ps
#include "argmax_template.h"
#include "argmax_rest_template.h"
#undef FN
#undef STEP

// ---------------------------------------------------------------- double

typedef double real_pd;
typedef __m256d vector_pd;
typedef __m256d classes_pd;
typedef bool used_pd;

/// Classes and labels are carried as doubles, which hold them exactly in lanes as wide as the mask of a comparison.
typedef struct {
    __m256d maximum, argmax, sum;
} lanes_pd;

INLINED uint32_t whole_pd(uint32_t count) { return count & ~3u; }
INLINED bool used_at_pd(uint32_t x, uint32_t count) { return x < count; }
INLINED __m256d zero_pd(void) { return _mm256_setzero_pd(); }
INLINED __m256d load_real_pd(const double *from) { return _mm256_loadu_pd(from); }
INLINED void store_real_pd(double *to, __m256d value) { _mm256_storeu_pd(to, value); }
INLINED bool any_sign_pd(__m256d signs) { return _mm256_movemask_pd(signs) != 0; }

INLINED __m256d load_argmax_pd(const int32_t *from) {
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(const void *)from));
}

INLINED void store_argmax_pd(int32_t *to, __m256d value) {
    _mm_storeu_si128((__m128i *)(void *)to, _mm256_cvtpd_epi32(value));
}

INLINED __m256d load_labels_pd(const int32_t *labels, uint32_t x, bool used) {
    (void)used;
    return load_argmax_pd(labels + x);
}

INLINED __m256d load_f64(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_loadu_pd(mlk_element(at, index, sizeof(double)));
}

INLINED lanes_pd join_pd(lanes_pd low, lanes_pd high) {
    __m256d above = _mm256_cmp_pd(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_pd){_mm256_max_pd(low.maximum, high.maximum), _mm256_blendv_pd(low.argmax, high.argmax, above),
                      _mm256_add_pd(low.sum, high.sum)};
}

INLINED lanes_pd one_pd(__m256d value, uint32_t class, __m256d label, __m256d *own, __m256d *signs) {
    __m256d class_lanes = _mm256_set1_pd((double)class);
    *own = _mm256_blendv_pd(*own, value, _mm256_cmp_pd(label, class_lanes, _CMP_EQ_OQ));
    *signs = _mm256_or_pd(*signs, value);
    return (lanes_pd){value, class_lanes, value};
}

INLINED bool is_odd_pd(__m256d sum, __m256d maximum, bool used, mlk_bounds bounds) {
    (void)used;
    __m256d bad = _mm256_cmp_pd(sum, _mm256_set1_pd(bounds.lowest_sum), _CMP_NGE_UQ);
    bad = _mm256_or_pd(bad, _mm256_cmp_pd(sum, _mm256_set1_pd(bounds.highest_sum), _CMP_NLE_UQ));
    bad = _mm256_or_pd(bad, _mm256_cmp_pd(maximum, _mm256_set1_pd(bounds.highest_value), _CMP_NLE_UQ));
    return _mm256_movemask_pd(bad) != 0;
}

#define STEP 4u
#define FN(name) name##_pd
#include "argmax_template.h"
#include "argmax_rest_template.h"

// ---------------------------------------------------------------- argmax

INLINED float one_f16(const void *planes, size_t index) { return _cvtsh_ss(mlk_load_u16(planes, index)); }
INLINED float one_f32(const void *planes, size_t index) { return mlk_load_f32(planes, index); }
INLINED double one_f64(const void *planes, size_t index) { return mlk_load_f64(planes, index); }

AVX2 bool mlk_argmax_f16_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(uint16_t), load_f16);
    return odd | rest_ps(&tile, labels, bounds, maximum, argmax, given, whole_ps(tile.count), one_f16);
}

AVX2 bool mlk_argmax_f32_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(float), load_f32);
    return odd | rest_ps(&tile, labels, bounds, maximum, argmax, given, whole_ps(tile.count), one_f32);
}

AVX2 bool mlk_argmax_f64_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_pd(&tile, labels, bounds, maximum, argmax, given, sizeof(double), load_f64);
    return odd | rest_pd(&tile, labels, bounds, maximum, argmax, given, whole_pd(tile.count), one_f64);
}

#endif
