// Zlib streams (RFC 1950), as PNG files hold them.
#include "internal.h"

#include <string.h>
#include <zlib.h>

enum { stored_limit = 65535, stored_overhead = 5, header_size = 2, checksum_size = 4 };

size_t npio_zlib_bound(size_t count) {
    // Enough for stored blocks, and for what zlib's own bound allows.
    size_t bound;
    return __builtin_add_overflow(count, count / 1000 + 256, &bound) ? SIZE_MAX : bound;
}

/// Writes a stream of stored blocks (RFC 1951, 3.2.4), for when zlib has no memory.
static size_t put_stored(const uint8_t *bytes, size_t count, uint8_t *out) {
    uLong sum = adler32(0, Z_NULL, 0);
    size_t used = header_size;
    out[0] = 0x78;
    out[1] = 0x01;
    do {
        size_t piece = count < stored_limit ? count : stored_limit;
        out[used] = piece == count ? 1 : 0;
        npio_put16(out + used + 1, (uint32_t)piece);
        npio_put16(out + used + 3, (uint32_t)~piece & 0xFFFF);
        used += stored_overhead;
        memcpy(out + used, bytes, piece);
        sum = adler32(sum, bytes, (uInt)piece);
        used += piece;
        bytes += piece;
        count -= piece;
    } while (count > 0);
    for (int byte = 0; byte < checksum_size; byte++) {
        out[used++] = (uint8_t)(sum >> (24 - 8 * byte));
    }
    return used;
}

size_t npio_zlib(const uint8_t *bytes, size_t count, int32_t level, uint8_t *out, size_t capacity) {
    const size_t piece_limit = 1u << 30;
    static const uint8_t nothing[1];
    bytes = count == 0 ? nothing : bytes;
    z_stream z = {0};
    if (deflateInit(&z, level) != Z_OK) {
        return put_stored(bytes, count, out);
    }
    size_t in = 0, used = 0;
    int code = Z_OK;
    while (code == Z_OK && used < capacity) {
        size_t piece = count - in < piece_limit ? count - in : piece_limit;
        size_t room = capacity - used < piece_limit ? capacity - used : piece_limit;
        // The cast drops const: zlib reads through this pointer and never writes.
        z.next_in = (Bytef *)(uintptr_t)(bytes + in);
        z.avail_in = (uInt)piece;
        z.next_out = out + used;
        z.avail_out = (uInt)room;
        code = deflate(&z, in + piece == count ? Z_FINISH : Z_NO_FLUSH);
        in += piece - z.avail_in;
        used += room - z.avail_out;
    }
    deflateEnd(&z);
    return code == Z_STREAM_END ? used : put_stored(bytes, count, out);
}
