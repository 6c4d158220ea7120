// Deflate for masks and label maps. These are runs of equal bytes, so the only matches looked for are runs (distance
// 1). Bytes are cut into runs, some thousand runs make a block, and each block is written in whichever of deflate's
// three ways is shortest. Equal bytes give equal output: no state outlives a call, and no version of a library has a
// part in it.
//
// Source: RFC 1951.
#include "huffman.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    run_limit = 8192,         // runs in a block: enough to pay for its code table, and few enough to fit on a stack
    run_bits = 24,            // bits of a run's length, which stand below its value
    match_limit = 258,
    match_from = 3,
    end_of_block = 256,
    first_length = 257,
    symbol_count = 286,
    stored_limit = 65535,
    stored_overhead = 5,
    code_length_symbols = 19,
};
static const uint32_t length_mask = (1u << run_bits) - 1;

size_t npio_deflate_bound(size_t count) {
    // A block of at least 8,192 bytes takes at most five bytes more than those. The rest is for the last block, and for
    // words that are written whole.
    size_t bound;
    return __builtin_add_overflow(count, count / 1024 + 256, &bound) ? SIZE_MAX : bound;
}

// ---------------------------------------------------------------- bits

typedef struct bit_writer {
    uint8_t *out;
    uint64_t bits;
    unsigned count;
} bit_writer;

/// Appends up to 56 bits; up to seven may still be pending. Always stores eight bytes, so `out` needs room for them.
static inline void put(bit_writer *w, uint64_t bits, unsigned count) {
    w->bits |= bits << w->count;
    w->count += count;
    npio_put64(w->out, w->bits);
    w->out += w->count >> 3;
    w->bits >>= w->count & ~7u;
    w->count &= 7;
}

static void align(bit_writer *w) {
    put(w, 0, (8 - w->count) & 7);
}

// ---------------------------------------------------------------- codes

typedef struct token {
    uint32_t bits;
    uint8_t count;
} token;

/// The bits that runs are written with: a literal for each value, and a match for each length from `match_from` on.
typedef struct code_table {
    uint8_t lengths[huffman_symbols];
    token literals[256], matches[match_limit + 1], end;
} code_table;

/// The symbol of a match's length. RFC 1951, 3.2.5: four symbols share each number of extra bits, and length 258 has a
/// symbol of its own.
static unsigned length_symbol(unsigned length, unsigned *extra_bits) {
    unsigned x = length - match_from;
    *extra_bits = 0;
    if (length == match_limit) {
        return 285;
    }
    if (x < 8) {
        return first_length + x;
    }
    unsigned top = 31 - (unsigned)__builtin_clz(x);
    *extra_bits = top - 2;
    return first_length + 4 * (top - 1) + (x >> (top - 2) & 3);
}

static void fill_table(code_table *table, unsigned distance_bits) {
    uint16_t codes[huffman_symbols];
    npio_huffman_codes(table->lengths, huffman_symbols, codes);
    for (unsigned i = 0; i < 256; i++) {
        table->literals[i] = (token){codes[i], table->lengths[i]};
    }
    memset(table->matches, 0, match_from * sizeof table->matches[0]);
    for (unsigned n = match_from; n <= match_limit; n++) {
        unsigned extra_bits, symbol = length_symbol(n, &extra_bits), bits = table->lengths[symbol];
        uint32_t extra = (n - match_from) & ((1u << extra_bits) - 1);
        // Distance 1 has the distance code 0, whose bits are zeros.
        table->matches[n] = (token){codes[symbol] | extra << bits, (uint8_t)(bits + extra_bits + distance_bits)};
    }
    table->end = (token){codes[end_of_block], table->lengths[end_of_block]};
}

static void fixed_lengths(uint8_t *lengths) {
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    memset(lengths + 280, 8, huffman_symbols - 280);
}

// ---------------------------------------------------------------- blocks

typedef struct block {
    uint32_t runs[run_limit];  // value << 24 | length
    size_t run_count;
    const uint8_t *bytes;      // the bytes that the runs stand for
    size_t size;
} block;

static uint32_t count_symbols(const block *b, uint32_t *counts) {
    uint32_t match_counts[match_limit + 1] = {0}, matches = 0;
    memset(counts, 0, huffman_symbols * sizeof *counts);
    for (size_t i = 0; i < b->run_count; i++) {
        uint32_t rest = (b->runs[i] & length_mask) - 1;
        if (__builtin_expect(rest > match_limit, 0)) {
            match_counts[match_limit] += rest / match_limit;
            rest %= match_limit;
        }
        counts[b->runs[i] >> run_bits] += 1 + (rest < match_from ? rest : 0);
        match_counts[rest]++;
    }
    for (unsigned n = match_from; n <= match_limit; n++) {
        unsigned extra_bits;
        counts[length_symbol(n, &extra_bits)] += match_counts[n];
        matches += match_counts[n];
    }
    counts[end_of_block] = 1;
    return matches;
}

