#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { attempt_limit = 100 };

struct host_output {
    int descriptor;
    uint64_t size;
    char *target;     // NULL for a nameless file
    char *temporary;  // NULL once it is renamed or when nameless
    char *kept;       // once it is renamed: the file that was at the target before, under another name
    bool copied;      // the target is a pipe or a device
    bool replaced;    // it is at its target
    bool is_new;      // there was no file at the target before
    host_temporary *row, *kept_row;
};

/// Makes a name beside `near` with `make`, which gives 0 or an errno, and registers it; other names are tried while there
/// is a file of that name.
static int make_beside(const char *near, int (*make)(host_output *output, const char *name), host_output *output,
                       char **name, host_temporary **row) {
    int code = EEXIST;
    for (int i = 0; i < attempt_limit && code == EEXIST; i++) {
        *name = host_temporary_name(near);
        if (*name == NULL) {
            return ENOMEM;
        }
        // The path is registered before the file exists, so that an interruption never leaves the file behind.
        *row = host_temporary_register(*name);
        code = make(output, *name);
        if (code != 0) {
            host_temporary_forget(*row);
            free(*name);
            *name = NULL;
            *row = NULL;
        }
    }
    return code;
}

static int open_new(host_output *output, const char *name) {
    // open, unlike mkstemp, makes a file with the mode of ordinary files, less the umask.
    output->descriptor = host_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return output->descriptor < 0 ? errno : 0;
}

static host_status open_temporary(host_output *output, const char *near, host_failure *failure) {
    int code = make_beside(near, open_new, output, &output->temporary, &output->row);
    return code == 0 ? HOST_OK : host_fail_system(failure, code, "create");
}

static host_status make(host_output **output, host_failure *failure) {
    *output = calloc(1, sizeof **output);
    if (*output == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof **output);
    }
    (*output)->descriptor = -1;
    return HOST_OK;
}

host_status host_output_create_nameless(const char *folder, host_output **output, host_failure *failure) {
    host_output *made;
    *output = NULL;
    host_status status = make(&made, failure);
    if (status != HOST_OK) {
        return status;
    }
    static const char name[] = "/spool";
    size_t size = strlen(folder);
    char *near = malloc(size + sizeof name);
    if (near == NULL) {
        host_output_close(made);
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, size);
    }
    memcpy(near, folder, size);
    memcpy(near + size, name, sizeof name);
    status = open_temporary(made, near, failure);
    free(near);
    if (status != HOST_OK) {
        host_output_close(made);
        return status;
    }
    unlink(made->temporary);
    host_temporary_forget(made->row);
    made->row = NULL;
    free(made->temporary);
    made->temporary = NULL;
    *output = made;
    return HOST_OK;
}

host_status host_output_create(const char *path, const char *temporary_folder, host_output **output,
                               host_failure *failure) {
    struct stat s;
    *output = NULL;
    size_t size = strlen(path);
    bool exists = stat(path, &s) == 0;
    if ((exists && S_ISDIR(s.st_mode)) || size == 0 || path[size - 1] == '/') {
        return host_fail_system(failure, size == 0 ? ENOENT : EISDIR, "create");
    }
    // Renaming over a device or a pipe would put a file in its place.
    if (exists && !S_ISREG(s.st_mode)) {
        host_status status = host_output_create_nameless(temporary_folder, output, failure);
        if (status == HOST_OK) {
            (*output)->copied = true;
            (*output)->target = strdup(path);
            if ((*output)->target == NULL) {
                host_output_close(*output);
                *output = NULL;
                return host_fail_numbers(failure, HOST_NO_MEMORY, 0, size);
            }
        }
        return status;
    }
    host_output *made;
    host_status status = make(&made, failure);
    if (status != HOST_OK) {
        return status;
    }
    // Links are followed, so that the file that a link leads to is replaced and not the link.
    made->target = exists ? realpath(path, NULL) : NULL;
    if (made->target == NULL) {
        made->target = strdup(path);
    }
    if (made->target != NULL) {
        host_temporary_sweep(made->target);
    }
    status = made->target == NULL ? host_fail_numbers(failure, HOST_NO_MEMORY, 0, size)
                                  : open_temporary(made, made->target, failure);
    // A file that may not be written to must not be replaced either, although its folder would allow it.
    if (status == HOST_OK && exists && access(path, W_OK) != 0) {
        status = host_fail_system(failure, errno, "create");
    }
    if (status == HOST_OK && exists) {
        // Some file systems have no modes. The file is good without one.
        (void)!fchmod(made->descriptor, s.st_mode & 07777);
    }
    if (status != HOST_OK) {
        host_output_close(made);
        return status;
    }
    *output = made;
    return HOST_OK;
}

host_status host_output_write(host_output *output, const uint8_t *bytes, size_t count, host_failure *failure) {
    host_status status = host_output_write_at(output, output->size, bytes, count, failure);
    if (status == HOST_OK) {
        output->size += count;
    }
    return status;
}

host_status host_output_write_at(host_output *output, uint64_t offset, const uint8_t *bytes, size_t count,
                                 host_failure *failure) {
    size_t done = 0;
    while (done < count) {
        size_t piece = count - done < HOST_CALL_LIMIT ? count - done : HOST_CALL_LIMIT;
        ssize_t n = pwrite(output->descriptor, bytes + done, piece, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return host_fail_system(failure, n < 0 ? errno : EIO, "write");
        }
        done += (size_t)n;
    }
    return HOST_OK;
}

