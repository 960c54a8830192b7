/* The gradient check that users call: good nets pass, the worst parameter is the worst one, kinks are left
 * out and counted, and the sample reaches every layer. That backpropagation itself is right:
 * property/gradients_test.c. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/cost.h"
#include "nets.h"
#include "small.h"

#include <stdio.h>

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

static nudge_check_result check(const nudge_net *net, const nudge_data *data,
                                const nudge_check_options *options) {
    nudge_check_result result = NUDGE_CHECK_RESULT;
    assert_ok(nudge_check(context, net, data, NUDGE_PART_TRAIN, options, &result, error));
    assert_int_equal(result.struct_size, sizeof result);
    return result;
}

/* -- good nets pass -- */

static void check_pair(const struct op *output, nudge_cost cost, const nudge_data *data) {
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    char text[100];
    for (size_t hidden = 1; hidden < op_activation_end(); hidden++) {
        snprintf(text, sizeof text, "5 %s, 3 %s", ops[hidden].name, output->name);
        nudge_net *net = small_net(context, 4, text);
        uint64_t before = small_digest_net(net);
        assert_ok(nudge_net_set_cost(net, cost, 1, error));
        nudge_check_result result = check(net, data, &options);
        if (!result.passed)
            fail_msg("\"%s\", %s: error %g at layer %zu, %s [%zu][%zu]: %.12g, difference %.12g", text,
                     costs[cost].name, result.error, result.parameter.layer,
                     result.parameter.tensor ? "bias" : "weight", result.parameter.output,
                     result.parameter.input, result.backpropagation, result.difference);
        assert_int_equal(result.compared + result.kinks, nudge_net_parameters(net));
        assert_true(result.largest_gradient > 0 && result.error <= 1e-6);
        assert_digest(small_digest_net(net), before, "a checked net");
        nudge_net_free(net);
    }
}

static void test_every_op_and_cost_passes(void **state) {
    (void)state;
    nudge_data *numbers = small_data(context, 8, 0, 4, 0, 3), *classes = small_data(context, 8, 0, 4, 3, 0);
    for (size_t output = 1; output < op_activation_end(); output++)
        for (size_t cost = 1; cost < cost_count; cost++) {
            if (!nets_can_meet(&ops[output], &costs[cost])) continue;
            check_pair(&ops[output], (nudge_cost)cost, classes);
            if (!costs[cost].output) check_pair(&ops[output], (nudge_cost)cost, numbers);
        }
    nudge_data_free(numbers);
    nudge_data_free(classes);
}

/* At the bottom of a valley the gradients are smaller than what rounding of the cost makes of a difference
 * quotient; the cost itself is not small, as the targets are noisy. */
