// The pixel kernels, on planes that start at any byte: every path against the plain loops, and those against definitions
// written out here. Buffers end where their last element does, so that a load beyond it shows.
#include "fuzz.h"

#include "../../Sources/CPixelKernels/internal.h"

enum { bin_count = MLK_BINS, class_limit = 40 };

/// The bytes of an input, given out one by one; zeros after its end.
typedef struct source {
    const uint8_t *bytes;
    size_t size, at;
} source;

static unsigned take(source *s) { return s->at < s->size ? s->bytes[s->at++] : 0; }

/// Elements of planes, `offset` bytes into an allocation that ends with them.
typedef struct planes {
    uint8_t *base, *first;
    enum mlk_type type;
    size_t stride;
    uint32_t classes, count;
} planes;

static void put_element(const planes *p, size_t index, double value, bool is_odd) {
    uint8_t *to = p->first + index * mlk_element_bytes(p->type);
    if (p->type == MLK_FLOAT64) {
        value = is_odd ? -value : value;
        memcpy(to, &value, sizeof value);
    } else if (p->type == MLK_FLOAT32) {
        float narrow = (float)(is_odd ? -value : value);
        memcpy(to, &narrow, sizeof narrow);
    } else {
        // Sixteenths from 0 to 1 as float16; an odd one is not a number.
        static const uint16_t halves[17] = {0,      0x2C00, 0x3000, 0x3200, 0x3400, 0x3500, 0x3600, 0x3700, 0x3800,
                                            0x3880, 0x3900, 0x3980, 0x3A00, 0x3A80, 0x3B00, 0x3B80, 0x3C00};
        uint16_t half = is_odd ? 0x7E01 : halves[(size_t)(value * 16)];
        memcpy(to, &half, sizeof half);
    }
}

/// Probabilities in sixteenths, so that ties are common and sums are exact; sometimes an odd value among them.
static planes make_planes(source *s) {
    planes p = {.type = (enum mlk_type)(take(s) % 3), .classes = 1 + take(s) % class_limit};
    p.count = 1 + (take(s) | take(s) << 8) % MLK_TILE;
    size_t gap = take(s) % 5, offset = take(s) % 16, bytes = mlk_element_bytes(p.type);
    p.stride = p.count + gap;
    size_t elements = (p.classes - 1) * p.stride + p.count;
    p.base = malloc(offset + elements * bytes);
    CHECK(p.base != NULL);
    p.first = p.base + offset;
    memset(p.base, 0, offset + elements * bytes);
    unsigned odd_from = take(s);
    for (uint32_t x = 0; x < p.count; x++) {
        unsigned parts[class_limit] = {0};
        for (int i = 0; i < 16; i++) {
            parts[take(s) % p.classes] += 1;
        }
        bool is_odd = odd_from > 250 && take(s) == 7;
        for (uint32_t k = 0; k < p.classes; k++) {
            put_element(&p, k * p.stride + x, parts[k] / 16.0, is_odd && k == 0);
        }
    }
    return p;
}

/// Element by element, by copies alone.
static double value(const planes *p, size_t index) {
    const uint8_t *from = p->first + index * mlk_element_bytes(p->type);
    double wide;
    float narrow;
    uint16_t half;
    switch (p->type) {
    case MLK_FLOAT16:
        memcpy(&half, from, sizeof half);
        return (double)mlk_half_to_float(half);
    case MLK_FLOAT32:
        memcpy(&narrow, from, sizeof narrow);
        return (double)narrow;
    case MLK_FLOAT64:
        memcpy(&wide, from, sizeof wide);
        return wide;
    }
    return 0;
}

static bool same(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b); }

/// What a scan of one tile gives.
typedef struct scan {
    double maximum[MLK_TILE], given[MLK_TILE], self_confidence[MLK_TILE], predicted_confidence[MLK_TILE];
    int32_t argmax[MLK_TILE];
    uint16_t predicted[MLK_TILE], labels[MLK_TILE];
    uint64_t candidates[MLK_TILE / 64], contested[MLK_TILE / 64];
    uint64_t sums[2 * class_limit], counts[class_limit], histogram[bin_count];
    mlk_collected out;
    uint32_t counted;
} scan;