static uint64_t cost(const uint32_t *counts, const uint8_t *lengths, uint32_t matches, unsigned distance_bits) {
    uint64_t bits = (uint64_t)matches * distance_bits;
    for (unsigned i = 0; i < huffman_symbols; i++) {
        // The extra bits of symbols 265 to 284 (RFC 1951, 3.2.5) are left out: they cost the same in every code.
        bits += (uint64_t)counts[i] * lengths[i];
    }
    return bits;
}

static uint64_t extra_cost(const uint32_t *counts) {
    uint64_t bits = 0;
    for (unsigned i = 265; i < 285; i++) {
        bits += (uint64_t)counts[i] * ((i - 261) / 4);
    }
    return bits;
}

// The code in which code lengths are written is the same for every block. It is a complete code in which 0 to 13 take
// four bits, and 14, 15 and both runs of zeros take five. The repeat of a length (16) is not used.
static const uint8_t code_length_lengths[code_length_symbols] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 0, 5, 5};

/// Writes the code lengths of literals, lengths and the one distance, with runs of zeros cut short, unless `w` is NULL.
/// Returns how many bits they take.
static unsigned put_code_lengths(bit_writer *w, const uint8_t *lengths) {
    uint16_t codes[code_length_symbols];
    npio_huffman_codes(code_length_lengths, code_length_symbols, codes);
    unsigned bits = 0;
    for (unsigned i = 0; i < symbol_count;) {
        unsigned zeros = 0;
        while (i + zeros < symbol_count && lengths[i + zeros] == 0 && zeros < 138) {
            zeros++;
        }
        unsigned symbol = zeros >= 11 ? 18 : zeros >= 3 ? 17 : lengths[i], n = code_length_lengths[symbol];
        unsigned extra_bits = symbol == 18 ? 7 : symbol == 17 ? 3 : 0;
        unsigned extra = symbol == 18 ? zeros - 11 : symbol == 17 ? zeros - 3 : 0;
        if (w != NULL) {
            put(w, codes[symbol] | extra << n, n + extra_bits);
        }
        bits += n + extra_bits;
        i += symbol > 16 ? zeros : 1;
    }
    if (w != NULL) {
        put(w, codes[1], code_length_lengths[1]);
    }
    return bits + code_length_lengths[1];
}

static void put_code_header(bit_writer *w, const uint8_t *lengths) {
    static const uint8_t order[code_length_symbols] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    put(w, symbol_count - 257, 5);
    put(w, 0, 5);
    put(w, code_length_symbols - 4, 4);
    for (unsigned i = 0; i < code_length_symbols; i++) {
        put(w, code_length_lengths[order[i]], 3);
    }
    put_code_lengths(w, lengths);
}

/// Writes a run that takes more than one match.
static __attribute__((noinline)) bit_writer put_long_run(bit_writer w, const code_table *table, uint32_t run) {
    token literal = table->literals[run >> run_bits];
    uint32_t rest = (run & length_mask) - 1;
    put(&w, literal.bits, literal.count);
    for (; rest >= match_limit; rest -= match_limit) {
        put(&w, table->matches[match_limit].bits, table->matches[match_limit].count);
    }
    if (rest >= match_from) {
        put(&w, table->matches[rest].bits, table->matches[rest].count);
        rest = 0;
    }
    for (; rest > 0; rest--) {
        put(&w, literal.bits, literal.count);
    }
    return w;
}

static void put_runs(bit_writer *writer, const block *b, const code_table *table) {
    // A copy, so that the compiler knows that no byte written changes it.
    bit_writer w = *writer;
    for (size_t i = 0; i < b->run_count; i++) {
        uint32_t run = b->runs[i], length = run & length_mask;
        if (__builtin_expect(length > match_limit + 1, 0)) {
            w = put_long_run(w, table, run);
            continue;
        }
        // Each run is one write of at most 45 bits: one to three literals, or a literal and a match. The choice is made
        // without a branch, because in noise a branch would often be mispredicted.
        token literal = table->literals[run >> run_bits], match = table->matches[length - 1];
        uint64_t once = literal.bits, count = literal.count;
        uint64_t literals = (once | once << count | once << 2 * count) & ((UINT64_C(1) << (length & 3) * count) - 1);
        uint64_t with_match = once | (uint64_t)match.bits << count;
        uint64_t is_literals = 0 - (uint64_t)(length <= match_from);
        put(&w, (literals & is_literals) | (with_match & ~is_literals),
            (unsigned)((length * count & is_literals) | ((count + match.count) & ~is_literals)));
    }
    put(&w, table->end.bits, table->end.count);
    *writer = w;
}

