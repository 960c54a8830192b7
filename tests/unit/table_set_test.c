/* Data sets of tables: nudge_data_open on text tables, their parts, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;
static nudge_data_options options;

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
    nudge_error error = {0};
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static void expect_refused(const char *name, nudge_status expected, const char *one, const char *two) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, &options, &data, &error), expected, &error, one, two, NULL);
    assert_null(data);
}

static void expect_row(const nudge_data *data, nudge_part part, size_t row, size_t count,
                       const float *expected) {
    float features[16];
    assert_int_equal(nudge_data_features(data), count);
    assert_int_equal(nudge_data_row(data, part, row, features, NULL, NULL), NUDGE_OK);
    for (size_t i = 0; i < count; i++)
        if (!(features[i] == expected[i] || (isnan(features[i]) && isnan(expected[i]))))
            fail_msg("row %zu, feature %zu is %g, expected %g", row, i, features[i], expected[i]);
}

static void expect_remark(const nudge_data *data, const char *sentence) {
    const char *remark;
    for (size_t i = 0; (remark = nudge_data_remark(data, i)); i++)
        if (strcmp(remark, sentence) == 0) return;
    for (size_t i = 0; (remark = nudge_data_remark(data, i)); i++) print_message("remark: %s\n", remark);
    fail_msg("expected: %s", sentence);
}

static const char people[] = "name,age,sex,sick\nAnn,31,f,no\nBob,44,m,yes\nCid,,m,no\nDot,20,,yes\n";

static void a_table_is_a_set(void **state) {
    (void)state;
    put_text("people.csv", people);
    options.id = "name";
    nudge_data *data = opened("people.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION) + nudge_data_rows(data, NUDGE_PART_TEST),
                     0);
    assert_int_equal(nudge_data_classes(data), 2);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_F32);
    expect_row(data, NUDGE_PART_TRAIN, 0, 5, (float[]){31, 0, 1, 0, 0});
    expect_row(data, NUDGE_PART_TRAIN, 2, 5, (float[]){NAN, 1, 0, 1, 0});
    expect_row(data, NUDGE_PART_TRAIN, 3, 5, (float[]){20, 0, 0, 0, 1});
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 1), 1);
    assert_string_equal(nudge_data_label_name(data, 1), "yes");
    assert_null(nudge_data_label_name(data, 2));
    assert_string_equal(nudge_data_id(data, NUDGE_PART_TRAIN, 3), "Dot");
    assert_null(nudge_data_id(data, NUDGE_PART_TRAIN, 4));
    assert_string_equal(nudge_data_file(data, 0), "people.csv");
    expect_remark(data, "target: sick (the last column): 2 classes");
    expect_remark(data, "age: 1 of 4 values is missing: the mean stands in, and one more input says where");
    nudge_data_free(data);
}

static void numbers_may_be_the_target(void **state) {
    (void)state;
    put_text("a.tsv", "y\tx\tw\n1.5\t2\t1\n\t3\t1\n2.5\t4\t0.5\n");
    options.weight = "w";
    nudge_data *data = opened("./a.tsv");
    float target;
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    assert_int_equal(nudge_data_classes(data), 0);
    assert_int_equal(nudge_data_targets(data), 1);
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 1, NULL, &target, NULL), NUDGE_OK);
    assert_true(target == 2.5f);
    expect_row(data, NUDGE_PART_TRAIN, 1, 1, (float[]){4});
    expect_remark(data, "target: y (by its name): numbers");
    expect_remark(data, "1 row has no target: left out");
    assert_null(nudge_data_label_name(data, 0));
    assert_null(nudge_data_id(data, NUDGE_PART_TRAIN, 0));
    nudge_data_free(data);
    options.missing = NUDGE_MISSING_DROP;
    options.unlabelled = true;
    options.weight = NULL;
    put_text("b.csv", "x,z,y\n1,,2.5\n2,1,\n3,1,4\n");
    data = opened("b.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 0, NULL, &target, NULL), NUDGE_OK);
    assert_true(isnan(target));
    expect_remark(data, "1 row has a missing number: left out");
    expect_remark(data, "1 row has no target: to be predicted");
    nudge_net *net = NULL;
    nudge_error error = {0};
    assert_int_equal(nudge_net_create(context, 2, "1", 1, &net, NULL), NUDGE_OK);
    expect_error(nudge_train(context, net, data, NULL, NULL, &error), NUDGE_BAD_ARGUMENT, &error,
                 "without a target", "predicted", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* Many columns of one kind are told together. */
