#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    end_size = 22,
    end64_size = 56,
    locator_size = 20,
    entry_size = 46,
    local_size = 30,
    comment_limit = 65535,
    // The largest entry: its fixed part, and a name, an extra field and a comment of 65,535 bytes each.
    window_size = 256 * 1024,
};
static const uint32_t end_signature = 0x06054B50, end64_signature = 0x06064B50, locator_signature = 0x07064B50,
                      entry_signature = 0x02014B50, local_signature = 0x04034B50;
static const uint32_t all_ones = 0xFFFFFFFF;

typedef struct entry {
    uint64_t offset;      // of the local header, in the file
    uint64_t limit;       // where the next member, or the directory, starts
    uint64_t compressed, uncompressed;
    size_t name_at;
    uint32_t crc;
    uint16_t name_size, flags, method;
    uint16_t fault;       // an npio_status that the directory itself shows
    bool shared;          // another member has the same local header
} entry;

struct npio_zip {
    const npio_file *file;
    uint64_t directory;   // first byte of the central directory
    entry *entries;
    size_t count, entry_capacity;
    char *names;
    size_t names_size, names_capacity;
};

typedef struct directory {
    uint64_t start, end, count, base;
} directory;

static npio_status fail_here(npio_failure *failure, npio_status status, uint64_t offset) {
    npio_fail(failure, status);
    failure->byte_offset = (int64_t)offset;
    return status;
}

/// Finds the end record in the file's last bytes: its comment must reach exactly the end of the file.
static npio_status find_end(const npio_file *file, uint64_t *at, uint8_t record[end_size], npio_failure *failure) {
    uint64_t span = file->size < end_size + comment_limit ? file->size : end_size + comment_limit;
    if (span < end_size) {
        return fail_here(failure, NPIO_NO_END_RECORD, file->size);
    }
    uint8_t *tail = malloc((size_t)span);
    if (tail == NULL) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, span);
    }
    uint64_t base = file->size - span;
    npio_status status = npio_file_read(file, base, tail, (size_t)span, failure);
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
        failure->byte_offset = (int64_t)(file->size - garbage);
        return NPIO_BYTES_AFTER_ARCHIVE;
    }
    return fail_here(failure, NPIO_NO_END_RECORD, file->size);
}

/// The zip64 end record, where its locator says or, in an archive with a prefix, right before the locator.
static bool find_end64(const npio_file *file, uint64_t locator_at, const uint8_t *locator, uint64_t *at,
                       uint8_t record[end64_size]) {
    npio_failure ignored;
    uint64_t places[] = {npio_get64(locator + 8), locator_at >= end64_size ? locator_at - end64_size : UINT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        uint64_t place = places[i];
        if (place > locator_at || locator_at - place < end64_size) {
            continue;
        }
        if (npio_file_read(file, place, record, end64_size, &ignored) != NPIO_OK
            || npio_get32(record) != end64_signature || npio_get64(record + 4) != locator_at - place - 12) {
            continue;
        }
        *at = place;
        return true;
    }
    return false;
}

static npio_status find_directory(const npio_file *file, directory *d, npio_failure *failure) {
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
        status = npio_file_read(file, locator_at, locator, locator_size, failure);
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
            // Without a full field the four bytes may be the end of some entry's comment.
            return fail_here(failure, NPIO_ZIP64_RECORD, locator_at);
        }
    }
    if (disk != 0 || first_disk != 0 || here != d->count) {
        return fail_here(failure, NPIO_MULTI_DISK, end_at);
    }
    uint64_t needed;
    if (__builtin_add_overflow(size, offset, &needed) || needed > d->end) {
        npio_fail_numbers(failure, NPIO_DIRECTORY_RANGE, needed, d->end);
        failure->byte_offset = (int64_t)end_at;
        return NPIO_DIRECTORY_RANGE;
    }
    // What is left over is a prefix before the archive that the offsets do not count.
    d->base = d->end - needed;
    d->start = d->end - size;
    return NPIO_OK;
}

bool npio_zip_has_end_record(const npio_file *file) {
    uint8_t end[end_size];
    uint64_t at;
    npio_failure ignored;
    return find_end(file, &at, end, &ignored) == NPIO_OK;
}

/// Room for `more` beyond `used`, doubling; false without memory.
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
static bool take_zip64(entry *e, const uint8_t *extra, size_t size) {
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

static npio_status add_entry(npio_zip *zip, const directory *d, const uint8_t *p, npio_failure *failure) {
    entry e = {
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
    if (!grow((void **)&zip->entries, &zip->entry_capacity, zip->count, 1, sizeof e)
        || !grow((void **)&zip->names, &zip->names_capacity, zip->names_size, (size_t)e.name_size + 1, 1)) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, zip->names_size);
    }
    memcpy(zip->names + zip->names_size, p + entry_size, e.name_size);
    zip->names_size += e.name_size;
    zip->entries[zip->count++] = e;
    return NPIO_OK;
}

static npio_status read_entries(npio_zip *zip, const directory *d, npio_failure *failure) {
    uint8_t *window = malloc(window_size);
    if (window == NULL) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, window_size);
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
                size_t room = window_size - filled;
                size_t piece = d->end - next < room ? (size_t)(d->end - next) : room;
                status = npio_file_read(zip->file, next, window + filled, piece, failure);
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
            status = fail_here(failure, NPIO_ENTRY_SIGNATURE, place);
        } else if (filled - at < needed) {
            status = fail_here(failure, NPIO_ENTRY_TRUNCATED, place);
        } else {
            status = add_entry(zip, d, window + at, failure);
            at += needed;
        }
    }
    free(window);
    return status;
}

