/* Tables larger than the memory they may take: the same bits as in memory; their rows in a file, which is used again, made
 * anew when it is of other bytes or options or was damaged, and never half there. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/data.h"
#include "support/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* 60,000 rows of 33 features are 7.9 MB; what is read ahead takes 5.4 MB. */
enum { ROWS = 60000, CATEGORIES = 30, LIMIT = 6500000, PLENTY = 100000000 };

static struct accounts accounts;
static nudge_data_options options;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    if (enter_scratch(state)) return -1;
    char folder[4096];
    assert_non_null(getcwd(folder, sizeof folder - 10));
    strcat(folder, "/cache");
    return setenv("XDG_CACHE_HOME", folder, 1);
}

static int tear_down(void **state) {
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static nudge_context *context_with(size_t memory) {
    nudge_context_options chosen = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    chosen.threads = 2;
    chosen.data_memory = memory;
    chosen.engine = NUDGE_ENGINE_PORTABLE;
    chosen.allocator = counting_allocator(&accounts);
    assert_int_equal(nudge_context_create(&chosen, &context, NULL), NUDGE_OK);
    return context;
}

/* -- the table -- */

static uint32_t mixed(size_t row, size_t column) {
    uint64_t x = row * 0x9E3779B97F4A7C15u + column * 0xD1B54A32D192ED03u + 1;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    return (uint32_t)(x ^ x >> 27) >> 3;
}

/* Names, a number that is sometimes missing, a number, one of 30 categories, a weight, and one of three classes or of two
 * numbers. */
static void put_table(const char *path, size_t rows, size_t salt) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("name,a,b,c,w,t,k\n", file);
    for (size_t r = salt; r < rows + salt; r++) {
        fprintf(file, "r%zu,", r % 1000);
        if (mixed(r, 0) % 20) fprintf(file, "%u.5", mixed(r, 1) % 100);
        fprintf(file, ",%u,c%u,%u,", mixed(r, 2) % 1000, mixed(r, 3) % CATEGORIES, 1 + mixed(r, 4) % 3);
        fprintf(file, "%u.25,%s\n", mixed(r, 5) % 10,
                mixed(r, 3) % 3   ? "yes"
                : mixed(r, 2) % 2 ? "no"
                                  : "perhaps");
    }
    assert_int_equal(fclose(file), 0);
}

static nudge_data *opened(nudge_context *context, const char *name) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static bool has_remark(const nudge_data *data, const char *text) {
    const char *remark;
    for (size_t i = 0; (remark = nudge_data_remark(data, i)); i++)
        if (strstr(remark, text)) return true;
    return false;
}

/* The only file of rows that there is; "" when there is none, or several. */
static const char *cache_file(void) {
    static char path[600];
    size_t count = 0;
    DIR *entries = opendir("cache/nudge/tables");
    *path = 0;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (*entry->d_name == '.') continue;
        snprintf(path, sizeof path, "cache/nudge/tables/%s", entry->d_name);
        count++;
    }
    if (entries) closedir(entries);
    if (count != 1) *path = 0;
    return path;
}

/* -- the same set -- */

static void expect_same_part(const nudge_data *a, const nudge_data *b, nudge_part part) {
    size_t features = nudge_data_features(a), targets = nudge_data_targets(a);
    float *x = malloc(2 * features * sizeof *x), *y = malloc(2 * targets * sizeof *y);
    assert_int_equal(nudge_data_rows(a, part), nudge_data_rows(b, part));
    for (size_t r = 0; r < nudge_data_rows(a, part); r++) {
        assert_int_equal(nudge_data_row(a, part, r, x, y, NULL), NUDGE_OK);
        assert_int_equal(nudge_data_row(b, part, r, x + features, y + targets, NULL), NUDGE_OK);
        if (memcmp(x, x + features, features * sizeof *x) || memcmp(y, y + targets, targets * sizeof *y))
            fail_msg("part %d, row %zu", part, r);
        const char *one = nudge_data_id(a, part, r), *two = nudge_data_id(b, part, r);
        assert_true(!one == !two && (!one || strcmp(one, two) == 0));
        const float *v = a->parts[part].block->weights, *w = b->parts[part].block->weights;
        assert_true(!v == !w &&
                    (!v || v[data_part_row(&a->parts[part], r)] == w[data_part_row(&b->parts[part], r)]));
    }
    free(x);
    free(y);
}

