/* The journal of a training: its snapshots are the parameters that were there, its records the costs and norms of the
 * mini-batches, and a step that is made again has the same bits, whatever the optimizer; what is full is thinned out.
 * Its file gives back the same journal, and refuses what does not hold together. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

#include <stdio.h>

enum {
    ROWS = 23,
    FEATURES = 3,
    CLASSES = 3,
    BATCH = 5,
    STEPS = 5,
    EPOCHS = 4,
    ALL = STEPS * EPOCHS,
    MOST = 64
};

static nudge_context *context;

static int set_up(void **state) {
    context = small_context(1);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state);
}

/* -- a training whose every step is written down beside the journal -- */

struct kept {
    nudge_net *net;
    nudge_data *data;
    nudge_journal *journal;
    nudge_train_options options;
    size_t parameters, steps, stop_after;
    float at[ALL + 1][MOST]; /* after each step */
};

static bool keep_step(void *user, const nudge_progress *progress) {
    struct kept *kept = user;
    (void)progress;
    assert_ok(nudge_net_get_parameters(kept->net, kept->at[++kept->steps], kept->parameters, error));
    return kept->steps != kept->stop_after;
}

static void begin(struct kept *kept, const char *net, const nudge_journal_options *options) {
    *kept = (struct kept){.data = small_data(context, ROWS, 4, FEATURES, CLASSES, 0),
                          .net = small_net(context, FEATURES, net),
                          .options = NUDGE_TRAIN_OPTIONS};
    kept->parameters = nudge_net_parameters(kept->net);
    assert_true(kept->parameters <= MOST);
    kept->options.batch_size = BATCH;
    kept->options.epochs = EPOCHS;
    kept->options.seed = 7;
    kept->options.on_step = keep_step;
    kept->options.user = kept;
    assert_ok(nudge_journal_create(context, options, &kept->journal, error));
    kept->options.journal = kept->journal;
}

static void train(struct kept *kept) {
    kept->steps = 0;
    assert_ok(nudge_net_get_parameters(kept->net, kept->at[0], kept->parameters, error));
    assert_ok(nudge_train(context, kept->net, kept->data, &kept->options, NULL, error));
}

static void end(struct kept *kept) {
    nudge_journal_free(kept->journal);
    nudge_net_free(kept->net);
    nudge_data_free(kept->data);
}

static nudge_journal_summary summary_of(const nudge_journal *journal) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    assert_ok(nudge_journal_describe(journal, &summary, error));
    return summary;
}

/* Every snapshot is what was there; returns how many there are. */
static size_t check_snapshots(const struct kept *kept, const nudge_journal *journal) {
    nudge_journal_summary summary = summary_of(journal);
    float found[MOST];
    size_t step, before = 0;
    for (size_t i = 0; i < summary.snapshots; i++) {
        assert_ok(nudge_journal_snapshot(journal, i, &step, found, kept->parameters, error));
        assert_true(i == 0 ? step == 0 : step > before);
        assert_true(step % summary.every == 0 || step == summary.steps);
        assert_memory_equal(found, kept->at[step], kept->parameters * sizeof *found);
        before = step;
    }
    assert_int_equal(before, summary.steps);
    return summary.snapshots;
}

/* -- replays -- */

struct shown {
    const struct kept *kept;
    size_t next, stop_at;
};

static bool check_step(void *user, size_t step, const nudge_net *net) {
    struct shown *shown = user;
    float found[MOST];
    assert_int_equal(step, shown->next++);
    assert_ok(nudge_net_get_parameters(net, found, shown->kept->parameters, error));
    assert_memory_equal(found, shown->kept->at[step], shown->kept->parameters * sizeof *found);
    return step != shown->stop_at;
}

static void replay(const struct kept *kept, const nudge_journal *journal, size_t first, size_t last) {
    struct shown shown = {kept, first, SIZE_MAX};
    assert_ok(nudge_journal_replay(context, journal, kept->data, first, last, check_step, &shown, error));
    assert_int_equal(shown.next, last + 1);
}