/// Writes stored blocks, RFC 1951, 3.2.4: a byte-aligned length, its complement, and the bytes. A block without bytes
/// marks the end of a chunk.
static void put_stored(bit_writer *w, const uint8_t *bytes, size_t count) {
    do {
        size_t piece = count < stored_limit ? count : stored_limit;
        put(w, 0, 3);
        align(w);
        npio_put16(w->out, (uint32_t)piece);
        npio_put16(w->out + 2, (uint32_t)~piece & 0xFFFF);
        w->out += 4;
        if (piece > 0) {
            memcpy(w->out, bytes, piece);
            w->out += piece;
            bytes += piece;
        }
        count -= piece;
    } while (count > 0);
}

static void put_block(bit_writer *w, const block *b) {
    enum { fixed_distance_bits = 5, distance_bits = 1, header_bits = 5 + 5 + 4 + 3 * code_length_symbols };
    code_table table;
    uint32_t counts[huffman_symbols];
    uint8_t lengths[huffman_symbols] = {0}, plain[huffman_symbols];
    uint32_t matches = count_symbols(b, counts);
    uint64_t extra = extra_cost(counts);
    npio_huffman_lengths(counts, symbol_count, lengths);
    fixed_lengths(plain);
    uint64_t dynamic_cost = cost(counts, lengths, matches, distance_bits) + extra + header_bits + put_code_lengths(NULL, lengths);
    uint64_t fixed_cost = cost(counts, plain, matches, fixed_distance_bits) + extra;
    uint64_t stored_cost = 8 * (uint64_t)(b->size + stored_overhead * (b->size / stored_limit + 1));
    if (stored_cost <= dynamic_cost && stored_cost <= fixed_cost) {
        put_stored(w, b->bytes, b->size);
        return;
    }
    bool dynamic = dynamic_cost < fixed_cost;
    // One bit says that this is not the last block, and two say its kind.
    put(w, dynamic ? 2 << 1 : 1 << 1, 3);
    if (dynamic) {
        put_code_header(w, lengths);
    }
    memcpy(table.lengths, dynamic ? lengths : plain, sizeof table.lengths);
    fill_table(&table, dynamic ? distance_bits : fixed_distance_bits);
    put_runs(w, b, &table);
}

// ---------------------------------------------------------------- runs

static void close_block(bit_writer *w, block *b) {
    if (b->run_count > 0) {
        put_block(w, b);
        b->bytes += b->size;
        b->size = 0;
        b->run_count = 0;
    }
}

static inline void add_run(bit_writer *w, block *b, uint8_t value, size_t length) {
    do {
        size_t piece = length < length_mask ? length : length_mask;
        b->runs[b->run_count++] = (uint32_t)value << run_bits | (uint32_t)piece;
        b->size += piece;
        length -= piece;
        if (b->run_count == run_limit) {
            close_block(w, b);
        }
    } while (__builtin_expect(length > 0, 0));
}

#if defined(__SSE2__)
/// Bit i is set where byte i differs from the byte before it, for 64 bytes.
static inline uint64_t run_starts(const uint8_t *bytes) {
    uint64_t same = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i - 1));
        same |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(here, before)) << i;
    }
    return ~same;
}
#else
/// Bit i is set where byte i of `x` is not zero.
static inline uint64_t nonzero_bytes(uint64_t x) {
    const uint64_t low = 0x7F7F7F7F7F7F7F7F, high = ~low;
    uint64_t marks = (((x & low) + low) | x) & high;
    // The product moves the mark of byte k to bit 56 + k, and no two marks meet on the way.
    return (marks >> 7) * 0x0102040810204080 >> 56;
}

static inline uint64_t run_starts(const uint8_t *bytes) {
    uint64_t starts = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        starts |= nonzero_bytes(npio_get64(bytes + i) ^ npio_get64(bytes + i - 1)) << i;
    }
    return starts;
}
#endif

size_t npio_deflate(const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity) {
    enum { step = 64 };
    if (capacity < npio_deflate_bound(count)) {
        return 0;
    }
    bit_writer w = {.out = out};
    block b = {.run_count = 0, .bytes = bytes, .size = 0};
    if (count > 0) {
        size_t start = 0, at = 1;
        for (; count - at >= step; at += step) {
            for (uint64_t marks = run_starts(bytes + at); marks != 0; marks &= marks - 1) {
                size_t next = at + (size_t)__builtin_ctzll(marks);
                add_run(&w, &b, bytes[start], next - start);
                start = next;
            }
        }
        for (; at < count; at++) {
            if (bytes[at] != bytes[start]) {
                add_run(&w, &b, bytes[start], at - start);
                start = at;
            }
        }
        add_run(&w, &b, bytes[start], count - start);
        close_block(&w, &b);
    }
    put_stored(&w, NULL, 0);
    return (size_t)(w.out - out);
}
