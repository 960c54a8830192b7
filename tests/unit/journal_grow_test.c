/* A journal that is written while the training goes on: at every step its file is the training up to there; cut off anywhere
 * it is the training up to an earlier step; damaged anywhere else it is refused. A training that goes on takes it up, and
 * comes to the same bytes as without a break. */
#define _GNU_SOURCE
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "fuzz/sealed.h"
#include "small.h"

#include <stdio.h>
#include <unistd.h>

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
static char remark[1024]; /* the last one */

static void on_remark(void *user, const char *sentence) {
    (void)user;
    snprintf(remark, sizeof remark, "%s", sentence);
}

static int set_up(void **state) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = 1;
    options.on_remark = on_remark;
    remark[0] = 0;
    if (nudge_context_create(&options, &context, NULL)) return -1;
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state);
}

/* -- trainings: with a checkpoint after every step, before which the journal is written -- */

struct course {
    const char *net;
    nudge_cost cost;
    nudge_train_options options;
    nudge_journal_options journal;
    size_t kept, written, failed; /* files kept; calls of on_written, and of these with an error */
};

static void copy_file(const char *from, const char *to) {
    size_t count;
    unsigned char *bytes = get_file(from, &count);
    put_file(to, bytes, count);
    free(bytes);
}

static const char *name_of(const char *what, size_t step) {
    static char names[4][64];
    static size_t next;
    char *name = names[next++ % 4];
    snprintf(name, sizeof names[0], "%s-%zu", what, step);
    return name;
}

/* As if the training had been killed after this step: its journal and its checkpoint. */
static void keep(void *user, const nudge_progress *progress, const nudge_error *error) {
    struct course *course = user;
    char from[32], to[64];
    assert_null(error);
    size_t step = (progress->epoch - 1) * progress->steps + progress->step;
    if (step == course->kept) return; /* the end once more */
    course->kept = step;
    copy_file("grows", name_of("journal", step));
    snprintf(from, sizeof from, "c.checkpoint-%zu", (step - 1) % 2 + 1);
    snprintf(to, sizeof to, "%s.checkpoint-1", name_of("checkpoint", step));
    copy_file(from, to);
}

static void count_written(void *user, size_t step, const nudge_error *error) {
    struct course *course = user;
    course->written++;
    course->failed += error != NULL;
    if (!error) assert_true(step >= course->kept);
}

static struct course a_course(const char *net) {
    struct course course = {.net = net, .options = NUDGE_TRAIN_OPTIONS, .journal = NUDGE_JOURNAL_OPTIONS};
    course.options.batch_size = BATCH;
    course.options.epochs = EPOCHS;
    course.options.seed = 7;
    course.journal.on_written = count_written;
    return course;
}

static nudge_journal *make_journal(struct course *course, const char *path, bool go_on) {
    nudge_journal *journal = NULL;
    course->journal.user = course;
    assert_ok(nudge_journal_create(context, &course->journal, &journal, error));
    if (path) assert_ok(nudge_journal_grow(journal, path, go_on, error));
    return journal;
}

static nudge_status train(struct course *course, nudge_journal *journal, nudge_checkpoint *checkpoint,
                          nudge_error *error) {
    nudge_data *data = small_data(context, ROWS, 4, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, course->net);
    assert_int_equal(nudge_net_set_cost(net, course->cost, 1, NULL), NUDGE_OK);
    course->options.journal = journal;
    course->options.checkpoint = checkpoint;
    nudge_status status = nudge_train(context, net, data, &course->options, NULL, error);
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

/* Leaves the journal of an undisturbed training in "whole", and journal-K and checkpoint-K.checkpoint-1 of every step. */
static void train_and_keep(struct course *course) {
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    nudge_checkpoint *checkpoint = NULL;
    nudge_journal *plain = make_journal(course, NULL, false), *grows = make_journal(course, "grows", false);
    assert_ok(train(course, plain, NULL, error));
    assert_ok(nudge_journal_save(plain, "whole", error));
    saving.every_steps = 1;
    saving.on_saved = keep;
    saving.user = course;
    assert_ok(nudge_checkpoint_create(context, "c", &saving, &checkpoint, error));
    course->kept = 0;
    assert_ok(train(course, grows, checkpoint, error));
    assert_int_equal(course->kept, ALL);
    assert_true(course->written >= ALL && course->failed == 0);
    assert_ok(nudge_journal_save(grows, "grows", error));
    nudge_checkpoint_free(checkpoint);
    nudge_journal_free(plain);
    nudge_journal_free(grows);
}

static void expect_same_files(const char *a, const char *b) {
    size_t m, n;
    unsigned char *one = get_file(a, &m), *two = get_file(b, &n);
    assert_int_equal(m, n);
    assert_memory_equal(one, two, m);
    free(one);
    free(two);
}

static nudge_journal *load(const char *path) {
    nudge_journal *journal = NULL;
    assert_ok(nudge_journal_load(context, path, &journal, error));
    return journal;
}

static nudge_journal_summary summary_of(const nudge_journal *journal) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    assert_ok(nudge_journal_describe(journal, &summary, error));
    return summary;
}

