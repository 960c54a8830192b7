/* The oneDNN engine's products, f32 and bf16, each against a sum in double precision of the very numbers that
 * it read.
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

#include "base/status.h"
#include "engine/product.h"
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
    bool portions;
};

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

static bool open_context(struct subject *subject, nudge_precision precision, unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_error error = {0};
    options.engine = NUDGE_ENGINE_ONEDNN;
    options.precision = precision;
    options.threads = threads;
    nudge_status status = nudge_context_create(&options, &subject->context, &error);
    if (status == NUDGE_UNSUPPORTED) print_message("left out: %s\n", error.message);
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
    subject->plan = nets_plan(subject->context, subject->net, PRECISION_F32, capacity);
    assert_int_equal(plan_prepare(subject->plan, subject->portions, &error), NUDGE_OK);
    assert_true(subject->plan->prepared); /* or this test would test the verbs */
    assert_int_equal(cost_choose(subject->net, NUDGE_COST_AUTO, 1, &subject->chosen, &error), NUDGE_OK);
    subject->cost = cost_for_walk(&subject->chosen);
}

static void unmake(struct subject *subject) {
    plan_release(subject->plan);
    free(subject->plan);
    nudge_net_free(subject->net);
    nudge_context_free(subject->context);
}

/* -- what the products read -- */

static double x_of(const struct plan_step *step, size_t r, size_t i) {
    size_t at = r * step->input_stride + i;
    if (!step->bf16) return (double)((const float *)step->x)[at];
    assert_int_equal(step->x16[at], to_bf16(((const float *)step->x)[at]));
    return from_bf16(step->x16[at]);
}

static double d_of(const struct plan_step *step, size_t r, size_t o) {
    size_t at = r * step->output_stride + o;
    if (!step->bf16) return (double)((const float *)step->d)[at];
    assert_int_equal(step->d16[at], to_bf16(((const float *)step->d)[at]));
    return from_bf16(step->d16[at]);
}

