// The full-size side of downsampling: which pixels are contested, and which of them their block flags.
#include "internal.h"

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

/// As `mlk_flag_blocks`, for one image. Returns how many contested pixels it has.
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
            // A block may suggest the label that this pixel has already; the pixel's own prediction is another one.
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
