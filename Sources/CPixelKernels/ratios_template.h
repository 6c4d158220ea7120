// Template: pixels of a tile counted by predicted class, other class and bin of the ratio of their probabilities. The loops are
// plain C that compilers turn into vector code; the including file says for which instructions.
//
// Include this header once for each kind of processor. Before that, define these macros:
//
//   ONLY        attribute of every function here: the instructions that the processor must have
//   LINKAGE     static where the including file alone calls FN(mlk_count_ratios), else empty
//   HALF        the value of a float16, from its bits
//   FN(name)    the name of this kind's own variant of a function, such as name##_avx2
//
// It defines FN(mlk_count_ratios). All kinds compare the same products, so that they count alike.

/// A run of neighbouring chosen pixels with one predicted class. A byte for each bin holds its count.
typedef struct {
    uint32_t end;
    uint32_t predicted;
} FN(run);

enum { FN(longest_run) = 255, FN(shortest_sum) = 6 };

/// The runs of the chosen pixels; returns how many there are.
ONLY static inline uint32_t FN(find_runs)(const int32_t *argmax, const uint16_t *chosen, uint32_t count, FN(run) *runs) {
    uint32_t n = 0, start = 0;
    for (uint32_t i = 1; i <= count; i++) {
        bool goes_on = i < count && i - start < FN(longest_run) && argmax[chosen[i]] == argmax[chosen[start]];
        if (goes_on)
            continue;
        runs[n++] = (FN(run)){i, (uint32_t)argmax[chosen[start]]};
        start = i;
    }
    return n;
}

/// The values of one class at the chosen pixels, in double.
ONLY static inline void FN(pick)(const mlk_tile *tile, uint32_t class, const uint16_t *chosen, uint32_t count,
                                 double *values) {
    size_t first = class * tile->stride;
    switch (tile->type) {
    case MLK_FLOAT16:
        for (uint32_t i = 0; i < count; i++)
            values[i] = (double)HALF(mlk_load_u16(tile->planes, first + chosen[i]));
        break;
    case MLK_FLOAT32:
        for (uint32_t i = 0; i < count; i++)
            values[i] = (double)mlk_load_f32(tile->planes, first + chosen[i]);
        break;
    case MLK_FLOAT64:
        for (uint32_t i = 0; i < count; i++)
            values[i] = mlk_load_f64(tile->planes, first + chosen[i]);
        break;
    }
}

LINKAGE ONLY void FN(mlk_count_ratios)(const mlk_tile *tile, const void *maximum, const int32_t *argmax,
                                       const uint16_t *chosen, uint32_t chosen_count, const double *limits,
                                       uint32_t *counts) {
    double top[MLK_TILE], values[MLK_TILE];
    uint64_t ones[MLK_TILE];
    FN(run) runs[MLK_TILE];
    double limit[MLK_RATIO_LIMITS];
    for (uint32_t i = 0; i < MLK_RATIO_LIMITS; i++)
        limit[i] = limits[i];
    for (uint32_t i = 0; i < chosen_count; i++)
        top[i] = tile->type == MLK_FLOAT64 ? ((const double *)maximum)[chosen[i]]
                                           : (double)((const float *)maximum)[chosen[i]];
    uint32_t run_count = FN(find_runs)(argmax, chosen, chosen_count, runs);
    for (uint32_t class = 0; class < tile->classes; class++) {
        FN(pick)(tile, class, chosen, chosen_count, values);
        // A one in the byte of the pixel's bin: neighbouring pixels of one predicted class are added up in a register, which
        // does not wait for memory as counting them one by one would.
        for (uint32_t i = 0; i < chosen_count; i++) {
            uint64_t bin = 0;
#pragma clang loop unroll(full)
            for (uint32_t k = 0; k < MLK_RATIO_LIMITS; k++)
                bin += top[i] >= limit[k] * values[i];
            ones[i] = UINT64_C(1) << (bin * 8);
        }
        uint32_t at = 0;
        for (uint32_t n = 0; n < run_count; n++) {
            uint32_t *cells = counts + ((size_t)runs[n].predicted * tile->classes + class) * MLK_RATIO_BINS;
            uint32_t end = runs[n].end, start = at;
            at = end;
            if (runs[n].predicted == class)
                continue;
            if (end - start < FN(shortest_sum)) {
                for (uint32_t i = start; i < end; i++)
                    cells[(uint32_t)__builtin_ctzll(ones[i]) / 8] += 1;
                continue;
            }
            uint64_t sum = 0;
            for (uint32_t i = start; i < end; i++)
                sum += ones[i];
            for (uint32_t bin = 0; bin < MLK_RATIO_BINS; bin++)
                cells[bin] += (uint32_t)(sum >> (bin * 8)) & 0xff;
        }
    }
}
