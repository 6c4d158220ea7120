/// Inner loops over class planes. A tile is a run of pixels of one image; class k of pixel x lies at
/// `planes[k * stride + x]`. Nothing here allocates, fails or keeps a pointer.
#ifndef CPIXELKERNELS_H
#define CPIXELKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Most pixels in a tile: label, maximum, class, sum and self-confidence of 1,024 pixels are 20 KiB and stay in
/// first-level cache (measured: 2,048 pixels are up to 12 % slower, 512 no faster).
#define MLK_TILE 1024

/// Memory is what bounds a scan, so the tile that follows is fetched into the second-level cache while one is looked at:
/// hardware prefetch starts anew with every plane. `mlk_argmax` fetches as many planes as it looks at, a few ahead of
/// itself; comparing labels needs no memory, so meanwhile `mlk_collect` fetches more, up to this many in all, which
/// `mlk_argmax` then leaves out (measured: 34 ms become 29 for 350 MB).
#define MLK_FETCHED 10

/// Bins of a histogram over the top 16 bits of doubles.
#define MLK_BINS 65536

#pragma clang assume_nonnull begin

/// Element types of planes.
enum mlk_type { MLK_FLOAT16 = 0, MLK_FLOAT32 = 1, MLK_FLOAT64 = 2 };

/// Where a tile lies: class k of pixel x is element `k * stride + x`. `planes` may lie at any byte.
typedef struct {
    const void *planes;
    enum mlk_type type;
    size_t stride;
    uint32_t classes;
    /// Pixels, at most MLK_TILE.
    uint32_t count;
    /// Whether `mlk_collect` comes after `mlk_argmax`, tile by tile.
    bool is_collected;
} mlk_tile;

/// What a clean tile looks like. A tile outside these bounds is looked at again, slowly and in double.
typedef struct {
    double lowest_sum;
    double highest_sum;
    double highest_value;
} mlk_bounds;

/// Sets of loops with the same results, each faster than those before it.
enum mlk_path {
    /// Plain C, and for `mlk_argmax` the caller's own loops.
    MLK_PORTABLE = 0,
    /// AVX2, F16C and FMA.
    MLK_AVX2 = 1,
    /// AVX-512 of Ice Lake, Zen 4 and later; with some loops of AVX2.
    MLK_AVX512 = 2,
};

/// The fastest set that this machine runs, and so all below it; MLK_PORTABLE off x86-64.
enum mlk_path mlk_widest_path(void);

/// Maximum over classes and its class (lowest class wins a tie) for each pixel of a tile, and the value of the given
/// class (0 where `labels` is negative), in float, or double for float64; float16 is widened. The three results have room
/// for MLK_TILE elements. Returns true when a value is negative (or -0.0), not a number, or a pixel is outside `bounds`:
/// then the results may be wrong for pixels with such values. `path` is not MLK_PORTABLE.
bool mlk_argmax(enum mlk_path path, mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                int32_t *argmax, void *given);

/// What `mlk_collect` finds in a tile; every array has room for MLK_TILE elements.
typedef struct {
    /// One bit a pixel, first pixel in the lowest bit.
    uint64_t *candidates;
    uint64_t *contested;
    /// Self-confidence of each candidate, in pixel order: float, or double for float64 planes.
    void *self_confidence;
    /// Probability and class of the predicted label, and the given label, of each contested pixel.
    void *predicted_confidence;
    uint16_t *predicted_label;
    uint16_t *given_label;
    uint32_t candidate_count;
    uint32_t contested_count;
} mlk_collected;

/// Where self-confidence is added up, over all tiles of a thread.
typedef struct {
    /// Two words a class, low before high: sums in units of 2^-40.
    uint64_t *sums;
    /// Counted pixels a class.
    uint64_t *counts;
    /// Candidates by the top 16 bits of their self-confidence as a double: 65,536 bins.
    uint64_t *histogram;
    uint32_t classes;
} mlk_totals;

/// Adds the self-confidence of every counted pixel (label >= 0) to its class, rounded to units of 2^-40, and collects
/// the contested pixels and those whose self-confidence is at most `candidate_bound`, from what `mlk_argmax` found. All
/// paths give the same bits. Returns how many are counted.
uint32_t mlk_collect(enum mlk_path path, mlk_tile tile, const int32_t *labels, const void *maximum,
                     const int32_t *argmax, const void *given, double candidate_bound, mlk_totals totals,
                     mlk_collected *out);

/// What the 256 values of a byte are as labels.
typedef struct {
    int32_t classes[256];
    /// Stands in `classes` for a value that is no label.
    int32_t unusable;
    /// Whether values below `class_count` stand for themselves, `ignored` (256: none) for -1, and others for `unusable`.
    bool is_plain;
    int32_t class_count;
    int32_t ignored;
} mlk_label_table;

mlk_label_table mlk_make_label_table(const int32_t *classes, int32_t unusable);

/// Looks up labels of one byte: `to[x] = table->classes[from[x]]`. Returns whether any result is unusable.
bool mlk_look_up(const uint8_t *from, size_t count, const mlk_label_table *table, int32_t *to);

/// Of a record's candidates, those that a cut-off takes: self-confidence below `cutoff`, or equal to it, the first
/// `ties` of them. `taken` gets a bit a pixel. `self_confidence` holds `count` values, one a set bit of `candidates`,
/// float, or double when `is_wide`.
void mlk_take(const uint64_t *candidates, size_t words, const void *self_confidence, size_t count, bool is_wide,
              double cutoff, size_t ties, uint64_t *taken);

