#include <stdint.h>
static inline int mlk_x(void) { return 1; }