static int by_offset(const void *left, const void *right) {
    const entry *a = *(entry *const *)left, *b = *(entry *const *)right;
    return a->offset < b->offset ? -1 : a->offset > b->offset ? 1 : 0;
}

/// Members must not overlap: each ends at the latest where the next begins.
static npio_status set_limits(npio_zip *zip, npio_failure *failure) {
    if (zip->count == 0) {
        return NPIO_OK;
    }
    entry **order = calloc(zip->count, sizeof *order);
    if (order == NULL) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, zip->count * sizeof *order);
    }
    size_t count = 0;
    for (size_t i = 0; i < zip->count; i++) {
        if (zip->entries[i].fault == NPIO_OK) {
            order[count++] = &zip->entries[i];
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

npio_status npio_zip_open(const npio_file *file, npio_zip **zip, npio_failure *failure) {
    directory d;
    *zip = NULL;
    npio_status status = find_directory(file, &d, failure);
    if (status != NPIO_OK) {
        return status;
    }
    npio_zip *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, sizeof *made);
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
        free(zip->entries);
        free(zip->names);
        free(zip);
    }
}

size_t npio_zip_count(const npio_zip *zip) {
    return zip->count;
}

npio_zip_entry npio_zip_entry_at(const npio_zip *zip, size_t index) {
    const entry *e = &zip->entries[index];
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

/// Everything the directory alone tells about whether a member can be read.
static npio_status check_entry(const entry *e, npio_failure *failure) {
    if (e->fault != NPIO_OK) {
        return npio_fail(failure, (npio_status)e->fault);
    }
    // Bits 0, 6 and 13: encrypted, strongly encrypted, directory encrypted. Method 99 is WinZip's AES.
    if ((e->flags & (1 | 1 << 6 | 1 << 13)) != 0 || e->method == 99) {
        return npio_fail(failure, NPIO_ENCRYPTED);
    }
    if ((e->flags & 1 << 5) != 0) {
        return npio_fail(failure, NPIO_PATCHED);
    }
    if (e->method != 0 && e->method != 8) {
        return npio_fail_numbers(failure, NPIO_BAD_METHOD, e->method, 8);
    }
    if (e->method == 0 && e->compressed != e->uncompressed) {
        return npio_fail_numbers(failure, NPIO_STORED_SIZES, e->compressed, e->uncompressed);
    }
    if (e->shared) {
        return npio_fail(failure, NPIO_MEMBERS_OVERLAP);
    }
    return NPIO_OK;
}

/// A byte of deflate gives at most 1,032: 258 bytes for the two bits of the shortest match.
static bool can_inflate_to(uint64_t compressed, uint64_t uncompressed, uint64_t *most) {
    if (__builtin_mul_overflow(compressed, (uint64_t)1032, most) || __builtin_add_overflow(*most, (uint64_t)64, most)) {
        *most = UINT64_MAX;
    }
    return uncompressed <= *most;
}

npio_status npio_zip_locate(const npio_zip *zip, size_t index, uint64_t *data_offset, npio_failure *failure) {
    if (index >= zip->count) {
        return npio_fail_text(failure, NPIO_INTERNAL, "member index", 12);
    }
    const entry *e = &zip->entries[index];
    npio_status status = check_entry(e, failure);
    if (status == NPIO_OK && e->limit - e->offset < local_size) {
        status = fail_here(failure, e->limit == zip->directory ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP, e->offset);
    }
    uint8_t local[local_size], piece[256];
    if (status == NPIO_OK) {
        status = npio_file_read(zip->file, e->offset, local, local_size, failure);
    }
    if (status == NPIO_OK && npio_get32(local) != local_signature) {
        status = fail_here(failure, NPIO_LOCAL_SIGNATURE, e->offset);
    }
    uint64_t start = e->offset + local_size, room = e->limit - start;
    uint64_t names = (uint64_t)npio_get16(local + 26) + npio_get16(local + 28);
    if (status == NPIO_OK && npio_get16(local + 8) != e->method) {
        npio_fail_numbers(failure, NPIO_LOCAL_METHOD, npio_get16(local + 8), e->method);
        status = NPIO_LOCAL_METHOD;
    }
    if (status == NPIO_OK && npio_get16(local + 26) != e->name_size) {
        status = fail_here(failure, NPIO_LOCAL_NAME, e->offset);
    }
    if (status == NPIO_OK && (names > room || e->compressed > room - names)) {
        bool last = e->limit == zip->directory;
        npio_fail_numbers(failure, last ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP, names > room ? 0 : room - names, e->compressed);
        failure->byte_offset = (int64_t)e->offset;
        status = last ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP;
    }
    for (size_t i = 0; status == NPIO_OK && i < e->name_size; i += sizeof piece) {
        size_t n = e->name_size - i < sizeof piece ? e->name_size - i : sizeof piece;
        status = npio_file_read(zip->file, start + i, piece, n, failure);
        if (status == NPIO_OK && memcmp(piece, zip->names + e->name_at + i, n) != 0) {
            status = fail_here(failure, NPIO_LOCAL_NAME, e->offset);
        }
    }
    uint64_t most;
    if (status == NPIO_OK && e->method == 8 && !can_inflate_to(e->compressed, e->uncompressed, &most)) {
        status = npio_fail_numbers(failure, NPIO_IMPOSSIBLE_SIZE, most, e->uncompressed);
    }
    if (status != NPIO_OK) {
        failure->member = (int64_t)index;
        return status;
    }
    *data_offset = start + names;
    return NPIO_OK;
}
