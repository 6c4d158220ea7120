#include "internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c,fma")))
#define STEP 8u

static inline AVX2 __m256 blend(__m256 a, __m256 b, __m256 mask) { return _mm256_blendv_ps(a, b, mask); }

/// Running maximum, class and sum of eight pixels, and the value of their given class. Classes are kept as the bits of
/// int32 in float lanes, so that one blend serves both.
typedef struct {
    __m256 maximum, argmax, sum;
} lanes;

static inline AVX2 lanes join(lanes low, lanes high) {
    // Strictly greater: a tie stays with the lower class.
    __m256 above = _mm256_cmp_ps(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes){_mm256_max_ps(low.maximum, high.maximum), blend(low.argmax, high.argmax, above),
                   _mm256_add_ps(low.sum, high.sum)};
}

static inline AVX2 __m256 load_f32(const void *at, size_t index) { return _mm256_loadu_ps((const float *)at + index); }

static inline AVX2 __m256 load_f16(const void *at, size_t index) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)((const uint16_t *)at + index)));
}

typedef __m256 (*loader)(const void *at, size_t index);

/// Eight pixels of one class. The given class's value is picked up on the way: fetching it afterwards would miss the
/// cache wherever planes are a power of two apart.
static inline AVX2 __attribute__((always_inline)) lanes one(__m256 value, uint32_t class, __m256i label, __m256 *own,
                                                            __m256 *signs) {
    __m256i class_lanes = _mm256_set1_epi32((int)class);
    *own = blend(*own, value, _mm256_castsi256_ps(_mm256_cmpeq_epi32(label, class_lanes)));
    *signs = _mm256_or_ps(*signs, value);
    return (lanes){value, _mm256_castsi256_ps(class_lanes), value};
}

/// Eight pixels at x through `n` (1 or 4) classes from `class` on.
static inline AVX2 __attribute__((always_inline)) lanes group(const void *planes, size_t stride, uint32_t class,
                                                              uint32_t n, uint32_t x, loader load, __m256i label,
                                                              __m256 *own, __m256 *signs) {
    lanes a = one(load(planes, class * stride + x), class, label, own, signs);
    if (n == 1)
        return a;
    lanes b = one(load(planes, (class + 1) * stride + x), class + 1, label, own, signs);
    lanes c = one(load(planes, (class + 2) * stride + x), class + 2, label, own, signs);
    lanes d = one(load(planes, (class + 3) * stride + x), class + 3, label, own, signs);
    return join(join(a, b), join(c, d));
}

/// The pixels of a tile's whole eights. Four planes at a time share one read and write of the state.
static inline AVX2 __attribute__((always_inline)) bool argmax_ps(const mlk_tile *tile, const int32_t *labels,
                                                                 mlk_bounds bounds, float *maximum, int32_t *argmax,
                                                                 float *given, size_t element_bytes, loader load) {
    const void *planes = tile->planes;
    size_t stride = tile->stride;
    uint32_t classes = tile->classes, count = tile->count & ~(STEP - 1);
    float sums[MLK_TILE];
    __m256 signs = _mm256_setzero_ps();
    uint32_t fetched = mlk_fetched_before(classes);
    for (uint32_t class = 0; class < classes;) {
        uint32_t n = mlk_step_of(classes - class);
        uintptr_t ahead[mlk_most_ahead];
        uint32_t ahead_count = mlk_fetch_next(tile, class + n, &fetched, ahead);
        for (uint32_t x = 0; x < count; x += STEP) {
            mlk_fetch(ahead, ahead_count, x, element_bytes);
            __m256i label = _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
            __m256 own = class > 0 ? _mm256_loadu_ps(given + x) : _mm256_setzero_ps();
            lanes best = n == 4 ? group(planes, stride, class, 4, x, load, label, &own, &signs)
                                : group(planes, stride, class, 1, x, load, label, &own, &signs);
            if (class > 0) {
                lanes before = {_mm256_loadu_ps(maximum + x), _mm256_loadu_ps((const float *)(const void *)argmax + x),
                                _mm256_loadu_ps(sums + x)};
                best = join(before, best);
            }
            _mm256_storeu_ps(maximum + x, best.maximum);
            _mm256_storeu_ps((float *)(void *)argmax + x, best.argmax);
            _mm256_storeu_ps(sums + x, best.sum);
            _mm256_storeu_ps(given + x, own);
        }
        class += n;
    }
    __m256 low = _mm256_set1_ps((float)bounds.lowest_sum), high = _mm256_set1_ps((float)bounds.highest_sum);
    __m256 top = _mm256_set1_ps((float)bounds.highest_value), bad = _mm256_setzero_ps();
    for (uint32_t x = 0; x < count; x += STEP) {
        __m256 sum = _mm256_loadu_ps(sums + x);
        // "Not greater or equal" is true for NaN as well.
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, low, _CMP_NGE_UQ));
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, high, _CMP_NLE_UQ));
        bad = _mm256_or_ps(bad, _mm256_cmp_ps(_mm256_loadu_ps(maximum + x), top, _CMP_NLE_UQ));
    }
    return (_mm256_movemask_ps(signs) | _mm256_movemask_ps(bad)) != 0;
}

