/* The native engine's products of networks that go layer by layer, f32 and bf16 with every kernel that this machine
 * has, each against a sum in double precision of the very numbers that it read.
 *
 * The bound: a product adds n terms t_i = x_i w_i in any order, with or without fused multiply-adds; so the
 * computed sum is Σ t_i (1 + θ_i) with |θ_i| <= γ_n = n u / (1 - n u), u = 2^-24, and its error at most γ_n Σ
 * |t_i| (Higham 2002, chapter 3; the bias counts as one term more). In bf16 the terms are products of the
 * rounded copies, exact in f32, and the sums are f32's: the same bound, with the copies as the numbers read;
 * numbers below 2^-126 may count as zero. The ops between the products are the verbs' own, tested in
 * precision_test.c; here they are followed by f' at the plan's own a. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "engine/bf16.h"
#include "nets.h"

#include <stdio.h>

static const double UNIT = 0x1p-24, TINY = 0x1p-120;

struct subject {
    nudge_context *context;
    nudge_net *net;
    struct plan *plan;
    struct chosen_cost chosen;
    struct walk_cost cost;
    size_t rows;
};

/* f32, and the kernels for bf16. "tiles" is slow. */
static const char *const kinds[] = {"f32", "amx", "avx512", "tiles"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static double gamma_n(size_t n) {
    return (double)n * UNIT / (1 - (double)n * UNIT);
}

static double from_bf16(uint16_t number) {
    uint32_t bits = (uint32_t)number << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* To nearest, ties to even, by the two neighbours: independent of the verb's way. */
static uint16_t to_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t down = (uint16_t)(bits >> 16), up = (uint16_t)(down + 1);
    double below = fabs((double)value - from_bf16(down)), above = fabs(from_bf16(up) - (double)value);
    return below < above || (below == above && down % 2 == 0) ? down : up;
}

/* -- making -- */

static bool open_context(struct subject *subject, const char *kind, unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.engine = NUDGE_ENGINE_NATIVE;
    options.threads = threads;
    if (strcmp(kind, "f32")) {
        options.precision = NUDGE_PRECISION_BF16;
        options.bf16_kernel = kind;
    }
    nudge_status status = nudge_context_create(&options, &subject->context, NULL);
    assert_true(status == NUDGE_OK || status == NUDGE_UNSUPPORTED);
    return status == NUDGE_OK;
}

static void draw_rows(struct subject *subject, size_t rows, uint64_t seed) {
    struct plan *plan = subject->plan;
    float *x = plan->x, *y = plan->targets;
    size_t outputs = subject->net->outputs;
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < subject->net->inputs; i++)
            x[r * plan->input_stride + i] = (float)nets_between(&seed, -1, 1);
        memset(y + r * plan->output_stride, 0, outputs * sizeof *y);
        y[r * plan->output_stride + nets_random(&seed) % outputs] = 1;
    }
    subject->rows = rows;
}

static void make(struct subject *subject, size_t inputs, const char *text, size_t capacity) {
    nudge_error error = {0};
    assert_int_equal(nudge_net_create(subject->context, inputs, text, 5, &subject->net, &error), NUDGE_OK);
    subject->plan = nets_plan(subject->context, subject->net, REAL_F32, capacity);
    assert_int_equal(subject->plan->schedule, BY_LAYERS);
    subject->chosen = cost_of(subject->net);
    subject->cost = cost_for_walk(&subject->chosen);
}

static void unmake(struct subject *subject) {
    free(subject->plan);
    nudge_net_free(subject->net);
    nudge_context_free(subject->context);
}

/* -- what the products read -- */

/* Of numbers and their copies, whose rows are `wide`. */
static double number_of(const float *numbers, size_t place, const uint16_t *copies, size_t place16) {
    if (!copies) return (double)numbers[place];
    assert_int_equal(copies[place16], to_bf16(numbers[place]));
    return from_bf16(copies[place16]);
}

static double x_of(const struct plan_step *step, size_t r, size_t i) {
    return number_of(step->x, r * step->input_stride + i, step->x16,
                     r * bf16_round_up(step->link->inputs) + i);
}

static double d_of(const struct plan_step *step, size_t r, size_t o) {
    return number_of(step->d, r * step->output_stride + o, step->d16,
                     r * bf16_round_up(step->link->outputs) + o);
}

static double w_of(const struct plan *plan, const struct plan_step *step, size_t o, size_t i) {
    const struct net_op *dense = step->link;
    size_t panel = weight_panel(dense->outputs);
    return number_of((const float *)plan->parameters + dense->place[DENSE_WEIGHT],
                     weight_index(dense->outputs, dense->inputs, o, i), step->w16,
                     ((o / panel) * bf16_round_up(dense->inputs) + i / 2 * 2) * panel + o % panel * 2 +
                         i % 2);
}

