// The end of an archive: its end records, which say where the central directory is.
#include "zip.h"

#include <stdlib.h>
#include <string.h>

enum { end_size = 22, end64_size = 56, locator_size = 20, comment_limit = 65535 };
static const uint32_t end_signature = 0x06054B50, end64_signature = 0x06064B50, locator_signature = 0x07064B50;
static const uint32_t all_ones = 0xFFFFFFFF;

/// Finds the end record in the file's last bytes: its comment must reach exactly the end of the file.
static npio_status find_end(const host_file *file, uint64_t *at, uint8_t record[end_size], host_failure *failure) {
    uint64_t span = host_file_size(file) < end_size + comment_limit ? host_file_size(file) : end_size + comment_limit;
    if (span < end_size) {
        return npio_fail_at(failure, NPIO_NO_END_RECORD, host_file_size(file));
    }
    uint8_t *tail = malloc((size_t)span);
    if (tail == NULL) {
        return npio_fail_memory(failure, span);
    }
    uint64_t base = host_file_size(file) - span;
    npio_status status = npio_read(file, base, tail, (size_t)span, failure);
    bool found = false;
    uint64_t garbage = 0;
    for (uint64_t i = span - end_size + 1; status == NPIO_OK && !found && i-- > 0;) {
        if (npio_get32(tail + i) != end_signature) {
            continue;
        }
        uint64_t comment_end = i + end_size + npio_get16(tail + i + 20);
        if (comment_end == span) {
            found = true;
            *at = base + i;
            memcpy(record, tail + i, end_size);
        } else if (comment_end < span && garbage == 0) {
            garbage = span - comment_end;
        }
    }
    free(tail);
    if (status != NPIO_OK || found) {
        return status;
    }
    if (garbage > 0) {
        npio_fail_numbers(failure, NPIO_BYTES_AFTER_ARCHIVE, garbage, 0);
        failure->byte_offset = (int64_t)(host_file_size(file) - garbage);
        return NPIO_BYTES_AFTER_ARCHIVE;
    }
    return npio_fail_at(failure, NPIO_NO_END_RECORD, host_file_size(file));
}

/// Finds the zip64 end record where its locator says or, in an archive with a prefix, right before the locator.
static bool find_end64(const host_file *file, uint64_t locator_at, const uint8_t *locator, uint64_t *at,
                       uint8_t record[end64_size]) {
    host_failure ignored;
    uint64_t places[] = {npio_get64(locator + 8), locator_at >= end64_size ? locator_at - end64_size : UINT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        uint64_t place = places[i];
        if (place > locator_at || locator_at - place < end64_size) {
            continue;
        }
        if (npio_read(file, place, record, end64_size, &ignored) != NPIO_OK
            || npio_get32(record) != end64_signature || npio_get64(record + 4) != locator_at - place - 12) {
            continue;
        }
        *at = place;
        return true;
    }
    return false;
}

npio_status npio_find_directory(const host_file *file, npio_directory *d, host_failure *failure) {
    uint8_t end[end_size], locator[locator_size], end64[end64_size];
    uint64_t end_at, size, offset, disk, first_disk, here;
    npio_status status = find_end(file, &end_at, end, failure);
    if (status != NPIO_OK) {
        return status;
    }
    d->end = end_at;
    disk = npio_get16(end + 4);
    first_disk = npio_get16(end + 6);
    here = npio_get16(end + 8);
    d->count = npio_get16(end + 10);
    size = npio_get32(end + 12);
    offset = npio_get32(end + 16);
    bool saturated = here == 0xFFFF || d->count == 0xFFFF || size == all_ones || offset == all_ones;
    if (end_at >= locator_size) {
        uint64_t locator_at = end_at - locator_size, end64_at;
        status = npio_read(file, locator_at, locator, locator_size, failure);
        if (status != NPIO_OK) {
            return status;
        }
        bool located = npio_get32(locator) == locator_signature;
        if (located && find_end64(file, locator_at, locator, &end64_at, end64)) {
            d->end = end64_at;
            disk = npio_get32(end64 + 16);
            first_disk = npio_get32(end64 + 20);
            here = npio_get64(end64 + 24);
            d->count = npio_get64(end64 + 32);
            size = npio_get64(end64 + 40);
            offset = npio_get64(end64 + 48);
        } else if (located && saturated) {
            // Where no field of the end record is all ones, these four bytes may be the end of an entry's comment.
            return npio_fail_at(failure, NPIO_ZIP64_RECORD, locator_at);
        }
    }
    if (disk != 0 || first_disk != 0 || here != d->count) {
        return npio_fail_at(failure, NPIO_MULTI_DISK, end_at);
    }
    uint64_t needed;
    if (__builtin_add_overflow(size, offset, &needed) || needed > d->end) {
        npio_fail_numbers(failure, NPIO_DIRECTORY_RANGE, needed, d->end);
        failure->byte_offset = (int64_t)end_at;
        return NPIO_DIRECTORY_RANGE;
    }
    // The bytes that are left over are a prefix before the archive, which its offsets do not count.
    d->base = d->end - needed;
    d->start = d->end - size;
    return NPIO_OK;
}

bool npio_zip_has_end_record(const host_file *file) {
    uint8_t end[end_size];
    uint64_t at;
    host_failure ignored;
    return find_end(file, &at, end, &ignored) == NPIO_OK;
}
