/* A training that goes on from a checkpoint comes to the same bits as one that was never interrupted: from every step, for
 * every optimizer, schedule, regulariser and kind of net; after kill -9 at any moment. Other data, another network or other
 * options are refused with the difference; a damaged file is named, and the one before can be taken. */
#define _GNU_SOURCE
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 26, FEATURES = 5, CLASSES = 3, EPOCHS = 3, BATCH = 6 };

static nudge_context *context;

static int set_up(void **state) {
    context = small_context(1);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state);
}

static nudge_data *data_with_validation(void) {
    nudge_data *data = small_data(context, ROWS, 5, FEATURES, CLASSES, 0);
    assert_ok(nudge_data_split(data, 0.2, 7, error));
    return data;
}

/* -- trainings -- */

/* Where a training came to: all that can be told of it but seconds. */
struct outcome {
    char digest[65];
    size_t epochs, best_epoch;
    bool stopped_early;
    double figures[9];
};

static struct outcome outcome_of(const nudge_net *net, const nudge_train_result *result) {
    struct outcome outcome;
    memset(&outcome, 0, sizeof outcome);
    nudge_net_digest(net, outcome.digest);
    outcome.epochs = result->epochs;
    outcome.best_epoch = result->best_epoch;
    outcome.stopped_early = result->stopped_early;
    const double figures[] = {result->train_cost,          result->train_accuracy, result->validation_cost,
                              result->validation_accuracy, result->test_cost,      result->test_accuracy,
                              result->validation_metric,   result->earlier_cost,   result->penalty};
    memcpy(outcome.figures, figures, sizeof figures);
    return outcome;
}

static struct outcome train(const char *text, const nudge_data *data, const nudge_train_options *options) {
    nudge_net *net = small_net(context, FEATURES, text);
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    assert_ok(nudge_train(context, net, data, options, &result, error));
    struct outcome outcome = outcome_of(net, &result);
    nudge_net_free(net);
    return outcome;
}

static void copy_file(const char *from, const char *to) {
    size_t count;
    unsigned char *bytes = get_file(from, &count);
    put_file(to, bytes, count);
    free(bytes);
}

/* Keeps the file of every step under a name of its own: as if the training had been killed after it. */
struct keeper {
    size_t count;
};

static void keep(void *user, const nudge_progress *progress, const nudge_error *error) {
    struct keeper *keeper = user;
    char from[32], to[48];
    (void)progress;
    assert_null(error);
    snprintf(from, sizeof from, "m.checkpoint-%zu", keeper->count++ % 2 + 1);
    snprintf(to, sizeof to, "step-%zu.checkpoint-1", keeper->count);
    copy_file(from, to);
}

static nudge_checkpoint *load_checkpoint(const char *path) {
    nudge_checkpoint *checkpoint = NULL;
    assert_ok(nudge_checkpoint_load(context, path, false, NULL, &checkpoint, error));
    return checkpoint;
}

static void expect_same(const struct outcome *a, const struct outcome *b) {
    assert_string_equal(a->digest, b->digest);
    assert_memory_equal(a, b, sizeof *a);
}

/* All of it in one go; with a checkpoint after every step, which changes nothing; and from each of them on. */
static void check_resuming(const char *text, nudge_train_options options) {
    nudge_data *data = data_with_validation();
    struct outcome whole = train(text, data, &options);
    struct keeper keeper = {0};
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    saving.every_steps = 1;
    saving.on_saved = keep;
    saving.user = &keeper;
    assert_ok(nudge_checkpoint_create(context, "m", &saving, &options.checkpoint, error));
    struct outcome saved = train(text, data, &options);
    expect_same(&saved, &whole);
    nudge_checkpoint_free(options.checkpoint);
    for (size_t k = 1; k <= keeper.count; k++) {
        char path[32];
        snprintf(path, sizeof path, "step-%zu", k);
        options.checkpoint = load_checkpoint(path);
        struct outcome resumed = train(text, data, &options);
        expect_same(&resumed, &whole);
        nudge_checkpoint_free(options.checkpoint);
        strcat(path, ".checkpoint-1");
        unlink(path);
        path[strlen(path) - 1] = '2';
        unlink(path);
    }
    nudge_data_free(data);
}

