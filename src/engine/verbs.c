/* The verbs of both engines, compiled once per variant: real = float or double; baseline, x86-64-v3, -v4; and
 * with NUDGE_FUSED for the native engine, f32 where the CPU has a fused multiply-add.
 *
 * Invariant: every element of a product is ((start + t_0) + t_1) + t_2 ..., in the order of the summation
 * index; the forward sums are taken in parts (engine.h). Portable rounds each term and each sum; native rounds
 * once where a term is added. Tiles only decide which elements are computed side by side, so all variants of
 * one engine and precision give the same bits.
 *
 * All three products are one tile: C[r][0..width) (+)= Σ_k A[r, k] · B[k][0..width), with strides that say
 * what A, B and C are:
 *
 *              C                A[r, k]            B[k]                     sum over
 *   forward    y, row r         x[r][k]            w panel, input k         inputs
 *   data       dx, row r        dy[r][k]           wᵀ packed, output k      outputs
 *   weights    dw panel, input  x[k][input]        dy[k], one panel         rows
 */
#ifdef __FAST_MATH__
#error "-ffast-math breaks the same bits and the search for numbers that are not finite"
#endif
#include "base/real.h"
#include "engine/engine.h"
#include "engine/transpose.h"

#include <string.h>

#if defined(NUDGE_FUSED) && defined(__x86_64__)
#include <immintrin.h>
#elif defined(NUDGE_FUSED) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Bytes of a vector register; accumulators of a tile: as many as leave registers for a row of B and an
 * element of A; the widest tile in LANE numbers: a tile of 6 x 64 needs 10 loads for 24 multiply-adds, one of
 * 12 x 16 needs 13 for 12. Terms of a sum in one pass: so many lines of B stay in 32 KiB. */
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, TILE_VECTORS = 24, WIDEST_VECTORS = 4, MOST_TERMS = 4096 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32, TILE_VECTORS = 12, WIDEST_VECTORS = 2, MOST_TERMS = 96 };
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, TILE_VECTORS = 24, WIDEST_VECTORS = 4, MOST_TERMS = 96 };
#else
enum { VECTOR_BYTES = 16, TILE_VECTORS = 12, WIDEST_VECTORS = 4, MOST_TERMS = 96 };
#endif
enum {
    LANES = VECTOR_BYTES / (int)sizeof(real),
    VECTORS = LANE / LANES,
    WIDEST = WIDEST_VECTORS > VECTORS ? WIDEST_VECTORS / VECTORS : 1, /* in LANE numbers */
    MOST_ROWS = 12,
    MOST_LANES = VECTORS < 4 ? 4 : 2, /* that are LANE numbers, side by side in one row */
};

typedef real vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* sum + a * b */
static inline __attribute__((always_inline)) vector add_product(vector sum, vector a, vector b) {
#if !defined(NUDGE_FUSED)
    return sum + a * b;
#elif defined(__AVX512F__)
    return (vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)sum);
#elif defined(__FMA__)
    return (vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)sum);
#elif defined(__aarch64__)
    return (vector)vfmaq_f32((float32x4_t)sum, (float32x4_t)a, (float32x4_t)b);
#else
#error "no fused multiply-add here"
#endif
}

static inline __attribute__((always_inline)) vector all_of(real x) {
    return x - (vector){0};
}

/* START_ROW: every row begins as `row` (the bias). ADD_TO_C: the sum, from zero, is added to what is
 * there. */
enum tile_start { START_ZERO, START_C, START_ROW, ADD_TO_C };

struct tile {
    real *c;
    size_t c_stride;
    const real *a;
    size_t a_step; /* of A along the tile's rows, or along the sum: the other step is 1 */
    const real *b;
    size_t b_stride;
    size_t terms;
    enum tile_start start;
    const real *row;
};

/* A[r, k] is a[r * a_step + k], or a[k * a_step + r]. */
enum tile_a { A_BY_ROWS, A_BY_TERMS };

/* Rows of a tile so many LANE numbers wide. */
static inline __attribute__((always_inline)) int tile_rows(int lanes) {
    int rows = TILE_VECTORS / (VECTORS * lanes);
    return rows < MOST_ROWS ? rows : MOST_ROWS;
}

