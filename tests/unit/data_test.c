/* Data sets in memory: what is taken in and what is refused, rows as they were given, the validation
 * split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static const float values[] = {1, 2, 3, 4, 5, 6}; /* three rows of two features */
static const int32_t labels[] = {0, 2, 1};
static const float targets[] = {0.5f, 1.5f, 2.5f};

static nudge_rows classified(void) {
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 3;
    rows.features = 2;
    rows.values = values;
    rows.labels = labels;
    rows.classes = 3;
    return rows;
}

static nudge_rows measured(void) {
    nudge_rows rows = classified();
    rows.labels = NULL;
    rows.classes = 0;
    rows.targets = targets;
    rows.target_columns = 1;
    return rows;
}

/* -- rows in, rows out -- */

static void test_classes(void **state) {
    (void)state;
    nudge_rows rows = classified();
    nudge_data *data = NULL;
    float features[2], hot[3];
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 3);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 0);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 0);
    assert_int_equal(nudge_data_rows(data, (nudge_part)9), 0);
    assert_int_equal(nudge_data_features(data), 2);
    assert_int_equal(nudge_data_classes(data), 3);
    assert_int_equal(nudge_data_targets(data), 3);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_F32);
    assert_false(nudge_data_image(data, NULL, NULL));
    assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, 1, features, hot, error));
    assert_true(features[0] == 3 && features[1] == 4);
    assert_true(hot[0] == 0 && hot[1] == 0 && hot[2] == 1);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 2), 1);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 3), -1);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 0), -1);
    nudge_data_free(data);
    nudge_data_free(NULL);
}

static void test_numbers_as_targets(void **state) {
    (void)state;
    nudge_rows rows = measured(), test = measured();
    nudge_data *data = NULL;
    float target;
    test.rows = 1;
    assert_ok(nudge_data_create(context, &rows, &test, &data, error));
    assert_int_equal(nudge_data_classes(data), 0);
    assert_int_equal(nudge_data_targets(data), 1);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 1);
    assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, 2, NULL, &target, error));
    assert_true(target == 2.5f);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 0), -1);
    nudge_data_free(data);
}

static void test_bytes_as_images(void **state) {
    (void)state;
    static const uint8_t pixels[] = {0, 1, 2, 253, 254, 255};
    nudge_rows rows = classified();
    nudge_data *data = NULL;
    float features[6];
    size_t height, width;
    int32_t label = 2;
    rows.rows = 1;
    rows.features = 6;
    rows.type = NUDGE_TYPE_U8;
    rows.values = pixels;
    rows.labels = &label;
    rows.height = 2;
    rows.width = 3;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
    assert_true(nudge_data_image(data, &height, &width) && height == 2 && width == 3);
    assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, 0, features, NULL, error));
    for (size_t i = 0; i < 6; i++) assert_true(features[i] == pixels[i]);
    nudge_data_free(data);
}

/* The caller's memory may go. */
static void test_rows_are_copied(void **state) {
    (void)state;
    float own[] = {1, 2, 3, 4, 5, 6};
    nudge_rows rows = classified();
    nudge_data *data = NULL;
    float features[2];
    rows.values = own;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    memset(own, 0, sizeof own);
    assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, 0, features, NULL, error));
    assert_true(features[0] == 1 && features[1] == 2);
    nudge_data_free(data);
}

static void test_rows_that_are_not_there(void **state) {
    (void)state;
    nudge_rows rows = classified();
    nudge_data *data = NULL;
    nudge_error e = {0};
    float features[2] = {7, 7};
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    expect_error(nudge_data_row(data, NUDGE_PART_TRAIN, 3, features, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "row 3", "0 to 2", NULL);
    expect_error(nudge_data_row(data, NUDGE_PART_TEST, 0, features, NULL, &e), NUDGE_BAD_ARGUMENT, &e,
                 "no test part", NULL);
    assert_true(features[0] == 7);
    nudge_data_free(data);
}

/* -- what is refused -- */

static void refuse(const nudge_rows *train, const nudge_rows *test, nudge_status status, const char *first,
                   const char *second) {
    nudge_data *data = NULL;
    nudge_error e = {0};
    expect_error(nudge_data_create(context, train, test, &data, &e), status, &e, first, second, NULL);
    assert_null(data);
}

static void test_labels_are_in_range(void **state) {
    (void)state;
    const int32_t high[] = {0, 3, 1}, low[] = {0, 1, -1};
    nudge_rows rows = classified(), test = classified();
    rows.labels = high;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "train row 1 has label 3", "0 to 2");
    rows.labels = low;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "train row 2 has label -1", "0 to 2");
    rows.labels = labels;
    test.labels = high;
    refuse(&rows, &test, NUDGE_BAD_INPUT, "test row 1 has label 3", "0 to 2");
}

static void test_numbers_are_finite(void **state) {
    (void)state;
    float bad[] = {1, 2, 3, NAN, 5, 6}, bad_targets[] = {1, 2, -INFINITY};
    nudge_rows rows = classified();
    rows.values = bad;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "train row 1, feature 1 is nan", "finite");
    bad[3] = INFINITY;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "train row 1, feature 1 is inf", "finite");
    rows = measured();
    rows.targets = bad_targets;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "train row 2, target 0 is -inf", "finite");
}

static void test_shapes_make_sense(void **state) {
    (void)state;
    nudge_rows rows = classified();
    rows.features = 0;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "no features", "rows");
    rows = classified();
    rows.classes = 0;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "neither classes nor target columns", "rows");
    rows.classes = 70000;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "70000 classes", "at most 65536");
    rows = classified();
    rows.height = 2;
    rows.width = 2;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "2 by 2", "2 features");
    rows = classified();
    rows.targets = targets;
    refuse(&rows, NULL, NUDGE_BAD_ARGUMENT, "either labels or targets", "train");
    rows.labels = NULL, rows.targets = NULL;
    refuse(&rows, NULL, NUDGE_BAD_ARGUMENT, "either labels or targets", "train");
}

