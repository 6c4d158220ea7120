#include "internal.h"

void mlk_confident_guess(const double *planes, size_t stride, uint32_t classes, uint32_t count, const double *from,
                         int32_t *argmax, int32_t *guess) {
    // The largest value of each pixel, and in how many classes it is confident, among the classes looked at so far.
    double maximum[MLK_TILE];
    int32_t confident[MLK_TILE];
    for (uint32_t x = 0; x < count; x++) {
        maximum[x] = planes[x];
        argmax[x] = 0;
        confident[x] = planes[x] >= from[0];
        guess[x] = confident[x] ? 0 : -1;
    }
    for (uint32_t k = 1; k < classes; k++) {
        const double *plane = planes + (size_t)k * stride;
        double least = from[k];
        for (uint32_t x = 0; x < count; x++) {
            double value = plane[x];
            bool above = value > maximum[x], is_confident = value >= least;
            maximum[x] = above ? value : maximum[x];
            argmax[x] = above ? (int32_t)k : argmax[x];
            confident[x] += is_confident;
            guess[x] = is_confident ? (int32_t)k : guess[x];
        }
    }
    for (uint32_t x = 0; x < count; x++)
        guess[x] = confident[x] > 1 ? argmax[x] : guess[x];
}
