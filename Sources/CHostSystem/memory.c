#include "internal.h"

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