/* -- what is in the file -- */

/* All that `part` has stands in `whole`, too; both have a record for every step. */
static void expect_part_of(const nudge_journal *part, const nudge_journal *whole) {
    nudge_journal_summary a = summary_of(part), b = summary_of(whole);
    float one[MOST], two[MOST];
    size_t parameters = nudge_net_parameters(nudge_journal_net(part)), step, other;
    for (size_t i = 0, k = 0; i < a.snapshots; i++) {
        assert_ok(nudge_journal_snapshot(part, i, &step, one, parameters, error));
        do assert_ok(nudge_journal_snapshot(whole, k++, &other, two, parameters, error));
        while (other < step);
        assert_int_equal(step, other);
        assert_memory_equal(one, two, parameters * sizeof *one);
    }
    assert_int_equal(a.records, a.steps);
    assert_int_equal(b.records, b.steps);
    for (size_t i = 0; i < a.records; i++) {
        double m[2], n[2];
        nudge_journal_record x = NUDGE_JOURNAL_RECORD, y = NUDGE_JOURNAL_RECORD;
        x.norms = m, y.norms = n;
        assert_ok(nudge_journal_read(part, i, &x, error));
        assert_ok(nudge_journal_read(whole, i, &y, error));
        assert_true(x.first == y.first && x.last == y.last && x.cost == y.cost && m[0] == n[0] &&
                    m[1] == n[1]);
    }
}

static bool go_on(void *user, size_t step, const nudge_net *net) {
    (void)net;
    *(size_t *)user = step;
    return true;
}

static void test_every_step_is_in_the_file(void **state) {
    (void)state;
    struct course course = a_course("3 tanh, batch-norm, 3 softmax");
    course.options.optimizer = NUDGE_OPTIMIZER_ADAM;
    course.journal.every = 2;
    nudge_data *data = small_data(context, ROWS, 4, FEATURES, CLASSES, 0);
    train_and_keep(&course);
    expect_same_files("grows", "whole");
    nudge_journal *whole = load("whole");
    assert_false(summary_of(whole).unfinished);
    assert_string_equal(remark, "");
    for (size_t step = 1; step <= ALL; step++) {
        nudge_journal *part = load(name_of("journal", step));
        nudge_journal_summary summary = summary_of(part);
        assert_int_equal(summary.steps, step);
        assert_int_equal(summary.snapshots, 1 + step / 2);
        assert_true(summary.unfinished);
        assert_non_null(strstr(remark, "the journal ends at step"));
        assert_non_null(strstr(remark, "its training was killed"));
        expect_part_of(part, whole);
        size_t shown = 0;
        assert_ok(nudge_journal_replay(context, part, data, 0, step, go_on, &shown, error));
        assert_int_equal(shown, step);
        assert_ok(nudge_journal_save(part, "again", error)); /* and then it is a journal like others */
        nudge_journal *again = load("again");
        expect_part_of(again, whole);
        assert_false(summary_of(again).unfinished);
        nudge_journal_free(again);
        nudge_journal_free(part);
    }
    nudge_journal_free(whole);
    nudge_data_free(data);
}

static bool look_on(void *user, const nudge_progress *progress) {
    nudge_journal *journal = load("grows");
    (void)user;
    (void)progress;
    assert_int_equal(summary_of(journal).steps, 1); /* what was written less than a second ago */
    assert_non_null(strstr(remark, "grows: so far, the journal goes to step 1: its training still goes on"));
    nudge_journal_free(journal);
    return progress->step < 4;
}

