// Template: the pixels of a tile after the last whole vector, one by one.
//
// Include this header after argmax_template.h, with the same ONLY and FN. It defines FN(rest), whose last argument is a
// loader of one element, widened to FN(real).

typedef FN(real) (*FN(one_loader))(const void *planes, size_t index);

/// Looks at pixels from `first` on. Returns whether any of them has a negative value or leaves the bounds.
static inline ONLY __attribute__((always_inline)) bool FN(rest)(const mlk_tile *tile, const int32_t *labels,
                                                                mlk_bounds bounds, FN(real) *maximum, int32_t *argmax,
                                                                FN(real) *given, uint32_t first, FN(one_loader) load) {
    bool odd = false;
    for (uint32_t x = first; x < tile->count; x++) {
        FN(real) best = 0, sum = 0, own = 0;
        int32_t arg = 0;
        for (uint32_t class = 0; class < tile->classes; class++) {
            FN(real) value = load(tile->planes, class * tile->stride + x);
            odd |= __builtin_signbit(value) != 0;
            sum += value;
            arg = class == 0 || value > best ? (int32_t)class : arg;
            best = class == 0 || value > best ? value : best;
            own = labels[x] == (int32_t)class ? value : own;
        }
        maximum[x] = best;
        argmax[x] = arg;
        given[x] = own;
        odd |= !((double)sum >= bounds.lowest_sum && (double)sum <= bounds.highest_sum &&
                 (double)best <= bounds.highest_value);
    }
    return odd;
}
