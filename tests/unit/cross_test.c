/* Folds and cross-validation: that folds part the rows evenly, that scaling never sees a test row, that threads do not
 * show, and what is told of folds that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

enum { METRICS = 16 };

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

static nudge_data *fold_of(const nudge_data *data, size_t folds, size_t fold, uint64_t seed) {
    nudge_data *part = NULL;
    assert_ok(nudge_data_fold(context, data, folds, fold, seed, &part, error));
    return part;
}

/* Rows that are known by their only feature: 0, 1, 2, ... `labels` NULL: the target is the number, too. */
static nudge_data *numbered(const int32_t *labels, size_t rows, size_t classes) {
    static float values[SMALL_MOST];
    nudge_rows given = NUDGE_ROWS;
    nudge_data *data = NULL;
    for (size_t r = 0; r < rows; r++) values[r] = (float)r;
    given.rows = rows;
    given.features = 1;
    given.values = values;
    given.labels = labels;
    given.classes = labels ? classes : 0;
    given.targets = labels ? NULL : values;
    given.target_columns = labels ? 0 : 1;
    assert_ok(nudge_data_create(context, &given, NULL, &data, error));
    return data;
}

static size_t row_number(const nudge_data *data, nudge_part part, size_t row) {
    float value = 0;
    assert_ok(nudge_data_row(data, part, row, &value, NULL, error));
    return (size_t)value;
}

/* -- folds -- */

static void expect_within_one(const size_t *counts, size_t count) {
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < count; i++) {
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    assert_true(most - least <= 1);
}

static void expect_folds(const nudge_data *data, size_t rows, size_t folds, size_t classes) {
    enum { MOST_FOLDS = 64 };
    size_t tested[SMALL_MOST] = {0}, sizes[MOST_FOLDS] = {0}, of_class[8][MOST_FOLDS] = {{0}};
    for (size_t f = 0; f < folds; f++) {
        nudge_data *part = fold_of(data, folds, f, 7);
        size_t seen[SMALL_MOST] = {0}, before = 0;
        sizes[f] = nudge_data_rows(part, NUDGE_PART_TEST);
        assert_int_equal(nudge_data_rows(part, NUDGE_PART_TRAIN) + sizes[f], rows);
        for (size_t r = 0; r < sizes[f]; r++) {
            size_t number = row_number(part, NUDGE_PART_TEST, r);
            assert_true(r == 0 || number > before);
            before = number;
            seen[number]++;
            tested[number]++;
            if (classes) of_class[nudge_data_label(part, NUDGE_PART_TEST, r)][f]++;
        }
        for (size_t r = 0; r < rows - sizes[f]; r++) seen[row_number(part, NUDGE_PART_TRAIN, r)]++;
        for (size_t r = 0; r < rows; r++) assert_int_equal(seen[r], 1);
        nudge_data_free(part);
    }
    for (size_t r = 0; r < rows; r++) assert_int_equal(tested[r], 1);
    expect_within_one(sizes, folds);
    for (size_t c = 0; c < classes; c++) expect_within_one(of_class[c], folds);
}

static void test_folds_part_the_rows(void **state) {
    (void)state;
    int32_t labels[103];
    for (size_t r = 0; r < 103; r++)
        labels[r] = r < 50 ? 0 : r < 61 ? 2 : r < 64 ? 3 : 1; /* class 4 has none */
    nudge_data *classes = numbered(labels, 103, 5), *numbers = numbered(NULL, 103, 0);
    const size_t folds[] = {2, 3, 10, 64};
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
        expect_folds(classes, 103, folds[i], 5);
        expect_folds(numbers, 103, folds[i], 0);
    }
    nudge_data *few = numbered(labels, 5, 5);
    expect_folds(few, 5, 5, 5);
    nudge_data_free(few);
    nudge_data_free(classes);
    nudge_data_free(numbers);
}

static bool same_test_rows(const nudge_data *data, uint64_t one, uint64_t other) {
    nudge_data *a = fold_of(data, 5, 2, one), *b = fold_of(data, 5, 2, other);
    bool same = nudge_data_rows(a, NUDGE_PART_TEST) == nudge_data_rows(b, NUDGE_PART_TEST);
    for (size_t r = 0; same && r < nudge_data_rows(a, NUDGE_PART_TEST); r++)
        same = row_number(a, NUDGE_PART_TEST, r) == row_number(b, NUDGE_PART_TEST, r);
    nudge_data_free(a);
    nudge_data_free(b);
    return same;
}

