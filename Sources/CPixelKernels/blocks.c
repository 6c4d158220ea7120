#include "internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,f16c,fma")))
#define INLINED static inline AVX2 __attribute__((always_inline))
#endif

static inline double widened(enum mlk_type type, const void *from, size_t index) {
    return type == MLK_FLOAT32   ? (double)((const float *)from)[index]
           : type == MLK_FLOAT16 ? (double)mlk_half_to_float(((const uint16_t *)from)[index])
                                 : ((const double *)from)[index];
}

#if defined(__x86_64__)

/// Eight elements of a row, in double.
typedef struct {
    __m256d low, high;
} eight;

typedef eight (*loader)(const void *from, size_t index);

INLINED eight widen_ps(__m256 row) {
    return (eight){_mm256_cvtps_pd(_mm256_castps256_ps128(row)), _mm256_cvtps_pd(_mm256_extractf128_ps(row, 1))};
}

INLINED eight load_f32(const void *from, size_t index) {
    return widen_ps(_mm256_loadu_ps((const float *)from + index));
}

INLINED eight load_f16(const void *from, size_t index) {
    return widen_ps(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)((const uint16_t *)from + index))));
}

INLINED eight load_f64(const void *from, size_t index) {
    const double *at = (const double *)from + index;
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

/// Four blocks of four columns each: the columns of a block are added from left to right, as for any other factor.
/// Adding to zero at last instead of at first gives the same, -0.0 included.
INLINED __m256d across4(eight a, eight b) {
    __m256d even_ab = _mm256_unpacklo_pd(a.low, a.high), odd_ab = _mm256_unpackhi_pd(a.low, a.high);
    __m256d even_cd = _mm256_unpacklo_pd(b.low, b.high), odd_cd = _mm256_unpackhi_pd(b.low, b.high);
    __m256d first = _mm256_permute2f128_pd(even_ab, even_cd, 0x20), second = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x20);
    __m256d third = _mm256_permute2f128_pd(even_ab, even_cd, 0x31), fourth = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x31);
    __m256d sum = _mm256_add_pd(_mm256_add_pd(_mm256_add_pd(first, second), third), fourth);
    return _mm256_add_pd(sum, _mm256_setzero_pd());
}

/// Four blocks of two columns each.
INLINED __m256d across2(eight a) {
    __m256d sum = _mm256_permute4x64_pd(_mm256_hadd_pd(a.low, a.high), 0xd8);
    return _mm256_add_pd(sum, _mm256_setzero_pd());
}

/// The sums of a row of blocks; returns how many columns are done. For factors of 2 and 4 they go straight to `to`, for
/// others the sums down the columns go to `columns`.
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

static AVX2 uint32_t block_row_avx2(enum mlk_type type, const void *from, size_t first, uint32_t width, uint32_t factor,
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

#endif

void mlk_block_sums(enum mlk_type type, const void *rows_of_plane, uint32_t rows, uint32_t width, uint32_t factor,
                    double *row_sums, double *to) {
#if defined(__x86_64__)
    bool use_avx2 = mlk_has_avx2();
#endif
    for (uint32_t row = 0; row < rows; row += factor) {
        size_t first = (size_t)row * width;
        // Down the columns first: it is the part that runs over every element, and rows are contiguous.
        uint32_t x = 0;
#if defined(__x86_64__)
        if (use_avx2)
            x = block_row_avx2(type, rows_of_plane, first, width, factor, row_sums, to);
#endif
        uint32_t block = factor == 2 || factor == 4 ? x / factor : 0;
        for (; x < width; x++) {
            double sum = widened(type, rows_of_plane, first + x);
            for (uint32_t y = 1; y < factor; y++)
                sum += widened(type, rows_of_plane, first + (size_t)y * width + x);
            row_sums[x] = sum;
        }
        for (; block < width / factor; block++) {
            double sum = 0;
            for (uint32_t i = 0; i < factor; i++)
                sum += row_sums[block * factor + i];
            to[block] = sum;
        }
        to += width / factor;
    }
}

#define DOWN_LABELS                                                                                                    \
    for (uint32_t x = 0; x < width; x++) {                                                                             \
        int32_t label = labels[x];                                                                                     \
        columns[x] += (uint32_t)(label < 0 ? 0 : label);                                                               \
        counts[x] += label >= 0;                                                                                       \
    }

#if defined(__x86_64__)
static AVX2 void down_labels_avx2(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts) {
    DOWN_LABELS
}
#endif

static void down_labels(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts) {
    DOWN_LABELS
}

void mlk_block_label_sums(const int32_t *labels, uint32_t rows, uint32_t width, uint32_t factor, uint32_t *row_sums,
                          int64_t *sums, int64_t *counts) {
    void (*add)(const int32_t *, uint32_t, uint32_t *, uint32_t *) = down_labels;
#if defined(__x86_64__)
    if (mlk_has_avx2())
        add = down_labels_avx2;
#endif
    uint32_t *columns = row_sums, *column_counts = row_sums + width;
    for (uint32_t row = 0; row < rows; row += factor) {
        memset(row_sums, 0, 2 * (size_t)width * sizeof *row_sums);
        for (uint32_t y = 0; y < factor; y++)
            add(labels + (size_t)(row + y) * width, width, columns, column_counts);
        for (uint32_t block = 0; block < width / factor; block++) {
            int64_t sum = 0, count = 0;
            for (uint32_t i = 0; i < factor; i++) {
                sum += columns[block * factor + i];
                count += column_counts[block * factor + i];
            }
            *sums++ = sum;
            *counts++ = count;
        }
    }
}

/// Labels are counted in four tables in turn, so that pixels of one label do not wait for one another.
enum { table_count = 4 };

uint32_t mlk_count(const int32_t *labels, uint32_t count, uint32_t classes, uint64_t *counts) {
    uint32_t tables[table_count][MLK_TABLE_CLASSES + 1];
    uint32_t x = 0, counted = 0;
    if (classes <= MLK_TABLE_CLASSES) {
        for (uint32_t i = 0; i < table_count; i++)
            memset(tables[i], 0, (classes + 1) * sizeof tables[i][0]);
        // Ignored pixels, label -1, go to an entry of their own.
        for (; x + table_count <= count; x += table_count)
#pragma clang loop unroll(full)
            for (uint32_t i = 0; i < table_count; i++)
                tables[i][labels[x + i] + 1] += 1;
        for (uint32_t label = 0; label < classes; label++) {
            for (uint32_t i = 0; i < table_count; i++) {
                counts[label] += tables[i][label + 1];
                counted += tables[i][label + 1];
            }
        }
    }
    for (; x < count; x++) {
        if (labels[x] >= 0) {
            counts[labels[x]] += 1;
            counted += 1;
        }
    }
    return counted;
}
