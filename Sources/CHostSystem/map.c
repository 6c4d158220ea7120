#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if !defined(MAP_ANONYMOUS)
#define MAP_ANONYMOUS MAP_ANON
#endif

// A live map as the signal handler sees it. `sequence` is odd while the slot changes hands, and the handler skips such
// a slot. That is right, because the map that a thread is reading from does not change hands meanwhile. Slots are never
// freed, so the handler may walk them at any time.
typedef struct slot {
    _Atomic uint64_t sequence;
    _Atomic uintptr_t start, end;  // 0, 0 while unused
    _Atomic bool faulted;
    struct slot *_Atomic next;
} slot;

struct host_map {
    uint8_t *bytes;
    size_t size;
    slot *slot;
    _Atomic int reader;  // a descriptor for `host_map_fetch`, plus one; 0 while there is none
};

static slot *_Atomic slots;
static uintptr_t page_size;
static struct sigaction earlier_action;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void pass_on(int number, siginfo_t *info, void *context) {
    if ((earlier_action.sa_flags & SA_SIGINFO) != 0) {
        earlier_action.sa_sigaction(number, info, context);
    } else if (earlier_action.sa_handler != SIG_DFL && earlier_action.sa_handler != SIG_IGN) {
        earlier_action.sa_handler(number);
    } else {
        // The access is repeated when the handler returns, and then ends the process as it would have without a
        // handler.
        signal(number, SIG_DFL);
    }
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
    int code = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    for (slot *s = atomic_load(&slots); s != NULL; s = atomic_load(&s->next)) {
        uint64_t before = atomic_load(&s->sequence);
        uintptr_t start = atomic_load(&s->start), end = atomic_load(&s->end);
        if (before % 2 != 0 || before != atomic_load(&s->sequence) || address < start || address >= end) {
            continue;
        }
        // The end of the file has moved to this page or before it, so all pages from here on are gone. They are
        // replaced at once, since otherwise each page of a large file would come here.
        uintptr_t page = address & ~(page_size - 1);
        void *made = mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (made == MAP_FAILED) {
            break;
        }
        atomic_store(&s->faulted, true);
        errno = code;
        return;
    }
    pass_on(number, info, context);
    errno = code;
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {0};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &earlier_action);
}

static slot *claim(uintptr_t start, uintptr_t end) {
    for (slot *s = atomic_load(&slots); s != NULL; s = atomic_load(&s->next)) {
        uint64_t sequence = atomic_load(&s->sequence);
        if (sequence % 2 == 0 && atomic_load(&s->start) == 0
            && atomic_compare_exchange_strong(&s->sequence, &sequence, sequence + 1)) {
            atomic_store(&s->faulted, false);
            atomic_store(&s->start, start);
            atomic_store(&s->end, end);
            atomic_store(&s->sequence, sequence + 2);
            return s;
        }
    }
    slot *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    atomic_store(&made->start, start);
    atomic_store(&made->end, end);
    slot *first = atomic_load(&slots);
    do {
        atomic_store(&made->next, first);
    } while (!atomic_compare_exchange_weak(&slots, &first, made));
    return made;
}

static void give_back(slot *s) {
    uint64_t sequence = atomic_load(&s->sequence);
    atomic_store(&s->sequence, sequence + 1);
    atomic_store(&s->start, 0);
    atomic_store(&s->end, 0);
    atomic_store(&s->sequence, sequence + 2);
}

host_status host_map_open(const host_file *file, host_map **map, host_failure *failure) {
    *map = NULL;
    pthread_once(&installed, install);
    if (file->size > SIZE_MAX / 2) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, file->size);
    }
    host_map *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof *made);
    }
    made->size = (size_t)file->size;
    if (made->size > 0) {
        void *bytes = mmap(NULL, made->size, PROT_READ, MAP_SHARED, file->descriptor, 0);
        if (bytes == MAP_FAILED) {
            int code = errno;
            free(made);
            return host_fail_system(failure, code, "mmap");
        }
        made->bytes = bytes;
        // A slot reaches to the end of the last page, because a fault replaces whole pages.
        uintptr_t end = ((uintptr_t)bytes + made->size + page_size - 1) & ~(page_size - 1);
        made->slot = claim((uintptr_t)bytes, end);
        if (made->slot == NULL) {
            munmap(bytes, made->size);
            free(made);
            return host_fail_numbers(failure, HOST_NO_MEMORY, 0, sizeof(slot));
        }
    }
    *map = made;
    return HOST_OK;
}

