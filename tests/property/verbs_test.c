/* The engines' f32 verbs, the ops, costs and optimizers at every CPU level: the same bits as a plain loop that sums
 * in the order that verbs.c promises, each term rounded (portable) or not (native), for sizes around those of
 * panels, tiles and vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/optimizer.h"
#include "levels.h"
#include "nets.h"

#include <float.h>

static const size_t sizes[] = {1, 2, 3, 7, 15, 16, 17, 33, 50, 70, 130};
enum { SIZES = sizeof sizes / sizeof *sizes };

static int level_of(const nudge_context *context) {
    return (int)context->cpu_level - NUDGE_CPU_BASE;
}

/* Numbers that add up to different bits in different orders. */
static float *random_floats(uint64_t *state, size_t count) {
    float *numbers = nets_allocate(count, sizeof *numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = (float)nets_between(state, -2, 2);
    return numbers;
}

/* The same bits; of a NaN, that it is one. */
static void assert_same(const char *what, const float *found, const float *expected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool both_nan = isnan(found[i]) && isnan(expected[i]);
        if (!both_nan && memcmp(&found[i], &expected[i], sizeof *found))
            fail_msg("%s: number %zu of %zu is %a, expected %a", what, i, count, (double)found[i],
                     (double)expected[i]);
    }
}

/* -- dense -- */

static bool fused;

/* Where the CPU has an instruction for it, fmaf is that instruction; elsewhere the C library's, which is exact, too. */
static float add_product(float sum, float a, float b) {
    return fused ? fmaf(a, b, sum) : sum + a * b;
}

/* One shape's numbers; strides have room for padding. Weights are canonical, and in panels. */
struct dense {
    struct dense_shape shape;
    size_t rows, elements;
    float *x, *w, *panels, *b, *dy;
};

static struct dense dense_make(size_t inputs, size_t outputs, size_t rows, uint64_t *state) {
    struct dense dense = {.rows = rows, .elements = weight_elements(outputs, inputs)};
    dense.shape = (struct dense_shape){inputs, outputs, lane_round_up(inputs), lane_round_up(outputs)};
    dense.x = random_floats(state, rows * dense.shape.input_stride);
    dense.w = random_floats(state, outputs * inputs);
    dense.panels = nets_allocate(dense.elements, sizeof(float));
    dense.b = random_floats(state, dense.shape.output_stride);
    dense.dy = random_floats(state, rows * dense.shape.output_stride);
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++)
            dense.panels[weight_index(outputs, inputs, o, i)] = dense.w[o * inputs + i];
    for (size_t j = outputs; j < dense.shape.output_stride; j++) {
        dense.b[j] = 0;
        for (size_t r = 0; r < rows; r++) dense.dy[r * dense.shape.output_stride + j] = 0;
    }
    return dense;
}

static void dense_free(struct dense *dense) {
    free(dense->x);
    free(dense->w);
    free(dense->panels);
    free(dense->b);
    free(dense->dy);
}

/* From 256 inputs on, a forward sum is that of four parts, as equal as whole lanes of 16 can be. */
static size_t part_begin(size_t inputs, size_t part) {
    if (inputs < 256) return part == 0 ? 0 : inputs;
    size_t begin = (inputs + 15) / 16 * part / 4 * 16;
    return begin < inputs ? begin : inputs;
}

static size_t parts_of(size_t inputs) {
    return inputs < 256 ? 1 : 4;
}

/* b[j] and the sum over a part alone, in order. */
static float sum_of_part(const struct dense *dense, size_t r, size_t j, size_t part, float sum) {
    size_t inputs = dense->shape.inputs;
    for (size_t k = part_begin(inputs, part); k < part_begin(inputs, part + 1); k++)
        sum = add_product(sum, dense->w[j * inputs + k], dense->x[r * dense->shape.input_stride + k]);
    return sum;
}

