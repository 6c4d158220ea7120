// Shared between the files of this target.
#ifndef MLK_INTERNAL_H
#define MLK_INTERNAL_H

#include <string.h>

#include "CPixelKernels.h"

#pragma GCC visibility push(hidden)
#pragma clang assume_nonnull begin

#define MLK_INLINE static inline __attribute__((always_inline))

static inline uint32_t mlk_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static inline size_t mlk_element_bytes(enum mlk_type type) {
    return type == MLK_FLOAT16 ? 2 : type == MLK_FLOAT32 ? 4 : 8;
}

// ---------------------------------------------------------------- elements of planes

// Planes may start at any byte, because an NPY file does not align its data. Their elements are therefore copied out
// and never reached through a pointer of their type, which C leaves undefined unless it is aligned. Compilers make one
// load of each copy, and vectors of loops over them.

/// The address of an element, for loads that need no alignment.
static inline const void *mlk_element(const void *from, size_t index, size_t bytes) {
    return (const char *)from + index * bytes;
}

static inline uint16_t mlk_load_u16(const void *from, size_t index) {
    uint16_t value;
    memcpy(&value, mlk_element(from, index, sizeof value), sizeof value);
    return value;
}

static inline float mlk_load_f32(const void *from, size_t index) {
    float value;
    memcpy(&value, mlk_element(from, index, sizeof value), sizeof value);
    return value;
}

static inline double mlk_load_f64(const void *from, size_t index) {
    double value;
    memcpy(&value, mlk_element(from, index, sizeof value), sizeof value);
    return value;
}

/// Element `index` of a plane, widened. Loops that know their type get one load each.
MLK_INLINE double mlk_load_wide(enum mlk_type type, const void *from, size_t index) {
    return type == MLK_FLOAT32   ? (double)mlk_load_f32(from, index)
           : type == MLK_FLOAT16 ? (double)mlk_half_to_float(mlk_load_u16(from, index))
                                 : mlk_load_f64(from, index);
}

// ---------------------------------------------------------------- x86-64

/// Whether the AVX2, F16C and FMA loops may be called.
bool mlk_has_avx2(void);

#if defined(__x86_64__)

/// The paths of `mlk_argmax` for the type that they name, `maximum` and `given` in float or for float64 in double.
bool mlk_argmax_f16_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                         void *given);
bool mlk_argmax_f32_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                         void *given);
bool mlk_argmax_f64_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                         void *given);
bool mlk_argmax_f16_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                           void *given);
bool mlk_argmax_f32_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                           void *given);
bool mlk_argmax_f64_avx512(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                           void *given);

/// The AVX2 path of `mlk_count_ratios`.
void mlk_count_ratios_avx2(const mlk_tile *tile, const void *maximum, const int32_t *argmax, const uint16_t *chosen,
                           uint32_t chosen_count, const double *limits, uint32_t *counts);

/// First half of `mlk_collect`: the bits of a tile and its sums; returns how many pixels are counted. For bounds of at
/// most 1, and at most MLK_TABLE_CLASSES classes.
uint32_t mlk_compare_avx2(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                          mlk_collected *out);
uint32_t mlk_compare_avx512(const mlk_tile *tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                            mlk_collected *out);

/// Second half: the values of the candidates, whose bits `out` has.
void mlk_pack_avx512(const mlk_tile *tile, mlk_predicted pixels, uint64_t *histogram, mlk_collected *out);

/// Labels of 0..<classes as they are and `ignored` (256: none) as -1, for `whole` bytes, a multiple of eight. Returns
/// whether any other label came.
bool mlk_look_up_avx2(const uint8_t *from, size_t whole, int32_t classes, int32_t ignored, int32_t *to);

/// The bits of `mlk_contested`, for `whole` pixels, a multiple of eight.
void mlk_contested_avx2(const int32_t *labels, const int32_t *argmax, uint32_t whole, uint64_t *bits);

/// One byte per bit of whole words.
void mlk_expand_avx2(const uint64_t *bits, size_t words, uint8_t *bytes);

/// Of `count` (at most 64) values those below `above` and those equal to it, one bit each. Reads whole eights.
uint64_t mlk_below_avx2(const float *values, uint32_t count, float above, uint64_t *equal);

/// The sums of a row of blocks; returns how many columns are done. For factors of 2 and 4 they go straight to `to`, for
/// others the sums down the columns go to `columns`.
uint32_t mlk_block_row_avx2(enum mlk_type type, const void *from, size_t first, uint32_t width, uint32_t factor,
                            double *columns, double *to);

/// As `mlk_down_labels` and `mlk_divide_by_sum`, which they are made from.
void mlk_down_labels_avx2(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts);
void mlk_normalize_avx2(double *planes, size_t stride, uint32_t classes, uint32_t count);
void mlk_softmax_avx2(double *planes, size_t stride, uint32_t classes, uint32_t count);

#endif

// ---------------------------------------------------------------- loops that are compiled for several processors

/// Adds one row of labels to the sums and counts down its columns; negative labels count as nothing.
MLK_INLINE void mlk_down_labels(const int32_t *labels, uint32_t width, uint32_t *columns, uint32_t *counts) {
    for (uint32_t x = 0; x < width; x++) {
        int32_t label = labels[x];
        columns[x] += (uint32_t)(label < 0 ? 0 : label);
        counts[x] += label >= 0;
    }
}

/// Divides each pixel's values by their sum over classes, where that is not 0.
MLK_INLINE void mlk_divide_by_sum(double *planes, size_t stride, uint32_t classes, uint32_t count) {
    double sums[MLK_TILE];
    for (uint32_t x = 0; x < count; x++)
        sums[x] = 0;
    for (uint32_t class = 0; class < classes; class++) {
        const double *plane = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            sums[x] += plane[x];
    }
    for (uint32_t x = 0; x < count; x++)
        sums[x] = sums[x] == 0 ? 1 : sums[x];
    for (uint32_t class = 0; class < classes; class++) {
        double *plane = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            plane[x] /= sums[x];
    }
}

#pragma clang assume_nonnull end
#pragma GCC visibility pop

#endif
