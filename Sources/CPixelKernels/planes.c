#include "internal.h"

// A function body for each width of elements. TYPE is the unsigned integer of that width, and SWAP turns its bytes
// around or leaves them.
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
                row[x] = mlk_load_wide(MLK_FLOAT16, from, first + x);
            break;
        case MLK_FLOAT32:
            for (uint32_t x = 0; x < count; x++)
                row[x] = mlk_load_wide(MLK_FLOAT32, from, first + x);
            break;
        case MLK_FLOAT64:
            memcpy(row, mlk_element(from, first, sizeof(double)), count * sizeof(double));
            break;
        }
    }
}

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
        // A subnormal is `magnitude` units of 2^-24, which float32 holds exactly.
        out.value = (float)magnitude * 0x1p-24f;
        out.bits |= sign;
    }
    return out.value;
}