static void test_from_every_step(void **state) {
    (void)state;
    static const char *const nets[] = {"7 relu, 3 softmax",
                                       "7, batch-norm, tanh, dropout 0.3, 4 sigmoid, 3 softmax"};
    static const struct {
        double l1, l2, weight_decay, momentum;
        size_t patience;
    } methods[] = {{0, 0, 0, 0, 0}, {0.001, 0.01, 0.02, 0.9, 0}, {0, 0, 0.1, 0.5, 1}, {0, 0.1, 0, 0, 2}};
    for (int optimizer = 0; nudge_optimizer_name((nudge_optimizer)optimizer); optimizer++)
        for (int schedule = 0; nudge_schedule_name((nudge_schedule)schedule); schedule++)
            for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
                nudge_train_options options = NUDGE_TRAIN_OPTIONS;
                options.optimizer = (nudge_optimizer)optimizer;
                options.schedule = (nudge_schedule)schedule;
                options.decay_epochs = 1;
                options.epochs = EPOCHS;
                options.batch_size = BATCH;
                options.l1 = methods[m].l1;
                options.l2 = methods[m].l2;
                options.weight_decay = methods[m].weight_decay;
                options.momentum = optimizer == NUDGE_OPTIMIZER_ADAM ? 0 : methods[m].momentum;
                options.patience = methods[m].patience;
                options.metric = m == 3 ? NUDGE_METRIC_ACCURACY : NUDGE_METRIC_COST;
                check_resuming(nets[m % 2], options);
                if (m == 1) check_resuming(nets[0], options);
            }
}

/* Full batches, the rows in their order, weights of classes, large batches in portions. */
static void test_other_ways_to_take_rows(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.epochs = EPOCHS;
    options.batch_size = 0;
    check_resuming("7 relu, 3 softmax", options);
    options.batch_size = 4;
    options.shuffle = false;
    options.class_weight = "balanced";
    check_resuming("7 relu, 3 softmax", options);
}

/* -- more epochs, and none -- */

static void test_epochs_may_grow(void **state) {
    (void)state;
    nudge_data *data = data_with_validation();
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.batch_size = BATCH;
    options.epochs = 2;
    assert_ok(nudge_checkpoint_create(context, "m", NULL, &options.checkpoint, error));
    train("6 tanh, 3 softmax", data, &options);
    nudge_checkpoint_free(options.checkpoint);
    for (size_t epochs = 2; epochs <= 5; epochs++) { /* from 2: nothing is left to do */
        options.epochs = epochs;
        options.checkpoint = NULL;
        struct outcome whole = train("6 tanh, 3 softmax", data, &options);
        options.checkpoint = load_checkpoint("m");
        size_t epoch, step;
        nudge_checkpoint_place(options.checkpoint, &epoch, &step);
        assert_int_equal(epoch, epochs == 2 ? 2 : epochs - 1);
        struct outcome resumed = train("6 tanh, 3 softmax", data, &options);
        nudge_checkpoint_free(options.checkpoint);
        expect_same(&resumed, &whole);
    }
    nudge_data_free(data);
}

static bool stop_at_step_8(void *user, const nudge_progress *progress) {
    (void)user;
    return (progress->epoch - 1) * progress->steps + progress->step != 8;
}

/* Stopped by the caller, as by Ctrl-C: the checkpoint is of that very step. */
static void test_stopped_and_taken_up_again(void **state) {
    (void)state;
    nudge_data *data = data_with_validation();
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = BATCH;
    options.epochs = EPOCHS;
    struct outcome whole = train("6 tanh, 3 softmax", data, &options);
    assert_ok(nudge_checkpoint_create(context, "m", NULL, &options.checkpoint, error));
    options.on_step = stop_at_step_8;
    train("6 tanh, 3 softmax", data, &options);
    nudge_checkpoint_free(options.checkpoint);
    options.on_step = NULL;
    options.checkpoint = load_checkpoint("m");
    assert_non_null(nudge_checkpoint_net(options.checkpoint));
    struct outcome resumed = train("6 tanh, 3 softmax", data, &options);
    expect_same(&resumed, &whole);
    nudge_net *net = small_net(context, FEATURES, "6 tanh, 3 softmax");
    nudge_error error = {0};
    expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_ARGUMENT, &error,
                 "a checkpoint is for one training", NULL);
    nudge_net_free(net);
    nudge_checkpoint_free(options.checkpoint);
    nudge_data_free(data);
}