/* Written at the first step, which replaces what was there; then when a second has passed, and at the end. */
static void test_who_looks_on_is_told(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    put_file("grows", "old", 3);
    nudge_journal *journal = make_journal(&course, "grows", false);
    size_t count;
    free(get_file("grows", &count));
    assert_int_equal(count, 3); /* not yet */
    course.options.on_step = look_on;
    assert_ok(train(&course, journal, NULL, error));
    assert_int_equal(course.written, 2);
    nudge_journal *back = load("grows");
    assert_int_equal(summary_of(back).steps, 4);
    nudge_journal_free(back);
    nudge_journal_free(journal);
    assert_int_equal(count_entries("."), 1);
}

/* -- taken up -- */

static nudge_status take_up(struct course *course, size_t checkpoint_step, const char *path, nudge_error *e) {
    nudge_checkpoint *checkpoint = NULL;
    copy_file(path, "taken");
    assert_ok(nudge_checkpoint_load(context, name_of("checkpoint", checkpoint_step), false, NULL, &checkpoint,
                                    error));
    nudge_journal *journal = make_journal(course, "taken", true);
    course->kept = 0;
    nudge_status status = train(course, journal, checkpoint, e);
    if (!status) assert_ok(nudge_journal_save(journal, "taken", error));
    nudge_checkpoint_free(checkpoint);
    nudge_journal_free(journal);
    return status;
}

static void check_taking_up(struct course *course, size_t distance) {
    train_and_keep(course);
    expect_same_files("grows", "whole");
    for (size_t step = 1; step <= ALL; step += distance) {
        const size_t reach[] = {step + step % 4, ALL};
        for (size_t r = 0; r < 2; r++) {
            if (reach[r] > ALL) continue;
            char path[64], end[64];
            snprintf(path, sizeof path, "%s", name_of("journal", reach[r]));
            snprintf(end, sizeof end, "%s.checkpoint-1", name_of("checkpoint", step));
            copy_file(end, "kept");
            assert_ok(take_up(course, step, path, error));
            expect_same_files("taken", "whole");
            copy_file("kept", end); /* the training has gone on with it */
            end[strlen(end) - 1] = '2';
            unlink(end);
        }
    }
    nudge_error e = {0};
    expect_error(take_up(course, ALL / 2, name_of("journal", ALL / 2 - 1), &e), NUDGE_BAD_ARGUMENT, &e,
                 "the journal ends at step 9, but the training goes on from step 10", NULL);
    expect_same_files("taken", name_of("journal", ALL / 2 - 1)); /* refused, and untouched */
}

static void test_from_every_step_on(void **state) {
    (void)state;
    struct course course = a_course("3 tanh, batch-norm, dropout 0.2, 3 softmax");
    course.options.optimizer = NUDGE_OPTIMIZER_ADAM;
    course.journal.every = 3;
    check_taking_up(&course, 1);
}

/* Whatever was thinned out before the break, and is after it. */
static void test_what_is_thinned_out_is_taken_up(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    course.options.momentum = 0.9;
    course.journal.bytes = 5 * 2 * 12 * sizeof(float); /* five snapshots of two vectors of 12 numbers */
    check_taking_up(&course, 3);
}

static bool stop_at_66001(void *user, const nudge_progress *progress) {
    (void)user;
    return (progress->epoch - 1) * progress->steps + progress->step < 66001;
}

/* A file without the sums of its last record, as there were: it can be read, but not taken up. */
static void expect_not_taken_up(struct course *course, nudge_checkpoint *checkpoint) {
    static const char key[] = "\"rest.0\"";
    size_t count, place = 0;
    nudge_error e = {0};
    unsigned char *bytes = get_file("taken", &count);
    while (memcmp(bytes + place, key, sizeof key - 1)) assert_true(++place < 5000);
    bytes[place + 2] = 'u';
    seal(bytes, count);
    put_file("old", bytes, count);
    free(bytes);
    nudge_journal *journal = make_journal(course, "old", true);
    assert_int_equal(summary_of(journal).steps, 66001);
    expect_error(train(course, journal, checkpoint, &e), NUDGE_BAD_ARGUMENT, &e, "of an earlier nudge", NULL);
    nudge_journal_free(journal);
}

