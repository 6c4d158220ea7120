// Scores to probabilities, by AVX2.
#include "../internal.h"

#if defined(__x86_64__)

#define ONLY __attribute__((target("avx2")))
#define LINKAGE
#define FN(name) name##_avx2
#include "../softmax_template.h"

#endif
