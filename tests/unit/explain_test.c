/* Explanations and gradients of many rows as users call them: the chain's numbers by hand, what is refused,
 * and that one example and many agree. That the numbers are true for every op and cost:
 * property/explain_gradients_test.c. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

#include <math.h>

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

static nudge_explanation *explanation_of(nudge_net *net, nudge_cost cost) {
    nudge_explanation *explanation = NULL;
    assert_ok(nudge_net_set_cost(net, cost, 1, error));
    assert_ok(nudge_explanation_create(context, net, &explanation, error));
    return explanation;
}

static double read_one(const nudge_explanation *explanation, nudge_quantity quantity, size_t l) {
    double value;
    assert_ok(nudge_explanation_read(explanation, quantity, l, &value, 1, error));
    return value;
}

static void assert_near(double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g", found, expected);
}

/* -- the chain; its numbers are worked out in unit/chain_test.c -- */

static nudge_net *chain_net(void) {
    static const float w[] = {2, -1, 1.5f}, b[] = {-0.5f, 0.5f, 0.25f};
    nudge_net *net = small_net(context, 1, "1 sigmoid, 1 sigmoid, 1 sigmoid");
    for (size_t l = 1; l <= 3; l++) {
        assert_ok(nudge_net_set_weights(net, l, &w[l - 1], 1, error));
        assert_ok(nudge_net_set_biases(net, l, &b[l - 1], 1, error));
    }
    return net;
}

static void test_chain_by_hand(void **state) {
    (void)state;
    nudge_net *net = chain_net();
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_QUADRATIC);
    float x = 0.5f, y = 1;
    assert_ok(nudge_explanation_numbers(explanation, &x, &y, error));
    assert_near(read_one(explanation, NUDGE_COST_EACH, 0), 0.0773140214400079346, 1e-15);
    assert_near(read_one(explanation, NUDGE_WEIGHTED_SUM, 3), 0.954135053473545939, 1e-15);
    assert_near(read_one(explanation, NUDGE_SLOPE, 2), 0.249065069635611, 1e-14);
    assert_near(read_one(explanation, NUDGE_ACTIVATION_GRADIENT, 3), -0.556107980306012, 1e-14);
    assert_near(read_one(explanation, NUDGE_ACTIVATION_GRADIENT, 2), -0.167449647851516, 1e-14);
    assert_near(read_one(explanation, NUDGE_ACTIVATION_GRADIENT, 1), 0.041705858202596, 1e-14);
    assert_near(read_one(explanation, NUDGE_DELTA, 1), 0.00980103149816348179, 1e-16);
    assert_near(read_one(explanation, NUDGE_WEIGHT_GRADIENT, 3), -0.0524031852195794120, 1e-16);
    assert_near(read_one(explanation, NUDGE_TARGET, 0), 1, 0);

    /* δw = 0.01 on w3: half the second derivative times its square is missing, up to the third order. */
    nudge_change change = NUDGE_CHANGE;
    nudge_parameter w3 = {3, 0, 0, false};
    assert_ok(nudge_explanation_nudge(explanation, &w3, 0.01, &change, error));
    assert_near(change.predicted, -0.000524031852, 1e-12);
    assert_near(change.measured - change.predicted, 0.000001433939, 1e-8);
    assert_false(change.kink);
    assert_true(change.rounding > 0 && change.rounding < 1e-14);

    /* ∂z3/∂a1 = w3 σ'(z2) w2 */
    double influence;
    assert_ok(nudge_explanation_influence(explanation, 0, 1, &influence, 1, error));
    assert_near(influence, 1.5 * 0.249065069635611 * -1, 1e-14);
    nudge_explanation_free(explanation);
    nudge_net_free(net);
}

/* -- softmax that is sure of the wrong answer: a is exactly 0 where 1 is asked for -- */

