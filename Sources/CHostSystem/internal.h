// Shared between the files of this target; include it before any system header.
#ifndef HOST_INTERNAL_H
#define HOST_INTERNAL_H

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "CHostSystem.h"

#include <sys/types.h>

_Static_assert(sizeof(off_t) == 8, "offsets in files are 64-bit");

#define HOST_HIDDEN __attribute__((visibility("hidden")))

/// One system call moves no more bytes than this: Linux stops at 2 GiB and macOS refuses more.
#define HOST_CALL_LIMIT ((size_t)1 << 30)

struct host_file {
    int descriptor;
    uint64_t size;
    host_stamp stamp;
    char *path;  // NULL for a nameless file
};

/// Raises this process's limit of open files as far as the system allows.
HOST_HIDDEN void host_raise_open_file_limit(void);
/// open(2), tried once more after raising the limit of open files where that limit is what it failed for.
HOST_HIDDEN int host_open(const char *path, int flags, mode_t mode);
/// pread until `count` bytes are there or the file ends; -1 with errno on error.
HOST_HIDDEN ssize_t host_read_fully(int descriptor, uint64_t offset, uint8_t *bytes, size_t count);
/// Wraps an open descriptor, which the file then owns.
HOST_HIDDEN host_status host_file_adopt(int descriptor, const char *path, host_file **file, host_failure *failure);

struct stat;
HOST_HIDDEN host_stamp host_stamp_of(const struct stat *s);
/// The folder that a path is in, for the caller to free; NULL without memory.
HOST_HIDDEN char *host_folder_of(const char *path);

typedef struct host_temporary host_temporary;

/// Registers a path that an interruption removes; NULL without memory.
HOST_HIDDEN host_temporary *host_temporary_register(const char *path);
/// Accepts NULL.
HOST_HIDDEN void host_temporary_forget(host_temporary *row);
/// A new name for a temporary file beside a path, for the caller to free; NULL without memory.
HOST_HIDDEN char *host_temporary_name(const char *target);
/// Removes temporary files of this user that lie beside a path and whose process on this system has died. A folder is looked
/// through once.
HOST_HIDDEN void host_temporary_sweep(const char *target);

#endif
