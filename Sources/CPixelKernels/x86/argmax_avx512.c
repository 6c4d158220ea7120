#include "../internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINED static inline AVX512 __attribute__((always_inline))

// ---------------------------------------------------------------- float

typedef float real_ps;
typedef __m512 vector_ps;
typedef __m512i classes_ps;
/// A bit a lane of those that lie before the end. Loads under it read nothing beyond.
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

INLINED __mmask16 used_at_ps(uint32_t x, uint32_t count) {
    return (__mmask16)(count - x >= 16 ? 0xffff : (1u << (count - x)) - 1);
}

/// -1 in lanes beyond the tile.
INLINED __m512i load_labels_ps(const int32_t *labels, uint32_t x, __mmask16 used) {
    return _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), used, labels + x);
}

INLINED __m512 load_f32(const void *at, size_t index, __mmask16 used) {
    return _mm512_maskz_loadu_ps(used, (const float *)at + index);
}

INLINED __m512 load_f16(const void *at, size_t index, __mmask16 used) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(used, (const uint16_t *)at + index));
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
#include "argmax_walk.h"
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
    return _mm512_maskz_loadu_pd(used, (const double *)at + index);
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
#include "argmax_walk.h"
#undef FN
#undef STEP
#define STEP 16u

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

// ---------------------------------------------------------------- collecting

/// Eight self-confidences in units of 2^-40, with a count of one each. Exact as `mlk_units`: values are below 2^12.
INLINED __m512i units_of(__m512d value) {
    // Multiplied and added apart: a fused operation would round once where mlk_units rounds twice.
    __m512d scaled = _mm512_mul_pd(value, _mm512_set1_pd(MLK_UNITS));
    __m512i shifted = _mm512_castpd_si512(_mm512_add_pd(scaled, _mm512_set1_pd(MLK_ROUNDER)));
    __m512i units = _mm512_and_si512(shifted, _mm512_set1_epi64(0xfffffffffffff));
    return _mm512_or_si512(units, _mm512_set1_epi64(INT64_C(1) << mlk_count_shift));
}

/// Eight values from x on, in double.
INLINED __m512d eight(const void *values, uint32_t x, bool is_wide) {
    return is_wide ? _mm512_loadu_pd((const double *)values + x)
                   : _mm512_cvtps_pd(_mm256_loadu_ps((const float *)values + x));
}

INLINED uint32_t compare(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                         const void *given, double candidate_bound, mlk_totals totals, mlk_collected *out,
                         bool is_wide) {
    mlk_comparison work;
    mlk_begin(&work, tile, totals.classes, out);
    uint32_t count = tile->count, counted = 0;
    __m512d bound = _mm512_set1_pd(candidate_bound);
    for (uint32_t x = 0; x < count; x += STEP) {
        mlk_fetch(work.ahead, work.ahead_count, x, work.element_bytes);
        __m512i label = load_labels_ps(labels, x, used_at_ps(x, count));
        __mmask16 used = (__mmask16)~_mm512_movepi32_mask(label);
        __mmask16 contested = _mm512_mask_cmpneq_epi32_mask(used, label, _mm512_loadu_si512(argmax + x));
        uint32_t low = _mm512_cmp_pd_mask(eight(maximum, x, is_wide), bound, _CMP_LE_OQ);
        low |= (uint32_t)_mm512_cmp_pd_mask(eight(maximum, x + 8, is_wide), bound, _CMP_LE_OQ) << 8;
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | (low & used)) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        uint64_t units[STEP];
        int32_t numbers[STEP];
        _mm512_storeu_si512(units, units_of(eight(given, x, is_wide)));
        _mm512_storeu_si512(units + 8, units_of(eight(given, x + 8, is_wide)));
        _mm512_storeu_si512(numbers, label);
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < STEP; i++)
            work.tables.words[i % mlk_table_count][numbers[i] + 1] += units[i];
    }
    mlk_fold(&work.tables, totals);
    return counted;
}

AVX512 uint32_t mlk_compare_avx512(const mlk_tile *tile, const int32_t *labels, const void *maximum,
                                   const int32_t *argmax, const void *given, double candidate_bound,
                                   mlk_totals totals, mlk_collected *out) {
    return tile->type == MLK_FLOAT64
               ? compare(tile, labels, maximum, argmax, given, candidate_bound, totals, out, true)
               : compare(tile, labels, maximum, argmax, given, candidate_bound, totals, out, false);
}

/// Moves the values of sixteen lanes' set bits together and writes them, and others after them.
INLINED void put(const void *values, uint32_t x, __mmask16 bits, void *out, uint32_t at, bool is_wide) {
    if (is_wide) {
        uint32_t low = (uint32_t)__builtin_popcount(bits & 0xff);
        __m512d first = _mm512_maskz_compress_pd((__mmask8)bits, _mm512_loadu_pd((const double *)values + x));
        __m512d second = _mm512_maskz_compress_pd((__mmask8)(bits >> 8), _mm512_loadu_pd((const double *)values + x + 8));
        _mm512_storeu_pd((double *)out + at, first);
        _mm512_storeu_pd((double *)out + at + low, second);
    } else {
        _mm512_storeu_ps((float *)out + at, _mm512_maskz_compress_ps(bits, _mm512_loadu_ps((const float *)values + x)));
    }
}

INLINED void put_classes(__m512i classes, __mmask16 bits, uint16_t *out) {
    __m256i narrow = _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(bits, classes));
    _mm256_storeu_si256((__m256i *)(void *)out, narrow);
}

INLINED void pack(uint32_t count, const int32_t *labels, const void *maximum, const int32_t *argmax, const void *given,
                  uint64_t *histogram, mlk_collected *out, bool is_wide) {
    uint32_t candidates = 0, contested = 0;
    // Sixteen places are written whatever their number: at most as many values lie before as pixels do.
    for (uint32_t x = 0; x < count; x += STEP) {
        __mmask16 is_candidate = (__mmask16)(out->candidates[x / 64] >> (x & 63));
        __mmask16 is_contested = (__mmask16)(out->contested[x / 64] >> (x & 63));
        put(given, x, is_candidate, out->self_confidence, candidates, is_wide);
        put(maximum, x, is_contested, out->predicted_confidence, contested, is_wide);
        put_classes(_mm512_loadu_si512(argmax + x), is_contested, out->predicted_label + contested);
        put_classes(_mm512_maskz_loadu_epi32(is_contested, labels + x), is_contested, out->given_label + contested);
        candidates += (uint32_t)__builtin_popcount(is_candidate);
        contested += (uint32_t)__builtin_popcount(is_contested);
    }
    for (uint32_t i = 0; i < candidates; i += 8) {
        // Adding 0 makes 0 of -0.
        __m512d key = _mm512_add_pd(eight(out->self_confidence, i, is_wide), _mm512_setzero_pd());
        uint64_t bins[8];
        _mm512_storeu_si512(bins, _mm512_srli_epi64(_mm512_castpd_si512(key), 48));
        for (uint32_t k = 0; k < 8 && i + k < candidates; k++)
            histogram[bins[k]] += 1;
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
}

AVX512 void mlk_pack_avx512(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                            const void *given, uint64_t *histogram, mlk_collected *out) {
    if (tile->type == MLK_FLOAT64)
        pack(tile->count, labels, maximum, argmax, given, histogram, out, true);
    else
        pack(tile->count, labels, maximum, argmax, given, histogram, out, false);
}

#endif
