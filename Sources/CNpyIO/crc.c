// CRC-32. On x86-64 whole blocks are folded with carry-less products. zlib does the rest there, and everything
// elsewhere.
#include "internal.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

_Static_assert(sizeof(z_off_t) >= 8, "zlib combines lengths of 64 bits");

static uint32_t table_crc(uint32_t crc, const uint8_t *bytes, size_t count) {
    const size_t piece_limit = 1u << 30;
    while (count > 0) {
        size_t piece = count < piece_limit ? count : piece_limit;
        crc = (uint32_t)crc32(crc, bytes, (uInt)piece);
        bytes += piece;
        count -= piece;
    }
    return crc;
}

#if defined(__x86_64__)
// Below `fold_from` bytes, and for wide lanes below `wide_from`, the set-up costs more than it saves.
enum { lane = 16, lanes = 4, block = lane * lanes, wide_block = 4 * block, fold_from = 128, wide_from = 1024 };

/// `x` times x^distance modulo the CRC's polynomial, as another 16 bytes with the same remainder, plus `next`.
///
/// Each half is multiplied on its own; the low half of `factors` belongs to the low half of `x`. Bit 0 of a byte is the
/// higher power, so that a product comes out one place too low. The factors are shifted by one to make up for that.
__attribute__((target("pclmul,sse2"))) static inline __m128i fold(__m128i x, __m128i factors, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(x, factors, 0x00), high = _mm_clmulepi64_si128(x, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// Folds lanes that follow one another into one.
__attribute__((target("pclmul,sse2"))) static inline __m128i fold_lanes(const __m128i *x) {
    const __m128i by128 = _mm_set_epi64x(0x0CCAA009E, 0x1751997D0);
    __m128i one = x[0];
    for (int i = 1; i < lanes; i++) {
        one = fold(one, by128, x[i]);
    }
    return one;
}

/// The CRC of bytes that have the same remainder as the 16 bytes of `x`. zlib complements the CRC before and after, so
/// it is given the complement of zero to begin with.
__attribute__((target("sse2"))) static inline uint32_t remainder_of(__m128i x) {
    uint8_t rest[lane];
    _mm_storeu_si128((__m128i *)(void *)rest, x);
    return (uint32_t)crc32(UINT32_MAX, rest, lane);
}

/// Four lanes step over 512 bits at a time and are then folded into one. That lane has the remainder of all bytes
/// before it, which a table computes as for any 16 bytes.
///
/// Source: Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.
__attribute__((target("pclmul,sse2"))) static uint32_t folded_crc(uint32_t crc, const uint8_t *bytes, size_t count) {
    // x^(distance + 32) and x^(distance - 32) modulo the polynomial, with their bits reversed and shifted by one.
    const __m128i by512 = _mm_set_epi64x(0x1C6E41596, 0x154442BD4);
    __m128i x[lanes];
    for (int i = 0; i < lanes; i++) {
        x[i] = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i * lane));
    }
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
    bytes += block;
    count -= block;
    for (; count >= block; bytes += block, count -= block) {
        for (int i = 0; i < lanes; i++) {
            x[i] = fold(x[i], by512, _mm_loadu_si128((const __m128i *)(const void *)(bytes + i * lane)));
        }
    }
    return table_crc(remainder_of(fold_lanes(x)), bytes, count);
}

#define WIDE __attribute__((target("vpclmulqdq,avx512f,pclmul")))

WIDE static inline __m512i fold_wide(__m512i x, __m512i factors, __m512i next) {
    __m512i low = _mm512_clmulepi64_epi128(x, factors, 0x00), high = _mm512_clmulepi64_epi128(x, factors, 0x11);
    return _mm512_xor_si512(_mm512_xor_si512(low, high), next);
}

/// As `folded_crc`, with four lanes in each register: sixteen lanes step over 2,048 bits at a time.
WIDE static uint32_t wide_crc(uint32_t crc, const uint8_t *bytes, size_t count) {
    const __m512i by2048 = _mm512_broadcast_i32x4(_mm_set_epi64x(0x1322D1430, 0x11542778A));
    const __m512i by512 = _mm512_broadcast_i32x4(_mm_set_epi64x(0x1C6E41596, 0x154442BD4));
    __m512i x[lanes];
    for (int i = 0; i < lanes; i++) {
        x[i] = _mm512_loadu_si512(bytes + i * block);
    }
    x[0] = _mm512_xor_si512(x[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc)));
    bytes += wide_block;
    count -= wide_block;
    for (; count >= wide_block; bytes += wide_block, count -= wide_block) {
        for (int i = 0; i < lanes; i++) {
            x[i] = fold_wide(x[i], by2048, _mm512_loadu_si512(bytes + i * block));
        }
    }
    for (int i = 1; i < lanes; i++) {
        x[0] = fold_wide(x[0], by512, x[i]);
    }
    __m128i last[lanes];
    _mm512_storeu_si512(last, x[0]);
    return npio_crc32(remainder_of(fold_lanes(last)), bytes, count);
}
#endif

uint32_t npio_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
    if (count >= wide_from && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512f")) {
        return wide_crc(crc, bytes, count);
    }
    if (count >= fold_from && __builtin_cpu_supports("pclmul")) {
        return folded_crc(crc, bytes, count);
    }
#endif
    return table_crc(crc, bytes, count);
}

uint32_t npio_crc32_combine(uint32_t first, uint32_t second, uint64_t second_size) {
    return (uint32_t)crc32_combine(first, second, (z_off_t)second_size);
}