static void many_gaps_are_told_once(void **state) {
    (void)state;
    put_text("g.csv", "a,b,c,d,e,f,g,h,i,j,y\n1,1,1,1,1,1,1,1,1,1,0.5\n,,,,,,,,,,1.5\n");
    nudge_data *data = opened("g.csv");
    expect_remark(data, "h: 1 of 2 values is missing: the mean stands in, and one more input says where");
    expect_remark(data, "2 more columns have missing or unknown values");
    assert_null(nudge_data_remark(data, 10));
    nudge_data_free(data);
}

static void parts_by_a_column(void **state) {
    (void)state;
    put_text("t.csv", "id,s,a,k\n1,train,1,x\n2,val,2,y\n3,test,3,x\n4,train,4,y\n5,test,5,y\n");
    options.split = "s";
    options.id = "id";
    nudge_data *data = opened("t.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 1);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 2);
    expect_row(data, NUDGE_PART_TRAIN, 1, 1, (float[]){4});
    expect_row(data, NUDGE_PART_VALIDATION, 0, 1, (float[]){2});
    expect_row(data, NUDGE_PART_TEST, 1, 1, (float[]){5});
    assert_string_equal(nudge_data_id(data, NUDGE_PART_TRAIN, 1), "4");
    assert_string_equal(nudge_data_id(data, NUDGE_PART_VALIDATION, 0), "2");
    assert_string_equal(nudge_data_id(data, NUDGE_PART_TEST, 0), "3");
    assert_int_equal(nudge_data_label(data, NUDGE_PART_VALIDATION, 0), 1);
    nudge_error error = {0};
    expect_error(nudge_data_split(data, 0.5, 1, &error), NUDGE_BAD_ARGUMENT, &error, "validation part", NULL);
    nudge_data_free(data);
}

static void parts_by_files(void **state) {
    (void)state;
    put_text("one.csv", "a,c,k\n1,x,p\n2,y,q\n3,x,p\n");
    put_text("two.csv", "k,c,a,more\nq,z,5,9\np,x,6,9\n");
    put_text("val.csv", "a,c,k\n,y,q\n");
    options.test_file = "two.csv";
    options.validation_file = "val.csv";
    nudge_data *data = opened("one.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 3);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 1);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 2);
    expect_row(data, NUDGE_PART_VALIDATION, 0, 3, (float[]){NAN, 0, 1});
    expect_row(data, NUDGE_PART_TEST, 0, 3, (float[]){5, 0, 0});
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 0), 1);
    expect_remark(
        data,
        "two.csv: c: 1 value that no training row has (the first: \"z\"): none of its inputs is 1 there");
    expect_remark(data, "val.csv: a: 1 of 1 values is missing: the mean stands in");
    assert_string_equal(nudge_data_file(data, 2), "two.csv");
    nudge_data_free(data);
    options.test_split = 0.34;
    expect_refused("one.csv", NUDGE_BAD_ARGUMENT, "two.csv: the test part is a file", "one.csv");
    options.test_split = 0;
    options.test_file = "nowhere.csv";
    expect_refused("one.csv", NUDGE_BAD_INPUT, "nowhere.csv", "cannot be opened");
    options.test_file = "two.png";
    expect_refused("one.csv", NUDGE_BAD_INPUT, "two.png: no such file", "expected a table");
    put_text("two.png", "\x89PNG");
    expect_refused("one.csv", NUDGE_BAD_INPUT, "two.png: a file of another kind", "expected a table");
}

static void a_folder_has_its_files(void **state) {
    (void)state;
    mkdir("set", 0777);
    put_text("set/train.csv", "a,k\n1,p\n2,q\n");
    put_text("set/test.csv", "a,k\n5,q\n");
    nudge_data *data = opened("./set");
    assert_string_equal(nudge_data_name(data), "./set");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 1);
    nudge_data_free(data);
    put_gzip("set/val.tsv.gz", "a\tk\n3\tp\n", 8);
    data = opened("set/");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 1);
    nudge_data_free(data);
}

static void shares_are_drawn(void **state) {
    (void)state;
    char text[2048] = "a,k\n", *to = text + 4;
    for (int i = 0; i < 50; i++) to += sprintf(to, "%d,%c\n", i, i % 2 ? 'x' : 'y');
    put_text("t.csv", text);
    options.test_split = 0.2;
    nudge_data *data = opened("t.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 10);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 40);
    /* The rest can be divided as that of any set. */
    assert_int_equal(nudge_data_split(data, 0.25, 1, NULL), NUDGE_OK);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 10);
    nudge_data_free(data);
    options.validation_split = 0.1;
    data = opened("t.csv");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 5);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 35);
    nudge_data_free(data);
}

