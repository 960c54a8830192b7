/* Folders of image files as data, and one image file as a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/data.h"
#include "support/files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;
static nudge_data_options options;

static int set_up(void **state) {
    static const nudge_data_options defaults = NUDGE_DATA_OPTIONS;
    options = defaults;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return enter_scratch(state) || mkdir("set", 0777) ? -1 : 0;
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

/* -- making -- */

/* Makes the folders on the way to a file of set/. */
static void make_folders(const char *path) {
    char folder[256];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        memcpy(folder, path, (size_t)(slash - path));
        folder[slash - path] = 0;
        mkdir(folder, 0777);
    }
}

/* A grey image whose pixels are all `value`. */
static void put_grey(const char *path, unsigned height, unsigned width, int value) {
    char bytes[256];
    int header = snprintf(bytes, sizeof bytes, "P5 %u %u 255\n", width, height);
    memset(bytes + header, value, height * width);
    make_folders(path);
    put_file(path, bytes, (size_t)header + height * width);
}

static void put_text(const char *path, const char *text) {
    make_folders(path);
    put_file(path, text, strlen(text));
}

/* `rows` images of 2x2 pixels: first, first + 1, ... */
static void put_class(const char *folder, int rows, int first) {
    for (int i = 0; i < rows; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%03d.pgm", folder, i);
        put_grey(path, 2, 2, first + i);
    }
}

/* -- opening -- */

static nudge_data *opened(void) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, "./set", &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

__attribute__((sentinel)) static void expect_refused(nudge_status code, const char *fact, ...) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, "./set", &options, &data, &error), code, &error, fact, NULL);
    va_list more;
    va_start(more, fact);
    while ((fact = va_arg(more, const char *)))
        if (!strstr(error.message, fact)) fail_msg("expected \"%s\" in: %s", fact, error.message);
    va_end(more);
    assert_null(data);
}

static void expect_row(const nudge_data *data, nudge_part part, size_t row, float value, int label) {
    float features[16];
    assert_int_equal(nudge_data_row(data, part, row, features, NULL, NULL), NUDGE_OK);
    if (features[0] != value) fail_msg("row %zu: found %d, expected %d", row, (int)features[0], (int)value);
    assert_int_equal(nudge_data_label(data, part, row), label);
}

/* -- folders -- */

static void folders_are_classes(void **state) {
    (void)state;
    put_class("set/b", 2, 20);
    put_class("set/a\xC3\xA4", 1, 30);
    put_class("set/a", 3, 10);
    put_class("set/10", 1, 40);
    nudge_data *data = opened();
    size_t height, width;
    assert_true(nudge_data_image(data, &height, &width) && height == 2 && width == 2);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
    assert_int_equal(nudge_data_features(data), 4);
    assert_int_equal(nudge_data_classes(data), 4);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 7);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 0);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 0);
    static const char *const names[] = {"10", "a", "a\xC3\xA4", "b"};
    for (size_t i = 0; i < 4; i++) assert_string_equal(data->class_names[i], names[i]);
    expect_row(data, NUDGE_PART_TRAIN, 0, 40, 0);
    expect_row(data, NUDGE_PART_TRAIN, 1, 10, 1);
    expect_row(data, NUDGE_PART_TRAIN, 3, 12, 1);
    expect_row(data, NUDGE_PART_TRAIN, 4, 30, 2);
    expect_row(data, NUDGE_PART_TRAIN, 6, 21, 3);
    assert_string_equal(nudge_data_name(data), "./set");
    assert_string_equal(nudge_data_file(data, 6), "./set/b/001.pgm");
    assert_null(nudge_data_file(data, 7));
    nudge_data_free(data);
}

static void parts_have_folders(void **state) {
    (void)state;
    put_class("set/train/a", 3, 10);
    put_class("set/train/b", 2, 20);
    nudge_data *data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 5);
    nudge_data_free(data);
    put_class("set/test/b", 2, 60);
    put_class("set/val/a", 1, 70);
    put_class("set/val/b", 1, 80);
    data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 5);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 2);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 2);
    expect_row(data, NUDGE_PART_TRAIN, 4, 21, 1);
    expect_row(data, NUDGE_PART_VALIDATION, 0, 70, 0);
    expect_row(data, NUDGE_PART_VALIDATION, 1, 80, 1);
    expect_row(data, NUDGE_PART_TEST, 1, 61, 1);
    nudge_data_free(data);
    options.validation_split = 0.5;
    expect_refused(NUDGE_BAD_ARGUMENT, "has a validation part already", NULL);
    options.validation_split = 0;
    options.test_split = 0.5;
    expect_refused(NUDGE_BAD_ARGUMENT, "has a test part already", NULL);
    options.test_split = 0;
    put_class("set/test/c", 1, 1);
    expect_refused(NUDGE_BAD_INPUT, "./set/test/c: a class that the training part does not know", NULL);
    put_class("set/valid/a", 1, 1);
    expect_refused(NUDGE_BAD_INPUT, "./set: has both val and valid, expected one of them", NULL);
}

