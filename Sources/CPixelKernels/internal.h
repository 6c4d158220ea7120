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

/// Most classes that `mlk_compare_avx2` takes: its tables are 8 KiB.
#define MLK_TABLE_CLASSES 255

/// First half of collecting: the bits of a tile and its sums; returns how many pixels are counted. For float, bounds of
/// at most 1, and at most MLK_TABLE_CLASSES classes.
uint32_t mlk_compare_avx2(uint32_t count, const int32_t *labels, const float *maximum, const int32_t *argmax,
                          const float *given, double candidate_bound, mlk_totals totals, mlk_collected *out);

/// Labels of 0..<classes as they are and `ignored` (256: none) as -1, for `whole` bytes, a multiple of eight; whether any
/// other came.
bool mlk_look_up_avx2(const uint8_t *from, uint32_t whole, int32_t classes, int32_t ignored, int32_t *to);

/// The bits of `mlk_contested`, for `whole` pixels, a multiple of eight.
void mlk_contested_avx2(const int32_t *labels, const int32_t *argmax, uint32_t whole, uint64_t *bits);

#pragma clang assume_nonnull end
#pragma GCC visibility pop

#endif