static void test_folds_follow_the_seed(void **state) {
    (void)state;
    nudge_data *data = numbered(NULL, 60, 0);
    assert_true(same_test_rows(data, 1, 1));
    assert_false(same_test_rows(data, 1, 2));
    nudge_data_free(data);
}

/* Rows that validate take part; the test part does not. A fold can be split, and folds of a fold stay within it. */
static void test_folds_of_parts(void **state) {
    (void)state;
    nudge_data *data = numbered(NULL, 60, 0);
    assert_ok(nudge_data_split(data, 0.25, 3, error));
    expect_folds(data, 60, 4, 0);
    nudge_data *part = fold_of(data, 4, 1, 9);
    size_t seen[60] = {0};
    assert_ok(nudge_data_split(part, 0.2, 1, error));
    assert_int_equal(nudge_data_rows(part, NUDGE_PART_TRAIN), 36);
    assert_int_equal(nudge_data_rows(part, NUDGE_PART_VALIDATION), 9);
    assert_int_equal(nudge_data_rows(part, NUDGE_PART_TEST), 15);
    for (nudge_part p = NUDGE_PART_TRAIN; p <= NUDGE_PART_TEST; p++)
        for (size_t r = 0; r < nudge_data_rows(part, p); r++) seen[row_number(part, p, r)]++;
    for (size_t r = 0; r < 60; r++) assert_int_equal(seen[r], 1);
    nudge_data *inner = fold_of(part, 5, 0, 1);
    assert_int_equal(nudge_data_rows(inner, NUDGE_PART_TRAIN), 36);
    assert_int_equal(nudge_data_rows(inner, NUDGE_PART_TEST), 9);
    for (nudge_part p = NUDGE_PART_TRAIN; p <= NUDGE_PART_TEST; p++)
        for (size_t r = 0; r < nudge_data_rows(inner, p); r++) seen[row_number(inner, p, r)]++;
    for (size_t r = 0; r < nudge_data_rows(part, NUDGE_PART_TEST); r++)
        assert_int_equal(seen[row_number(part, NUDGE_PART_TEST, r)], 1);
    nudge_data_free(inner);
    nudge_data_free(part);
    nudge_data_free(data);
    nudge_data *with_test = small_data(context, 30, 10, 2, 3, 0);
    part = fold_of(with_test, 3, 0, 1);
    assert_int_equal(nudge_data_rows(part, NUDGE_PART_TRAIN) + nudge_data_rows(part, NUDGE_PART_TEST), 30);
    nudge_data_free(part);
    nudge_data_free(with_test);
}

static void test_folds_refused(void **state) {
    (void)state;
    nudge_data *data = numbered(NULL, 6, 0), *part = NULL;
    nudge_error e = {0};
    expect_error(nudge_data_fold(context, data, 1, 0, 1, &part, &e), NUDGE_BAD_ARGUMENT, &e,
                 "1 fold, expected at least 2", NULL);
    expect_error(nudge_data_fold(context, data, 7, 0, 1, &part, &e), NUDGE_BAD_ARGUMENT, &e,
                 "7 folds of 6 rows, expected at most one for each row", NULL);
    expect_error(nudge_data_fold(context, data, 3, 3, 1, &part, &e), NUDGE_BAD_ARGUMENT, &e,
                 "fold 3, expected 0 to 2", NULL);
    assert_null(part);
    part = fold_of(data, 2, 0, 1);
    expect_error(nudge_data_write_idx(part, "folder", &e), NUDGE_BAD_ARGUMENT, &e,
                 "a fold of it cannot be written", NULL);
    expect_error(nudge_data_write_npz(part, "file.npz", &e), NUDGE_BAD_ARGUMENT, &e,
                 "a fold of it cannot be written", NULL);
    nudge_data_free(part);
    nudge_data_free(data);
}

