#include "../internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c,fma")))
#define INLINED static inline AVX2 __attribute__((always_inline))

// ---------------------------------------------------------------- float

typedef float real_ps;
typedef __m256 vector_ps;
typedef __m256i classes_ps;
/// Vectors are whole; the pixels after the last one are looked at one by one.
typedef bool used_ps;

/// Classes are kept as the bits of int32 in float lanes, so that one blend serves both.
typedef struct {
    __m256 maximum, argmax, sum;
} lanes_ps;

INLINED uint32_t whole_ps(uint32_t count) { return count & ~7u; }
INLINED bool used_at_ps(uint32_t x, uint32_t count) { return x < count; }
INLINED __m256 zero_ps(void) { return _mm256_setzero_ps(); }
INLINED __m256 load_real_ps(const float *from) { return _mm256_loadu_ps(from); }
INLINED void store_real_ps(float *to, __m256 value) { _mm256_storeu_ps(to, value); }
INLINED __m256 load_argmax_ps(const int32_t *from) { return _mm256_loadu_ps((const float *)(const void *)from); }
INLINED void store_argmax_ps(int32_t *to, __m256 value) { _mm256_storeu_ps((float *)(void *)to, value); }
INLINED bool any_sign_ps(__m256 signs) { return _mm256_movemask_ps(signs) != 0; }

INLINED __m256i load_labels_ps(const int32_t *labels, uint32_t x, bool used) {
    (void)used;
    return _mm256_loadu_si256((const __m256i *)(const void *)(labels + x));
}

INLINED __m256 load_f32(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_loadu_ps((const float *)at + index);
}

INLINED __m256 load_f16(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)((const uint16_t *)at + index)));
}

INLINED lanes_ps join_ps(lanes_ps low, lanes_ps high) {
    // Strictly greater: a tie stays with the lower class.
    __m256 above = _mm256_cmp_ps(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_ps){_mm256_max_ps(low.maximum, high.maximum), _mm256_blendv_ps(low.argmax, high.argmax, above),
                      _mm256_add_ps(low.sum, high.sum)};
}

/// The given class's value is picked up on the way: fetching it afterwards would miss the cache wherever planes are a
/// power of two apart.
INLINED lanes_ps one_ps(__m256 value, uint32_t class, __m256i label, __m256 *own, __m256 *signs) {
    __m256i class_lanes = _mm256_set1_epi32((int)class);
    *own = _mm256_blendv_ps(*own, value, _mm256_castsi256_ps(_mm256_cmpeq_epi32(label, class_lanes)));
    *signs = _mm256_or_ps(*signs, value);
    return (lanes_ps){value, _mm256_castsi256_ps(class_lanes), value};
}

INLINED bool is_odd_ps(__m256 sum, __m256 maximum, bool used, mlk_bounds bounds) {
    (void)used;
    // "Not greater or equal" is true for NaN as well.
    __m256 bad = _mm256_cmp_ps(sum, _mm256_set1_ps((float)bounds.lowest_sum), _CMP_NGE_UQ);
    bad = _mm256_or_ps(bad, _mm256_cmp_ps(sum, _mm256_set1_ps((float)bounds.highest_sum), _CMP_NLE_UQ));
    bad = _mm256_or_ps(bad, _mm256_cmp_ps(maximum, _mm256_set1_ps((float)bounds.highest_value), _CMP_NLE_UQ));
    return _mm256_movemask_ps(bad) != 0;
}

#define ONLY AVX2
#define STEP 8u
#define FN(name) name##_ps
#include "argmax_walk.h"
#undef FN
#undef STEP

// ---------------------------------------------------------------- double

typedef double real_pd;
typedef __m256d vector_pd;
typedef __m256d classes_pd;
typedef bool used_pd;

/// Classes and labels are carried as doubles: exact, and in lanes as wide as the comparison's mask.
typedef struct {
    __m256d maximum, argmax, sum;
} lanes_pd;

INLINED uint32_t whole_pd(uint32_t count) { return count & ~3u; }
INLINED bool used_at_pd(uint32_t x, uint32_t count) { return x < count; }
INLINED __m256d zero_pd(void) { return _mm256_setzero_pd(); }
INLINED __m256d load_real_pd(const double *from) { return _mm256_loadu_pd(from); }
INLINED void store_real_pd(double *to, __m256d value) { _mm256_storeu_pd(to, value); }
INLINED bool any_sign_pd(__m256d signs) { return _mm256_movemask_pd(signs) != 0; }

INLINED __m256d load_argmax_pd(const int32_t *from) {
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(const void *)from));
}

