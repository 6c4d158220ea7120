// The start of an NPY file: its magic, version and length, which say where the dict is, and whether the file can hold
// the array that the dict describes.
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { magic_size = 6 };
static const uint8_t magic[magic_size] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/// Fails with the shape as NumPy writes it, as far as the text field has room for it.
static npio_status fail_shape(const npio_header *header, npio_status status, host_failure *failure) {
    char text[NPIO_MAX_AXES * 22];
    size_t used = 0;
    text[used++] = '(';
    for (uint32_t i = 0; i < header->axis_count; i++) {
        const char *separator = i + 1 < header->axis_count ? ", " : header->axis_count == 1 ? "," : "";
        // Each length takes at most 19 digits and a separator of two characters.
        used += (size_t)snprintf(text + used, sizeof text - used, "%" PRIu64 "%s", header->shape[i], separator);
    }
    text[used++] = ')';
    return npio_fail_text(failure, status, text, used);
}

npio_status npio_header_read(npio_stream *stream, npio_header *header, host_failure *failure) {
    uint8_t start[12], dict[NPIO_HEADER_LIMIT];
    size_t got;
    npio_status status = npio_stream_read(stream, start, magic_size + 2, &got, failure);
    if (status != NPIO_OK) {
        return status;
    }
    if (memcmp(start, magic, got < magic_size ? got : magic_size) != 0 || got == 0) {
        npio_fail_text(failure, NPIO_BAD_MAGIC, start, got);
        failure->expected = got;
        for (size_t i = 0; i < got; i++) {
            failure->found |= (uint64_t)start[i] << 8 * i;
        }
        return NPIO_BAD_MAGIC;
    }
    size_t at = magic_size + 2;
    if (got < at) {
        return npio_fail_numbers(failure, NPIO_HEADER_TRUNCATED, got, at);
    }
    uint8_t major = start[6], minor = start[7];
    if (major < 1 || major > 3 || minor != 0) {
        npio_fail_numbers(failure, NPIO_BAD_VERSION, (uint64_t)major * 256 + minor, 3 * 256);
        failure->byte_offset = 6;
        return NPIO_BAD_VERSION;
    }
    size_t width = major == 1 ? 2 : 4;
    status = npio_stream_read(stream, start + at, width, &got, failure);
    if (status != NPIO_OK) {
        return status;
    }
    if (got < width) {
        return npio_fail_numbers(failure, NPIO_HEADER_TRUNCATED, at + got, at + width);
    }
    uint64_t size = major == 1 ? npio_get16(start + at) : npio_get32(start + at);
    at += width;
    uint64_t left = npio_stream_left(stream);
    if (left < size) {
        return npio_fail_numbers(failure, NPIO_HEADER_TRUNCATED, at + left, at + size);
    }
    if (size > NPIO_HEADER_LIMIT) {
        npio_fail_numbers(failure, NPIO_HEADER_TOO_LONG, size, NPIO_HEADER_LIMIT);
        failure->byte_offset = 8;
        return NPIO_HEADER_TOO_LONG;
    }
    status = npio_stream_read(stream, dict, (size_t)size, &got, failure);
    if (status != NPIO_OK) {
        return status;
    }
    if (got < size) {
        return npio_fail_numbers(failure, NPIO_HEADER_TRUNCATED, at + got, at + size);
    }
    status = npio_header_parse(dict, (size_t)size, major, at, header, failure);
    if (status != NPIO_OK) {
        return status;
    }
    header->data_offset = at + size;
    left = npio_stream_left(stream);
    if (header->data_size > left) {
        fail_shape(header, NPIO_DATA_TRUNCATED, failure);
        failure->found = left;
        failure->expected = header->data_size;
        return NPIO_DATA_TRUNCATED;
    }
    return NPIO_OK;
}
