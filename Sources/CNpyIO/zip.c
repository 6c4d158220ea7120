// The central directory. The entry of every member is kept as it stands. A fault of one member is found by
// `npio_zip_locate`, so that its neighbours can still be read.
#include "zip.h"

#include <stdlib.h>
#include <string.h>

enum {
    entry_size = 46,
    // More than the largest entry: its fixed part, and a name, an extra field and a comment of 65,535 bytes each.
    window_size = 256 * 1024,
};
static const uint32_t entry_signature = 0x02014B50, all_ones = 0xFFFFFFFF;

/// Makes room for `more` items beyond `used` by doubling the capacity; false where there is no memory.
static bool grow(void **items, size_t *capacity, size_t used, size_t more, size_t item_size) {
    if (more <= *capacity - used) {
        return true;
    }
    size_t wanted, bytes;
    if (__builtin_add_overflow(used, more, &wanted)) {
        return false;
    }
    if (wanted < *capacity * 2) {
        wanted = *capacity * 2;
    }
    if (__builtin_mul_overflow(wanted, item_size, &bytes)) {
        return false;
    }
    void *made = realloc(*items, bytes);
    if (made == NULL) {
        return false;
    }
    *items = made;
    *capacity = wanted;
    return true;
}

/// Takes from the zip64 extra field the values whose 32-bit fields are all ones, in the order that they have there.
static bool take_zip64(npio_member *e, const uint8_t *extra, size_t size) {
    uint64_t *wanted[3];
    size_t wants = 0;
    if (e->uncompressed == all_ones) {
        wanted[wants++] = &e->uncompressed;
    }
    if (e->compressed == all_ones) {
        wanted[wants++] = &e->compressed;
    }
    if (e->offset == all_ones) {
        wanted[wants++] = &e->offset;
    }
    if (wants == 0) {
        return true;
    }
    while (size >= 4) {
        size_t field = npio_get16(extra + 2);
        if (field > size - 4) {
            return false;
        }
        if (npio_get16(extra) == 1) {
            if (field < wants * 8) {
                return false;
            }
            for (size_t i = 0; i < wants; i++) {
                *wanted[i] = npio_get64(extra + 4 + i * 8);
            }
            return true;
        }
        extra += 4 + field;
        size -= 4 + field;
    }
    return false;
}

static npio_status add_entry(npio_zip *zip, const npio_directory *d, const uint8_t *p, host_failure *failure) {
    npio_member e = {
        .flags = npio_get16(p + 8),
        .method = npio_get16(p + 10),
        .crc = npio_get32(p + 16),
        .compressed = npio_get32(p + 20),
        .uncompressed = npio_get32(p + 24),
        .name_size = npio_get16(p + 28),
        .offset = npio_get32(p + 42),
        .limit = d->start,
        .name_at = zip->names_size,
    };
    uint16_t disk = npio_get16(p + 34);
    if (!take_zip64(&e, p + entry_size + e.name_size, npio_get16(p + 30))) {
        e.fault = NPIO_ZIP64_EXTRA;
    } else if (disk != 0 && disk != 0xFFFF) {
        e.fault = NPIO_MULTI_DISK;
    } else if (__builtin_add_overflow(e.offset, d->base, &e.offset) || e.offset >= d->start) {
        e.fault = NPIO_LOCAL_OFFSET;
    }
    if (!grow((void **)&zip->members, &zip->capacity, zip->count, 1, sizeof e)
        || !grow((void **)&zip->names, &zip->names_capacity, zip->names_size, (size_t)e.name_size + 1, 1)) {
        return npio_fail_memory(failure, zip->names_size);
    }
    memcpy(zip->names + zip->names_size, p + entry_size, e.name_size);
    zip->names_size += e.name_size;
    zip->members[zip->count++] = e;
    return NPIO_OK;
}