INLINED void store_argmax_pd(int32_t *to, __m256d value) {
    _mm_storeu_si128((__m128i *)(void *)to, _mm256_cvtpd_epi32(value));
}

INLINED __m256d load_labels_pd(const int32_t *labels, uint32_t x, bool used) {
    (void)used;
    return load_argmax_pd(labels + x);
}

INLINED __m256d load_f64(const void *at, size_t index, bool used) {
    (void)used;
    return _mm256_loadu_pd((const double *)at + index);
}

INLINED lanes_pd join_pd(lanes_pd low, lanes_pd high) {
    __m256d above = _mm256_cmp_pd(high.maximum, low.maximum, _CMP_GT_OQ);
    return (lanes_pd){_mm256_max_pd(low.maximum, high.maximum), _mm256_blendv_pd(low.argmax, high.argmax, above),
                      _mm256_add_pd(low.sum, high.sum)};
}

INLINED lanes_pd one_pd(__m256d value, uint32_t class, __m256d label, __m256d *own, __m256d *signs) {
    __m256d class_lanes = _mm256_set1_pd((double)class);
    *own = _mm256_blendv_pd(*own, value, _mm256_cmp_pd(label, class_lanes, _CMP_EQ_OQ));
    *signs = _mm256_or_pd(*signs, value);
    return (lanes_pd){value, class_lanes, value};
}

INLINED bool is_odd_pd(__m256d sum, __m256d maximum, bool used, mlk_bounds bounds) {
    (void)used;
    __m256d bad = _mm256_cmp_pd(sum, _mm256_set1_pd(bounds.lowest_sum), _CMP_NGE_UQ);
    bad = _mm256_or_pd(bad, _mm256_cmp_pd(sum, _mm256_set1_pd(bounds.highest_sum), _CMP_NLE_UQ));
    bad = _mm256_or_pd(bad, _mm256_cmp_pd(maximum, _mm256_set1_pd(bounds.highest_value), _CMP_NLE_UQ));
    return _mm256_movemask_pd(bad) != 0;
}

#define STEP 4u
#define FN(name) name##_pd
#include "argmax_walk.h"
#undef FN
#undef STEP
#define STEP 8u

// ---------------------------------------------------------------- argmax

/// The pixels after the last whole vector, one by one.
#define REST(REAL, LOAD)                                                                                               \
    do {                                                                                                               \
        for (uint32_t x = first; x < tile.count; x++) {                                                                \
            REAL best = 0, sum = 0, own = 0;                                                                           \
            int32_t arg = 0;                                                                                           \
            for (uint32_t class = 0; class < tile.classes; class++) {                                                  \
                REAL value = LOAD(tile.planes, class * tile.stride + x);                                               \
                odd |= __builtin_signbit(value) != 0;                                                                  \
                sum += value;                                                                                          \
                arg = class == 0 || value > best ? (int32_t)class : arg;                                               \
                best = class == 0 || value > best ? value : best;                                                      \
                own = labels[x] == (int32_t)class ? value : own;                                                       \
            }                                                                                                          \
            ((REAL *)maximum)[x] = best;                                                                               \
            argmax[x] = arg;                                                                                           \
            ((REAL *)given)[x] = own;                                                                                  \
            odd |= !((double)sum >= bounds.lowest_sum && (double)sum <= bounds.highest_sum &&                          \
                     (double)best <= bounds.highest_value);                                                            \
        }                                                                                                              \
    } while (0)

#define ONE_F16(planes, at) _cvtsh_ss(((const uint16_t *)(planes))[at])
#define ONE_F32(planes, at) ((const float *)(planes))[at]
#define ONE_F64(planes, at) ((const double *)(planes))[at]

AVX2 bool mlk_argmax_f32_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(float), load_f32);
    uint32_t first = whole_ps(tile.count);
    REST(float, ONE_F32);
    return odd;
}

AVX2 bool mlk_argmax_f16_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_ps(&tile, labels, bounds, maximum, argmax, given, sizeof(uint16_t), load_f16);
    uint32_t first = whole_ps(tile.count);
    REST(float, ONE_F16);
    return odd;
}

AVX2 bool mlk_argmax_f64_avx2(mlk_tile tile, const int32_t *labels, mlk_bounds bounds, void *maximum, int32_t *argmax,
                              void *given) {
    bool odd = walk_pd(&tile, labels, bounds, maximum, argmax, given, sizeof(double), load_f64);
    uint32_t first = whole_pd(tile.count);
    REST(double, ONE_F64);
    return odd;
}

// ---------------------------------------------------------------- collecting