/* A huge value changes what is fitted in every fold but the one that tests it. */
static void test_scaling_sees_training_rows_alone(void **state) {
    (void)state;
    enum { ROWS = 40, FOLDS = 4 };
    float values[2][ROWS];
    int32_t labels[ROWS];
    size_t alike = 0;
    for (size_t r = 0; r < ROWS; r++) {
        values[0][r] = values[1][r] = (float)((r * 7) % 13);
        labels[r] = r % 2;
    }
    values[1][17] = 1e6f;
    for (size_t f = 0; f < FOLDS; f++) {
        nudge_transform transforms[2] = {NUDGE_TRANSFORM, NUDGE_TRANSFORM};
        bool tested = false;
        for (size_t k = 0; k < 2; k++) {
            nudge_rows rows = NUDGE_ROWS;
            nudge_data *data = NULL;
            rows.rows = ROWS;
            rows.features = 1;
            rows.values = values[k];
            rows.labels = labels;
            rows.classes = 2;
            assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
            nudge_data *part = fold_of(data, FOLDS, f, 5);
            nudge_net *net = small_net(context, 1, "2 softmax");
            assert_ok(nudge_net_fit(net, part, NUDGE_SCALE_STANDARD, NUDGE_SCALE_AUTO, error));
            assert_true(nudge_net_input_transform(net, 0, &transforms[k]));
            for (size_t r = 0; r < nudge_data_rows(part, NUDGE_PART_TEST); r++)
                tested |= row_number(part, NUDGE_PART_TEST, r) == 1000000;
            nudge_net_free(net);
            nudge_data_free(part);
            nudge_data_free(data);
        }
        bool same =
            transforms[0].shift == transforms[1].shift && transforms[0].factor == transforms[1].factor;
        assert_int_equal(same, tested);
        alike += same;
    }
    assert_int_equal(alike, 1);
}

/* -- cross-validation -- */

static nudge_train_options short_training(void) {
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    training.epochs = 3;
    return training;
}

static nudge_cross_options small_options(const nudge_train_options *training) {
    nudge_cross_options options = NUDGE_CROSS_OPTIONS;
    options.net = "5 tanh, 3 softmax";
    options.training = training;
    options.folds = 5;
    options.repeats = 2;
    return options;
}

/* What a fold comes to by hand. */
static void expect_fold(const nudge_data *data, const nudge_cross_options *options, size_t index,
                        const double *metrics) {
    uint64_t seed = options->seed + index / options->folds;
    nudge_data *part = fold_of(data, options->folds, index % options->folds, seed);
    nudge_net *net = NULL;
    nudge_train_options training = *options->training;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    training.seed = seed;
    if (options->validation_split > 0)
        assert_ok(nudge_data_split(part, options->validation_split, seed, error));
    assert_ok(nudge_net_create(context, nudge_data_features(data), options->net, seed, &net, error));
    assert_ok(nudge_net_fit(net, part, options->scale, options->target_scale, error));
    assert_ok(nudge_train(context, net, part, &training, NULL, error));
    assert_ok(nudge_evaluate(context, net, part, NUDGE_PART_TEST, &evaluation, error));
    assert_memory_equal(evaluation.metrics, metrics, METRICS * sizeof *metrics);
    nudge_net_free(net);
    nudge_data_free(part);
}

static void expect_mean(const double *each, size_t count, size_t metric, double mean, double deviation) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += each[i * METRICS + metric];
    for (size_t i = 0; i < count; i++) {
        double away = each[i * METRICS + metric] - sum / (double)count;
        squares += away * away;
    }
    assert_true(fabs(mean - sum / (double)count) < 1e-12);
    assert_true(fabs(deviation - sqrt(squares / (double)(count - 1))) < 1e-12);
}

static void test_results_are_those_by_hand(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 90, 20, 4, 3, 0);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    double each[10 * METRICS];
    uint64_t confusion[9], rows = 0, right = 0;
    result.each = each;
    result.confusion = confusion;
    assert_ok(nudge_cross_validate(context, data, &options, &result, error));
    assert_int_equal(result.folds, 10);
    assert_int_equal(result.rows, 180);
    for (size_t i = 0; i < 10; i++) expect_fold(data, &options, i, each + i * METRICS);
    expect_mean(each, 10, NUDGE_METRIC_ACCURACY, result.mean[NUDGE_METRIC_ACCURACY],
                result.deviation[NUDGE_METRIC_ACCURACY]);
    expect_mean(each, 10, NUDGE_METRIC_COST, result.mean[NUDGE_METRIC_COST],
                result.deviation[NUDGE_METRIC_COST]);
    assert_int_equal(result.known[NUDGE_METRIC_ACCURACY], 10);
    assert_int_equal(result.known[NUDGE_METRIC_RMSE], 0);
    assert_true(isnan(result.mean[NUDGE_METRIC_RMSE]) && isnan(result.deviation[NUDGE_METRIC_RMSE]));
    for (size_t i = 0; i < 9; i++) rows += confusion[i];
    for (size_t c = 0; c < 3; c++) right += confusion[4 * c];
    assert_int_equal(rows, 180);
    assert_true(fabs((double)right / 180 - result.mean[NUDGE_METRIC_ACCURACY]) <
                1e-12); /* folds of equal size */
    nudge_data_free(data);
}