/* A record of two steps of which one was made before the break. */
static void test_half_a_record_is_taken_up(void **state) {
    (void)state;
    struct course course = a_course("3 sigmoid");
    nudge_checkpoint *checkpoint = NULL;
    course.options.epochs = 70000 / 2;
    course.options.batch_size = (ROWS + 1) / 2;
    course.cost = NUDGE_COST_QUADRATIC;
    course.options.evaluate_test = false;
    nudge_journal *whole = make_journal(&course, NULL, false),
                  *journal = make_journal(&course, "taken", false);
    assert_ok(train(&course, whole, NULL, error));
    assert_ok(nudge_journal_save(whole, "whole", error));
    assert_int_equal(summary_of(whole).span, 2);
    assert_ok(nudge_checkpoint_create(context, "c", NULL, &checkpoint, error));
    course.options.on_step = stop_at_66001;
    assert_ok(train(&course, journal, checkpoint, error));
    nudge_checkpoint_free(checkpoint);
    course.options.on_step = NULL;
    for (int saved = 0; saved < 2; saved++) {
        /* from the file that grew, and from the one that was saved at the end */
        if (saved) assert_ok(nudge_journal_save(journal, "taken", error));
        copy_file("c.checkpoint-1", "d.checkpoint-1");
        unlink("d.checkpoint-2");
        assert_ok(nudge_checkpoint_load(context, "d", false, NULL, &checkpoint, error));
        nudge_journal *again = make_journal(&course, "taken", true);
        assert_int_equal(summary_of(again).steps, 66001);
        assert_int_equal(summary_of(again).unfinished, !saved);
        assert_ok(train(&course, again, checkpoint, error));
        assert_ok(nudge_journal_save(again, "end", error));
        expect_same_files("end", "whole");
        nudge_checkpoint_free(checkpoint);
        nudge_journal_free(again);
    }
    copy_file("c.checkpoint-1", "d.checkpoint-1");
    unlink("d.checkpoint-2");
    assert_ok(nudge_checkpoint_load(context, "d", false, NULL, &checkpoint, error));
    assert_ok(nudge_journal_save(journal, "taken", error));
    expect_not_taken_up(&course, checkpoint);
    nudge_checkpoint_free(checkpoint);
    nudge_journal_free(whole);
    nudge_journal_free(journal);
}

/* More epochs than were asked for at first. */
static void test_epochs_may_grow(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    train_and_keep(&course);
    course.options.epochs = EPOCHS + 2;
    nudge_journal *longer = make_journal(&course, NULL, false);
    assert_ok(train(&course, longer, NULL, error));
    assert_ok(nudge_journal_save(longer, "longer", error));
    assert_ok(take_up(&course, ALL, "whole", error));
    expect_same_files("taken", "longer");
    nudge_journal_free(longer);
}

static void expect_refused(struct course course, const char *fact) {
    nudge_error e = {0};
    expect_error(take_up(&course, 8, "journal-9", &e), NUDGE_BAD_ARGUMENT, &e, fact, NULL);
}

static void test_another_training_is_refused(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    course.journal.every = 3;
    nudge_error e = {0};
    train_and_keep(&course);
    course.journal.every = 2;
    expect_refused(course, "a snapshot every 3 steps");
    course.journal.every = 3;
    course.options.epochs = 2;
    assert_ok(take_up(&course, 8, "journal-9", error));
    expect_error(take_up(&course, 7, "journal-12", &e), NUDGE_BAD_ARGUMENT, &e,
                 "the journal has 12 steps, but 2 epochs are 10", NULL);
    course.options.epochs = EPOCHS;
    struct course other = a_course("3 softmax");
    other.options.learning_rate = 0.5;
    nudge_journal *journal = make_journal(&other, "other", false);
    assert_ok(train(&other, journal, NULL, error));
    nudge_journal_free(journal);
    expect_error(take_up(&course, 8, "other", &e), NUDGE_BAD_ARGUMENT, &e,
                 "learning_rate was \"0.5\", and is \"0.1\" now", NULL);
    other = a_course("3 tanh, 3 softmax");
    journal = make_journal(&other, "other", false);
    assert_ok(train(&other, journal, NULL, error));
    nudge_journal_free(journal);
    expect_error(take_up(&course, 8, "other", &e), NUDGE_BAD_ARGUMENT, &e,
                 "of \"3 tanh, 3 softmax\" on 23 rows", NULL);
    journal = make_journal(&course, NULL, false);
    nudge_checkpoint *checkpoint = NULL;
    assert_ok(nudge_checkpoint_load(context, "checkpoint-7", false, NULL, &checkpoint, error));
    expect_error(train(&course, journal, checkpoint, &e), NUDGE_BAD_ARGUMENT, &e, "has no training in it",
                 NULL);
    expect_error(nudge_journal_grow(journal, "none", true, &e), NUDGE_BAD_INPUT, &e, "none: ", NULL);
    nudge_checkpoint_free(checkpoint);
    nudge_journal_free(journal);
}

