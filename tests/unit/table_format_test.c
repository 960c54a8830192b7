/* Which format a table's file has, by its ending or its first bytes: read/table_format.h, through nudge_data_open; and
 * csv_look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "table/csv.h"

#include <stdlib.h>
#include <string.h>

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

static const char csv[] = "a,b,y\n1,2,0.5\n3,4,1.5\n", libsvm[] = "0.5 1:1 4:2.5\n1.5 2:1\n",
                  arff[] =
                      "% c\n@relation r\n@attribute a real\n@attribute b {x, y}\n@attribute c real\n@data\n"
                      "1,x,0.5\n2,y,1.5\n",
                  fann[] = "2 5 1\n1 2 3 4 5\n0.5\n5 4 3 2 1\n1.5\n";

/* The same bytes under any name, plain or packed: features tell which format they were taken for. */
static void content_decides_where_the_ending_does_not(void **state) {
    (void)state;
    static const char *const names[] = {"./t.data",  "./t.dat",  "./t.txt", "./t",
                                        "./t.train", "./t.test", "./t.x7"};
    static const struct {
        const char *text, *own;
        size_t features;
    } cases[] = {
        {csv, "./t.csv", 2},         {libsvm, "./t.libsvm", 4}, {libsvm, "./t.svm", 4},
        {libsvm, "./t.svmlight", 4}, {arff, "./t.arff", 3},     {fann, "./t.fann", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n <= sizeof names / sizeof *names; n++)
            for (int packed = 0; packed < 2; packed++) {
                char path[32];
                strcpy(path, n < sizeof names / sizeof *names ? names[n] : cases[i].own);
                if (packed) strcat(path, ".gz");
                if (packed)
                    put_gzip(path, cases[i].text, strlen(cases[i].text));
                else
                    put_text(path, cases[i].text);
                nudge_data *data = opened(path);
                assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
                assert_int_equal(nudge_data_features(data), cases[i].features);
                assert_int_equal(nudge_data_targets(data), 1);
                nudge_data_free(data);
            }
}

static void an_ending_that_is_a_formats_own_decides(void **state) {
    (void)state;
    put_text("a.csv", fann);
    expect_refused("a.csv", NUDGE_BAD_INPUT, "a.csv: ", "\"2 5 1\"");
    put_text("a.fann", csv);
    expect_refused("a.fann", NUDGE_BAD_INPUT, "a.fann: line 1, column 1: found 'a,b,y'", "pairs");
    put_text("a.libsvm", csv);
    expect_refused("a.libsvm", NUDGE_BAD_INPUT, "a.libsvm: line 1, column 1: found", "label");
    put_text("a.arff", csv);
    expect_refused("a.arff", NUDGE_BAD_INPUT, "a.arff: line 1, column 1: found 'a,b,y'", "@attribute");
    put_text("a\033[1m.arff", csv);
    expect_refused("a\033[1m.arff", NUDGE_BAD_INPUT, "a\\u001b[1m.arff: line 1", "@attribute");
}

static void what_is_no_table_stays_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *sentence;
    } cases[] = {
        {"", 0, "a file of another kind"},
        {"1,2", 3, "a file of another kind"},
        {"all is well\nthat ends well\n", 27, "a file of another kind"},
        {"a,b\nc\n", 6, "a file of another kind"},
        {"1,2\n3,\0\n", 8, "a file of another kind"},
        {"\177ELF,1\n2,3\n", 11, "a file of another kind"},
        {"\xFF\xFE\x31\0,\0", 6, "a file of another kind"},
        {"<!DOCTYPE html>\n1,2\n3,4\n", 24, "looks like a web page"},
        {"PK\3\4,1\n2,3\n", 12, "is a zip archive"},
        {"version https://git-lfs.github.com/spec/v1\noid 1\n", 49, "is a pointer file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_file("some", cases[i].bytes, cases[i].size);
        expect_refused("./some", NUDGE_BAD_INPUT, "./some: ", cases[i].sentence);
    }
    put_file("cut.gz", "\x1F\x8B\x08\0", 4);
    expect_refused("./cut.gz", NUDGE_BAD_INPUT, "./cut.gz: ", "a file of another kind");
    put_file("cut.txt.gz", "\x1F\x8B\x08\0", 4);
    expect_refused("./cut.txt.gz", NUDGE_BAD_INPUT, "./cut.txt.gz: ", "gzip");
}