/// Four self-confidences in units of 2^-40, with a count of one each. Exact as `mlk_units`: values are below 2^12.
INLINED __m256i units_of(__m256d value) {
    // Multiplied and added apart: a fused operation would round once where mlk_units rounds twice.
    __m256d scaled = _mm256_mul_pd(value, _mm256_set1_pd(MLK_UNITS));
    __m256i shifted = _mm256_castpd_si256(_mm256_add_pd(scaled, _mm256_set1_pd(MLK_ROUNDER)));
    __m256i units = _mm256_and_si256(shifted, _mm256_set1_epi64x(0xfffffffffffff));
    return _mm256_or_si256(units, _mm256_set1_epi64x(INT64_C(1) << mlk_count_shift));
}

/// Four values from x on, in double.
INLINED __m256d four(const void *values, uint32_t x, bool is_wide) {
    return is_wide ? _mm256_loadu_pd((const double *)values + x)
                   : _mm256_cvtps_pd(_mm_loadu_ps((const float *)values + x));
}

INLINED uint32_t compare(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                         const void *given, double candidate_bound, mlk_totals totals, mlk_collected *out,
                         bool is_wide) {
    mlk_comparison work;
    mlk_begin(&work, tile, totals.classes, out);
    uint32_t count = tile->count, counted = 0;
    uint32_t whole = count & ~(STEP - 1);
    __m256d bound = _mm256_set1_pd(candidate_bound);
    for (uint32_t x = 0; x < whole; x += STEP) {
        mlk_fetch(work.ahead, work.ahead_count, x, work.element_bytes);
        __m256i label = load_labels_ps(labels, x, true), predicted = load_labels_ps(argmax, x, true);
        uint32_t used = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(label)) & 0xff;
        uint32_t agreeing = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(label, predicted)));
        uint32_t low = (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(four(maximum, x, is_wide), bound, _CMP_LE_OQ));
        low |= (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(four(maximum, x + 4, is_wide), bound, _CMP_LE_OQ)) << 4;
        uint32_t contested = used & ~agreeing;
        out->contested[x / 64] |= (uint64_t)contested << (x & 63);
        out->candidates[x / 64] |= (uint64_t)(contested | (used & low)) << (x & 63);
        counted += (uint32_t)__builtin_popcount(used);

        uint64_t units[STEP];
        _mm256_storeu_si256((__m256i *)(void *)units, units_of(four(given, x, is_wide)));
        _mm256_storeu_si256((__m256i *)(void *)(units + 4), units_of(four(given, x + 4, is_wide)));
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < STEP; i++)
            work.tables.words[i % mlk_table_count][labels[x + i] + 1] += units[i];
    }
    mlk_fold(&work.tables, totals);
    for (uint32_t x = whole; x < count; x++) {
        int32_t label = labels[x];
        if (label < 0)
            continue;
        double top = is_wide ? ((const double *)maximum)[x] : (double)((const float *)maximum)[x];
        double own = is_wide ? ((const double *)given)[x] : (double)((const float *)given)[x];
        uint64_t is_contested = label != argmax[x];
        uint64_t is_candidate = is_contested | (uint64_t)(top <= candidate_bound);
        out->contested[x / 64] |= is_contested << (x & 63);
        out->candidates[x / 64] |= is_candidate << (x & 63);
        counted += 1;
        mlk_add(totals, label, mlk_units(own), 1);
    }
    return counted;
}

AVX2 uint32_t mlk_compare_avx2(const mlk_tile *tile, const int32_t *labels, const void *maximum, const int32_t *argmax,
                               const void *given, double candidate_bound, mlk_totals totals, mlk_collected *out) {
    return tile->type == MLK_FLOAT64
               ? compare(tile, labels, maximum, argmax, given, candidate_bound, totals, out, true)
               : compare(tile, labels, maximum, argmax, given, candidate_bound, totals, out, false);
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

AVX2 void mlk_expand_avx2(const uint64_t *bits, size_t words, uint8_t *bytes) {
    // Byte k of each half gets a copy of the byte of bits that bit k is in, then keeps that bit.
    const __m256i copies = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3,
                                            3, 3, 3, 3, 3);
    const __m256i kept = _mm256_set1_epi64x((long long)0x8040201008040201), ones = _mm256_set1_epi8(1);
    for (size_t i = 0; i < words; i++) {
        for (unsigned half = 0; half < 2; half++) {
            __m256i all = _mm256_shuffle_epi8(_mm256_set1_epi32((int)(bits[i] >> (32 * half))), copies);
            // The smaller of 1 and what is left of the byte: 1 where anything is.
            __m256i out = _mm256_min_epu8(_mm256_and_si256(all, kept), ones);
            _mm256_storeu_si256((__m256i *)(void *)(bytes + 64 * i + 32 * half), out);
        }
    }
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