static void test_hopeless_answer_has_finite_gradients(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 1, "2 softmax");
    static const float w[] = {2000, -2000}, b[] = {0, 0}, x = 1, y[] = {0, 1};
    double wishes[2], delta[2];
    assert_ok(nudge_net_set_weights(net, 1, w, 2, error));
    assert_ok(nudge_net_set_biases(net, 1, b, 2, error));
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_CROSS_ENTROPY);
    assert_ok(nudge_explanation_numbers(explanation, &x, y, error));
    assert_near(read_one(explanation, NUDGE_COST_EACH, 0), 4000, 0);
    assert_ok(nudge_explanation_read(explanation, NUDGE_ACTIVATION_GRADIENT, 1, wishes, 2, error));
    assert_ok(nudge_explanation_read(explanation, NUDGE_DELTA, 1, delta, 2, error));
    assert_true(wishes[0] == 0 && wishes[1] == -INFINITY);
    assert_true(delta[0] == 1 && delta[1] == -1);
    nudge_explanation_free(explanation);
    nudge_net_free(net);
}

/* -- kinks -- */

static void test_nudge_across_a_kink_is_marked(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 1, "1 relu");
    static const float one = 1, bias = 0.5f, target = 3;
    assert_ok(nudge_net_set_weights(net, 1, &one, 1, error));
    assert_ok(nudge_net_set_biases(net, 1, &bias, 1, error));
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_QUADRATIC);
    nudge_parameter b = {1, 0, 0, true};
    nudge_change change = NUDGE_CHANGE;
    assert_ok(nudge_explanation_numbers(explanation, &one, &target, error));
    assert_ok(nudge_explanation_nudge(explanation, &b, -1, &change, error));
    assert_false(change.kink);
    assert_ok(nudge_explanation_nudge(explanation, &b, -2, &change, error));
    assert_true(change.kink);
    assert_near(change.measured, 9 - 2.25, 1e-15);
    assert_near(change.predicted, 6, 1e-15);
    nudge_explanation_free(explanation);
    nudge_net_free(net);
}

/* -- many rows -- */

enum { ROWS = 700, FEATURES = 4, CLASSES = 3 }; /* three portions */

static void test_gradient_of_many_is_the_mean(void **state) {
    (void)state;
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, "5 tanh, 3 softmax");
    enum { PARAMETERS = FEATURES * 5 + 5 + 5 * 3 + 3 };
    static double mean[PARAMETERS], each[ROWS], summed[PARAMETERS];
    static double w1[20], b1[5], w2[15], b2[3];
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_AUTO);
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    nudge_parameter parameter = {2, 1, 3, false};
    size_t index;
    double cost = 0;
    options.parameter = &parameter;
    result.mean = mean;
    result.each = each;
    assert_ok(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, error));
    assert_ok(nudge_net_parameter_index(net, &parameter, &index, error));
    memset(summed, 0, sizeof summed);
    for (size_t r = 0; r < ROWS; r++) {
        assert_ok(nudge_explanation_row(explanation, data, NUDGE_PART_TRAIN, r, error));
        assert_ok(nudge_explanation_read(explanation, NUDGE_WEIGHT_GRADIENT, 1, w1, 20, error));
        assert_ok(nudge_explanation_read(explanation, NUDGE_BIAS_GRADIENT, 1, b1, 5, error));
        assert_ok(nudge_explanation_read(explanation, NUDGE_WEIGHT_GRADIENT, 2, w2, 15, error));
        assert_ok(nudge_explanation_read(explanation, NUDGE_BIAS_GRADIENT, 2, b2, 3, error));
        for (size_t i = 0; i < 20; i++) summed[i] += w1[i];
        for (size_t i = 0; i < 5; i++) summed[20 + i] += b1[i];
        for (size_t i = 0; i < 15; i++) summed[25 + i] += w2[i];
        for (size_t i = 0; i < 3; i++) summed[40 + i] += b2[i];
        assert_true(each[r] == w2[1 * 5 + 3]);
        cost += read_one(explanation, NUDGE_COST_EACH, 0);
    }
    for (size_t i = 0; i < PARAMETERS; i++) assert_near(mean[i], summed[i] / ROWS, 1e-15);
    assert_near(result.cost, cost / ROWS, 1e-13);
    assert_int_equal(result.rows, ROWS);
    assert_int_equal(index, 25 + 1 * 5 + 3);
    nudge_explanation_free(explanation);
    nudge_net_free(net);
    nudge_data_free(data);
}

