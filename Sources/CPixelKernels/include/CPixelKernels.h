/// Inner loops over class planes and over what a scan of them found. A tile is a run of pixels of one image; class k of
/// pixel x lies at `planes[k * stride + x]`. Nothing here allocates, fails or keeps a pointer.
///
/// Bits of pixels are held in words of 64, the first pixel in the lowest bit. A label is a class number, or negative
/// for an ignored pixel. Planes may start at any byte; every other pointer is aligned for its type.
#ifndef CPIXELKERNELS_H
#define CPIXELKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Most pixels in a tile. Label, maximum, class, sum and self-confidence of 1,024 pixels take 20 KiB and stay in the
/// first-level cache (measured: 2,048 pixels are up to 12 % slower and 512 are no faster).
#define MLK_TILE 1024

/// How many planes of the next tile are fetched before it is looked at.
///
/// Memory bounds a scan, and hardware prefetch starts anew with every plane, so the next tile is fetched into the
/// second-level cache while this one is looked at. `mlk_argmax` fetches as many planes as it looks at, a few ahead of
/// itself. Comparing labels needs no memory, so `mlk_collect` fetches more meanwhile, up to this many in all, which
/// `mlk_argmax` then leaves out (measured: 34 ms become 29 for 350 MB).
#define MLK_FETCHED 10

/// Bins of a histogram over the top 16 bits of doubles.
#define MLK_BINS 65536

#pragma clang assume_nonnull begin

/// Element types of planes.
enum mlk_type { MLK_FLOAT16 = 0, MLK_FLOAT32 = 1, MLK_FLOAT64 = 2 };

/// Where a tile lies: class k of pixel x is element `k * stride + x`. `planes` may start at any byte.
typedef struct {
    const void *planes;
    enum mlk_type type;
    size_t stride;
    uint32_t classes;
    /// Pixels, at most MLK_TILE.
    uint32_t count;
    /// Whether each call of `mlk_argmax` is followed by one of `mlk_collect` for the same tile.
    bool is_collected;
} mlk_tile;

/// What each pixel of a clean tile keeps to. A tile with a pixel outside is looked at again, slowly and in double.
typedef struct {
    double lowest_sum;
    double highest_sum;
    double highest_value;
} mlk_bounds;

/// Sets of loops with the same results, each faster than the ones before it.
enum mlk_path {
    /// Plain C, and for `mlk_argmax` the caller's own loops.
    MLK_PORTABLE = 0,
    /// AVX2, F16C and FMA.
    MLK_AVX2 = 1,
    /// AVX-512 of Ice Lake, Zen 4 and later; with some loops of AVX2.
    MLK_AVX512 = 2,
};

/// The fastest set that this machine runs; it runs all before that one too. MLK_PORTABLE on other processors than
/// x86-64.
enum mlk_path mlk_widest_path(void);

/// For each pixel of a tile: the maximum over classes, its class (the lowest class wins a tie), and the value of the
/// given class (0 where the label is negative). Values are float, or double for float64 planes; float16 is widened.
///
/// The three results have room for MLK_TILE elements. Returns true when a value is negative (-0.0 too) or not a number,
/// or when a pixel is outside `bounds`; the results may then be wrong for pixels with such values. `path` is not
/// MLK_PORTABLE.
bool mlk_argmax(enum mlk_path path, mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum,
                int32_t *argmax, void *given);

/// What is known of the pixels of a tile once `mlk_argmax` has looked at them: given labels, and its three results.
typedef struct {
    const int32_t *labels;
    const void *maximum;
    const int32_t *argmax;
    const void *given;
} mlk_predicted;

/// What `mlk_collect` finds in a tile. Every array has room for the values of MLK_TILE pixels.
typedef struct {
    /// One bit per pixel.
    uint64_t *candidates;
    uint64_t *contested;
    /// Self-confidence of each candidate, in pixel order: float, or double for float64 planes.
    void *self_confidence;
    /// Of each contested pixel, in pixel order: probability and class of the predicted label, and the given label.
    void *predicted_confidence;
    uint16_t *predicted_label;
    uint16_t *given_label;
    uint32_t candidate_count;
    uint32_t contested_count;
} mlk_collected;

