#include "internal.h"

float mlk_half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, magnitude = half & 0x7fffu;
    union {
        uint32_t bits;
        float value;
    } out;
    if (magnitude >= 0x7c00u) {
        out.bits = sign | 0x7f800000u | (magnitude & 0x3ffu) << 13;
    } else if (magnitude >= 0x400u) {
        out.bits = sign | ((magnitude << 13) + 0x38000000u);
    } else {
        // Subnormal: magnitude units of 2^-24, exact in float32.
        out.value = (float)magnitude * 0x1p-24f;
        out.bits |= sign;
    }
    return out.value;
}

/// The plain form of `mlk_compare_avx2`, for float or double.
#define COMPARE(VALUE)                                                                                                 \
    do {                                                                                                               \
        const VALUE *top = maximum, *own = given;                                                                      \
        for (uint32_t start = 0; start < count; start += 64) {                                                         \
            uint32_t length = count - start < 64 ? count - start : 64;                                                 \
            uint64_t candidate_bits = 0, contested_bits = 0;                                                           \
            for (uint32_t bit = 0; bit < length; bit++) {                                                              \
                uint32_t x = start + bit;                                                                              \
                int32_t label = labels[x];                                                                             \
                if (label < 0)                                                                                         \
                    continue;                                                                                          \
                uint64_t is_contested = argmax[x] != label;                                                            \
                contested_bits |= is_contested << bit;                                                                 \
                candidate_bits |= (is_contested | (uint64_t)((double)top[x] <= candidate_bound)) << bit;               \
                counted += 1;                                                                                          \
                mlk_add(totals, label, mlk_units((double)own[x]), 1);                                                  \
            }                                                                                                          \
            out->candidates[start / 64] = candidate_bits;                                                              \
            out->contested[start / 64] = contested_bits;                                                               \
        }                                                                                                              \
    } while (0)