static bool stop_at_once(void *user, size_t done, size_t all) {
    size_t *calls = user;
    assert_true(done < all);
    ++*calls;
    return false;
}

static void test_gradient_of_chosen_rows_and_stopping(void **state) {
    (void)state;
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, "3 softmax");
    static double all[ROWS], some[3];
    static const size_t rows[] = {699, 0, 699};
    size_t calls = 0;
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    nudge_parameter bias = {1, 2, 0, true};
    options.parameter = &bias;
    result.each = all;
    assert_ok(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, error));
    options.indices = rows;
    options.rows = 3;
    result.each = some;
    assert_ok(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, error));
    for (size_t i = 0; i < 3; i++) assert_true(some[i] == all[rows[i]]);

    double mean[5 * 3] = {77};
    options.indices = NULL;
    options.rows = 0;
    options.on_rows = stop_at_once;
    options.user = &calls;
    result.mean = mean;
    result.each = NULL;
    assert_ok(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, error));
    assert_true(result.stopped && calls == 1 && result.rows == 256 && mean[0] == 77);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- parameters as one vector -- */

static void test_parameters_in_one_vector(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "17 relu, 2"), *other = NULL;
    enum { COUNT = 3 * 17 + 17 + 17 * 2 + 2 };
    float vector[COUNT], again[COUNT], weights[17 * 2];
    assert_int_equal(nudge_net_parameters(net), COUNT);
    assert_ok(nudge_net_get_parameters(net, vector, COUNT, error));
    assert_ok(nudge_net_get_weights(net, 2, weights, 17 * 2, error));
    assert_memory_equal(vector + 3 * 17 + 17, weights, sizeof weights);
    for (size_t i = 0; i < COUNT; i++) {
        nudge_parameter parameter;
        size_t index;
        assert_ok(nudge_net_parameter_at(net, i, &parameter, error));
        assert_ok(nudge_net_parameter_index(net, &parameter, &index, error));
        assert_int_equal(index, i);
        vector[i] = (float)i;
    }
    assert_ok(nudge_net_clone(context, net, &other, error));
    assert_ok(nudge_net_set_parameters(other, vector, COUNT, error));
    assert_ok(nudge_net_get_parameters(other, again, COUNT, error));
    assert_memory_equal(vector, again, sizeof vector);
    nudge_net_free(other);
    nudge_net_free(net);
}

/* -- what is refused -- */

static void assert_refused(nudge_status status, const nudge_error *error, const char *sentence) {
    assert_int_equal(status, NUDGE_BAD_ARGUMENT);
    assert_string_equal(error->message, sentence);
}

/* NaN is a missing number to a net that knows what stands in for it, which one that saw no table does not. */
static void test_numbers_that_are_not_finite_are_refused(void **state) {
    (void)state;
    nudge_net *net = chain_net();
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_QUADRATIC);
    const float bad[] = {NAN, INFINITY, -INFINITY}, good = 0.5f;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(nudge_explanation_numbers(explanation, &bad[i], &good, NULL), NUDGE_BAD_INPUT);
        assert_int_equal(nudge_explanation_numbers(explanation, &good, &bad[i], NULL), NUDGE_BAD_INPUT);
    }
    nudge_explanation_free(explanation);
    nudge_net_free(net);
}