/// Where self-confidence is added up, over all tiles of a thread.
typedef struct {
    /// Two words per class, low before high: sums in units of 2^-40.
    uint64_t *sums;
    /// Counted pixels per given class.
    uint64_t *counts;
    /// Candidates by the top 16 bits of their self-confidence as a double: MLK_BINS bins.
    uint64_t *histogram;
    uint32_t classes;
} mlk_totals;

/// Adds the self-confidence of every counted pixel (label >= 0) to its class, rounded to units of 2^-40. Collects the
/// candidates: contested pixels, and uncontested ones whose self-confidence is at most `candidate_bound`. All paths
/// give the same bits. Returns how many pixels are counted.
uint32_t mlk_collect(enum mlk_path path, mlk_tile tile, mlk_predicted pixels, double candidate_bound, mlk_totals totals,
                     mlk_collected *out);

/// Bins of how many times as probable as another class the predicted class is, and the limits between them.
enum { MLK_RATIO_BINS = 8, MLK_RATIO_LIMITS = MLK_RATIO_BINS - 1 };

/// Counts some pixels of a tile by predicted class, every other class, and bin of the ratio of their probabilities: how many
/// of `limits` the predicted class reaches as a multiple of the other one. Products are compared, in double, so that 0 is as
/// good a probability as any and all paths count alike.
///
/// `chosen` holds the positions of `chosen_count` pixels in the tile, rising; `maximum` and `argmax` are those of `mlk_argmax`.
/// `counts` is classes x classes x MLK_RATIO_BINS, to which is added; classes x classes is below 2^28.
void mlk_count_ratios(enum mlk_path path, mlk_tile tile, const void *maximum, const int32_t *argmax,
                      const uint16_t *chosen, uint32_t chosen_count, const double *limits, uint32_t *counts);

/// Which label each of the 256 values of a byte stands for.
typedef struct {
    int32_t classes[256];
    /// Stands in `classes` for a value that is no label.
    int32_t unusable;
    /// Whether values below `class_count` stand for themselves, `ignored` (256: none) for -1 and all others for
    /// `unusable`. Such a table can be computed instead of looked up.
    bool is_plain;
    int32_t class_count;
    int32_t ignored;
} mlk_label_table;

mlk_label_table mlk_make_label_table(const int32_t *classes, int32_t unusable);

/// Looks up labels of one byte: `to[x] = table->classes[from[x]]`. Returns whether any result is unusable.
bool mlk_look_up(const uint8_t *from, size_t count, const mlk_label_table *table, int32_t *to);

/// Sets in `taken`, one bit per pixel, the candidates of a record that a cut-off takes: those whose self-confidence
/// lies below `cutoff`, and the first `ties` of those equal to it. `self_confidence` holds `count` values, one for each
/// set bit of `candidates`: float, or double when `is_wide`.
void mlk_take(const uint64_t *candidates, size_t words, const void *self_confidence, size_t count, bool is_wide,
              double cutoff, size_t ties, uint64_t *taken);

/// One byte for each of the first `count` bits, 0 or 1.
void mlk_expand(const uint64_t *bits, size_t count, uint8_t *bytes);

/// Counts the flagged ones among a record's contested pixels by given and predicted class. `counts` is classes x
/// classes with a row per given class. `given` and `predicted` hold one value for each set bit of `contested`.
void mlk_count_pairs(const uint64_t *flagged, const uint64_t *contested, size_t words, const uint16_t *given,
                     const uint16_t *predicted, size_t classes, int64_t *counts);

/// How many of a record's contested pixels predict their label with a probability of at least `from[label]`. Values are
/// float, or double when `is_wide`.
size_t mlk_count_confident(const void *predicted_confidence, bool is_wide, const uint16_t *predicted, size_t count,
                           const double *from);

/// Writes the values in [from, below) to `out`, which has room for all values; returns how many there are.
size_t mlk_select_f32(const float *values, size_t count, double from, double below, float *out);
size_t mlk_select_f64(const double *values, size_t count, double from, double below, double *out);

/// Sets the bit of each contested pixel, whose argmax differs from its label, and writes its label and argmax to
/// `given` and `predicted`, which have room for MLK_TILE each. Returns how many there are. `labels` and `argmax` are
/// below 65,536.
uint32_t mlk_contested(const int32_t *labels, const int32_t *argmax, uint32_t count, uint64_t *bits, uint16_t *given,
                       uint16_t *predicted);