static void expect_same(const nudge_data *a, const nudge_data *b) {
    assert_int_equal(nudge_data_features(a), nudge_data_features(b));
    assert_int_equal(nudge_data_classes(a), nudge_data_classes(b));
    assert_int_equal(nudge_data_targets(a), nudge_data_targets(b));
    assert_int_equal(a->unlabelled, b->unlabelled);
    assert_true(nudge_data_test_share(a) == nudge_data_test_share(b));
    assert_int_equal(a->columns->count, b->columns->count);
    for (size_t i = 0; i < nudge_data_classes(a); i++)
        assert_string_equal(nudge_data_label_name(a, i), nudge_data_label_name(b, i));
    size_t i = 0;
    for (; nudge_data_remark(a, i); i++)
        assert_string_equal(nudge_data_remark(a, i), nudge_data_remark(b, i));
    assert_non_null(strstr(nudge_data_remark(b, i), "rows are kept in "));
    for (int part = 0; part < 3; part++) expect_same_part(a, b, (nudge_part)part);
}

static void train(nudge_context *context, const nudge_data *data, char digest[65]) {
    nudge_net *net = NULL;
    nudge_train_options how = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_error error = {0};
    char layers[60];
    snprintf(layers, sizeof layers, "5 tanh, %zu %s", nudge_data_targets(data),
             nudge_data_classes(data) ? "softmax" : "identity");
    how.batch_size = 100;
    how.epochs = 1;
    assert_int_equal(nudge_net_create(context, nudge_data_features(data), layers, 1, &net, NULL), NUDGE_OK);
    if (nudge_train(context, net, data, &how, &result, &error)) fail_msg("%s", error.message);
    nudge_net_digest(net, digest);
    nudge_net_free(net);
}

/* In memory, from a file that is made, and from one that is there. */
static void expect_same_bits(const char *name) {
    nudge_context *large = context_with(PLENTY), *small = context_with(LIMIT);
    nudge_data *all = opened(large, name);
    char expected[65], digest[65];
    train(large, all, expected);
    assert_true(nudge_data_in_memory(all, NUDGE_PART_TRAIN));
    for (int time = 0; time < 2; time++) {
        nudge_data *data = opened(small, name);
        assert_false(nudge_data_in_memory(data, NUDGE_PART_TRAIN));
        expect_same(all, data);
        train(small, data, digest);
        assert_string_equal(digest, expected);
        nudge_data_free(data);
    }
    nudge_data_free(all);
    nudge_context_free(large);
    nudge_context_free(small);
}

static void the_same_bits(void **state) {
    (void)state;
    put_table("t.csv", ROWS, 0);
    options.ignore = "t";
    options.id = "name";
    options.weight = "w";
    options.test_split = 0.2;
    options.validation_split = 0.1;
    expect_same_bits("t.csv");
    assert_int_equal(count_entries("cache/nudge/tables"), 1);
    assert_non_null(strstr(cache_file(), "/t.csv-"));
}

/* What a column's categories are depends on the part that is drawn; rare ones become one. */
static void the_same_bits_of_other_readings(void **state) {
    (void)state;
    put_table("t.csv", ROWS, 0);
    put_table("test.csv", 900, 5000);
    options.target = "b,t";
    options.missing = NUDGE_MISSING_DROP;
    options.ignore = "name,w";
    options.test_file = "test.csv";
    expect_same_bits("t.csv");
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    options.target = "k";
    options.categorical = "t";
    options.rare = 1000;
    options.ignore = "name";
    options.test_split = 0.5;
    expect_same_bits("t.csv");
}

/* The columns of a net that is there, and rows without a target. */
static void the_same_bits_of_known_columns(void **state) {
    (void)state;
    nudge_context *context = context_with(PLENTY);
    nudge_net *net = NULL;
    nudge_train_options how = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    put_table("first.csv", 2000, 0);
    options.ignore = "name,t";
    nudge_data *data = opened(context, "first.csv");
    how.epochs = 1;
    assert_int_equal(nudge_net_create(context, nudge_data_features(data), "3 softmax", 1, &net, NULL),
                     NUDGE_OK);
    assert_int_equal(nudge_train(context, net, data, &how, &result, NULL), NUDGE_OK);
    nudge_data_free(data);
    put_table("t.csv", ROWS, 0);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    options.net = net;
    expect_same_bits("t.csv");
    options.unlabelled = true;
    nudge_context *small = context_with(LIMIT);
    nudge_data *all = opened(context, "t.csv"), *kept = opened(small, "t.csv");
    expect_same(all, kept);
    nudge_data_free(all);
    nudge_data_free(kept);
    nudge_context_free(small);
    nudge_net_free(net);
    nudge_context_free(context);
}

