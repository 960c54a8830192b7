/* Products in bf16: 8 significant bits of a and w, sums in f32. One kernel for all three products of a dense layer,
 *
 *     C[r][o] (+)= Σ_k A[r][k] B[k][o],
 *
 * A in rows of bf16 along k, B in pairs: (k, o) at (k / 2 * panel + o) * 2 + k % 2, as AVX512_BF16 and AMX read
 * them. k runs over whole multiples of BF16_TERMS; what lies beyond the last term is zero in both. What a product
 * reads is copied for it:
 *
 *              A                          B                                    sum over
 *   forward    x   [rows][K~]             w    panels, [K~ / 2][panel][2]      inputs
 *   data       d   [rows][M~]             wᵀ   [M~ / 2][64][2], from w's       outputs
 *   weights    xᵀ  [K^][n~]               d    panels, [n~ / 2][64][2]         rows
 *
 * (~: rounded up to BF16_TERMS, ^: to LANE). Invariant: the order of a sum depends on its terms alone, so that tiles
 * and threads cannot change a bit; it is not the same for all kernels. */
#ifndef NUDGE_ENGINE_BF16_H
#define NUDGE_ENGINE_BF16_H

#include "engine/engine.h"

enum { BF16_TERMS = 32 };

static inline size_t bf16_round_up(size_t terms) {
    return size_round_up(terms, BF16_TERMS);
}

/* Rows that a kernel computes together: C and A must have memory for whole multiples, whose surplus is not read. */
enum { BF16_ROWS = 16 };

enum bf16_start { BF16_ZERO, BF16_C, BF16_ROW }; /* C begins at zero, as it is, or with `row` in every row */

struct bf16_product {
    float *c;
    size_t c_stride;
    const uint16_t *a;
    size_t a_stride;
    const uint16_t *b;
    size_t panel;                /* of B: outputs side by side */
    size_t rows, columns, terms; /* columns: multiples of LANE, up to `panel` */
    enum bf16_start start;
    const float *row;
};

struct bf16_kernel {
    const char *name;
    bool (*available)(void); /* on this CPU, under this system */
    /* Around the products of a task, on its thread: AMX's registers are made ready and given back, which takes as long as
     * a fifth of a small product. */
    void (*begin)(void), (*end)(void);
    void (*product)(const struct bf16_product *product);
};

/* AVX512_BF16; AMX; AMX's logic with its instructions in plain C, for tests. NULL in builds that have none. */
extern const struct bf16_kernel *const bf16_avx512, *const bf16_amx;
extern const struct bf16_kernel bf16_tiles;

/* The fastest kernel that this machine has and that computes small products right, which is tried at every call (a
 * millisecond); or the one that is named, on the same conditions. NULL: there is none. `wrong`: the last one that did
 * not; NULL: none. */
const struct bf16_kernel *bf16_choose(const char *name, const struct bf16_kernel **wrong);

/* Whether it computes small products as plain C does, within the rounding of their sums. */
bool bf16_is_right(const struct bf16_kernel *kernel);

/* The copies, a table for each CPU level. Float arrays have rows of a stride in elements. Rounded to nearest, ties to
 * even; what is not a number stays so. */
struct bf16_copies {
    /* to[r][i] = from[r][i] */
    void (*rows)(uint16_t *to, size_t to_stride, const float *from, size_t from_stride, size_t rows,
                 size_t count);
    /* to[i][r] = from[r][i]; count a multiple of LANE, `to` begins at an even row. An odd last row gets a zero
     * beside it. */
    void (*columns)(uint16_t *to, size_t to_stride, const float *from, size_t from_stride, size_t rows,
                    size_t count);
    /* to[r / 2][i][r % 2] = from[r][i], `panel` pairs in a row of `to`; the same of an odd last row. */
    void (*pairs)(uint16_t *to, size_t panel, const float *from, size_t from_stride, size_t rows,
                  size_t count);
    /* to[o / 2][i][o % 2] = from[i / 2][o][i % 2], so many pairs in a row of each; rows i and columns o: multiples of
     * LANE. */
    void (*turn)(uint16_t *to, size_t to_panel, const uint16_t *from, size_t from_panel, size_t rows,
                 size_t columns);
};

const struct bf16_copies *bf16_copies(const nudge_context *context);

#endif
