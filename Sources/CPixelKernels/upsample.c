/* Bilinear enlargement of rows, in double. */
#include "internal.h"

#include <string.h>

/* Products and sums are rounded one by one on every processor, so that masks do not depend on it. */
#pragma STDC FP_CONTRACT OFF

void mlk_enlarge_row(
    const double *row, const ptrdiff_t *low, const ptrdiff_t *high, const double *shares, size_t count, double *out) {
    for (size_t at = 0; at < count; at += 1) {
        const double share = shares[at];
        const double value = row[low[at]];
        /* Times nothing an infinite neighbour would be NaN. */
        out[at] = share == 0 ? value : value * (1 - share) + row[high[at]] * share;
    }
}

void mlk_join_rows(const double *above, const double *below, double share, size_t count, double *out) {
    if (share == 0) {
        memcpy(out, above, count * sizeof(double));
        return;
    }
    const double rest = 1 - share;
    for (size_t at = 0; at < count; at += 1) out[at] = above[at] * rest + below[at] * share;
}
