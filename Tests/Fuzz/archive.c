// A whole file, NPY or NPZ: every array is opened, streamed in steps of two sizes, and compared with the map where it is
// stored.
#include "fuzz.h"

// What one member may inflate to before the rest is left to `npio_stream_finish`, which keeps nothing.
enum { kept_limit = 1 << 13 };

typedef struct outcome {
    npio_status status;
    uint64_t size, left;
    uint32_t crc;
} outcome;

static npio_status open_array(const host_file *file, const npio_zip *zip, size_t index, npio_stream **stream,
                              host_failure *failure) {
    return zip == NULL ? npio_stream_open_file(file, stream, failure)
                       : npio_stream_open_member(file, zip, index, stream, failure);
}

static outcome read_array(const host_file *file, const npio_zip *zip, size_t index, size_t step) {
    host_failure failure;
    npio_stream *stream;
    npio_header header;
    outcome result = {.status = open_array(file, zip, index, &stream, &failure)};
    if (result.status != NPIO_OK) {
        check_failure(result.status, &failure);
        return result;
    }
    result.status = npio_header_read(stream, &header, &failure);
    uint64_t wanted = result.status == NPIO_OK ? header.data_size : 0;
    if (result.status == NPIO_OK) {
        check_header(&header);
    }
    uint8_t *buffer = malloc(4096);
    CHECK(buffer != NULL);
    while (result.status == NPIO_OK && wanted > 0 && result.size < kept_limit) {
        // Small steps at first, or long arrays of few input bytes would take all the time.
        size_t got, count = result.size < 256 ? step : 4096;
        count = wanted < count ? (size_t)wanted : count;
        result.status = npio_stream_read(stream, buffer, count, &got, &failure);
        if (result.status == NPIO_OK) {
            // A file or member said that it holds the array.
            CHECK(got == count);
            result.crc = npio_crc32(result.crc, buffer, got);
            result.size += got;
            wanted -= got;
        }
    }
    free(buffer);
    if (result.status == NPIO_OK) {
        result.status = npio_stream_finish(stream, &result.left, &failure);
    }
    if (result.status != NPIO_OK) {
        check_failure(result.status, &failure);
    }
    CHECK(npio_stream_consumed(stream) <= file->size);
    npio_stream_close(stream);
    return result;
}

static void compare_with_map(const host_file *file, const npio_zip *zip, size_t index, host_map **map) {
    host_failure failure;
    uint64_t offset;
    npio_zip_entry entry = npio_zip_entry_at(zip, index);
    if (entry.method == 0 && npio_zip_locate(zip, index, &offset, &failure) == NPIO_OK) {
        if (*map == NULL) {
            CHECK(host_map_open(file, map, &failure) == HOST_OK && host_map_size(*map) == file->size);
        }
        // The stream verified the same bytes.
        CHECK(npio_crc32(0, host_map_bytes(*map) + offset, (size_t)entry.compressed_size) == entry.crc);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host_failure failure;
    npio_zip *zip = NULL;
    host_map *map = NULL;
    const host_file *file = input_file(data, size);
    if (size >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || npio_zip_has_end_record(file))) {
        npio_status status = npio_zip_open(file, &zip, &failure);
        if (status != NPIO_OK) {
            check_failure(status, &failure);
            return 0;
        }
    }
    size_t count = zip == NULL ? 1 : npio_zip_count(zip);
    for (size_t i = 0; i < count && i < 64; i++) {
        outcome fine = read_array(file, zip, i, 7);
        if (fine.status != NPIO_OK && fine.size == 0) {
            continue;
        }
        outcome coarse = read_array(file, zip, i, 4096);
        // Where reading stops early the two steps see a fault at different times; the verdict is the same.
        CHECK((fine.status == NPIO_OK) == (coarse.status == NPIO_OK));
        if (fine.status == NPIO_OK) {
            CHECK(fine.size + fine.left == coarse.size + coarse.left);
            CHECK(fine.size != coarse.size || fine.crc == coarse.crc);
            if (zip != NULL) {
                compare_with_map(file, zip, i, &map);
            }
        }
    }
    host_map_close(map);
    npio_zip_close(zip);
    return 0;
}