static void test_trained_net_passes(void **state) {
    (void)state;
    static const float x[] = {0, 1, 2, 3}, y[] = {0.5f, 0, 3, 1};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_net *net = small_net(context, 1, "1");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    rows.rows = 4;
    rows.features = rows.target_columns = 1;
    rows.values = x;
    rows.targets = y;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    options.epochs = 5000;
    options.batch_size = 0;
    options.learning_rate = 0.05;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    nudge_check_result result = check(net, data, NULL);
    if (!result.passed || result.largest_gradient > 1e-5)
        fail_msg("error %g, largest gradient %g", result.error, result.largest_gradient);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* Networks that have learnt all there is: the cost, its gradient and all that is left of it are next to
 * nothing, but not its third derivative. */
static void test_perfectly_trained_nets_pass(void **state) {
    (void)state;
    static const struct perfect {
        const char *net;
        nudge_cost cost;
    } perfect[] = {
        {"8 tanh, 2 sigmoid", NUDGE_COST_QUADRATIC},
        {"8 tanh, 2 softmax", NUDGE_COST_CROSS_ENTROPY},
        {"8 tanh, 2", NUDGE_COST_QUADRATIC},
        {"8 tanh, 2", NUDGE_COST_HUBER},
        {"8 gelu, 2", NUDGE_COST_HUBER},
        {"8 sigmoid, 2 sigmoid", NUDGE_COST_BINARY_CROSS_ENTROPY},
    };
    nudge_data *data = NULL;
    assert_ok(nudge_data_generate(context, "xor", 1, &data, error));
    for (size_t i = 0; i < sizeof perfect / sizeof *perfect; i++) {
        nudge_net *net = small_net(context, 2, perfect[i].net);
        nudge_train_options options = NUDGE_TRAIN_OPTIONS;
        nudge_train_result trained = NUDGE_TRAIN_RESULT;
        assert_ok(nudge_net_set_cost(net, perfect[i].cost, 1, error));
        options.optimizer = NUDGE_OPTIMIZER_ADAM;
        options.learning_rate = 0.03;
        options.batch_size = 0;
        options.epochs = 5000;
        assert_ok(nudge_train(context, net, data, &options, &trained, error));
        assert_true(trained.train_cost < 1e-3);
        nudge_check_options chosen = NUDGE_CHECK_OPTIONS;
        nudge_check_result result = check(net, data, &chosen);
        if (!result.passed)
            fail_msg("%s, %s: error %g, largest gradient %g", perfect[i].net,
                     nudge_cost_name(perfect[i].cost), result.error, result.largest_gradient);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* -- the worst parameter -- */

static double quotient(struct plan *plan, const struct walk_cost *cost, size_t rows, double *parameter,
                       double step) {
    double p = *parameter, h = step * (fabs(p) > 1 ? fabs(p) : 1), c[2];
    for (int side = 0; side < 2; side++) {
        *parameter = side ? p - h : p + h;
        walk_forward(plan, rows, NULL, cost);
        c[side] = 0;
        for (size_t r = 0; r < rows; r++) c[side] += plan_get(plan, plan->each, r);
        c[side] /= (double)rows;
    }
    *parameter = p;
    return (c[0] - c[1]) / ((p + h) - (p - h));
}

/* |backpropagation - difference| of one parameter, worked out again, as the check does where its first
 * quotient is too far off. */
static double error_of(struct plan *plan, const struct walk_cost *cost, size_t rows, size_t at,
                       double found[2]) {
    double *parameter = (double *)plan->parameters + at;
    double wide = quotient(plan, cost, rows, parameter, 1e-5),
           narrow = quotient(plan, cost, rows, parameter, 1e-5 / 2);
    found[0] = plan_get(plan, plan->gradients, at) / (double)rows;
    found[1] = (4 * narrow - wide) / 3;
    return fabs(found[0] - found[1]);
}

/* The largest error over all parameters of the net, on the data's rows. */
static double largest_error(const nudge_net *net, const nudge_data *data, size_t rows) {
    struct plan *plan = nets_plan(context, net, REAL_F64, rows);
    struct chosen_cost chosen = cost_of(net);
    double largest = 0, found[2];
    assert_int_equal(nudge_net_cost(net, NULL), NUDGE_COST_QUADRATIC);
    struct walk_cost cost = cost_for_walk(&chosen);
    for (size_t r = 0; r < rows; r++) {
        float x[64], y[64];
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, x, y, error));
        for (size_t k = 0; k < net->inputs; k++)
            plan_set(plan, plan->x, r * plan->input_stride + k, (double)x[k]);
        for (size_t j = 0; j < net->outputs; j++)
            plan_set(plan, plan->targets, r * plan->output_stride + j, (double)y[j]);
    }
    walk_both(plan, rows, &cost, false);
    for (size_t l = 1; l <= net->layers; l++) {
        const struct net_op *dense = net_dense(net, l);
        for (size_t j = 0; j < dense->outputs; j++)
            for (size_t k = 0; k <= dense->inputs; k++) {
                size_t weight =
                    dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, j, k);
                double e = error_of(plan, &cost, rows,
                                    k < dense->inputs ? weight : dense->place[DENSE_BIAS] + j, found);
                if (e > largest) largest = e;
            }
    }
    free(plan);
    return largest;
}

/* A tolerance that no difference quotient reaches: the check fails and points at the parameter that is
 * worst. */
/* A net that is all but sure: C is 0 to the last digit, and gradients of 1e-44 are nothing that a difference
 * could show. */
