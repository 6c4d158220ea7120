// What is deflated comes back through zlib, and both CRC-32s agree.
#include "fuzz.h"

#include <zlib.h>

/// Repeats each byte as often as the next one says, and the whole until `capacity` is full, or input of a few bytes would
/// hold no long runs and never several blocks.
static size_t expand(const uint8_t *data, size_t size, uint8_t *out, size_t capacity) {
    size_t used = 0;
    while (size > 1 && used < capacity) {
        for (size_t i = 0; i + 1 < size; i += 2) {
            size_t run = data[i + 1] < 200 ? data[i + 1] % 5 + 1 : (size_t)(data[i + 1] - 199) * 37;
            for (; run > 0 && used < capacity; run--) {
                out[used++] = data[i];
            }
        }
    }
    return used;
}

static void round_trip(const uint8_t *bytes, size_t size) {
    size_t capacity = npio_deflate_bound(size);
    // Exactly the bound, so that a byte more shows.
    uint8_t *out = malloc(capacity), *back = malloc(size + 1);
    CHECK(out != NULL && back != NULL);
    size_t deflated = npio_deflate(bytes, size, out, capacity);
    CHECK(deflated >= 5 && deflated <= capacity);
    // The chunk is not the last of a stream: a final empty block of fixed codes ends it.
    static const uint8_t final_block[] = {3, 0};
    // One for all inputs: to make a window for each would take most of the time.
    static z_stream z;
    CHECK((z.state != NULL ? inflateReset(&z) : inflateInit2(&z, -MAX_WBITS)) == Z_OK);
    z.next_in = out;
    z.avail_in = (uInt)deflated;
    z.next_out = back;
    z.avail_out = (uInt)(size + 1);
    int code = inflate(&z, Z_SYNC_FLUSH);
    CHECK(code == Z_OK && z.avail_in == 0 && z.total_out == size);
    z.next_in = (Bytef *)(uintptr_t)final_block;
    z.avail_in = sizeof final_block;
    CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0);
    CHECK(size == 0 || memcmp(bytes, back, size) == 0);
    free(out);
    free(back);
}

enum { expanded_limit = 1 << 15 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    // More than the runs of a block, and now and then of several.
    const size_t limit = size > 0 && data[0] == 0 ? expanded_limit : 1 << 9;
    static uint8_t expanded[expanded_limit];
    size_t split = size > 0 ? data[0] % size : 0;
    uint32_t whole = npio_crc32(0, data, size);
    CHECK(whole == (uint32_t)crc32(0, data, (uInt)size) || size == 0);
    CHECK(npio_crc32(npio_crc32(0, data, split), data + split, size - split) == whole);
    CHECK(npio_crc32_combine(npio_crc32(0, data, split), npio_crc32(0, data + split, size - split), size - split) == whole);
    round_trip(data, size);
    round_trip(expanded, expand(data, size, expanded, limit));
    return 0;
}
