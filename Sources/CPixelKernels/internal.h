#ifndef MLK_INTERNAL_H
#define MLK_INTERNAL_H

#include <string.h>

#include "CPixelKernels.h"

#pragma GCC visibility push(hidden)
#pragma clang assume_nonnull begin

/// 2^40: how many units of the fixed-point sums make 1. Integer addition is associative, so sums come out the same for
/// any threads, batches and shards; a float32 of 2^-17 or more is an exact number of units.
#define MLK_UNITS 1099511627776.0

/// 2^52: adding it to a non-negative double below rounds to the nearest integer, half to even, and leaves that integer
/// in the low bits.
#define MLK_ROUNDER 4503599627370496.0

static inline uint64_t mlk_units(double self_confidence) {
    double scaled = self_confidence * MLK_UNITS;
    if (scaled >= MLK_ROUNDER)
        return (uint64_t)scaled; // An integer already.
    double shifted = scaled + MLK_ROUNDER;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return bits & 0xfffffffffffffu;
}

static inline void mlk_add(mlk_totals totals, int32_t label, uint64_t units, uint64_t count) {
    uint64_t low = totals.sums[2 * label] + units;
    totals.sums[2 * label + 1] += low < units;
    totals.sums[2 * label] = low;
    totals.counts[label] += count;
}

/// Most classes that the label tables take: they are 8 KiB.
#define MLK_TABLE_CLASSES 255

/// Self-confidence is added up in four tables in turn, so that pixels of one label do not wait for one another; a word
/// holds a count in its top twelve bits and a sum below: a tile's values stay under 2^41 each.
enum { mlk_table_count = 4, mlk_count_shift = 52 };

typedef struct {
    /// Of label -1, which is that of ignored pixels and which nothing reads, then of each class.
    uint64_t words[mlk_table_count][MLK_TABLE_CLASSES + 1];
} mlk_label_tables;

static inline void mlk_clear(mlk_label_tables *tables, uint32_t classes) {
    for (uint32_t i = 0; i < mlk_table_count; i++)
        memset(tables->words[i], 0, (classes + 1) * sizeof tables->words[i][0]);
}

static inline void mlk_fold(const mlk_label_tables *tables, mlk_totals totals) {
    for (uint32_t label = 0; label < totals.classes; label++) {
        uint64_t sum = 0, count = 0;
        for (uint32_t i = 0; i < mlk_table_count; i++) {
            uint64_t word = tables->words[i][label + 1];
            sum += word & ((UINT64_C(1) << mlk_count_shift) - 1);
            count += word >> mlk_count_shift;
        }
        mlk_add(totals, (int32_t)label, sum, count);
    }
}

/// Whether the AVX2, F16C and FMA loops may be called.
bool mlk_has_avx2(void);

/// How many planes `mlk_argmax` looks at together and fetches ahead of itself; the length of a cache line.
enum { mlk_step = 4, mlk_line = 64 };

static inline uint32_t mlk_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static inline size_t mlk_element_bytes(enum mlk_type type) {
    return type == MLK_FLOAT16 ? 2 : type == MLK_FLOAT32 ? 4 : 8;
}

/// How many of the classes left are walked at a time.
static inline uint32_t mlk_step_of(uint32_t classes) { return classes >= mlk_step ? mlk_step : 1; }

/// The address of plane `number` of a tile, or for numbers from `classes` on of the tile that follows it. It may lie
/// beyond the array: a prefetch of such does nothing.
static inline uintptr_t mlk_address(const mlk_tile *tile, uint32_t number) {
    bool is_next = number >= tile->classes;
    size_t element = (number - (is_next ? tile->classes : 0)) * tile->stride + (is_next ? tile->count : 0);
    return (uintptr_t)tile->planes + element * mlk_element_bytes(tile->type);
}

/// The planes to fetch while a tile's classes up to `class` are looked at, from `*fetched` on: no more than
/// `mlk_most_ahead` addresses. `*fetched` starts at `mlk_fetched_before`.
enum { mlk_most_ahead = 8 };

static inline uint32_t mlk_fetched_before(const mlk_tile *tile) {
    return mlk_least(tile->classes, tile->is_collected ? MLK_FETCHED : mlk_step);
}

static inline uint32_t mlk_fetch_next(const mlk_tile *tile, uint32_t class, uint32_t *fetched, uintptr_t *addresses) {
    uint32_t before = mlk_fetched_before(tile), all = tile->classes + mlk_least(tile->classes, mlk_step);
    uint32_t target = before + (uint32_t)((uint64_t)(all - before) * class / tile->classes), n = 0;
    for (; *fetched < target && n < mlk_most_ahead; *fetched += 1)
        addresses[n++] = mlk_address(tile, *fetched);
    return n;
}

/// The planes of the tile that follows to fetch while labels are compared: no more than MLK_FETCHED addresses.
static inline uint32_t mlk_fetch_compare(const mlk_tile *tile, uintptr_t *addresses) {
    uint32_t end = mlk_fetched_before(tile), n = 0;
    for (uint32_t number = mlk_step; number < end; number++)
        addresses[n++] = mlk_address(tile, tile->classes + number);
    return n;
}

/// What comparing a tile keeps beside its results.
typedef struct {
    mlk_label_tables tables;
    uintptr_t ahead[MLK_FETCHED];
    uint32_t ahead_count;
    size_t element_bytes;
} mlk_comparison;

static inline void mlk_begin(mlk_comparison *work, const mlk_tile *tile, uint32_t classes, mlk_collected *out) {
    mlk_clear(&work->tables, classes);
    work->ahead_count = mlk_fetch_compare(tile, work->ahead);
    work->element_bytes = mlk_element_bytes(tile->type);
    for (uint32_t word = 0; word < (tile->count + 63) / 64; word++)
        out->candidates[word] = out->contested[word] = 0;
}

/// Fetches the lines at pixel `x`, if one starts there.
static inline void mlk_fetch(const uintptr_t *addresses, uint32_t n, uint32_t x, size_t element_bytes) {
    if (x * element_bytes % mlk_line == 0)
        for (uint32_t i = 0; i < n; i++)
            __builtin_prefetch((const void *)(addresses[i] + x * element_bytes), 0, 2);
}

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

/// First half of collecting: the bits of a tile and its sums; returns how many pixels are counted. For bounds of at most
/// 1, and at most MLK_TABLE_CLASSES classes.
uint32_t mlk_compare_avx2(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                          const void *given, double candidate_bound, mlk_totals totals, mlk_collected *out);
uint32_t mlk_compare_avx512(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                            const void *given, double candidate_bound, mlk_totals totals, mlk_collected *out);

/// Second half: the values of the candidates, whose bits `out` has.
void mlk_pack_avx512(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                     const void *given, uint64_t *histogram, mlk_collected *out);

/// Labels of 0..<classes as they are and `ignored` (256: none) as -1, for `whole` bytes, a multiple of eight; whether any
/// other came.
bool mlk_look_up_avx2(const uint8_t *from, size_t whole, int32_t classes, int32_t ignored, int32_t *to);

/// The bits of `mlk_contested`, for `whole` pixels, a multiple of eight.
void mlk_contested_avx2(const int32_t *labels, const int32_t *argmax, uint32_t whole, uint64_t *bits);

/// A byte a bit of whole words.
void mlk_expand_avx2(const uint64_t *bits, size_t words, uint8_t *bytes);

/// Of `count` (at most 64) values those below `above` and those equal to it, a bit each. Reads whole eights.
uint64_t mlk_below_avx2(const float *values, uint32_t count, float above, uint64_t *equal);

#pragma clang assume_nonnull end
#pragma GCC visibility pop

#endif