/* -- damage -- */

static size_t steps_of(const char *path) {
    nudge_journal *journal = load(path);
    size_t steps = summary_of(journal).steps;
    nudge_journal_free(journal);
    return steps;
}

static void put_and_expect(const unsigned char *bytes, size_t count, size_t steps) {
    put_file("x", bytes, count);
    assert_int_equal(steps_of("x"), steps);
}

static void expect_damage(const unsigned char *bytes, size_t count, const char *fact) {
    nudge_journal *none = NULL;
    nudge_error error = {0};
    put_file("x", bytes, count);
    expect_error(nudge_journal_load(context, "x", &none, &error), NUDGE_BAD_INPUT, &error, "x: ", fact, NULL);
    assert_null(none);
}

/* Where the block of step K begins: each was written alone. */
static size_t place_of(size_t step) {
    size_t size;
    free(get_file(name_of("journal", step - 1), &size));
    return size;
}

static void test_torn_and_damaged_files(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    course.journal.every = 4;
    train_and_keep(&course);
    size_t count, last = place_of(9), before = place_of(8), first = place_of(2);
    unsigned char *bytes = get_file("journal-9", &count);
    for (size_t size = 0; size < count; size++) /* cut off */
        if (size < first)
            expect_damage(bytes, size, "");
        else if (size >= before)
            put_and_expect(bytes, size, size < last ? 7 + (size >= last) : 8);
        else if (size % 13 == 0)
            assert_in_range((put_file("x", bytes, size), steps_of("x")), 1, 7);
    for (size_t i = 0; i < count; i++) { /* one bit */
        bytes[i] ^= (unsigned char)(1 << i % 8);
        if (i < first)
            expect_damage(bytes, count, "");
        else if (i < last)
            expect_damage(bytes, count, "is damaged: the block that begins at byte");
        else {
            nudge_journal *journal = NULL;
            nudge_error error = {0};
            put_file("x", bytes, count);
            nudge_status status = nudge_journal_load(context, "x", &journal, &error);
            if (status) /* its head */
                expect_error(status, NUDGE_BAD_INPUT, &error, "is damaged", "after step 8", NULL);
            else
                assert_int_equal(summary_of(journal).steps, 8);
            nudge_journal_free(journal);
        }
        bytes[i] ^= (unsigned char)(1 << i % 8);
    }
    for (size_t i = last; i < count; i++) bytes[i] = 0; /* what a power failure leaves */
    put_and_expect(bytes, count, 8);
    bytes[count - 1] = 1;
    expect_damage(bytes, count, "after step 8");
    free(bytes);
    bytes = get_file("journal-9", &count);
    memmove(bytes + before, bytes + last, count - last); /* a block is missing */
    expect_damage(bytes, count - (last - before), "after step 7");
    free(bytes);
    bytes = get_file("whole", &count); /* a whole one has nothing behind it */
    bytes = realloc(bytes, count + 64);
    memset(bytes + count, 0, 64);
    expect_damage(bytes, count + 64, "is damaged");
    free(bytes);
}

/* -- devices -- */

static void test_a_device_does_not_grow(void **state) {
    (void)state;
    struct course course = a_course("3 softmax");
    nudge_journal *journal = make_journal(&course, "/dev/null", false);
    assert_ok(train(&course, journal, NULL, error));
    assert_int_equal(course.written, 0);
    assert_ok(nudge_journal_save(journal, "/dev/null", error));
    nudge_journal_free(journal);
    journal = make_journal(&course, "none/x", false); /* and what cannot be written is told */
    assert_ok(train(&course, journal, NULL, error));
    assert_true(course.written >= 1 && course.failed == course.written);
    nudge_journal_free(journal);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_step_is_in_the_file),   TEST(test_who_looks_on_is_told),
        TEST(test_from_every_step_on),          TEST(test_what_is_thinned_out_is_taken_up),
        TEST(test_half_a_record_is_taken_up),   TEST(test_epochs_may_grow),
        TEST(test_another_training_is_refused), TEST(test_torn_and_damaged_files),
        TEST(test_a_device_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