/* -- what is not the same -- */

static void expect_refused(const char *text, const nudge_data *data, nudge_train_options options,
                           const char *fact, const char *other) {
    nudge_net *net = small_net(context, FEATURES, text);
    nudge_error error = {0};
    options.checkpoint = load_checkpoint("m");
    expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_ARGUMENT, &error, fact,
                 other, NULL);
    nudge_checkpoint_free(options.checkpoint);
    nudge_net_free(net);
}

static void test_another_training_is_refused(void **state) {
    (void)state;
    const char *text = "6 tanh, 3 softmax";
    nudge_data *data = data_with_validation(),
               *other = small_data(context, ROWS + 1, 5, FEATURES, CLASSES, 0),
               *split = small_data(context, ROWS, 5, FEATURES, CLASSES, 0);
    assert_ok(nudge_data_split(split, 0.2, 8, error));
    nudge_train_options options = NUDGE_TRAIN_OPTIONS, changed;
    options.batch_size = BATCH;
    options.epochs = EPOCHS;
    assert_ok(nudge_checkpoint_create(context, "m", NULL, &options.checkpoint, error));
    train(text, data, &options);
    nudge_checkpoint_free(options.checkpoint);
    expect_refused("5 tanh, 3 softmax", data, options, "the network was \"6 tanh, 3 softmax\"",
                   "is \"5 tanh, 3 softmax\" now");
    expect_refused(text, other, options, "other data: its train part had 21 rows", "has 27");
    expect_refused(text, split, options, "other data: its train part had 21 rows", "has 21");
    changed = options, changed.learning_rate = 0.25;
    expect_refused(text, data, changed, "learning_rate was \"0.1\"", "is \"0.25\" now");
    changed = options, changed.optimizer = NUDGE_OPTIMIZER_ADAM, changed.learning_rate = 0.1;
    expect_refused(text, data, changed, "optimizer was \"sgd\"", "is \"adam\" now");
    changed = options, changed.seed = 2;
    expect_refused(text, data, changed, "seed was \"1\"", "is \"2\" now");
    changed = options, changed.batch_size = 7;
    expect_refused(text, data, changed, "batch_size was \"6\"", "is \"7\" now");
    changed = options, changed.l2 = 0.5;
    expect_refused(text, data, changed, "l2 was \"0\"", "is \"0.5\" now");
    changed = options, changed.class_weight = "balanced";
    expect_refused(text, data, changed, "the weight of classes was \"\"", NULL);
    changed = options, changed.epochs = EPOCHS - 1;
    expect_refused(text, data, changed, "2 epochs, but the checkpoint is in epoch 3 already", NULL);
    changed = options, changed.metric = NUDGE_METRIC_F1;
    expect_refused(text, data, changed, "metric was \"cost\"", "is \"f1\" now");
    nudge_data_free(data);
    nudge_data_free(other);
    nudge_data_free(split);
}

/* -- files -- */

static void expect_no_checkpoint(bool allow_previous, const char *fact, const char *other) {
    nudge_checkpoint *none = NULL;
    nudge_error error = {0};
    expect_error(nudge_checkpoint_load(context, "m", allow_previous, NULL, &none, &error), NUDGE_BAD_INPUT,
                 &error, fact, other, NULL);
    assert_null(none);
}