static void test_early_stopping_in_folds(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 90, 0, 4, 0, 2);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    nudge_error e = {0};
    double each[10 * METRICS];
    result.each = each;
    options.net = "4 gelu, 2";
    training.patience = 1;
    expect_error(nudge_cross_validate(context, data, &options, &result, &e), NUDGE_BAD_ARGUMENT, &e,
                 "patience 1 needs validation rows", NULL);
    options.validation_split = 0.2;
    assert_ok(nudge_cross_validate(context, data, &options, &result, error));
    for (size_t i = 0; i < 10; i++) expect_fold(data, &options, i, each + i * METRICS);
    nudge_data_free(data);
}

/* Whatever folds say while they go on is told one at a time. */
struct heard {
    size_t folds, progress, seen[64];
    bool inside;
    size_t stop_after;
};

static bool on_fold(void *user, const nudge_cross_fold *fold) {
    struct heard *heard = user;
    assert_false(heard->inside);
    heard->inside = true;
    heard->seen[fold->repeat * 8 + fold->fold]++;
    heard->folds++;
    heard->inside = false;
    return heard->folds != heard->stop_after;
}

static bool on_progress(void *user, double share) {
    struct heard *heard = user;
    assert_false(heard->inside);
    assert_true(share >= 0 && share <= 1);
    heard->progress++;
    return true;
}

static void test_threads_do_not_show(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 120, 0, 4, 3, 0);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    struct heard heard;
    nudge_cross_result results[3];
    double each[3][24 * METRICS];
    uint64_t confusion[3][9];
    options.folds = 8;
    options.repeats = 3;
    options.on_fold = on_fold;
    options.on_progress = on_progress;
    options.user = &heard;
    for (size_t i = 0; i < 3; i++) {
        nudge_context *own = small_context(1u << i);
        heard = (struct heard){.folds = 0};
        results[i] = (nudge_cross_result)NUDGE_CROSS_RESULT;
        results[i].each = each[i];
        results[i].confusion = confusion[i];
        assert_ok(nudge_cross_validate(own, data, &options, &results[i], error));
        assert_int_equal(heard.folds, 24);
        for (size_t f = 0; f < 24; f++) assert_int_equal(heard.seen[f], 1);
        assert_memory_equal(each[i], each[0], sizeof each[0]);
        assert_memory_equal(confusion[i], confusion[0], sizeof confusion[0]);
        assert_memory_equal(results[i].mean, results[0].mean, sizeof results[0].mean);
        assert_memory_equal(results[i].deviation, results[0].deviation, sizeof results[0].deviation);
        nudge_context_free(own);
    }
    nudge_data_free(data);
}

static void test_stopping(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 60, 0, 4, 3, 0);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    struct heard heard = {.stop_after = 3};
    double each[10 * METRICS];
    result.each = each;
    options.on_fold = on_fold;
    options.user = &heard;
    assert_ok(nudge_cross_validate(context, data, &options, &result, error));
    assert_true(result.stopped);
    assert_int_equal(result.folds, 3);
    assert_int_equal(result.known[NUDGE_METRIC_ACCURACY], 3);
    assert_true(isnan(each[3 * METRICS]) && !isnan(each[2 * METRICS]));
    nudge_data_free(data);
}

static void test_divergence_is_told_and_counted(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 60, 0, 4, 0, 1);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    struct heard heard = {.folds = 0};
    nudge_error e = {0};
    training.learning_rate = 1e9;
    options.net = "6 relu, 6 relu, 1";
    options.on_fold = on_fold;
    options.user = &heard;
    nudge_context *three = small_context(3);
    expect_error(nudge_cross_validate(three, data, &options, &result, &e), NUDGE_DIVERGED, &e,
                 "10 of 10 folds diverged", "fold 1 of repeat 1: training diverged at epoch", NULL);
    assert_int_equal(result.diverged, 10);
    assert_int_equal(result.folds, 0);
    assert_int_equal(heard.folds, 10);
    assert_true(isnan(result.mean[NUDGE_METRIC_COST]));
    nudge_context_free(three);
    nudge_data_free(data);
}

