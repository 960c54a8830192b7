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

static void copy_pairs_of_columns(uint16_t *to, size_t panel, const float *from, size_t from_stride,
                                  size_t rows, size_t count) {
    uint32_t words[LANE][LANE];
    for (size_t i = 0; i < count; i += 2 * LANE)
        for (size_t r = 0; r < rows; r += LANE) {
            size_t width = count - i < 2 * LANE ? count - i : 2 * LANE;
            for (size_t j = 0; j < LANE; j++)
                copy_rows((uint16_t *)(void *)words[j], 2 * LANE, from + (r + j) * from_stride + i, 0, 1,
                          width);
            uint32_t *out = (uint32_t *)(void *)to + i / 2 * panel + r;
            if (width == 2 * LANE) {
                transpose(out, panel, words[0], LANE);
                continue;
            }
            for (size_t p = 0; p < width / 2; p++)
                for (size_t j = 0; j < LANE; j++) out[p * panel + j] = words[j][p];
        }
}

extern const struct bf16_copies VARIANT(bf16_copies);
const struct bf16_copies VARIANT(bf16_copies) = {copy_rows, copy_columns, copy_pairs, copy_pairs_of_columns};
