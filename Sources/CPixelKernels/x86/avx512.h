// What the AVX-512 files begin with.
#ifndef MLK_AVX512_H
#define MLK_AVX512_H

#include <immintrin.h>

/// For functions that run only where `mlk_widest_path` says so.
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINED static inline AVX512 __attribute__((always_inline))

/// One bit for each lane of a vector at pixel `x` that lies before `count`.
INLINED __mmask16 used_at_ps(uint32_t x, uint32_t count) {
    return (__mmask16)(count - x >= 16 ? 0xffff : (1u << (count - x)) - 1);
}

/// -1 in lanes beyond the tile.
INLINED __m512i load_labels_ps(const int32_t *labels, uint32_t x, __mmask16 used) {
    return _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), used, labels + x);
}

#endif
