#include "internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINED static inline AVX512 __attribute__((always_inline))
#define STEP 16u

/// A bit a lane of those that lie before `count`. Loads under it read nothing beyond.
INLINED __mmask16 lanes_of(uint32_t x, uint32_t count) {
    return (__mmask16)(count - x >= STEP ? 0xffff : (1u << (count - x)) - 1);
}

/// Given classes, -1 in lanes beyond the tile.
INLINED __m512i load_labels(const int32_t *labels, uint32_t x, __mmask16 used) {
    return _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), used, labels + x);
}

/// As in the AVX2 loops, of sixteen pixels.
typedef struct {
    __m512 maximum;
    __m512i argmax;
    __m512 sum;
} lanes;

INLINED lanes join(lanes low, lanes high) {
    // Strictly greater: a tie stays with the lower class.
    __mmask16 above = _mm512_cmp_ps_mask(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes){_mm512_max_ps(low.maximum, high.maximum), _mm512_mask_mov_epi32(low.argmax, above, high.argmax),
                   _mm512_add_ps(low.sum, high.sum)};
}

INLINED __m512 load_f32(const void *at, size_t index, __mmask16 used) {
    return _mm512_maskz_loadu_ps(used, (const float *)at + index);
}

INLINED __m512 load_f16(const void *at, size_t index, __mmask16 used) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(used, (const uint16_t *)at + index));
}

typedef __m512 (*loader)(const void *at, size_t index, __mmask16 used);

INLINED lanes one(__m512 value, uint32_t class, __m512i label, __m512 *own, __m512i *signs) {
    __m512i class_lanes = _mm512_set1_epi32((int)class);
    *own = _mm512_mask_mov_ps(*own, _mm512_cmpeq_epi32_mask(label, class_lanes), value);
    *signs = _mm512_or_si512(*signs, _mm512_castps_si512(value));
    return (lanes){value, class_lanes, value};
}

/// Sixteen pixels at x through `n` (1 or 4) classes from `class` on.
INLINED lanes group(const void *planes, size_t stride, uint32_t class, uint32_t n, uint32_t x, __mmask16 used,
                    loader load, __m512i label, __m512 *own, __m512i *signs) {
    lanes a = one(load(planes, class * stride + x, used), class, label, own, signs);
    if (n == 1)
        return a;
    lanes b = one(load(planes, (class + 1) * stride + x, used), class + 1, label, own, signs);
    lanes c = one(load(planes, (class + 2) * stride + x, used), class + 2, label, own, signs);
    lanes d = one(load(planes, (class + 3) * stride + x, used), class + 3, label, own, signs);
    return join(join(a, b), join(c, d));
}

/// The same walk as the AVX2 loop's, four planes at a time.
INLINED bool argmax_ps(const mlk_tile *tile, const int32_t *labels, mlk_bounds bounds, float *maximum, int32_t *argmax,
                       float *given, size_t element_bytes, loader load) {
    const void *planes = tile->planes;
    size_t stride = tile->stride;
    uint32_t classes = tile->classes, count = tile->count;
    float sums[MLK_TILE];
    __m512i signs = _mm512_setzero_si512();
    uint32_t fetched = mlk_fetched_before(classes);
    for (uint32_t class = 0; class < classes;) {
        uint32_t n = mlk_step_of(classes - class);
        uintptr_t ahead[mlk_most_ahead];
        uint32_t ahead_count = mlk_fetch_next(tile, class + n, &fetched, ahead);
        for (uint32_t x = 0; x < count; x += STEP) {
            mlk_fetch(ahead, ahead_count, x, element_bytes);
            __mmask16 used = lanes_of(x, count);
            __m512i label = load_labels(labels, x, used);
            __m512 own = class > 0 ? _mm512_loadu_ps(given + x) : _mm512_setzero_ps();
            lanes best = n == 4 ? group(planes, stride, class, 4, x, used, load, label, &own, &signs)
                                : group(planes, stride, class, 1, x, used, load, label, &own, &signs);
            if (class > 0) {
                lanes before = {_mm512_loadu_ps(maximum + x), _mm512_loadu_si512(argmax + x),
                                _mm512_loadu_ps(sums + x)};
                best = join(before, best);
            }
            _mm512_storeu_ps(maximum + x, best.maximum);
            _mm512_storeu_si512(argmax + x, best.argmax);
            _mm512_storeu_ps(sums + x, best.sum);
            _mm512_storeu_ps(given + x, own);
        }
        class += n;
    }
    __m512 low = _mm512_set1_ps((float)bounds.lowest_sum), high = _mm512_set1_ps((float)bounds.highest_sum);
    __m512 top = _mm512_set1_ps((float)bounds.highest_value);
    __mmask16 bad = _mm512_movepi32_mask(signs);
    for (uint32_t x = 0; x < count; x += STEP) {
        __mmask16 used = lanes_of(x, count);
        __m512 sum = _mm512_loadu_ps(sums + x);
        // "Not greater or equal" is true for NaN as well.
        bad |= _mm512_mask_cmp_ps_mask(used, sum, low, _CMP_NGE_UQ);
        bad |= _mm512_mask_cmp_ps_mask(used, sum, high, _CMP_NLE_UQ);
        bad |= _mm512_mask_cmp_ps_mask(used, _mm512_loadu_ps(maximum + x), top, _CMP_NLE_UQ);
    }
    return bad != 0;
}