static void test_wrong_arguments_are_refused(void **state) {
    (void)state;
    nudge_net *net = small_net(context, FEATURES, "5 tanh, 3 softmax");
    nudge_data *data = small_data(context, 8, 0, FEATURES, CLASSES, 0);
    nudge_explanation *explanation = explanation_of(net, NUDGE_COST_AUTO);
    nudge_error e = {0};
    double values[20];
    float vector[3];
    size_t index;
    nudge_ledger ledger = NUDGE_LEDGER;
    nudge_path path;
    nudge_change change = NUDGE_CHANGE;
    nudge_parameter wrong = {2, 1, 5, false};
    assert_refused(nudge_explanation_read(explanation, NUDGE_DELTA, 1, values, 5, &e), &e,
                   "explanation: expected nudge_explanation_row first");
    assert_refused(nudge_explanation_row(explanation, data, NUDGE_PART_TRAIN, 8, &e), &e,
                   "row 8 of the train part of rows, which has 8");
    assert_ok(nudge_explanation_row(explanation, data, NUDGE_PART_TRAIN, 7, error));
    assert_refused(nudge_explanation_read(explanation, NUDGE_DELTA, 0, values, 4, &e), &e,
                   "layer 0, expected 1 to 2");
    assert_refused(nudge_explanation_read(explanation, NUDGE_DELTA, 1, values, 4, &e), &e,
                   "room for 4 numbers, expected 5");
    assert_refused(nudge_explanation_influence(explanation, 3, 0, values, 4, &e), &e,
                   "output 3, expected 0 to 2");
    assert_refused(nudge_explanation_ledger(explanation, 1, 5, &ledger, &e), &e,
                   "neuron 5 of layer 1, expected 0 to 4");
    ledger.paths = &path;
    ledger.path_count = 1;
    assert_refused(nudge_explanation_ledger(explanation, 1, 0, &ledger, &e), &e,
                   "ledger: room for 1 paths, expected 3");
    assert_refused(nudge_explanation_nudge(explanation, &wrong, 0.1, &change, &e), &e,
                   "input 5 of neuron 1 of layer 2, expected 0 to 4: the neurons of layer 1");
    assert_refused(nudge_net_parameter_index(net, &(nudge_parameter){1, 9, 0, true}, &index, &e), &e,
                   "neuron 9 of layer 1, expected 0 to 4");
    assert_refused(nudge_net_get_parameters(net, vector, 3, &e), &e, "room for 3 parameters, expected 43");
    assert_refused(nudge_net_parameter_at(net, 43, &wrong, &e), &e, "parameter 43, expected 0 to 42");
    nudge_explanation_free(explanation);
    nudge_data_free(data);
    nudge_net_free(net);
}

static void test_gradient_refuses_what_does_not_fit(void **state) {
    (void)state;
    nudge_net *net = small_net(context, FEATURES, "5 tanh, 3 softmax");
    nudge_data *data = small_data(context, 8, 0, FEATURES, CLASSES, 0);
    nudge_error e = {0};
    double each[8];
    size_t rows[] = {3, 8};
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    result.each = each;
    assert_refused(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, NULL, &result, &e), &e,
                   "gradient of each row: expected a parameter");
    result.each = NULL;
    assert_refused(nudge_gradient(context, net, data, NUDGE_PART_TEST, NULL, &result, &e), &e,
                   "rows has no test part");
    options.indices = rows;
    options.rows = 2;
    assert_refused(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, &e), &e,
                   "row 8 of the train part of rows, which has 8");
    options.struct_size = 0;
    assert_refused(nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, &e), &e,
                   "gradient options: struct_size is not set; begin with NUDGE_GRADIENT_OPTIONS");
    nudge_data_free(data);
    nudge_net_free(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain_by_hand),
        cmocka_unit_test(test_hopeless_answer_has_finite_gradients),
        cmocka_unit_test(test_numbers_that_are_not_finite_are_refused),
        cmocka_unit_test(test_nudge_across_a_kink_is_marked),
        cmocka_unit_test(test_gradient_of_many_is_the_mean),
        cmocka_unit_test(test_gradient_of_chosen_rows_and_stopping),
        cmocka_unit_test(test_parameters_in_one_vector),
        cmocka_unit_test(test_wrong_arguments_are_refused),
        cmocka_unit_test(test_gradient_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