/* Where other classes stand beside it, "train" is a class like others. */
static void a_train_is_a_class_among_others(void **state) {
    (void)state;
    put_class("set/train", 1, 10);
    put_class("set/bus", 1, 20);
    nudge_data *data = opened();
    assert_int_equal(nudge_data_classes(data), 2);
    expect_row(data, NUDGE_PART_TRAIN, 1, 10, 1);
    nudge_data_free(data);
}

static void clutter_is_passed_over(void **state) {
    (void)state;
    put_class("set/a", 1, 10);
    put_class("set/b", 1, 20);
    put_text("set/README.md", "x");
    put_text("set/Thumbs.db", "x");
    put_text("set/a/notes.txt", "x");
    put_text("set/a/.DS_Store", "x");
    put_text("set/b/._000.pgm", "x");
    put_text("set/__MACOSX/a/x", "x");
    nudge_data *data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    nudge_data_free(data);
}

static void everything_else_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *path, *text, *fact;
    } cases[] = {
        {"set/a/x.csv", "1,2", "./set/a/x.csv: is no image: expected PNG, JPEG, PGM or PPM"},
        {"set/a/x.gif", "GIF89a", "./set/a/x.gif: is a GIF image, expected PNG"},
        {"set/a/x.pgm", "P5 2 2 255\nab", "./set/a/x.pgm: is cut short"},
        {"set/a/.x.pgm", "P5 1 1 1\n\1", "./set/a/.x.pgm: is hidden"},
        {"set/.git/x", "x", "./set/.git: is hidden"},
        {"set/a/more/x", "x", "./set/a/more: is a folder, expected an image"},
        {"set/x.pgm", "P5 1 1 1\n\1", "./set/x.pgm: lies beside the folders, expected in the folder of its"},
        {"set/\xFF/x.pgm", "P5 1 1 1\n\1", "./set/\\xff: its name is no UTF-8"},
        {"set/a\nb/x.pgm", "P5 1 1 1\n\1", "./set/a\\nb: its name is no UTF-8 or has control characters"},
    };
    put_class("set/a", 1, 10);
    put_class("set/b", 1, 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[64];
        put_text(cases[i].path, cases[i].text);
        expect_refused(NUDGE_BAD_INPUT, cases[i].fact, NULL);
        assert_int_equal(unlink(cases[i].path), 0);
        snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(cases[i].path, '/') - cases[i].path),
                 cases[i].path);
        if (strcmp(folder, "set") != 0) rmdir(folder); /* those of a and b are not empty */
    }
    mkdir("set/c", 0777);
    expect_refused(NUDGE_BAD_INPUT, "./set/c: has no images", NULL);
}

static void one_class_is_none(void **state) {
    (void)state;
    put_class("set/a", 3, 10);
    expect_refused(NUDGE_BAD_INPUT, "./set: has images of one class alone, expected a folder for each", NULL);
    rename("set/a", "set/train");
    expect_refused(NUDGE_BAD_INPUT, "./set/train/000.pgm: lies beside the folders", NULL);
}

/* Such a folder is no set of images, and is told what nudge expects as ever. */
static void folders_without_images_are_none(void **state) {
    (void)state;
    expect_refused(NUDGE_BAD_INPUT, "the folder has no training images", NULL);
    put_text("set/a/b/c/x.pgm", "P5 1 1 1\n\1"); /* too far down */
    expect_refused(NUDGE_BAD_INPUT, "the folder has no training images", NULL);
    put_class("set/a", 1, 1);
    put_small_part("set", "train", 6); /* IDX files come first */
    nudge_data *data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 6);
    assert_null(data->class_names);
    nudge_data_free(data);
}

/* -- sizes and colours -- */