static void test_damage_is_named(void **state) {
    (void)state;
    nudge_data *data = data_with_validation();
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    options.batch_size = BATCH;
    options.epochs = EPOCHS;
    saving.every_steps = 4;
    saving.note = "how it was asked for";
    struct outcome whole = train("6 tanh, 3 softmax", data, &options);
    expect_no_checkpoint(false, "m: has no checkpoint", "neither m.checkpoint-1 nor -2 is there");
    assert_ok(nudge_checkpoint_create(context, "m", &saving, &options.checkpoint, error));
    train("6 tanh, 3 softmax", data, &options); /* steps 4, 8, 12, and the end once more: -2 is the last */
    nudge_checkpoint_free(options.checkpoint);
    options.checkpoint = load_checkpoint("m");
    assert_string_equal(nudge_checkpoint_note(options.checkpoint), saving.note);
    nudge_checkpoint_free(options.checkpoint);
    size_t count;
    unsigned char *bytes = get_file("m.checkpoint-2", &count);
    for (size_t i = 0; i < count; i += 97) {
        bytes[i] ^= 4;
        put_file("m.checkpoint-2", bytes, count);
        expect_no_checkpoint(false, "m.checkpoint-2: ", "is whole (allow_previous)");
        bytes[i] ^= 4;
    }
    for (size_t size = 0; size < count; size += 131) {
        put_file("m.checkpoint-2", bytes, size);
        expect_no_checkpoint(false, "m.checkpoint-2: ", "is whole (allow_previous)");
    }
    assert_ok(nudge_checkpoint_load(context, "m", true, NULL, &options.checkpoint, error));
    struct outcome resumed = train("6 tanh, 3 softmax", data, &options);
    expect_same(&resumed, &whole);
    nudge_checkpoint_free(options.checkpoint);
    options.checkpoint = load_checkpoint("m"); /* the damaged one has been overwritten, not the whole one */
    nudge_checkpoint_free(options.checkpoint);
    put_file("m.checkpoint-1", bytes, 100);
    put_file("m.checkpoint-2", bytes, 200);
    expect_no_checkpoint(true, "m.checkpoint-1: ", "cut short");
    free(bytes);
    nudge_data_free(data);
}

/* The first checkpoint of a new training replaces those of the one before. */
static void test_an_earlier_training_is_replaced(void **state) {
    (void)state;
    nudge_data *data = data_with_validation();
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    options.batch_size = BATCH;
    options.epochs = EPOCHS;
    saving.every_steps = 5;
    assert_ok(nudge_checkpoint_create(context, "m", &saving, &options.checkpoint, error));
    train("6 tanh, 3 softmax", data, &options);
    nudge_checkpoint_free(options.checkpoint);
    options.epochs = 1;
    assert_ok(nudge_checkpoint_create(context, "m", NULL, &options.checkpoint, error));
    assert_int_equal(count_entries("."), 2); /* nothing was written yet */
    train("4 tanh, 3 softmax", data, &options);
    nudge_checkpoint_free(options.checkpoint);
    assert_int_equal(count_entries("."), 1);
    options.checkpoint = load_checkpoint("m");
    assert_string_equal(nudge_net_text(nudge_checkpoint_net(options.checkpoint)), "4 tanh, 3 softmax");
    nudge_checkpoint_free(options.checkpoint);
    nudge_data_free(data);
}

struct told {
    size_t saved, failed;
    nudge_error error;
};

static void tell(void *user, const nudge_progress *progress, const nudge_error *error) {
    struct told *told = user;
    (void)progress;
    if (error)
        told->failed++, told->error = *error;
    else
        told->saved++;
}

/* A checkpoint that cannot be written is told; the training goes on. */
static void test_what_cannot_be_written_is_told(void **state) {
    (void)state;
    nudge_data *data = data_with_validation();
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    struct told told = {0};
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    options.batch_size = BATCH;
    options.epochs = EPOCHS;
    struct outcome whole = train("6 tanh, 3 softmax", data, &options);
    saving.every_seconds = 1e-9;
    saving.on_saved = tell;
    saving.user = &told;
    assert_ok(nudge_checkpoint_create(context, "none/m", &saving, &options.checkpoint, error));
    struct outcome saved = train("6 tanh, 3 softmax", data, &options);
    expect_same(&saved, &whole);
    assert_int_equal(told.saved, 0);
    assert_true(told.failed > 3);
    assert_non_null(strstr(told.error.message, "none/m.checkpoint-1"));
    nudge_checkpoint_free(options.checkpoint);
    nudge_data_free(data);
}

