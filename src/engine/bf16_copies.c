/* Copies in bf16 of what products read. Compiled once for each CPU level. */
#include "engine/bf16.h"
#include "engine/transpose.h"

#include <string.h>

#define PASTE_EXPANDED(name, variant) name##_##variant
#define PASTE(name, variant) PASTE_EXPANDED(name, variant)
#define VARIANT(name) PASTE(name, NUDGE_VARIANT)

/* The bits of x rounded to bf16, in the upper half of a word. */
static inline uint32_t rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t up = bits + 0x7FFFu + (bits >> 16 & 1u);
    return x == x ? up : bits | 0x400000u;
}

static void copy_rows(uint16_t *to, size_t to_stride, const float *from, size_t from_stride, size_t rows,
                      size_t count) {
    for (size_t r = 0; r < rows; r++) {
        uint16_t *restrict out = to + r * to_stride;
        const float *restrict in = from + r * from_stride;
        for (size_t i = 0; i < count; i++) out[i] = (uint16_t)(rounded(in[i]) >> 16);
    }
}

/* pairs[i] = (even[i], odd[i]), the even one in the lower half: first in memory on the CPUs that have kernels, and what
 * bf16_tiles reads on all. `odd` NULL: zeros. */
static inline void pair_rows(uint32_t *restrict pairs, const float *restrict even, const float *restrict odd,
                             size_t count) {
    if (odd)
        for (size_t i = 0; i < count; i++)
            pairs[i] = rounded(even[i]) >> 16 | (rounded(odd[i]) & 0xFFFF0000u);
    else
        for (size_t i = 0; i < count; i++) pairs[i] = rounded(even[i]) >> 16;
}

static void copy_pairs(uint16_t *to, size_t panel, const float *from, size_t from_stride, size_t rows,
                       size_t count) {
    for (size_t r = 0; r < rows; r += 2, to += 2 * panel) {
        const float *even = from + r * from_stride;
        pair_rows((uint32_t *)(void *)to, even, r + 1 < rows ? even + from_stride : NULL, count);
    }
}

/* to[j][i] = from[i][j] for a square of LANE words; strides in words. */
static inline void transpose(uint32_t *restrict to, size_t to_stride, const uint32_t *restrict from,
                             size_t from_stride) {
    for (size_t i = 0; i < LANE; i += TRANSPOSE_SIDE)
        for (size_t j = 0; j < LANE; j += TRANSPOSE_SIDE)
            transpose_square(to + j * to_stride + i, to_stride, from + i * from_stride + j, from_stride);
}

/* LANE columns and 2 LANE rows at a time: pairs of rows are words, and words are transposed. */
static void copy_columns(uint16_t *to, size_t to_stride, const float *from, size_t from_stride, size_t rows,
                         size_t count) {
    uint32_t words[LANE][LANE], turned[LANE][LANE];
    for (size_t r = 0; r < rows; r += 2 * LANE)
        for (size_t i = 0; i < count; i += LANE) {
            size_t pairs = rows - r < 2 * LANE ? (rows - r + 1) / 2 : LANE;
            for (size_t p = 0; p < pairs; p++) {
                const float *even = from + (r + 2 * p) * from_stride + i;
                pair_rows(words[p], even, r + 2 * p + 1 < rows ? even + from_stride : NULL, LANE);
            }
            for (size_t p = pairs; p < LANE; p++) memset(words[p], 0, sizeof words[p]);
            if (pairs == LANE && to_stride % 2 == 0) {
                transpose((uint32_t *)(void *)(to + i * to_stride + r), to_stride / 2, words[0], LANE);
                continue;
            }
            transpose(turned[0], LANE, words[0], LANE);
            for (size_t j = 0; j < LANE; j++)
                memcpy(to + (i + j) * to_stride + r, turned[j], pairs * sizeof turned[j][0]);
        }
}

/* 16 inputs x 16 outputs at a time, as 8 rows of 8 long words: a pair of inputs by a pair of outputs,
 *
 *     w[i][o] w[i+1][o] w[i][o+1] w[i+1][o+1]  ->  w[i][o] w[i][o+1] w[i+1][o] w[i+1][o+1],
 *
 * which is what a row of `to` has of that pair of inputs; then long words are transposed. */
static void turn_pairs(uint16_t *to, size_t to_panel, const uint16_t *from, size_t from_panel, size_t rows,
                       size_t count) {
    uint64_t turned[TRANSPOSE_LONG_SIDE][TRANSPOSE_LONG_SIDE];
    for (size_t i = 0; i < rows; i += LANE)
        for (size_t o = 0; o < count; o += LANE) {
            for (size_t p = 0; p < TRANSPOSE_LONG_SIDE; p++) {
                uint64_t pairs[TRANSPOSE_LONG_SIDE];
                memcpy(pairs, from + ((i / 2 + p) * from_panel + o) * 2, sizeof pairs);
                for (size_t j = 0; j < TRANSPOSE_LONG_SIDE; j++)
                    turned[p][j] = (pairs[j] & 0xFFFF00000000FFFFu) | (pairs[j] & 0xFFFF0000u) << 16 |
                                   (pairs[j] >> 16 & 0xFFFF0000u);
            }
            transpose_long_square(to + (o / 2 * to_panel + i) * 2, to_panel / 2, turned[0],
                                  TRANSPOSE_LONG_SIDE);
        }
}

extern const struct bf16_copies VARIANT(bf16_copies);
const struct bf16_copies VARIANT(bf16_copies) = {copy_rows, copy_columns, copy_pairs, turn_pairs};
