/* Cost and accuracy of a net on a part of a data set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

enum { ROWS = 600, FEATURES = 3 }; /* more rows than are taken at once */

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

static nudge_evaluation evaluate(nudge_net *net, const nudge_data *data, nudge_cost cost,
                                 uint64_t *confusion) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    evaluation.confusion = confusion;
    assert_ok(nudge_net_set_cost(net, cost, 1, error));
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &evaluation, error));
    assert_int_equal(evaluation.struct_size, sizeof evaluation);
    return evaluation;
}

/* Outputs of the training rows one by one, and their targets. */
static void predict_all(const nudge_net *net, const nudge_data *data, float *outputs, float *targets) {
    nudge_predictor *predictor = NULL;
    size_t count = nudge_net_outputs(net), columns = nudge_data_targets(data);
    assert_ok(nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error));
    for (size_t r = 0; r < ROWS; r++) {
        float features[FEATURES];
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, features, targets + r * columns, error));
        assert_ok(nudge_predict(predictor, features, 1, outputs + r * count, error));
    }
    nudge_predictor_free(predictor);
}

/* Rows whose sums are not finite are no class's: wrong, and in no cell of the table. */
static void test_rows_without_an_answer(void **state) {
    (void)state;
    enum { MANY = 300 };
    static float values[MANY * 2];
    static int32_t labels[MANY];
    uint64_t confusion[2][2] = {{0}};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    for (size_t r = 0; r < MANY; r++) {
        labels[r] = (int32_t)(r % 2);
        values[2 * r] = r == 7 || r == 280 ? 3e38f : labels[r] ? 1 : -1;
        values[2 * r + 1] = r == 7 || r == 280 ? -3e38f : 0;
    }
    rows.rows = MANY, rows.features = 2, rows.values = values, rows.labels = labels, rows.classes = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    nudge_net *net = small_net(context, 2, "2 softmax");
    const float weights[] = {-2, 2, 2, -2}; /* class 1 where the first feature is positive */
    assert_ok(nudge_net_set_weights(net, 1, weights, 4, error));
    nudge_evaluation evaluation = evaluate(net, data, NUDGE_COST_AUTO, confusion[0]);
    assert_int_equal(evaluation.unanswered, 2);
    assert_int_equal(evaluation.first_unanswered, 7);
    assert_int_equal(confusion[0][0] + confusion[0][1] + confusion[1][0] + confusion[1][1], MANY - 2);
    assert_int_equal(confusion[0][1] + confusion[1][0], 0);
    assert_true(fabs(evaluation.accuracy - (MANY - 2) / (double)MANY) < 1e-12);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* An evaluation has room for the rows that there are, and of wide ones for a few at once. */
static void test_memory_goes_with_the_rows(void **state) {
    (void)state;
    enum { WIDE = 1 << 20 };
    struct accounts accounts = {0};
    nudge_context *counting = counting_context(&accounts);
    float *values = calloc(600, WIDE / 100 * sizeof *values);
    int32_t labels[600] = {0};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    assert_non_null(values);
    labels[0] = 1;
    const struct {
        size_t rows, features, most;
    } cases[] = {
        {2, WIDE, 64 << 20},         /* 2 rows of 4 MB, and not 256 of them */
        {600, WIDE / 100, 80 << 20}, /* 42 KB each: all 256 fit */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rows.rows = cases[i].rows, rows.features = cases[i].features, rows.values = values;
        rows.labels = labels, rows.classes = 2;
        assert_ok(nudge_data_create(counting, &rows, NULL, &data, error));
        assert_ok(nudge_net_create(counting, cases[i].features, "2 softmax", 1, &net, error));
        accounts.peak_bytes = accounts.live_bytes;
        size_t before = accounts.live_bytes;
        assert_ok(nudge_evaluate(counting, net, data, NUDGE_PART_TRAIN, &evaluation, error));
        assert_true(accounts.peak_bytes - before < cases[i].most);
        nudge_net_free(net);
        nudge_data_free(data);
    }
    free(values);
    nudge_context_free(counting);
}

/* A net that knows four classes, on rows of two of them; one that does not know what its outputs mean refuses. */
static void test_rows_of_some_of_the_classes(void **state) {
    (void)state;
    enum { KNOWN = 4 };
    static const char *const labels[KNOWN] = {"north", "east", "south", "west"};
    uint64_t confusion[KNOWN][KNOWN], sum = 0, right = 0;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, 2, 0);
    nudge_net *net = small_net(context, FEATURES, "9 tanh, 4 softmax");
    assert_int_equal(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &evaluation, NULL),
                     NUDGE_BAD_ARGUMENT);
    assert_ok(nudge_net_set_labels(net, labels, KNOWN, error));
    evaluation = evaluate(net, data, NUDGE_COST_AUTO, confusion[0]);
    for (size_t truth = 0; truth < KNOWN; truth++)
        for (size_t answer = 0; answer < KNOWN; answer++) {
            sum += confusion[truth][answer];
            right += truth == answer ? confusion[truth][answer] : 0;
            if (truth >= 2) assert_int_equal(confusion[truth][answer], 0);
        }
    assert_int_equal(sum, ROWS);
    assert_true(fabs(evaluation.accuracy - (double)right / ROWS) < 1e-12);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_classes_beside_predictions(void **state) {
    (void)state;
    enum { CLASSES = 4 };
    static float outputs[ROWS * CLASSES], targets[ROWS * CLASSES];
    uint64_t confusion[CLASSES][CLASSES], expected[CLASSES][CLASSES] = {{0}};
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, "9 tanh, 4 softmax");
    nudge_evaluation evaluation = evaluate(net, data, NUDGE_COST_AUTO, confusion[0]);
    double cost = 0, right = 0;
    predict_all(net, data, outputs, targets);
    for (size_t r = 0; r < ROWS; r++) {
        size_t truth = (size_t)nudge_data_label(data, NUDGE_PART_TRAIN, r);
        size_t answer = nudge_answer(outputs + r * CLASSES, CLASSES);
        expected[truth][answer]++;
        right += truth == answer;
        cost -= log((double)outputs[r * CLASSES + truth]);
    }
    assert_int_equal(evaluation.rows, ROWS);
    assert_true(evaluation.accuracy == right / ROWS);
    assert_true(fabs(evaluation.cost - cost / ROWS) < 1e-6);
    assert_memory_equal(confusion, expected, sizeof confusion);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* a > ½ is class 1. */
