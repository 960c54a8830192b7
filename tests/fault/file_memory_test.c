/* Memory that runs out while files are read and written: the first allocation fails, then the second, and so
 * on until the call succeeds (as Lua tests itself). Every failure must be told, and leave no block and no
 * file behind. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alike.h"
#include "support/files.h"
#include "support/foreign.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* One call, with its result freed. */
typedef nudge_status call(void *argument, nudge_error *error);

/* Runs the call with each of its allocations failing in turn; returns how many there were. */
static size_t fail_each(call *run, void *argument) {
    size_t blocks = accounts.live_blocks, bytes = accounts.live_bytes, entries = count_entries(".");
    for (size_t n = 1;; n++) {
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = run(argument, &error);
        accounts.fail_at = 0;
        assert_int_equal(accounts.live_blocks, blocks);
        assert_int_equal(accounts.live_bytes, bytes);
        if (status == NUDGE_OK) return n - 1;
        expect_error(status, NUDGE_NO_MEMORY, &error, "not enough memory", NULL);
        assert_int_equal(count_entries("."), entries);
    }
}

static nudge_status open_it(void *name, nudge_error *error) {
    nudge_data *data = NULL;
    nudge_status status = nudge_data_open(context, name, NULL, &data, error);
    assert_true((data == NULL) == (status != NUDGE_OK));
    nudge_data_free(data);
    return status;
}

static void opening_a_folder(void **state) {
    (void)state;
    assert_int_equal(mkdir("set", 0777), 0);
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    assert_true(fail_each(open_it, "./set") > 12);
    put_gzip("set/train-images-idx3-ubyte.gz", "x", 1);
    size_t count;
    unsigned char *bytes = get_file("set/train-images-idx3-ubyte", &count);
    put_gzip("set/train-images-idx3-ubyte.gz", bytes, count);
    remove("set/train-images-idx3-ubyte");
    free(bytes);
    assert_true(fail_each(open_it, "./set") > 14);
}

static void opening_a_file(void **state) {
    (void)state;
    put_small_part(".", "train", 6);
    assert_true(fail_each(open_it, "train-images-idx3-ubyte") > 8);
}

static void opening_a_known_set(void **state) {
    (void)state;
    put_small_part(".", "train", 6);
    setenv("NUDGE_DATA", ".", 1);
    assert_true(fail_each(open_it, "mnist") > 12);
    unsetenv("NUDGE_DATA");
    setenv("XDG_CACHE_HOME", "/nowhere", 1);
    accounts.allocations = 0;
    accounts.fail_at = 1;
    nudge_error error = {0};
    expect_error(open_it("mnist", &error), NUDGE_NO_MEMORY, &error, "not enough memory", NULL);
    accounts.fail_at = 0;
}

static nudge_status write_it(void *data, nudge_error *error) {
    nudge_status status = nudge_data_write_idx(data, "made", error);
    if (!status) assert_int_equal(system("rm -r made"), 0);
    return status;
}

static void writing_a_set(void **state) {
    (void)state;
    assert_int_equal(mkdir("set", 0777), 0);
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    nudge_data *data = NULL;
    assert_int_equal(nudge_data_open(context, "./set", NULL, &data, NULL), NUDGE_OK);
    assert_true(fail_each(write_it, data) > 20);
    nudge_data_free(data);
}

/* -- models -- */