/* Standard input is the file, or a pipe with it. */
static nudge_data *from_input(const char *text, bool pipe_it) {
    int old = dup(STDIN_FILENO), ends[2] = {-1, -1};
    put_text("input", text);
    if (pipe_it) {
        assert_int_equal(pipe(ends), 0);
        assert_true(write(ends[1], text, strlen(text)) == (ssize_t)strlen(text));
        close(ends[1]);
    } else {
        ends[0] = open("input", O_RDONLY);
    }
    dup2(ends[0], STDIN_FILENO);
    nudge_data *data = opened("-");
    dup2(old, STDIN_FILENO);
    close(ends[0]);
    close(old);
    return data;
}

/* Texts are met, so it is read twice. */
static void standard_input_is_a_table(void **state) {
    (void)state;
    for (int pipe_it = 0; pipe_it < 2; pipe_it++) {
        nudge_data *data = from_input(people, pipe_it);
        assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
        assert_int_equal(nudge_data_features(data), 9);
        assert_null(nudge_data_file(data, 0));
        nudge_data_free(data);
    }
}

static void packed_tables(void **state) {
    (void)state;
    put_gzip("people.csv.gz", people, strlen(people));
    nudge_data *data = opened("people.csv.gz");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    nudge_data_free(data);
    size_t size;
    unsigned char *bytes = get_file("people.csv.gz", &size);
    put_file("cut.csv.gz", bytes, size - 9);
    free(bytes);
    expect_refused("cut.csv.gz", NUDGE_BAD_INPUT, "cut.csv.gz", "cut short");
}

static void other_kinds_are_named(void **state) {
    (void)state;
    put_text("a.csv", "<!DOCTYPE html><html></html>");
    expect_refused("a.csv", NUDGE_BAD_INPUT, "a.csv", "web page");
    put_file("b.csv", "PK\003\004abc", 7);
    expect_refused("b.csv", NUDGE_BAD_INPUT, "b.csv", "zip archive");
    put_file("c.csv",
             "\xFF\xFE"
             "a\0,\0",
             6);
    expect_refused("c.csv", NUDGE_BAD_INPUT, "c.csv", "UTF-16");
    put_text("d.csv", "");
    expect_refused("d.csv", NUDGE_BAD_INPUT, "d.csv", "no line with text");
    mkdir("e.csv", 0777);
    put_text("e.csv/train.csv", "a,b\n1\n");
    expect_refused("e.csv", NUDGE_BAD_INPUT, "e.csv/train.csv: line 2", "expected 2");
    expect_refused("nowhere.csv", NUDGE_BAD_INPUT, "nowhere.csv", "no such file");
}

/* A net that learnt from a (a number, with the mean for what is missing), c (x or y) and the target k. */
static nudge_net *net_of_a_table(void) {
    nudge_net *net = NULL;
    put_text("known.csv", "a,c,k\n1,x,p\n2,y,q\n3,x,p\n,y,q\n");
    nudge_data *data = opened("known.csv");
    assert_int_equal(nudge_net_create(context, nudge_data_features(data), "2 softmax", 1, &net, NULL),
                     NUDGE_OK);
    assert_int_equal(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, NULL), NUDGE_OK);
    assert_int_equal(nudge_data_features(data), 4); /* a, whether it is missing, x, y */
    nudge_data_free(data);
    return net;
}

/* The table's target is the last column, `target`, with so many classes; 0: numbers. */
static void expect_target(const char *table, const char *target, size_t classes) {
    put_text("new.csv", table);
    nudge_data *data = opened("new.csv");
    nudge_column column = NUDGE_COLUMN;
    size_t count = 0;
    for (size_t c = 0; nudge_data_columns(data, c, &column); c++)
        if (column.role == NUDGE_COLUMN_TARGET) {
            assert_string_equal(column.name, target);
            count++;
        }
    assert_int_equal(count, 1);
    assert_int_equal(nudge_data_features(data), 4);
    assert_int_equal(nudge_data_classes(data), classes);
    nudge_data_free(data);
}

