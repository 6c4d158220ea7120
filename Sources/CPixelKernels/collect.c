#include "CPixelKernels.h"

/// 2^40: how many units of the fixed-point sums make 1. Integer addition is associative, so sums come out the same
/// for any threads, batches and shards; a float32 of 2^-17 or more is an exact number of units.
static const double units_in_one = 1099511627776.0;

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

/// The body for one element type: `READ(i)` gives element i of the planes, `VALUE` is float or double.
#define COLLECT(VALUE, READ)                                                                                           \
    do {                                                                                                               \
        const VALUE *top = maximum;                                                                                    \
        VALUE *own_out = out->self_confidence, *top_out = out->predicted_confidence;                                   \
        for (uint32_t start = 0; start < count; start += 64) {                                                         \
            uint32_t length = count - start < 64 ? count - start : 64;                                                 \
            uint64_t candidate_bits = 0, contested_bits = 0;                                                           \
            for (uint32_t bit = 0; bit < length; bit++) {                                                              \
                uint32_t x = start + bit;                                                                              \
                int32_t label = labels[x];                                                                             \
                if (label < 0)                                                                                         \
                    continue;                                                                                          \
                /* An uncontested pixel's self-confidence is the maximum, already at hand. */                          \
                uint32_t is_contested = argmax[x] != label;                                                            \
                VALUE own = is_contested ? (VALUE)READ((size_t)label * stride + x) : top[x];                           \
                uint64_t units = (uint64_t)((double)own * units_in_one + 0.5);                                         \
                uint64_t low = sums[2 * label] + units;                                                                \
                sums[2 * label + 1] += low < units;                                                                    \
                sums[2 * label] = low;                                                                                 \
                counts[label] += 1;                                                                                    \
                uint32_t is_candidate = is_contested | ((double)own <= candidate_bound);                               \
                own_out[candidates] = own;                                                                             \
                candidates += is_candidate;                                                                            \
                top_out[contested] = top[x];                                                                           \
                predicted[contested] = (uint16_t)argmax[x];                                                            \
                given[contested] = (uint16_t)label;                                                                    \
                contested += is_contested;                                                                             \
                candidate_bits |= (uint64_t)is_candidate << bit;                                                       \
                contested_bits |= (uint64_t)is_contested << bit;                                                       \
            }                                                                                                          \
            out->candidates[start / 64] = candidate_bits;                                                              \
            out->contested[start / 64] = contested_bits;                                                               \
        }                                                                                                              \
    } while (0)

#define READ_F16(i) mlk_half_to_float(((const uint16_t *)planes)[i])
#define READ_F32(i) ((const float *)planes)[i]
#define READ_F64(i) ((const double *)planes)[i]

void mlk_collect(enum mlk_type type, const void *planes, size_t stride, uint32_t count, const int32_t *labels,
                 const void *maximum, const int32_t *argmax, double candidate_bound, uint64_t *sums,
                 uint64_t *counts, mlk_collected *out) {
    uint32_t candidates = 0, contested = 0;
    uint16_t *predicted = out->predicted, *given = out->given;
    switch (type) {
    case MLK_FLOAT16:
        COLLECT(float, READ_F16);
        break;
    case MLK_FLOAT32:
        COLLECT(float, READ_F32);
        break;
    case MLK_FLOAT64:
        COLLECT(double, READ_F64);
        break;
    }
    out->candidate_count = candidates;
    out->contested_count = contested;
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