static nudge_net *small_net(void) {
    nudge_net *net = NULL;
    assert_int_equal(nudge_net_create(context, 3, "2 sigmoid, 2 softmax", 1, &net, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_labels(net, (const char *[]){"zero", "one"}, 2, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "about", "cross-entropy", NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "data", "a set of which the name is longer than others", NULL),
                     NUDGE_OK);
    assert_int_equal(set_alike(net, 0, 1.0f / 255, NULL), NUDGE_OK);
    return net;
}

static nudge_status save_it(void *net, nudge_error *error) {
    return nudge_net_save(net, "model.nudge", error);
}

static nudge_status load_it(void *path, nudge_error *error) {
    nudge_net *net = NULL;
    nudge_status status = nudge_net_load(context, path, &net, error);
    assert_true((net == NULL) == (status != NUDGE_OK));
    nudge_net_free(net);
    return status;
}

static void saving_a_net(void **state) {
    (void)state;
    nudge_net *net = small_net();
    size_t count = fail_each(save_it, net);
    assert_true(count > 6);
    assert_int_equal(count_entries("."), 1);
    nudge_net_free(net);
}

static nudge_status import_it(void *map, nudge_error *error) {
    nudge_net *net = NULL;
    nudge_status status = nudge_net_import(context, "foreign", map, &net, error);
    assert_true((net == NULL) == (status != NUDGE_OK));
    nudge_net_free(net);
    return status;
}

static void importing_a_net(void **state) {
    (void)state;
    static const char json[] = "{" FOREIGN_TENSOR("0.weight", "F32", "2,1", 0, 8) "," FOREIGN_TENSOR(
        "0.bias", "F32", "2", 8, 16) "," FOREIGN_TENSOR("2.weight", "F32", "1,2", 0, 8) "}";
    static const float numbers[4] = {1, 2, 3, 4};
    unsigned char file[512];
    put_file("foreign", file, make_foreign(file, json, numbers, sizeof numbers));
    assert_true(fail_each(import_it, NULL) > 10);
    assert_true(fail_each(import_it, "2") > 7);
}

static void loading_a_net(void **state) {
    (void)state;
    nudge_net *net = small_net();
    assert_int_equal(nudge_net_save(net, "model.nudge", NULL), NUDGE_OK);
    assert_true(fail_each(load_it, "model.nudge") > 12);
    nudge_net_free(net);
}

/* -- journals -- */

static nudge_journal *small_journal(void) {
    static const float values[] = {0, 0.25f, 0.5f}, targets[] = {1, 0.5f, 0};
    nudge_rows rows = NUDGE_ROWS;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_journal *journal = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    rows.rows = 3, rows.features = 1, rows.values = values, rows.targets = targets, rows.target_columns = 1;
    assert_int_equal(nudge_data_create(context, &rows, NULL, &data, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_create(context, 1, "2 tanh, 1", 1, &net, NULL), NUDGE_OK);
    assert_int_equal(nudge_journal_create(context, NULL, &journal, NULL), NUDGE_OK);
    options.momentum = 0.9;
    options.journal = journal;
    assert_int_equal(nudge_train(context, net, data, &options, NULL, NULL), NUDGE_OK);
    nudge_net_free(net);
    nudge_data_free(data);
    return journal;
}

static nudge_status save_journal(void *journal, nudge_error *error) {
    return nudge_journal_save(journal, "run.journal", error);
}

static nudge_status load_journal(void *path, nudge_error *error) {
    nudge_journal *journal = NULL;
    nudge_status status = nudge_journal_load(context, path, &journal, error);
    assert_true((journal == NULL) == (status != NUDGE_OK));
    nudge_journal_free(journal);
    return status;
}

static void saving_a_journal(void **state) {
    (void)state;
    nudge_journal *journal = small_journal();
    assert_true(fail_each(save_journal, journal) > 4);
    assert_int_equal(count_entries("."), 1);
    nudge_journal_free(journal);
}

static void loading_a_journal(void **state) {
    (void)state;
    nudge_journal *journal = small_journal();
    assert_int_equal(nudge_journal_save(journal, "run.journal", NULL), NUDGE_OK);
    assert_true(fail_each(load_journal, "run.journal") > 12);
    nudge_journal_free(journal);
}

static nudge_status take_up(void *path, nudge_error *error) {
    nudge_journal *journal = NULL;
    nudge_status status = nudge_journal_create(context, NULL, &journal, error);
    if (!status) status = nudge_journal_grow(journal, path, true, error);
    nudge_journal_free(journal);
    return status;
}

/* -- checkpoints -- */

static nudge_status load_checkpoint(void *path, nudge_error *error) {
    nudge_checkpoint *checkpoint = NULL;
    nudge_status status = nudge_checkpoint_load(context, path, true, NULL, &checkpoint, error);
    assert_true((checkpoint == NULL) == (status != NUDGE_OK));
    nudge_checkpoint_free(checkpoint);
    return status;
}

/* That one cannot be saved for want of memory is told to on_saved, and does not end the training. */
static void note_saved(void *user, const nudge_progress *progress, const nudge_error *error) {
    (void)progress;
    if (error) assert_int_equal(error->code, NUDGE_NO_MEMORY);
    *(size_t *)user += error == NULL;
}

static void note_written(void *user, size_t step, const nudge_error *error) {
    (void)step;
    if (error) assert_int_equal(error->code, NUDGE_NO_MEMORY);
    *(size_t *)user += error == NULL;
}

/* And a journal, which is written at the first step, and before the checkpoint at the end. */
static nudge_status train_with_checkpoint(void *user, nudge_error *error) {
    static const float values[] = {0, 0.25f, 0.5f, 1}, targets[] = {1, 0.5f, 0.25f, 0};
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    rows.rows = 4, rows.features = 1, rows.values = values, rows.targets = targets, rows.target_columns = 1;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.batch_size = 2;
    options.epochs = 2;
    saving.note = "asked";
    saving.on_saved = note_saved;
    saving.user = user;
    nudge_journal_options keeping = NUDGE_JOURNAL_OPTIONS;
    static size_t written;
    keeping.on_written = note_written;
    keeping.user = &written;
    nudge_status status = nudge_net_create(context, 1, "2 sigmoid, 1", 1, &net, error);
    if (!status) status = nudge_data_create(context, &rows, NULL, &data, error);
    if (!status) status = nudge_checkpoint_create(context, "run", &saving, &options.checkpoint, error);
    if (!status) status = nudge_journal_create(context, &keeping, &options.journal, error);
    if (!status) status = nudge_journal_grow(options.journal, "grown", false, error);
    if (!status) status = nudge_train(context, net, data, &options, NULL, error);
    nudge_journal_free(options.journal);
    nudge_checkpoint_free(options.checkpoint);
    nudge_data_free(data);
    nudge_net_free(net);
    return status;
}

static void a_checkpoint(void **state) {
    (void)state;
    size_t saved = 0, blocks = accounts.live_blocks, ended = 0, n = 0;
    for (bool all = false; !all; n++) {
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = n + 1;
        nudge_status status = train_with_checkpoint(&saved, &error);
        all = accounts.allocations <= n;
        accounts.fail_at = 0;
        assert_int_equal(accounts.live_blocks, blocks);
        assert_true(status == NUDGE_OK || status == NUDGE_NO_MEMORY);
        ended += status == NUDGE_OK;
    }
    assert_true(saved >= 1 && ended > saved); /* some could not be saved, and were trained all the same */
    assert_true(fail_each(load_checkpoint, "run") > 10);
    assert_true(fail_each(load_journal, "grown") > 12);
    assert_true(fail_each(take_up, "grown") > 14);
}

/* -- jansson's memory comes through the context, too -- */

static void *nothing_is_asked_of_the_host(size_t bytes) {
    fail_msg("jansson asked the host for %zu bytes", bytes);
    return NULL;
}

static void jansson_asks_the_context_alone(void **state) {
    (void)state;
    nudge_net *net = small_net();
    nudge_journal *journal = small_journal();
    json_set_alloc_funcs(nothing_is_asked_of_the_host, free);
    assert_int_equal(save_it(net, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_save(net, "model.nudge", NULL), NUDGE_OK);
    assert_int_equal(load_it("model.nudge", NULL), NUDGE_OK);
    assert_int_equal(save_journal(journal, NULL), NUDGE_OK);
    assert_int_equal(nudge_journal_save(journal, "run.journal", NULL), NUDGE_OK);
    assert_int_equal(load_journal("run.journal", NULL), NUDGE_OK);
    json_set_alloc_funcs(malloc, free);
    nudge_journal_free(journal);
    nudge_net_free(net);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(opening_a_folder),
        TEST(opening_a_file),
        TEST(opening_a_known_set),
        TEST(writing_a_set),
        TEST(saving_a_net),
        TEST(loading_a_net),
        TEST(importing_a_net),
        TEST(saving_a_journal),
        TEST(loading_a_journal),
        TEST(a_checkpoint),
        TEST(jansson_asks_the_context_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
