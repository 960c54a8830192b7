/* Findings: each from a net that has just that wrong, and none from one that learnt well. The net is not changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

enum { MOST = 16 };

static nudge_context *context;
static nudge_finding findings[MOST];
static size_t count;

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

static void diagnose(const nudge_net *net, const nudge_data *data) {
    uint64_t before = small_digest_net(net);
    nudge_transform t = NUDGE_TRANSFORM;
    bool fitted = nudge_net_input_transform(net, 0, &t);
    for (size_t i = 0; i < MOST; i++) findings[i] = (nudge_finding)NUDGE_FINDING;
    assert_ok(nudge_diagnose(context, net, data, NULL, NULL, false, findings, MOST, &count, error));
    assert_true(small_digest_net(net) == before && nudge_net_input_transform(net, 0, &t) == fitted);
    for (size_t i = 0; i < count; i++) assert_true(findings[i].sentence[0] && findings[i].advice[0]);
}

static bool found(const char *name) {
    bool there = false;
    for (size_t i = 0; i < count; i++) there |= strcmp(findings[i].name, name) == 0;
    return there;
}

static void test_a_net_that_learnt_well_has_none(void **state) {
    (void)state;
    nudge_data *data = NULL;
    nudge_net *net = small_net(context, 2, "16 tanh, 2 softmax");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.epochs = 60;
    assert_ok(nudge_data_generate(context, "moons", 1, &data, error));
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    diagnose(net, data);
    if (count) fail_msg("%s: %s", findings[0].name, findings[0].sentence);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_each_is_found(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 200, 0, 3, 2, 0), *numbers = small_data(context, 200, 0, 3, 0, 1);
    nudge_net *net = small_net(context, 3, "8 relu, 2 softmax");
    float biases[30];
    for (size_t i = 0; i < 30; i++) biases[i] = -1000;
    assert_ok(nudge_net_set_biases(net, 1, biases, 8, error));
    diagnose(net, data);
    assert_true(found("dead-relu") && found("no-better") && !found("saturated"));
    nudge_net_free(net);

    net = small_net(context, 3, "8 sigmoid, 2 softmax");
    for (size_t i = 0; i < 30; i++) biases[i] = i % 2 ? 30 : -30;
    assert_ok(nudge_net_set_biases(net, 1, biases, 8, error));
    diagnose(net, data);
    assert_true(found("saturated") && !found("dead-relu"));
    nudge_net_free(net);

    net = small_net(context, 3, "8 sigmoid, 2 softmax");
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, error));
    diagnose(net, data);
    assert_true(found("weights-alike") && strstr(findings[0].sentence, "layer 1"));
    nudge_net_free(net);

    net = small_net(context, 3, "30 sigmoid, 30 sigmoid, 30 sigmoid, 30 sigmoid, 2 softmax");
    diagnose(net, data);
    assert_true(found("vanishing-gradients"));
    nudge_net_free(net);

    net = small_net(context, 3, "4 tanh, 1 sigmoid"); /* targets from -0.75 to 0.75 */
    assert_ok(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, error));
    diagnose(net, numbers);
    assert_true(found("unreachable-targets") && found("no-better"));
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_data_free(numbers);
}

static void test_what_the_training_says(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 200, 0, 3, 0, 1);
    nudge_net *net = small_net(context, 3, "4 tanh, 1");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.learning_rate = 0.001;
    options.epochs = 3;
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    for (size_t i = 0; i < MOST; i++) findings[i] = (nudge_finding)NUDGE_FINDING;
    assert_ok(nudge_diagnose(context, net, data, &options, &result, false, findings, MOST, &count, error));
    assert_true(found("still-falling"));
    assert_ok(nudge_diagnose(context, net, data, &options, NULL, true, findings, MOST, &count, error));
    assert_string_equal(findings[0].name, "diverged");
    assert_non_null(strstr(findings[0].advice, "--lr 0.0001"));
    assert_ok(nudge_diagnose(context, net, data, &options, &result, true, findings, 1, &count, error));
    assert_int_equal(count, 1); /* no more than there is room for */
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_classes_without_rows(void **state) {
    (void)state;
    static float values[60];
    static int32_t labels[60];
    uint32_t random = 3;
    for (size_t r = 0; r < 60; r++) {
        values[r] = small_random(&random);
        labels[r] = values[r] > 0.5f ? 4 : 1;
    }
    nudge_rows rows = {.struct_size = sizeof rows,
                       .rows = 60,
                       .features = 1,
                       .type = NUDGE_TYPE_F32,
                       .values = values,
                       .labels = labels,
                       .classes = 6,
                       .scale = NUDGE_SCALE_NONE};
    nudge_data *data = NULL;
    nudge_net *net = small_net(context, 1, "6 softmax");
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    diagnose(net, data);
    assert_true(found("empty-classes") && !found("one-class"));
    nudge_data_free(data);
    for (size_t r = 0; r < 60; r++) labels[r] = 3;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    diagnose(net, data);
    assert_true(found("one-class"));
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_wrong_calls(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 20, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 2, "2 softmax");
    nudge_error e = {0};
    findings[0] = (nudge_finding)NUDGE_FINDING;
    expect_error(nudge_diagnose(context, net, data, NULL, NULL, false, findings, 1, &count, &e),
                 NUDGE_BAD_ARGUMENT, &e, "2 inputs", "3 features", NULL);
    findings[0].struct_size = 0;
    expect_error(nudge_diagnose(context, net, data, NULL, NULL, false, findings, 1, &count, &e),
                 NUDGE_BAD_ARGUMENT, &e, "NUDGE_FINDING", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_net_that_learnt_well_has_none),
        cmocka_unit_test(test_each_is_found),
        cmocka_unit_test(test_what_the_training_says),
        cmocka_unit_test(test_classes_without_rows),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
