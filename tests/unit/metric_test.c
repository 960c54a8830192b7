/* Metrics on rows whose answers are known: the net gives back its inputs, so that outputs are what the test says. The
 * expected figures were worked out by hand, and agree with scikit-learn 1.2's functions of the same names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

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

/* a = x: weights are the unit matrix. */
static nudge_net *mirror(size_t count, const char *text) {
    nudge_net *net = small_net(context, count, text);
    float weights[9] = {0}, biases[3] = {0};
    for (size_t i = 0; i < count; i++) weights[i * count + i] = 1;
    assert_ok(nudge_net_set_weights(net, 1, weights, count * count, error));
    assert_ok(nudge_net_set_biases(net, 1, biases, count, error));
    return net;
}

static nudge_evaluation evaluate(const nudge_net *net, const nudge_data *data, double *of_targets) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    evaluation.of_targets = of_targets;
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &evaluation, error));
    return evaluation;
}

static void close_to(double found, double expected) {
    if (!(fabs(found - expected) <= 1e-6 * (1 + fabs(expected))))
        fail_msg("found %.9g, expected %.9g", found, expected);
}

/*  truth 0 0 0 1 1 2, answers 0 0 1 1 2 2: recalls 2/3, 1/2, 1; precisions 1, 1/2, 1/2; F1 4/5, 1/2, 2/3 */
static void test_classes(void **state) {
    (void)state;
    static const float x[6][3] = {{2, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 3, 0}, {0, 0, 1}, {0, 1, 2}};
    static const int32_t labels[6] = {0, 0, 0, 1, 1, 2};
    nudge_rows rows = {.struct_size = sizeof rows,
                       .rows = 6,
                       .features = 3,
                       .type = NUDGE_TYPE_F32,
                       .values = x,
                       .labels = labels,
                       .classes = 3,
                       .scale = NUDGE_SCALE_NONE};
    nudge_data *data = NULL;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    nudge_net *net = mirror(3, "3 softmax");
    nudge_evaluation e = evaluate(net, data, NULL);
    close_to(e.metrics[NUDGE_METRIC_ACCURACY], 4.0 / 6);
    close_to(e.metrics[NUDGE_METRIC_BALANCED_ACCURACY], (2.0 / 3 + 0.5 + 1) / 3);
    close_to(e.metrics[NUDGE_METRIC_PRECISION], (1 + 0.5 + 0.5) / 3);
    close_to(e.metrics[NUDGE_METRIC_F1], (0.8 + 0.5 + 2.0 / 3) / 3);
    close_to(e.metrics[NUDGE_METRIC_COST], e.cost);
    double loss = 0;
    for (size_t r = 0; r < 6; r++)
        loss += log(exp(x[r][0]) + exp(x[r][1]) + exp(x[r][2])) - (double)x[r][labels[r]];
    close_to(e.metrics[NUDGE_METRIC_LOG_LOSS], loss / 6);
    assert_true(isnan(e.metrics[NUDGE_METRIC_AUC]) && isnan(e.metrics[NUDGE_METRIC_RMSE]));
    nudge_net_free(net);
    nudge_data_free(data);
}

/* Shares of class 1: 0.1 0.4 0.35 0.8, truth 0 0 1 1: three of the four pairs stand right, AUC 0.75; with a tie of
 * 0.4 and 0.4 it is (1 + 1 + 1/2 + 1) / 4. */
static void test_area_under_the_curve(void **state) {
    (void)state;
    float x[4] = {0.1f, 0.4f, 0.35f, 0.8f};
    static const int32_t labels[4] = {0, 0, 1, 1};
    nudge_rows rows = {.struct_size = sizeof rows,
                       .rows = 4,
                       .features = 1,
                       .type = NUDGE_TYPE_F32,
                       .values = x,
                       .labels = labels,
                       .classes = 2,
                       .scale = NUDGE_SCALE_NONE};
    nudge_net *net = mirror(1, "1 sigmoid");
    for (int tied = 0; tied < 2; tied++) {
        nudge_data *data = NULL;
        if (tied) x[2] = x[1];
        assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
        nudge_evaluation e = evaluate(net, data, NULL);
        close_to(e.metrics[NUDGE_METRIC_AUC], tied ? 0.875 : 0.75);
        nudge_data_free(data);
    }
    nudge_net_free(net);
}

