// Labels and bits, by AVX2.
#include "../internal.h"

#if defined(__x86_64__)

#include "avx2.h"

enum { step = 8 };

AVX2 bool mlk_look_up_avx2(const uint8_t *from, size_t whole, int32_t classes, int32_t ignored, int32_t *to) {
    __m256i last = _mm256_set1_epi32(classes - 1), skipped = _mm256_set1_epi32(ignored), bad = _mm256_setzero_si256();
    for (size_t x = 0; x < whole; x += step) {
        __m256i value = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(from + x)));
        __m256i is_ignored = _mm256_cmpeq_epi32(value, skipped);
        bad = _mm256_or_si256(bad, _mm256_andnot_si256(is_ignored, _mm256_cmpgt_epi32(value, last)));
        _mm256_storeu_si256((__m256i *)(void *)(to + x), _mm256_or_si256(value, is_ignored));
    }
    return !_mm256_testz_si256(bad, bad);
}

AVX2 void mlk_expand_avx2(const uint64_t *bits, size_t words, uint8_t *bytes) {
    // Byte k of each half becomes a copy of the byte that holds bit k, and then keeps that bit alone.
    const __m256i copies = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3,
                                            3, 3, 3, 3, 3);
    const __m256i kept = _mm256_set1_epi64x((long long)0x8040201008040201), ones = _mm256_set1_epi8(1);
    for (size_t i = 0; i < words; i++) {
        for (unsigned half = 0; half < 2; half++) {
            __m256i all = _mm256_shuffle_epi8(_mm256_set1_epi32((int)(bits[i] >> (32 * half))), copies);
            // The smaller of 1 and the kept bit: 1 where it is set.
            __m256i out = _mm256_min_epu8(_mm256_and_si256(all, kept), ones);
            _mm256_storeu_si256((__m256i *)(void *)(bytes + 64 * i + 32 * half), out);
        }
    }
}

AVX2 uint64_t mlk_below_avx2(const float *values, uint32_t count, float above, uint64_t *equal) {
    __m256 bound = _mm256_set1_ps(above);
    uint64_t below = 0, same = 0;
    for (uint32_t i = 0; i < count; i += step) {
        __m256 value = _mm256_loadu_ps(values + i);
        below |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, bound, _CMP_LT_OQ)) << i;
        same |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, bound, _CMP_EQ_OQ)) << i;
    }
    uint64_t used = count < 64 ? (UINT64_C(1) << count) - 1 : ~UINT64_C(0);
    *equal = same & used;
    return below & used;
}

AVX2 void mlk_contested_avx2(const int32_t *labels, const int32_t *argmax, uint32_t whole, uint64_t *bits) {
    for (uint32_t x = 0; x < whole; x += step) {
        __m256i label = _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
        __m256i predicted = _mm256_loadu_si256((const __m256i *)(const void *)(argmax + x));
        __m256i is_out = _mm256_or_si256(_mm256_cmpeq_epi32(label, predicted), label);
        uint64_t contested = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(is_out)) & 0xff;
        bits[x / 64] = (x % 64 == 0 ? 0 : bits[x / 64]) | contested << (x % 64);
    }
}

#endif