static void test_rows_are_given(void **state) {
    (void)state;
    nudge_rows rows = classified(), none = NUDGE_ROWS;
    rows.struct_size = 0;
    refuse(&rows, NULL, NUDGE_BAD_ARGUMENT, "struct_size", "NUDGE_ROWS");
    refuse(&none, NULL, NUDGE_BAD_ARGUMENT, "train rows", "none");
    rows = classified();
    refuse(&rows, &none, NUDGE_BAD_ARGUMENT, "test rows", "none");
    rows.type = (nudge_type)5;
    refuse(&rows, NULL, NUDGE_BAD_ARGUMENT, "type 5", "NUDGE_TYPE_U8");
}

static void test_parts_agree(void **state) {
    (void)state;
    nudge_rows train = classified(), test = classified();
    test.features = 1;
    refuse(&train, &test, NUDGE_BAD_ARGUMENT, "differ", "features");
    test = classified();
    test.classes = 4;
    refuse(&train, &test, NUDGE_BAD_ARGUMENT, "differ", "classes");
    test = measured();
    refuse(&train, &test, NUDGE_BAD_ARGUMENT, "differ", "targets");
}

/* Sizes whose product does not fit: told before any memory is asked for. */
static void test_impossible_sizes(void **state) {
    (void)state;
    nudge_rows rows = classified();
    rows.rows = 3ull << 30;
    rows.features = SIZE_MAX / 4;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "do not fit in memory", "features");
    rows.rows = 1ull << 32;
    rows.features = 2;
    refuse(&rows, NULL, NUDGE_BAD_INPUT, "4294967296 rows", "at most");
}

/* -- the split -- */

/* Rows are told apart by their only feature, which counts up. */
static nudge_data *counted(size_t count) {
    static float numbers[1000];
    static int32_t zeros[1000];
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    for (size_t i = 0; i < count; i++) numbers[i] = (float)i;
    rows.rows = count;
    rows.features = 1;
    rows.values = numbers;
    rows.labels = zeros;
    rows.classes = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    return data;
}

/* Every row is in one part, in order; returns the digest of the validation part. */
static uint64_t check_split(const nudge_data *data, size_t count, size_t validation) {
    unsigned char seen[1000] = {0};
    uint64_t digest = SMALL_DIGEST;
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), validation);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), count - validation);
    for (int part = NUDGE_PART_TRAIN; part <= NUDGE_PART_VALIDATION; part++) {
        float number, before = -1;
        for (size_t r = 0; r < nudge_data_rows(data, (nudge_part)part); r++, before = number) {
            assert_ok(nudge_data_row(data, (nudge_part)part, r, &number, NULL, error));
            assert_true(number > before && !seen[(size_t)number]);
            seen[(size_t)number] = 1;
            if (part == NUDGE_PART_VALIDATION) digest = small_digest_floats(digest, &number, 1);
        }
    }
    return digest;
}

static void test_split_takes_each_row_once(void **state) {
    (void)state;
    static const struct {
        size_t rows;
        double fraction;
        size_t validation;
    } cases[] = {{1000, 0.1, 100}, {10, 0.25, 3}, {2, 0.001, 1},
                 {2, 0.999, 1},    {3, 0.5, 2},   {100, 0.999, 99}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nudge_data *data = counted(cases[i].rows);
        assert_ok(nudge_data_split(data, cases[i].fraction, 7, error));
        check_split(data, cases[i].rows, cases[i].validation);
        nudge_data_free(data);
    }
}

static void test_split_depends_on_the_seed_alone(void **state) {
    (void)state;
    static const uint64_t seeds[] = {7, 7, 8};
    uint64_t digests[3];
    for (size_t i = 0; i < 3; i++) {
        nudge_data *data = counted(100);
        assert_ok(nudge_data_split(data, 0.2, seeds[i], error));
        digests[i] = check_split(data, 100, 20);
        nudge_data_free(data);
    }
    assert_true(digests[0] == digests[1] && digests[0] != digests[2]);
}

static void test_split_is_refused(void **state) {
    (void)state;
    static const double bad[] = {0, 1, -0.5, 2, NAN};
    nudge_data *data = counted(10), *one = counted(1);
    nudge_error e = {0};
    for (size_t i = 0; i < 5; i++)
        expect_error(nudge_data_split(data, bad[i], 1, &e), NUDGE_BAD_ARGUMENT, &e, "fraction",
                     "above 0 and below 1", NULL);
    expect_error(nudge_data_split(one, 0.5, 1, &e), NUDGE_BAD_ARGUMENT, &e, "1 training row", "at least 2",
                 NULL);
    assert_ok(nudge_data_split(data, 0.5, 1, error));
    expect_error(nudge_data_split(data, 0.5, 1, &e), NUDGE_BAD_ARGUMENT, &e, "validation part already", NULL);
    check_split(data, 10, 5);
    nudge_data_free(data);
    nudge_data_free(one);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_classes),
        TEST(test_numbers_as_targets),
        TEST(test_bytes_as_images),
        TEST(test_rows_are_copied),
        TEST(test_rows_that_are_not_there),
        TEST(test_labels_are_in_range),
        TEST(test_numbers_are_finite),
        TEST(test_shapes_make_sense),
        TEST(test_rows_are_given),
        TEST(test_parts_agree),
        TEST(test_impossible_sizes),
        TEST(test_split_takes_each_row_once),
        TEST(test_split_depends_on_the_seed_alone),
        TEST(test_split_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
