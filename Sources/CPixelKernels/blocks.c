#include "internal.h"

void mlk_block_sums(enum mlk_type type, const void *rows_of_plane, uint32_t rows, uint32_t width, uint32_t factor,
                    double *row_sums, double *to) {
#if defined(__x86_64__)
    bool use_avx2 = mlk_has_avx2();
#endif
    for (uint32_t row = 0; row < rows; row += factor) {
        size_t first = (size_t)row * width;
        // Sums down the columns come first: that part runs over every element, and rows are contiguous.
        uint32_t x = 0;
#if defined(__x86_64__)
        if (use_avx2)
            x = mlk_block_row_avx2(type, rows_of_plane, first, width, factor, row_sums, to);
#endif
        uint32_t block = factor == 2 || factor == 4 ? x / factor : 0;
        for (; x < width; x++) {
            double sum = mlk_load_wide(type, rows_of_plane, first + x);
            for (uint32_t y = 1; y < factor; y++)
                sum += mlk_load_wide(type, rows_of_plane, first + (size_t)y * width + x);
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

static void down_labels(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts) {
    mlk_down_labels(labels, width, columns, counts);
}

void mlk_block_label_sums(const int32_t *labels, uint32_t rows, uint32_t width, uint32_t factor, uint32_t *row_sums,
                          int64_t *sums, int64_t *counts) {
    void (*add)(const int32_t *, uint32_t, uint32_t *, uint32_t *) = down_labels;
#if defined(__x86_64__)
    if (mlk_has_avx2())
        add = mlk_down_labels_avx2;
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