static void test_gradients_below_rounding_pass(void **state) {
    (void)state;
    static const float values[] = {0.5f, -0.25f, 1, 0.75f};
    static const int32_t labels[] = {0, 0};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_check_result result = NUDGE_CHECK_RESULT;
    rows.rows = 2, rows.features = 2, rows.values = values, rows.labels = labels, rows.classes = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    for (float bias = 15; bias < 400; bias *= 1.5f) {
        nudge_net *net = small_net(context, 2, "3 tanh, 2 softmax");
        const float biases[] = {bias, -bias};
        assert_ok(nudge_net_set_biases(net, 2, biases, 2, error));
        assert_ok(nudge_check(context, net, data, NUDGE_PART_TRAIN, NULL, &result, error));
        if (!result.passed)
            fail_msg("biases %g: largest gradient %g, error %g", bias, result.largest_gradient, result.error);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

static void test_worst_parameter_is_found(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "17 tanh, 4 sigmoid, 2");
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    assert_ok(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, error));
    options.tolerance = 1e-300;
    options.rows = 6;
    options.parameters = 0;
    nudge_check_result result = check(net, data, &options);
    assert_false(result.passed);
    assert_int_equal(result.compared, nudge_net_parameters(net));
    double difference = fabs(result.backpropagation - result.difference);
    assert_true(difference / result.largest_gradient == result.error);
    assert_true(difference == largest_error(net, data, 6));
    assert_true(result.parameter.layer >= 1 && result.parameter.layer <= 3);
    options.tolerance = 2 * result.error;
    assert_true(check(net, data, &options).passed);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* Through the public calls: the reported place has the reported gradient. */
static void test_worst_parameter_has_its_gradient(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "17 tanh, 4 sigmoid, 2");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_check_options checking = NUDGE_CHECK_OPTIONS;
    nudge_trainer *trainer = NULL;
    float gradients[17 * 4];
    size_t indices[] = {0, 1, 2, 3, 4, 5};
    checking.parameters = 20;
    for (checking.seed = 1; checking.seed <= 10; checking.seed++) {
        nudge_check_result result = check(net, data, &checking);
        nudge_layer layer = NUDGE_LAYER;
        assert_ok(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, error));
        assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 6, error));
        assert_ok(nudge_trainer_forward(trainer, NULL, error));
        assert_ok(nudge_trainer_backward(trainer, error));
        assert_true(nudge_net_layer(net, result.parameter.layer, &layer));
        size_t count = result.parameter.tensor ? layer.outputs : layer.outputs * layer.inputs;
        size_t at = result.parameter.tensor ? result.parameter.output
                                            : result.parameter.output * layer.inputs + result.parameter.input;
        nudge_quantity quantity = result.parameter.tensor ? NUDGE_BIAS_GRADIENT : NUDGE_WEIGHT_GRADIENT;
        assert_ok(nudge_trainer_read(trainer, quantity, result.parameter.layer, gradients, count, error));
        assert_true(fabs((double)gradients[at] - result.backpropagation) <= 1e-5 * result.largest_gradient);
        nudge_trainer_free(trainer);
    }
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- kinks -- */

/* With all parameters 0 every z of the relu layer stands on its kink. What moves it, its own weights and
 * biases, is left out; the last layer's parameters are compared. */
static void test_kinks_are_left_out_and_counted(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "5 relu, 2");
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, error));
    assert_ok(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, error));
    nudge_check_result result = check(net, data, &options);
    assert_int_equal(result.kinks, 3 * 5 + 5);
    assert_int_equal(result.compared, 5 * 2 + 2);
    assert_true(result.passed && result.parameter.layer == 2);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* One linear neuron whose residual is a - y: what a check of its two parameters finds. */
static nudge_check_result check_residual(double residual, nudge_cost cost) {
    float one = 1, target = (float)-residual;
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    nudge_net *net = small_net(context, 1, "1");
    rows.rows = rows.features = rows.target_columns = 1;
    rows.values = &one;
    rows.targets = &target;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, error));
    assert_ok(nudge_net_set_cost(net, cost, 0.5, error));
    nudge_check_result result = check(net, data, &options);
    nudge_net_free(net);
    nudge_data_free(data);
    return result;
}

