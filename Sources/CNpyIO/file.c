#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// One system call moves no more than this: Linux stops at 2 GiB, macOS refuses more.
static const size_t call_limit = 1u << 30;

static void modification_time(const struct stat *s, int64_t *seconds, int64_t *nanoseconds) {
#if defined(__APPLE__)
    *seconds = (int64_t)s->st_mtimespec.tv_sec;
    *nanoseconds = (int64_t)s->st_mtimespec.tv_nsec;
#else
    *seconds = (int64_t)s->st_mtim.tv_sec;
    *nanoseconds = (int64_t)s->st_mtim.tv_nsec;
#endif
}

ssize_t npio_read_fully(int descriptor, uint64_t offset, uint8_t *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        size_t piece = count - done < call_limit ? count - done : call_limit;
        ssize_t n = pread(descriptor, bytes + done, piece, (off_t)(offset + done));
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        if (n == 0) {
            break;
        }
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/// Open files are limited to 1,024 by default on many systems, far below the hard limit: a folder of arrays needs more.
static bool raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) {
        return false;
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

npio_status npio_file_adopt(int descriptor, const char *path, npio_file **file, npio_failure *failure) {
    struct stat s;
    *file = NULL;
    if (fstat(descriptor, &s) != 0) {
        int code = errno;
        close(descriptor);
        return npio_fail_system(failure, code, "fstat");
    }
    if (S_ISDIR(s.st_mode) || !S_ISREG(s.st_mode)) {
        close(descriptor);
        return npio_fail(failure, S_ISDIR(s.st_mode) ? NPIO_IS_FOLDER : NPIO_NOT_REGULAR);
    }
    npio_file *made = calloc(1, sizeof *made);
    char *copy = path != NULL ? strdup(path) : NULL;
    if (made == NULL || (path != NULL && copy == NULL)) {
        free(made);
        free(copy);
        close(descriptor);
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, sizeof *made);
    }
    made->descriptor = descriptor;
    made->size = (uint64_t)s.st_size;
    made->device = (uint64_t)s.st_dev;
    made->inode = (uint64_t)s.st_ino;
    modification_time(&s, &made->mtime_seconds, &made->mtime_nanoseconds);
    made->path = copy;
    *file = made;
    return NPIO_OK;
}

npio_status npio_file_open(const char *path, npio_file **file, npio_failure *failure) {
    // Without O_NONBLOCK opening a pipe would wait for a writer.
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    *file = NULL;
    int descriptor = open(path, flags);
    if (descriptor < 0 && errno == EMFILE && raise_descriptor_limit()) {
        descriptor = open(path, flags);
    }
    if (descriptor < 0) {
        // A socket cannot be opened at all; to the reader it is one more thing that is no file.
        return errno == ENXIO ? npio_fail(failure, NPIO_NOT_REGULAR) : npio_fail_system(failure, errno, "open");
    }
    return npio_file_adopt(descriptor, path, file, failure);
}

void npio_file_close(npio_file *file) {
    if (file != NULL) {
        close(file->descriptor);
        free(file->path);
        free(file);
    }
}

uint64_t npio_file_size(const npio_file *file) {
    return file->size;
}

npio_status npio_file_read(const npio_file *file, uint64_t offset, uint8_t *bytes, size_t count, npio_failure *failure) {
    if (offset > INT64_MAX || count > INT64_MAX - offset) {
        return npio_fail_text(failure, NPIO_INTERNAL, "offset", 6);
    }
    ssize_t n = npio_read_fully(file->descriptor, offset, bytes, count);
    if (n < 0) {
        return npio_fail_system(failure, errno, "read");
    }
    if ((size_t)n < count) {
        npio_fail_numbers(failure, NPIO_ENDS_EARLY, (uint64_t)n, count);
        failure->byte_offset = (int64_t)offset + n;
        return NPIO_ENDS_EARLY;
    }
    return NPIO_OK;
}

npio_status npio_file_check(const npio_file *file, npio_failure *failure) {
    struct stat s;
    int64_t seconds, nanoseconds;
    if (fstat(file->descriptor, &s) != 0) {
        return npio_fail_system(failure, errno, "fstat");
    }
    modification_time(&s, &seconds, &nanoseconds);
    if ((uint64_t)s.st_size != file->size) {
        return npio_fail_numbers(failure, NPIO_CHANGED, (uint64_t)s.st_size, file->size);
    }
    if (seconds != file->mtime_seconds || nanoseconds != file->mtime_nanoseconds) {
        return npio_fail_numbers(failure, NPIO_CHANGED, file->size, file->size);
    }
    if (file->path != NULL
        && (stat(file->path, &s) != 0 || (uint64_t)s.st_dev != file->device || (uint64_t)s.st_ino != file->inode)) {
        return npio_fail_numbers(failure, NPIO_CHANGED, file->size, file->size);
    }
    return NPIO_OK;
}

int32_t npio_path_kind(const char *path) {
    struct stat s;
    if (stat(path, &s) != 0) {
        // What cannot be looked at is there all the same.
        return errno == ENOENT || errno == ENOTDIR ? NPIO_PATH_MISSING : NPIO_PATH_OTHER;
    }
    return S_ISREG(s.st_mode) ? NPIO_PATH_FILE : S_ISDIR(s.st_mode) ? NPIO_PATH_FOLDER : NPIO_PATH_OTHER;
}

bool npio_path_identity(const char *path, uint64_t *device, uint64_t *inode) {
    struct stat s;
    if (stat(path, &s) != 0) {
        return false;
    }
    *device = (uint64_t)s.st_dev;
    *inode = (uint64_t)s.st_ino;
    return true;
}

struct npio_folder {
    DIR *directory;
};

npio_status npio_folder_open(const char *path, npio_folder **folder, npio_failure *failure) {
    *folder = NULL;
    npio_folder *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return npio_fail_numbers(failure, NPIO_NO_MEMORY, 0, sizeof *made);
    }
    made->directory = opendir(path);
    if (made->directory == NULL) {
        int code = errno;
        free(made);
        return npio_fail_system(failure, code, "opendir");
    }
    *folder = made;
    return NPIO_OK;
}

npio_status npio_folder_next(npio_folder *folder, const char **name, npio_failure *failure) {
    *name = NULL;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder->directory);
        if (entry == NULL) {
            return errno == 0 ? NPIO_OK : npio_fail_system(failure, errno, "readdir");
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *name = entry->d_name;
            return NPIO_OK;
        }
    }
}

void npio_folder_close(npio_folder *folder) {
    if (folder != NULL) {
        closedir(folder->directory);
        free(folder);
    }
}
