// The walk over a tile's planes, the same for every type and path. It is included once for each kind of vector, with
// FN(name) the kind's own functions and types, which stand before it:
//
//   ONLY                    the attribute of what the processor must have
//   STEP                    pixels a vector
//   FN(real)                float or double
//   FN(vector), FN(classes) lanes of them, and of labels
//   FN(used)                which lanes lie before the end: as many pixels as FN(whole) says are looked at by vectors
//   FN(lanes)               running maximum, class and sum of a vector's pixels
//   FN(join)(low, high)     of pixels through some classes, and through later ones: a tie stays with the lower class
//   FN(one)                 of one class; keeps the given class's value in `own`, and every sign bit in `signs`
//   FN(is_odd)              whether a vector's sums and maxima leave the bounds

typedef FN(vector) (*FN(loader))(const void *at, size_t index, FN(used) used);

/// A vector of pixels at x through `n` (1 or mlk_step) classes from `class` on.
static inline ONLY __attribute__((always_inline)) FN(lanes)
    FN(group)(const void *planes, size_t stride, uint32_t class, uint32_t n, uint32_t x, FN(used) used,
              FN(loader) load, FN(classes) label, FN(vector) *own, FN(vector) *signs) {
    FN(lanes) a = FN(one)(load(planes, class * stride + x, used), class, label, own, signs);
    if (n == 1)
        return a;
    FN(lanes) b = FN(one)(load(planes, (class + 1) * stride + x, used), class + 1, label, own, signs);
    FN(lanes) c = FN(one)(load(planes, (class + 2) * stride + x, used), class + 2, label, own, signs);
    FN(lanes) d = FN(one)(load(planes, (class + 3) * stride + x, used), class + 3, label, own, signs);
    return FN(join)(FN(join)(a, b), FN(join)(c, d));
}

/// Four planes at a time share one read and write of the state. Returns whether a value or a pixel is odd, among those
/// that vectors look at.
static inline ONLY __attribute__((always_inline)) bool FN(walk)(const mlk_tile *tile, const int32_t *labels,
                                                                mlk_bounds bounds, FN(real) *maximum, int32_t *argmax,
                                                                FN(real) *given, size_t element_bytes,
                                                                FN(loader) load) {
    const void *planes = tile->planes;
    size_t stride = tile->stride;
    uint32_t classes = tile->classes, count = FN(whole)(tile->count);
    FN(real) sums[MLK_TILE];
    FN(vector) signs = FN(zero)();
    uint32_t fetched = mlk_fetched_before(tile);
    for (uint32_t class = 0; class < classes;) {
        uint32_t n = mlk_step_of(classes - class);
        uintptr_t ahead[mlk_most_ahead];
        uint32_t ahead_count = mlk_fetch_next(tile, class + n, &fetched, ahead);
        for (uint32_t x = 0; x < count; x += STEP) {
            mlk_fetch(ahead, ahead_count, x, element_bytes);
            FN(used) used = FN(used_at)(x, count);
            FN(classes) label = FN(load_labels)(labels, x, used);
            FN(vector) own = class > 0 ? FN(load_real)(given + x) : FN(zero)();
            FN(lanes) best = n == mlk_step ? FN(group)(planes, stride, class, mlk_step, x, used, load, label, &own, &signs)
                                           : FN(group)(planes, stride, class, 1, x, used, load, label, &own, &signs);
            if (class > 0) {
                FN(lanes) before = {FN(load_real)(maximum + x), FN(load_argmax)(argmax + x), FN(load_real)(sums + x)};
                best = FN(join)(before, best);
            }
            FN(store_real)(maximum + x, best.maximum);
            FN(store_argmax)(argmax + x, best.argmax);
            FN(store_real)(sums + x, best.sum);
            FN(store_real)(given + x, own);
        }
        class += n;
    }
    bool odd = FN(any_sign)(signs);
    for (uint32_t x = 0; x < count; x += STEP)
        odd |= FN(is_odd)(FN(load_real)(sums + x), FN(load_real)(maximum + x), FN(used_at)(x, count), bounds);
    return odd;
}
