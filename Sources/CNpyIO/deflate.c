#include "internal.h"

#include <string.h>
#include <zlib.h>

enum { stored_limit = 65535, stored_overhead = 5 };

size_t npio_deflate_bound(size_t count) {
    // Twice what stored blocks cost, which is the worst of both ways below.
    size_t bound;
    return __builtin_add_overflow(count, count / 1024 + 256, &bound) ? SIZE_MAX : bound;
}

/// RFC 1951, 3.2.4: a byte with the block's kind, its length, the length's complement, the bytes.
static size_t put_stored(const uint8_t *bytes, size_t count, uint8_t *out) {
    size_t used = 0;
    bool last;
    do {
        // The final block is an empty one: it marks the end of the chunk as zlib's sync flush does.
        size_t piece = count < stored_limit ? count : stored_limit;
        last = piece == 0;
        out[used] = 0;
        npio_put16(out + used + 1, (uint32_t)piece);
        npio_put16(out + used + 3, (uint32_t)~piece & 0xFFFF);
        used += stored_overhead;
        if (piece > 0) {
            memcpy(out + used, bytes, piece);
            used += piece;
            bytes += piece;
            count -= piece;
        }
    } while (!last);
    return used;
}

size_t npio_deflate(const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity) {
    const size_t piece_limit = 1u << 30;
    static const uint8_t nothing[1];
    bytes = count == 0 ? nothing : bytes;
    z_stream z = {0};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return put_stored(bytes, count, out);
    }
    size_t in = 0, used = 0;
    int code = Z_OK;
    bool done = false;
    while (!done && code == Z_OK && used < capacity) {
        size_t piece = count - in < piece_limit ? count - in : piece_limit;
        size_t room = capacity - used < piece_limit ? capacity - used : piece_limit;
        // zlib reads through this pointer and never writes.
        z.next_in = (Bytef *)(uintptr_t)(bytes + in);
        z.avail_in = (uInt)piece;
        z.next_out = out + used;
        z.avail_out = (uInt)room;
        bool last = in + piece == count;
        code = deflate(&z, last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
        in += piece - z.avail_in;
        used += room - z.avail_out;
        // A flush is complete once it leaves room; a flush with nothing more to say is Z_BUF_ERROR.
        done = last && z.avail_in == 0 && z.avail_out > 0;
    }
    deflateEnd(&z);
    return done ? used : put_stored(bytes, count, out);
}
