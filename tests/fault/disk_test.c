/* A disk that is full, slow or broken: this program's own write, read, fsync, close and rename stand in for
 * the C library's, and do as they are told. Whatever fails, the old file stays, nothing is left beside it,
 * and the sentence names the file and the reason. */
#define _GNU_SOURCE
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -- the system -- */

enum { WRITE, READ, FSYNC, CLOSE, RENAME, CALLS };

static struct {
    size_t count[CALLS];   /* calls so far */
    size_t fail_at[CALLS]; /* this one, from 1, fails with `number`; 0: none */
    int number;
    bool slow;      /* one byte at a time, and every second call is interrupted */
    bool shrinking; /* from the read that would fail on there is nothing */
} fault;

static bool fails(int call) {
    bool failing = ++fault.count[call] == fault.fail_at[call];
    if (fault.slow && call != RENAME && call != CLOSE && fault.count[call] % 2 == 0) {
        errno = EINTR;
        return true;
    }
    if (failing) errno = fault.number;
    return failing;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (fails(WRITE)) return -1;
    return (ssize_t)syscall(SYS_write, descriptor, bytes, fault.slow && count ? (size_t)1 : count);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    if (fault.shrinking && fault.fail_at[READ] && fault.count[READ] + 1 >= fault.fail_at[READ]) return 0;
    if (fails(READ)) return -1;
    return (ssize_t)syscall(SYS_read, descriptor, bytes, fault.slow && count ? (size_t)1 : count);
}

int fsync(int descriptor) {
    return fails(FSYNC) ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int close(int descriptor) {
    bool failing = fails(CLOSE);
    int number = errno, result = (int)syscall(SYS_close, descriptor);
    if (failing) errno = number;
    return failing ? -1 : result;
}

int rename(const char *from, const char *to) {
    return fails(RENAME) ? -1 : (int)syscall(SYS_renameat2, -100, from, -100, to, 0); /* AT_FDCWD */
}

/* -- what is tried -- */

static struct accounts accounts;
static nudge_context *context;
static nudge_net *net;
static nudge_data *data;

/* A saved net in "old", another in `net`, a data set in the folder "set", and in `data`. */
static int set_up(void **state) {
    memset(&fault, 0, sizeof fault);
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    if (enter_scratch(state) || mkdir("set", 0777)) return -1;
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    return nudge_net_create(context, 100, "30 sigmoid, 10 softmax", 1, &net, NULL) ||
                   nudge_data_open(context, "./set", NULL, &data, NULL) || nudge_net_save(net, "old", NULL) ||
                   nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, NULL)
               ? -1
               : 0;
}

