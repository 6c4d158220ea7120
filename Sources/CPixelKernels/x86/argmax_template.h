// Template: for all pixels of a tile the maximum over classes, its class, the sum over classes and the value of the given
// class. The walk over the planes is the same for every kind of vector; the including file says what a vector is.
//
// Include this header once for each kind of vector. It defines FN(walk). Before that, define these macros:
//
//   ONLY        attribute of every function here: the instructions that the processor must have
//   STEP        pixels in a vector
//   FN(name)    the name of this kind's own variant of a type or function, such as name##_ps
//
// these types:
//
//   FN(real)       float or double: an element of `maximum`, `given` and the sums
//   FN(vector)     STEP of them
//   FN(classes)    STEP labels, in whatever form they are compared with a class
//   FN(used)       which lanes of a vector lie before the end of the tile; a constant where vectors are always whole
//   FN(lanes)      a struct of the running `maximum`, its `argmax` and the `sum` of each pixel of a vector
//
// and these functions:
//
//   whole(count)                  how many pixels of `count` are looked at by vectors; the including file does the rest
//   used_at(x, count)             the lanes before `count`, for the vector that starts at pixel `x`
//   zero()                        a vector of zeros
//   load_real(from), store_real(to, value)       a vector of FN(real)
//   load_argmax(from), store_argmax(to, value)   a vector of int32 classes, as the struct's `argmax` holds them
//   load_labels(labels, x, used)  a vector of given labels, from pixel `x` on
//   any_sign(signs)               whether any sign bit of a vector is set
//   join(low, high)               pixels through some classes and the same pixels through later ones: the sum of both,
//                                 and the maximum of both, of which a tie stays with the lower class
//   one(value, class, label, &own, &signs)
//                                 pixels through one class; keeps the value in `own` where `class` is the given label,
//                                 and every sign bit in `signs`
//   is_odd(sum, maximum, used, bounds)
//                                 whether the sum or maximum of any pixel leaves the bounds
//
// FN(walk) takes a loader as its last argument: load(planes, index, used) gives a vector of elements from `index` on,
// widened to FN(real). It is inlined, so one kind of vector serves several element types.

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

/// Walks the tile's planes. Four planes at a time share one read and write of the state.
///
/// Returns whether a value is negative or a pixel leaves the bounds, among the pixels that vectors look at.
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
