#include "internal.h"

#include <zlib.h>

_Static_assert(sizeof(z_off_t) >= 8, "zlib combines lengths of 64 bits");

uint32_t npio_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    const size_t piece_limit = 1u << 30;
    while (count > 0) {
        size_t piece = count < piece_limit ? count : piece_limit;
        crc = (uint32_t)crc32(crc, bytes, (uInt)piece);
        bytes += piece;
        count -= piece;
    }
    return crc;
}

uint32_t npio_crc32_combine(uint32_t first, uint32_t second, uint64_t second_size) {
    return (uint32_t)crc32_combine(first, second, (z_off_t)second_size);
}