static int tear_down(void **state) {
    memset(&fault, 0, sizeof fault);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static void begin_fault(int call, size_t at, int number) {
    memset(&fault, 0, sizeof fault);
    fault.fail_at[call] = at;
    fault.number = number;
}

static void end_fault(void) {
    memset(&fault, 0, sizeof fault);
}

static nudge_status save_under(int call, size_t at, int number, nudge_error *error) {
    begin_fault(call, at, number);
    nudge_status status = nudge_net_save(net, "old", error);
    end_fault();
    return status;
}

static void expect_unchanged(const unsigned char *old, size_t size, size_t entries) {
    size_t now;
    unsigned char *bytes = get_file("old", &now);
    assert_int_equal(now, size);
    assert_memory_equal(bytes, old, size);
    assert_int_equal(count_entries("."), entries);
    free(bytes);
}

/* Each call of one kind fails in turn, until the net is saved; returns how many calls that took. */
static size_t each_of(int call, int number, const char *reason) {
    size_t size;
    unsigned char *old = get_file("old", &size);
    size_t n = 1;
    for (;; n++) {
        nudge_error error = {0};
        nudge_status status = save_under(call, n, number, &error);
        if (status == NUDGE_OK) break;
        expect_error(status, NUDGE_IO, &error, "old: ", reason, NULL);
        if (call == FSYNC && n == 2) { /* the folder's, after the rename */
            expect_error(status, NUDGE_IO, &error, "is written, but a power failure may undo that", NULL);
            assert_int_equal(count_entries("."), 2);
            continue;
        }
        expect_unchanged(old, size, 2);
    }
    free(old);
    return n - 1;
}

static void a_write_fails(void **state) {
    (void)state;
    assert_true(each_of(WRITE, ENOSPC, "no space left on the device") > 2);
    assert_int_equal(nudge_net_initialise(net, NUDGE_INIT_DEFAULT, 0, 2, NULL), NUDGE_OK);
    assert_true(each_of(WRITE, EIO, "input/output error") > 2);
}

static void a_sync_fails(void **state) {
    (void)state;
    assert_int_equal(each_of(FSYNC, EIO, "input/output error"), 2); /* the file, and its folder */
}

static void a_rename_fails(void **state) {
    (void)state;
    assert_int_equal(each_of(RENAME, EBUSY, "it is in use"), 1);
}

static void a_close_fails(void **state) {
    (void)state;
    size_t size;
    unsigned char *old = get_file("old", &size);
    nudge_error error = {0};
    expect_error(save_under(CLOSE, 1, EDQUOT, &error), NUDGE_IO, &error, "old: ", "quota", NULL);
    expect_unchanged(old, size, 2);
    free(old);
}

static void a_folder_that_cannot_be_synced_is_let_pass(void **state) {
    (void)state;
    nudge_error error = {0};
    assert_int_equal(save_under(FSYNC, 2, EINVAL, &error),
                     NUDGE_OK); /* the file system knows no such thing */
}

/* One byte at a time, and interrupted: the same file, the same net. */
static void a_slow_system_changes_nothing(void **state) {
    (void)state;
    nudge_error error = {0};
    assert_int_equal(nudge_net_save(net, "quick", &error), NUDGE_OK);
    fault.slow = true;
    assert_int_equal(nudge_net_save(net, "slow", &error), NUDGE_OK);
    nudge_net *back = NULL;
    nudge_status status = nudge_net_load(context, "quick", &back, &error);
    nudge_data *again = NULL;
    nudge_status opened = nudge_data_open(context, "./set", NULL, &again, &error);
    end_fault();
    assert_int_equal(status, NUDGE_OK);
    assert_int_equal(opened, NUDGE_OK);
    size_t m, n;
    unsigned char *quick = get_file("quick", &m), *slow = get_file("slow", &n);
    char one[65], two[65];
    nudge_net_digest(net, one);
    nudge_net_digest(back, two);
    assert_int_equal(m, n);
    assert_memory_equal(quick, slow, m);
    assert_string_equal(one, two);
    assert_int_equal(nudge_data_label(again, NUDGE_PART_TEST, 2), 2);
    free(quick);
    free(slow);
    nudge_net_free(back);
    nudge_data_free(again);
}

/* -- reading -- */

static nudge_status load(nudge_error *error) {
    nudge_net *back = NULL;
    nudge_status status = nudge_net_load(context, "old", &back, error);
    assert_true((back == NULL) == (status != NUDGE_OK));
    nudge_net_free(back);
    return status;
}

static nudge_status open_set(nudge_error *error) {
    nudge_data *again = NULL;
    nudge_status status = nudge_data_open(context, "./set", NULL, &again, error);
    assert_true((again == NULL) == (status != NUDGE_OK));
    nudge_data_free(again);
    return status;
}

static size_t each_read(nudge_status (*run)(nudge_error *error), bool shrinking, const char *fact) {
    for (size_t n = 1;; n++) {
        nudge_error error = {0};
        begin_fault(READ, n, EIO);
        fault.shrinking = shrinking;
        nudge_status status = run(&error);
        bool reached = fault.count[READ] + shrinking >= n;
        end_fault();
        if (status == NUDGE_OK) {
            assert_true(shrinking || !reached);
            return n;
        }
        expect_error(status, shrinking ? NUDGE_BAD_INPUT : NUDGE_IO, &error, fact, NULL);
        if (!shrinking)
            expect_error(status, NUDGE_IO, &error, "cannot be read at byte", "input/output error", NULL);
    }
}

static void a_read_fails(void **state) {
    (void)state;
    assert_true(each_read(load, false, "old: ") > 5);
    assert_true(each_read(open_set, false, "set/") > 4);
}

/* A file that becomes shorter while it is read. */
static void a_file_shrinks(void **state) {
    (void)state;
    assert_true(each_read(load, true, "old: ") > 4);
    assert_true(each_read(open_set, true, "set/") > 4);
}

/* -- the whole set or nothing of it -- */

/* The system lets no file grow beyond a limit: the images, larger than their header, do not fit. */
static void a_set_that_does_not_fit_leaves_the_old_one(void **state) {
    (void)state;
    nudge_data *other = NULL;
    nudge_error error = {0};
    assert_int_equal(mkdir("other", 0777), 0);
    put_small_part("other", "train", 20);
    put_small_part("other", "t10k", 30);
    assert_int_equal(nudge_data_open(context, "./other", NULL, &other, &error), NUDGE_OK);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t limit = 0; limit < 136; limit += 8) { /* the largest file has 16 + 4 * 30 bytes */
        small = before;
        small.rlim_cur = limit;
        setrlimit(RLIMIT_FSIZE, &small);
        nudge_status there = nudge_data_write_idx(other, "set", &error);
        nudge_error second = {0};
        nudge_status fresh = nudge_data_write_idx(other, "fresh", &second);
        setrlimit(RLIMIT_FSIZE, &before);
        expect_error(there, NUDGE_IO, &error, "set/", "larger than allowed", NULL);
        expect_error(fresh, NUDGE_IO, &second, "fresh/", "larger than allowed", NULL);
        assert_int_equal(count_entries("set"), 4);
        assert_int_equal(access("fresh", F_OK), -1);
        nudge_data *same = NULL;
        assert_int_equal(nudge_data_open(context, "./set", NULL, &same, &error), NUDGE_OK);
        assert_int_equal(nudge_data_rows(same, NUDGE_PART_TRAIN), 6);
        nudge_data_free(same);
    }
    assert_int_equal(nudge_data_write_idx(other, "set", &error), NUDGE_OK);
    nudge_data_free(other);
}