static void check_forward(const struct dense *dense, const struct engine_verbs *verbs) {
    size_t stride = dense->shape.output_stride, count = dense->rows * stride;
    float *y = nets_allocate(count, sizeof *y), *expected = nets_allocate(count, sizeof *y);
    for (size_t r = 0; r < dense->rows; r++)
        for (size_t j = 0; j < dense->shape.outputs; j++) {
            float *sum = &expected[r * stride + j];
            *sum = sum_of_part(dense, r, j, 0, dense->b[j]);
            for (size_t part = 1; part < parts_of(dense->shape.inputs); part++)
                *sum += sum_of_part(dense, r, j, part, 0);
        }
    /* All outputs at once, or panel by panel. */
    size_t panel = weight_panel(dense->shape.outputs), step = dense->rows % 2 ? dense->shape.outputs : panel;
    for (size_t o = 0; o < dense->shape.outputs; o += step)
        verbs->dense_forward(&dense->shape, dense->rows, y, dense->x, dense->panels, dense->b, o,
                             o + step < dense->shape.outputs ? o + step : dense->shape.outputs);
    assert_same("dense_forward", y, expected, count);
    free(y);
    free(expected);
}

/* Each part alone. */
static void check_forward_parts(const struct dense *dense, const struct engine_verbs *verbs) {
    size_t stride = dense->shape.output_stride, count = dense->rows * stride;
    float *y = nets_allocate(count, sizeof *y), *expected = nets_allocate(count, sizeof *y);
    for (size_t part = 0; part < parts_of(dense->shape.inputs); part++) {
        for (size_t r = 0; r < dense->rows; r++)
            for (size_t j = 0; j < dense->shape.outputs; j++)
                expected[r * stride + j] = sum_of_part(dense, r, j, part, part == 0 ? dense->b[j] : 0);
        verbs->dense_forward_part(&dense->shape, dense->rows, y, dense->x, dense->panels, dense->b, part);
        assert_same("dense_forward_part", y, expected, count);
    }
    free(y);
    free(expected);
}

static void check_backward_data(const struct dense *dense, const struct engine_verbs *verbs) {
    size_t stride = dense->shape.input_stride, inputs = dense->shape.inputs;
    float *scratch = nets_allocate(PACKED_INPUTS * dense->shape.output_stride, sizeof *scratch);
    float *dx = nets_allocate(dense->rows * stride, sizeof *dx);
    float *expected = nets_allocate(dense->rows * stride, sizeof *dx);
    for (size_t i = 0; i < dense->rows * stride; i++) dx[i] = NAN; /* padding must be written, too */
    for (size_t r = 0; r < dense->rows; r++)
        for (size_t k = 0; k < inputs; k++) {
            float sum = 0;
            for (size_t j = 0; j < dense->shape.outputs; j++)
                sum =
                    add_product(sum, dense->w[j * inputs + k], dense->dy[r * dense->shape.output_stride + j]);
            expected[r * stride + k] = sum;
        }
    /* All inputs at once, or a few. */
    size_t step = dense->rows % 2 ? inputs : 3 * LANE;
    for (size_t i = 0; i < inputs; i += step)
        verbs->dense_backward_data(&dense->shape, dense->rows, dx, dense->dy, dense->panels, i,
                                   i + step < inputs ? i + step : inputs, scratch);
    assert_same("dense_backward_data", dx, expected, dense->rows * stride);
    free(scratch);
    free(dx);
    free(expected);
}

/* `dw`, `db`: what they begin with; the expected sums go on from there, row by row. */
static void expect_weights(const struct dense *dense, float *dw, float *db) {
    size_t inputs = dense->shape.inputs;
    for (size_t r = 0; r < dense->rows; r++)
        for (size_t j = 0; j < dense->shape.outputs; j++) {
            float dy = dense->dy[r * dense->shape.output_stride + j];
            db[j] += dy;
            for (size_t k = 0; k < inputs; k++) {
                float *sum = &dw[weight_index(dense->shape.outputs, inputs, j, k)];
                *sum = add_product(*sum, dy, dense->x[r * dense->shape.input_stride + k]);
            }
        }
}

/* In shares as a plan makes them: each panel, and its inputs in two parts. From zero, then once more on
 * top. */