/* At |r| = d huber's slope has a corner: a difference across it is off by h/4, not by h². */
static void test_corners_of_huber_count_as_kinks(void **state) {
    (void)state;
    static const double corners[] = {0.5, -0.5}, beside[] = {0.499, 0.501, -0.25, 3};
    for (size_t i = 0; i < 2; i++) assert_int_equal(check_residual(corners[i], NUDGE_COST_HUBER).kinks, 2);
    for (size_t i = 0; i < 4; i++) {
        nudge_check_result result = check_residual(beside[i], NUDGE_COST_HUBER);
        assert_true(result.passed && result.kinks == 0 && result.compared == 2);
    }
}

/* Where everything stands on a kink nothing is compared, and nothing passes. */
static void test_nothing_compared_is_not_passed(void **state) {
    (void)state;
    nudge_check_result result = check_residual(0, NUDGE_COST_ABSOLUTE);
    assert_int_equal(result.kinks, 2);
    assert_int_equal(result.compared, 0);
    assert_false(result.passed);
}

/* -- the sample -- */

static void test_sample_is_as_large_as_wanted(void **state) {
    (void)state;
    static const size_t wanted[] = {4, 5, 10, 50, 200, 300, 100000, 0};
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "17 tanh, 2"); /* 51 + 17 + 34 + 2 parameters */
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    size_t before = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        options.parameters = wanted[i];
        nudge_check_result result = check(net, data, &options);
        assert_int_equal(result.kinks, 0);
        assert_true(wanted[i] == 0 || result.compared <= wanted[i]);
        assert_true(result.compared >= before);
        before = result.compared;
        if (wanted[i] == 0 || wanted[i] > 104) assert_int_equal(result.compared, 104);
    }
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_seed_chooses_the_sample(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "40 tanh, 30 tanh, 2");
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    options.parameters = 30;
    nudge_check_result first = check(net, data, &options), again = check(net, data, &options);
    assert_memory_equal(&first.error, &again.error, sizeof first.error);
    assert_true(first.parameter.layer == again.parameter.layer &&
                first.parameter.output == again.parameter.output &&
                first.parameter.input == again.parameter.input);
    size_t different = 0;
    for (options.seed = 2; options.seed < 12; options.seed++)
        different += check(net, data, &options).error != first.error;
    assert_true(different >= 5);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- what is not finite, what does not fit -- */

/* -- large batches, and who listens -- */

struct heard {
    size_t compared, kinks, stop_at;
    double worst;
};

static bool hear(void *user, const nudge_comparison *comparison) {
    struct heard *heard = user;
    if (comparison->kink)
        heard->kinks++;
    else
        heard->compared++;
    if (!comparison->kink && comparison->error > heard->worst) heard->worst = comparison->error;
    return heard->compared + heard->kinks != heard->stop_at;
}