static void a_model_that_does_not_fit_leaves_the_old_one(void **state) {
    (void)state;
    size_t size;
    unsigned char *old = get_file("old", &size);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t limit = 0; limit < size; limit += 1001) {
        nudge_error error = {0};
        small = before;
        small.rlim_cur = limit;
        setrlimit(RLIMIT_FSIZE, &small);
        nudge_status status = nudge_net_save(net, "old", &error);
        setrlimit(RLIMIT_FSIZE, &before);
        expect_error(status, NUDGE_IO, &error, "old: ", "larger than allowed", NULL);
        expect_unchanged(old, size, 2);
    }
    free(old);
}

/* -- a table whose rows are kept in a file -- */

enum { NUMBERS = 60000, NUMBER_COLUMNS = 12, NUMBER_BYTES = 2600000 };

static void put_numbers(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned r = 0; r < NUMBERS; r++) {
        for (unsigned c = 0; c < NUMBER_COLUMNS; c++) fprintf(file, "%u,", r * (7 + c) % 31);
        fprintf(file, "%u.5\n", r % 2);
    }
    assert_int_equal(fclose(file), 0);
}

static nudge_status open_numbers(nudge_context *small, nudge_error *error) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    nudge_data *table = NULL;
    options.cache = "rows";
    nudge_status status = nudge_data_open(small, "numbers.csv", &options, &table, error);
    assert_true((table == NULL) == (status != NUDGE_OK));
    assert_true(!table || !nudge_data_in_memory(table, NUDGE_PART_TRAIN));
    nudge_data_free(table);
    return status;
}

/* Rows beside it while they are read, then the file itself: whichever call fails, nothing is left. */
static void a_table_that_cannot_be_kept(void **state) {
    (void)state;
    static const struct {
        int call, number;
        const char *reason;
        size_t least;
    } cases[] = {{WRITE, ENOSPC, "no space left on the device", 30},
                 {FSYNC, EIO, "input/output error", 2},
                 {RENAME, EBUSY, "it is in use", 1}};
    nudge_context_options chosen = NUDGE_CONTEXT_OPTIONS;
    nudge_context *small = NULL;
    chosen.threads = 1;
    chosen.data_memory = NUMBER_BYTES;
    chosen.allocator = counting_allocator(&accounts);
    assert_int_equal(nudge_context_create(&chosen, &small, NULL), NUDGE_OK);
    put_numbers("numbers.csv");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = 1;
        for (;; n++) {
            nudge_error error = {0};
            begin_fault(cases[i].call, n, cases[i].number);
            nudge_status status = open_numbers(small, &error);
            end_fault();
            if (status == NUDGE_OK) break;
            expect_error(status, NUDGE_IO, &error, "rows: ", cases[i].reason, NULL);
            bool renamed = cases[i].call == FSYNC && n == 2; /* then the folder's failed */
            assert_int_equal(count_entries("."), renamed ? 4 : 3);
            if (renamed) unlink("rows");
        }
        assert_true(n > cases[i].least);
        assert_int_equal(count_entries("."), 4);
        unlink("rows");
    }
    nudge_context_free(small);
}