static void check_backward_weights(const struct dense *dense, const struct engine_verbs *verbs) {
    size_t inputs = dense->shape.inputs, middle = inputs / 2;
    float *dw = nets_allocate(dense->elements, sizeof *dw),
          *db = nets_allocate(dense->shape.output_stride, sizeof *db);
    float *sum_dw = nets_allocate(dense->elements, sizeof *dw);
    float *sum_db = nets_allocate(dense->shape.output_stride, sizeof *db);
    for (size_t j = 0; j < dense->shape.output_stride; j++)
        for (size_t k = 0; k < inputs; k++) dw[weight_index(dense->shape.outputs, inputs, j, k)] = NAN;
    for (size_t j = 0; j < dense->shape.output_stride; j++) db[j] = NAN;
    for (int again = 0; again < 2; again++) {
        size_t panel = weight_panel(dense->shape.outputs);
        for (size_t output = 0; output < dense->shape.outputs; output += panel) {
            const float *dy = dense->dy + output;
            size_t dy_stride = dense->shape.output_stride, x_stride = dense->shape.input_stride;
            float *share = dw + output * lane_round_up(inputs);
            if (middle)
                verbs->dense_backward_weights(&dense->shape, dense->rows, share + middle * panel, dy,
                                              dy_stride, dense->x + middle, x_stride, output, inputs - middle,
                                              again);
            verbs->dense_backward_weights(&dense->shape, dense->rows, share, dy, dy_stride, dense->x,
                                          x_stride, output, middle ? middle : inputs, again);
            verbs->dense_backward_biases(&dense->shape, dense->rows, db, dense->dy, output, again);
        }
        expect_weights(dense, sum_dw, sum_db);
        assert_same("dense_backward_weights: dw", dw, sum_dw, dense->elements);
        assert_same("dense_backward_weights: db", db, sum_db, dense->shape.output_stride);
    }
    free(dw);
    free(db);
    free(sum_dw);
    free(sum_db);
}

static void test_products_sum_in_order(void **state) {
    (void)state;
    uint64_t random = 1;
    for (size_t n = 0; n < SIZES * SIZES * SIZES;
         n += 3) { /* every third of the shapes, and so of every two sizes */
        struct dense dense =
            dense_make(sizes[n % SIZES], sizes[n / SIZES % SIZES], sizes[n / SIZES / SIZES], &random);
        for (size_t level = 0; level < level_count; level++) {
            const struct engine_verbs *verbs = engine_verbs(level_contexts[level], REAL_F32);
            fused = level_contexts[level]->engine == &engine_native;
            check_forward(&dense, verbs);
            check_backward_data(&dense, verbs);
            check_backward_weights(&dense, verbs);
        }
        dense_free(&dense);
    }
}

static void test_parts_of_many_inputs(void **state) {
    (void)state;
    static const size_t inputs[] = {15, 255, 256, 257, 300, 784, 1000}, outputs[] = {1, 10, 17, 30, 70},
                        rows[] = {1, 2, 7, 33, 130};
    uint64_t random = 3;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        assert_int_equal(dense_parts(inputs[i]), parts_of(inputs[i]));
        for (size_t part = 0; part <= parts_of(inputs[i]); part++)
            assert_int_equal(dense_part_begin(inputs[i], part), part_begin(inputs[i], part));
        for (size_t o = 0; o < sizeof outputs / sizeof *outputs; o++)
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                struct dense dense = dense_make(inputs[i], outputs[o], rows[r], &random);
                for (size_t level = 0; level < level_count; level++) {
                    const struct engine_verbs *verbs = engine_verbs(level_contexts[level], REAL_F32);
                    fused = level_contexts[level]->engine == &engine_native;
                    check_forward(&dense, verbs);
                    check_forward_parts(&dense, verbs);
                }
                dense_free(&dense);
            }
    }
}

static void test_add(void **state) {
    (void)state;
    enum { COUNT = 211 };
    uint64_t random = 4;
    float *from = random_floats(&random, COUNT), *to = random_floats(&random, COUNT), sum[COUNT],
          expected[COUNT];
    for (size_t i = 0; i < COUNT; i++) expected[i] = to[i] + from[i];
    for (size_t level = 0; level < level_count; level++) {
        memcpy(sum, to, sizeof sum);
        engine_verbs(level_contexts[level], REAL_F32)->add(sum, from, COUNT);
        assert_same("add", sum, expected, COUNT);
    }
    free(from);
    free(to);
}