/* `rows`, `lanes` and `by` are constants at every call, so that acc lives in registers. */
static inline __attribute__((always_inline)) void tile_product(const struct tile *tile, int rows, int lanes,
                                                               enum tile_a by) {
    vector acc[MOST_ROWS][WIDEST * VECTORS];
    const int vectors = lanes * VECTORS;
    const size_t c_stride = tile->c_stride, b_stride = tile->b_stride;
    const size_t a_row = by == A_BY_ROWS ? tile->a_step : 1, a_k = by == A_BY_ROWS ? 1 : tile->a_step;
    const real *a = tile->a, *b = tile->b;
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            if (tile->start == START_C)
                acc[r][v] = ((const vector *)(tile->c + (size_t)r * c_stride))[v];
            else if (tile->start == START_ROW)
                acc[r][v] = ((const vector *)tile->row)[v];
            else
                acc[r][v] = (vector){0};
        }
    for (size_t k = 0; k < tile->terms; k++, a += a_k, b += b_stride)
        for (int r = 0; r < rows; r++) {
            vector a_rk = all_of(a[(size_t)r * a_row]);
            for (int v = 0; v < vectors; v++)
                acc[r][v] = add_product(acc[r][v], a_rk, ((const vector *)b)[v]);
        }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            vector *c = (vector *)(tile->c + (size_t)r * c_stride) + v;
            if (tile->start == ADD_TO_C) acc[r][v] += *c;
            *c = acc[r][v];
        }
}