/* -- a journal that grows -- */

struct told {
    size_t written, failed;
};

static void note_written(void *user, size_t step, const nudge_error *error) {
    struct told *told = user;
    (void)step;
    if (error) assert_non_null(strstr(error->message, "grows: "));
    told->written++;
    told->failed += error != NULL;
}

/* Every step of a training is written, as a checkpoint follows it. The journal in the file, read after each step. */
static bool is_readable(void *user, const nudge_progress *progress) {
    size_t *fewest = user;
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_journal *journal = NULL;
    bool failing = fault.fail_at[READ] > 0;
    (void)progress;
    if (failing || access("grows", F_OK)) return true;
    assert_int_equal(nudge_journal_load(context, "grows", &journal, NULL), NUDGE_OK);
    assert_int_equal(nudge_journal_describe(journal, &summary, NULL), NUDGE_OK);
    assert_true(summary.steps >= *fewest);
    *fewest = summary.steps;
    nudge_journal_free(journal);
    return true;
}

static struct told train_under(int call, size_t at, int number) {
    struct told told = {0};
    nudge_net *trained = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_journal_options keeping = NUDGE_JOURNAL_OPTIONS;
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    size_t fewest = 0;
    saving.every_steps = 1;
    keeping.on_written = note_written;
    keeping.user = &told;
    options.batch_size = 2;
    options.epochs = 2;
    options.on_step = is_readable;
    options.user = &fewest;
    assert_int_equal(
        nudge_net_create(context, nudge_data_features(data), "4 tanh, 3 softmax", 1, &trained, NULL),
        NUDGE_OK);
    assert_int_equal(nudge_checkpoint_create(context, "c", &saving, &options.checkpoint, NULL), NUDGE_OK);
    assert_int_equal(nudge_journal_create(context, &keeping, &options.journal, NULL), NUDGE_OK);
    assert_int_equal(nudge_journal_grow(options.journal, "grows", false, NULL), NUDGE_OK);
    begin_fault(call, at, number);
    assert_int_equal(nudge_train(context, trained, data, &options, NULL, NULL), NUDGE_OK);
    bool reached = fault.count[call] >= at;
    end_fault();
    if (!reached) told.written = 0;
    assert_int_equal(is_readable(&fewest, NULL), true);
    if (reached) assert_int_equal(fewest, 6); /* what failed once was written with what came next */
    nudge_journal_free(options.journal);
    nudge_checkpoint_free(options.checkpoint);
    nudge_net_free(trained);
    unlink("grows");
    return told;
}

/* Whatever fails once, the training goes on; what is in the file can be read all the time, and at the end is all of it. */
static void a_journal_that_cannot_be_written_on(void **state) {
    (void)state;
    static const struct {
        int call, number;
        size_t failures; /* at least: others hit the checkpoints */
    } cases[] = {{WRITE, ENOSPC, 20}, {FSYNC, EIO, 5}, {RENAME, EBUSY, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t failures = 0;
        for (size_t at = 1;; at++) {
            struct told told = train_under(cases[i].call, at, cases[i].number);
            if (!told.written) break;
            assert_true(told.failed <= 1);
            failures += told.failed;
        }
        assert_true(failures >= cases[i].failures);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_write_fails),
        TEST(a_sync_fails),
        TEST(a_rename_fails),
        TEST(a_close_fails),
        TEST(a_folder_that_cannot_be_synced_is_let_pass),
        TEST(a_slow_system_changes_nothing),
        TEST(a_read_fails),
        TEST(a_file_shrinks),
        TEST(a_set_that_does_not_fit_leaves_the_old_one),
        TEST(a_model_that_does_not_fit_leaves_the_old_one),
        TEST(a_table_that_cannot_be_kept),
        TEST(a_journal_that_cannot_be_written_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
