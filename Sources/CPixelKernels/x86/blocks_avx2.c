// Downsampling, by AVX2.
#include "../internal.h"

#if defined(__x86_64__)

#include "avx2.h"

/// Eight elements of a row, in double.
typedef struct {
    __m256d low, high;
} eight;

typedef eight (*loader)(const void *from, size_t index);

INLINED eight widen_ps(__m256 row) {
    return (eight){_mm256_cvtps_pd(_mm256_castps256_ps128(row)), _mm256_cvtps_pd(_mm256_extractf128_ps(row, 1))};
}

INLINED eight load_f32(const void *from, size_t index) {
    return widen_ps(_mm256_loadu_ps(mlk_element(from, index, sizeof(float))));
}

INLINED eight load_f16(const void *from, size_t index) {
    return widen_ps(_mm256_cvtph_ps(_mm_loadu_si128(mlk_element(from, index, sizeof(uint16_t)))));
}

INLINED eight load_f64(const void *from, size_t index) {
    const double *at = mlk_element(from, index, sizeof(double));
    return (eight){_mm256_loadu_pd(at), _mm256_loadu_pd(at + 4)};
}

/// Sums of `factor` rows down eight columns, in row order.
INLINED eight down(const void *from, size_t first, size_t width, uint32_t factor, loader load) {
    eight sum = load(from, first);
    for (uint32_t y = 1; y < factor; y++) {
        eight row = load(from, first + y * width);
        sum.low = _mm256_add_pd(sum.low, row.low);
        sum.high = _mm256_add_pd(sum.high, row.high);
    }
    return sum;
}

/// Sums of four blocks of four columns each. The columns of a block are added from left to right, as for any other
/// factor. Zero is added last instead of first, which gives the same, -0.0 included.
INLINED __m256d across4(eight a, eight b) {
    __m256d even_ab = _mm256_unpacklo_pd(a.low, a.high), odd_ab = _mm256_unpackhi_pd(a.low, a.high);
    __m256d even_cd = _mm256_unpacklo_pd(b.low, b.high), odd_cd = _mm256_unpackhi_pd(b.low, b.high);
    __m256d first = _mm256_permute2f128_pd(even_ab, even_cd, 0x20), second = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x20);
    __m256d third = _mm256_permute2f128_pd(even_ab, even_cd, 0x31), fourth = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x31);
    __m256d sum = _mm256_add_pd(_mm256_add_pd(_mm256_add_pd(first, second), third), fourth);
    return _mm256_add_pd(sum, _mm256_setzero_pd());
}

/// Sums of four blocks of two columns each.
INLINED __m256d across2(eight a) {
    __m256d sum = _mm256_permute4x64_pd(_mm256_hadd_pd(a.low, a.high), 0xd8);
    return _mm256_add_pd(sum, _mm256_setzero_pd());
}

/// See `mlk_block_row_avx2`.
INLINED uint32_t block_row(const void *from, size_t first, uint32_t width, uint32_t factor, double *columns, double *to,
                           loader load) {
    uint32_t x = 0;
    if (factor == 4) {
        for (; x + 16 <= width; x += 16)
            _mm256_storeu_pd(to + x / 4, across4(down(from, first + x, width, 4, load),
                                                 down(from, first + x + 8, width, 4, load)));
    } else if (factor == 2) {
        for (; x + 8 <= width; x += 8)
            _mm256_storeu_pd(to + x / 2, across2(down(from, first + x, width, 2, load)));
    } else {
        for (; x + 8 <= width; x += 8) {
            eight sum = down(from, first + x, width, factor, load);
            _mm256_storeu_pd(columns + x, sum.low);
            _mm256_storeu_pd(columns + x + 4, sum.high);
        }
    }
    return x;
}

AVX2 uint32_t mlk_block_row_avx2(enum mlk_type type, const void *from, size_t first, uint32_t width, uint32_t factor,
                                    double *columns, double *to) {
    switch (type) {
    case MLK_FLOAT16:
        return block_row(from, first, width, factor, columns, to, load_f16);
    case MLK_FLOAT32:
        return block_row(from, first, width, factor, columns, to, load_f32);
    case MLK_FLOAT64:
        return block_row(from, first, width, factor, columns, to, load_f64);
    }
    return 0;
}

AVX2 void mlk_down_labels_avx2(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts) {
    mlk_down_labels(labels, width, columns, counts);
}

AVX2 void mlk_normalize_avx2(double *planes, size_t stride, uint32_t classes, uint32_t count) {
    mlk_divide_by_sum(planes, stride, classes, count);
}

#endif
