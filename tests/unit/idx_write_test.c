/* Data sets written as IDX files: nudge_data_write_idx. What is written is read back by nudge_data_open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;

/* Each test has an empty folder "set"; afterwards everything is gone, and every block given back. */
static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    unsetenv("NUDGE_DATA");
    return enter_scratch(state) || mkdir("set", 0777) ? -1 : 0;
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

static nudge_data *opened(const char *name) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, name, NULL, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static void pack(const char *path, const char *packed) {
    size_t count;
    unsigned char *bytes = get_file(path, &count);
    put_gzip(packed, bytes, count);
    free(bytes);
    unlink(path);
}

static void expect_same_part(const nudge_data *a, const nudge_data *b, nudge_part part) {
    size_t n = nudge_data_features(a), m = nudge_data_targets(a), rows = nudge_data_rows(a, part);
    float *x = malloc((n + m) * sizeof *x), *y = malloc((n + m) * sizeof *y);
    assert_int_equal(nudge_data_rows(b, part), rows);
    for (size_t r = 0; r < rows; r++) {
        assert_int_equal(nudge_data_row(a, part, r, x, x + n, NULL), NUDGE_OK);
        assert_int_equal(nudge_data_row(b, part, r, y, y + n, NULL), NUDGE_OK);
        assert_memory_equal(x, y, (n + m) * sizeof *x);
    }
    free(x);
    free(y);
}

static void expect_written_and_read_back(const nudge_rows *train, const nudge_rows *test, const char *file,
                                         const char *other) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    assert_int_equal(nudge_data_create(context, train, test, &data, &error), NUDGE_OK);
    if (nudge_data_write_idx(data, "made", &error)) fail_msg("%s", error.message);
    assert_int_equal(count_entries("made"), test ? 4 : 2);
    assert_int_equal(access(file, R_OK), 0);
    assert_int_equal(access(other, R_OK), 0);
    nudge_data *back = opened("./made");
    assert_int_equal(nudge_data_type(back), nudge_data_type(data));
    assert_int_equal(nudge_data_features(back), nudge_data_features(data));
    assert_int_equal(nudge_data_classes(back), nudge_data_classes(data));
    assert_int_equal(nudge_data_targets(back), nudge_data_targets(data));
    assert_int_equal(nudge_data_image(back, NULL, NULL), nudge_data_image(data, NULL, NULL));
    expect_same_part(data, back, NUDGE_PART_TRAIN);
    expect_same_part(data, back, NUDGE_PART_TEST);
    nudge_data_free(back);
    nudge_data_free(data);
    assert_int_equal(system("rm -r made"), 0);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    uint8_t pixels[24];
    float numbers[6] = {0.1f, -0.f, 0x1p-149f, -0x1.fffffep127f, 3, 4};
    int32_t few[4] = {0, 255, 1, 2}, many[4] = {0, 256, 1, 65535};
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 11);
    nudge_rows train = NUDGE_ROWS, test = NUDGE_ROWS;
    train.rows = 4, train.features = 6, train.type = NUDGE_TYPE_U8, train.values = pixels;
    train.labels = few, train.classes = 256, train.height = 2, train.width = 3;
    test = train, test.rows = 1;
    expect_written_and_read_back(&train, &test, "made/train-images-idx3-ubyte",
                                 "made/t10k-labels-idx1-ubyte");
    train.height = train.width = 0, train.labels = many, train.classes = 65536;
    expect_written_and_read_back(&train, NULL, "made/train-features-idx2-ubyte",
                                 "made/train-labels-idx1-int");
    train.type = NUDGE_TYPE_F32, train.values = numbers, train.rows = 2, train.features = 3;
    train.labels = NULL, train.targets = numbers, train.target_columns = 2;
    expect_written_and_read_back(&train, NULL, "made/train-features-idx2-float",
                                 "made/train-targets-idx2-float");
    train.height = 1, train.width = 3;
    expect_written_and_read_back(&train, NULL, "made/train-images-idx3-float",
                                 "made/train-targets-idx2-float");
}

static void validation_rows_are_written_with_the_training_rows(void **state) {
    (void)state;
    put_small_part("set", "train", 40);
    nudge_data *data = opened("./set"), *whole = opened("./set");
    nudge_error error = {0};
    assert_int_equal(nudge_data_split(data, 0.25, 1, &error), NUDGE_OK);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 30);
    assert_int_equal(nudge_data_write_idx(data, "made", &error), NUDGE_OK);
    nudge_data *back = opened("./made");
    assert_int_equal(nudge_data_rows(back, NUDGE_PART_VALIDATION), 0);
    expect_same_part(whole, back, NUDGE_PART_TRAIN);
    nudge_data_free(data);
    nudge_data_free(whole);
    nudge_data_free(back);
}

static void a_set_is_not_mixed_with_another(void **state) {
    (void)state;
    nudge_error error = {0};
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    nudge_data *both = opened("./set");
    put_file("set/notes.txt", "x", 1);
    assert_int_equal(nudge_data_write_idx(both, "set", &error), NUDGE_OK);
    assert_int_equal(count_entries("set"), 5);
    unlink("set/t10k-images-idx3-ubyte");
    unlink("set/t10k-labels-idx1-ubyte");
    nudge_data *one = opened("./set");
    assert_int_equal(nudge_data_write_idx(both, "set", &error), NUDGE_OK);
    expect_error(nudge_data_write_idx(one, "set", &error), NUDGE_BAD_INPUT, &error,
                 "set: has t10k-images-idx3-ubyte", "together", NULL);
    pack("set/train-images-idx3-ubyte", "set/train-images-idx3-ubyte.gz");
    expect_error(nudge_data_write_idx(both, "set", &error), NUDGE_BAD_INPUT, &error,
                 "set: has train-images-idx3-ubyte.gz", NULL);
    nudge_data_free(both);
    nudge_data_free(one);
}

static void a_folder_that_cannot_be_made_is_named(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_data *data = opened("xor");
    expect_error(nudge_data_write_idx(data, "none/made", &error), NUDGE_IO, &error, "none/made: ", NULL);
    put_file("plain", "x", 1);
    expect_error(nudge_data_write_idx(data, "plain", &error), NUDGE_IO, &error, "plain: is not a folder",
                 NULL);
    nudge_data_free(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_back),
        TEST(validation_rows_are_written_with_the_training_rows),
        TEST(a_set_is_not_mixed_with_another),
        TEST(a_folder_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
