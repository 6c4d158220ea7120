#include "internal.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void host_keep_freed_memory(void) {
#if defined(__GLIBC__)
    // 32 MiB is the highest mmap threshold that glibc accepts.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

bool host_memory_can_take(size_t count) {
    // The compiler may drop an allocation that nothing looks at.
    void *volatile block = malloc(count);
    bool taken = block != NULL;
    free(block);
    return taken;
}
