// Template: softmax over the classes of a tile. The loops are plain C that compilers turn into vector code; the including file
// says for which instructions.
//
// Include this header once for each kind of processor. Before that, define these macros:
//
//   ONLY        attribute of every function here: the instructions that the processor must have
//   LINKAGE     static where the including file alone calls FN(mlk_softmax), else empty
//   FN(name)    the name of this kind's own variant of a function, such as name##_avx2
//
// It defines FN(mlk_softmax). All kinds do the same operations in the same order, each rounded by itself, so that they give
// the same bits.

// A product and a sum that are rounded together would give other bits than apart.
#pragma STDC FP_CONTRACT OFF

/// exp for x <= 0, in a form that compilers turn into vector code: x = n ln 2 + r with |r| <= ln 2 / 2, then the Taylor
/// series of exp(r) to r^13 / 13! (the next term is below 5e-18), then 2^n by the exponent bits. The result is 0 below -708,
/// where exp leaves the normal doubles. NaN stays NaN.
ONLY static inline double FN(exp_of_negative)(double x) {
    const double log2_of_e = 1.4426950408889634, ln2_high = 6.93147180369123816490e-01,
                 ln2_low = 1.90821492927058770002e-10;
    // Adding 1.5 * 2^52 and subtracting it again rounds to the nearest integer.
    const double rounder = 6755399441055744.0;
    double clamped = x < -708.0 ? -708.0 : x;
    double shifted = clamped * log2_of_e + rounder;
    double n = shifted - rounder;
    double r = (clamped - n * ln2_high) - n * ln2_low;
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    uint64_t power = (bits + 1023) << 52;
    double scale;
    memcpy(&scale, &power, sizeof scale);
    double value = p * scale;
    return x < -708.0 ? 0.0 : value;
}

LINKAGE ONLY void FN(mlk_softmax)(double *planes, size_t stride, uint32_t classes, uint32_t count) {
    double maximum[MLK_TILE], sum[MLK_TILE];
    for (uint32_t x = 0; x < count; x++) {
        maximum[x] = planes[x];
        sum[x] = 0;
    }
    for (uint32_t class = 1; class < classes; class++) {
        const double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            maximum[x] = row[x] > maximum[x] ? row[x] : maximum[x];
    }
    for (uint32_t class = 0; class < classes; class++) {
        double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++) {
            row[x] = FN(exp_of_negative)(row[x] - maximum[x]);
            sum[x] += row[x];
        }
    }
    for (uint32_t class = 0; class < classes; class++) {
        double *row = planes + class * stride;
        for (uint32_t x = 0; x < count; x++)
            row[x] /= sum[x];
    }
}