/* More rows than are walked at once; the kinks of all portions count. */
static void test_large_batch_goes_in_portions(void **state) {
    (void)state;
    enum { ROWS = 700, PARAMETERS = 4 * 6 + 6 + 6 * 3 + 3 };
    nudge_data *data = small_data(context, ROWS, 0, 4, 3, 0);
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    static const char *const nets[] = {"6 tanh, 3 softmax", "6 relu, 3 softmax"};
    for (size_t i = 0; i < 2; i++) {
        struct heard heard = {0};
        nudge_net *net = small_net(context, 4, nets[i]);
        double gradient[PARAMETERS];
        nudge_gradient_result many = NUDGE_GRADIENT_RESULT;
        size_t index;
        options.rows = ROWS;
        options.on_compared = hear;
        options.user = &heard;
        nudge_check_result result = check(net, data, &options);
        many.mean = gradient;
        assert_ok(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, NULL, &many, error));
        nudge_parameter worst = {result.parameter.layer, result.parameter.output, result.parameter.input,
                                 result.parameter.tensor};
        assert_ok(nudge_net_parameter_index(net, &worst, &index, error));
        assert_true(fabs(result.backpropagation - gradient[index]) <= 1e-15);
        assert_true(result.passed && result.step == 1e-5);
        assert_int_equal(heard.compared, result.compared);
        assert_int_equal(heard.kinks, result.kinks);
        assert_true(heard.worst == result.error);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

static void test_listener_can_stop(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 8, 0, 4, 3, 0);
    nudge_net *net = small_net(context, 4, "6 tanh, 3 softmax");
    struct heard heard = {.stop_at = 5};
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    options.on_compared = hear;
    options.user = &heard;
    nudge_check_result result = check(net, data, &options);
    assert_true(result.stopped && !result.passed);
    assert_int_equal(result.compared, 5);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* The formula's error grows with the square of the step. Where a difference is off by more than the tolerance
 * a second one follows, so the tolerance is large here. */
static void test_step_is_the_callers(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 8, 0, 4, 3, 0);
    nudge_net *net = small_net(context, 4, "6 tanh, 3 softmax");
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    options.tolerance = 1;
    options.step = 0.1;
    double coarse = check(net, data, &options).error;
    options.step = 0.01;
    nudge_check_result result = check(net, data, &options);
    assert_true(result.step == 0.01);
    assert_true(coarse / result.error > 80 && coarse / result.error < 120);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_nan_does_not_pass(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 6, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "4 tanh, 2");
    float nan[2] = {NAN, 0};
    assert_ok(nudge_net_set_biases(net, 2, nan, 2, error));
    nudge_check_result result = check(net, data, NULL);
    assert_false(result.passed);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void refuse(const nudge_net *net, const nudge_data *data, nudge_part part,
                   const nudge_check_options *options, const char *expected) {
    nudge_check_result result = NUDGE_CHECK_RESULT;
    nudge_error e = {0};
    expect_error(nudge_check(context, net, data, part, options, &result, &e), NUDGE_BAD_ARGUMENT, &e,
                 expected, NULL);
    assert_int_equal(result.compared, 0);
}

static void test_errors(void **state) {
    (void)state;
    const nudge_check_options good = NUDGE_CHECK_OPTIONS;
    nudge_check_options options = good;
    nudge_data *data = small_data(context, 6, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "2 softmax"), *wide = small_net(context, 4, "2 softmax");
    options.rows = 0, refuse(net, data, NUDGE_PART_TRAIN, &options, "0 rows");
    options = good, options.tolerance = 0, refuse(net, data, NUDGE_PART_TRAIN, &options, "tolerance 0");
    options = good, options.tolerance = (double)NAN,
    refuse(net, data, NUDGE_PART_TRAIN, &options, "tolerance nan");
    options = good, options.step = 2, refuse(net, data, NUDGE_PART_TRAIN, &options, "step 2");
    options = good, options.struct_size = 0, refuse(net, data, NUDGE_PART_TRAIN, &options, "struct_size");
    refuse(net, data, NUDGE_PART_TEST, &good, "no test part");
    refuse(wide, data, NUDGE_PART_TRAIN, &good, "4 inputs");
    nudge_check_result none = NUDGE_CHECK_RESULT;
    nudge_error e = {0};
    none.struct_size = 0;
    expect_error(nudge_check(context, net, data, NUDGE_PART_TRAIN, &good, &none, &e), NUDGE_BAD_ARGUMENT, &e,
                 "NUDGE_CHECK_RESULT", NULL);
    nudge_net_free(net);
    nudge_net_free(wide);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_op_and_cost_passes),
        cmocka_unit_test(test_perfectly_trained_nets_pass),
        cmocka_unit_test(test_trained_net_passes),
        cmocka_unit_test(test_gradients_below_rounding_pass),
        cmocka_unit_test(test_worst_parameter_is_found),
        cmocka_unit_test(test_worst_parameter_has_its_gradient),
        cmocka_unit_test(test_kinks_are_left_out_and_counted),
        cmocka_unit_test(test_corners_of_huber_count_as_kinks),
        cmocka_unit_test(test_nothing_compared_is_not_passed),
        cmocka_unit_test(test_sample_is_as_large_as_wanted),
        cmocka_unit_test(test_seed_chooses_the_sample),
        cmocka_unit_test(test_large_batch_goes_in_portions),
        cmocka_unit_test(test_listener_can_stop),
        cmocka_unit_test(test_step_is_the_callers),
        cmocka_unit_test(test_nan_does_not_pass),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