/* -- checks -- */

struct sum {
    double value, size;
};

static void add(struct sum *sum, double term) {
    sum->value += term;
    sum->size += fabs(term);
}

static void near(const char *what, size_t layer, double found, struct sum sum, size_t terms, double factor) {
    double error = fabs(found - factor * sum.value);
    double bound = fabs(factor) * gamma_n(terms) * sum.size + 8 * UNIT * fabs(factor) * sum.size + TINY;
    if (!(error <= bound))
        fail_msg("%s of layer %zu: %.9g, exactly %.17g; at most %.3g off was allowed", what, layer, found,
                 factor * sum.value, bound);
}

static void check_forward(const struct subject *subject, const struct plan_step *step, size_t r) {
    const struct net_op *dense = step->link;
    for (size_t o = 0; o < dense->outputs; o++) {
        struct sum z = {0, 0};
        add(&z, (double)((const float *)subject->plan->parameters)[dense->place[DENSE_BIAS] + o]);
        for (size_t i = 0; i < dense->inputs; i++)
            add(&z, x_of(step, r, i) * w_of(subject->plan, step, o, i));
        near("z", dense->layer, plan_get(subject->plan, step->y, r * step->output_stride + o), z,
             dense->inputs + 1, 1);
    }
}

/* δ of the layer before: f'(z) Σ_o w d. */
static void check_backward_data(const struct subject *subject, const struct plan_step *step, size_t r) {
    const struct net_op *dense = step->link;
    const struct plan_step *before = step - 1;
    for (size_t i = 0; i < dense->inputs; i++) {
        struct sum dx = {0, 0};
        for (size_t o = 0; o < dense->outputs; o++)
            add(&dx, d_of(step, r, o) * w_of(subject->plan, step, o, i));
        double a = plan_get(subject->plan, before->y, r * before->output_stride + i);
        bool relu = strcmp(before->link->op->name, "relu") == 0;
        near("δ", dense->layer - 1, plan_get(subject->plan, before->d, r * before->output_stride + i), dx,
             dense->outputs, relu ? a > 0 : a * (1 - a));
    }
}

static void check_gradients(const struct subject *subject, const struct plan_step *step, size_t o,
                            double before) {
    const struct net_op *dense = step->link;
    const float *g = subject->plan->gradients;
    struct sum db = {0, 0};
    for (size_t r = 0; r < subject->rows; r++)
        add(&db, (double)((const float *)step->d)[r * step->output_stride + o]);
    near("∂C/∂b", dense->layer, (double)g[dense->place[DENSE_BIAS] + o], db, subject->rows * 2, 1 + before);
    for (size_t i = 0; i < dense->inputs; i += 7) {
        struct sum dw = {0, 0};
        for (size_t r = 0; r < subject->rows; r++) add(&dw, d_of(step, r, o) * x_of(step, r, i));
        near("∂C/∂w", dense->layer,
             (double)g[dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, o, i)], dw,
             subject->rows * 2, 1 + before);
    }
}

static void check_products(const struct subject *subject) {
    for (size_t l = 1; l <= subject->net->layers; l++) {
        const struct plan_step *step = plan_dense(subject->plan, l);
        for (size_t r = 0; r < subject->rows; r += 1 + subject->rows / 6) {
            check_forward(subject, step, r);
            if (l > 1) check_backward_data(subject, step, r);
        }
        for (size_t o = 0; o < step->link->outputs; o += 5) check_gradients(subject, step, o, 0);
    }
}

static const struct {
    size_t inputs;
    const char *text;
    size_t rows;
} nets[] = {
    {200, "130 relu, 70 sigmoid, 49 relu, 10 softmax", 801},
    {784, "65 sigmoid, 3", 603},
    {33, "500 relu, 500 relu, 1 sigmoid", 115},
    {784, "512 relu, 10 softmax", 77},
    {2600, "300 relu, 2100 relu, 10 softmax", 128},
    {300, "1000 relu, 512 relu, 10 softmax", 128},
};
enum { NETS = sizeof nets / sizeof *nets };

static void check_net(const char *kind, unsigned threads, size_t n) {
    struct subject subject = {0};
    if (!open_context(&subject, kind, threads)) return;
    make(&subject, nets[n].inputs, nets[n].text, nets[n].rows);
    draw_rows(&subject, nets[n].rows, n);
    walk_both(subject.plan, subject.rows, &subject.cost, false);
    check_products(&subject);
    /* Fewer rows than before: what is left of the others must not count. */
    draw_rows(&subject, nets[n].rows / 2 + 1, n + 100);
    walk_both(subject.plan, subject.rows, &subject.cost, false);
    check_products(&subject);
    unmake(&subject);
}