static void collect(scan *s, enum mlk_path path, mlk_tile tile, const int32_t *labels, double bound) {
    memset(s->sums, 0, sizeof s->sums);
    memset(s->counts, 0, sizeof s->counts);
    memset(s->histogram, 0, sizeof s->histogram);
    s->out = (mlk_collected){s->candidates, s->contested, s->self_confidence, s->predicted_confidence, s->predicted,
                             s->labels,     0,            0};
    mlk_predicted pixels = {labels, s->maximum, s->argmax, s->given};
    mlk_totals totals = {s->sums, s->counts, s->histogram, tile.classes};
    s->counted = mlk_collect(path, tile, pixels, bound, totals, &s->out);
}

static void compare_collected(const scan *a, const scan *b, const planes *p) {
    size_t words = (p->count + 63) / 64, bytes = p->type == MLK_FLOAT64 ? 8 : 4;
    uint32_t candidates = a->out.candidate_count, contested = a->out.contested_count;
    CHECK(a->counted == b->counted && candidates == b->out.candidate_count && contested == b->out.contested_count);
    CHECK(memcmp(a->candidates, b->candidates, words * 8) == 0 && memcmp(a->contested, b->contested, words * 8) == 0);
    CHECK(memcmp(a->self_confidence, b->self_confidence, candidates * bytes) == 0);
    CHECK(memcmp(a->predicted_confidence, b->predicted_confidence, contested * bytes) == 0);
    CHECK(memcmp(a->predicted, b->predicted, contested * 2) == 0 && memcmp(a->labels, b->labels, contested * 2) == 0);
    CHECK(memcmp(a->sums, b->sums, sizeof a->sums) == 0 && memcmp(a->counts, b->counts, sizeof a->counts) == 0);
    CHECK(memcmp(a->histogram, b->histogram, sizeof a->histogram) == 0);
}

#if defined(__x86_64__)
/// Results of a fast path on a tile without odd values, against the definition.
static void check_argmax(const scan *s, const planes *p, const int32_t *labels) {
    for (uint32_t x = 0; x < p->count; x++) {
        double best = value(p, x);
        int32_t arg = 0;
        for (uint32_t k = 1; k < p->classes; k++) {
            double v = value(p, k * p->stride + x);
            arg = v > best ? (int32_t)k : arg;
            best = v > best ? v : best;
        }
        double own = labels[x] < 0 ? 0 : value(p, (size_t)labels[x] * p->stride + x);
        bool is_wide = p->type == MLK_FLOAT64;
        CHECK(s->argmax[x] == arg);
        CHECK(same(best, is_wide ? s->maximum[x] : (double)((const float *)s->maximum)[x]));
        CHECK(same(own, is_wide ? s->given[x] : (double)((const float *)s->given)[x]));
    }
}

static void scan_by_every_path(const planes *p, const int32_t *labels, double bound) {
    static scan fast, plain;
    mlk_bounds bounds = {0.99, 1.01, 1};
    mlk_tile tile = {p->first, p->type, p->stride, p->classes, p->count, true};
    for (int path = MLK_AVX2; path <= (int)mlk_widest_path(); path++) {
        if (mlk_argmax((enum mlk_path)path, tile, labels, bounds, fast.maximum, fast.argmax, fast.given)) {
            continue;
        }
        check_argmax(&fast, p, labels);
        memcpy(plain.maximum, fast.maximum, sizeof fast.maximum);
        memcpy(plain.given, fast.given, sizeof fast.given);
        memcpy(plain.argmax, fast.argmax, sizeof fast.argmax);
        collect(&fast, (enum mlk_path)path, tile, labels, bound);
        collect(&plain, MLK_PORTABLE, tile, labels, bound);
        compare_collected(&fast, &plain, p);
    }
}
#else
static void scan_by_every_path(const planes *p, const int32_t *labels, double bound) {
    (void)p;
    (void)labels;
    (void)bound;
}
#endif