/* The same bits at every level, and the sum itself within the rounding of COUNT additions. */
static void test_squares(void **state) {
    (void)state;
    enum { COUNT = 13 * LANE };
    uint64_t random = 5;
    float *x = random_floats(&random, COUNT);
    double expected = 0, first = engine_verbs(level_contexts[0], REAL_F32)->squares(x, COUNT);
    for (size_t i = 0; i < COUNT; i++) expected += (double)x[i] * (double)x[i];
    assert_true(fabs(first - expected) <= COUNT * 0x1p-53 * expected);
    for (size_t level = 0; level < level_count; level++) {
        double found = engine_verbs(level_contexts[level], REAL_F32)->squares(x, COUNT);
        assert_memory_equal(&found, &first, sizeof found);
        assert_true(engine_verbs(level_contexts[level], REAL_F32)->squares(x, 0) == 0);
    }
    free(x);
}

static void test_conversions(void **state) {
    (void)state;
    enum { COUNT = 256 };
    uint8_t bytes[COUNT];
    float *numbers, out[COUNT], expected[COUNT], shift = 17.25f, scale = 1.0f / 255.0f;
    uint64_t random = 2;
    numbers = random_floats(&random, COUNT);
    for (size_t i = 0; i < COUNT; i++) bytes[i] = (uint8_t)i;
    for (size_t level = 0; level < level_count; level++) {
        const struct engine_verbs *verbs = engine_verbs(level_contexts[level], REAL_F32);
        for (size_t i = 0; i < COUNT; i++) expected[i] = ((float)bytes[i] - shift) * scale;
        verbs->convert_u8(out, bytes, COUNT, shift, scale);
        assert_same("convert_u8", out, expected, COUNT);
        for (size_t i = 0; i < COUNT; i++) expected[i] = (numbers[i] - shift) * scale;
        verbs->convert_f32(out, numbers, COUNT, shift, scale);
        assert_same("convert_f32", out, expected, COUNT);
    }
    free(numbers);
}

/* -- ops and costs: all levels as the lowest -- */

enum { ROWS = 33, OUTPUTS = 17, STRIDE = 32, ELEMENTS = ROWS * STRIDE };

static const float specials[] = {0.0f,         -0.0f,   1.0f,     -1.0f,    FLT_MIN,   -FLT_MIN,
                                 FLT_TRUE_MIN, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN,
                                 88.7f,        -103.9f, 1e-30f,   -17.5f};
enum { SPECIALS = sizeof specials / sizeof *specials };

/* Random numbers of all sizes; the last row has the special ones. Padding is 0. */
static float *numbers_of_all_sizes(uint64_t *state) {
    float *numbers = nets_allocate(ELEMENTS, sizeof *numbers);
    for (size_t i = 0; i < ELEMENTS; i++) {
        if (i % STRIDE >= OUTPUTS) continue;
        double size = exp(nets_between(state, -6, 3));
        numbers[i] = (float)(size * (nets_random(state) % 2 ? 1 : -1));
        if (i >= (ROWS - 1) * STRIDE && i % STRIDE < SPECIALS) numbers[i] = specials[i % STRIDE];
    }
    return numbers;
}

static void run_op(const nudge_context *context, const struct op *op, double value, const float *z,
                   const float *d, float *a, float *delta) {
    const struct op_kernel *kernel = op->kernels[REAL_F32][level_of(context)];
    struct op_call call = {.rows = ROWS,
                           .inputs = OUTPUTS,
                           .outputs = OUTPUTS,
                           .input_stride = STRIDE,
                           .output_stride = STRIDE,
                           .elements = ELEMENTS,
                           .columns = STRIDE,
                           .values = &value,
                           .x = z,
                           .y = a,
                           .d = delta};
    memcpy(delta, d, ELEMENTS * sizeof *d);
    kernel->forward(&call);
    kernel->backward(&call);
}

