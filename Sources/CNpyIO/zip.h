// Parts of a ZIP archive, shared by the files that read them.
#ifndef NPIO_ZIP_H
#define NPIO_ZIP_H

#include "internal.h"

typedef struct npio_member {
    uint64_t offset;      // where the local header is in the file
    uint64_t limit;       // where the next member or the directory starts
    uint64_t compressed, uncompressed;
    size_t name_at;
    uint32_t crc;
    uint16_t name_size, flags, method;
    uint16_t fault;       // an npio_status that the directory itself shows
    bool shared;          // another member has the same local header
} npio_member;

struct npio_zip {
    const host_file *file;
    uint64_t directory;   // the first byte of the central directory
    npio_member *members;
    size_t count, capacity;
    char *names;
    size_t names_size, names_capacity;
};

/// What the end records say: where the central directory is, how many entries it has, and how many bytes stand before
/// the archive, which its offsets do not count.
typedef struct npio_directory {
    uint64_t start, end, count, base;
} npio_directory;

NPIO_HIDDEN npio_status npio_find_directory(const host_file *file, npio_directory *directory, host_failure *failure);

#endif