AVX512 bool mlk_argmax_f32_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                                  int32_t *argmax, void *given) {
    return argmax_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(float), load_f32);
}

AVX512 bool mlk_argmax_f16_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                                  int32_t *argmax, void *given) {
    return argmax_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(uint16_t), load_f16);
}

/// Eight self-confidences in units of 2^-40, with a count of one each. Exact as `mlk_units`: values are below 2^12.
INLINED __m512i units_of(__m256 value) {
    // Multiplied and added apart: a fused operation would round once where mlk_units rounds twice.
    __m512d scaled = _mm512_mul_pd(_mm512_cvtps_pd(value), _mm512_set1_pd(MLK_UNITS));
    __m512i shifted = _mm512_castpd_si512(_mm512_add_pd(scaled, _mm512_set1_pd(MLK_ROUNDER)));
    __m512i units = _mm512_and_si512(shifted, _mm512_set1_epi64(0xfffffffffffff));
    return _mm512_or_si512(units, _mm512_set1_epi64(INT64_C(1) << mlk_count_shift));
}

AVX512 uint32_t mlk_compare_avx512(const mlk_tile *tile, const int32_t *labels, const float *maximum,
                                   const int32_t *argmax, const float *given, double candidate_bound,
                                   mlk_totals totals, mlk_collected *out) {
    mlk_label_tables tables;
    mlk_clear(&tables, totals.classes);
    uintptr_t ahead[mlk_compare_ahead];
    uint32_t ahead_count = mlk_fetch_compare(tile, ahead), count = tile->count, counted = 0;
    size_t element_bytes = mlk_element_bytes(tile->type);
    __m512 bound = _mm512_set1_ps(mlk_float_below(candidate_bound));
    for (uint32_t word = 0; word < (count + 63) / 64; word++)
        out->candidates[word] = out->contested[word] = 0;
    for (uint32_t x = 0; x < count; x += STEP) {
        mlk_fetch(ahead, ahead_count, x, element_bytes);
        __m512i label = load_labels(labels, x, lanes_of(x, count));
        __mmask16 used = (__mmask16)~_mm512_movepi32_mask(label);
        __mmask16 contested = _mm512_mask_cmpneq_epi32_mask(used, label, _mm512_loadu_si512(argmax + x));
        __mmask16 low = _mm512_mask_cmp_ps_mask(used, _mm512_loadu_ps(maximum + x), bound, _CMP_LE_OQ);
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | low) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        uint64_t units[STEP];
        int32_t numbers[STEP];
        _mm512_storeu_si512(units, units_of(_mm256_loadu_ps(given + x)));
        _mm512_storeu_si512(units + 8, units_of(_mm256_loadu_ps(given + x + 8)));
        _mm512_storeu_si512(numbers, label);
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < STEP; i++)
            tables.words[i % mlk_table_count][numbers[i] + 1] += units[i];
    }
    mlk_fold(&tables, totals);
    return counted;
}

AVX512 void mlk_pack_avx512(uint32_t count, const int32_t *labels, const float *maximum, const int32_t *argmax,
                            const float *given, uint64_t *histogram, mlk_collected *out) {
    float *own_out = out->self_confidence, *top_out = out->predicted_confidence;
    uint32_t candidates = 0, contested = 0;
    // Sixteen values are written whatever their number: at most as many lie before as pixels do.
    for (uint32_t x = 0; x < count; x += STEP) {
        __mmask16 candidate = (__mmask16)(out->candidates[x / 64] >> (x & 63));
        _mm512_storeu_ps(own_out + candidates, _mm512_maskz_compress_ps(candidate, _mm512_loadu_ps(given + x)));
        candidates += (uint32_t)__builtin_popcount(candidate);
        __mmask16 is_contested = (__mmask16)(out->contested[x / 64] >> (x & 63));
        __m512i predicted = _mm512_maskz_compress_epi32(is_contested, _mm512_loadu_si512(argmax + x));
        __m512i label = _mm512_maskz_compress_epi32(is_contested, _mm512_maskz_loadu_epi32(is_contested, labels + x));
        _mm512_storeu_ps(top_out + contested, _mm512_maskz_compress_ps(is_contested, _mm512_loadu_ps(maximum + x)));
        _mm256_storeu_si256((__m256i *)(void *)(out->predicted_label + contested), _mm512_cvtepi32_epi16(predicted));
        _mm256_storeu_si256((__m256i *)(void *)(out->given_label + contested), _mm512_cvtepi32_epi16(label));
        contested += (uint32_t)__builtin_popcount(is_contested);
    }
    for (uint32_t i = 0; i < candidates; i += 8) {
        // Adding 0 makes 0 of -0.
        __m512d key = _mm512_add_pd(_mm512_cvtps_pd(_mm256_loadu_ps(own_out + i)), _mm512_setzero_pd());
        uint64_t bins[8];
        _mm512_storeu_si512(bins, _mm512_srli_epi64(_mm512_castpd_si512(key), 48));
        for (uint32_t k = 0; k < 8 && i + k < candidates; k++)
            histogram[bins[k]] += 1;
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
}

#endif