/* Features are what the net knows, whatever is in the rows; the target is that of this table. */
static void targets_may_be_new(void **state) {
    (void)state;
    nudge_net *net = net_of_a_table();
    options.net = net;
    options.new_targets = true;
    put_text("new.csv", "k,c,a\nr,y,5\ns,z,\nr,x,7\n");
    nudge_data *data = opened("new.csv");
    assert_int_equal(nudge_data_classes(data), 2);
    assert_string_equal(nudge_data_label_name(data, 0), "r");
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 1), 1);
    expect_row(data, NUDGE_PART_TRAIN, 0, 4, (float[]){5, 0, 0, 1});
    expect_row(data, NUDGE_PART_TRAIN, 1, 4, (float[]){NAN, 1, 0, 0});
    expect_remark(data,
                  "c: 1 value that no training row has (the first: \"z\"): none of its inputs is 1 there");
    expect_remark(data, "target: k: 2 classes");
    nudge_data_free(data);
    expect_target("a,c,k\n1,x,0.5\n2,y,1.5\n", "k", 0);              /* the net's target, if it is there, */
    expect_target("y,a,c,z\n1.5,1,x,u\n2.5,2,y,v\n", "y", 0);        /* else one that is called so, */
    expect_target("u,a,v,c\n1,1,9,x\n2,2,8,y\n3,1,8.5,y\n", "v", 0); /* else the last that is no feature */
    options.target = "u";
    expect_target("u,a,v,c\np,1,9,x\nq,2,8,y\nr,3,8,y\n", "u", 3);
    options.target = "a";
    expect_refused("new.csv", NUDGE_BAD_ARGUMENT, "\"a\" is to be the target", "feature of the network");
    options.target = NULL;
    put_text("new.csv", "a,c\n1,x\n");
    expect_refused("new.csv", NUDGE_BAD_INPUT, "no column is left for the target", "the network's features");
    put_text("new.csv", "a,k\n1,x\n2,y\n");
    expect_refused("new.csv", NUDGE_BAD_INPUT, "no column \"c\"", "feature that is needed");
    put_text("new.csv", "a,c,k\n1,x,one\n2,y,one\n");
    expect_refused("new.csv", NUDGE_BAD_INPUT, "\"one\" in every row", "two classes");
    put_text("new.csv", "a,c,k\nlarge,x,p\n2,y,q\n");
    expect_refused("new.csv", NUDGE_BAD_INPUT, "found \"large\"", "expected a number");
    /* A test file has the columns of the first, with its targets. */
    put_text("new.csv", "a,c,k\n1,x,r\n2,y,s\n");
    put_text("two.csv", "k,c,a\ns,y,9\n");
    options.test_file = "two.csv";
    data = opened("new.csv");
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 0), 1);
    nudge_data_free(data);
    put_text("two.csv", "k,c,a\np,y,9\n");
    expect_refused("new.csv", NUDGE_BAD_INPUT, "two.csv: line 2", "found the class \"p\"");
    nudge_net_free(net);
}

/* Opening one.csv: each allocation fails once, and leaves nothing behind. */
static void fail_each_opening(void) {
    size_t before = accounts.live_blocks;
    nudge_status status = NUDGE_NO_MEMORY;
    for (size_t at = 1; status; at++) {
        nudge_data *data = NULL;
        accounts.allocations = 0;
        accounts.fail_at = at;
        status = nudge_data_open(context, "one.csv", &options, &data, NULL);
        accounts.fail_at = 0;
        assert_true(status == NUDGE_OK || status == NUDGE_NO_MEMORY);
        nudge_data_free(data);
        assert_int_equal(accounts.live_blocks, before);
    }
}

static void without_memory(void **state) {
    (void)state;
    put_text("one.csv", "n,a,c,k,w\nu,1,x,p,1\nv,,y,q,1\nw,3,x,p,2\n");
    put_text("two.csv", "n,a,c,k,w\nu,1,z,p,1\n");
    options.test_file = "two.csv";
    options.validation_file = "two.csv";
    options.id = "n";
    options.weight = "w";
    fail_each_opening();
}

static void new_targets_without_memory(void **state) {
    (void)state;
    nudge_net *net = net_of_a_table();
    options.net = net;
    options.new_targets = true;
    put_text("one.csv", "a,c,k\n1,x,r\n,z,s\n");
    put_text("two.csv", "a,k,c\n1,s,x\n");
    options.test_file = "two.csv";
    fail_each_opening();
    nudge_net_free(net);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_table_is_a_set),
        TEST(numbers_may_be_the_target),
        TEST(parts_by_a_column),
        TEST(many_gaps_are_told_once),
        TEST(parts_by_files),
        TEST(a_folder_has_its_files),
        TEST(shares_are_drawn),
        TEST(standard_input_is_a_table),
        TEST(packed_tables),
        TEST(other_kinds_are_named),
        TEST(targets_may_be_new),
        TEST(without_memory),
        TEST(new_targets_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