/* y 3 -0.5 2 7, a 2.5 0 2 8: RMSE √(1.5 / 4), MAE 0.5, R² 1 - 1.5 / 29.1875. In units of 1000 around a million the
 * figures are a thousand times as large, and R² is the same. */
static void test_numbers_in_their_units(void **state) {
    (void)state;
    static const float a[4] = {2.5f, 0, 2, 8}, y[4] = {3, -0.5f, 2, 7};
    for (int large = 0; large < 2; large++) {
        float targets[4];
        for (size_t r = 0; r < 4; r++) targets[r] = large ? 1e6f + 1000 * y[r] : y[r];
        nudge_rows rows = {.struct_size = sizeof rows,
                           .rows = 4,
                           .features = 1,
                           .type = NUDGE_TYPE_F32,
                           .values = a,
                           .targets = targets,
                           .target_columns = 1,
                           .scale = NUDGE_SCALE_NONE};
        nudge_data *data = NULL;
        assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
        nudge_net *net = mirror(1, "1");
        nudge_transform units = NUDGE_TRANSFORM;
        units.shift = 1e6f;
        units.factor = 1e-3f;
        if (large) assert_ok(nudge_net_set_target_transform(net, 0, &units, error));
        double of[3], scale = large ? 1000 : 1;
        nudge_evaluation e = evaluate(net, data, of);
        assert_true(fabs(e.metrics[NUDGE_METRIC_RMSE] - scale * sqrt(1.5 / 4)) < 1e-3 * scale);
        assert_true(fabs(e.metrics[NUDGE_METRIC_MAE] - scale * 0.5) < 1e-3 * scale);
        assert_true(fabs(e.metrics[NUDGE_METRIC_R_SQUARED] - (1 - 1.5 / 29.1875)) < 1e-4);
        assert_true(of[0] == e.metrics[NUDGE_METRIC_R_SQUARED] && of[1] == e.metrics[NUDGE_METRIC_RMSE]);
        close_to(e.cost, 1.5 / 4); /* of the scaled numbers */
        assert_true(isnan(e.metrics[NUDGE_METRIC_ACCURACY]) && isnan(e.accuracy));
        nudge_net_free(net);
        nudge_data_free(data);
    }
}

static void test_names(void **state) {
    (void)state;
    nudge_error e = {0};
    const char *summary = NULL, *name;
    for (nudge_metric m = NUDGE_METRIC_COST; m < NUDGE_METRICS; m++) {
        nudge_metric found = NUDGE_METRICS;
        assert_non_null(name = nudge_metric_name(m, &summary));
        assert_true(summary && *summary);
        assert_ok(nudge_metric_from_name(name, &found, error));
        assert_int_equal(found, m);
    }
    nudge_metric none;
    assert_null(nudge_metric_name(NUDGE_METRICS, NULL));
    expect_error(nudge_metric_from_name("roc", &none, &e), NUDGE_BAD_ARGUMENT, &e, "metric \"roc\"", "auc",
                 NULL);
    assert_true(nudge_metric_higher_is_better(NUDGE_METRIC_R_SQUARED));
    assert_false(nudge_metric_higher_is_better(NUDGE_METRIC_LOG_LOSS));
}

struct watching {
    double best;
    size_t best_epoch;
};

static bool watch(void *user, const nudge_progress *progress) {
    struct watching *watching = user;
    if (watching->best_epoch == 0 || progress->validation_metric > watching->best) {
        watching->best = progress->validation_metric;
        watching->best_epoch = progress->epoch;
    }
    return true;
}

/* Patience keeps the epoch whose metric was best, which need not be the one of the lowest cost. */
static void test_patience_watches_the_metric(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 200, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "8 tanh, 2 softmax");
    struct watching watching = {0};
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_error e = {0};
    assert_ok(nudge_data_split(data, 0.3, 1, error));
    options.metric = NUDGE_METRIC_AUC;
    options.patience = 100;
    options.epochs = 15;
    options.on_epoch = watch;
    options.user = &watching;
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    assert_int_equal(result.best_epoch, watching.best_epoch);
    assert_true(result.validation_metric == watching.best && watching.best > 0.5);
    options.metric = NUDGE_METRIC_R_SQUARED;
    expect_error(nudge_train(context, net, data, &options, NULL, &e), NUDGE_BAD_ARGUMENT, &e, "metric r2",
                 "numbers", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_area_under_the_curve),
        cmocka_unit_test(test_numbers_in_their_units),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_patience_watches_the_metric),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
