// Sums, candidates and contested pixels of a tile, in plain C.
#include "sums.h"

/// Value x of a tile's pixels, in double.
MLK_INLINE double value_at(const void *values, uint32_t x, bool is_wide) {
    return is_wide ? ((const double *)values)[x] : (double)((const float *)values)[x];
}

MLK_INLINE void copy_value(const void *from, uint32_t x, void *to, uint32_t at, bool is_wide) {
    if (is_wide)
        ((double *)to)[at] = ((const double *)from)[x];
    else
        ((float *)to)[at] = ((const float *)from)[x];
}

/// First half: the bits of a tile and its sums; returns how many pixels are counted.
MLK_INLINE uint32_t compare(uint32_t count, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                            mlk_collected *out, bool is_wide) {
    uint32_t counted = 0;
    for (uint32_t start = 0; start < count; start += 64) {
        uint32_t length = mlk_least(count - start, 64);
        uint64_t candidates = 0, contested = 0;
        for (uint32_t bit = 0; bit < length; bit++) {
            uint32_t x = start + bit;
            int32_t label = pixels.labels[x];
            if (label < 0)
                continue;
            uint64_t is_contested = pixels.argmax[x] != label;
            contested |= is_contested << bit;
            candidates |= (is_contested | (uint64_t)(value_at(pixels.maximum, x, is_wide) <= candidate_bound)) << bit;
            counted += 1;
            mlk_add(totals, label, mlk_units(value_at(pixels.given, x, is_wide)), 1);
        }
        out->candidates[start / 64] = candidates;
        out->contested[start / 64] = contested;
    }
    return counted;
}

/// Second half: the values of the candidates, whose bits `out` has.
MLK_INLINE void pack(uint32_t count, mlk_predicted pixels, uint64_t *histogram, mlk_collected *out, bool is_wide) {
    uint32_t candidates = 0, contested = 0;
    for (uint32_t word = 0; word < (count + 63) / 64; word++) {
        for (uint64_t rest = out->candidates[word]; rest != 0; rest &= rest - 1) {
            uint32_t x = word * 64 + (uint32_t)__builtin_ctzll(rest);
            copy_value(pixels.given, x, out->self_confidence, candidates++, is_wide);
            // Adding 0 makes 0 of -0.
            double key = value_at(pixels.given, x, is_wide) + 0.0;
            uint64_t bits;
            memcpy(&bits, &key, sizeof bits);
            histogram[bits >> 48] += 1;
        }
        for (uint64_t rest = out->contested[word]; rest != 0; rest &= rest - 1) {
            uint32_t x = word * 64 + (uint32_t)__builtin_ctzll(rest);
            copy_value(pixels.maximum, x, out->predicted_confidence, contested, is_wide);
            out->predicted_label[contested] = (uint16_t)pixels.argmax[x];
            out->given_label[contested] = (uint16_t)pixels.labels[x];
            contested += 1;
        }
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
}

uint32_t mlk_collect(enum mlk_path path, mlk_tile tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                     mlk_collected *out) {
    bool is_wide = tile.type == MLK_FLOAT64;
    uint32_t counted;
#if defined(__x86_64__)
    if (candidate_bound > 1.0 || totals.classes > MLK_TABLE_CLASSES)
        path = MLK_PORTABLE;
    if (path == MLK_AVX512) {
        counted = mlk_compare_avx512(&tile, pixels, candidate_bound, totals, out);
        mlk_pack_avx512(&tile, pixels, totals.histogram, out);
        return counted;
    }
    if (path == MLK_AVX2)
        counted = mlk_compare_avx2(&tile, pixels, candidate_bound, totals, out);
    else
#else
    (void)path;
#endif
        counted = is_wide ? compare(tile.count, pixels, candidate_bound, totals, out, true)
                          : compare(tile.count, pixels, candidate_bound, totals, out, false);
    if (is_wide)
        pack(tile.count, pixels, totals.histogram, out, true);
    else
        pack(tile.count, pixels, totals.histogram, out, false);
    return counted;
}
