// Pixels by the ratio of the predicted class to the others, by AVX2.
#include "../internal.h"

#if defined(__x86_64__)

#include "avx2.h"

#define ONLY AVX2
#define LINKAGE
#define HALF _cvtsh_ss
#define FN(name) name##_avx2
#include "../ratios_template.h"

#endif