/* A column that turns out to be of no use: its rows went to the spill, and the rest fits. */
static void a_table_that_fits_at_last(void **state) {
    (void)state;
    FILE *file = fopen("t.csv", "w");
    assert_non_null(file);
    fputs("a,b,c,k\n", file);
    for (size_t r = 0; r < ROWS; r++) fprintf(file, "%u,,,%u\n", mixed(r, 1) % 100, mixed(r, 2) % 2);
    assert_int_equal(fclose(file), 0);
    nudge_context *large = context_with(PLENTY), *small = context_with(500000);
    nudge_data *all = opened(large, "t.csv"), *data = opened(small, "t.csv");
    assert_true(nudge_data_in_memory(data, NUDGE_PART_TRAIN) && nudge_data_features(data) == 1);
    expect_same_part(all, data, NUDGE_PART_TRAIN);
    nudge_data_free(all);
    nudge_data_free(data);
    nudge_context_free(large);
    nudge_context_free(small);
}

/* Any values of a block, not rows alone. */
static void parts_of_rows(void **state) {
    (void)state;
    put_table("t.csv", ROWS, 0);
    options.ignore = "name,t,w";
    options.test_split = 0.1;
    nudge_context *large = context_with(PLENTY), *small = context_with(LIMIT);
    nudge_data *all = opened(large, "t.csv"), *data = opened(small, "t.csv");
    enum { MOST = 5000 };
    static float values[2][MOST];
    size_t total = all->test.rows * all->features;
    assert_true(all->features == 33 && data->test.source && !all->test.source);
    for (size_t i = 0; i < 3000; i++) {
        size_t first = mixed(i, 7) % total, count = mixed(i, 8) % (i % 3 ? 80 : MOST);
        if (count > total - first) count = total - first;
        assert_int_equal(data_read(all, &all->test, first, count, values[0], NULL), NUDGE_OK);
        assert_int_equal(data_read(data, &data->test, first, count, values[1], NULL), NUDGE_OK);
        assert_memory_equal(values[0], values[1], count * sizeof **values);
    }
    nudge_data_free(all);
    nudge_data_free(data);
    nudge_context_free(large);
    nudge_context_free(small);
}

/* -- the file -- */

/* Opens the table; whether the file of rows was made by that. */
static bool makes_file(nudge_context *context, const char *name, const char *remark) {
    struct stat before = {0}, after = {0};
    char path[600];
    snprintf(path, sizeof path, "%s", options.cache ? options.cache : cache_file());
    stat(path, &before);
    nudge_data *data = opened(context, name);
    assert_false(nudge_data_in_memory(data, NUDGE_PART_TRAIN));
    if (remark && !has_remark(data, remark)) fail_msg("no remark on %s", remark);
    if (!remark) assert_false(has_remark(data, "made anew"));
    nudge_data_free(data);
    snprintf(path, sizeof path, "%s", options.cache ? options.cache : cache_file());
    assert_int_equal(stat(path, &after), 0);
    return before.st_ino != after.st_ino;
}