static npio_status read_entries(npio_zip *zip, const npio_directory *d, host_failure *failure) {
    size_t capacity = d->end - d->start < window_size ? (size_t)(d->end - d->start) : window_size;
    uint8_t *window = malloc(capacity > 0 ? capacity : 1);
    if (window == NULL) {
        return npio_fail_memory(failure, capacity);
    }
    npio_status status = NPIO_OK;
    size_t at = 0, filled = 0;
    uint64_t next = d->start;  // the file byte that comes after the window
    while (status == NPIO_OK) {
        size_t needed = entry_size;
        for (int part = 0; part < 2 && status == NPIO_OK; part++) {
            if (filled - at < needed && next < d->end) {
                memmove(window, window + at, filled - at);
                filled -= at;
                at = 0;
                size_t room = capacity - filled;
                size_t piece = d->end - next < room ? (size_t)(d->end - next) : room;
                status = npio_read(zip->file, next, window + filled, piece, failure);
                filled += piece;
                next += piece;
            }
            if (part == 0 && filled - at >= entry_size) {
                const uint8_t *p = window + at;
                needed += (size_t)npio_get16(p + 28) + npio_get16(p + 30) + npio_get16(p + 32);
            }
        }
        uint64_t place = next - (filled - at);
        if (status != NPIO_OK || filled == at) {
            break;
        }
        if (filled - at >= 4 && npio_get32(window + at) != entry_signature) {
            status = npio_fail_at(failure, NPIO_ENTRY_SIGNATURE, place);
        } else if (filled - at < needed) {
            status = npio_fail_at(failure, NPIO_ENTRY_TRUNCATED, place);
        } else {
            status = add_entry(zip, d, window + at, failure);
            at += needed;
        }
    }
    free(window);
    return status;
}

static int by_offset(const void *left, const void *right) {
    const npio_member *a = *(npio_member *const *)left, *b = *(npio_member *const *)right;
    return a->offset < b->offset ? -1 : a->offset > b->offset ? 1 : 0;
}

/// Sets where each member ends at the latest, which is where the next one begins: members must not overlap.
static npio_status set_limits(npio_zip *zip, host_failure *failure) {
    if (zip->count == 0) {
        return NPIO_OK;
    }
    npio_member **order = calloc(zip->count, sizeof *order);
    if (order == NULL) {
        return npio_fail_memory(failure, zip->count * sizeof *order);
    }
    size_t count = 0;
    for (size_t i = 0; i < zip->count; i++) {
        if (zip->members[i].fault == NPIO_OK) {
            order[count++] = &zip->members[i];
        }
    }
    qsort(order, count, sizeof *order, by_offset);
    for (size_t i = 0; i + 1 < count; i++) {
        order[i]->limit = order[i + 1]->offset;
        if (order[i]->offset == order[i + 1]->offset) {
            order[i]->shared = order[i + 1]->shared = true;
        }
    }
    free(order);
    return NPIO_OK;
}

npio_status npio_zip_open(const host_file *file, npio_zip **zip, host_failure *failure) {
    npio_directory d;
    *zip = NULL;
    npio_status status = npio_find_directory(file, &d, failure);
    if (status != NPIO_OK) {
        return status;
    }
    npio_zip *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return npio_fail_memory(failure, sizeof *made);
    }
    made->file = file;
    made->directory = d.start;
    status = read_entries(made, &d, failure);
    if (status == NPIO_OK && made->count != d.count) {
        npio_fail_numbers(failure, NPIO_ENTRY_COUNT, made->count, d.count);
        status = NPIO_ENTRY_COUNT;
    }
    if (status == NPIO_OK) {
        status = set_limits(made, failure);
    }
    if (status != NPIO_OK) {
        npio_zip_close(made);
        return status;
    }
    *zip = made;
    return NPIO_OK;
}

void npio_zip_close(npio_zip *zip) {
    if (zip != NULL) {
        free(zip->members);
        free(zip->names);
        free(zip);
    }
}

size_t npio_zip_count(const npio_zip *zip) {
    return zip->count;
}

npio_zip_entry npio_zip_entry_at(const npio_zip *zip, size_t index) {
    const npio_member *e = &zip->members[index];
    return (npio_zip_entry){
        .name = zip->names + e->name_at,
        .name_size = e->name_size,
        .name_is_utf8 = (e->flags & 1 << 11) != 0,
        .method = e->method,
        .crc = e->crc,
        .compressed_size = e->compressed,
        .uncompressed_size = e->uncompressed,
    };
}