static void sizes_must_be_the_first_ones(void **state) {
    (void)state;
    put_class("set/a", 2, 10);
    put_class("set/b", 1, 20);
    put_grey("set/b/x.pgm", 4, 3, 100);
    expect_refused(NUDGE_BAD_INPUT, "./set/b/x.pgm: an image of 4x3 pixels, expected 2x2 as the first one",
                   "./set/a/000.pgm; to make all of one size, give it: --size 2x2", NULL);
    options.height = 1;
    expect_refused(NUDGE_BAD_ARGUMENT, "images of 1x0, expected both sides or none", NULL);
    options.width = (size_t)1 << 40;
    expect_refused(NUDGE_BAD_ARGUMENT, "expected at most 67108864 pixels", NULL);
    options.width = 3;
    options.invert = true;
    nudge_data *data = opened();
    size_t height, width;
    assert_true(nudge_data_image(data, &height, &width) && height == 1 && width == 3);
    expect_row(data, NUDGE_PART_TRAIN, 0, 245, 0);
    expect_row(data, NUDGE_PART_TRAIN, 3, 155, 1);
    nudge_data_free(data);
}

static void colour_has_three_channels(void **state) {
    (void)state;
    put_text("set/a/x.ppm", "P3 1 1 255 10 20 30");
    put_grey("set/b/x.pgm", 1, 1, 7);
    nudge_data *data = opened();
    assert_int_equal(nudge_data_features(data), 1);
    expect_row(data, NUDGE_PART_TRAIN, 0, 18, 0);
    nudge_data_free(data);
    options.colour = true;
    data = opened();
    float features[3];
    assert_int_equal(nudge_data_features(data), 3);
    assert_false(nudge_data_image(data, NULL, NULL));
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 0, features, NULL, NULL), NUDGE_OK);
    assert_true(features[0] == 10 && features[1] == 20 && features[2] == 30);
    nudge_data_free(data);
}

/* -- parts that are drawn -- */

static void count_classes(const nudge_data *data, nudge_part part, size_t counts[3]) {
    memset(counts, 0, 3 * sizeof *counts);
    for (size_t i = 0; i < nudge_data_rows(data, part); i++) counts[nudge_data_label(data, part, i)]++;
}

static void a_test_part_is_drawn_by_class(void **state) {
    (void)state;
    put_class("set/a", 20, 0);
    put_class("set/b", 10, 100);
    put_class("set/c", 1, 200);
    options.test_split = 0.3;
    nudge_data *data = opened(), *again = opened();
    size_t counts[3];
    count_classes(data, NUDGE_PART_TEST, counts);
    assert_true(counts[0] == 6 && counts[1] == 3 && counts[2] == 0);
    count_classes(data, NUDGE_PART_TRAIN, counts);
    assert_true(counts[0] == 14 && counts[1] == 7 && counts[2] == 1);
    options.seed = 2;
    nudge_data *other = opened();
    bool differ = false, seen[256] = {false};
    float a[4], b[4];
    for (size_t i = 0; i < 9; i++) {
        nudge_data_row(data, NUDGE_PART_TEST, i, a, NULL, NULL);
        nudge_data_row(again, NUDGE_PART_TEST, i, b, NULL, NULL);
        assert_true(a[0] == b[0]);
        nudge_data_row(other, NUDGE_PART_TEST, i, b, NULL, NULL);
        differ |= a[0] != b[0];
        seen[(int)a[0]] = true;
    }
    assert_true(differ);
    for (size_t i = 0; i < 22; i++) {
        nudge_data_row(data, NUDGE_PART_TRAIN, i, a, NULL, NULL);
        assert_false(seen[(int)a[0]]); /* no image is in both */
        seen[(int)a[0]] = true;
    }
    nudge_data_free(data);
    nudge_data_free(again);
    nudge_data_free(other);
    options.validation_split = 0.1; /* of all 31 rows */
    data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 3);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 19);
    nudge_data_free(data);
}

static void shares_must_leave_rows(void **state) {
    (void)state;
    put_class("set/a", 2, 0);
    put_class("set/b", 2, 100);
    options.test_split = 0.99; /* one stays of each class */
    nudge_data *data = opened();
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 2);
    nudge_data_free(data);
    options.test_split = 0.1;
    expect_refused(NUDGE_BAD_INPUT, "no class has images enough for a test part of 0.1", NULL);
    options.test_split = -1;
    expect_refused(NUDGE_BAD_ARGUMENT, "shares 1 for the test and 0 for validation", NULL);
    options.test_split = options.validation_split = 0.5;
    expect_refused(NUDGE_BAD_ARGUMENT, "expected less than 1 together", NULL);
    options.test_split = options.validation_split = 0;
    options.test_file = "x";
    expect_refused(NUDGE_BAD_ARGUMENT, "of images no file is a part", NULL);
}