static void set_time(const char *path, time_t seconds) {
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void a_source_that_changes(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    options.ignore = "name,t,w";
    options.cache = "rows";
    put_table("t.csv", ROWS, 0);
    set_time("t.csv", 1000000);
    assert_true(makes_file(context, "t.csv", NULL));
    assert_false(makes_file(context, "t.csv", NULL));
    assert_false(makes_file(context, "./t.csv", NULL));
    set_time("t.csv", 2000000); /* touched, but the same */
    assert_false(makes_file(context, "t.csv", NULL));
    size_t size;
    unsigned char *bytes = get_file("t.csv", &size);
    unsigned char *five = (unsigned char *)strstr((char *)bytes + size / 2, ".5,");
    five[1] = '7';
    put_file("t.csv", bytes, size);
    set_time("t.csv", 3000000); /* of the same size */
    assert_true(makes_file(context, "t.csv", NULL));
    assert_false(makes_file(context, "t.csv", NULL));
    put_table("t.csv", ROWS + 1, 0);
    set_time("t.csv", 3000000); /* of the same time */
    assert_true(makes_file(context, "t.csv", NULL));
    free(bytes);
    nudge_context_free(context);
}

static void other_options_are_another_file(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    put_table("t.csv", ROWS, 0);
    options.ignore = "name,t,w";
    options.seed = 5; /* of nothing */
    nudge_data_free(opened(context, "t.csv"));
    options.seed = 6;
    nudge_data_free(opened(context, "t.csv"));
    assert_int_equal(count_entries("cache/nudge/tables"), 1);
    options.test_split = 0.2;
    nudge_data_free(opened(context, "t.csv"));
    assert_int_equal(count_entries("cache/nudge/tables"), 2);
    options.seed = 7;
    nudge_data_free(opened(context, "t.csv"));
    options.ignore = "name,t";
    nudge_data_free(opened(context, "t.csv"));
    options.missing = NUDGE_MISSING_MEDIAN;
    options.missing_flag = true;
    nudge_data_free(opened(context, "t.csv"));
    assert_int_equal(count_entries("cache/nudge/tables"), 5);
    options.cache = "rows"; /* one file for all: the last one's */
    assert_true(makes_file(context, "t.csv", NULL));
    assert_false(makes_file(context, "t.csv", NULL));
    options.seed = 8;
    assert_true(makes_file(context, "t.csv", NULL));
    nudge_context_free(context);
}

static void a_damaged_file(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    put_table("t.csv", ROWS, 0);
    options.ignore = "t";
    options.id = "name";
    options.weight = "w";
    assert_true(makes_file(context, "t.csv", NULL));
    const char *path = cache_file();
    size_t size, header, places[14];
    unsigned char *bytes = get_file(path, &size);
    header = 32 + bytes[16] + 256u * bytes[17];
    header = (header + 63) / 64 * 64;
    size_t rows = header + ROWS * 3 * sizeof(float);
    for (size_t i = 0; i < 14; i++)
        places[i] = i < 7 ? 16 + 20 * i : i < 9 ? header + i * 50000 : rows + (i - 9) * 90000;
    for (size_t i = 0; i < 14; i++) {
        assert_true(places[i] < size);
        bytes[places[i]] ^= 0x40;
        put_file(path, bytes, size);
        bytes[places[i]] ^= 0x40;
        if (!makes_file(context, "t.csv", "made anew")) fail_msg("place %zu", i);
        assert_false(makes_file(context, "t.csv", NULL));
    }
    put_file(path, bytes, size - 1);
    assert_true(makes_file(context, "t.csv", "made anew"));
    put_file(path, bytes, 40);
    assert_true(makes_file(context, "t.csv", "cut short"));
    bytes = realloc(bytes, size + 1);
    put_file(path, bytes, size + 1);
    assert_true(makes_file(context, "t.csv", "made anew"));
    put_file(path, "", 0);
    assert_true(makes_file(context, "t.csv", "cut short"));
    free(bytes);
    nudge_context_free(context);
}

/* While it is used. */
static void a_file_that_shrinks(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    put_table("t.csv", ROWS, 0);
    options.ignore = "name,t,w";
    nudge_data *data = opened(context, "t.csv");
    float features[33];
    nudge_error error = {0};
    assert_int_equal(truncate(cache_file(), 5000), 0);
    expect_error(nudge_data_row(data, NUDGE_PART_TRAIN, ROWS - 1, features, NULL, &error), NUDGE_BAD_INPUT,
                 &error, "has become shorter", ".nudge-rows", NULL);
    nudge_data_free(data);
    assert_true(makes_file(context, "t.csv", "made anew"));
    nudge_context_free(context);
}

static void expect_refused(nudge_context *context, const char *name, nudge_status expected, const char *one,
                           const char *two) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, &options, &data, &error), expected, &error, one, two, NULL);
    assert_null(data);
}

