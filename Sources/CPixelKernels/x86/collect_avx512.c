// Collecting, by AVX-512.
#include "comparison.h"

#if defined(__x86_64__)

#include "avx512.h"

enum { step = 16 };

/// Eight self-confidences in units of 2^-40, each with a count of one above it. As exact as `mlk_units`, since values
/// are below 2^12.
INLINED __m512i units_of(__m512d value) {
    // The product and the sum are two operations, as in mlk_units: a fused one would round once instead of twice.
    __m512d scaled = _mm512_mul_pd(value, _mm512_set1_pd(MLK_UNITS));
    __m512i shifted = _mm512_castpd_si512(_mm512_add_pd(scaled, _mm512_set1_pd(MLK_ROUNDER)));
    __m512i units = _mm512_and_si512(shifted, _mm512_set1_epi64(0xfffffffffffff));
    return _mm512_or_si512(units, _mm512_set1_epi64(INT64_C(1) << mlk_count_shift));
}

/// Eight values from `x` on, in double.
INLINED __m512d eight(const void *values, uint32_t x, bool is_wide) {
    return is_wide ? _mm512_loadu_pd((const double *)values + x)
                   : _mm512_cvtps_pd(_mm256_loadu_ps((const float *)values + x));
}

INLINED uint32_t compare(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                         mlk_collected *out, bool is_wide) {
    mlk_comparison work;
    mlk_begin(&work, tile, totals.classes, out);
    uint32_t count = tile->count, counted = 0;
    __m512d bound = _mm512_set1_pd(candidate_bound);
    for (uint32_t x = 0; x < count; x += step) {
        mlk_fetch(work.ahead, work.ahead_count, x, work.element_bytes);
        __m512i label = load_labels_ps(pixels.labels, x, used_at_ps(x, count));
        __mmask16 used = (__mmask16)~_mm512_movepi32_mask(label);
        __mmask16 contested = _mm512_mask_cmpneq_epi32_mask(used, label, _mm512_loadu_si512(pixels.argmax + x));
        uint32_t low = _mm512_cmp_pd_mask(eight(pixels.maximum, x, is_wide), bound, _CMP_LE_OQ);
        low |= (uint32_t)_mm512_cmp_pd_mask(eight(pixels.maximum, x + 8, is_wide), bound, _CMP_LE_OQ) << 8;
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | (low & used)) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        uint64_t units[step];
        int32_t numbers[step];
        _mm512_storeu_si512(units, units_of(eight(pixels.given, x, is_wide)));
        _mm512_storeu_si512(units + 8, units_of(eight(pixels.given, x + 8, is_wide)));
        _mm512_storeu_si512(numbers, label);
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < step; i++)
            work.tables.words[i % mlk_table_count][numbers[i] + 1] += units[i];
    }
    mlk_fold(&work.tables, totals);
    return counted;
}

AVX512 uint32_t mlk_compare_avx512(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                                   mlk_collected *out) {
    return tile->type == MLK_FLOAT64 ? compare(tile, pixels, candidate_bound, totals, out, true)
                                     : compare(tile, pixels, candidate_bound, totals, out, false);
}

/// Moves the values of the lanes whose bits are set together and writes them from `at` on. Sixteen places are written,
/// of which those after the values hold anything.
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

INLINED void pack(uint32_t count, mlk_predicted pixels, uint64_t *histogram, mlk_collected *out, bool is_wide) {
    uint32_t candidates = 0, contested = 0;
    // Sixteen places are written, however many values there are. They stay inside the arrays, because at most as many
    // values lie before place `candidates` as pixels lie before `x`.
    for (uint32_t x = 0; x < count; x += step) {
        __mmask16 is_candidate = (__mmask16)(out->candidates[x / 64] >> (x & 63));
        __mmask16 is_contested = (__mmask16)(out->contested[x / 64] >> (x & 63));
        put(pixels.given, x, is_candidate, out->self_confidence, candidates, is_wide);
        put(pixels.maximum, x, is_contested, out->predicted_confidence, contested, is_wide);
        put_classes(_mm512_loadu_si512(pixels.argmax + x), is_contested, out->predicted_label + contested);
        put_classes(_mm512_maskz_loadu_epi32(is_contested, pixels.labels + x), is_contested, out->given_label + contested);
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

AVX512 void mlk_pack_avx512(const mlk_tile *tile, mlk_predicted pixels, uint64_t *histogram, mlk_collected *out) {
    if (tile->type == MLK_FLOAT64)
        pack(tile->count, pixels, histogram, out, true);
    else
        pack(tile->count, pixels, histogram, out, false);
}

#endif
