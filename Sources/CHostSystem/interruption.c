// Removes temporary files when a signal ends the process. Their paths stand in a list that only grows, because a signal
// handler may neither allocate nor lock. A thread claims a row by an atomic exchange, and the handler reads only rows that
// are complete.
#include "internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { row_free, row_filling, row_live };

struct host_temporary {
    struct host_temporary *next;
    _Atomic int state;
    size_t capacity;
    char path[];
};

static _Atomic(host_temporary *) rows;
static _Atomic int deferrals, pending;

host_temporary *host_temporary_register(const char *path) {
    size_t size = strlen(path) + 1;
    for (host_temporary *row = atomic_load(&rows); row != NULL; row = row->next) {
        int expected = row_free;
        if (row->capacity >= size && atomic_compare_exchange_strong(&row->state, &expected, row_filling)) {
            memcpy(row->path, path, size);
            atomic_store(&row->state, row_live);
            return row;
        }
    }
    host_temporary *made = malloc(sizeof *made + size);
    if (made != NULL) {
        memcpy(made->path, path, size);
        made->capacity = size;
        made->next = atomic_load(&rows);
        atomic_init(&made->state, row_live);
        while (!atomic_compare_exchange_weak(&rows, &made->next, made)) {
        }
    }
    return made;
}

void host_temporary_forget(host_temporary *row) {
    if (row != NULL) {
        atomic_store(&row->state, row_free);
    }
}

/// Everything here may be called in a signal handler.
static void remove_temporaries(void) {
    for (host_temporary *row = atomic_load(&rows); row != NULL; row = row->next) {
        if (atomic_load(&row->state) == row_live) {
            unlink(row->path);
        }
    }
}

static void on_interruption(int number) {
    if (atomic_load(&deferrals) > 0) {
        atomic_store(&pending, number);
        // Whoever deferred it may have ended in between.
        if (atomic_load(&deferrals) > 0) {
            return;
        }
    }
    remove_temporaries();
    _exit(128 + number);
}

void host_interruption_defer(void) {
    atomic_fetch_add(&deferrals, 1);
}

void host_interruption_admit(void) {
    if (atomic_fetch_sub(&deferrals, 1) == 1 && atomic_load(&pending) != 0) {
        on_interruption(atomic_load(&pending));
    }
}

/// Signals that end a process, beside those that ask it to end.
static const struct {
    int number;
    bool is_crash;
    const char *line;
} last_signals[] = {
#define crash(name) {name, true, "masklint: error: internal fault (" #name "); temporary files are removed; please report it\n"}
#define end(name) {name, false, "masklint: error: ended by " #name "; temporary files are removed; run again\n"}
    crash(SIGILL), crash(SIGTRAP), crash(SIGABRT), crash(SIGFPE), crash(SIGSEGV), crash(SIGBUS),
    end(SIGQUIT), end(SIGXCPU), end(SIGUSR1), end(SIGUSR2), end(SIGALRM),
#undef crash
#undef end
};
enum { last_signal_count = sizeof last_signals / sizeof last_signals[0] };

static void on_last_signal(int number) {
    static atomic_bool told;
    remove_temporaries();
    for (int i = 0; i < last_signal_count; i++) {
        if (last_signals[i].number == number && !atomic_exchange(&told, true)) {
            (void)!write(STDERR_FILENO, last_signals[i].line, strlen(last_signals[i].line));
        }
    }
    // Sent again, it arrives once this handler returns, and ends the process.
    signal(number, SIG_DFL);
    raise(number);
}

/// Whether someone else wants to see crashes: a sanitizer, or Swift's backtraces where they are asked for.
static bool has_crash_reporter(void) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#endif
#endif
    return getenv("SWIFT_BACKTRACE") != NULL;
}

static void install_last_signals(void) {
    // Of the thread that installs: a stack that overflowed has no room for a handler.
    static uint8_t stack[1 << 16];
    stack_t there, own = {.ss_sp = stack, .ss_size = sizeof stack};
    if (sigaltstack(NULL, &there) == 0 && (there.ss_flags & SS_DISABLE) != 0) {
        sigaltstack(&own, NULL);
    }
    struct sigaction action = {0}, earlier;
    sigset_t installed;
    sigemptyset(&installed);
    sigfillset(&action.sa_mask);
    action.sa_handler = on_last_signal;
    action.sa_flags = SA_ONSTACK;
    bool leaves_crashes = has_crash_reporter();
    for (int i = 0; i < last_signal_count; i++) {
        int number = last_signals[i].number;
        bool is_left = leaves_crashes && last_signals[i].is_crash;
        if (!is_left && sigaction(number, NULL, &earlier) == 0 && earlier.sa_handler != SIG_IGN) {
            sigaction(number, &action, NULL);
            sigaddset(&installed, number);
        }
    }
    pthread_sigmask(SIG_UNBLOCK, &installed, NULL);
}

void host_interruption_install(void) {
    static atomic_bool installed;
    if (atomic_exchange(&installed, true)) {
        return;
    }
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {0}, earlier, ignore = {0};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaddset(&action.sa_mask, numbers[i]);
    }
    action.sa_handler = on_interruption;
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        // A signal that is ignored stays so: whoever started this process wanted that, as nohup does.
        if (sigaction(numbers[i], NULL, &earlier) == 0 && earlier.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
    // A process that was started by a worker thread of some runtimes inherits these signals blocked, and they would not
    // end it.
    pthread_sigmask(SIG_UNBLOCK, &action.sa_mask, NULL);
    sigemptyset(&ignore.sa_mask);
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, NULL);
    // A write past the file size limit then fails with EFBIG, which is reported like any other failure.
    sigaction(SIGXFSZ, &ignore, NULL);
    install_last_signals();
}
