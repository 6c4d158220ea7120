// Temporary files beside outputs: what they are called, and what becomes of those whose process died.
#include "internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// A name is .NAME.masklint-HOST-PROCESS-LETTERS: eight hexadecimal digits, a number, six letters.
static const char mark[] = ".masklint-";
enum {
    host_digits = 8,
    letter_count = 6,
    // Leaves room for all else in a name of 255 bytes.
    kept_name_limit = 200,
    tail_limit = sizeof mark + host_digits + 1 + 20 + 1 + letter_count,
    // Folders that are remembered as swept; a run that writes into more sweeps those again.
    swept_limit = 64,
};

static uint32_t fnv(uint32_t hash, const char *text) {
    for (; *text != 0; text++) {
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    }
    return hash;
}

/// A number for where process numbers are of this system: its name, and the namespace on Linux. Several machines, or
/// containers, may write to one folder.
static uint32_t host_number(void) {
    char text[256] = {0};
    gethostname(text, sizeof text - 1);
    uint32_t hash = fnv(2166136261u, text);
    memset(text, 0, sizeof text);
    if (readlink("/proc/self/ns/pid", text, sizeof text - 1) > 0) {
        hash = fnv(hash, text);
    }
    return hash;
}

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
    for (int i = 0; i < letter_count; i++) {
        out[i] = letters[x % 36];
        x /= 36;
    }
    out[letter_count] = 0;
}

char *host_temporary_name(const char *target) {
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
    size_t size = folder + 1 + kept + tail_limit;
    char letters[letter_count + 1], *made = malloc(size);
    if (made != NULL) {
        put_letters(letters);
        memcpy(made, target, folder);
        made[folder] = '.';
        memcpy(made + folder + 1, name, kept);
        snprintf(made + folder + 1 + kept, size - folder - 1 - kept, "%s%08x-%ld-%s", mark, (unsigned)host_number(),
                 (long)getpid(), letters);
    }
    return made;
}

/// The process of this system that a name is of; 0 for any other name.
static pid_t owner(const char *name) {
    const char *tail = NULL;
    if (name[0] != '.') {
        return 0;
    }
    for (const char *at = strstr(name, mark); at != NULL; at = strstr(at + 1, mark)) {
        tail = at;
    }
    if (tail == NULL) {
        return 0;
    }
    char host[host_digits + 2];
    snprintf(host, sizeof host, "%08x-", (unsigned)host_number());
    tail += sizeof mark - 1;
    if (strncmp(tail, host, host_digits + 1) != 0) {
        return 0;
    }
    tail += host_digits + 1;
    long process = 0;
    for (; isdigit((unsigned char)*tail) && process < (1L << 30); tail++) {
        process = process * 10 + (*tail - '0');
    }
    return *tail == '-' && strlen(tail + 1) == letter_count ? (pid_t)process : 0;
}

static void sweep(const char *path) {
    int descriptor = host_open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY, 0);
    DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (folder == NULL) {
        if (descriptor >= 0) {
            close(descriptor);
        }
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        pid_t process = owner(entry->d_name);
        struct stat s;
        if (process > 0 && process != getpid() && kill(process, 0) != 0 && errno == ESRCH
            && fstatat(descriptor, entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode)
            && s.st_uid == geteuid()) {
            unlinkat(descriptor, entry->d_name, 0);
        }
    }
    closedir(folder);
}

void host_temporary_sweep(const char *target) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        dev_t device;
        ino_t inode;
    } swept[swept_limit];
    static size_t count;
    char *folder = host_folder_of(target);
    struct stat s;
    if (folder == NULL || stat(folder, &s) != 0) {
        free(folder);
        return;
    }
    pthread_mutex_lock(&lock);
    bool known = false;
    for (size_t i = 0; i < count && i < swept_limit; i++) {
        known = known || (swept[i].device == s.st_dev && swept[i].inode == s.st_ino);
    }
    if (!known) {
        swept[count % swept_limit].device = s.st_dev;
        swept[count % swept_limit].inode = s.st_ino;
        count++;
    }
    pthread_mutex_unlock(&lock);
    if (!known) {
        sweep(folder);
    }
    free(folder);
}