void host_map_close(host_map *map) {
    if (map != NULL) {
        if (atomic_load(&map->reader) > 0) {
            close(atomic_load(&map->reader) - 1);
        }
        if (map->slot != NULL) {
            // The slot is given back before unmapping: afterwards the addresses may be those of another map.
            give_back(map->slot);
            munmap(map->bytes, map->size);
        }
        free(map);
    }
}

const uint8_t *host_map_bytes(const host_map *map) {
    return map->bytes;
}

size_t host_map_size(const host_map *map) {
    return map->size;
}

bool host_map_faulted(const host_map *map) {
    return map->slot != NULL && atomic_load(&map->slot->faulted);
}

/// The size of most huge pages, on processors that have them.
#define HUGE_PAGE (UINT32_C(2) << 20)

/// How many pages of a range are looked at to tell whether it is in memory.
#define SAMPLES 8

/// Whether all sampled pages are in memory. On Linux a page counts as in memory where the system does not say;
/// elsewhere no page does.
static bool is_resident(uint8_t *start, size_t count) {
#if defined(__linux__)
    size_t page = (size_t)page_size, pages = (count + page - 1) / page;
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        unsigned char state = 1;
        if (mincore(start + pages * sample / SAMPLES * page, page, &state) == 0 && (state & 1) == 0) {
            return false;
        }
    }
    return true;
#else
    (void)start;
    (void)count;
    return false;
#endif
}

/// Finds the whole pages of a range that is still to be read from the disk; false where it is in memory.
static bool find_absent(const host_map *map, size_t offset, size_t count, size_t *start, size_t *end) {
    if (offset >= map->size || count == 0) {
        return false;
    }
    *end = count > map->size - offset ? map->size : offset + count;
    *start = offset & ~(size_t)(page_size - 1);
    return !is_resident(map->bytes + *start, *end - *start);
}

void host_map_will_need(const host_map *map, size_t offset, size_t count) {
    int code = errno;
    size_t start, end;
    // The kernel looks at every page when it gets advice, so it gets advice only where that may help.
    if (find_absent(map, offset, count, &start, &end)) {
        madvise(map->bytes + start, end - start, MADV_WILLNEED);
    }
    errno = code;
}

#if defined(__linux__)
/// A descriptor of the mapped file for reading alone. The kernel follows consecutive reads of each open description,
/// and loses track where other threads touch the map through the same one (measured: reads take twice as long), so the
/// file is opened once more. Where that fails this is the file's own descriptor.
static int reader_of(host_map *map, const host_file *file) {
    int known = atomic_load(&map->reader);
    if (known == 0) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", file->descriptor);
        int opened = host_open(path, O_RDONLY | O_CLOEXEC, 0);
        if (opened < 0) {
            return file->descriptor;
        }
        if (!atomic_compare_exchange_strong(&map->reader, &known, opened + 1)) {
            close(opened);
        } else {
            known = opened + 1;
        }
    }
    return known - 1;
}
#endif

void host_map_fetch(host_map *map, const host_file *file, size_t offset, size_t count) {
#if defined(__linux__)
    enum { piece_size = 1 << 20 };
    int code = errno;
    size_t start, end;
    uint8_t *piece = NULL;
    if (find_absent(map, offset, count, &start, &end) && (piece = malloc(piece_size)) != NULL) {
        int reader = reader_of(map, file);
        while (start < end) {
            size_t wanted = end - start < piece_size ? end - start : piece_size;
            ssize_t n = pread(reader, piece, wanted, (off_t)start);
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n <= 0) {
                break; // Whoever uses the bytes meets the fault.
            }
            start += (size_t)n;
        }
    }
    free(piece);
    errno = code;
#else
    (void)file;
    host_map_will_need(map, offset, count);
#endif
}

void host_map_release(const host_map *map, size_t offset, size_t count) {
    if (offset >= map->size || count == 0) {
        return;
    }
    size_t end = count >= map->size - offset ? map->size : offset + count;
    size_t mask = (size_t)(page_size - 1);
    // The page that the range starts in goes too. The user of its other part comes before it and is mostly done;
    // otherwise the page is read again. If such pages were kept, they would add up over the file.
    size_t first = offset & ~mask;
    // The last page of the file counts as whole, however little of it the file fills.
    size_t last = end == map->size ? (end + mask) & ~mask : end & ~mask;
    if (last - first >= 2 * HUGE_PAGE) {
        // Large ranges are cut at the borders of huge pages, since a system that maps files in such pages would
        // otherwise have to split one. What is kept of the last huge page goes with the range that follows.
        first &= ~(size_t)(HUGE_PAGE - 1);
        last = end == map->size ? last : last & ~(size_t)(HUGE_PAGE - 1);
    }
    if (first < last) {
        int code = errno;
        madvise(map->bytes + first, last - first, MADV_DONTNEED);
        errno = code;
    }
}
