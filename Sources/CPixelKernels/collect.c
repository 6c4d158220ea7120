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
        const VALUE *top = maximum;                                                                                    \
        for (uint32_t start = 0; start < count; start += 64) {                                                         \
            uint32_t length = count - start < 64 ? count - start : 64;                                                 \
            uint64_t candidate_bits = 0, contested_bits = 0;                                                           \
            for (uint32_t bit = 0; bit < length; bit++) {                                                              \
                uint32_t x = start + bit;                                                                              \
                int32_t label = labels[x];                                                                             \
                uint64_t is_counted = label >= 0, is_contested = is_counted & (uint64_t)(argmax[x] != label);          \
                contested_bits |= is_contested << bit;                                                                 \
                candidate_bits |= (is_contested | (is_counted & (uint64_t)((double)top[x] <= candidate_bound))) << bit; \
                counted += (uint32_t)is_counted;                                                                       \
                if (is_counted & !is_contested)                                                                        \
                    mlk_add(totals, label, mlk_units((double)top[x]), 1);                                              \
            }                                                                                                          \
            out->candidates[start / 64] = candidate_bits;                                                              \
            out->contested[start / 64] = contested_bits;                                                               \
        }                                                                                                              \
    } while (0)

/// Second half: the values of the candidates. `READ(i)` gives element i of the planes, `VALUE` is float or double.
#define GATHER(VALUE, READ)                                                                                            \
    do {                                                                                                               \
        const VALUE *top = maximum;                                                                                    \
        VALUE *own_out = out->self_confidence, *top_out = out->predicted_confidence;                                   \
        for (uint32_t word = 0; word < (count + 63) / 64; word++) {                                                    \
            uint64_t contested_bits = out->contested[word];                                                            \
            for (uint64_t rest = out->candidates[word]; rest != 0; rest &= rest - 1) {                                 \
                uint32_t bit = (uint32_t)__builtin_ctzll(rest), x = word * 64 + bit;                                   \
                VALUE own = top[x];                                                                                    \
                if (contested_bits >> bit & 1) {                                                                       \
                    int32_t label = labels[x];                                                                         \
                    own = (VALUE)READ((size_t)label * stride + x);                                                     \
                    mlk_add(totals, label, mlk_units((double)own), 1);                                                 \
                    top_out[contested] = top[x];                                                                       \
                    predicted[contested] = (uint16_t)argmax[x];                                                        \
                    given[contested] = (uint16_t)label;                                                                \
                    contested += 1;                                                                                    \
                }                                                                                                      \
                own_out[candidates++] = own;                                                                           \
                /* Adding 0 makes 0 of -0. */                                                                          \
                double key = (double)own + 0.0;                                                                        \
                uint64_t key_bits;                                                                                     \
                memcpy(&key_bits, &key, sizeof key_bits);                                                              \
                totals.histogram[key_bits >> 48] += 1;                                                                 \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

#define READ_F16(i) mlk_half_to_float(((const uint16_t *)planes)[i])
#define READ_F32(i) ((const float *)planes)[i]
#define READ_F64(i) ((const double *)planes)[i]

void mlk_collect(enum mlk_type type, const void *planes, size_t stride, uint32_t classes, uint32_t count,
                 const int32_t *labels, const void *maximum, const int32_t *argmax, double candidate_bound,
                 bool use_avx2, mlk_totals totals, mlk_collected *out) {
    uint32_t candidates = 0, contested = 0, counted = 0;
    uint16_t *predicted = out->predicted, *given = out->given;
    // Each class keeps its sum: `classes` is only a promise about the labels.
    (void)classes;
#if defined(__x86_64__)
    if (use_avx2 && type != MLK_FLOAT64 && candidate_bound <= 1.0) {
        mlk_compare_avx2(count, labels, maximum, argmax, candidate_bound, totals, out);
        counted = out->counted;
    } else
#else
    (void)use_avx2;
#endif
        if (type == MLK_FLOAT64) {
        COMPARE(double);
    } else {
        COMPARE(float);
    }
    switch (type) {
    case MLK_FLOAT16:
        GATHER(float, READ_F16);
        break;
    case MLK_FLOAT32:
        GATHER(float, READ_F32);
        break;
    case MLK_FLOAT64:
        GATHER(double, READ_F64);
        break;
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
    out->counted = counted;
}

uint32_t mlk_contested(const int32_t *labels, const int32_t *argmax, uint32_t count, uint64_t *bits) {
    uint32_t total = 0;
    for (uint32_t start = 0; start < count; start += 64) {
        uint32_t length = count - start < 64 ? count - start : 64;
        uint64_t word = 0;
        for (uint32_t bit = 0; bit < length; bit++) {
            int32_t label = labels[start + bit];
            word |= (uint64_t)((label >= 0) & (argmax[start + bit] != label)) << bit;
        }
        bits[start / 64] = word;
        total += (uint32_t)__builtin_popcountll(word);
    }
    return total;
}

bool mlk_look_up(const uint8_t *from, uint32_t count, const int32_t *table, int32_t unusable, int32_t *to) {
    bool bad = false;
    for (uint32_t x = 0; x < count; x++) {
        int32_t label = table[from[x]];
        bad |= label == unusable;
        to[x] = label;
    }
    return bad;
}

#define TAKE(VALUE)                                                                                                    \
    do {                                                                                                               \
        const VALUE *own = self_confidence;                                                                            \
        for (size_t word = 0; word < words; word++) {                                                                  \
            uint64_t contested_bits = contested[word];                                                                 \
            for (uint64_t rest = candidates[word]; rest != 0; rest &= rest - 1) {                                      \
                uint32_t bit = (uint32_t)__builtin_ctzll(rest);                                                        \
                uint32_t is_contested = contested_bits >> bit & 1;                                                     \
                double value = (double)own[candidate++];                                                               \
                uint32_t is_taken = value < cutoff;                                                                    \
                if (value == cutoff) {                                                                                 \
                    is_taken = seen < ties;                                                                            \
                    seen += 1;                                                                                         \
                }                                                                                                      \
                positions[taken] = (uint32_t)(word * 64) + bit;                                                        \
                numbers[taken] = is_contested ? number : UINT32_MAX;                                                   \
                taken += is_taken & (is_contested | !contested_only);                                                  \
                number += is_contested;                                                                                \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

size_t mlk_take(const uint64_t *candidates, const uint64_t *contested, size_t words, const void *self_confidence,
                bool is_wide, double cutoff, size_t ties, bool contested_only, uint32_t *positions,
                uint32_t *numbers) {
    size_t candidate = 0, taken = 0, seen = 0;
    uint32_t number = 0;
    if (is_wide) {
        TAKE(double);
    } else {
        TAKE(float);
    }
    return taken;
}
