/* Data sets as text tables: nudge_data_write_csv, and what nudge_data_open makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;
static nudge_data_options options;
static nudge_error error;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

static void put_text(const char *path, const char *text) {
    put_file(path, text, strlen(text));
}

static nudge_data *opened(const char *name) {
    nudge_data *data = NULL;
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static void expect_text(const char *path, const char *expected) {
    char *text = (char *)get_file(path, NULL);
    if (strcmp(text, expected)) fail_msg("%s is\n%s\nexpected\n%s", path, text, expected);
    free(text);
}

static void write_table(const nudge_data *data, const char *path, const nudge_part *part) {
    if (nudge_data_write_csv(data, path, part, &error)) fail_msg("%s", error.message);
}

/* Two sets with the same rows, to the bit. */
static void expect_same(const nudge_data *a, const nudge_data *b) {
    size_t features = nudge_data_features(a), targets = nudge_data_targets(a);
    float *rows = calloc(2 * (features + targets), sizeof *rows), *second = rows + features + targets;
    assert_non_null(rows);
    assert_int_equal(nudge_data_features(b), features);
    assert_int_equal(nudge_data_targets(b), targets);
    for (int p = NUDGE_PART_TRAIN; p <= NUDGE_PART_TEST; p++) {
        assert_int_equal(nudge_data_rows(a, (nudge_part)p), nudge_data_rows(b, (nudge_part)p));
        for (size_t r = 0; r < nudge_data_rows(a, (nudge_part)p); r++) {
            assert_int_equal(nudge_data_row(a, (nudge_part)p, r, rows, rows + features, NULL), NUDGE_OK);
            assert_int_equal(nudge_data_row(b, (nudge_part)p, r, second, second + features, NULL), NUDGE_OK);
            for (size_t i = 0; i < features + targets; i++)
                if (memcmp(&rows[i], &second[i], sizeof *rows) && !(isnan(rows[i]) && isnan(second[i])))
                    fail_msg("row %zu, %zu: %.9g and %.9g", r, i, (double)rows[i], (double)second[i]);
        }
    }
    free(rows);
}

/* Written, read and written again: the same bytes, and the same rows. */
static void expect_round_trip(const char *from, const char *expected) {
    nudge_data *data = opened(from);
    write_table(data, "first.csv", NULL);
    expect_text("first.csv", expected);
    options.target = options.split = NULL;
    options.header = 0;
    if (strstr(expected, ",split\n")) options.split = "split";
    nudge_data *again = opened("first.csv");
    expect_same(data, again);
    write_table(again, "second.csv", NULL);
    expect_text("second.csv", expected);
    nudge_data_free(data);
    nudge_data_free(again);
}

static void tables_come_back(void **state) {
    (void)state;
    put_text("a.csv",
             "name,age,\"sex, \"\"x\"\"\",w,sick\nAnn,31,f,1,no\n\"B \"\"b\"\"\nob\",44,\"m;,\",2,\"NA\"\n"
             "Cid,,f,1,no\n-,20.5,,0.5,\"NA\"\n");
    options.id = "name";
    options.weight = "w";
    expect_round_trip(
        "a.csv",
        "label,name,age,\"sex, \"\"x\"\"\",w\nno,Ann,31,f,1\n\"NA\",\"B \"\"b\"\"\nob\",44,\"m;,\",2\n"
        "no,Cid,,f,1\n\"NA\",\"\",20.5,missing,0.5\n");
}

static void parts_are_a_column(void **state) {
    (void)state;
    put_text("a.csv",
             "s,a,price\ntest,1,0.1\ntrain,2,1e-7\nval,3,16777217\ntrain,4,-0\ntrain,5,3.4028235e38\n");
    options.split = "s";
    expect_round_trip("a.csv",
                      "a,price,split\n2,1e-07,train\n4,-0,train\n5,3.4028235e+38,train\n3,16777216,val\n"
                      "1,0.1,test\n");
    options.split = "s";
    nudge_data *data = opened("a.csv");
    nudge_part part = NUDGE_PART_VALIDATION;
    write_table(data, "val.csv", &part);
    expect_text("val.csv", "a,price\n3,16777216\n");
    nudge_data_free(data);
}

static void targets_may_be_several(void **state) {
    (void)state;
    put_text("a.csv", "1,2.5,3,4\n5,6,7,8.25\n");
    options.target = "2,4";
    nudge_data *data = opened("a.csv");
    write_table(data, "b.csv", NULL);
    expect_text("b.csv", "column1,column3,column2,column4\n1,3,2.5,4\n5,7,6,8.25\n");
    options.target = "column2,column4";
    nudge_data *again = opened("b.csv");
    expect_same(data, again);
    nudge_data_free(data);
    nudge_data_free(again);
}

