// What the first half of collecting keeps beside its results, whatever its vectors.
#ifndef MLK_COMPARISON_H
#define MLK_COMPARISON_H

#include "../prefetch.h"
#include "../sums.h"

#pragma clang assume_nonnull begin

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

#pragma clang assume_nonnull end

#endif
