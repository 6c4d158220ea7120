#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

host_stamp host_stamp_of(const struct stat *s) {
    return (host_stamp){
        .device = (uint64_t)s->st_dev,
        .inode = (uint64_t)s->st_ino,
        .size = (uint64_t)s->st_size,
#if defined(__APPLE__)
        .written_seconds = (int64_t)s->st_mtimespec.tv_sec,
        .written_nanoseconds = (int64_t)s->st_mtimespec.tv_nsec,
        .changed_seconds = (int64_t)s->st_ctimespec.tv_sec,
        .changed_nanoseconds = (int64_t)s->st_ctimespec.tv_nsec,
#else
        .written_seconds = (int64_t)s->st_mtim.tv_sec,
        .written_nanoseconds = (int64_t)s->st_mtim.tv_nsec,
        .changed_seconds = (int64_t)s->st_ctim.tv_sec,
        .changed_nanoseconds = (int64_t)s->st_ctim.tv_nsec,
#endif
        .is_regular = S_ISREG(s->st_mode),
    };
}

ssize_t host_read_fully(int descriptor, uint64_t offset, uint8_t *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        size_t piece = count - done < HOST_CALL_LIMIT ? count - done : HOST_CALL_LIMIT;
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

/// Many systems limit a process to 1,024 open files by default, far below the hard limit, and a dataset of many files
/// keeps all of them open.
void host_raise_open_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    rlim_t most = limit.rlim_max;
#if defined(__APPLE__)
    // macOS takes no more than this, though its hard limit says infinite.
    most = most < OPEN_MAX ? most : OPEN_MAX;
#endif
    if (limit.rlim_cur < most) {
        limit.rlim_cur = most;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int host_open(const char *path, int flags, mode_t mode) {
    int descriptor = open(path, flags, mode);
    if (descriptor < 0 && errno == EMFILE) {
        host_raise_open_file_limit();
        // Tried again in any case: another thread may have raised the limit in between.
        descriptor = open(path, flags, mode);
    }
    return descriptor;
}

host_status host_file_adopt(int descriptor, const char *path, host_file **file, host_failure *failure) {
    struct stat s;
    *file = NULL;
    if (fstat(descriptor, &s) != 0) {
        int code = errno;
        close(descriptor);
        return host_fail_system(failure, code, "fstat");
    }
    if (S_ISDIR(s.st_mode) || !S_ISREG(s.st_mode)) {
        close(descriptor);
        return host_fail(failure, S_ISDIR(s.st_mode) ? HOST_IS_FOLDER : HOST_NOT_REGULAR);
    }
    host_file *made = calloc(1, sizeof *made);
    char *copy = path != NULL ? strdup(path) : NULL;
    if (made == NULL || (path != NULL && copy == NULL)) {
        free(made);
        free(copy);
        close(descriptor);
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof *made);
    }
    made->descriptor = descriptor;
    made->size = (uint64_t)s.st_size;
    made->stamp = host_stamp_of(&s);
    made->path = copy;
    *file = made;
    return HOST_OK;
}

host_status host_file_open(const char *path, host_file **file, host_failure *failure) {
    *file = NULL;
    // Without O_NONBLOCK opening a pipe would wait for a writer.
    int descriptor = host_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (descriptor < 0) {
        // ENXIO: a socket, which cannot be opened at all. To the reader it is one more thing that is no regular file.
        return errno == ENXIO ? host_fail(failure, HOST_NOT_REGULAR) : host_fail_system(failure, errno, "open");
    }
    return host_file_adopt(descriptor, path, file, failure);
}

void host_file_close(host_file *file) {
    if (file != NULL) {
        close(file->descriptor);
        free(file->path);
        free(file);
    }
}

uint64_t host_file_size(const host_file *file) {
    return file->size;
}

host_status host_file_read(const host_file *file, uint64_t offset, uint8_t *bytes, size_t count, host_failure *failure) {
    if (offset > INT64_MAX || count > INT64_MAX - offset) {
        return host_fail_text(failure, HOST_INTERNAL, "offset", 6);
    }
    ssize_t n = host_read_fully(file->descriptor, offset, bytes, count);
    if (n < 0) {
        return host_fail_system(failure, errno, "read");
    }
    if ((size_t)n < count) {
        host_fail_numbers(failure, HOST_ENDS_EARLY, (uint64_t)n, count);
        failure->byte_offset = (int64_t)offset + n;
        return HOST_ENDS_EARLY;
    }
    return HOST_OK;
}

host_stamp host_file_stamp(const host_file *file) {
    return file->stamp;
}

host_status host_file_check(const host_file *file, host_failure *failure) {
    struct stat s;
    if (fstat(file->descriptor, &s) != 0) {
        return host_fail_system(failure, errno, "fstat");
    }
    const host_stamp now = host_stamp_of(&s), *then = &file->stamp;
    if (now.size != then->size || now.written_seconds != then->written_seconds
        || now.written_nanoseconds != then->written_nanoseconds || now.changed_seconds != then->changed_seconds
        || now.changed_nanoseconds != then->changed_nanoseconds) {
        return host_fail_numbers(failure, HOST_CHANGED, now.size, then->size);
    }
    if (file->path != NULL
        && (stat(file->path, &s) != 0 || (uint64_t)s.st_dev != then->device || (uint64_t)s.st_ino != then->inode)) {
        return host_fail_numbers(failure, HOST_CHANGED, file->size, file->size);
    }
    return HOST_OK;
}

host_status host_descriptor_read(int32_t descriptor, uint8_t *bytes, size_t count, size_t *got, host_failure *failure) {
    *got = 0;
    while (*got < count) {
        size_t piece = count - *got < HOST_CALL_LIMIT ? count - *got : HOST_CALL_LIMIT;
        ssize_t n = read(descriptor, bytes + *got, piece);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            // Whoever made the pipe set it to return at once. Wait, as a plain read would.
            struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
            poll(&waiting, 1, -1);
            continue;
        }
        if (n < 0) {
            return host_fail_system(failure, errno, "read");
        }
        if (n == 0) {
            break;
        }
        *got += (size_t)n;
    }
    return HOST_OK;
}
