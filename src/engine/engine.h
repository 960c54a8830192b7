/* The arithmetic: one table of verbs for each engine, precision and CPU level.
 *
 * Shapes: rows n (examples), inputs K, outputs M; ^ means rounded up to LANE. Activations are row-major
 * [n][stride] with stride a multiple of LANE; what lies between the row's neurons and its stride is padding.
 * Weights are in panels of P outputs, P = 64, 32 or 16 by the number of outputs,
 *
 *     element (output o, input i) at ((o / P) * K^ + i) * P + o % P,
 *
 * so that both the forward product and the weight gradient walk memory in order, vectors lie along the
 * outputs, and every sum runs over its terms in an order that depends on the layer's shape alone: no vector
 * width, tile size, chunk of rows or thread can change its bits. Invariant: padding of weights, gradients and δ is zero; padding of activations is
 * finite and never read by a sum. */
#ifndef NUDGE_ENGINE_ENGINE_H
#define NUDGE_ENGINE_ENGINE_H

#include "base/context.h"
#include "base/parallel.h"

enum { LANE = 16 }; /* numbers that strides and widths of panels are multiples of: 64 bytes of f32 */
enum { PACKED_INPUTS = 4 * LANE }; /* whose weights are packed at once on the way back */

enum real_type { REAL_F32, REAL_F64, REAL_TYPES };
enum { CPU_LEVELS = 3 }; /* base, v3, v4: nudge_cpu_level minus 1 */

static inline size_t lane_round_up(size_t n) {
    return size_round_up(n, LANE);
}

/* How far apart rows of n activations begin. Where that would be whole KiB of f32, a column's numbers would meet in a few
 * sets of a cache: a LANE more spreads them. 784 -> 784, 500 -> 528. */
static inline size_t row_stride(size_t n) {
    size_t stride = lane_round_up(n);
    return stride % (16 * LANE) ? stride : stride + LANE;
}

/* P: outputs that stand side by side in a weight of so many outputs. */
static inline size_t weight_panel(size_t outputs) {
    return outputs > 3 * LANE ? 4 * LANE : outputs > LANE ? 2 * LANE : LANE;
}

/* Elements of a weight [outputs][inputs] in panels; SIZE_MAX when they do not fit. */
static inline size_t weight_elements(size_t outputs, size_t inputs) {
    size_t elements;
    bool fits =
        size_multiply(&elements, size_round_up(outputs, weight_panel(outputs)), lane_round_up(inputs));
    return fits ? elements : SIZE_MAX;
}

static inline size_t weight_index(size_t outputs, size_t inputs, size_t o, size_t i) {
    size_t panel = weight_panel(outputs);
    return ((o / panel) * lane_round_up(inputs) + i) * panel + o % panel;
}

/* A forward sum over many inputs is taken in DENSE_PARTS parts, ((b + t_0) + t_1 + ..) + s_1 + ..: the terms
 * of part 0 are added to the bias one after another, then come the sums s_p over part p alone. So threads can
 * take parts each without changing a bit. Parts are as equal as whole lanes can be. */
enum { DENSE_PARTS = 4, LEAST_INPUTS_OF_PARTS = 256 };

static inline size_t dense_parts(size_t inputs) {
    return inputs < LEAST_INPUTS_OF_PARTS ? 1 : DENSE_PARTS;
}
/* The first input of a part; of part dense_parts(inputs): K. */
static inline size_t dense_part_begin(size_t inputs, size_t part) {
    size_t begin = lane_round_up(inputs) / LANE * part / dense_parts(inputs) * LANE;
    return begin < inputs ? begin : inputs;
}

/* A dense layer's shape. All pointers below are to the verbs' precision. */
struct dense_shape {
    size_t inputs, outputs;
    size_t input_stride, output_stride;
};

struct engine_verbs {
    size_t element_size;

    /* y[r][o] = w x[r] + b, rows r = 0 .. rows-1 and outputs o = first .. end-1, which are whole panels.
     *                                                                             Y = X Wᵀ + b */
    void (*dense_forward)(const struct dense_shape *shape, size_t rows, void *y, const void *x, const void *w,
                          const void *b, size_t first, size_t end);

    /* The same of all outputs from one part of the inputs: part 0 begins at b; of another y = s_p. */
    void (*dense_forward_part)(const struct dense_shape *shape, size_t rows, void *y, const void *x,
                               const void *w, const void *b, size_t part);