static void test_products(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        bool slow = strcmp(kinds[k], "tiles") == 0;
        for (size_t n = 0; n < (slow ? 2 : NETS); n++) check_net(kinds[k], n % 2 ? 1 : 3, n);
    }
}

/* -- kernels -- */

static void computes_nothing(const struct bf16_product *product) {
    for (size_t r = 0; r < product->rows; r++)
        memset(product->c + r * product->c_stride, 0, product->columns * sizeof(float));
}

/* The last term is left out: one of 96. */
static void forgets_a_term(const struct bf16_product *product) {
    struct bf16_product less = *product;
    static uint16_t a[64 * 96];
    less.a = a;
    for (size_t r = 0; r < product->rows; r++)
        for (size_t k = 0; k < product->terms; k++)
            a[r * product->a_stride + k] = k + 1 < product->terms ? product->a[r * product->a_stride + k] : 0;
    bf16_tiles.product(&less);
}

/* The self-check finds kernels that are wrong, and only those. */
static void test_wrong_kernels_are_found(void **state) {
    (void)state;
    struct bf16_kernel kernel = bf16_tiles;
    assert_true(bf16_is_right(&kernel));
    kernel.product = computes_nothing;
    assert_false(bf16_is_right(&kernel));
    kernel.product = forgets_a_term;
    assert_false(bf16_is_right(&kernel));
}

/* What stands in for AMX gives AMX's bits. */
static void test_tiles_are_those_of_amx(void **state) {
    (void)state;
    enum { ROWS = 48, TERMS = 128, COLUMNS = 64 };
    static uint16_t a[ROWS * TERMS], b[TERMS * COLUMNS];
    static float expected[ROWS * COLUMNS], found[ROWS * COLUMNS];
    if (!bf16_amx || !bf16_amx->available()) skip();
    uint64_t seed = 7;
    for (size_t i = 0; i < ROWS * TERMS; i++) a[i] = to_bf16((float)nets_between(&seed, -3, 3));
    for (size_t i = 0; i < TERMS * COLUMNS; i++) b[i] = to_bf16((float)nets_between(&seed, -3, 3));
    for (size_t rows = 1; rows <= ROWS; rows++)
        for (size_t columns = LANE; columns <= COLUMNS; columns += LANE) {
            struct bf16_product product = {
                expected,  COLUMNS, a, TERMS, b, COLUMNS, rows, columns, TERMS - 32 * (rows % 3),
                BF16_ZERO, NULL};
            bf16_tiles.product(&product);
            product.c = found;
            bf16_amx->begin();
            bf16_amx->product(&product);
            bf16_amx->end();
            for (size_t r = 0; r < rows; r++)
                assert_memory_equal(found + r * COLUMNS, expected + r * COLUMNS, columns * sizeof *found);
        }
}

/* -- the same bits -- */

static void assert_same_numbers(const struct subject *found, const struct subject *expected, size_t rows) {
    size_t bytes = expected->net->block_count * sizeof(float);
    assert_memory_equal(found->plan->gradients, expected->plan->gradients, bytes);
    for (size_t s = 0; s < expected->plan->step_count; s++) {
        const struct plan_step *ours = &found->plan->steps[s], *theirs = &expected->plan->steps[s];
        assert_memory_equal(ours->y, theirs->y, rows * theirs->output_stride * sizeof(float));
        assert_memory_equal(ours->d, theirs->d, rows * theirs->output_stride * sizeof(float));
    }
}

/* The same seed gives the same bits, whatever the number of threads: with one at the first time and again. */
static void check_same_bits(const char *kind, unsigned threads, size_t n) {
    struct subject first = {0}, second = {0};
    if (!open_context(&first, kind, 1)) return;
    assert_true(open_context(&second, kind, threads));
    make(&first, nets[n].inputs, nets[n].text, nets[n].rows);
    make(&second, nets[n].inputs, nets[n].text, nets[n].rows);
    for (size_t rows = nets[n].rows; rows > 2; rows /= 3) {
        draw_rows(&first, rows, rows);
        draw_rows(&second, rows, rows);
        walk_both(first.plan, rows, &first.cost, false);
        for (int again = 0; again < 2; again++) walk_both(second.plan, rows, &second.cost, false);
        assert_same_numbers(&second, &first, rows);
    }
    unmake(&first);
    unmake(&second);
}

static void test_same_bits(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        bool slow = strcmp(kinds[k], "tiles") == 0;
        for (size_t n = 0; n < (slow ? 1 : NETS); n++)
            for (unsigned threads = 3; threads <= (slow ? 3 : 7); threads += 4)
                check_same_bits(kinds[k], threads, n);
    }
}