static void names_that_are_taken(void **state) {
    (void)state;
    put_text("a.csv", "label,split,kind,s\n1,2,p,train\n3,4,q,test\n5,6,p,train\n7,8,q,train\n");
    options.target = "kind";
    options.split = "s";
    nudge_data *data = opened("a.csv");
    write_table(data, "b.csv", NULL);
    expect_text("b.csv", "kind,label,split,nudge_split\np,1,2,train\np,5,6,train\nq,7,8,train\nq,3,4,test\n");
    options.split = "nudge_split";
    nudge_data *again = opened("b.csv");
    expect_same(data, again);
    nudge_data_free(data);
    nudge_data_free(again);
}

static void images_are_pixels(void **state) {
    (void)state;
    assert_int_equal(system("mkdir set"), 0);
    put_small_part("set", "train", 3);
    put_small_part("set", "t10k", 1);
    nudge_data *data = opened("./set");
    write_table(data, "a.csv", NULL);
    expect_text("a.csv", "label,pixel0,pixel1,pixel2,pixel3,split\n0,0,1,2,3,train\n1,4,5,6,7,train\n"
                         "2,8,9,10,11,train\n0,0,1,2,3,test\n");
    nudge_data_free(data);
}

static void numbers_without_names(void **state) {
    (void)state;
    float values[] = {0.1f, 9999999, 10000000, 1.17549435e-38f}, targets[] = {-1.5f, 1e-45f};
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = rows.features = 2;
    rows.values = values;
    rows.targets = targets;
    rows.target_columns = 1;
    nudge_data *data = NULL;
    assert_int_equal(nudge_data_create(context, &rows, NULL, &data, NULL), NUDGE_OK);
    write_table(data, "a.csv", NULL);
    expect_text("a.csv", "x0,x1,target\n0.1,9999999,-1.5\n1e+07,1.1754944e-38,1e-45\n");
    nudge_data *again = opened("a.csv");
    expect_same(data, again);
    nudge_part part = NUDGE_PART_TEST;
    expect_error(nudge_data_write_csv(data, "b.csv", &part, &error), NUDGE_BAD_ARGUMENT, &error,
                 "has no test part", NULL);
    expect_error(nudge_data_write_csv(data, "none/b.csv", NULL, &error), NUDGE_IO, &error, "none/b.csv",
                 NULL);
    assert_int_equal(access("b.csv", F_OK), -1);
    nudge_data_free(data);
    nudge_data_free(again);
}

/* More than a buffer's bytes, drawn into parts in any order; and texts longer than one. */
static void long_tables(void **state) {
    (void)state;
    nudge_data *data = NULL;
    assert_int_equal(nudge_data_generate(context, "digits:900/100", 1, &data, NULL), NUDGE_OK);
    assert_int_equal(nudge_data_split(data, 0.1, 3, NULL), NUDGE_OK);
    write_table(data, "a.csv", NULL);
    options.split = "split";
    nudge_data *again = opened("a.csv");
    expect_same(data, again);
    nudge_data_free(data);
    nudge_data_free(again);
    size_t length = 3 << 20;
    char *text = malloc(length + 64);
    assert_non_null(text);
    int begin = sprintf(text, "n,a,b\nx,1,1.5\n\"");
    memset(text + begin, '"', length);
    sprintf(text + begin + length, "\",2,2.5\n");
    put_text("b.csv", text);
    options.split = NULL;
    options.id = "n";
    data = opened("b.csv");
    write_table(data, "c.csv", NULL);
    text[0] = 'n';
    expect_text("c.csv", text);
    nudge_data_free(data);
    free(text);
}

/* Formats that have no place for what is missing say so. */
static void gaps_are_for_tables_alone(void **state) {
    (void)state;
    put_text("a.csv", "a,b,y\n1,2,0.5\n3,,1.5\n");
    nudge_data *data = opened("a.csv");
    expect_error(nudge_data_write_npz(data, "a.npz", &error), NUDGE_BAD_ARGUMENT, &error,
                 "a.csv: train row 1 has nothing in the column \"b\"", "no place for what is missing", NULL);
    expect_error(nudge_data_write_idx(data, "a", &error), NUDGE_BAD_ARGUMENT, &error, "and IDX has no place",
                 NULL);
    nudge_data_free(data);
    put_text("a.csv", "a,b,y\n1,2,0.5\n3,4,\n");
    options.unlabelled = true;
    data = opened("a.csv");
    expect_error(nudge_data_write_idx(data, "a", &error), NUDGE_BAD_ARGUMENT, &error,
                 "train row 1 has nothing in the column \"target\"", NULL);
    write_table(data, "b.csv", NULL);
    expect_text("b.csv", "a,b,y\n1,2,0.5\n3,4,\n");
    nudge_data_free(data);
    assert_int_equal(access("a", F_OK), -1);
    assert_int_equal(access("a.npz", F_OK), -1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tables_come_back),     TEST(parts_are_a_column),        TEST(targets_may_be_several),
        TEST(names_that_are_taken), TEST(images_are_pixels),         TEST(numbers_without_names),
        TEST(long_tables),          TEST(gaps_are_for_tables_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
