#include <stdint.h>
static inline int npio_version(void) { return 1; }