/* A column of tiles, as tall as they can be. */
static inline __attribute__((always_inline)) void tile_column(struct tile tile, size_t rows, int lanes,
                                                              enum tile_a by) {
    const size_t a_row = by == A_BY_ROWS ? tile.a_step : 1;
    const int tall = tile_rows(lanes);
    for (; rows >= (size_t)tall; rows -= (size_t)tall) {
        tile_product(&tile, tall, lanes, by);
        tile.c += (size_t)tall * tile.c_stride;
        tile.a += (size_t)tall * a_row;
    }
    switch (rows) {
#define LEFT(n)                                                                                              \
    case n:                                                                                                  \
        if (n < tall) tile_product(&tile, n < tall ? n : 0, lanes, by);                                      \
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

/* One row of C, `lanes` * LANE wide: one sum alone would wait for its own additions, and the lines of
 * a wide panel come in the order in which they lie. */
static inline __attribute__((always_inline)) void tile_row(const struct tile *tile, int lanes) {
    vector acc[MOST_LANES * VECTORS];
    const int vectors = lanes * VECTORS;
    for (int v = 0; v < vectors; v++) {
        acc[v] = (vector){0};
        if (tile->start == START_ROW) acc[v] = ((const vector *)tile->row)[v];
    }
    for (size_t k = 0; k < tile->terms; k++) {
        const vector *b_k = (const vector *)(tile->b + k * tile->b_stride);
        for (int v = 0; v < vectors; v++) acc[v] = add_product(acc[v], all_of(tile->a[k]), b_k[v]);
    }
    vector *c = (vector *)tile->c;
    for (int v = 0; v < vectors; v++) {
        if (tile->start == ADD_TO_C) acc[v] += c[v];
        c[v] = acc[v];
    }
}

/* The forward product of one example: a row, in pieces as wide as there are registers for. */
static void product_of_row(struct tile tile, size_t width) {
    while (width > 0) {
        size_t lanes = width / LANE < MOST_LANES ? width / LANE : MOST_LANES, done = lanes * LANE;
        switch (lanes) {
        case 1: tile_row(&tile, 1); break;
        case 2: tile_row(&tile, 2); break;
        case 3: tile_row(&tile, MOST_LANES < 3 ? 1 : 3); break;
        default: tile_row(&tile, MOST_LANES);
        }
        tile.c += done;
        tile.b += done;
        if (tile.row) tile.row += done;
        width -= done;
    }
}

/* A function for each width: compilers take longer than twice as long for one that is twice as large. */
#define COLUMN(n)                                                                                            \
    static __attribute__((noinline)) void column_##n(const struct tile *tile, size_t rows, enum tile_a by) { \
        if (by == A_BY_ROWS)                                                                                 \
            tile_column(*tile, rows, n <= WIDEST ? n : 1, A_BY_ROWS);                                        \
        else                                                                                                 \
            tile_column(*tile, rows, n <= WIDEST ? n : 1, A_BY_TERMS);                                       \
    }
COLUMN(1)
COLUMN(2)
COLUMN(3)
COLUMN(4)
#undef COLUMN

static void column(const struct tile *tile, size_t rows, size_t lanes, enum tile_a by) {
    switch (lanes) {
    case 1: column_1(tile, rows, by); break;
    case 2: column_2(tile, rows, by); break;
    case 3: column_3(tile, rows, by); break;
    default: column_4(tile, rows, by);
    }
}

/* A column of tiles, its sums in as many passes as it takes for a pass's B to stay in the nearest cache. */
static void passes(struct tile tile, size_t rows, size_t lanes, enum tile_a by) {
    const size_t a_k = by == A_BY_ROWS ? 1 : tile.a_step;
    size_t terms = tile.terms;
    for (size_t done = 0; done < terms; done += MOST_TERMS) {
        tile.terms = terms - done < MOST_TERMS ? terms - done : MOST_TERMS;
        column(&tile, rows, lanes, by);
        tile.a += MOST_TERMS * a_k;
        tile.b += MOST_TERMS * tile.b_stride;
        tile.start = START_C;
    }
}

/* ADD_TO_C in several passes: they meet elsewhere first. */
static void add_passes(const struct tile *tile, size_t rows, size_t lanes) {
    enum { ROWS = 96 };
    vector sums[ROWS * WIDEST * VECTORS];
    const size_t vectors = lanes * VECTORS;
    for (size_t first = 0; first < rows; first += ROWS) {
        size_t block = rows - first < ROWS ? rows - first : ROWS;
        struct tile part = *tile;
        part.c = (real *)sums;
        part.c_stride = lanes * LANE;
        part.a += first * tile->a_step;
        part.start = START_ZERO;
        passes(part, block, lanes, A_BY_ROWS);
        for (size_t r = 0; r < block; r++)
            for (size_t v = 0; v < vectors; v++)
                ((vector *)(tile->c + (first + r) * tile->c_stride))[v] += sums[r * vectors + v];
    }
}

/* C of any width that is a multiple of LANE: one column of tiles after the other. */
static void product(struct tile tile, size_t rows, size_t width, enum tile_a by) {
    while (width > 0) {
        size_t lanes = width / LANE < WIDEST ? width / LANE : WIDEST, done = lanes * LANE;
        if (tile.start == ADD_TO_C && tile.terms > MOST_TERMS)
            add_passes(&tile, rows, lanes);
        else
            passes(tile, rows, lanes, by);
        tile.c += done;
        tile.b += done;
        if (tile.row) tile.row += done;
        width -= done;
    }
}

/* Numbers of an output row, padding included, that lie in the panel which begins at `output`. */
static size_t panel_width(const struct dense_shape *shape, size_t output) {
    size_t panel = weight_panel(shape->outputs), rest = lane_round_up(shape->outputs) - output;
    return rest < panel ? rest : panel;
}

/* Of outputs first .. end-1; `add`: to what is in y. */
static void forward_part(const struct dense_shape *shape, size_t rows, real *y, const real *x, const real *w,
                         const real *b, size_t part, bool add, size_t first, size_t end) {
    size_t panel = weight_panel(shape->outputs);
    size_t begin = dense_part_begin(shape->inputs, part), stop = dense_part_begin(shape->inputs, part + 1);
    for (size_t o = first; o < end; o += panel) {
        struct tile tile = {
            .c = y + o,
            .c_stride = shape->output_stride,
            .a = x + begin,
            .a_step = shape->input_stride,
            .b = w + o * lane_round_up(shape->inputs) + begin * panel,
            .b_stride = panel,
            .terms = stop - begin,
            .start = add         ? ADD_TO_C
                     : part == 0 ? START_ROW
                                 : START_ZERO,
            .row = part == 0 ? b + o : NULL,
        };
        if (rows == 1)
            product_of_row(tile, panel_width(shape, o));
        else
            product(tile, rows, panel_width(shape, o), A_BY_ROWS);
    }
}

static void dense_forward_part(const struct dense_shape *shape, size_t rows, void *y, const void *x,
                               const void *w, const void *b, size_t part) {
    forward_part(shape, rows, y, x, w, b, part, false, 0, shape->outputs);
}

static void dense_forward(const struct dense_shape *shape, size_t rows, void *y, const void *x, const void *w,
                          const void *b, size_t first, size_t end) {
    for (size_t part = 0; part < dense_parts(shape->inputs); part++)
        forward_part(shape, rows, y, x, w, b, part, part > 0, first, end);
}

static void add_to(void *to, const void *from, size_t count) {
    real *restrict sum = to;
    const real *restrict term = from;
    for (size_t i = 0; i < count; i++) sum[i] += term[i];
}

#ifdef NUDGE_F64
enum { SQUARE = TRANSPOSE_LONG_SIDE };
#define transpose transpose_long_square
#else
enum { SQUARE = TRANSPOSE_SIDE };
#define transpose transpose_square
#endif

/* packed[o][0..count) = the weights from inputs first .. first+count-1 to output o; zero beyond the last
 * input. count is a multiple of LANE. */
static void pack_transposed(const struct dense_shape *shape, real *restrict packed, const real *restrict w,
                            size_t first, size_t count) {
    size_t panel = weight_panel(shape->outputs), inputs = lane_round_up(shape->inputs);
    for (size_t o = 0; o < shape->outputs; o += panel) {
        const real *from = w + o * inputs + first * panel;
        size_t width = panel_width(shape, o);
        for (size_t j = 0; j < width; j += SQUARE)
            for (size_t i = 0; i < count; i += SQUARE)
                transpose(packed + (o + j) * count + i, count, from + i * panel + j, panel);
    }
}

static void dense_backward_data(const struct dense_shape *shape, size_t rows, void *dx, const void *dy,
                                const void *w, size_t first, size_t end, void *scratch) {
    end = lane_round_up(end);
    for (size_t i = first; i < end; i += WIDEST * LANE) {
        size_t count = end - i < WIDEST * LANE ? end - i : WIDEST * LANE;
        pack_transposed(shape, scratch, w, i, count);
        struct tile tile = {
            .c = (real *)dx + i,
            .c_stride = shape->input_stride,
            .a = dy,
            .a_step = shape->output_stride,
            .b = scratch,
            .b_stride = count,
            .terms = shape->outputs,
            .start = START_ZERO,
        };
        product(tile, rows, count, A_BY_ROWS);
    }
}

static void dense_backward_weights(const struct dense_shape *shape, size_t rows, void *dw, const void *dy,
                                   size_t dy_stride, const void *x, size_t x_stride, size_t output,
                                   size_t inputs, bool accumulate) {
    struct tile tile = {
        .c = dw,
        .c_stride = weight_panel(shape->outputs),
        .a = x,
        .a_step = x_stride,
        .b = dy,
        .b_stride = dy_stride,
        .terms = rows,
        .start = accumulate ? START_C : START_ZERO,
    };
    product(tile, inputs, panel_width(shape, output), A_BY_TERMS);
}

static void dense_backward_biases(const struct dense_shape *shape, size_t rows, void *db, const void *dy,
                                  size_t output, bool accumulate) {
    size_t width = panel_width(shape, output);
    real *restrict sums = (real *)db + output;
    const real *restrict from = (const real *)dy + output;
    if (!accumulate) memset(sums, 0, width * sizeof *sums);
    for (size_t r = 0; r < rows; r++, from += shape->output_stride)
        for (size_t j = 0; j < width; j++) sums[j] += from[j];
}

static void convert_u8(void *out, const uint8_t *in, size_t count, float shift, float scale) {
    real *restrict to = out;
    for (size_t i = 0; i < count; i++) to[i] = ((real)in[i] - (real)shift) * (real)scale;
}

static void convert_f32(void *out, const float *in, size_t count, float shift, float scale) {
    real *restrict to = out;
    for (size_t i = 0; i < count; i++) to[i] = ((real)in[i] - (real)shift) * (real)scale;
}

static void convert_columns(void *out, const float *in, size_t count, const float *shift, const float *scale,
                            const float *fill, const uint8_t *log) {
    real *restrict to = out;
    for (size_t i = 0; i < count; i++) to[i] = (real)(in[i] == in[i] ? in[i] : fill[i]);
    for (size_t i = 0; log && i < count; i++) {
        real size = real_log1p(real_abs(to[i]));
        if (log[i]) to[i] = to[i] < 0 ? -size : size;
    }
    for (size_t i = 0; i < count; i++) to[i] = (to[i] - (real)shift[i]) * (real)scale[i];
}

static double squares(const void *x, size_t count) {
    const real *from = x;
    double sums[LANE] = {0}, sum = 0;
    for (size_t i = 0; i < count; i += LANE)
        for (size_t j = 0; j < LANE; j++) sums[j] += (double)from[i + j] * (double)from[i + j];
    for (size_t j = 0; j < LANE; j++) sum += sums[j];
    return sum;
}

extern const struct engine_verbs VARIANT(verbs);
const struct engine_verbs VARIANT(verbs) = {
    .element_size = sizeof(real),
    .dense_forward = dense_forward,
    .dense_forward_part = dense_forward_part,
    .add = add_to,
    .dense_backward_data = dense_backward_data,
    .dense_backward_weights = dense_backward_weights,
    .dense_backward_biases = dense_backward_biases,
    .convert_u8 = convert_u8,
    .convert_f32 = convert_f32,
    .convert_columns = convert_columns,
    .squares = squares,
};
