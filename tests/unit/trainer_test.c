/* Training step by step: what may follow what, what can be read, and that update alone changes the net. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "alike.h"
#include "small.h"

enum { ROWS = 5, INPUTS = 3, HIDDEN = 17, OUTPUTS = 2 };

static nudge_context *context;
static nudge_net *net;
static nudge_trainer *trainer;
static float x[ROWS * INPUTS], y[ROWS * OUTPUTS];

static nudge_trainer *trainer_for(const nudge_train_options *options) {
    nudge_trainer *made = NULL;
    assert_ok(nudge_trainer_create(context, net, options, NULL, 0, &made, error));
    return made;
}

static int set_up(void **state) {
    (void)state;
    uint32_t random = 9;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = ROWS;
    for (size_t i = 0; i < ROWS * INPUTS; i++) x[i] = 2 * small_random(&random) - 1;
    for (size_t i = 0; i < ROWS * OUTPUTS; i++) y[i] = small_random(&random);
    context = small_context(1);
    net = small_net(context, INPUTS, "17 tanh, 2 sigmoid");
    assert_ok(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, error));
    trainer = trainer_for(&options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_trainer_free(trainer);
    nudge_trainer_free(NULL);
    nudge_net_free(net);
    nudge_context_free(context);
    return 0;
}

static void read_all(nudge_quantity quantity, size_t l, float *values, size_t count) {
    assert_ok(nudge_trainer_read(trainer, quantity, l, values, count, error));
}

static void refuse_read(nudge_quantity quantity, size_t l, size_t count, const char *expected) {
    float values[400];
    nudge_error e = {0};
    expect_error(nudge_trainer_read(trainer, quantity, l, values, count, &e), NUDGE_BAD_ARGUMENT, &e,
                 expected, NULL);
}

/* -- order of the calls -- */