host_status host_output_read_at(const host_output *output, uint64_t offset, uint8_t *bytes, size_t count,
                                host_failure *failure) {
    ssize_t n = host_read_fully(output->descriptor, offset, bytes, count);
    if (n < 0) {
        return host_fail_system(failure, errno, "read");
    }
    return (size_t)n == count ? HOST_OK : host_fail_numbers(failure, HOST_ENDS_EARLY, (uint64_t)n, count);
}

bool host_output_is_copied(const host_output *output) {
    return output->copied;
}

uint64_t host_output_size(const host_output *output) {
    return output->size;
}

/// Writes all bytes to a pipe, a device or a file; 0, or the errno of what failed.
static int write_fully(int descriptor, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = write(descriptor, bytes, count < HOST_CALL_LIMIT ? count : HOST_CALL_LIMIT);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
            poll(&waiting, 1, -1);
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        bytes += n;
        count -= (size_t)n;
    }
    return 0;
}

host_status host_output_copy(host_output *output, int32_t descriptor, host_failure *failure) {
    enum { piece_size = 1 << 18 };
    uint8_t *piece = malloc(piece_size);
    if (piece == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, piece_size);
    }
    host_status status = HOST_OK;
    for (uint64_t at = 0; at < output->size && status == HOST_OK;) {
        size_t n = output->size - at < piece_size ? (size_t)(output->size - at) : piece_size;
        status = host_output_read_at(output, at, piece, n, failure);
        if (status == HOST_OK) {
            int code = write_fully(descriptor, piece, n);
            status = code == 0 ? HOST_OK : host_fail_system(failure, code, "write");
        }
        at += n;
    }
    free(piece);
    return status;
}

host_status host_output_reopen(const host_output *output, host_file **file, host_failure *failure) {
    *file = NULL;
    int descriptor = fcntl(output->descriptor, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0 && errno == EMFILE) {
        host_raise_open_file_limit();
        descriptor = fcntl(output->descriptor, F_DUPFD_CLOEXEC, 0);
    }
    if (descriptor < 0) {
        return host_fail_system(failure, errno, "dup");
    }
    return host_file_adopt(descriptor, NULL, file, failure);
}

/// fsync, where the file system has such a thing.
static int sync_descriptor(int descriptor) {
    if (fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) {
        return 0;
    }
    return errno;
}

host_status host_output_finish(host_output *output, bool sync, host_failure *failure) {
    if (output->target == NULL || output->copied || output->descriptor < 0) {
        return HOST_OK;
    }
    int code = sync ? sync_descriptor(output->descriptor) : 0;
    int descriptor = output->descriptor;
    output->descriptor = -1;
    // Network file systems report a full disk only when the file is closed.
    if (close(descriptor) != 0 && code == 0) {
        code = errno;
    }
    return code == 0 ? HOST_OK : host_fail_system(failure, code, "write");
}

static int keep_target(host_output *output, const char *name) {
    return link(output->target, name) == 0 ? 0 : errno;
}

static host_status copy_to_target(host_output *output, host_failure *failure) {
    int descriptor = host_open(output->target, O_WRONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (descriptor < 0) {
        return host_fail_system(failure, errno, "open");
    }
    host_status status = host_output_copy(output, descriptor, failure);
    if (close(descriptor) != 0 && status == HOST_OK) {
        status = host_fail_system(failure, errno, "close");
    }
    return status;
}

host_status host_output_replace(host_output *output, host_failure *failure) {
    if (output->target == NULL) {
        return host_fail_text(failure, HOST_INTERNAL, "commit of a nameless file", 25);
    }
    if (output->copied) {
        return copy_to_target(output, failure);
    }
    // Where the file system has no links nothing can be kept.
    output->is_new = make_beside(output->target, keep_target, output, &output->kept, &output->kept_row) == ENOENT;
    if (rename(output->temporary, output->target) != 0) {
        return host_fail_system(failure, errno, "rename");
    }
    output->replaced = true;
    host_temporary_forget(output->row);
    output->row = NULL;
    free(output->temporary);
    output->temporary = NULL;
    return HOST_OK;
}

void host_output_restore(host_output *output) {
    if (!output->replaced) {
        return;
    }
    output->replaced = false;
    if (output->is_new) {
        unlink(output->target);
    } else if (output->kept != NULL && rename(output->kept, output->target) == 0) {
        host_temporary_forget(output->kept_row);
        free(output->kept);
        output->kept = NULL;
        output->kept_row = NULL;
    }
}

host_status host_output_sync_folder(const host_output *output, host_failure *failure) {
    char *folder = output->target == NULL || output->copied ? NULL : host_folder_of(output->target);
    if (folder == NULL) {
        return HOST_OK;
    }
    int descriptor = host_open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY, 0);
    // A folder that may be written to need not be readable.
    int code = descriptor < 0 ? 0 : sync_descriptor(descriptor);
    if (descriptor >= 0) {
        close(descriptor);
    }
    free(folder);
    return code == 0 ? HOST_OK : host_fail_system(failure, code, "write");
}

static void drop(char **name, host_temporary **row) {
    if (*name != NULL) {
        unlink(*name);
        host_temporary_forget(*row);
    }
    free(*name);
    *name = NULL;
    *row = NULL;
}

void host_output_settle(host_output *output) {
    drop(&output->kept, &output->kept_row);
}

void host_output_close(host_output *output) {
    if (output != NULL) {
        if (output->descriptor >= 0) {
            close(output->descriptor);
        }
        drop(&output->temporary, &output->row);
        drop(&output->kept, &output->kept_row);
        free(output->target);
        free(output);
    }
}
