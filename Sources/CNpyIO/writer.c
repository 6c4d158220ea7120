// Writes members as they come. The local header of a member is written first, with zeros where sizes and CRC belong,
// and filled in at the end of the member.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    local_size = 30,
    entry_size = 46,
    end_size = 22,
    end64_size = 56,
    locator_size = 20,
    local_extra_size = 20,
    entry_extra_limit = 28,
    // 1980-01-01, the first day of ZIP's calendar. The date never changes, so that equal input gives equal bytes.
    date = 1 << 5 | 1,
    plain_version = 20,
    zip64_version = 45,
    made_by_unix = 3 << 8,
};
static const uint32_t file_mode = 0100644;
static const uint64_t all_ones = 0xFFFFFFFF;
// From this size on a member gets 64-bit sizes. It is half of what 32 bits hold, because chunks that do not compress
// grow.
static const uint64_t zip64_from = UINT64_C(1) << 31;
// An empty final block of fixed codes, RFC 1951, 3.2.6: nothing but its end-of-block code.
static const uint8_t final_block[] = {3, 0};

typedef struct member {
    uint64_t offset, compressed, size;
    char *name;
    uint32_t crc;
    uint16_t name_size;
    bool deflated, wide, utf8;
} member;

struct npio_writer {
    host_output *output;
    member *members;
    size_t count, capacity;
    bool open;
};

npio_status npio_writer_open(host_output *output, npio_writer **writer, host_failure *failure) {
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL) {
        return npio_fail_memory(failure, sizeof **writer);
    }
    (*writer)->output = output;
    return NPIO_OK;
}

void npio_writer_close(npio_writer *writer) {
    if (writer != NULL) {
        for (size_t i = 0; i < writer->count; i++) {
            free(writer->members[i].name);
        }
        free(writer->members);
        free(writer);
    }
}

/// Puts the fixed part of a local header into `fixed` and its extra field into `extra`, and returns the size of the
/// latter. The name stands between the two.
static size_t put_local(const member *m, uint8_t fixed[local_size], uint8_t extra[local_extra_size]) {
    memset(fixed, 0, local_size);
    npio_put32(fixed, 0x04034B50);
    npio_put16(fixed + 4, m->wide ? zip64_version : plain_version);
    npio_put16(fixed + 6, m->utf8 ? 1 << 11 : 0);
    npio_put16(fixed + 8, m->deflated ? 8 : 0);
    npio_put16(fixed + 12, date);
    npio_put32(fixed + 14, m->crc);
    npio_put32(fixed + 18, m->wide ? all_ones : m->compressed);
    npio_put32(fixed + 22, m->wide ? all_ones : m->size);
    npio_put16(fixed + 26, m->name_size);
    npio_put16(fixed + 28, m->wide ? local_extra_size : 0);
    if (!m->wide) {
        return 0;
    }
    npio_put16(extra, 1);
    npio_put16(extra + 2, local_extra_size - 4);
    npio_put64(extra + 4, m->size);
    npio_put64(extra + 12, m->compressed);
    return local_extra_size;
}

npio_status npio_writer_begin(npio_writer *writer, const char *name, size_t name_size, bool deflated, uint64_t size,
                              host_failure *failure) {
    if (writer->open) {
        return npio_fail_internal(failure, "begin inside a member");
    }
    if (name_size > UINT16_MAX) {
        return npio_fail_numbers(failure, NPIO_NAME_TOO_LONG, name_size, UINT16_MAX);
    }
    if (writer->count == writer->capacity) {
        size_t capacity = writer->capacity == 0 ? 16 : writer->capacity * 2;
        member *members = capacity > SIZE_MAX / sizeof *members ? NULL : realloc(writer->members, capacity * sizeof *members);
        if (members == NULL) {
            return npio_fail_memory(failure, sizeof *members);
        }
        writer->members = members;
        writer->capacity = capacity;
    }
    member m = {
        .offset = host_output_size(writer->output),
        .name = malloc(name_size + 1),
        .name_size = (uint16_t)name_size,
        .deflated = deflated,
        .wide = size >= zip64_from,
    };
    if (m.name == NULL) {
        return npio_fail_memory(failure, name_size);
    }
    memcpy(m.name, name, name_size);
    for (size_t i = 0; i < name_size; i++) {
        m.utf8 = m.utf8 || (uint8_t)name[i] > 0x7F;
    }
    writer->members[writer->count++] = m;
    writer->open = true;
    uint8_t fixed[local_size], extra[local_extra_size];
    size_t extra_size = put_local(&m, fixed, extra);
    npio_status status = npio_write(writer->output, fixed, local_size, failure);
    if (status == NPIO_OK) {
        status = npio_write(writer->output, (const uint8_t *)m.name, name_size, failure);
    }
    return status == NPIO_OK ? npio_write(writer->output, extra, extra_size, failure) : status;
}