static void test_calls_come_in_their_order(void **state) {
    (void)state;
    nudge_error e = {0};
    expect_error(nudge_trainer_forward(trainer, NULL, &e), NUDGE_BAD_ARGUMENT, &e, "mini-batch", NULL);
    expect_error(nudge_trainer_backward(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_forward", NULL);
    expect_error(nudge_trainer_update(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_backward", NULL);
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    expect_error(nudge_trainer_backward(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_forward", NULL);
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    expect_error(nudge_trainer_update(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_backward", NULL);
    assert_ok(nudge_trainer_backward(trainer, error));
    assert_ok(nudge_trainer_backward(trainer, error)); /* again is allowed: it gives the same */
    assert_ok(nudge_trainer_update(trainer, error));
    expect_error(nudge_trainer_update(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_backward", NULL);
    expect_error(nudge_trainer_backward(trainer, &e), NUDGE_BAD_ARGUMENT, &e, "nudge_trainer_forward", NULL);
    assert_ok(nudge_trainer_forward(trainer, NULL, error)); /* the same batch under the new parameters */
}

/* A cost that is not finite says nothing of how to get lower: the step is refused, and nothing has changed;
 * the trainer goes on with the next mini-batch. */
static void test_no_update_after_a_cost_that_is_not_finite(void **state) {
    (void)state;
    static const float values[] = {1e30f, INFINITY, NAN};
    size_t count = nudge_net_parameters(net);
    float before[400], after[400], wanted[ROWS * OUTPUTS];
    double cost;
    nudge_error e = {0};
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = ROWS;
    options.momentum = 0.9;
    assert_true(count <= 400);
    nudge_trainer *mine = trainer_for(&options);
    assert_ok(nudge_net_get_parameters(net, before, count, error));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t k = 0; k < ROWS * OUTPUTS; k++) wanted[k] = y[k];
        wanted[2] = values[i];
        assert_ok(nudge_trainer_batch(mine, x, wanted, ROWS, error));
        assert_ok(nudge_trainer_forward(mine, &cost, error));
        assert_true(!isfinite(cost));
        assert_ok(nudge_trainer_backward(mine, error));
        expect_error(nudge_trainer_update(mine, &e), NUDGE_DIVERGED, &e,
                     "update refused: the cost is not finite", NULL);
        assert_ok(nudge_net_get_parameters(net, after, count, error));
        assert_memory_equal(before, after, count * sizeof *before);
    }
    assert_ok(nudge_trainer_batch(mine, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(mine, &cost, error));
    assert_ok(nudge_trainer_backward(mine, error));
    assert_ok(nudge_trainer_update(mine, error));
    assert_ok(nudge_net_get_parameters(net, after, count, error));
    for (size_t i = 0; i < count; i++)
        assert_true(isfinite(after[i])); /* nor had the momentum taken anything in */
    nudge_trainer_free(mine);
}

static void test_what_can_be_read_when(void **state) {
    (void)state;
    float values[400];
    refuse_read(NUDGE_ACTIVATION, 1, ROWS * HIDDEN, "nudge_trainer_forward");
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    refuse_read(NUDGE_COST_EACH, 0, ROWS, "nudge_trainer_forward");
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    read_all(NUDGE_WEIGHTED_SUM, 1, values, ROWS * HIDDEN);
    refuse_read(NUDGE_DELTA, 1, ROWS * HIDDEN, "nudge_trainer_backward");
    assert_ok(nudge_trainer_backward(trainer, error));
    assert_ok(nudge_trainer_update(trainer, error));
    read_all(NUDGE_DELTA, 2, values, ROWS * OUTPUTS); /* of the step that was */
    read_all(NUDGE_ACTIVATION, 2, values, ROWS * OUTPUTS);
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    refuse_read(NUDGE_BIAS_GRADIENT, 1, HIDDEN, "nudge_trainer_backward");
    assert_ok(nudge_trainer_batch(trainer, x, y, 1, error));
    refuse_read(NUDGE_ACTIVATION, 1, HIDDEN, "nudge_trainer_forward");
}

static void test_reading_is_checked(void **state) {
    (void)state;
    float values[400];
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    refuse_read(NUDGE_ACTIVATION, 3, ROWS * OUTPUTS, "layer 3, expected 0 to 2");
    refuse_read(NUDGE_WEIGHTED_SUM, 0, ROWS * INPUTS, "layer 0, expected 1 to 2");
    refuse_read(NUDGE_WEIGHT_GRADIENT, 1, HIDDEN, "room for 17 numbers, expected 17 by 3");
    refuse_read(NUDGE_ACTIVATION, 0, ROWS, "expected 5 by 3");
    refuse_read((nudge_quantity)17, 1, 1, "quantity 17");
    read_all(NUDGE_COST_EACH, 99, values, ROWS); /* the layer is ignored */
}

/* -- numbers -- */

/* z = w a + b from what can be read, to the rounding of INPUTS or HIDDEN products of numbers below 4. */
static void assert_weighted_sums(size_t l, size_t inputs, size_t outputs) {
    float a[ROWS * HIDDEN], z[ROWS * HIDDEN], w[HIDDEN * HIDDEN], b[HIDDEN];
    read_all(NUDGE_ACTIVATION, l - 1, a, ROWS * inputs);
    read_all(NUDGE_WEIGHTED_SUM, l, z, ROWS * outputs);
    assert_ok(nudge_net_get_weights(net, l, w, inputs * outputs, error));
    assert_ok(nudge_net_get_biases(net, l, b, outputs, error));
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < outputs; j++) {
            double sum = (double)b[j];
            for (size_t k = 0; k < inputs; k++) sum += (double)w[j * inputs + k] * (double)a[r * inputs + k];
            assert_true(fabs(sum - (double)z[r * outputs + j]) <= 18 * 0x1p-24 * 18);
        }
}

static void test_numbers_fit_together(void **state) {
    (void)state;
    float each[ROWS], a[ROWS * OUTPUTS];
    double cost = 0, sum = 0, by_hand = 0;
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, &cost, error));
    assert_weighted_sums(1, INPUTS, HIDDEN);
    assert_weighted_sums(2, HIDDEN, OUTPUTS);
    read_all(NUDGE_COST_EACH, 0, each, ROWS);
    read_all(NUDGE_ACTIVATION, 2, a, ROWS * OUTPUTS);
    for (size_t r = 0; r < ROWS; r++) sum += (double)each[r];
    for (size_t i = 0; i < ROWS * OUTPUTS; i++) by_hand += pow((double)a[i] - (double)y[i], 2);
    assert_true(cost == sum / ROWS);
    assert_true(fabs(cost - by_hand / ROWS) < 1e-6);
}

/* Gradients are means, δ are the rows' own: ∂C/∂b = Σ_r δ_r / rows. */
static void test_gradients_are_means_of_deltas(void **state) {
    (void)state;
    float delta[ROWS * HIDDEN], gradient[HIDDEN];
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    read_all(NUDGE_DELTA, 1, delta, ROWS * HIDDEN);
    read_all(NUDGE_BIAS_GRADIENT, 1, gradient, HIDDEN);
    for (size_t j = 0; j < HIDDEN; j++) {
        double sum = 0;
        for (size_t r = 0; r < ROWS; r++) sum += (double)delta[r * HIDDEN + j];
        assert_true(fabs(sum / ROWS - (double)gradient[j]) < 1e-7);
    }
}

static void test_transforms_come_before_layer_0(void **state) {
    (void)state;
    float a[ROWS * INPUTS];
    assert_ok(set_alike(net, 0.25f, 2, error));
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    read_all(NUDGE_ACTIVATION, 0, a, ROWS * INPUTS);
    for (size_t i = 0; i < ROWS * INPUTS; i++) assert_true(a[i] == (x[i] - 0.25f) * 2);
}

/* -- the update -- */

static void test_update_alone_changes_the_net(void **state) {
    (void)state;
    float before[HIDDEN], after[HIDDEN], gradient[HIDDEN];
    uint64_t digest = small_digest_net(net);
    assert_ok(nudge_net_get_biases(net, 1, before, HIDDEN, error));
    assert_ok(nudge_trainer_batch(trainer, x, y, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    read_all(NUDGE_BIAS_GRADIENT, 1, gradient, HIDDEN);
    assert_digest(small_digest_net(net), digest, "before update");
    assert_ok(nudge_trainer_set_learning_rate(trainer, 0.5, error));
    assert_ok(nudge_trainer_update(trainer, error));
    assert_ok(nudge_net_get_biases(net, 1, after, HIDDEN, error));
    for (size_t j = 0; j < HIDDEN; j++) {
        double expected = (double)before[j] - 0.5 * (double)gradient[j];
        assert_true(gradient[j] != 0 &&
                    fabs((double)after[j] - expected) <= 4 * 0x1p-24 * (fabs(expected) + 1));
    }
}

/* With momentum the second step on the same gradient is longer: v has the first in it. */
static void test_momentum_is_kept_between_batches(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = 1;
    options.momentum = 0.5;
    options.learning_rate = 1e-3;
    nudge_net *line = small_net(context, 1, "1");
    assert_ok(nudge_net_set_cost(line, NUDGE_COST_ABSOLUTE, 0, error));
    nudge_trainer *heavy = NULL;
    float one = 1, far = 1000, b[3] = {0};
    assert_ok(nudge_trainer_create(context, line, &options, NULL, 0, &heavy, error));
    for (size_t step = 1; step <= 2; step++) {
        assert_ok(nudge_trainer_batch(heavy, &one, &far, 1, error));
        assert_ok(nudge_trainer_forward(heavy, NULL, error));
        assert_ok(nudge_trainer_backward(heavy, error));
        assert_ok(nudge_trainer_update(heavy, error));
        assert_ok(nudge_net_get_biases(line, 1, &b[step], 1, error));
    }
    assert_true(fabsf(b[1] - 0.001f) < 1e-9f); /* ∂C/∂b = -1 */
    assert_true(fabsf(b[2] - (0.001f + 0.0015f)) < 1e-9f);
    nudge_trainer_free(heavy);
    nudge_net_free(line);
}

/* -- rows of a data set -- */

static void test_rows_of_a_data_set(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 10, 3, INPUTS, 2, 0);
    size_t indices[] = {7, 0, 7, 9};
    float a[4 * INPUTS], row[INPUTS];
    nudge_error e = {0};
    assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 4, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    read_all(NUDGE_ACTIVATION, 0, a, 4 * INPUTS);
    for (size_t r = 0; r < 4; r++) {
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, indices[r], row, NULL, error));
        assert_memory_equal(a + r * INPUTS, row, sizeof row);
    }
    indices[2] = 10;
    expect_error(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 4, &e), NUDGE_BAD_ARGUMENT, &e,
                 "index 2 is 10", "10 train rows", NULL);
    expect_error(nudge_trainer_rows(trainer, data, NUDGE_PART_VALIDATION, indices, 1, &e), NUDGE_BAD_ARGUMENT,
                 &e, "0 validation rows", NULL);
    nudge_data_free(data);
    data = small_data(context, 10, 0, INPUTS + 1, 2, 0);
    expect_error(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 1, &e), NUDGE_BAD_ARGUMENT, &e,
                 "3 inputs", "4 features", NULL);
    nudge_data_free(data);
}

static void test_bytes_are_scaled_to_one(void **state) {
    (void)state;
    static const uint8_t pixels[INPUTS] = {0, 51, 255};
    static const int32_t label = 1;
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    size_t index = 0;
    float a[INPUTS];
    rows.rows = 1;
    rows.features = INPUTS;
    rows.type = NUDGE_TYPE_U8;
    rows.height = 1;
    rows.width = INPUTS;
    rows.values = pixels;
    rows.labels = &label;
    rows.classes = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, &index, 1, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    read_all(NUDGE_ACTIVATION, 0, a, INPUTS);
    assert_true(a[0] == 0 && fabsf(a[1] - 0.2f) < 1e-7f && a[2] == 1);
    assert_true(first_transform(net).factor == first_transform(net).factor);
    nudge_data_free(data);
}

/* -- errors -- */

static void test_batches_have_a_size(void **state) {
    (void)state;
    nudge_error e = {0};
    expect_error(nudge_trainer_batch(trainer, x, y, 0, &e), NUDGE_BAD_ARGUMENT, &e, "0 rows", "1 to 5", NULL);
    expect_error(nudge_trainer_batch(trainer, x, y, 6, &e), NUDGE_BAD_ARGUMENT, &e, "6 rows", "1 to 5", NULL);
    expect_error(nudge_trainer_forward(trainer, NULL, &e), NUDGE_BAD_ARGUMENT, &e, "mini-batch", NULL);
}

static void refuse_options(const nudge_train_options *options, const char *expected) {
    nudge_trainer *made = NULL;
    nudge_error e = {0};
    size_t bytes = 5;
    nudge_status status = nudge_trainer_create(context, net, options, NULL, 0, &made, &e);
    expect_error(status, NUDGE_BAD_ARGUMENT, &e, expected, "expected", NULL);
    assert_null(made);
    if (nudge_trainer_memory(context, net, options, &bytes, &e)) assert_int_equal(bytes, 5);
}

static void test_options_are_checked(void **state) {
    (void)state;
    const nudge_train_options good = NUDGE_TRAIN_OPTIONS;
    static const double rates[] = {-0.1, -1, 2e9, (double)NAN, (double)INFINITY},
                        momenta[] = {-0.1, 1, 1.5, (double)NAN};
    nudge_train_options options;
    for (size_t i = 0; i < 5; i++)
        options = good, options.learning_rate = rates[i], refuse_options(&options, "learning rate");
    for (size_t i = 0; i < 4; i++)
        options = good, options.momentum = momenta[i], refuse_options(&options, "momentum");
    options = good, options.batch_size = 0, refuse_options(&options, "batch_size 0");
    options = good, options.optimizer = (nudge_optimizer)5, refuse_options(&options, "optimizer 5");
    nudge_train_options adam = good;
    adam.optimizer = NUDGE_OPTIMIZER_ADAM;
    for (size_t i = 0; i < 4; i++) {
        options = adam, options.beta1 = momenta[i], refuse_options(&options, "adam: beta1");
        options = adam, options.beta2 = momenta[i], refuse_options(&options, "adam: beta2");
    }
    options = adam, options.epsilon = 0, refuse_options(&options, "adam: epsilon 0");
    options = adam, options.epsilon = (double)NAN, refuse_options(&options, "adam: epsilon nan");
    options = adam, options.momentum = 0.9, refuse_options(&options, "momentum 0.9");
    options = good, options.epochs = 1ull << 32, refuse_options(&options, "4294967296 epochs");
}

static void test_costs_need_their_output(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *made = NULL;
    nudge_error e = {0};
    double delta = 7;
    expect_error(nudge_net_set_cost(net, NUDGE_COST_CROSS_ENTROPY, 1, &e), NUDGE_BAD_ARGUMENT, &e,
                 "cross-entropy needs a softmax output", "ends in sigmoid", NULL);
    expect_error(nudge_net_set_cost(net, (nudge_cost)50, 1, &e), NUDGE_BAD_ARGUMENT, &e, "cost 50", NULL);
    expect_error(nudge_net_set_cost(net, NUDGE_COST_HUBER, 0, &e), NUDGE_BAD_ARGUMENT, &e, "d = 0", NULL);
    expect_error(nudge_net_set_cost(net, NUDGE_COST_HUBER, (double)NAN, &e), NUDGE_BAD_ARGUMENT, &e,
                 "d = nan", NULL);
    assert_int_equal(nudge_net_cost(net, &delta), NUDGE_COST_QUADRATIC);
    assert_true(delta == 0);
    options.struct_size = 0;
    expect_error(nudge_trainer_create(context, net, &options, NULL, 0, &made, &e), NUDGE_BAD_ARGUMENT, &e,
                 "struct_size", "NUDGE_TRAIN_OPTIONS", NULL);
    expect_error(nudge_trainer_set_learning_rate(trainer, -1, &e), NUDGE_BAD_ARGUMENT, &e, "learning rate -1",
                 NULL);
}

/* A program compiled against an older header gives a shorter struct: what it lacks is default. */
static void test_shorter_options_are_understood(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.struct_size = offsetof(nudge_train_options, momentum);
    options.momentum = -5; /* lies beyond the end */
    nudge_trainer_free(trainer_for(&options));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_calls_come_in_their_order),
        TEST(test_no_update_after_a_cost_that_is_not_finite),
        TEST(test_what_can_be_read_when),
        TEST(test_reading_is_checked),
        TEST(test_numbers_fit_together),
        TEST(test_gradients_are_means_of_deltas),
        TEST(test_transforms_come_before_layer_0),
        TEST(test_update_alone_changes_the_net),
        TEST(test_momentum_is_kept_between_batches),
        TEST(test_rows_of_a_data_set),
        TEST(test_bytes_are_scaled_to_one),
        TEST(test_batches_have_a_size),
        TEST(test_options_are_checked),
        TEST(test_costs_need_their_output),
        TEST(test_shorter_options_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