/// The pixels after the last whole eight, one by one.
static inline AVX2 __attribute__((always_inline)) bool argmax_rest(const mlk_tile *tile, const int32_t *labels,
                                                                   mlk_bounds bounds, float *maximum, int32_t *argmax,
                                                                   float *given, bool is_half) {
    const void *planes = tile->planes;
    size_t stride = tile->stride;
    uint32_t classes = tile->classes, first = tile->count & ~(STEP - 1), count = tile->count;
    bool odd = false;
    for (uint32_t x = first; x < count; x++) {
        float best = 0, sum = 0, own = 0;
        int32_t arg = 0;
        for (uint32_t class = 0; class < classes; class++) {
            size_t at = class * stride + x;
            float value = is_half ? _cvtsh_ss(((const uint16_t *)planes)[at]) : ((const float *)planes)[at];
            odd |= __builtin_signbit(value) != 0;
            sum += value;
            if (class == 0 || value > best) {
                best = value;
                arg = (int32_t)class;
            }
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

AVX2 bool mlk_argmax_f32_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = argmax_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(float), load_f32);
    return odd | argmax_rest(&tile, labels, bounds, maximum, argmax, given, false);
}

AVX2 bool mlk_argmax_f16_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = argmax_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(uint16_t), load_f16);
    return odd | argmax_rest(&tile, labels, bounds, maximum, argmax, given, true);
}

AVX2 bool mlk_argmax_f64_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum_out,
                              int32_t *argmax, void *given_out) {
    double *maximum = maximum_out, *given = given_out;
    uint32_t classes = tile.classes, count = tile.count;
    double sums[MLK_TILE];
    double arg[MLK_TILE];
    const uint32_t step = 4;
    uint32_t whole = count & ~(step - 1);
    bool odd = false;
    __m256d signs = _mm256_setzero_pd();
    for (uint32_t class = 0; class < classes; class++) {
        const double *plane = (const double *)tile.planes + class * tile.stride;
        // Classes are carried as doubles: exact, and in lanes as wide as the comparison's mask.
        __m256d class_lanes = _mm256_set1_pd((double)class);
        __m128i class_label = _mm_set1_epi32((int)class);
        for (uint32_t x = 0; x < whole; x += step) {
            __m256d value = _mm256_loadu_pd(plane + x);
            __m128i label = _mm_loadu_si128((const __m128i *)(const void *)(labels + x));
            __m256d is_given = _mm256_castsi256_pd(_mm256_cvtepi32_epi64(_mm_cmpeq_epi32(label, class_label)));
            signs = _mm256_or_pd(signs, value);
            if (class == 0) {
                _mm256_storeu_pd(maximum + x, value);
                _mm256_storeu_pd(arg + x, class_lanes);
                _mm256_storeu_pd(sums + x, value);
                _mm256_storeu_pd(given + x, _mm256_and_pd(is_given, value));
                continue;
            }
            __m256d best = _mm256_loadu_pd(maximum + x);
            __m256d above = _mm256_cmp_pd(value, best, _CMP_GT_OQ);
            _mm256_storeu_pd(maximum + x, _mm256_max_pd(best, value));
            _mm256_storeu_pd(arg + x, _mm256_blendv_pd(_mm256_loadu_pd(arg + x), class_lanes, above));
            _mm256_storeu_pd(sums + x, _mm256_add_pd(_mm256_loadu_pd(sums + x), value));
            _mm256_storeu_pd(given + x, _mm256_blendv_pd(_mm256_loadu_pd(given + x), value, is_given));
        }
        for (uint32_t x = whole; x < count; x++) {
            double value = plane[x];
            odd |= __builtin_signbit(value) != 0;
            if (class == 0 || value > maximum[x]) {
                maximum[x] = value;
                arg[x] = (double)class;
            }
            sums[x] = class == 0 ? value : sums[x] + value;
            double before = class == 0 ? 0 : given[x];
            given[x] = labels[x] == (int32_t)class ? value : before;
        }
    }
    for (uint32_t x = 0; x < count; x++) {
        argmax[x] = (int32_t)arg[x];
        odd |= !(sums[x] >= bounds.lowest_sum && sums[x] <= bounds.highest_sum && maximum[x] <= bounds.highest_value);
    }
    return odd | (_mm256_movemask_pd(signs) != 0);
}

/// Eight self-confidences in units of 2^-40, as two vectors of int64. Exact as `mlk_units`: values are below 2^12.
static inline AVX2 void units_of(__m256 value, __m256i *low, __m256i *high) {
    __m256d scale = _mm256_set1_pd(MLK_UNITS), rounder = _mm256_set1_pd(MLK_ROUNDER);
    __m256i mantissa = _mm256_set1_epi64x(0xfffffffffffff);
    // Multiplied and added apart: a fused operation would round once where mlk_units rounds twice.
    __m256d a = _mm256_mul_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(value)), scale);
    __m256d b = _mm256_mul_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(value, 1)), scale);
    *low = _mm256_and_si256(_mm256_castpd_si256(_mm256_add_pd(a, rounder)), mantissa);
    *high = _mm256_and_si256(_mm256_castpd_si256(_mm256_add_pd(b, rounder)), mantissa);
}