npio_status npio_writer_append(npio_writer *writer, const uint8_t *bytes, size_t count, uint32_t crc, uint64_t size,
                               host_failure *failure) {
    if (!writer->open) {
        return npio_fail_internal(failure, "append outside a member");
    }
    npio_status status = npio_write(writer->output, bytes, count, failure);
    if (status == NPIO_OK) {
        member *m = &writer->members[writer->count - 1];
        m->crc = npio_crc32_combine(m->crc, crc, size);
        m->compressed += count;
        m->size += size;
    }
    return status;
}

npio_status npio_writer_end(npio_writer *writer, host_failure *failure) {
    if (!writer->open) {
        return npio_fail_internal(failure, "end outside a member");
    }
    member *m = &writer->members[writer->count - 1];
    npio_status status = NPIO_OK;
    if (m->deflated) {
        status = npio_writer_append(writer, final_block, sizeof final_block, 0, 0, failure);
    }
    if (status == NPIO_OK && !m->wide && (m->size >= all_ones || m->compressed >= all_ones)) {
        status = npio_fail_internal(failure, "a member outgrew its 32-bit sizes");
    }
    uint8_t fixed[local_size], extra[local_extra_size];
    size_t extra_size = put_local(m, fixed, extra);
    if (status == NPIO_OK) {
        status = npio_write_at(writer->output, m->offset, fixed, local_size, failure);
    }
    if (status == NPIO_OK) {
        status = npio_write_at(writer->output, m->offset + local_size + m->name_size, extra, extra_size, failure);
    }
    writer->open = false;
    return status;
}

static npio_status put_entry(npio_writer *writer, const member *m, host_failure *failure) {
    uint8_t fixed[entry_size] = {0}, extra[entry_extra_limit];
    size_t extra_size = 4;
    bool far = m->offset >= all_ones, wide = m->wide;
    if (wide) {
        npio_put64(extra + 4, m->size);
        npio_put64(extra + 12, m->compressed);
        extra_size += 16;
    }
    if (far) {
        npio_put64(extra + extra_size, m->offset);
        extra_size += 8;
    }
    npio_put16(extra, 1);
    npio_put16(extra + 2, (uint32_t)(extra_size - 4));
    if (extra_size == 4) {
        extra_size = 0;
    }
    npio_put32(fixed, 0x02014B50);
    npio_put16(fixed + 4, made_by_unix | (wide || far ? zip64_version : plain_version));
    npio_put16(fixed + 6, wide || far ? zip64_version : plain_version);
    npio_put16(fixed + 8, m->utf8 ? 1 << 11 : 0);
    npio_put16(fixed + 10, m->deflated ? 8 : 0);
    npio_put16(fixed + 14, date);
    npio_put32(fixed + 16, m->crc);
    npio_put32(fixed + 20, wide ? all_ones : m->compressed);
    npio_put32(fixed + 24, wide ? all_ones : m->size);
    npio_put16(fixed + 28, m->name_size);
    npio_put16(fixed + 30, (uint32_t)extra_size);
    npio_put32(fixed + 38, (uint64_t)file_mode << 16);
    npio_put32(fixed + 42, far ? all_ones : m->offset);
    npio_status status = npio_write(writer->output, fixed, entry_size, failure);
    if (status == NPIO_OK) {
        status = npio_write(writer->output, (const uint8_t *)m->name, m->name_size, failure);
    }
    return status == NPIO_OK ? npio_write(writer->output, extra, extra_size, failure) : status;
}

npio_status npio_writer_finish(npio_writer *writer, host_failure *failure) {
    if (writer->open) {
        return npio_fail_internal(failure, "finish inside a member");
    }
    uint64_t start = host_output_size(writer->output);
    for (size_t i = 0; i < writer->count; i++) {
        npio_status status = put_entry(writer, &writer->members[i], failure);
        if (status != NPIO_OK) {
            return status;
        }
    }
    uint64_t end = host_output_size(writer->output), size = end - start, count = writer->count;
    uint8_t records[end64_size + locator_size + end_size] = {0};
    size_t used = 0;
    // 65,535 and all ones mean "see the zip64 record", so an archive with these very values needs that record too.
    if (count >= 0xFFFF || size >= all_ones || start >= all_ones) {
        uint8_t *p = records;
        npio_put32(p, 0x06064B50);
        npio_put64(p + 4, end64_size - 12);
        npio_put16(p + 12, made_by_unix | zip64_version);
        npio_put16(p + 14, zip64_version);
        npio_put64(p + 24, count);
        npio_put64(p + 32, count);
        npio_put64(p + 40, size);
        npio_put64(p + 48, start);
        p += end64_size;
        npio_put32(p, 0x07064B50);
        npio_put64(p + 8, end);
        npio_put32(p + 16, 1);
        used = end64_size + locator_size;
    }
    uint8_t *p = records + used;
    uint32_t short_count = count >= 0xFFFF ? 0xFFFF : (uint32_t)count;
    npio_put32(p, 0x06054B50);
    npio_put16(p + 8, short_count);
    npio_put16(p + 10, short_count);
    npio_put32(p + 12, size >= all_ones ? all_ones : size);
    npio_put32(p + 16, start >= all_ones ? all_ones : start);
    return npio_write(writer->output, records, used + end_size, failure);
}