static void what_is_refused(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT), *tiny = context_with(500000);
    put_table("t.csv", ROWS, 0);
    options.ignore = "name,t,w";
    options.no_cache = true;
    expect_refused(context, "t.csv", NUDGE_NO_MEMORY,
                   "t.csv: its features take 7920000 bytes, data may take 6500000", "without --no-cache");
    expect_refused(tiny, "t.csv", NUDGE_NO_MEMORY, "t.csv: its features take about 7680000 bytes", "500000");
    options.no_cache = false;
    expect_refused(tiny, "t.csv", NUDGE_NO_MEMORY, "t.csv: data may take 500000 bytes, expected at least",
                   "rows");
    assert_string_equal(cache_file(), "");
    options.cache = "t.csv";
    expect_refused(context, "t.csv", NUDGE_BAD_ARGUMENT, "t.csv: a file of another kind", "rows");
    options.cache = "nowhere/rows";
    expect_refused(context, "t.csv", NUDGE_IO, "nowhere/rows", "no such folder");
    expect_refused(tiny, "t.csv", NUDGE_IO, "nowhere/rows", "no such file or folder");
    options.cache = NULL;
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    expect_refused(context, "t.csv", NUDGE_NO_MEMORY, "data may take 6500000", "--cache FILE");
    expect_refused(tiny, "t.csv", NUDGE_NO_MEMORY, "about 7680000 bytes", "with --cache FILE");
    nudge_context_free(context);
    nudge_context_free(tiny);
}

/* Nothing that could be used again: nothing stays. */
static void a_pipe(void **state) {
    (void)state;
    nudge_context *large = context_with(PLENTY), *small = context_with(LIMIT);
    put_table("t.csv", ROWS, 0);
    options.ignore = "name,t,w";
    nudge_data *all = opened(large, "t.csv");
    int old = dup(STDIN_FILENO), from = open("t.csv", O_RDONLY);
    dup2(from, STDIN_FILENO);
    nudge_data *data = opened(small, "-");
    dup2(old, STDIN_FILENO);
    close(from);
    close(old);
    assert_true(has_remark(data, "as long as they are needed"));
    assert_int_equal(count_entries("cache/nudge/tables"), 0);
    expect_same(all, data);
    nudge_data_free(all);
    nudge_data_free(data);
    nudge_context_free(large);
    nudge_context_free(small);
}

/* The system lets no file grow beyond a limit. */
static void a_full_disk(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    struct rlimit before, small;
    put_table("t.csv", ROWS, 0);
    options.ignore = "t";
    options.id = "name";
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t limit = 0; limit < 1500000; limit += 100000) {
        nudge_data *data = NULL;
        nudge_error error = {0};
        small = before;
        small.rlim_cur = limit;
        setrlimit(RLIMIT_FSIZE, &small);
        nudge_status status = nudge_data_open(context, "t.csv", &options, &data, &error);
        setrlimit(RLIMIT_FSIZE, &before);
        expect_error(status, NUDGE_IO, &error, ".nudge-rows", "larger than allowed", NULL);
        assert_int_equal(count_entries("cache/nudge/tables"), 0);
    }
    assert_true(makes_file(context, "t.csv", NULL));
    nudge_context_free(context);
}

static void without_memory(void **state) {
    (void)state;
    nudge_context *context = context_with(LIMIT);
    put_table("t.csv", ROWS, 0);
    options.ignore = "t,w";
    options.id = "name";
    options.test_split = 0.1;
    size_t live = accounts.live_blocks;
    for (int time = 0; time < 2; time++) { /* the file is made, and is there */
        nudge_status status = NUDGE_NO_MEMORY;
        for (size_t at = 1; status; at += 1 + at / 40) {
            nudge_data *data = NULL;
            nudge_error error = {0};
            accounts.allocations = 0;
            accounts.fail_at = at;
            status = nudge_data_open(context, "t.csv", &options, &data, &error);
            accounts.fail_at = 0;
            if (status && status != NUDGE_NO_MEMORY) fail_msg("%s", error.message);
            nudge_data_free(data);
            assert_int_equal(accounts.live_blocks, live);
        }
    }
    nudge_context_free(context);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_bits),
        TEST(the_same_bits_of_other_readings),
        TEST(the_same_bits_of_known_columns),
        TEST(a_table_that_fits_at_last),
        TEST(parts_of_rows),
        TEST(a_source_that_changes),
        TEST(other_options_are_another_file),
        TEST(a_damaged_file),
        TEST(a_file_that_shrinks),
        TEST(what_is_refused),
        TEST(a_pipe),
        TEST(a_full_disk),
        TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