/// Flags the contested pixels of some images whose factor x factor block is taken.
///
/// Image i has `rows[i]` x `widths[i]` pixels, both multiples of `factor`. Its bits start at a whole word, and its
/// blocks at a multiple of 64. `suggestions` holds for each of the (rows / factor) x (width / factor) blocks the class
/// that it suggests, -2 where it suggests none, or -1 where it is not taken. `suggested` receives for each contested
/// pixel the suggestion of its block or, where that is none or the given label, the pixel's own predicted label.
/// `given` and `predicted` hold one value for each set bit of `contested`.
void mlk_flag_blocks(const uint64_t *contested, const uint32_t *rows, const uint32_t *widths, size_t images,
                     uint32_t factor, const int32_t *suggestions, const uint16_t *given, const uint16_t *predicted,
                     uint64_t *flagged, uint16_t *suggested);

/// Copies elements of 1, 2, 4 or 8 bytes out of a strided array, which may start at any byte, and swaps their bytes on
/// request: `to[k * to_stride + x] = from[k * class_stride + x * pixel_stride]`, strides in elements.
void mlk_gather(const void *from, uint32_t element_bytes, bool swap, ptrdiff_t class_stride, ptrdiff_t pixel_stride,
                uint32_t classes, uint32_t count, void *to, size_t to_stride);

/// Widens planes, which may start at any byte, to double.
void mlk_widen(enum mlk_type type, const void *from, size_t from_stride, uint32_t classes, uint32_t count, double *to,
               size_t to_stride);

/// Enlarges a row: `out[i]` lies between `row[low[i]]` and `row[high[i]]`, and the second one counts for `shares[i]`.
/// Where that is 0 the first one is taken as it is, also beside an infinite one.
void mlk_enlarge_row(const double *row, const ptrdiff_t *low, const ptrdiff_t *high, const double *shares, size_t count,
                     double *out);

/// Joins two rows, of which the second one counts for `share`; at 0 the first one is copied.
void mlk_join_rows(const double *above, const double *below, double share, size_t count, double *out);

/// Softmax over classes, in place, shifted by the maximum: exp(v - max) / sum. NaN and infinite logits give NaN.
void mlk_softmax(double *planes, size_t stride, uint32_t classes, uint32_t count);

/// Sums of factor x factor blocks over rows of one plane, in double. `rows` and `width` are multiples of `factor`,
/// `row_sums` is scratch for `width` doubles, and `to` receives (rows / factor) x (width / factor) sums.
void mlk_block_sums(enum mlk_type type, const void *rows_of_plane, uint32_t rows, uint32_t width, uint32_t factor,
                    double *row_sums, double *to);

/// Divides each pixel's values by their sum over classes, so that they add up to 1. A pixel whose sum is 0 stays as it
/// is. At most MLK_TILE pixels.
void mlk_normalize(double *planes, size_t stride, uint32_t classes, uint32_t count);

/// Sums and counts the labels of factor x factor blocks, negative ones left out: (rows / factor) x (width / factor)
/// each. `row_sums` is scratch for 2 * `width` integers. For a factor of at most 65,536 and labels below 65,536.
void mlk_block_label_sums(const int32_t *labels, uint32_t rows, uint32_t width, uint32_t factor, uint32_t *row_sums,
                          int64_t *sums, int64_t *counts);

/// Counts labels below `classes` by label. Ignored pixels, whose label must be -1, are left out. Returns how many there
/// are.
uint32_t mlk_count(const int32_t *labels, uint32_t count, uint32_t classes, uint64_t *counts);

/// The predicted class of each pixel (the lowest class wins a tie) and the class under which the confident joint counts
/// it: -1 where no class k has a value of at least `from[k]`, that class where a single one has, and the predicted
/// class where several have, whether or not it is one of them. At most MLK_TILE pixels.
void mlk_confident_guess(const double *planes, size_t stride, uint32_t classes, uint32_t count, const double *from,
                         int32_t *argmax, int32_t *guess);

/// The value of a float16, exactly.
float mlk_half_to_float(uint16_t half);

#pragma clang assume_nonnull end

#endif
