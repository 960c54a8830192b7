/* The portable engine's verbs, compiled once per variant (real = float or double; baseline, x86-64-v3, -v4).
 *
 * Invariant: every element of a product is ((start + t_0) + t_1) + t_2 ..., each term and each sum rounded
 * once, in the order of the summation index. Tiles only decide which elements are computed side by side, so
 * all variants of one precision give the same bits.
 *
 * All three products are one tile: C[r][0..PANEL) (+)= Σ_k A[r, k] · B[k][0..PANEL), with strides that say
 * what A, B and C are:
 *
 *              C                A[r, k]            B[k]                     sum over
 *   forward    y, row r         x[r][k]            w panel, input k         inputs
 *   data       dx, row r        dy[r][k]           wᵀ packed, output k      outputs
 *   weights    dw panel, input  x[k][input]        dy[k], PANEL outputs     rows
 */
#ifdef __FAST_MATH__
#error "-ffast-math breaks the same bits and the search for numbers that are not finite"
#endif
#include "base/real.h"
#include "engine/engine.h"

#include <string.h>

/* Bytes of a vector register, and rows of a tile: as many as leave room for a row of B beside them. */
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, TILE_ROWS_F32 = 12, TILE_ROWS_F64 = 6 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32, TILE_ROWS_F32 = 6, TILE_ROWS_F64 = 3 };
#else
enum { VECTOR_BYTES = 16, TILE_ROWS_F32 = 3, TILE_ROWS_F64 = 1 };
#endif
enum {
    LANES = VECTOR_BYTES / (int)sizeof(real),
    VECTORS = PANEL / LANES,
    TILE_ROWS = sizeof(real) == sizeof(float) ? TILE_ROWS_F32 : TILE_ROWS_F64,
};

typedef real vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

enum tile_start { START_ZERO, START_C, START_ROW }; /* START_ROW: every row begins as `row` (the bias) */

struct tile {
    real *c;
    size_t c_stride;
    const real *a;
    size_t a_row, a_k; /* steps of A along the tile's rows and along the sum */
    const real *b;
    size_t b_stride;
    size_t terms;
    enum tile_start start;
    const real *row;
};

/* `rows` is a constant at every call, so that acc lives in registers. */
static inline __attribute__((always_inline)) void tile_product(const struct tile *tile, int rows) {
    vector acc[TILE_ROWS][VECTORS];
    const size_t c_stride = tile->c_stride, a_row = tile->a_row, a_k = tile->a_k, b_stride = tile->b_stride;
    const real *a = tile->a, *b = tile->b;
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < VECTORS; v++) {
            if (tile->start == START_ZERO)
                acc[r][v] = (vector){0};
            else if (tile->start == START_C)
                acc[r][v] = ((const vector *)(tile->c + (size_t)r * c_stride))[v];
            else
                acc[r][v] = ((const vector *)tile->row)[v];
        }
    for (size_t k = 0; k < tile->terms; k++) {
        const vector *b_k = (const vector *)(b + k * b_stride);
        const real *a_col = a + k * a_k;
        for (int r = 0; r < rows; r++) {
            real a_rk = a_col[(size_t)r * a_row];
            for (int v = 0; v < VECTORS; v++) acc[r][v] += b_k[v] * a_rk;
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < VECTORS; v++) ((vector *)(tile->c + (size_t)r * c_stride))[v] = acc[r][v];
}

/* A column of tiles: `rows` rows, TILE_ROWS at a time. */
static void tile_column(struct tile tile, size_t rows) {
    for (; rows >= TILE_ROWS; rows -= TILE_ROWS) {
        tile_product(&tile, TILE_ROWS);
        tile.c += TILE_ROWS * tile.c_stride;
        tile.a += TILE_ROWS * tile.a_row;
    }
    switch (rows) {
#define LEFT(n)                                                                                              \
    case n:                                                                                                  \
        if (n < TILE_ROWS) tile_product(&tile, n < TILE_ROWS ? n : 0);                                       \
        break;
        LEFT(1)
        LEFT(2)
        LEFT(3)
        LEFT(4)
        LEFT(5)
        LEFT(6)
        LEFT(7)
        LEFT(8)
        LEFT(9)
        LEFT(10)
        LEFT(11)
#undef LEFT
    default: break;
    }
}