/// A byte a bit, 0 or 1, of the first `count` bits.
void mlk_expand(const uint64_t *bits, size_t count, uint8_t *bytes);

/// Counts the flagged ones among a record's contested pixels by given and predicted class, `counts` being classes x
/// classes. `given` and `predicted` hold a value a set bit of `contested`.
void mlk_count_pairs(const uint64_t *flagged, const uint64_t *contested, size_t words, const uint16_t *given,
                     const uint16_t *predicted, size_t classes, int64_t *counts);

/// How many of a record's contested pixels have a predicted label with a probability of at least `from[label]`. Values
/// are float, or double when `is_wide`.
size_t mlk_count_confident(const void *predicted_confidence, bool is_wide, const uint16_t *predicted, size_t count,
                           const double *from);

/// Appends the values in [from, below) to `out`, which has room for all; returns how many.
size_t mlk_select_f32(const float *values, size_t count, double from, double below, float *out);
size_t mlk_select_f64(const double *values, size_t count, double from, double below, double *out);

/// Sets the bit of each counted pixel whose argmax differs from its label, and appends its label and argmax to `given`
/// and `predicted`, which have room for MLK_TILE; returns how many. `labels` and `argmax` are below 65,536.
uint32_t mlk_contested(const int32_t *labels, const int32_t *argmax, uint32_t count, uint64_t *bits, uint16_t *given,
                       uint16_t *predicted);

/// Flags those contested pixels of some images whose factor x factor block is taken. Each image of `rows` x `widths`
/// pixels, multiples of `factor`, starts at a whole word of bits and at a whole 64 of blocks. `suggestions` holds, for each
/// of the (rows / factor) x (width / factor) blocks, the class that it suggests, -2 where it suggests none, -1 where it is
/// not taken. `suggested` gets for each contested pixel the suggestion of its block or, where that is none or the given
/// label, its own predicted label. `given` and `predicted` hold a value a set bit of `contested`.
void mlk_flag_blocks(const uint64_t *contested, const uint32_t *rows, const uint32_t *widths, size_t images,
                     uint32_t factor, const int32_t *suggestions, const uint16_t *given, const uint16_t *predicted,
                     uint64_t *flagged, uint16_t *suggested);

/// Copies elements of 1, 2, 4 or 8 bytes out of a strided array, swapping their bytes on request:
/// `to[k * to_stride + x] = from[k * class_stride + x * pixel_stride]`, strides in elements.
void mlk_gather(const void *from, uint32_t element_bytes, bool swap, ptrdiff_t class_stride, ptrdiff_t pixel_stride,
                uint32_t classes, uint32_t count, void *to, size_t to_stride);

/// Widens a tile of planes to double.
void mlk_widen(enum mlk_type type, const void *from, size_t from_stride, uint32_t classes, uint32_t count, double *to,
               size_t to_stride);

/// Enlarges a row: `out[i]` lies between `row[low[i]]` and `row[high[i]]`, and the second one counts for `shares[i]`. Where
/// that is 0 the first one is taken as it is, also beside an infinite one.
void mlk_enlarge_row(const double *row, const ptrdiff_t *low, const ptrdiff_t *high, const double *shares, size_t count,
                     double *out);

/// Joins two rows, of which the second one counts for `share`; at 0 the first one is copied.
void mlk_join_rows(const double *above, const double *below, double share, size_t count, double *out);

/// Softmax over classes, in place, shifted by the maximum: exp(v - max) / sum. NaN and infinite logits give NaN.
void mlk_softmax(double *planes, size_t stride, uint32_t classes, uint32_t count);

/// Sums of factor x factor blocks of one plane's rows, in double: `rows` and `width` are multiples of `factor`;
/// `row_sums` is scratch for `width` doubles; `to` gets (rows / factor) x (width / factor) sums.
void mlk_block_sums(enum mlk_type type, const void *rows_of_plane, uint32_t rows, uint32_t width, uint32_t factor,
                    double *row_sums, double *to);

/// Divides each pixel's values by their sum over classes, which becomes 1; a sum of 0 stays. At most MLK_TILE pixels.
void mlk_normalize(double *planes, size_t stride, uint32_t classes, uint32_t count);

/// Sums the labels of factor x factor blocks that are not negative, and counts them: (rows / factor) x (width / factor)
/// each. `row_sums` is scratch for 2 * `width` integers, for a factor of at most 65,536 and labels below 65,536.
void mlk_block_label_sums(const int32_t *labels, uint32_t rows, uint32_t width, uint32_t factor, uint32_t *row_sums,
                          int64_t *sums, int64_t *counts);

/// Counts labels from 0 to `classes` - 1 by label, leaving out negative ones, which are -1; returns how many there are.
uint32_t mlk_count(const int32_t *labels, uint32_t count, uint32_t classes, uint64_t *counts);

/// The predicted class of each pixel (lowest class wins a tie) and the class that it is counted under in the confident
/// joint: -1 where no class k has a value of at least `from[k]`, the one where a single class has, and the predicted
/// class where several have, whether or not it is one of them. At most MLK_TILE pixels.
void mlk_confident_guess(const double *planes, size_t stride, uint32_t classes, uint32_t count, const double *from,
                         int32_t *argmax, int32_t *guess);

/// The value of a float16, exactly.
float mlk_half_to_float(uint16_t half);

#pragma clang assume_nonnull end

#endif
