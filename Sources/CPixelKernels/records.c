// What the second pass asks of a record: which pixels a cut-off takes, counts, and masks.
#include "internal.h"

void mlk_expand(const uint64_t *bits, size_t count, uint8_t *bytes) {
    size_t whole = count / 8, done = 0;
#if defined(__x86_64__)
    if (mlk_has_avx2()) {
        done = whole & ~(size_t)7;
        mlk_expand_avx2(bits, done / 8, bytes);
    }
#endif
    for (size_t i = done; i < whole; i++) {
        uint64_t eight = bits[i / 8] >> (i % 8 * 8) & 0xff;
        // Of eight copies byte k keeps bit k; then each byte that is not zero becomes 1.
        uint64_t kept = eight * 0x0101010101010101u & 0x8040201008040201u;
        uint64_t ones = (kept + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
        for (unsigned k = 0; k < 8; k++)
            bytes[8 * i + k] = (uint8_t)(ones >> (8 * k));
    }
    for (size_t i = 8 * whole; i < count; i++)
        bytes[i] = bits[i / 64] >> (i % 64) & 1;
}

void mlk_count_pairs(const uint64_t *flagged, const uint64_t *contested, size_t words, const uint16_t *given,
                     const uint16_t *predicted, size_t classes, int64_t *counts) {
    size_t number = 0;
    for (size_t word = 0; word < words; word++) {
        for (uint64_t rest = contested[word]; rest != 0; rest &= rest - 1, number++) {
            uint64_t is_flagged = (flagged[word] & rest & (0 - rest)) != 0;
            counts[given[number] * classes + predicted[number]] += (int64_t)is_flagged;
        }
    }
}

MLK_INLINE size_t count_confident(const void *values, bool is_wide, const uint16_t *predicted, size_t count,
                                  const double *from) {
    size_t confident = 0;
    for (size_t i = 0; i < count; i++) {
        double value = is_wide ? ((const double *)values)[i] : (double)((const float *)values)[i];
        confident += value >= from[predicted[i]];
    }
    return confident;
}

size_t mlk_count_confident(const void *predicted_confidence, bool is_wide, const uint16_t *predicted, size_t count,
                           const double *from) {
    return is_wide ? count_confident(predicted_confidence, true, predicted, count, from)
                   : count_confident(predicted_confidence, false, predicted, count, from);
}

/// Spreads the low bits of `bits` over the set bits of `mask`, lowest first: what the BMI2 instruction PDEP does.
static inline uint64_t spread(uint64_t bits, uint64_t mask) {
    uint64_t out = 0;
    for (uint64_t rest = mask; rest != 0 && bits != 0; rest &= rest - 1, bits >>= 1)
        out |= (bits & 1) ? rest & (0 - rest) : 0;
    return out;
}

#if defined(__x86_64__)
static inline __attribute__((target("bmi2"))) uint64_t spread_bmi2(uint64_t bits, uint64_t mask) {
    return __builtin_ia32_pdep_di(bits, mask);
}
#endif

/// Of `count` (at most 64) values from `first` on those below a cut-off and those equal to it, one bit each.
MLK_INLINE uint64_t below_cutoff(const void *values, bool is_wide, size_t first, uint32_t count, double cutoff,
                                 uint64_t *equal) {
    uint64_t below = 0;
    *equal = 0;
    for (uint32_t i = 0; i < count; i++) {
        double value = is_wide ? ((const double *)values)[first + i] : (double)((const float *)values)[first + i];
        below |= (uint64_t)(value < cutoff) << i;
        *equal |= (uint64_t)(value == cutoff) << i;
    }
    return below;
}

void mlk_take(const uint64_t *candidates, size_t words, const void *self_confidence, size_t count, bool is_wide,
              double cutoff, size_t ties, uint64_t *taken) {
    size_t candidate = 0, seen = 0;
#if defined(__x86_64__)
    bool has_avx2 = mlk_has_avx2(), has_bmi2 = __builtin_cpu_supports("bmi2");
    // A float lies below the cut-off if it lies below the same float or, where the cut-off is none, the next float
    // above.
    float above = (float)cutoff;
    bool is_float = (double)above == cutoff;
    if ((double)above < cutoff)
        above = __builtin_nextafterf(above, __builtin_inff());
#endif
    for (size_t word = 0; word < words; word++) {
        uint32_t n = (uint32_t)__builtin_popcountll(candidates[word]);
        uint64_t equal, below;
#if defined(__x86_64__)
        if (has_avx2 && !is_wide && candidate + 64 <= count) {
            below = mlk_below_avx2((const float *)self_confidence + candidate, n, above, &equal);
            equal = is_float ? equal : 0;
        } else
#endif
            below = is_wide ? below_cutoff(self_confidence, true, candidate, n, cutoff, &equal)
                            : below_cutoff(self_confidence, false, candidate, n, cutoff, &equal);
        candidate += n;
        for (; equal != 0 && seen < ties; equal &= equal - 1, seen++)
            below |= equal & (0 - equal);
#if defined(__x86_64__)
        taken[word] = has_bmi2 ? spread_bmi2(below, candidates[word]) : spread(below, candidates[word]);
#else
        (void)count;
        taken[word] = spread(below, candidates[word]);
#endif
    }
}

size_t mlk_select_f32(const float *values, size_t count, double from, double below, float *out) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        double value = (double)values[i];
        // Every value is written, and kept if it is in the range: a branch would often be mispredicted.
        out[found] = values[i];
        found += (size_t)((value >= from) & (value < below));
    }
    return found;
}

size_t mlk_select_f64(const double *values, size_t count, double from, double below, double *out) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        out[found] = values[i];
        found += (size_t)((values[i] >= from) & (values[i] < below));
    }
    return found;
}
