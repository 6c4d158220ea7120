// Which planes are fetched into the cache before they are looked at.
#ifndef MLK_PREFETCH_H
#define MLK_PREFETCH_H

#include "internal.h"

#pragma clang assume_nonnull begin

/// How many planes `mlk_argmax` looks at together and fetches ahead of itself; the length of a cache line.
enum { mlk_step = 4, mlk_line = 64 };

/// How many of the classes left are walked at a time.
static inline uint32_t mlk_step_of(uint32_t classes) { return classes >= mlk_step ? mlk_step : 1; }

/// The address of plane `number` of a tile, or for numbers from `classes` on of the tile that follows it. It may lie
/// beyond the array: a prefetch of such an address does nothing.
static inline uintptr_t mlk_address(const mlk_tile *tile, uint32_t number) {
    bool is_next = number >= tile->classes;
    size_t element = (number - (is_next ? tile->classes : 0)) * tile->stride + (is_next ? tile->count : 0);
    return (uintptr_t)tile->planes + element * mlk_element_bytes(tile->type);
}

static inline uint32_t mlk_fetched_before(const mlk_tile *tile) {
    return mlk_least(tile->classes, tile->is_collected ? MLK_FETCHED : mlk_step);
}

/// Most addresses that `mlk_fetch_next` gives.
enum { mlk_most_ahead = 8 };

/// The planes to fetch while a tile's classes up to `class` are looked at, from `*fetched` on, which starts at
/// `mlk_fetched_before`. Returns how many addresses there are.
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

/// Fetches the lines at pixel `x`, if one starts there.
static inline void mlk_fetch(const uintptr_t *addresses, uint32_t n, uint32_t x, size_t element_bytes) {
    if (x * element_bytes % mlk_line == 0)
        for (uint32_t i = 0; i < n; i++)
            __builtin_prefetch((const void *)(addresses[i] + x * element_bytes), 0, 2);
}

#pragma clang assume_nonnull end

#endif
