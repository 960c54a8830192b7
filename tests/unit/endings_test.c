/* How a training ends other than by itself: by patience, with the best parameters given back; by numbers
 * that are no longer finite, with the last good ones given back and epoch, step and layer named; or before
 * it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

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

/* -- patience -- */

enum { MOST_EPOCHS = 500 };

/* The parameters and the validation cost after every epoch. */
struct history {
    const nudge_net *net;
    size_t epochs;
    uint64_t digests[MOST_EPOCHS + 1];
    double costs[MOST_EPOCHS + 1];
};

static bool remember(void *user, const nudge_progress *progress) {
    struct history *history = user;
    history->epochs = progress->epoch;
    history->digests[progress->epoch] = small_digest_net(history->net);
    history->costs[progress->epoch] = progress->validation_cost;
    return true;
}

static size_t best_of(const struct history *history) {
    size_t best = 1;
    for (size_t epoch = 2; epoch <= history->epochs; epoch++)
        if (history->costs[epoch] < history->costs[best]) best = epoch;
    return best;
}

/* Targets that have nothing to do with the features: after a while everything learnt is an accident of the
 * training rows, and the validation cost rises. */
static nudge_data *noise(void) {
    float values[200], targets[100];
    uint32_t random = 3;
    nudge_rows rows = NUDGE_ROWS;
    rows.scale = NUDGE_SCALE_NONE;
    nudge_data *data = NULL;
    for (size_t i = 0; i < 200; i++) values[i] = 2 * small_random(&random) - 1;
    for (size_t i = 0; i < 100; i++) targets[i] = small_random(&random) + 0.3f * values[2 * i];
    rows.rows = 100;
    rows.features = 2;
    rows.values = values;
    rows.targets = targets;
    rows.target_columns = 1;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_ok(nudge_data_split(data, 0.5, 1, error));
    return data;
}

static nudge_train_options patient(struct history *history, size_t patience) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.patience = patience;
    options.epochs = MOST_EPOCHS;
    options.learning_rate = 0.2;
    options.momentum = 0.9;
    options.on_epoch = remember;
    options.user = history;
    return options;
}

static void check_patience(size_t patience, double momentum) {
    static struct history history;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    nudge_data *data = noise();
    nudge_net *net = small_net(context, 2, "30 tanh, 1");
    nudge_train_options options = patient(&history, patience);
    history = (struct history){.net = net};
    options.momentum = momentum;
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    assert_true(result.stopped_early && !result.stopped);
    assert_int_equal(result.epochs, history.epochs);
    assert_int_equal(result.best_epoch, best_of(&history));
    assert_int_equal(result.epochs, result.best_epoch + patience);
    assert_digest(small_digest_net(net), history.digests[result.best_epoch], "the best epoch's parameters");
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_VALIDATION, &evaluation, error));
    assert_true(result.validation_cost == history.costs[result.best_epoch] &&
                evaluation.cost == result.validation_cost);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_patience_gives_the_best_back(void **state) {
    (void)state;
    check_patience(1, 0.9);
    check_patience(4, 0.9);
    check_patience(10, 0);
}

/* Patience that does not run out: the best epoch's parameters all the same. */
static void test_best_is_given_back_at_the_end(void **state) {
    (void)state;
    static struct history history;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_data *data = noise();
    nudge_net *net = small_net(context, 2, "30 tanh, 1");
    nudge_train_options options = patient(&history, 1000);
    options.epochs = 60;
    history = (struct history){.net = net};
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    assert_false(result.stopped_early);
    assert_int_equal(result.epochs, 60);
    assert_int_equal(result.best_epoch, best_of(&history));
    assert_true(result.best_epoch < 60);
    assert_digest(small_digest_net(net), history.digests[result.best_epoch], "the best epoch's parameters");
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- divergence -- */

/* One row, one weight: x = 1, y = 1, C = (w + b - 1)², started at w + b = 0. A step multiplies the error w
 * + b - 1, -1 at first, by 1 - 4η: with η = 25 by -99. */
static nudge_data *one_row(void) {
    static const float one = 1;
    nudge_rows rows = NUDGE_ROWS;
    rows.scale = NUDGE_SCALE_NONE;
    nudge_data *data = NULL;
    rows.rows = 1;
    rows.features = 1;
    rows.values = &one;
    rows.targets = &one;
    rows.target_columns = 1;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    return data;
}

/* 99^(2n) passes the largest f32, 3.4e38, at n = 10: the cost of epoch 11 is the first that is not finite. The update of
 * epoch 10 led there: the net has the parameters of epoch 9, which gave a finite cost. */
static void test_divergence_is_named_and_undone(void **state) {
    (void)state;
    static struct history history;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_error e = {0};
    nudge_data *data = one_row();
    nudge_net *net = small_net(context, 1, "1");
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, error));
    history = (struct history){.net = net};
    options.learning_rate = 25;
    options.epochs = 50;
    options.on_epoch = remember;
    options.user = &history;
    expect_error(nudge_train(context, net, data, &options, &result, &e), NUDGE_DIVERGED, &e, "epoch 1",
                 ", step 1:", "layer 1", "learning rate there was 25", NULL);
    assert_int_equal(history.epochs, 10);
    assert_digest(small_digest_net(net), history.digests[9], "the last good epoch's parameters");
    assert_int_equal(result.epochs, 0); /* untouched */
    nudge_net_free(net);
    nudge_data_free(data);
}