static void texts_that_look_like_tables(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool last, is;
    } cases[] = {
        {"1,2\n3,4\n", false, true},
        {"1,2\n3,4", true, true},
        {"1,2\n3,4", false, false}, /* the second line goes on */
        {"p,x\ne,y\n", true, true},
        {"p x\ne y\n", true, false},
        {"p 1\ne 2\n", true, true},
        {"p\t1\n\ne\t2\n", true, true},
        {"\"a\nb\";1\n\"c\";2\n", true, true},
        {"\"a;1\nb;2\n", true, false},
        {"\xEF\xBB\xBF"
         "1|2\n3|4\n",
         true, true},
        {"\xE9t\xE9,1\n\xE9,2\n", true, true}, /* Latin-1 */
        {"1\n2\n", true, false},
        {"1,2\n3\n", true, false},
        {"", true, false},
        {"\n\n", true, false},
    };
    nudge_allocator allocator = counting_allocator(&accounts);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].text);
        char *bytes = malloc(size + 1);
        assert_non_null(bytes);
        memcpy(bytes, cases[i].text, size);
        bool is_table;
        assert_int_equal(csv_look(&allocator, bytes, size, cases[i].last, &is_table, NULL), NUDGE_OK);
        if (is_table != cases[i].is)
            fail_msg("'%s' %s", cases[i].text, cases[i].is ? "is not taken" : "is taken");
        free(bytes);
    }
}

/* The class of FANN's outputs, and how many features LIBSVM has, are the training file's. */
static void a_test_file_is_as_the_training_file(void **state) {
    (void)state;
    put_text("c.train", "3 2 2\n1 2\n0 1\n3 4\n1 0\n5 6\n0 1\n");
    put_text("c.test", "1 2 2\n1 2\n0.25 0.75\n");
    options.test_file = "c.test";
    nudge_data *data = opened("c.train");
    assert_int_equal(nudge_data_classes(data), 2);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 0), 1);
    nudge_data_free(data);
    put_text("c.test", "1 2 2\n1 2\n0.5 0.5\n");
    expect_refused("c.train", NUDGE_BAD_INPUT, "c.test: line 3: the outputs name no class", "first table");
    put_text("n.train", "3 2 1\n1 2\n0.5\n3 4\n1\n5 6\n0\n");
    put_text("c.test", "1 2 1\n1 2\n1\n");
    data = opened("n.train");
    assert_int_equal(nudge_data_classes(data), 0);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 1);
    nudge_data_free(data);
    put_text("a9", "-1 1:1 3:1\n+1 2:1 3:1\n-1 2:1 4:1\n+1 1:1\n");
    put_text("a9.t", "-1 1:1\n+1 2:1 3:1\n");
    options.test_file = "a9.t";
    data = opened("./a9");
    assert_int_equal(nudge_data_features(data), 4);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 2);
    nudge_data_free(data);
    put_text("a9.t", "-1 1:1\n+1 5:1 7:1\n");
    expect_refused("./a9", NUDGE_BAD_INPUT, "a9.t: line 2, column 4: found the index 5, expected at most 4",
                   "number of features");
    options.features = 7;
    data = opened("./a9");
    assert_int_equal(nudge_data_features(data), 7);
    nudge_data_free(data);
}

/* Numbers that are names: LIBSVM's cells have no text. */
static void numbers_may_be_categories(void **state) {
    (void)state;
    put_text("t.svm", "0.5 1:1 2:7\n1.5 1:3\n2.5 1:1 2:5\n");
    options.categorical = "1";
    nudge_data *data = opened("t.svm");
    float row[3];
    assert_int_equal(nudge_data_features(data), 3);
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 1, row, NULL, NULL), NUDGE_OK);
    assert_true(row[0] == 0 && row[1] == 1 && row[2] == 0);
    nudge_data_free(data);
}

/* A minus alone is a gap, but not among classes. */
static void plus_and_minus_are_classes(void **state) {
    (void)state;
    put_text("t.csv", "a,y\n1,-\n-,+\n3,-\n4,+\n");
    nudge_data *data = opened("t.csv");
    assert_int_equal(nudge_data_classes(data), 2);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    assert_int_equal(nudge_data_features(data), 2);
    nudge_data_free(data);
    put_text("t.csv", "a,y\n1,-\n2,1.5\n3,2.5\n");
    data = opened("t.csv");
    assert_int_equal(nudge_data_classes(data), 0);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    nudge_data_free(data);
}

static void without_memory(void **state) {
    (void)state;
    static const char *const names[] = {"./a", "./b", "./c", "./d"};
    static const char *const texts[] = {csv, libsvm, arff, fann};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put_text(names[i], texts[i]);
        options.test_file = names[i];
        size_t before = accounts.live_blocks;
        nudge_status status = NUDGE_NO_MEMORY;
        for (size_t at = 1; status; at++) {
            nudge_data *data = NULL;
            accounts.allocations = 0;
            accounts.fail_at = at;
            status = nudge_data_open(context, names[i], &options, &data, NULL);
            accounts.fail_at = 0;
            assert_true(status == NUDGE_OK || status == NUDGE_NO_MEMORY);
            nudge_data_free(data);
            assert_int_equal(accounts.live_blocks, before);
        }
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(content_decides_where_the_ending_does_not),
        TEST(an_ending_that_is_a_formats_own_decides),
        TEST(what_is_no_table_stays_refused),
        TEST(texts_that_look_like_tables),
        TEST(a_test_file_is_as_the_training_file),
        TEST(numbers_may_be_categories),
        TEST(plus_and_minus_are_classes),
        TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