/* A feature that no training survives: only the fold that tests its row is measured. */
static void test_some_folds_diverge(void **state) {
    (void)state;
    enum { ROWS = 40 };
    float values[ROWS];
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    nudge_error e = {0};
    double each[4 * METRICS];
    for (size_t r = 0; r < ROWS; r++) values[r] = r == 11 ? 1e15f : (float)(r % 5) / 5;
    rows.rows = ROWS;
    rows.features = rows.target_columns = 1;
    rows.values = values;
    rows.targets = values;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    options.net = "1";
    options.scale = options.target_scale = NUDGE_SCALE_NONE;
    options.folds = 4;
    options.repeats = 1;
    result.each = each;
    expect_error(nudge_cross_validate(context, data, &options, &result, &e), NUDGE_DIVERGED, &e,
                 "3 of 4 folds diverged; fold ", "training diverged at epoch 1", NULL);
    assert_int_equal(result.folds, 1);
    assert_int_equal(result.diverged, 3);
    assert_int_equal(result.rows, 10);
    assert_int_equal(result.known[NUDGE_METRIC_RMSE], 1);
    assert_true(isnan(result.deviation[NUDGE_METRIC_RMSE]) && !isnan(result.mean[NUDGE_METRIC_RMSE]));
    size_t measured = 0;
    for (size_t f = 0; f < 4; f++) measured += isnan(each[f * METRICS + NUDGE_METRIC_RMSE]) ? 0 : 1;
    assert_int_equal(measured, 1);
    nudge_data_free(data);
}

static void test_refused(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 30, 0, 4, 3, 0);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    nudge_error e = {0};
#define REFUSED(sentence)                                                                                    \
    expect_error(nudge_cross_validate(context, data, &options, &result, &e), NUDGE_BAD_ARGUMENT, &e,         \
                 sentence, NULL)
    options.repeats = 0;
    REFUSED("0 repeats, expected at least 1");
    options.repeats = SIZE_MAX;
    REFUSED("folds in all");
    options.repeats = 1;
    options.folds = 31;
    REFUSED("31 folds of 30 rows");
    options.folds = 3;
    options.validation_split = 1;
    REFUSED("validation fraction 1, expected from 0 on and below 1");
    options.validation_split = 0;
    options.net = "5 tanh, 4 softmx";
    REFUSED("softmx");
    options.net = "5 tanh, 2 softmax";
    REFUSED("the network has 2 outputs");
    options.net = NULL;
    REFUSED("the network's text is missing");
    options.net = "3 softmax";
    training.metric = NUDGE_METRIC_RMSE;
    REFUSED("fold 1 of 3: metric rmse is for numbers as targets");
    training.epochs = 0;
    REFUSED("0 epochs");
    options.struct_size = 0;
    REFUSED("begin with NUDGE_CROSS_OPTIONS");
    assert_int_equal(result.folds, 0);
    nudge_data_free(data);
}

/* Memory that runs out anywhere, on any number of threads: told as such, and nothing is left behind. */
static void test_memory_runs_out(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 20, 0, 3, 3, 0);
    nudge_train_options training = short_training();
    nudge_cross_options options = small_options(&training);
    uint64_t confusion[9];
    options.repeats = 1;
    options.folds = 2;
    training.epochs = 1;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct accounts accounts = {0};
        nudge_context_options chosen = NUDGE_CONTEXT_OPTIONS;
        nudge_context *own = NULL;
        chosen.threads = threads;
        chosen.allocator = counting_allocator(&accounts);
        assert_ok(nudge_context_create(&chosen, &own, error));
        size_t blocks = accounts.live_blocks;
        for (size_t n = 1;; n++) {
            nudge_cross_result result = NUDGE_CROSS_RESULT;
            nudge_error e = {0};
            accounts.allocations = 0;
            accounts.fail_at = n;
            result.confusion = confusion;
            nudge_status status = nudge_cross_validate(own, data, &options, &result, &e);
            assert_int_equal(accounts.live_blocks, blocks);
            if (status == NUDGE_OK && accounts.allocations < n) break;
            expect_error(status, NUDGE_NO_MEMORY, &e, "not enough memory", NULL);
        }
        nudge_context_free(own);
        assert_int_equal(accounts.live_bytes, 0);
    }
    nudge_data_free(data);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_folds_part_the_rows),
        TEST(test_folds_follow_the_seed),
        TEST(test_folds_of_parts),
        TEST(test_folds_refused),
        TEST(test_scaling_sees_training_rows_alone),
        TEST(test_results_are_those_by_hand),
        TEST(test_early_stopping_in_folds),
        TEST(test_threads_do_not_show),
        TEST(test_stopping),
        TEST(test_divergence_is_told_and_counted),
        TEST(test_some_folds_diverge),
        TEST(test_refused),
        TEST(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