/* In the first epoch the good parameters are those that the training began with. */
static void refuse_to_train(nudge_net *net, const nudge_data *data, nudge_train_options options,
                            const char *layer) {
    uint64_t before = small_digest_net(net);
    nudge_error e = {0};
    expect_error(nudge_train(context, net, data, &options, NULL, &e), NUDGE_DIVERGED, &e, "epoch 1, step",
                 layer, NULL);
    assert_digest(small_digest_net(net), before, "the initial parameters");
}

static void test_divergence_in_the_first_epoch(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 200, 0, 3, 0, 2);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    static const char *const texts[] = {"5, 2", "5 relu, 2", "5 elu, 5 selu, 2", "5 gelu, 5 softplus, 2"};
    options.learning_rate = 1e4;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        nudge_net *net = small_net(context, 3, texts[i]);
        refuse_to_train(net, data, options, "layer ");
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* Which layer: the first whose numbers are not finite. */
static void test_divergence_names_the_layer(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 20, 0, 3, 0, 2);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    for (size_t l = 1; l <= 3; l++) {
        nudge_net *net = small_net(context, 3, "2 relu, 2 elu, 2");
        float huge[6] = {3e38f, 3e38f, 3e38f, 3e38f, 3e38f, 3e38f}, biases[2] = {3e38f, 3e38f};
        char layer[20];
        snprintf(layer, sizeof layer, "layer %zu", l);
        assert_ok(nudge_net_set_weights(net, l, huge, l == 1 ? 6 : 4, error));
        assert_ok(nudge_net_set_biases(net, l, biases, 2, error));
        for (size_t below = 1; below < l; below++) { /* activations of 1, so that sums overflow */
            float ones[2] = {1, 1}, zeros[6] = {0};
            assert_ok(nudge_net_set_weights(net, below, zeros, below == 1 ? 6 : 4, error));
            assert_ok(nudge_net_set_biases(net, below, ones, 2, error));
        }
        refuse_to_train(net, data, options, layer);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* Every number finite, their squares not: 1e20² > 3.4e38. */
static void test_cost_that_is_too_large(void **state) {
    (void)state;
    nudge_data *data = one_row();
    nudge_net *net = small_net(context, 1, "1");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    float bias = 1e20f;
    assert_ok(nudge_net_set_biases(net, 1, &bias, 1, error));
    refuse_to_train(net, data, options, "layer 1");
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_nan_parameters_are_noticed(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 20, 0, 3, 2, 0);
    static const char *const hidden[] = {"relu", "leaky-relu", "elu", "selu", "sigmoid", "tanh", "softmax"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        char text[60];
        float nan = NAN, biases[4] = {nan, 0, 0, 0};
        nudge_error e = {0};
        snprintf(text, sizeof text, "4 %s, 2 softmax", hidden[i]);
        nudge_net *net = small_net(context, 3, text);
        assert_ok(nudge_net_set_biases(net, 1, biases, 4, error));
        expect_error(nudge_train(context, net, data, NULL, NULL, &e), NUDGE_DIVERGED, &e, "epoch 1, step 1",
                     "layer 1", NULL);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* -- before it begins -- */

static void refuse(nudge_net *net, const nudge_data *data, const nudge_train_options *options,
                   const char *expected) {
    nudge_error e = {0};
    uint64_t before = small_digest_net(net);
    expect_error(nudge_train(context, net, data, options, NULL, &e), NUDGE_BAD_ARGUMENT, &e, expected, NULL);
    assert_digest(small_digest_net(net), before, "after an error");
}

static void test_bad_options(void **state) {
    (void)state;
    const nudge_train_options good = NUDGE_TRAIN_OPTIONS;
    nudge_train_options options = good;
    nudge_data *data = small_data(context, 20, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "2 softmax");
    options.epochs = 0, refuse(net, data, &options, "0 epochs");
    options = good, options.patience = 3, refuse(net, data, &options, "validation part");
    options = good, options.learning_rate = -1, refuse(net, data, &options, "learning rate -1");
    options = good, options.struct_size = 3, refuse(net, data, &options, "struct_size");
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_error e = {0};
    result.struct_size = 0;
    expect_error(nudge_train(context, net, data, &good, &result, &e), NUDGE_BAD_ARGUMENT, &e, "struct_size",
                 "NUDGE_TRAIN_RESULT", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_sizes_that_do_not_fit(void **state) {
    (void)state;
    static const struct {
        size_t inputs, classes, columns;
        const char *text, *expected;
    } cases[] = {
        {4, 2, 0, "2 softmax", "4 inputs"},  {3, 2, 0, "3 softmax", "3 outputs"},
        {3, 3, 0, "1 sigmoid", "1 outputs"}, {3, 0, 2, "1", "2 target columns"},
        {3, 2, 0, "1 softmax", "softmax"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nudge_data *data = small_data(context, 20, 0, 3, cases[i].classes, cases[i].columns);
        nudge_net *net = small_net(context, cases[i].inputs, cases[i].text);
        refuse(net, data, NULL, cases[i].expected);
        nudge_net_free(net);
        nudge_data_free(data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patience_gives_the_best_back),
        cmocka_unit_test(test_best_is_given_back_at_the_end),
        cmocka_unit_test(test_divergence_is_named_and_undone),
        cmocka_unit_test(test_divergence_in_the_first_epoch),
        cmocka_unit_test(test_divergence_names_the_layer),
        cmocka_unit_test(test_cost_that_is_too_large),
        cmocka_unit_test(test_nan_parameters_are_noticed),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_sizes_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