/* -- a network's classes -- */

static void a_networks_labels_are_the_classes(void **state) {
    (void)state;
    static const char *const labels[] = {"c", "b", "a"};
    nudge_net *net;
    assert_int_equal(nudge_net_create(context, 4, "3 softmax", 1, &net, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_labels(net, labels, 3, NULL), NUDGE_OK);
    options.net = net;
    put_class("set/a", 1, 10);
    put_class("set/c", 1, 30);
    nudge_data *data = opened();
    assert_int_equal(nudge_data_classes(data), 3);
    expect_row(data, NUDGE_PART_TRAIN, 0, 10, 2);
    expect_row(data, NUDGE_PART_TRAIN, 1, 30, 0);
    nudge_data_free(data);
    put_class("set/d", 1, 1);
    expect_refused(NUDGE_BAD_INPUT, "./set/d: a class that the network does not know", NULL);
    nudge_net_free(net);
}

/* -- memory -- */

static void too_large_a_set_is_refused(void **state) {
    (void)state;
    nudge_context_options limited = NUDGE_CONTEXT_OPTIONS;
    nudge_context *small;
    nudge_data *data = NULL;
    nudge_error error = {0};
    limited.data_memory = 15;
    limited.allocator = counting_allocator(&accounts);
    assert_int_equal(nudge_context_create(&limited, &small, NULL), NUDGE_OK);
    put_class("set/a", 2, 10);
    put_class("set/b", 2, 20);
    expect_error(nudge_data_open(small, "./set", NULL, &data, &error), NUDGE_NO_MEMORY, &error,
                 "./set: 4 images of 2x2 take 16 bytes, data may take 15: expected smaller ones", NULL);
    nudge_context_free(small);
}

static void every_failing_allocation_is_told(void **state) {
    (void)state;
    put_class("set/train/a", 5, 10);
    put_class("set/train/b", 1, 20);
    put_class("set/val/b", 1, 20);
    options.test_split = 0.4;
    nudge_status status = NUDGE_NO_MEMORY;
    size_t live = accounts.live_blocks;
    for (size_t at = 1; status; at++) {
        nudge_data *data = NULL;
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = at;
        status = nudge_data_open(context, "./set", &options, &data, &error);
        if (status) expect_error(status, NUDGE_NO_MEMORY, &error, "", NULL);
        if (!status) assert_true(at > 50);
        nudge_data_free(data);
        assert_int_equal(accounts.live_blocks, live);
    }
}

/* -- one image -- */

static void one_image_is_a_row(void **state) {
    (void)state;
    float pixels[6];
    nudge_error error = {0};
    put_text("x.ppm", "P3 2 1 255 10 20 30 10 20 30");
    assert_int_equal(nudge_image_read(context, "x.ppm", NULL, 1, 2, pixels, &error), NUDGE_OK);
    assert_true(pixels[0] == 18 && pixels[1] == 18);
    options.invert = true;
    assert_int_equal(nudge_image_read(context, "x.ppm", &options, 2, 3, pixels, &error), NUDGE_OK);
    for (size_t i = 0; i < 6; i++) assert_true(pixels[i] == 237);
    options.invert = false;
    options.colour = true;
    assert_int_equal(nudge_image_read(context, "x.ppm", &options, 1, 1, pixels, &error), NUDGE_OK);
    assert_true(pixels[0] == 10 && pixels[1] == 20 && pixels[2] == 30);
    expect_error(nudge_image_read(context, "x.ppm", NULL, 0, 1, pixels, &error), NUDGE_BAD_ARGUMENT, &error,
                 "an image of 0x1, expected 1x1 to 67108864 pixels", NULL);
    error = (nudge_error){0};
    expect_error(nudge_image_read(context, "y.ppm", NULL, 1, 1, pixels, &error), NUDGE_BAD_INPUT, &error,
                 "y.ppm: cannot be opened: no such file or folder", NULL);
    error = (nudge_error){0};
    options.struct_size = 0;
    expect_error(nudge_image_read(context, "x.ppm", &options, 1, 1, pixels, &error), NUDGE_BAD_ARGUMENT,
                 &error, "begin with NUDGE_DATA_OPTIONS", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders_are_classes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_have_folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_train_is_a_class_among_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clutter_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(everything_else_is_refused_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_class_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_without_images_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sizes_must_be_the_first_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colour_has_three_channels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_test_part_is_drawn_by_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shares_must_leave_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_networks_labels_are_the_classes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_large_a_set_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_failing_allocation_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_image_is_a_row, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
