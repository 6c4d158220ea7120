#include "internal.h"

#define GATHER(TYPE, SWAP)                                                                                             \
    for (uint32_t class = 0; class < classes; class++) {                                                               \
        TYPE *row = (TYPE *)to + class * to_stride;                                                                    \
        const unsigned char *source = (const unsigned char *)from + class * class_stride * (ptrdiff_t)sizeof(TYPE);    \
        ptrdiff_t step = pixel_stride * (ptrdiff_t)sizeof(TYPE);                                                       \
        for (uint32_t x = 0; x < count; x++) {                                                                         \
            TYPE value;                                                                                                \
            memcpy(&value, source + x * step, sizeof value);                                                           \
            row[x] = SWAP(value);                                                                                      \
        }                                                                                                              \
    }

#define SAME(value) (value)

void mlk_gather(const void *from, uint32_t element_bytes, bool swap, ptrdiff_t class_stride, ptrdiff_t pixel_stride,
                uint32_t classes, uint32_t count, void *to, size_t to_stride) {
    switch (element_bytes) {
    case 1:
        GATHER(uint8_t, SAME);
        break;
    case 2:
        if (swap) {
            GATHER(uint16_t, __builtin_bswap16);
        } else {
            GATHER(uint16_t, SAME);
        }
        break;
    case 4:
        if (swap) {
            GATHER(uint32_t, __builtin_bswap32);
        } else {
            GATHER(uint32_t, SAME);
        }
        break;
    case 8:
        if (swap) {
            GATHER(uint64_t, __builtin_bswap64);
        } else {
            GATHER(uint64_t, SAME);
        }
        break;
    default:
        break;
    }
}

void mlk_widen(enum mlk_type type, const void *from, size_t from_stride, uint32_t classes, uint32_t count, double *to,
               size_t to_stride) {
    for (uint32_t class = 0; class < classes; class++) {
        double *row = to + class * to_stride;
        size_t first = class * from_stride;
        switch (type) {
        case MLK_FLOAT16:
            for (uint32_t x = 0; x < count; x++)
                row[x] = (double)mlk_half_to_float(((const uint16_t *)from)[first + x]);
            break;
        case MLK_FLOAT32:
            for (uint32_t x = 0; x < count; x++)
                row[x] = (double)((const float *)from)[first + x];
            break;
        case MLK_FLOAT64:
            memcpy(row, (const double *)from + first, count * sizeof(double));
            break;
        }
    }
}

/// exp for x <= 0, in a form that compilers turn into vector code: x = n ln 2 + r with |r| <= ln 2 / 2, the Taylor
/// series of exp(r) to r^13 / 13! (the next term is below 5e-18), then 2^n by the exponent bits. Below -708, where
/// exp leaves the normal doubles, 0. NaN stays NaN.
static inline double exp_of_negative(double x) {
    const double log2_of_e = 1.4426950408889634, ln2_high = 6.93147180369123816490e-01,
                 ln2_low = 1.90821492927058770002e-10;
    // Adding and taking away 1.5 * 2^52 rounds to the nearest integer.
    const double rounder = 6755399441055744.0;
    double clamped = x < -708.0 ? -708.0 : x;
    double shifted = clamped * log2_of_e + rounder;
    double n = shifted - rounder;
    double r = (clamped - n * ln2_high) - n * ln2_low;
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    uint64_t power = (bits + 1023) << 52;
    double scale;
    memcpy(&scale, &power, sizeof scale);
    double value = p * scale;
    return x < -708.0 ? 0.0 : value;
}

void mlk_softmax(double *planes, size_t stride, uint32_t classes, uint32_t count) {
    double maximum[MLK_TILE], sum[MLK_TILE];
    for (uint32_t x = 0; x < count; x++) {
        maximum[x] = planes[x];
        sum[x] = 0;
    }
    for (uint32_t class = 1; class < classes; class++) {
        const double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            maximum[x] = row[x] > maximum[x] ? row[x] : maximum[x];
    }
    for (uint32_t class = 0; class < classes; class++) {
        double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++) {
            row[x] = exp_of_negative(row[x] - maximum[x]);
            sum[x] += row[x];
        }
    }
    for (uint32_t class = 0; class < classes; class++) {
        double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            row[x] /= sum[x];
    }
}

static inline __attribute__((always_inline)) void normalize(double *planes, size_t stride, uint32_t classes,
                                                             uint32_t count) {
    double sums[MLK_TILE];
    for (uint32_t x = 0; x < count; x++)
        sums[x] = 0;
    for (uint32_t class = 0; class < classes; class++) {
        const double *plane = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            sums[x] += plane[x];
    }
    for (uint32_t x = 0; x < count; x++)
        sums[x] = sums[x] == 0 ? 1 : sums[x];
    for (uint32_t class = 0; class < classes; class++) {
        double *plane = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            plane[x] /= sums[x];
    }
}

#if defined(__x86_64__)
static __attribute__((target("avx2"))) void normalize_avx2(double *planes, size_t stride, uint32_t classes,
                                                           uint32_t count) {
    normalize(planes, stride, classes, count);
}
#endif

void mlk_normalize(double *planes, size_t stride, uint32_t classes, uint32_t count) {
#if defined(__x86_64__)
    if (mlk_has_avx2()) {
        normalize_avx2(planes, stride, classes, count);
        return;
    }
#endif
    normalize(planes, stride, classes, count);
}