/* In two portions, the second on top of the first: the sums of all rows' gradients. */
static void test_portions_add_up(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct subject subject = {0};
        if (!open_context(&subject, kinds[k], 2)) continue;
        make(&subject, 200, nets[0].text, 801);
        draw_rows(&subject, 801, 3);
        walk_both(subject.plan, 801, &subject.cost, false);
        walk_gradients(subject.plan, 801, true, NULL);
        for (size_t l = 1; l <= subject.net->layers; l++)
            for (size_t o = 0; o < net_dense(subject.net, l)->outputs; o += 3)
                check_gradients(&subject, plan_dense(subject.plan, l), o, 1);
        unmake(&subject);
    }
}

/* What stands in the padding of parameters and gradients is zero: optimizers run over it. */
static void test_padding_stays_zero(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct subject subject = {0};
        if (!open_context(&subject, kinds[k], 2)) continue;
        make(&subject, 203, "133 sigmoid, 70 softplus, 49 relu, 10 softmax", 801);
        draw_rows(&subject, 801, 3);
        walk_both(subject.plan, 801, &subject.cost, false);
        float *zero = nets_allocate(subject.net->block_count, sizeof *zero);
        float *canonical = nets_allocate(subject.net->parameter_count, sizeof *canonical);
        net_to_canonical(subject.net, subject.plan->gradients, canonical);
        net_from_canonical(subject.net, zero, canonical); /* padding is zero here */
        assert_memory_equal(zero, subject.plan->gradients, subject.net->block_count * sizeof *zero);
        free(zero);
        free(canonical);
        unmake(&subject);
    }
}

/* -- training -- */

/* The copies in bf16 that products read are those of the present weights, whoever changed them. */
static void test_copies_follow_the_weights(void **state) {
    (void)state;
    struct subject subject = {0};
    nudge_error error = {0};
    if (!open_context(&subject, "tiles", 2)) skip();
    make(&subject, 64, "100 relu, 3 softmax", 50);
    draw_rows(&subject, 50, 4);
    walk_forward(subject.plan, 50, NULL, NULL);
    float *weights = nets_allocate(6400, sizeof *weights);
    for (size_t i = 0; i < 6400; i++) weights[i] = 0.01f * (float)(i % 31);
    assert_int_equal(nudge_net_set_weights(subject.net, 1, weights, 6400, &error), NUDGE_OK);
    walk_both(subject.plan, 50, &subject.cost, false);
    check_products(&subject);
    free(weights);
    unmake(&subject);
}

/* Whole trainings: the cost falls as on the portable engine, and predictions of one row and of many agree. */
static void check_training(const char *kind) {
    struct subject subject = {0};
    nudge_error error = {0};
    bool slow = strcmp(kind, "tiles") == 0;
    if (!open_context(&subject, kind, 2)) return;
    nudge_data *data = NULL;
    nudge_predictor *predictor = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.epochs = slow ? 1 : 4;
    options.batch_size = 64;
    assert_int_equal(nudge_data_generate(subject.context, "digits:3000/500", 1, &data, &error), NUDGE_OK);
    assert_int_equal(nudge_net_create(subject.context, 784, "150 relu, 10 softmax", 1, &subject.net, &error),
                     NUDGE_OK);
    if (nudge_train(subject.context, subject.net, data, &options, &result, &error))
        fail_msg("%s", error.message);
    if (!(result.test_accuracy > (slow ? 0.7 : 0.85))) fail_msg("test accuracy %g", result.test_accuracy);

    static float rows[256 * 784], many[256 * 10], one[10];
    for (size_t r = 0; r < 256; r++) nudge_data_row(data, NUDGE_PART_TEST, r, rows + r * 784, NULL, NULL);
    assert_int_equal(nudge_predictor_create(subject.context, subject.net, 256, NULL, 0, &predictor, &error),
                     NUDGE_OK);
    assert_int_equal(nudge_predict(predictor, rows, 256, many, &error), NUDGE_OK);
    for (size_t r = 0; r < 256; r += 17) {
        assert_int_equal(nudge_predict(predictor, rows + r * 784, 1, one, &error), NUDGE_OK);
        for (size_t j = 0; j < 10; j++) assert_true(fabsf(one[j] - many[r * 10 + j]) < 1e-4f);
    }
    nudge_predictor_free(predictor);
    nudge_net_free(subject.net);
    nudge_data_free(data);
    nudge_context_free(subject.context);
}

static void test_training(void **state) {
    (void)state;
    for (size_t k = 0; k < KINDS; k++) check_training(kinds[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_wrong_kernels_are_found),
        cmocka_unit_test(test_tiles_are_those_of_amx),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_portions_add_up),
        cmocka_unit_test(test_padding_stays_zero),
        cmocka_unit_test(test_copies_follow_the_weights),
        cmocka_unit_test(test_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
