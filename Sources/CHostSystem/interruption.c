// Removes temporary files when a signal ends the process. Their paths stand in a fixed table, because a signal handler
// may neither allocate nor lock. A thread claims a row by an atomic exchange, and the handler reads only rows that are
// complete.
#include "internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { row_count = 64, path_limit = 4096 };
enum { row_free, row_filling, row_live };

static struct {
    _Atomic int state;
    char path[path_limit];
} rows[row_count];

int host_temporary_register(const char *path) {
    size_t size = strlen(path) + 1;
    if (size > path_limit) {
        return -1;
    }
    for (int i = 0; i < row_count; i++) {
        int expected = row_free;
        if (atomic_compare_exchange_strong(&rows[i].state, &expected, row_filling)) {
            memcpy(rows[i].path, path, size);
            atomic_store(&rows[i].state, row_live);
            return i;
        }
    }
    return -1;
}

void host_temporary_forget(int slot) {
    if (slot >= 0 && slot < row_count) {
        atomic_store(&rows[slot].state, row_free);
    }
}

static void on_interruption(int number) {
    for (int i = 0; i < row_count; i++) {
        if (atomic_load(&rows[i].state) == row_live) {
            unlink(rows[i].path);
        }
    }
    _exit(128 + number);
}

void host_interruption_install(void) {
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
}
