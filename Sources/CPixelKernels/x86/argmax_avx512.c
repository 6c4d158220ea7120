// Maximum over classes and its class, by AVX-512: sixteen pixels a vector in float and eight in double.
#include "../prefetch.h"

#if defined(__x86_64__)

#include "avx512.h"

// ---------------------------------------------------------------- float

typedef float real_ps;
typedef __m512 vector_ps;
typedef __m512i classes_ps;
/// One bit for each lane that lies before the end of the tile. Loads under this mask read nothing beyond it.
typedef __mmask16 used_ps;

typedef struct {
    __m512 maximum;
    __m512i argmax;
    __m512 sum;
} lanes_ps;

INLINED uint32_t whole_ps(uint32_t count) { return count; }
INLINED __m512 zero_ps(void) { return _mm512_setzero_ps(); }
INLINED __m512 load_real_ps(const float *from) { return _mm512_loadu_ps(from); }
INLINED void store_real_ps(float *to, __m512 value) { _mm512_storeu_ps(to, value); }
INLINED __m512i load_argmax_ps(const int32_t *from) { return _mm512_loadu_si512(from); }
INLINED void store_argmax_ps(int32_t *to, __m512i value) { _mm512_storeu_si512(to, value); }
INLINED bool any_sign_ps(__m512 signs) { return _mm512_movepi32_mask(_mm512_castps_si512(signs)) != 0; }

INLINED __m512 load_f32(const void *at, size_t index, __mmask16 used) {
    return _mm512_maskz_loadu_ps(used, mlk_element(at, index, sizeof(float)));
}

INLINED __m512 load_f16(const void *at, size_t index, __mmask16 used) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(used, mlk_element(at, index, sizeof(uint16_t))));
}

INLINED lanes_ps join_ps(lanes_ps low, lanes_ps high) {
    __mmask16 above = _mm512_cmp_ps_mask(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_ps){_mm512_max_ps(low.maximum, high.maximum), _mm512_mask_mov_epi32(low.argmax, above, high.argmax),
                      _mm512_add_ps(low.sum, high.sum)};
}

INLINED lanes_ps one_ps(__m512 value, uint32_t class, __m512i label, __m512 *own, __m512 *signs) {
    __m512i class_lanes = _mm512_set1_epi32((int)class);
    *own = _mm512_mask_mov_ps(*own, _mm512_cmpeq_epi32_mask(label, class_lanes), value);
    *signs = _mm512_or_ps(*signs, value);
    return (lanes_ps){value, class_lanes, value};
}

INLINED bool is_odd_ps(__m512 sum, __m512 maximum, __mmask16 used, mlk_bounds bounds) {
    // "Not greater or equal" is true for NaN as well.
    return (_mm512_mask_cmp_ps_mask(used, sum, _mm512_set1_ps((float)bounds.lowest_sum), _CMP_NGE_UQ) |
            _mm512_mask_cmp_ps_mask(used, sum, _mm512_set1_ps((float)bounds.highest_sum), _CMP_NLE_UQ) |
            _mm512_mask_cmp_ps_mask(used, maximum, _mm512_set1_ps((float)bounds.highest_value), _CMP_NLE_UQ)) != 0;
}

#define ONLY AVX512
#define STEP 16u
#define FN(name) name##_ps
#include "argmax_template.h"
#undef FN
#undef STEP

// ---------------------------------------------------------------- double

typedef double real_pd;
typedef __m512d vector_pd;
typedef __m256i classes_pd;
typedef __mmask8 used_pd;

typedef struct {
    __m512d maximum;
    __m256i argmax;
    __m512d sum;
} lanes_pd;

INLINED uint32_t whole_pd(uint32_t count) { return count; }
INLINED __m512d zero_pd(void) { return _mm512_setzero_pd(); }
INLINED __m512d load_real_pd(const double *from) { return _mm512_loadu_pd(from); }
INLINED void store_real_pd(double *to, __m512d value) { _mm512_storeu_pd(to, value); }
INLINED __m256i load_argmax_pd(const int32_t *from) { return _mm256_loadu_si256((const __m256i *)(const void *)from); }
INLINED void store_argmax_pd(int32_t *to, __m256i value) { _mm256_storeu_si256((__m256i *)(void *)to, value); }
INLINED bool any_sign_pd(__m512d signs) { return _mm512_movepi64_mask(_mm512_castpd_si512(signs)) != 0; }

INLINED __mmask8 used_at_pd(uint32_t x, uint32_t count) {
    return (__mmask8)(count - x >= 8 ? 0xff : (1u << (count - x)) - 1);
}

INLINED __m256i load_labels_pd(const int32_t *labels, uint32_t x, __mmask8 used) {
    return _mm256_mask_loadu_epi32(_mm256_set1_epi32(-1), used, labels + x);
}

INLINED __m512d load_f64(const void *at, size_t index, __mmask8 used) {
    return _mm512_maskz_loadu_pd(used, mlk_element(at, index, sizeof(double)));
}

INLINED lanes_pd join_pd(lanes_pd low, lanes_pd high) {
    __mmask8 above = _mm512_cmp_pd_mask(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_pd){_mm512_max_pd(low.maximum, high.maximum), _mm256_mask_mov_epi32(low.argmax, above, high.argmax),
                      _mm512_add_pd(low.sum, high.sum)};
}

INLINED lanes_pd one_pd(__m512d value, uint32_t class, __m256i label, __m512d *own, __m512d *signs) {
    __m256i class_lanes = _mm256_set1_epi32((int)class);
    *own = _mm512_mask_mov_pd(*own, _mm256_cmpeq_epi32_mask(label, class_lanes), value);
    *signs = _mm512_or_pd(*signs, value);
    return (lanes_pd){value, class_lanes, value};
}

INLINED bool is_odd_pd(__m512d sum, __m512d maximum, __mmask8 used, mlk_bounds bounds) {
    return (_mm512_mask_cmp_pd_mask(used, sum, _mm512_set1_pd(bounds.lowest_sum), _CMP_NGE_UQ) |
            _mm512_mask_cmp_pd_mask(used, sum, _mm512_set1_pd(bounds.highest_sum), _CMP_NLE_UQ) |
            _mm512_mask_cmp_pd_mask(used, maximum, _mm512_set1_pd(bounds.highest_value), _CMP_NLE_UQ)) != 0;
}

#define STEP 8u
#define FN(name) name##_pd
#include "argmax_template.h"

// ---------------------------------------------------------------- argmax

AVX512 bool mlk_argmax_f32_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                                  int32_t *argmax, void *given) {
    return walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(float), load_f32);
}

AVX512 bool mlk_argmax_f16_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                                  int32_t *argmax, void *given) {
    return walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(uint16_t), load_f16);
}

AVX512 bool mlk_argmax_f64_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                                  int32_t *argmax, void *given) {
    return walk_pd(&tile, labels, bounds, maximum, argmax, given, sizeof(double), load_f64);
}

#endif