static void dense_forward(const struct dense_shape *shape, size_t rows, void *y, const void *x, const void *w,
                          const void *b) {
    for (size_t o = 0; o < shape->outputs; o += PANEL) {
        struct tile tile = {
            .c = (real *)y + o,
            .c_stride = shape->output_stride,
            .a = x,
            .a_row = shape->input_stride,
            .a_k = 1,
            .b = (const real *)w + o * shape->inputs,
            .b_stride = PANEL,
            .terms = shape->inputs,
            .start = START_ROW,
            .row = (const real *)b + o,
        };
        tile_column(tile, rows);
    }
}

/* packed[o][0..PANEL) = the weights from inputs first .. first+PANEL-1 to output o; zero beyond the last
 * input. */
static void pack_transposed(const struct dense_shape *shape, real *restrict packed, const real *restrict w,
                            size_t first) {
    size_t inputs = shape->inputs - first < PANEL ? shape->inputs - first : PANEL;
    for (size_t o = 0; o < shape->outputs; o += PANEL) {
        const real *from = w + o * shape->inputs + first * PANEL;
        real *to = packed + o * PANEL;
        for (size_t j = 0; j < PANEL; j++) {
            for (size_t i = 0; i < inputs; i++) to[j * PANEL + i] = from[i * PANEL + j];
            for (size_t i = inputs; i < PANEL; i++) to[j * PANEL + i] = 0;
        }
    }
}

static void dense_backward_data(const struct dense_shape *shape, size_t rows, void *dx, const void *dy,
                                const void *w, void *scratch) {
    for (size_t i = 0; i < shape->inputs; i += PANEL) {
        pack_transposed(shape, scratch, w, i);
        struct tile tile = {
            .c = (real *)dx + i,
            .c_stride = shape->input_stride,
            .a = dy,
            .a_row = shape->output_stride,
            .a_k = 1,
            .b = scratch,
            .b_stride = PANEL,
            .terms = shape->outputs,
            .start = START_ZERO,
        };
        tile_column(tile, rows);
    }
}

static void dense_backward_weights(const struct dense_shape *shape, size_t rows, void *dw, void *db,
                                   const void *dy, const void *x, size_t panel, size_t first, size_t last,
                                   bool accumulate) {
    const real *dy_panel = (const real *)dy + panel * PANEL;
    struct tile tile = {
        .c = (real *)dw + (panel * shape->inputs + first) * PANEL,
        .c_stride = PANEL,
        .a = (const real *)x + first,
        .a_row = 1,
        .a_k = shape->input_stride,
        .b = dy_panel,
        .b_stride = shape->output_stride,
        .terms = rows,
        .start = accumulate ? START_C : START_ZERO,
    };
    tile_column(tile, last - first);
    if (first > 0) return;
    real *db_panel = (real *)db + panel * PANEL;
    if (!accumulate) memset(db_panel, 0, PANEL * sizeof *db_panel);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < PANEL; j++) db_panel[j] += dy_panel[r * shape->output_stride + j];
}

static void convert_u8(void *out, const uint8_t *in, size_t count, float shift, float scale) {
    real *restrict to = out;
    for (size_t i = 0; i < count; i++) to[i] = ((real)in[i] - (real)shift) * (real)scale;
}

static void convert_f32(void *out, const float *in, size_t count, float shift, float scale) {
    real *restrict to = out;
    for (size_t i = 0; i < count; i++) to[i] = ((real)in[i] - (real)shift) * (real)scale;
}

extern const struct engine_verbs VARIANT(portable_verbs);
const struct engine_verbs VARIANT(portable_verbs) = {
    .element_size = sizeof(real),
    .dense_forward = dense_forward,
    .dense_backward_data = dense_backward_data,
    .dense_backward_weights = dense_backward_weights,
    .convert_u8 = convert_u8,
    .convert_f32 = convert_f32,
};