/* -- kill -9 -- */

/* In a process of its own: goes on where there is a checkpoint, else begins. */
static void train_until_killed(nudge_train_options options) {
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    nudge_error error = {0};
    nudge_data *data = data_with_validation();
    nudge_net *net = small_net(context, FEATURES, "6 tanh, dropout 0.2, 3 softmax");
    saving.every_steps = 1;
    bool goes_on = !nudge_checkpoint_load(context, "m", false, &saving, &options.checkpoint, &error);
    if (!goes_on && (strstr(error.message, "has no checkpoint") == NULL ||
                     nudge_checkpoint_create(context, "m", &saving, &options.checkpoint, &error)))
        _exit(3);
    if (nudge_journal_create(context, NULL, &options.journal, &error) ||
        nudge_journal_grow(options.journal, "journal", goes_on, &error))
        _exit(6);
    if (nudge_train(context, net, data, &options, NULL, &error)) _exit(4);
    _exit(nudge_net_save(net, "end", &error) || nudge_journal_save(options.journal, "journal", &error) ? 5
                                                                                                       : 0);
}

/* 100 kills, each at another moment of a training that takes many times as long: no checkpoint is ever lost or damaged, the
 * journal reaches at least as far, and where it ends the bits of both are those of an undisturbed one. */
static void test_killed_100_times(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.batch_size = BATCH;
    options.epochs = 100000;
    uint32_t random = 5;
    size_t last = 0;
    for (int kills = 0; kills < 100; kills++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) train_until_killed(options);
        usleep(2000 + (useconds_t)(small_random(&random) * 20000));
        assert_int_equal(kill(child, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        if (access("m.checkpoint-1", F_OK)) continue; /* killed before the first */
        nudge_checkpoint *checkpoint = load_checkpoint("m");
        size_t epoch, step;
        nudge_checkpoint_place(checkpoint, &epoch, &step);
        assert_true(epoch * 100 + step >= last);
        last = epoch * 100 + step;
        nudge_checkpoint_free(checkpoint);
        nudge_journal *journal = NULL;
        nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
        assert_ok(nudge_journal_load(context, "journal", &journal, error));
        assert_ok(nudge_journal_describe(journal, &summary, error));
        assert_true(summary.unfinished && summary.steps >= (epoch - 1) * summary.epoch_steps + step);
        nudge_journal_free(journal);
    }
    assert_true(last > 0);
    options.epochs = last / 100 + 1;
    pid_t child = fork();
    if (child == 0) train_until_killed(options);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    nudge_data *data = data_with_validation();
    assert_ok(nudge_journal_create(context, NULL, &options.journal, error));
    struct outcome whole = train("6 tanh, dropout 0.2, 3 softmax", data, &options);
    assert_ok(nudge_journal_save(options.journal, "whole", error));
    nudge_journal_free(options.journal);
    size_t sizes[2];
    unsigned char *journals[2] = {get_file("journal", &sizes[0]), get_file("whole", &sizes[1])};
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(journals[0], journals[1], sizes[0]);
    free(journals[0]);
    free(journals[1]);
    nudge_net *net = NULL;
    char digest[65];
    assert_ok(nudge_net_load(context, "end", &net, error));
    nudge_net_digest(net, digest);
    assert_string_equal(digest, whole.digest);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_from_every_step),
        TEST(test_other_ways_to_take_rows),
        TEST(test_epochs_may_grow),
        TEST(test_stopped_and_taken_up_again),
        TEST(test_another_training_is_refused),
        TEST(test_damage_is_named),
        TEST(test_an_earlier_training_is_replaced),
        TEST(test_what_cannot_be_written_is_told),
        TEST(test_killed_100_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
