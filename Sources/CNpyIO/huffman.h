// Prefix codes for deflate.
#ifndef NPIO_HUFFMAN_H
#define NPIO_HUFFMAN_H

#include "internal.h"

// RFC 1951, 3.2.6 and 3.2.7: the fixed code has 288 symbols, and no code is longer than 15 bits.
enum { huffman_symbols = 288, huffman_limit = 15 };

/// Code lengths for symbols that occur `counts` times, 0 for a symbol that does not occur. At least two symbols must
/// occur.
NPIO_HIDDEN void npio_huffman_lengths(const uint32_t *counts, size_t symbol_count, uint8_t *lengths);
/// The codes that lengths stand for, ready to be put into the stream from their low bit.
NPIO_HIDDEN void npio_huffman_codes(const uint8_t *lengths, size_t symbol_count, uint16_t *codes);

#endif