AVX2 uint32_t mlk_compare_avx2(const mlk_tile *tile, const int32_t *labels, const float *maximum, const int32_t *argmax,
                               const float *given, double candidate_bound, mlk_totals totals, mlk_collected *out) {
    mlk_label_tables tables;
    mlk_clear(&tables, totals.classes);
    uintptr_t ahead[mlk_compare_ahead];
    uint32_t ahead_count = mlk_fetch_compare(tile, ahead), count = tile->count, counted = 0;
    uint32_t whole = count & ~(STEP - 1);
    size_t element_bytes = mlk_element_bytes(tile->type);
    __m256 bounds = _mm256_set1_ps(mlk_float_below(candidate_bound));
    __m256i one = _mm256_set1_epi64x(INT64_C(1) << mlk_count_shift);
    for (uint32_t word = 0; word < (count + 63) / 64; word++)
        out->candidates[word] = out->contested[word] = 0;
    for (uint32_t x = 0; x < whole; x += STEP) {
        mlk_fetch(ahead, ahead_count, x, element_bytes);
        __m256i label = _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
        __m256i predicted = _mm256_loadu_si256((const __m256i *)(const void *)(argmax + x));
        __m256 top = _mm256_loadu_ps(maximum + x);
        uint32_t used = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(label)) & 0xff;
        uint32_t agreeing = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(label, predicted)));
        uint32_t low = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(top, bounds, _CMP_LE_OQ));
        uint32_t contested = used & ~agreeing;
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | (used & low)) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        __m256i low_units, high_units;
        units_of(_mm256_loadu_ps(given + x), &low_units, &high_units);
        uint64_t units[STEP];
        _mm256_storeu_si256((__m256i *)(void *)units, _mm256_or_si256(low_units, one));
        _mm256_storeu_si256((__m256i *)(void *)(units + 4), _mm256_or_si256(high_units, one));
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < STEP; i++)
            tables.words[i % mlk_table_count][labels[x + i] + 1] += units[i];
    }
    mlk_fold(&tables, totals);
    for (uint32_t x = whole; x < count; x++) {
        int32_t label = labels[x];
        if (label < 0)
            continue;
        uint64_t is_contested = label != argmax[x];
        uint64_t is_candidate = is_contested | (uint64_t)((double)maximum[x] <= candidate_bound);
        out->contested[x / 64] |= is_contested << (x & 63);
        out->candidates[x / 64] |= is_candidate << (x & 63);
        counted += 1;
        mlk_add(totals, label, mlk_units((double)given[x]), 1);
    }
    return counted;
}

/// Labels of 0..<classes as they are, `ignored` (256 where there is none) as -1; whether any other came.
AVX2 bool mlk_look_up_avx2(const uint8_t *from, size_t whole, int32_t classes, int32_t ignored, int32_t *to) {
    __m256i last = _mm256_set1_epi32(classes - 1), skipped = _mm256_set1_epi32(ignored), bad = _mm256_setzero_si256();
    for (size_t x = 0; x < whole; x += STEP) {
        __m256i value = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(from + x)));
        __m256i is_ignored = _mm256_cmpeq_epi32(value, skipped);
        bad = _mm256_or_si256(bad, _mm256_andnot_si256(is_ignored, _mm256_cmpgt_epi32(value, last)));
        _mm256_storeu_si256((__m256i *)(void *)(to + x), _mm256_or_si256(value, is_ignored));
    }
    return !_mm256_testz_si256(bad, bad);
}

AVX2 uint64_t mlk_below_avx2(const float *values, uint32_t count, float above, uint64_t *equal) {
    __m256 bound = _mm256_set1_ps(above);
    uint64_t below = 0, same = 0;
    for (uint32_t i = 0; i < count; i += STEP) {
        __m256 value = _mm256_loadu_ps(values + i);
        below |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, bound, _CMP_LT_OQ)) << i;
        same |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, bound, _CMP_EQ_OQ)) << i;
    }
    uint64_t used = count < 64 ? (UINT64_C(1) << count) - 1 : ~UINT64_C(0);
    *equal = same & used;
    return below & used;
}

AVX2 void mlk_contested_avx2(const int32_t *labels, const int32_t *argmax, uint32_t whole, uint64_t *bits) {
    for (uint32_t x = 0; x < whole; x += STEP) {
        __m256i label = _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
        __m256i predicted = _mm256_loadu_si256((const __m256i *)(const void *)(argmax + x));
        __m256i is_out = _mm256_or_si256(_mm256_cmpeq_epi32(label, predicted), label);
        uint64_t contested = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(is_out)) & 0xff;
        bits[x / 64] = (x % 64 == 0 ? 0 : bits[x / 64]) | contested << (x % 64);
    }
}

#endif