/// Second half: the values of the candidates.
#define PACK(VALUE)                                                                                                    \
    do {                                                                                                               \
        const VALUE *top = maximum, *own = given;                                                                      \
        VALUE *own_out = out->self_confidence, *top_out = out->predicted_confidence;                                   \
        for (uint32_t word = 0; word < (count + 63) / 64; word++) {                                                    \
            for (uint64_t rest = out->candidates[word]; rest != 0; rest &= rest - 1) {                                 \
                VALUE value = own[word * 64 + (uint32_t)__builtin_ctzll(rest)];                                        \
                own_out[candidates++] = value;                                                                         \
                /* Adding 0 makes 0 of -0. */                                                                          \
                double key = (double)value + 0.0;                                                                      \
                uint64_t key_bits;                                                                                     \
                memcpy(&key_bits, &key, sizeof key_bits);                                                              \
                totals.histogram[key_bits >> 48] += 1;                                                                 \
            }                                                                                                          \
            for (uint64_t rest = out->contested[word]; rest != 0; rest &= rest - 1) {                                  \
                uint32_t x = word * 64 + (uint32_t)__builtin_ctzll(rest);                                              \
                top_out[contested] = top[x];                                                                           \
                out->predicted_label[contested] = (uint16_t)argmax[x];                                                 \
                out->given_label[contested] = (uint16_t)labels[x];                                                     \
                contested += 1;                                                                                        \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

uint32_t mlk_collect(enum mlk_path path, mlk_tile tile, const int32_t *labels, const void *maximum,
                     const int32_t *argmax, const void *given, double candidate_bound, mlk_totals totals,
                     mlk_collected *out) {
    uint32_t count = tile.count;
    uint32_t candidates = 0, contested = 0, counted = 0;
    bool is_wide = tile.type == MLK_FLOAT64, has_bits = false;
#if defined(__x86_64__)
    if (candidate_bound <= 1.0 && totals.classes <= MLK_TABLE_CLASSES) {
        if (path == MLK_AVX512) {
            counted = mlk_compare_avx512(&tile, labels, maximum, argmax, given, candidate_bound, totals, out);
            mlk_pack_avx512(&tile, labels, maximum, argmax, given, totals.histogram, out);
            return counted;
        }
        has_bits = path == MLK_AVX2;
        if (has_bits)
            counted = mlk_compare_avx2(&tile, labels, maximum, argmax, given, candidate_bound, totals, out);
    }
#else
    (void)path;
#endif
    if (is_wide) {
        if (!has_bits)
            COMPARE(double);
        PACK(double);
    } else {
        if (!has_bits)
            COMPARE(float);
        PACK(float);
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
    return counted;
}

uint32_t mlk_contested(const int32_t *labels, const int32_t *argmax, uint32_t count, uint64_t *bits, uint16_t *given,
                       uint16_t *predicted) {
    uint32_t done = 0;
#if defined(__x86_64__)
    if (mlk_has_avx2()) {
        done = count & ~(uint32_t)7;
        mlk_contested_avx2(labels, argmax, done, bits);
    }
#endif
    for (; done < count; done++) {
        uint64_t is_contested = (labels[done] >= 0) & (argmax[done] != labels[done]);
        bits[done / 64] = (done % 64 == 0 ? 0 : bits[done / 64]) | is_contested << (done % 64);
    }
    uint32_t total = 0;
    for (uint32_t word = 0; word < (count + 63) / 64; word++) {
        for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1, total++) {
            uint32_t x = word * 64 + (uint32_t)__builtin_ctzll(rest);
            given[total] = (uint16_t)labels[x];
            predicted[total] = (uint16_t)argmax[x];
        }
    }
    return total;
}

/// One image; returns how many contested pixels it has.
static size_t flag_blocks(const uint64_t *contested, uint32_t rows, uint32_t width, uint32_t factor,
                          const int32_t *suggestions, const uint16_t *given, const uint16_t *predicted,
                          uint64_t *flagged, uint16_t *suggested) {
    size_t pixels = (size_t)rows * width, row_start = 0, number = 0;
    uint32_t row_in_block = 0;
    for (size_t word = 0; word < (pixels + 63) / 64; word++) {
        uint64_t flags = 0;
        for (uint64_t rest = contested[word]; rest != 0; rest &= rest - 1, number++) {
            size_t pixel = word * 64 + (size_t)__builtin_ctzll(rest);
            while (pixel - row_start >= width) {
                row_start += width;
                if (++row_in_block == factor) {
                    row_in_block = 0;
                    suggestions += width / factor;
                }
            }
            int32_t suggestion = suggestions[(uint32_t)(pixel - row_start) / factor];
            flags |= (suggestion == -1 ? 0 : rest & (0 - rest));
            // A block's suggestion may be what this pixel is labelled with; its own prediction is not.
            bool has_own = suggestion < 0 || suggestion == (int32_t)given[number];
            suggested[number] = has_own ? predicted[number] : (uint16_t)suggestion;
        }
        flagged[word] = flags;
    }
    return number;
}

void mlk_flag_blocks(const uint64_t *contested, const uint32_t *rows, const uint32_t *widths, size_t images,
                     uint32_t factor, const int32_t *suggestions, const uint16_t *given, const uint16_t *predicted,
                     uint64_t *flagged, uint16_t *suggested) {
    size_t word = 0, block = 0, number = 0;
    for (size_t i = 0; i < images; i++) {
        size_t pixels = (size_t)rows[i] * widths[i];
        number += flag_blocks(contested + word, rows[i], widths[i], factor, suggestions + block, given + number,
                              predicted + number, flagged + word, suggested + number);
        word += (pixels + 63) / 64;
        block += (pixels / ((size_t)factor * factor) + 63) / 64 * 64;
    }
}

mlk_label_table mlk_make_label_table(const int32_t *classes, int32_t unusable) {
    mlk_label_table table = {.unusable = unusable, .is_plain = true, .class_count = 0, .ignored = 256};
    memcpy(table.classes, classes, sizeof table.classes);
    for (int32_t value = 0; value < 256; value++) {
        int32_t class = classes[value];
        if (class == value)
            table.class_count = value + 1;
        else if (class == -1 && table.ignored == 256)
            table.ignored = value;
        else if (class != unusable)
            table.is_plain = false;
    }
    // No value in between is unusable.
    for (int32_t value = 0; value < table.class_count; value++)
        table.is_plain &= classes[value] != unusable;
    return table;
}

bool mlk_look_up(const uint8_t *from, size_t count, const mlk_label_table *table, int32_t *to) {
    bool bad = false;
    size_t done = 0;
#if defined(__x86_64__)
    if (table->is_plain && mlk_has_avx2()) {
        done = count & ~(size_t)7;
        bad = mlk_look_up_avx2(from, done, table->class_count, table->ignored, to);
    }
#endif
    for (size_t x = done; x < count; x++) {
        int32_t label = table->classes[from[x]];
        bad |= label == table->unusable;
        to[x] = label;
    }
    return bad;
}

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
        // Eight copies, of which byte k keeps bit k; then each byte that is not zero becomes 1.
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

#define COUNT_CONFIDENT(VALUE)                                                                                         \
    do {                                                                                                               \
        const VALUE *top = predicted_confidence;                                                                       \
        for (size_t i = 0; i < count; i++)                                                                             \
            confident += (double)top[i] >= from[predicted[i]];                                                         \
    } while (0)

size_t mlk_count_confident(const void *predicted_confidence, bool is_wide, const uint16_t *predicted, size_t count,
                           const double *from) {
    size_t confident = 0;
    if (is_wide)
        COUNT_CONFIDENT(double);
    else
        COUNT_CONFIDENT(float);
    return confident;
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

/// Of `count` (at most 64) values those below a cut-off and those equal to it, a bit each.
#define BELOW(VALUE)                                                                                                   \
    static inline uint64_t below_##VALUE(const VALUE *own, uint32_t count, double cutoff, uint64_t *equal) {            \
        uint64_t below = 0;                                                                                            \
        *equal = 0;                                                                                                    \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            double value = (double)own[i];                                                                             \
            below |= (uint64_t)(value < cutoff) << i;                                                                  \
            *equal |= (uint64_t)(value == cutoff) << i;                                                                \
        }                                                                                                              \
        return below;                                                                                                  \
    }

BELOW(float)
BELOW(double)

void mlk_take(const uint64_t *candidates, size_t words, const void *self_confidence, size_t count, bool is_wide,
              double cutoff, size_t ties, uint64_t *taken) {
    size_t candidate = 0, seen = 0;
#if defined(__x86_64__)
    bool has_avx2 = mlk_has_avx2(), has_bmi2 = __builtin_cpu_supports("bmi2");
    // Floats below the cut-off are those below the float that it is, or else the next one above it.
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
            below = is_wide ? below_double((const double *)self_confidence + candidate, n, cutoff, &equal)
                            : below_float((const float *)self_confidence + candidate, n, cutoff, &equal);
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
        // Written always and kept if it counts: a branch would be mispredicted.
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
