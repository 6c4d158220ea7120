// What the AVX2 files begin with.
#ifndef MLK_AVX2_H
#define MLK_AVX2_H

#include <immintrin.h>

/// For functions that run only where `mlk_has_avx2` says so.
#define AVX2 __attribute__((target("avx2,f16c,fma")))
#define INLINED static inline AVX2 __attribute__((always_inline))

#endif