static void test_ops_have_the_same_bits(void **state) {
    (void)state;
    uint64_t random = 3;
    float *z = numbers_of_all_sizes(&random), *d = numbers_of_all_sizes(&random);
    static float a[2 * CPU_LEVELS][ELEMENTS], delta[2 * CPU_LEVELS][ELEMENTS];
    for (size_t i = 1; i < op_activation_end(); i++)
        for (size_t level = 0; level < level_count; level++) {
            run_op(level_contexts[level], &ops[i], 0.3, z, d, a[level], delta[level]);
            assert_same(ops[i].name, a[level], a[0], ELEMENTS);
            assert_same(ops[i].name, delta[level], delta[0], ELEMENTS);
        }
    free(z);
    free(d);
}

static void test_costs_have_the_same_bits(void **state) {
    (void)state;
    uint64_t random = 4;
    float *z = numbers_of_all_sizes(&random), *a = numbers_of_all_sizes(&random),
          *y = numbers_of_all_sizes(&random);
    static float each[2 * CPU_LEVELS][ROWS], d[2 * CPU_LEVELS][ELEMENTS];
    for (size_t i = 1; i < cost_count; i++)
        for (size_t level = 0; level < level_count; level++) {
            const struct cost_kernel *kernel = costs[i].kernels[REAL_F32][level_of(level_contexts[level])];
            struct cost_call call = {ROWS, OUTPUTS, STRIDE, 0.75, z, a, y, each[level], d[level], NULL};
            kernel->forward(&call);
            kernel->backward(&call);
            assert_same(costs[i].name, each[level], each[0], ROWS);
            assert_same(costs[i].name, d[level], d[0], ELEMENTS);
        }
    free(z);
    free(a);
    free(y);
}

/* -- optimizers -- */

/* With more threads than one where they pay: a million elements. */
static void run_optimizer(unsigned threads, nudge_cpu_level level, const struct optimizer *optimizer,
                          bool momentum, float *w, float *states[2], const float *g, size_t count) {
    nudge_context *context = level_context(level, threads);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.momentum = momentum ? 0.9 : 0;
    struct optimizer_call call = {
        .count = count, .w = w, .g = g, .scale = 1.0 / 3, .rate = 0.1, .options = &options};
    for (size_t i = 0; i < optimizer->states + momentum; i++) {
        call.states[i] = states[i];
        memset(states[i], 0, count * sizeof(float));
    }
    for (call.step = 1; call.step <= 2; call.step++) {
        optimizer_prepare(context, optimizer, REAL_F32, &call);
        optimizer_update(context, optimizer, REAL_F32, &call, NUDGE_ROLE_BIAS, 0, call.count);
    }
    nudge_context_free(context);
}

static void test_optimizers_have_the_same_bits(void **state) {
    (void)state;
    enum { COUNT = 1100003 };
    uint64_t random = 5;
    float *w0 = random_floats(&random, COUNT), *g = random_floats(&random, COUNT);
    float *first = nets_allocate(COUNT, sizeof *first), *w = nets_allocate(COUNT, sizeof *w);
    float *states[2] = {nets_allocate(COUNT, sizeof(float)), nets_allocate(COUNT, sizeof(float))};
    for (size_t n = 0; n < 2 * optimizer_count; n++)
        for (unsigned turn = 0; turn < 3 + level_count; turn++) {
            const struct optimizer *optimizer = &optimizers[n / 2];
            nudge_cpu_level level = turn < 3 ? NUDGE_CPU_AUTO : level_contexts[turn - 3]->cpu_level;
            memcpy(w, w0, COUNT * sizeof *w);
            run_optimizer(turn < 3 ? turn + 1 : 1, level, optimizer, n % 2 && optimizer->parameters[0].states,
                          w, states, g, COUNT);
            if (turn == 0) memcpy(first, w, COUNT * sizeof *w);
            assert_same(optimizer->name, w, first, COUNT);
        }
    free(w0);
    free(g);
    free(first);
    free(w);
    free(states[0]);
    free(states[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_sum_in_order),
        cmocka_unit_test(test_parts_of_many_inputs),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_squares),
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_ops_have_the_same_bits),
        cmocka_unit_test(test_costs_have_the_same_bits),
        cmocka_unit_test(test_optimizers_have_the_same_bits),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
