// The first half of collecting, by AVX2.
#include "comparison.h"

#if defined(__x86_64__)

#include "avx2.h"

enum { step = 8 };

/// Four self-confidences in units of 2^-40, each with a count of one above it. As exact as `mlk_units`, since values
/// are below 2^12.
INLINED __m256i units_of(__m256d value) {
    // The product and the sum are two operations, as in mlk_units: a fused one would round once instead of twice.
    __m256d scaled = _mm256_mul_pd(value, _mm256_set1_pd(MLK_UNITS));
    __m256i shifted = _mm256_castpd_si256(_mm256_add_pd(scaled, _mm256_set1_pd(MLK_ROUNDER)));
    __m256i units = _mm256_and_si256(shifted, _mm256_set1_epi64x(0xfffffffffffff));
    return _mm256_or_si256(units, _mm256_set1_epi64x(INT64_C(1) << mlk_count_shift));
}

/// Four values from `x` on, in double.
INLINED __m256d four(const void *values, uint32_t x, bool is_wide) {
    return is_wide ? _mm256_loadu_pd((const double *)values + x)
                   : _mm256_cvtps_pd(_mm_loadu_ps((const float *)values + x));
}

INLINED __m256i load_eight(const int32_t *from) { return _mm256_loadu_si256((const __m256i *)(const void *)from); }

INLINED uint32_t compare(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                         mlk_collected *out, bool is_wide) {
    mlk_comparison work;
    mlk_begin(&work, tile, totals.classes, out);
    uint32_t count = tile->count, counted = 0;
    uint32_t whole = count & ~(uint32_t)(step - 1);
    __m256d bound = _mm256_set1_pd(candidate_bound);
    for (uint32_t x = 0; x < whole; x += step) {
        mlk_fetch(work.ahead, work.ahead_count, x, work.element_bytes);
        __m256i label = load_eight(pixels.labels + x), predicted = load_eight(pixels.argmax + x);
        uint32_t used = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(label)) & 0xff;
        uint32_t agreeing = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(label, predicted)));
        uint32_t low = (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(four(pixels.maximum, x, is_wide), bound, _CMP_LE_OQ));
        low |= (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(four(pixels.maximum, x + 4, is_wide), bound, _CMP_LE_OQ)) << 4;
        uint32_t contested = used & ~agreeing;
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | (used & low)) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        uint64_t units[step];
        _mm256_storeu_si256((__m256i *)(void *)units, units_of(four(pixels.given, x, is_wide)));
        _mm256_storeu_si256((__m256i *)(void *)(units + 4), units_of(four(pixels.given, x + 4, is_wide)));
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < step; i++)
            work.tables.words[i % mlk_table_count][pixels.labels[x + i] + 1] += units[i];
    }
    mlk_fold(&work.tables, totals);
    for (uint32_t x = whole; x < count; x++) {
        int32_t label = pixels.labels[x];
        if (label < 0)
            continue;
        double top = is_wide ? ((const double *)pixels.maximum)[x] : (double)((const float *)pixels.maximum)[x];
        double own = is_wide ? ((const double *)pixels.given)[x] : (double)((const float *)pixels.given)[x];
        uint64_t is_contested = label != pixels.argmax[x];
        uint64_t is_candidate = is_contested | (uint64_t)(top <= candidate_bound);
        out->contested[x / 64] |= is_contested << (x & 63);
        out->candidates[x / 64] |= is_candidate << (x & 63);
        counted += 1;
        mlk_add(totals, label, mlk_units(own), 1);
    }
    return counted;
}

AVX2 uint32_t mlk_compare_avx2(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                               mlk_collected *out) {
    return tile->type == MLK_FLOAT64 ? compare(tile, pixels, candidate_bound, totals, out, true)
                                     : compare(tile, pixels, candidate_bound, totals, out, false);
}

#endif