static void test_one_output_for_two_classes(void **state) {
    (void)state;
    static float outputs[ROWS], targets[ROWS * 2];
    uint64_t confusion[2][2], right = 0;
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, 2, 0);
    nudge_net *net = small_net(context, FEATURES, "1 sigmoid");
    nudge_evaluation evaluation = evaluate(net, data, NUDGE_COST_QUADRATIC, confusion[0]);
    double cost = 0;
    predict_all(net, data, outputs, targets);
    for (size_t r = 0; r < ROWS; r++) {
        right += (outputs[r] > 0.5f) == (targets[2 * r + 1] == 1);
        cost += pow((double)outputs[r] - (double)targets[2 * r + 1], 2);
    }
    assert_true(evaluation.accuracy == (double)right / ROWS);
    assert_int_equal(confusion[0][0] + confusion[1][1], right);
    assert_int_equal(confusion[0][1] + confusion[1][0], ROWS - right);
    assert_true(fabs(evaluation.cost - cost / ROWS) < 1e-6);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_numbers(void **state) {
    (void)state;
    static float outputs[ROWS * 2], targets[ROWS * 2];
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, 0, 2);
    nudge_net *net = small_net(context, FEATURES, "5 gelu, 2");
    nudge_evaluation evaluation = evaluate(net, data, NUDGE_COST_ABSOLUTE, NULL);
    double cost = 0;
    predict_all(net, data, outputs, targets);
    for (size_t i = 0; i < ROWS * 2; i++) cost += fabs((double)outputs[i] - (double)targets[i]);
    assert_true(isnan(evaluation.accuracy));
    assert_true(fabs(evaluation.cost - cost / ROWS) < 1e-6);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* The cost that was set is trained by and measured by, huber's d included; by the output where none was. */
static void test_the_net_has_its_cost(void **state) {
    (void)state;
    nudge_data *data = small_data(context, ROWS, 0, FEATURES, 0, 2);
    nudge_net *net = small_net(context, FEATURES, "2");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_evaluation plain = evaluate(net, data, NUDGE_COST_AUTO, NULL);
    assert_true(plain.cost == evaluate(net, data, NUDGE_COST_QUADRATIC, NULL).cost);
    assert_ok(nudge_data_split(data, 0.3, 1, error));
    assert_ok(nudge_net_set_cost(net, NUDGE_COST_HUBER, 0.125, error));
    options.epochs = 1;
    options.learning_rate = 1e-6;
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_VALIDATION, &evaluation, error));
    assert_true(evaluation.cost == result.validation_cost);
    assert_int_equal(evaluation.rows, 180);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void refuse(const nudge_net *net, const nudge_data *data, nudge_part part, const char *expected) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    nudge_error e = {0};
    expect_error(nudge_evaluate(context, net, data, part, &evaluation, &e), NUDGE_BAD_ARGUMENT, &e, expected,
                 NULL);
    assert_int_equal(evaluation.rows, 0);
}

static void test_errors(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 10, 0, FEATURES, 2, 0);
    nudge_net *net = small_net(context, FEATURES, "2 softmax"),
              *wide = small_net(context, FEATURES + 1, "2 softmax");
    nudge_evaluation none = NUDGE_EVALUATION;
    nudge_error e = {0};
    refuse(net, data, NUDGE_PART_TEST, "no test part");
    refuse(net, data, (nudge_part)7, "no unknown part");
    refuse(wide, data, NUDGE_PART_TRAIN, "4 inputs");
    none.struct_size = 0;
    expect_error(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &none, &e), NUDGE_BAD_ARGUMENT, &e,
                 "struct_size", "NUDGE_EVALUATION", NULL);
    nudge_net_free(net);
    nudge_net_free(wide);
    nudge_data_free(data);
}

static void test_names_of_costs(void **state) {
    (void)state;
    nudge_cost cost;
    nudge_error e = {0};
    for (int i = NUDGE_COST_AUTO; i <= NUDGE_COST_CROSS_ENTROPY; i++) {
        assert_ok(nudge_cost_from_name(nudge_cost_name((nudge_cost)i), &cost, error));
        assert_int_equal(cost, i);
    }
    assert_null(nudge_cost_name((nudge_cost)(NUDGE_COST_CROSS_ENTROPY + 1)));
    expect_error(nudge_cost_from_name("mse", &cost, &e), NUDGE_BAD_ARGUMENT, &e, "\"mse\"", "quadratic",
                 NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_without_an_answer),
        cmocka_unit_test(test_memory_goes_with_the_rows),
        cmocka_unit_test(test_rows_of_some_of_the_classes),
        cmocka_unit_test(test_classes_beside_predictions),
        cmocka_unit_test(test_one_output_for_two_classes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_the_net_has_its_cost),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_names_of_costs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