static void test_replays_have_the_same_bits(void **state) {
    (void)state;
    static const struct {
        nudge_optimizer optimizer;
        double momentum;
        nudge_schedule schedule;
        const char *net;
        size_t batch;
    } cases[] = {
        {NUDGE_OPTIMIZER_SGD, 0, NUDGE_SCHEDULE_CONSTANT, "4 sigmoid, 3 softmax", BATCH},
        {NUDGE_OPTIMIZER_SGD, 0.9, NUDGE_SCHEDULE_COSINE, "4 tanh, 3 softmax", BATCH},
        {NUDGE_OPTIMIZER_NESTEROV, 0.8, NUDGE_SCHEDULE_ONE_CYCLE, "4 relu, 3 sigmoid", BATCH},
        {NUDGE_OPTIMIZER_ADAM, 0, NUDGE_SCHEDULE_STEP, "4 gelu, 2 tanh, 3 softmax", BATCH},
        {NUDGE_OPTIMIZER_ADAM, 0, NUDGE_SCHEDULE_CONSTANT, "3 softmax", 0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct kept kept;
        nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
        options.every = 4;
        begin(&kept, cases[c].net, &options);
        kept.options.optimizer = cases[c].optimizer;
        kept.options.momentum = cases[c].momentum;
        kept.options.schedule = cases[c].schedule;
        kept.options.batch_size = cases[c].batch;
        if (cases[c].batch == 0) kept.options.epochs = ALL;
        train(&kept);
        assert_int_equal(check_snapshots(&kept, kept.journal), ALL / 4 + 1);
        for (size_t first = 0; first <= ALL; first++)
            for (size_t last = first; last <= ALL; last += 3) replay(&kept, kept.journal, first, last);
        /* the training itself is left as it was without a journal */
        nudge_net *plain = small_net(context, FEATURES, cases[c].net);
        kept.options.journal = NULL;
        kept.options.on_step = NULL;
        assert_ok(nudge_train(context, plain, kept.data, &kept.options, NULL, error));
        assert_digest(small_digest_net(plain), small_digest_net(kept.net), cases[c].net);
        nudge_net_free(plain);
        end(&kept);
    }
}

/* Mini-batches that go through the plan in portions. */
static void test_replays_of_large_batches(void **state) {
    (void)state;
    struct kept kept;
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    options.every = 4;
    begin(&kept, "4 sigmoid, 3 softmax", &options);
    nudge_data_free(kept.data);
    kept.data = small_data(context, 1200, 0, FEATURES, CLASSES, 0);
    kept.options.batch_size = 600;
    train(&kept);
    assert_int_equal(kept.steps, 2 * EPOCHS);
    replay(&kept, kept.journal, 1, 2 * EPOCHS);
    end(&kept);
}

static void test_a_replay_can_be_ended(void **state) {
    (void)state;
    struct kept kept;
    begin(&kept, "3 softmax", NULL);
    train(&kept);
    struct shown shown = {&kept, 2, 4};
    assert_ok(nudge_journal_replay(context, kept.journal, kept.data, 2, 9, check_step, &shown, error));
    assert_int_equal(shown.next, 5);
    end(&kept);
}

/* -- places and records -- */

/* Cost and norms of each step's mini-batch, by the trainer step by step. */
static void test_records_are_those_of_the_mini_batches(void **state) {
    (void)state;
    struct kept kept;
    nudge_trainer *trainer = NULL;
    begin(&kept, "4 sigmoid, 3 softmax", NULL);
    kept.options.schedule = NUDGE_SCHEDULE_EXPONENTIAL;
    train(&kept);
    nudge_journal_summary summary = summary_of(kept.journal);
    assert_int_equal(summary.rows, ROWS);
    assert_int_equal(summary.epoch_steps, STEPS);
    assert_int_equal(summary.steps, ALL);
    assert_int_equal(summary.records, ALL);
    assert_int_equal(summary.span, 1);
    assert_ok(nudge_trainer_create(context, kept.net, &kept.options, NULL, 0, &trainer, error));
    size_t seen[ROWS] = {0};
    for (size_t step = 1; step <= ALL; step++) {
        size_t indices[BATCH];
        double norms[2], cost;
        nudge_journal_step place = NUDGE_JOURNAL_STEP;
        nudge_journal_record record = NUDGE_JOURNAL_RECORD;
        place.indices = indices;
        record.norms = norms;
        assert_ok(nudge_journal_place(kept.journal, step, &place, error));
        assert_ok(nudge_journal_read(kept.journal, step - 1, &record, error));
        assert_int_equal(record.first, step);
        assert_int_equal(record.last, step);
        assert_int_equal(place.epoch, (step - 1) / STEPS + 1);
        assert_int_equal(place.step, (step - 1) % STEPS + 1);
        assert_int_equal(place.rows, place.step == STEPS ? ROWS % BATCH : BATCH);
        assert_true(fabs(place.learning_rate - 0.1 * pow(0.5, (double)place.epoch - 1)) < 1e-12);
        for (size_t r = 0; r < place.rows; r++) seen[indices[r]]++;
        assert_ok(nudge_net_set_parameters(kept.net, kept.at[step - 1], kept.parameters, error));
        assert_ok(nudge_trainer_rows(trainer, kept.data, NUDGE_PART_TRAIN, indices, place.rows, error));
        assert_ok(nudge_trainer_forward(trainer, &cost, error));
        assert_ok(nudge_trainer_backward(trainer, error));
        assert_true(fabs(record.cost - cost) <= 1e-6 * cost);
        for (size_t l = 1; l <= 2; l++) {
            nudge_layer layer = NUDGE_LAYER;
            float gradient[MOST];
            double sum = 0;
            nudge_net_layer(kept.net, l, &layer);
            size_t weights = layer.inputs * layer.outputs;
            assert_ok(nudge_trainer_read(trainer, NUDGE_WEIGHT_GRADIENT, l, gradient, weights, error));
            for (size_t i = 0; i < weights; i++) sum += (double)gradient[i] * (double)gradient[i];
            assert_ok(nudge_trainer_read(trainer, NUDGE_BIAS_GRADIENT, l, gradient, layer.outputs, error));
            for (size_t i = 0; i < layer.outputs; i++) sum += (double)gradient[i] * (double)gradient[i];
            assert_true(fabs(norms[l - 1] - sqrt(sum)) <= 1e-6 * sqrt(sum));
        }
    }
    for (size_t r = 0; r < ROWS; r++) assert_int_equal(seen[r], EPOCHS);
    nudge_trainer_free(trainer);
    end(&kept);
}

/* -- what is full -- */

static void test_full_journals_are_thinned_out(void **state) {
    (void)state;
    struct kept kept;
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    options.bytes = 5 * 12 * sizeof(float); /* a snapshot of "3 softmax" has 12 numbers */
    for (size_t every = 0; every <= 7; every++) {
        options.every = every;
        begin(&kept, "3 softmax", &options);
        train(&kept);
        size_t snapshots = check_snapshots(&kept, kept.journal);
        assert_in_range(snapshots, 3, 5);
        replay(&kept, kept.journal, 0, ALL);
        end(&kept);
    }
    options.every = 0;
    options.every_epochs = 2;
    begin(&kept, "3 softmax", &options);
    train(&kept);
    assert_int_equal(check_snapshots(&kept, kept.journal), 3);
    assert_int_equal(summary_of(kept.journal).every, 2 * STEPS);
    end(&kept);
}

/* More steps than there is room for records: each is the mean over its steps. */
static void test_records_are_halved(void **state) {
    (void)state;
    enum { LONG = 70000 };
    nudge_journal *journal = NULL;
    nudge_data *data = small_data(context, 2, 0, 1, 0, 1);
    nudge_net *net = small_net(context, 1, "1");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = 1;
    options.epochs = LONG / 2;
    options.learning_rate = 1e-4;
    assert_ok(nudge_journal_create(context, NULL, &journal, error));
    options.journal = journal;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    nudge_journal_summary summary = summary_of(journal);
    assert_int_equal(summary.steps, LONG);
    assert_int_equal(summary.span, 2);
    assert_int_equal(summary.records, LONG / 2);
    assert_in_range(summary.snapshots, 128, 256);
    double first = 0;
    for (size_t i = 0; i < summary.records; i++) {
        nudge_journal_record record = NUDGE_JOURNAL_RECORD;
        assert_ok(nudge_journal_read(journal, i, &record, error));
        assert_int_equal(record.first, 2 * i + 1);
        assert_int_equal(record.last, 2 * i + 2);
        if (i == 0) first = record.cost;
        if (i + 1 == summary.records) assert_true(record.cost < first);
    }
    nudge_journal_free(journal);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- how trainings end -- */

static void test_trainings_that_are_stopped(void **state) {
    (void)state;
    struct kept kept;
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    options.every = 4;
    begin(&kept, "3 softmax", &options);
    kept.stop_after = 7;
    train(&kept);
    assert_int_equal(summary_of(kept.journal).steps, 7);
    assert_int_equal(check_snapshots(&kept, kept.journal), 3); /* 0, 4, 7 */
    kept.stop_after = 0; /* and a second training begins the journal anew */
    train(&kept);
    assert_int_equal(summary_of(kept.journal).steps, ALL);
    check_snapshots(&kept, kept.journal);
    end(&kept);
}

static void test_trainings_that_diverge_leave_their_journal(void **state) {
    (void)state;
    struct kept kept;
    nudge_error e = {0};
    begin(&kept, "4 relu, 3", NULL);
    kept.options.learning_rate = 1e6;
    kept.options.on_step = NULL;
    expect_error(nudge_train(context, kept.net, kept.data, &kept.options, NULL, &e), NUDGE_DIVERGED, &e,
                 "diverged", NULL);
    nudge_journal_summary summary = summary_of(kept.journal);
    assert_true(summary.snapshots >= 1 && summary.steps < ALL);
    assert_ok(nudge_journal_save(kept.journal, "diverged", error));
    nudge_journal *back = NULL;
    assert_ok(nudge_journal_load(context, "diverged", &back, error));
    nudge_journal_free(back);
    end(&kept);
}

/* -- what is refused -- */

static bool go_on(void *user, size_t step, const nudge_net *net) {
    (void)user, (void)step, (void)net;
    return true;
}

static void test_wrong_calls(void **state) {
    (void)state;
    struct kept kept;
    nudge_error e = {0};
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_journal_step place = NUDGE_JOURNAL_STEP;
    nudge_journal_record record = NUDGE_JOURNAL_RECORD;
    float numbers[MOST];
    options.bytes = 100;
    begin(&kept, "3 softmax", &options);
    expect_error(nudge_journal_describe(kept.journal, &summary, &e), NUDGE_BAD_ARGUMENT, &e, "no training",
                 NULL);
    expect_error(nudge_journal_save(kept.journal, "x", &e), NUDGE_BAD_ARGUMENT, &e, "no training", NULL);
    assert_null(nudge_journal_net(kept.journal));
    expect_error(nudge_train(context, kept.net, kept.data, &kept.options, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "a snapshot takes 48 bytes and all may take 100", NULL);
    end(&kept);
    options.bytes = 1000;
    options.every = 8;
    begin(&kept, "3 softmax", &options);
    train(&kept);
    const nudge_journal *journal = kept.journal;
    expect_error(nudge_journal_snapshot(journal, 4, NULL, NULL, 0, &e), NUDGE_BAD_ARGUMENT, &e,
                 "snapshot 4, expected 0 to 3", NULL);
    expect_error(nudge_journal_snapshot(journal, 0, NULL, numbers, 11, &e), NUDGE_BAD_ARGUMENT, &e,
                 "room for 11", NULL);
    expect_error(nudge_journal_read(journal, ALL, &record, &e), NUDGE_BAD_ARGUMENT, &e, "record 20", NULL);
    expect_error(nudge_journal_place(journal, 0, &place, &e), NUDGE_BAD_ARGUMENT, &e, "step 0", NULL);
    expect_error(nudge_journal_place(journal, ALL + 1, &place, &e), NUDGE_BAD_ARGUMENT, &e,
                 "step 21, expected 1 to 20", NULL);
    expect_error(nudge_journal_replay(context, journal, kept.data, 3, ALL + 1, go_on, NULL, &e),
                 NUDGE_BAD_ARGUMENT, &e, "steps 3 to 21", NULL);
    expect_error(nudge_journal_replay(context, journal, NULL, 3, 3, go_on, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "with the data", NULL);
    assert_ok(nudge_journal_replay(context, journal, NULL, 8, 8, go_on, NULL, error));
    nudge_data *fewer = small_data(context, ROWS - 1, 0, FEATURES, CLASSES, 0);
    expect_error(nudge_journal_replay(context, journal, fewer, 3, 3, go_on, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "22 training rows, but the journal is of a training on 23", NULL);
    nudge_data_free(fewer);
    static float others[ROWS * FEATURES];
    static int32_t labels[ROWS];
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *other = NULL;
    for (size_t i = 0; i < ROWS * FEATURES; i++) others[i] = (float)(i % 7);
    rows.rows = ROWS, rows.features = FEATURES, rows.values = others, rows.labels = labels,
    rows.classes = CLASSES;
    assert_ok(nudge_data_create(context, &rows, NULL, &other, error));
    expect_error(nudge_journal_replay(context, journal, other, 3, 3, go_on, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "is not what the journal's training was on", NULL);
    nudge_data_free(other);
    end(&kept);
}

/* -- the file -- */

static void test_files_give_the_journal_back(void **state) {
    (void)state;
    struct kept kept;
    nudge_journal *back = NULL;
    nudge_train_options before = NUDGE_TRAIN_OPTIONS, after = NUDGE_TRAIN_OPTIONS;
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    options.every = 3;
    begin(&kept, "4 tanh, 3 softmax", &options);
    kept.options.optimizer = NUDGE_OPTIMIZER_ADAM;
    kept.options.schedule = NUDGE_SCHEDULE_ONE_CYCLE;
    kept.options.learning_rate = 0.1 / 3;
    kept.options.seed = UINT64_MAX;
    assert_ok(nudge_net_set_note(kept.net, "remark", "kept", error));
    train(&kept);
    assert_ok(nudge_journal_save(kept.journal, "a", error));
    assert_ok(nudge_journal_load(context, "a", &back, error));
    assert_ok(nudge_journal_save(back, "b", error));
    size_t a_count, b_count;
    unsigned char *a = get_file("a", &a_count), *b = get_file("b", &b_count);
    assert_int_equal(a_count, b_count);
    assert_memory_equal(a, b, a_count);
    nudge_journal_summary one = summary_of(kept.journal), two = summary_of(back);
    assert_string_equal(one.engine, two.engine);
    assert_string_equal(one.precision, two.precision);
    one.engine = one.precision = two.engine = two.precision = NULL;
    assert_memory_equal(&one, &two, sizeof one);
    assert_ok(nudge_journal_training(kept.journal, &before, error));
    assert_ok(nudge_journal_training(back, &after, error));
    assert_true(before.seed == after.seed && before.learning_rate == after.learning_rate);
    assert_true(before.optimizer == after.optimizer && before.schedule == after.schedule);
    assert_string_equal(nudge_net_note(nudge_journal_net(back), "remark"), "kept");
    assert_digest(small_digest_net(nudge_journal_net(back)), small_digest_net(kept.net), "the last snapshot");
    check_snapshots(&kept, back);
    replay(&kept, back, 0, ALL);
    replay(&kept, back, 10, 11);
    nudge_journal_free(back);
    free(a);
    free(b);
    end(&kept);
}

static void test_kinds_of_files_are_told_apart(void **state) {
    (void)state;
    struct kept kept;
    nudge_net *net = NULL;
    nudge_journal *journal = NULL;
    nudge_error e = {0};
    begin(&kept, "3 softmax", NULL);
    train(&kept);
    assert_ok(nudge_journal_save(kept.journal, "journal", error));
    assert_ok(nudge_net_save(kept.net, "model", error));
    expect_error(nudge_net_load(context, "journal", &net, &e), NUDGE_BAD_INPUT, &e,
                 "journal: is a journal of nudge, expected a model", NULL);
    expect_error(nudge_journal_load(context, "model", &journal, &e), NUDGE_BAD_INPUT, &e,
                 "model: is a model of nudge, expected a journal", NULL);
    assert_null(net);
    assert_null(journal);
    end(&kept);
}

static void test_every_damage_is_refused(void **state) {
    (void)state;
    struct kept kept;
    nudge_journal_options options = NUDGE_JOURNAL_OPTIONS;
    options.every = ALL;
    begin(&kept, "3 softmax", &options);
    kept.options.epochs = 1;
    train(&kept);
    assert_ok(nudge_journal_save(kept.journal, "x", error));
    size_t count;
    unsigned char *bytes = get_file("x", &count);
    for (size_t length = 0; length < count; length += 7) {
        nudge_journal *none = NULL;
        nudge_error e = {0};
        put_file("x", bytes, length);
        expect_error(nudge_journal_load(context, "x", &none, &e), NUDGE_BAD_INPUT, &e, "x: ", NULL);
        assert_null(none);
    }
    for (size_t place = 0; place < count; place++) {
        nudge_journal *none = NULL;
        nudge_error e = {0};
        bytes[place] ^= (unsigned char)(1 << place % 8);
        put_file("x", bytes, count);
        expect_error(nudge_journal_load(context, "x", &none, &e), NUDGE_BAD_INPUT, &e, "x: ", NULL);
        assert_null(none);
        bytes[place] ^= (unsigned char)(1 << place % 8);
    }
    free(bytes);
    end(&kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replays_have_the_same_bits),
        cmocka_unit_test(test_replays_of_large_batches),
        cmocka_unit_test(test_a_replay_can_be_ended),
        cmocka_unit_test(test_records_are_those_of_the_mini_batches),
        cmocka_unit_test(test_full_journals_are_thinned_out),
        cmocka_unit_test(test_records_are_halved),
        cmocka_unit_test(test_trainings_that_are_stopped),
        cmocka_unit_test(test_trainings_that_diverge_leave_their_journal),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_files_give_the_journal_back),
        cmocka_unit_test(test_kinds_of_files_are_told_apart),
        cmocka_unit_test(test_every_damage_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