    /* to[i] = to[i] + from[i] */
    void (*add)(void *to, const void *from, size_t count);

    /* dx[r][i] = wᵀ dy[r], inputs i = first .. end-1, of which `first` is a multiple of LANE and `end` is, too, or
     * the last; then padding is zeroed. `scratch` holds PACKED_INPUTS * M^ elements.         dX = dY W */
    void (*dense_backward_data)(const struct dense_shape *shape, size_t rows, void *dx, const void *dy,
                                const void *w, size_t first, size_t end, void *scratch);

    /* dw (+)= dyᵀ x for the panel of outputs that begins at `output` and `inputs` of the inputs. `accumulate` false:
     * start from zero. dw, dy and x are places of that output, of the first of these inputs, and of row 0; rows of dy
     * and x lie dy_stride and x_stride apart.                                              dW = dYᵀ X */
    void (*dense_backward_weights)(const struct dense_shape *shape, size_t rows, void *dw, const void *dy,
                                   size_t dy_stride, const void *x, size_t x_stride, size_t output,
                                   size_t inputs, bool accumulate);
    /* db (+)= Σ_r dy[r] for the same panel. */
    void (*dense_backward_biases)(const struct dense_shape *shape, size_t rows, void *db, const void *dy,
                                  size_t output, bool accumulate);

    /* out[i] = (in[i] - shift) * scale: rows on their way from the data set into a batch. */
    void (*convert_u8)(void *out, const uint8_t *in, size_t count, float shift, float scale);
    void (*convert_f32)(void *out, const float *in, size_t count, float shift, float scale);
    /* The same with numbers for each: out[i] = (g(in[i]) - shift[i]) * scale[i], where a NaN counts as fill[i], and
     * g(x) = sign(x) ln(1 + |x|) where log[i], else x. log NULL: nowhere. */
    void (*convert_columns)(void *out, const float *in, size_t count, const float *shift, const float *scale,
                            const float *fill, const uint8_t *log);

    /* Σ_i x[i]² in double precision: LANE partial sums, then these in order. count is a multiple of LANE. */
    double (*squares)(const void *x, size_t count);
};

struct engine {
    const char *name;
    const struct engine_verbs *verbs[REAL_TYPES][CPU_LEVELS];
};

/* The engines, and the verbs that a context has chosen. Portable rounds every product and every sum, and has
 * the same bits everywhere. Native fuses them, and has the same bits on every CPU that can; where `verbs` of an
 * f32 level is NULL, it cannot. */
extern const struct engine engine_portable, engine_native;
const struct engine_verbs *engine_verbs(const nudge_context *context, enum real_type precision);

/* A table that exists once per variant is listed as VARIANTS(name): { f32 x levels, f64 x levels }. */
#ifdef NUDGE_SINGLE_LEVEL
#define VARIANTS_DECLARE(type, name) extern const type name##_f32_base, name##_f64_base;
#define VARIANTS(name)                                                                                       \
    {                                                                                                        \
        {&name##_f32_base, &name##_f32_base, &name##_f32_base}, {                                            \
            &name##_f64_base, &name##_f64_base, &name##_f64_base                                             \
        }                                                                                                    \
    }
#define VARIANTS_DECLARE_F32(type, name) extern const type name##_f32_base;
#define VARIANTS_F32(name)                                                                                   \
    { &name##_f32_base, &name##_f32_base, &name##_f32_base }
#else
#define VARIANTS_DECLARE_F32(type, name) extern const type name##_f32_base, name##_f32_v3, name##_f32_v4;
#define VARIANTS_F32(name)                                                                                   \
    { &name##_f32_base, &name##_f32_v3, &name##_f32_v4 }
#define VARIANTS_DECLARE(type, name)                                                                         \
    extern const type name##_f32_base, name##_f32_v3, name##_f32_v4, name##_f64_base, name##_f64_v3,         \
        name##_f64_v4;
#define VARIANTS(name)                                                                                       \
    {                                                                                                        \
        {&name##_f32_base, &name##_f32_v3, &name##_f32_v4}, {                                                \
            &name##_f64_base, &name##_f64_v3, &name##_f64_v4                                                 \
        }                                                                                                    \
    }
#endif

#endif