static double w_of(const struct plan *plan, const struct plan_step *step, size_t o, size_t i) {
    const struct net_op *dense = step->link;
    float w =
        ((const float *)plan->parameters)[dense->weight + weight_index(dense->outputs, dense->inputs, o, i)];
    if (!step->bf16) return (double)w;
    size_t panel = weight_panel(dense->outputs);
    size_t at = ((o / panel) * step->w16_inputs + i / 2 * 2) * panel + o % panel * 2 + i % 2;
    assert_int_equal(step->w16[at], to_bf16(w));
    return from_bf16(step->w16[at]);
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
        add(&z, (double)((const float *)subject->plan->parameters)[dense->bias + o]);
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
    for (size_t r = 0; r < subject->rows; r++) add(&db, d_of(step, r, o));
    near("∂C/∂b", dense->layer, (double)g[dense->bias + o], db, subject->rows * 2, 1 + before);
    for (size_t i = 0; i < dense->inputs; i += 7) {
        struct sum dw = {0, 0};
        for (size_t r = 0; r < subject->rows; r++) add(&dw, d_of(step, r, o) * x_of(step, r, i));
        near("∂C/∂w", dense->layer,
             (double)g[dense->weight + weight_index(dense->outputs, dense->inputs, o, i)], dw,
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
    {2600, "300 relu, 2100 relu, 10 softmax", 128}, /* sums that oneDNN would take apart with more threads */
    {300, "1000 relu, 512 relu, 10 softmax", 128},  /* on AMX the first layer stays f32 */
};
enum { NETS = sizeof nets / sizeof *nets };

static void check_net(nudge_precision precision, unsigned threads, size_t n) {
    struct subject subject = {0};
    if (!open_context(&subject, precision, threads)) skip();
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

static void test_f32(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++)
        for (size_t n = 0; n < NETS; n++) check_net(NUDGE_PRECISION_F32, threads, n);
}

static void test_bf16(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++)
        for (size_t n = 0; n < NETS; n++) check_net(NUDGE_PRECISION_BF16, threads, n);
}

/* -- layers for which the engine has nothing in bf16 -- */

static const struct product_verbs *true_products;
static size_t refused_outputs; /* SIZE_MAX: all */
static bool refuses_f32;

static nudge_status refusing_create(const nudge_allocator *allocator, const struct product_request *request,
                                    struct product **product, nudge_error *error) {
    if ((request->bf16 || refuses_f32) &&
        (refused_outputs == SIZE_MAX || request->outputs == refused_outputs))
        return error_set(error, NUDGE_UNSUPPORTED, "refused by the test");
    return true_products->create(allocator, request, product, error);
}

static char remark[1024];
static void keep_remark(void *user, const char *sentence) {
    assert_ptr_equal(user, &remark);
    strcpy(remark, sentence);
}

/* An engine that has no bf16 for some layers, with a context that listens. */
static void check_refused(size_t outputs, bool f32_too, const char *expected) {
    struct subject subject = {0};
    struct product_verbs refusing;
    if (!open_context(&subject, NUDGE_PRECISION_BF16, 2)) skip();
    struct engine engine = *subject.context->engine;
    true_products = engine.products;
    refusing = *true_products;
    refusing.create = refusing_create;
    engine.products = &refusing;
    subject.context->engine = &engine;
    subject.context->on_remark = keep_remark;
    subject.context->user = remark;
    refused_outputs = outputs;
    refuses_f32 = f32_too;
    remark[0] = 0;
    nudge_error error = {0};
    assert_int_equal(
        nudge_net_create(subject.context, 784, "192 relu, 160 relu, 10 softmax", 5, &subject.net, &error),
        NUDGE_OK);
    subject.plan = nets_plan(subject.context, subject.net, PRECISION_F32, 64);
    assert_int_equal(plan_prepare(subject.plan, false, &error), NUDGE_OK);
    assert_string_equal(remark, expected);
    assert_true(subject.plan->prepared == !f32_too);
    assert_int_equal(cost_choose(subject.net, NUDGE_COST_AUTO, 1, &subject.chosen, &error), NUDGE_OK);
    subject.cost = cost_for_walk(&subject.chosen);
    draw_rows(&subject, 64, 3);
    walk_both(subject.plan, 64, &subject.cost, false);
    check_products(&subject);
    subject.context->engine = &engine; /* for the release */
    unmake(&subject);
}

static void test_refused_layers_stay_f32(void **state) {
    (void)state;
    static const char said[] =
        "precision bf16: the engine has nothing in bf16 for layer%s of 784 -> 192 relu, 160 relu, "
        "10 softmax on this CPU: multiplied in f32";
    char expected[256];
    snprintf(expected, sizeof expected, said, " 2");
    check_refused(160, false, expected);
    snprintf(expected, sizeof expected, said, "s 1, 2, 3");
    check_refused(SIZE_MAX, false, expected);
    check_refused(SIZE_MAX, true, expected);
}

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
static void check_same_bits(nudge_precision precision, unsigned threads, size_t n) {
    struct subject first = {0}, second = {0};
    if (!open_context(&first, precision, 1)) skip();
    assert_true(open_context(&second, precision, threads));
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
    for (size_t n = 0; n < NETS; n++)
        for (unsigned threads = 1; threads <= 7; threads += 2) {
            check_same_bits(NUDGE_PRECISION_F32, threads, n);
            check_same_bits(NUDGE_PRECISION_BF16, threads, n);
        }
}

/* In two portions, the second on top of the first, by products or (f32) by the verbs: the sums of all rows'
 * gradients. */
static void check_portions(nudge_precision precision, bool portions) {
    struct subject subject = {.portions = portions};
    if (!open_context(&subject, precision, 2)) skip();
    make(&subject, 200, nets[0].text, 801);
    draw_rows(&subject, 801, 3);
    walk_both(subject.plan, 801, &subject.cost, false);
    walk_gradients(subject.plan, 801, true, NULL);
    for (size_t l = 1; l <= subject.net->layers; l++)
        for (size_t o = 0; o < net_dense(subject.net, l)->outputs; o += 3)
            check_gradients(&subject, plan_dense(subject.plan, l), o, 1);
    unmake(&subject);
}

static void test_portions_add_up(void **state) {
    (void)state;
    check_portions(NUDGE_PRECISION_F32, false);
    check_portions(NUDGE_PRECISION_F32, true);
    check_portions(NUDGE_PRECISION_BF16, true);
}

/* -- training -- */

/* The copies in bf16 that products read are those of the present weights, whoever changed them. */
static void test_copies_follow_the_weights(void **state) {
    (void)state;
    struct subject subject = {0};
    nudge_error error = {0};
    if (!open_context(&subject, NUDGE_PRECISION_BF16, 2)) skip();
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
static void check_training(nudge_precision precision) {
    struct subject subject = {0};
    nudge_error error = {0};
    if (!open_context(&subject, precision, 2)) skip();
    nudge_data *data = NULL;
    nudge_predictor *predictor = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.epochs = 4;
    options.batch_size = 64;
    assert_int_equal(nudge_data_generate(subject.context, "digits:3000/500", 1, &data, &error), NUDGE_OK);
    assert_int_equal(nudge_net_create(subject.context, 784, "150 relu, 10 softmax", 1, &subject.net, &error),
                     NUDGE_OK);
    if (nudge_train(subject.net, data, &options, &result, &error)) fail_msg("%s", error.message);
    if (!(result.test_accuracy > 0.85)) fail_msg("test accuracy %g", result.test_accuracy);

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

static void test_training_f32(void **state) {
    (void)state;
    check_training(NUDGE_PRECISION_F32);
}
static void test_training_bf16(void **state) {
    (void)state;
    check_training(NUDGE_PRECISION_BF16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_refused_layers_stay_f32),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_portions_add_up),
        cmocka_unit_test(test_copies_follow_the_weights),
        cmocka_unit_test(test_training_f32),
        cmocka_unit_test(test_training_bf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
