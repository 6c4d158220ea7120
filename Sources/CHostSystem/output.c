#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// A kept name of 200 bytes leaves room for the dot and ".masklint-XXXXXX" in a name of 255 bytes.
enum { kept_name_limit = 200, attempt_limit = 100 };

struct host_output {
    int descriptor;
    uint64_t size;
    char *target;     // NULL for a nameless file
    char *temporary;  // NULL once it is renamed or when nameless
    bool copied;      // the target is a pipe or a device
    int slot;
};

/// Puts six letters that differ from call to call and from process to process. O_EXCL catches the rare case in which
/// they do not.
static void put_letters(char *out) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static _Atomic uint64_t calls;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t x = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30 ^ (uint64_t)getpid() << 40;
    x += ++calls * 0x9E3779B97F4A7C15u;
    // The last step of splitmix64 spreads the few bits that differ over all letters.
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    for (int i = 0; i < 6; i++) {
        out[i] = letters[x % 36];
        x /= 36;
    }
}

/// FOLDER/.NAME.masklint-XXXXXX, with `tail` pointing at the six letters; NULL where there is no memory.
static char *temporary_name(const char *target, char **tail) {
    const char *slash = strrchr(target, '/');
    const char *name = slash == NULL ? target : slash + 1;
    size_t folder = (size_t)(name - target), kept = strlen(name);
    if (kept > kept_name_limit) {
        // The name is cut between UTF-8 characters, because some file systems refuse part of one.
        kept = kept_name_limit;
        while (kept > 0 && ((uint8_t)name[kept] & 0xC0) == 0x80) {
            kept--;
        }
    }
    static const char mark[] = ".masklint-XXXXXX";
    char *made = malloc(folder + 1 + kept + sizeof mark);
    if (made != NULL) {
        memcpy(made, target, folder);
        made[folder] = '.';
        memcpy(made + folder + 1, name, kept);
        memcpy(made + folder + 1 + kept, mark, sizeof mark);
        *tail = made + folder + 1 + kept + sizeof mark - 1 - 6;
    }
    return made;
}

static host_status open_temporary(host_output *output, const char *near, host_failure *failure) {
    char *letters;
    output->temporary = temporary_name(near, &letters);
    if (output->temporary == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, strlen(near));
    }
    int code = EEXIST;
    for (int i = 0; i < attempt_limit && code == EEXIST; i++) {
        put_letters(letters);
        // The path is registered before the file exists, so that an interruption never leaves the file behind.
        output->slot = host_temporary_register(output->temporary);
        // open, unlike mkstemp, makes a file with the mode of ordinary files, less the umask.
        output->descriptor = host_open(output->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->descriptor >= 0) {
            return HOST_OK;
        }
        code = errno;
        host_temporary_forget(output->slot);
        output->slot = -1;
    }
    free(output->temporary);
    output->temporary = NULL;
    return host_fail_system(failure, code, "create");
}

static host_status make(host_output **output, host_failure *failure) {
    *output = calloc(1, sizeof **output);
    if (*output == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof **output);
    }
    (*output)->descriptor = -1;
    (*output)->slot = -1;
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
    host_temporary_forget(made->slot);
    made->slot = -1;
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

host_status host_output_commit(host_output *output, host_failure *failure) {
    if (output->target == NULL) {
        return host_fail_text(failure, HOST_INTERNAL, "commit of a nameless file", 25);
    }
    if (output->copied) {
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
    // Network file systems report a full disk only when the file is closed.
    int descriptor = output->descriptor;
    output->descriptor = -1;
    if (close(descriptor) != 0) {
        return host_fail_system(failure, errno, "close");
    }
    if (rename(output->temporary, output->target) != 0) {
        return host_fail_system(failure, errno, "rename");
    }
    host_temporary_forget(output->slot);
    output->slot = -1;
    free(output->temporary);
    output->temporary = NULL;
    return HOST_OK;
}

void host_output_close(host_output *output) {
    if (output != NULL) {
        if (output->descriptor >= 0) {
            close(output->descriptor);
        }
        if (output->temporary != NULL) {
            unlink(output->temporary);
            host_temporary_forget(output->slot);
        }
        free(output->temporary);
        free(output->target);
        free(output);
    }
}
