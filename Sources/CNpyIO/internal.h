// Shared between the files of this target.
#ifndef NPIO_INTERNAL_H
#define NPIO_INTERNAL_H

#include "CNpyIO.h"

#include <string.h>

#define NPIO_HIDDEN __attribute__((visibility("hidden")))

static inline uint16_t npio_get16(const uint8_t *p) {
    return (uint16_t)(p[0] | (uint32_t)p[1] << 8);
}

static inline uint32_t npio_get32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t npio_get64(const uint8_t *p) {
    return npio_get32(p) | (uint64_t)npio_get32(p + 4) << 32;
}

static inline void npio_put16(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void npio_put32(uint8_t *p, uint64_t v) {
    npio_put16(p, (uint32_t)(v & 0xFFFF));
    npio_put16(p + 2, (uint32_t)(v >> 16 & 0xFFFF));
}

static inline void npio_put64(uint8_t *p, uint64_t v) {
    npio_put32(p, v);
    npio_put32(p + 4, v >> 32);
}

// The host's calls that fill a failure or use a file or output, with this target's status, whose numbers below 20 are
// the host's.

static inline npio_status npio_fail(host_failure *failure, npio_status status) {
    return (npio_status)host_fail(failure, (host_status)status);
}

static inline npio_status npio_fail_at(host_failure *failure, npio_status status, uint64_t byte_offset) {
    return (npio_status)host_fail_at(failure, (host_status)status, byte_offset);
}

static inline npio_status npio_fail_numbers(host_failure *failure, npio_status status, uint64_t found, uint64_t expected) {
    return (npio_status)host_fail_numbers(failure, (host_status)status, found, expected);
}

static inline npio_status npio_fail_text(host_failure *failure, npio_status status, const void *text, size_t size) {
    return (npio_status)host_fail_text(failure, (host_status)status, text, size);
}

/// An allocation of `size` bytes failed.
static inline npio_status npio_fail_memory(host_failure *failure, uint64_t size) {
    return (npio_status)host_fail_numbers(failure, HOST_NO_MEMORY, 0, size);
}

/// A rule of ours was broken; `text` says which.
static inline npio_status npio_fail_internal(host_failure *failure, const char *text) {
    return (npio_status)host_fail_text(failure, HOST_INTERNAL, text, strlen(text));
}

static inline npio_status npio_read(const host_file *file, uint64_t offset, uint8_t *bytes, size_t count,
                                    host_failure *failure) {
    return (npio_status)host_file_read(file, offset, bytes, count, failure);
}

static inline npio_status npio_write(host_output *output, const uint8_t *bytes, size_t count, host_failure *failure) {
    return (npio_status)host_output_write(output, bytes, count, failure);
}

static inline npio_status npio_write_at(host_output *output, uint64_t offset, const uint8_t *bytes, size_t count,
                                        host_failure *failure) {
    return (npio_status)host_output_write_at(output, offset, bytes, count, failure);
}

/// Bytes left in a stream, UINT64_MAX where that is unknown.
NPIO_HIDDEN uint64_t npio_stream_left(const npio_stream *stream);

#endif
