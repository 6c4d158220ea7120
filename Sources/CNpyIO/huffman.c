// Prefix codes for deflate: lengths are made from counts, and codes from lengths.
#include "internal.h"
#include "huffman.h"

#include <stdlib.h>
#include <string.h>

typedef struct leaf {
    uint32_t count;
    uint16_t symbol;
} leaf;

/// Symbols break ties, so that every sort gives the same order.
static int by_count(const void *left, const void *right) {
    const leaf *a = left, *b = right;
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    return (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

/// Makes Huffman's tree over leaves in ascending order. Its nodes are made in ascending order too, so the two cheapest
/// nodes always stand at the heads of two queues. Returns the greatest depth.
static unsigned tree_depths(const leaf *leaves, size_t count, uint8_t *depths) {
    uint32_t weight[huffman_symbols];
    uint16_t leaf_parent[huffman_symbols], parent[huffman_symbols];
    uint8_t depth[huffman_symbols];
    size_t next_leaf = 0, next_node = 0;
    for (size_t made = 0; made + 1 < count; made++) {
        weight[made] = 0;
        for (int side = 0; side < 2; side++) {
            bool takes_leaf = next_node == made || (next_leaf < count && leaves[next_leaf].count <= weight[next_node]);
            weight[made] += takes_leaf ? leaves[next_leaf].count : weight[next_node];
            *(takes_leaf ? &leaf_parent[next_leaf++] : &parent[next_node++]) = (uint16_t)made;
        }
    }
    unsigned greatest = 0;
    // The node that was made last is the root, and every parent comes after its children.
    for (size_t node = count - 1; node-- > 0;) {
        depth[node] = node == count - 2 ? 0 : (uint8_t)(depth[parent[node]] + 1);
    }
    for (size_t i = 0; i < count; i++) {
        depths[i] = (uint8_t)(depth[leaf_parent[i]] + 1);
        greatest = depths[i] > greatest ? depths[i] : greatest;
    }
    return greatest;
}

void npio_huffman_lengths(const uint32_t *counts, size_t symbol_count, uint8_t *lengths) {
    leaf leaves[huffman_symbols];
    uint8_t depths[huffman_symbols];
    size_t used = 0;
    memset(lengths, 0, symbol_count);
    for (size_t i = 0; i < symbol_count; i++) {
        if (counts[i] > 0) {
            leaves[used++] = (leaf){counts[i], (uint16_t)i};
        }
    }
    qsort(leaves, used, sizeof *leaves, by_count);
    // Halving the counts flattens the tree. In the end all counts are ones and twos, whose tree is about ten deep.
    while (tree_depths(leaves, used, depths) > huffman_limit) {
        for (size_t i = 0; i < used; i++) {
            leaves[i].count = leaves[i].count / 2 + 1;
        }
    }
    for (size_t i = 0; i < used; i++) {
        lengths[leaves[i].symbol] = depths[i];
    }
}

void npio_huffman_codes(const uint8_t *lengths, size_t symbol_count, uint16_t *codes) {
    // RFC 1951, 3.2.2: codes of one length follow one another in the order of their symbols, and shorter codes come
    // first.
    unsigned of_length[huffman_limit + 1] = {0}, next[huffman_limit + 2] = {0};
    for (size_t i = 0; i < symbol_count; i++) {
        of_length[lengths[i]]++;
    }
    of_length[0] = 0;
    for (unsigned n = 1; n <= huffman_limit; n++) {
        next[n + 1] = (next[n] + of_length[n]) << 1;
    }
    for (size_t i = 0; i < symbol_count; i++) {
        unsigned code = next[lengths[i]], reversed = 0;
        if (lengths[i] > 0) {
            next[lengths[i]]++;
        }
        // The stream is filled from its low bits, while codes are read from their high bits.
        for (unsigned bit = 0; bit < lengths[i]; bit++) {
            reversed |= (code >> bit & 1) << (lengths[i] - 1 - bit);
        }
        codes[i] = (uint16_t)reversed;
    }
}