static void widen_and_gather(const planes *p) {
    static double wide[class_limit * MLK_TILE];
    static uint64_t native[class_limit * MLK_TILE], swapped[class_limit * MLK_TILE];
    uint32_t bytes = (uint32_t)mlk_element_bytes(p->type);
    mlk_widen(p->type, p->first, p->stride, p->classes, p->count, wide, MLK_TILE);
    mlk_gather(p->first, bytes, false, (ptrdiff_t)p->stride, 1, p->classes, p->count, native, MLK_TILE);
    mlk_gather(p->first, bytes, true, (ptrdiff_t)p->stride, 1, p->classes, p->count, swapped, MLK_TILE);
    for (uint32_t k = 0; k < p->classes; k++) {
        for (uint32_t x = 0; x < p->count; x++) {
            const uint8_t *from = p->first + (k * p->stride + x) * bytes;
            size_t to = ((size_t)k * MLK_TILE + x) * bytes;
            CHECK(same(wide[k * MLK_TILE + x], value(p, k * p->stride + x)));
            CHECK(memcmp((const uint8_t *)native + to, from, bytes) == 0);
            for (uint32_t i = 0; i < bytes; i++) {
                CHECK(((const uint8_t *)swapped)[to + i] == from[bytes - 1 - i]);
            }
        }
    }
    mlk_normalize(wide, MLK_TILE, p->classes, p->count);
    for (uint32_t x = 0; x < p->count; x++) {
        double sum = 0;
        for (uint32_t k = 0; k < p->classes; k++) {
            sum += wide[k * MLK_TILE + x];
        }
        CHECK(sum != sum || sum == 0 || (sum > 1 - 1e-12 && sum < 1 + 1e-12));
    }
    mlk_softmax(wide, MLK_TILE, p->classes, p->count);
}

/// The first plane as rows of blocks.
static void add_blocks(const planes *p, uint32_t factor) {
    double rows[MLK_TILE], sums[MLK_TILE];
    uint32_t width = factor * (1 + p->count / factor / factor % 37);
    if (width * factor > p->count) {
        return;
    }
    uint32_t height = p->count / width / factor * factor;
    mlk_block_sums(p->type, p->first, height, width, factor, rows, sums);
    for (uint32_t block = 0; block < height / factor * (width / factor); block++) {
        double sum = 0;
        for (uint32_t i = 0; i < factor; i++) {
            double column = 0;
            for (uint32_t y = 0; y < factor; y++) {
                uint32_t row = block / (width / factor) * factor + y;
                column += value(p, row * width + block % (width / factor) * factor + i);
            }
            sum += column;
        }
        CHECK(same(sums[block], sum));
    }
}

static void look_up(source *s) {
    int32_t classes[256];
    unsigned kind = take(s), ignored = take(s);
    for (int32_t v = 0; v < 256; v++) {
        classes[v] = v < (int32_t)(kind & 63) ? v : v == (int32_t)ignored ? -1 : -2;
        classes[v] = kind > 127 ? (int32_t)(take(s) % 5) - 2 : classes[v];
    }
    mlk_label_table table = mlk_make_label_table(classes, -2);
    size_t count = take(s);
    uint8_t *from = malloc(count + 1);
    int32_t *to = malloc((count + 1) * sizeof *to);
    CHECK(from != NULL && to != NULL);
    bool bad = false;
    for (size_t i = 0; i < count; i++) {
        from[i + 1] = (uint8_t)take(s);
        bad = bad || classes[from[i + 1]] == -2;
    }
    CHECK(mlk_look_up(from + 1, count, &table, to) == bad);
    for (size_t i = 0; i < count && !bad; i++) {
        CHECK(to[i] == classes[from[i + 1]]);
    }
    free(from);
    free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source s = {data, size, 0};
    planes p = make_planes(&s);
    int32_t *labels = malloc(p.count * sizeof *labels);
    CHECK(labels != NULL);
    for (uint32_t x = 0; x < p.count; x++) {
        unsigned byte = take(&s);
        labels[x] = byte > 230 ? -1 : (int32_t)(byte % p.classes);
    }
    scan_by_every_path(&p, labels, take(&s) / 255.0);
    widen_and_gather(&p);
    add_blocks(&p, 1 + take(&s) % 6);
    look_up(&s);
    free(labels);
    free(p.base);
    return 0;
}
