/* Weights of rows and of classes: a row of weight 2 is two rows, one of weight 0 none, in training and in every figure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

enum { ROWS = 12, FEATURES = 3, MOST = 3 * ROWS };

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

/* Row r of twelve has weight r % 3; `copies`: it stands there so often instead. */
static nudge_data *weighted(bool copies, bool numbers) {
    static float values[MOST * FEATURES], targets[MOST], weights[MOST];
    static int32_t labels[MOST];
    uint32_t random = 7;
    size_t count = 0;
    nudge_data *data = NULL;
    for (size_t r = 0; r < ROWS; r++) {
        float row[FEATURES];
        for (size_t i = 0; i < FEATURES; i++) row[i] = 2 * small_random(&random) - 1;
        for (size_t k = 0; k < (copies ? r % 3 : 1); k++, count++) {
            memcpy(values + count * FEATURES, row, sizeof row);
            targets[count] = row[0] - row[1] * row[2];
            labels[count] = row[0] + row[1] > 0;
            weights[count] = (float)(r % 3);
        }
    }
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = count;
    rows.features = FEATURES;
    rows.values = values;
    rows.scale = NUDGE_SCALE_NONE;
    rows.labels = numbers ? NULL : labels;
    rows.classes = numbers ? 0 : 2;
    rows.targets = numbers ? targets : NULL;
    rows.target_columns = numbers;
    rows.weights = copies ? NULL : weights;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    return data;
}

static void expect_close(double a, double b) {
    if (isnan(a) && isnan(b)) return;
    if (!(fabs(a - b) <= 2e-5 * (1 + fabs(b)))) fail_msg("%.9g, expected %.9g", a, b);
}

static void test_a_weight_is_so_many_rows(void **state) {
    (void)state;
    for (int numbers = 0; numbers < 2; numbers++) {
        nudge_train_options options = NUDGE_TRAIN_OPTIONS;
        nudge_train_result results[2] = {NUDGE_TRAIN_RESULT, NUDGE_TRAIN_RESULT};
        nudge_evaluation evaluations[2] = {NUDGE_EVALUATION, NUDGE_EVALUATION};
        float parameters[2][64];
        options.batch_size = 0; /* full batch: the same examples a step in both */
        options.epochs = 40;
        for (int copies = 0; copies < 2; copies++) {
            nudge_data *data = weighted(copies, numbers);
            nudge_net *net = small_net(context, FEATURES, numbers ? "5 tanh, 1" : "5 tanh, 2 softmax");
            size_t count = nudge_net_parameters(net);
            assert_true(count <= 64);
            assert_ok(nudge_train(context, net, data, &options, &results[copies], error));
            assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &evaluations[copies], error));
            assert_ok(nudge_net_get_parameters(net, parameters[copies], count, error));
            for (size_t i = 0; copies && i < count; i++)
                expect_close((double)parameters[0][i], (double)parameters[1][i]);
            nudge_net_free(net);
            nudge_data_free(data);
        }
        expect_close(results[0].train_cost, results[1].train_cost);
        expect_close(results[0].train_accuracy, results[1].train_accuracy);
        expect_close(evaluations[0].accuracy, evaluations[1].accuracy);
        for (size_t m = 0; m < NUDGE_METRICS; m++)
            expect_close(evaluations[0].metrics[m], evaluations[1].metrics[m]);
    }
}

/* Classes of 30 and 10 rows that nothing tells apart: the answer is the share of a class in the cost. */
static double share_learnt(const char *class_weight) {
    float values[40] = {0};
    int32_t labels[40];
    for (size_t r = 0; r < 40; r++) labels[r] = r % 4 == 3;
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 40;
    rows.features = 1;
    rows.values = values;
    rows.labels = labels;
    rows.classes = 2;
    nudge_data *data = NULL;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    nudge_net *net = small_net(context, 1, "2 softmax");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = 0;
    options.epochs = 400;
    options.learning_rate = 1;
    options.class_weight = class_weight;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    nudge_predictor *predictor = NULL;
    float x = 0, outputs[2];
    assert_ok(nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, &x, 1, outputs, error));
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    nudge_data_free(data);
    return (double)outputs[1];
}

static void test_class_weights_are_in_the_cost(void **state) {
    (void)state;
    assert_true(fabs(share_learnt(NULL) - 0.25) < 1e-3);
    assert_true(fabs(share_learnt("balanced") - 0.5) < 1e-3);
    assert_true(fabs(share_learnt("1=9") - 0.75) < 1e-3);
    assert_true(fabs(share_learnt("0=2,1=2") - 0.25) < 1e-3);
}

static void test_the_net_notes_them(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 40, 0, 3, 2, 0), *numbers = small_data(context, 40, 0, 3, 0, 1);
    nudge_net *net = small_net(context, 3, "2 softmax"), *line = small_net(context, 3, "1");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_evaluation before = NUDGE_EVALUATION, after = NUDGE_EVALUATION;
    nudge_error e = {0};
    options.epochs = 1;
    options.class_weight = "1=0.5";
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    assert_string_equal(nudge_net_note(net, "class_weights"), "1,0.5");
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &before, error));
    assert_ok(nudge_net_set_note(net, "class_weights", "1,1", error));
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &after, error));
    assert_true(before.cost != after.cost && before.accuracy == after.accuracy);
    options.class_weight = NULL;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    assert_null(nudge_net_note(net, "class_weights"));
    static const char *const wrong[] = {"2=1",  "0",       "0=",      "0=x", "=1",
                                        "0=-1", "0=1;1=2", "balance", "",    "0=1,,1=2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.class_weight = wrong[i];
        nudge_status status = nudge_train(context, net, data, &options, NULL, &e);
        if (*wrong[i] ? status != NUDGE_BAD_ARGUMENT : status != NUDGE_OK)
            fail_msg("\"%s\": status %d", wrong[i], status);
    }
    options.class_weight = "balanced";
    expect_error(nudge_train(context, line, numbers, &options, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "numbers as targets", NULL);
    nudge_net_free(net);
    nudge_net_free(line);
    nudge_data_free(data);
    nudge_data_free(numbers);
}

static void test_weights_are_checked(void **state) {
    (void)state;
    static const float values[2] = {1, 2};
    static const int32_t labels[2] = {0, 1};
    float weights[2] = {1, -1};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_error e = {0};
    rows.rows = 2;
    rows.features = 1;
    rows.values = values;
    rows.labels = labels;
    rows.classes = 2;
    rows.weights = weights;
    expect_error(nudge_data_create(context, &rows, NULL, &data, &e), NUDGE_BAD_INPUT, &e,
                 "weight of row 1 is -1", NULL);
    weights[1] = NAN;
    expect_error(nudge_data_create(context, &rows, NULL, &data, &e), NUDGE_BAD_INPUT, &e,
                 "weight of row 1 is nan", NULL);
    weights[0] = weights[1] = 0;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    nudge_net *net = small_net(context, 1, "2 softmax");
    expect_error(nudge_train(context, net, data, NULL, NULL, &e), NUDGE_BAD_INPUT, &e,
                 "all train rows have weight 0", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_weight_is_so_many_rows),
        cmocka_unit_test(test_class_weights_are_in_the_cost),
        cmocka_unit_test(test_the_net_notes_them),
        cmocka_unit_test(test_weights_are_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
