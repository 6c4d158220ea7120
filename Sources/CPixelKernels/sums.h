// How self-confidence is added up: as integers, class by class.
#ifndef MLK_SUMS_H
#define MLK_SUMS_H

#include "internal.h"

#pragma clang assume_nonnull begin

/// 2^40: how many units of the fixed-point sums make 1. Integer addition is associative, so the sums come out the same
/// for any threads, batches and shards. A float32 of 2^-17 or more is a whole number of units.
#define MLK_UNITS 1099511627776.0

/// 2^52: adding it to a non-negative double below it rounds to the nearest integer, half to even, and leaves that
/// integer in the low bits.
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

/// Self-confidence is added up in four tables in turn, so that pixels of one label do not wait for one another. A word
/// holds a count in its top twelve bits and a sum below them: the values of one tile stay under 2^41 each.
enum { mlk_table_count = 4, mlk_count_shift = 52 };

typedef struct {
    /// First the sum of label -1, which ignored pixels have and which nothing reads, then those of the classes.
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

#pragma clang assume_nonnull end

#endif
