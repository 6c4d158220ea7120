// Shared between the files of this target; include it before any system header.
#ifndef NPIO_INTERNAL_H
#define NPIO_INTERNAL_H

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "CNpyIO.h"

#include <sys/types.h>

_Static_assert(sizeof(off_t) == 8, "offsets in files are 64-bit");

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

struct npio_file {
    int descriptor;
    uint64_t size;
    uint64_t device, inode;
    int64_t mtime_seconds, mtime_nanoseconds;
    char *path;  // NULL for a nameless file
};

/// Clears the facts and returns `status`, so that a call reads `return npio_fail(...)`.
NPIO_HIDDEN npio_status npio_fail(npio_failure *failure, npio_status status);
NPIO_HIDDEN npio_status npio_fail_numbers(npio_failure *failure, npio_status status, uint64_t found, uint64_t expected);
NPIO_HIDDEN npio_status npio_fail_text(npio_failure *failure, npio_status status, const void *text, size_t size);
/// Takes the errno as an argument: any call in between may change the global one.
NPIO_HIDDEN npio_status npio_fail_system(npio_failure *failure, int code, const char *call);

/// pread until `count` bytes are there or the file ends; -1 with errno on error.
NPIO_HIDDEN ssize_t npio_read_fully(int descriptor, uint64_t offset, uint8_t *bytes, size_t count);
NPIO_HIDDEN int npio_write_fully(int descriptor, const uint8_t *bytes, size_t count);
/// Bytes left in a stream, UINT64_MAX where that is unknown.
NPIO_HIDDEN uint64_t npio_stream_left(const npio_stream *stream);
/// Wraps an open descriptor, which the file then owns.
NPIO_HIDDEN npio_status npio_file_adopt(int descriptor, const char *path, npio_file **file, npio_failure *failure);

/// Registers a path that an interruption removes; -1 when the table is full.
NPIO_HIDDEN int npio_temporary_register(const char *path);
NPIO_HIDDEN void npio_temporary_forget(int slot);

#endif
