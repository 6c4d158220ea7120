// What the harnesses share: a file whose bytes are the input, and checks that end the run.
#ifndef FUZZ_H
#define FUZZ_H

#include "../../Sources/CHostSystem/internal.h"
#include "../../Sources/CNpyIO/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition);    \
            abort();                                                                         \
        }                                                                                    \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// A file without a name that holds `data`; good until the next call. Its descriptor serves the whole run.
static inline const host_file *input_file(const uint8_t *data, size_t size) {
    static host_file file = {.descriptor = -1};
    if (file.descriptor < 0) {
#if defined(__linux__)
        file.descriptor = memfd_create("fuzz", MFD_CLOEXEC);
#else
        FILE *stream = tmpfile();
        file.descriptor = stream == NULL ? -1 : fileno(stream);
#endif
        CHECK(file.descriptor >= 0);
    }
    CHECK(size == 0 || pwrite(file.descriptor, data, size, 0) == (ssize_t)size);
    // A longer input's bytes may still follow; `size` is what the reader goes by.
    file.size = size;
    return &file;
}

/// A failure must hold facts that can be printed.
static inline void check_failure(npio_status status, const host_failure *failure) {
    int number = (int)status;
    CHECK(number != HOST_OK && number != HOST_INTERNAL && number != HOST_SYSTEM_ERROR && number != HOST_NO_MEMORY);
    CHECK(memchr(failure->text, 0, sizeof failure->text) != NULL);
    for (const char *c = failure->text; *c != 0; c++) {
        CHECK(*c >= 0x20 && *c < 0x7F);
    }
    CHECK(failure->byte_offset >= -1);
}

static inline void check_header(const npio_header *header) {
    unsigned __int128 product = header->item_size;
    bool empty = false;
    CHECK(header->item_size == 1 || header->item_size == 2 || header->item_size == 4 || header->item_size == 8);
    CHECK(strchr("biuf", header->kind) != NULL && header->kind != 0);
    CHECK(header->kind != 'b' || header->item_size == 1);
    CHECK(header->kind != 'f' || header->item_size > 1);
    CHECK(!header->big_endian || header->item_size > 1);
    CHECK(header->axis_count <= NPIO_MAX_AXES);
    for (uint32_t i = 0; i < header->axis_count; i++) {
        CHECK(header->shape[i] <= INT64_MAX && npio_header_axis(header, i) == header->shape[i]);
        empty = empty || header->shape[i] == 0;
        if (header->shape[i] > 0) {
            product *= header->shape[i];
            CHECK(product <= INT64_MAX);
        }
    }
    CHECK(header->data_size == (empty ? 0 : (uint64_t)product));
}

#endif
