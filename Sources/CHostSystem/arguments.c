// The command line, kept before `main`. Swift's own list comes from /proc/self/cmdline on Linux, and is empty where that
// cannot be read: without /proc, or where no further file may be opened.
#include "internal.h"

#include <stdlib.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <crt_externs.h>

int32_t host_argument_count(void) {
    return *_NSGetArgc();
}

const char *host_argument(int32_t index) {
    return (*_NSGetArgv())[index];
}

#elif defined(__GLIBC__)

static int argument_count = -1;
static char **arguments;

// glibc hands constructors what `main` gets. This one runs before those of the Swift runtime where all is in one file:
// they look for the folder of the runtime beside /proc/self/exe, and end the process where that is not there and
// SWIFT_ROOT does not name a folder instead. A static program needs nothing from there.
__attribute__((constructor(101))) static void keep_arguments(int count, char **values, char **environment) {
    char path[2];
    (void)environment;
    argument_count = count;
    arguments = values;
    if (readlink("/proc/self/exe", path, sizeof path) < 0) {
        setenv("SWIFT_ROOT", "/", 0);
    }
}

int32_t host_argument_count(void) {
    return argument_count;
}

const char *host_argument(int32_t index) {
    return arguments[index];
}

#else

int32_t host_argument_count(void) {
    return -1;
}

const char *host_argument(int32_t index) {
    (void)index;
    return "";
}

#endif
