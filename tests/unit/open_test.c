/* Data sets by name, from folders and from files: nudge_data_open. */
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

__attribute__((sentinel)) static void expect_refused(const char *name, const char *fact, ...) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, NULL, &data, &error), NUDGE_BAD_INPUT, &error, fact, NULL);
    va_list more;
    va_start(more, fact);
    while ((fact = va_arg(more, const char *)))
        if (!strstr(error.message, fact)) fail_msg("expected \"%s\" in: %s", fact, error.message);
    va_end(more);
    assert_null(data);
}

static void pack(const char *path, const char *packed) {
    size_t count;
    unsigned char *bytes = get_file(path, &count);
    put_gzip(packed, bytes, count);
    free(bytes);
    unlink(path);
}

/* -- a folder -- */

static void expect_small_set(const char *name, size_t train_rows, size_t test_rows) {
    nudge_data *data = opened(name);
    size_t height, width;
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), train_rows);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), test_rows);
    assert_int_equal(nudge_data_features(data), 4);
    assert_int_equal(nudge_data_classes(data), 3);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
    assert_true(nudge_data_image(data, &height, &width) && height == 2 && width == 2);
    float features[4];
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 5, features, NULL, NULL), NUDGE_OK);
    assert_true(features[0] == 20 && features[3] == 23);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 5), 2);
    nudge_data_free(data);
}

static void expect_small_set_of(const char *name, size_t train_rows, size_t test_rows) {
    nudge_data *data = opened(name);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), train_rows);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), test_rows);
    assert_int_equal(nudge_data_features(data), 4);
    nudge_data_free(data);
}

static void a_folder_has_two_parts(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    expect_small_set("./set", 6, 0);
    put_small_part("set", "t10k", 3);
    expect_small_set("./set", 6, 3);
    expect_small_set("set/", 6, 3);
    nudge_data *data = opened("./set");
    assert_string_equal(nudge_data_name(data), "./set");
    nudge_data_free(data);
}

static void names_have_many_forms(void **state) {
    (void)state;
    static const char *const names[][4] = {
        {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
         "t10k-labels.idx1-ubyte"},
        {"train_features.idx", "train_targets.idx", "test_features.idx", "test_targets.idx"},
        {"train-images", "train-labels", "test-images", "test-labels"},
        {"train-features_idx2-float", "train-labels-idx1-int", "t10k-images-idx3-ubyte",
         "test-targets.idx1-ubyte"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (int packed = 0; packed < 2; packed++) {
            char paths[4][80];
            put_small_part("set", "train", 6);
            put_small_part("set", "t10k", 3);
            for (size_t j = 0; j < 4; j++)
                snprintf(paths[j], 80, "set/%s%s", names[i][j], packed ? ".gz" : "");
            rename("set/train-images-idx3-ubyte", paths[0]);
            rename("set/train-labels-idx1-ubyte", paths[1]);
            rename("set/t10k-images-idx3-ubyte", paths[2]);
            rename("set/t10k-labels-idx1-ubyte", paths[3]);
            expect_small_set("./set", 6, 3);
            for (size_t j = 0; j < 4; j++) assert_int_equal(unlink(paths[j]), 0);
        }
}

/* Gives the files of a part other names: PREFIXimages..., PREFIXlabels... */
static void rename_part(const char *part, const char *prefix) {
    static const char *const ends[] = {"images-idx3-ubyte", "labels-idx1-ubyte"};
    for (size_t i = 0; i < 2; i++) {
        char from[100], to[100];
        snprintf(from, sizeof from, "set/%s-%s", part, ends[i]);
        snprintf(to, sizeof to, "set/%s%s", prefix, ends[i]);
        assert_int_equal(rename(from, to), 0);
    }
}

static void names_may_have_a_prefix(void **state) {
    (void)state;
    put_small_part("set", "train", 5);
    put_small_part("set", "t10k", 3);
    rename_part("train", "emnist-letters-train-");
    rename_part("t10k", "emnist-letters-test-");
    expect_small_set_of("./set", 5, 3);
    put_small_part("set", "train", 6); /* plain names win over prefixed ones */
    expect_small_set("./set", 6, 0);
}

static void names_may_say_no_part(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    rename_part("train", "own-");
    expect_small_set("./set", 6, 0);
    put_small_part("set", "t10k", 3); /* one that says its part wins */
    expect_small_set_of("./set", 0, 3);
}

static void a_folder_may_have_a_test_part_alone(void **state) {
    (void)state;
    put_small_part("set", "t10k", 6);
    nudge_data *data = opened("./set");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 0);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 6);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 5), 2);
    nudge_data_free(data);
    unlink("set/t10k-labels-idx1-ubyte");
    expect_refused("./set", "./set: ", "no test labels", NULL);
}

static void a_folder_may_have_its_files_in_raw(void **state) {
    (void)state;
    mkdir("set/raw", 0777);
    put_small_part("set/raw", "train", 6);
    expect_small_set("./set", 6, 0);
    put_small_part("set", "t10k", 6); /* its own files win */
    expect_small_set_of("./set", 0, 6);
}

static void other_files_are_left_alone(void **state) {
    (void)state;
    static const char *const names[] = {"README",
                                        "train-images-idx3-ubyte.0123456789abcdef.part",
                                        "train-images.png",
                                        "train-images-idx-ubyte",
                                        "xtrain-images-idx3-ubyte",
                                        "trainimages",
                                        "train-images-idx3-",
                                        "train-images-idx3-ubyte.gz.1",
                                        "Train-Images",
                                        "train-labels.idx.bak",
                                        "test-pictures",
                                        "t10k"};
    put_small_part("set", "train", 6);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        snprintf(path, sizeof path, "set/%s", names[i]);
        put_file(path, "no", 2);
    }
    expect_small_set("./set", 6, 0);
}

static void plain_files_win_over_packed_ones(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    put_file("set/train-images.idx.gz", "not gzip", 8);
    put_file("set/train-images-idx3-ubyte.gz", "not gzip", 8);
    expect_small_set("./set", 6, 0);
    pack("set/train-images-idx3-ubyte", "set/train-images-idx3-ubyte.gz");
    expect_refused("./set", "./set: has both train-images-idx3-ubyte.gz and train-images.idx.gz", NULL);
    unlink("set/train-images.idx.gz");
    expect_small_set("./set", 6, 0);
}

static void zeros_behind_a_packed_file_are_padding(void **state) {
    (void)state;
    static const char path[] = "set/train-images-idx3-ubyte.gz";
    put_small_part("set", "train", 6);
    pack("set/train-images-idx3-ubyte", path);
    size_t count;
    unsigned char *packed = get_file(path, &count), *padded = calloc(count + 512, 1);
    assert_non_null(padded);
    memcpy(padded, packed, count);
    put_file(path, padded, count + 512);
    expect_small_set("./set", 6, 0);
    padded[count + 100] = 1;
    put_file(path, padded, count + 512);
    expect_refused("./set", "set/train-images-idx3-ubyte.gz: ", "gzip", NULL);
    free(packed);
    free(padded);
}

static void two_files_for_one_role_are_refused(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    put_small_part("set", "test", 3);
    expect_refused("./set", "./set: has both t10k-images-idx3-ubyte and test-images-idx3-ubyte",
                   "one of them", NULL);
}

static void missing_files_are_named(void **state) {
    (void)state;
    expect_refused("./set", "./set: ", "no training images", "train-images-idx3-ubyte", NULL);
    put_small_part("set", "train", 6);
    unlink("set/train-labels-idx1-ubyte");
    expect_refused("./set", "./set: ", "no training labels", "train-labels-idx1-ubyte", NULL);
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    unlink("set/t10k-labels-idx1-ubyte");
    expect_refused("./set", "./set: ", "no test labels", "t10k-labels-idx1-ubyte", NULL);
    put_small_part("set", "t10k", 3);
    unlink("set/t10k-images-idx3-ubyte");
    expect_refused("./set", "./set: ", "no test images", NULL);
}

/* -- files that do not belong together -- */

static void rows_must_agree(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    put_idx("set/train-labels-idx1-ubyte", 0x08, 1, (uint32_t[]){5}, "\0\1\2\0\1", 5);
    expect_refused("./set",
                   "set/train-labels-idx1-ubyte: has 5 rows, expected 6 as in train-images-idx3-ubyte", NULL);
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    put_idx("set/t10k-labels-idx1-ubyte", 0x08, 1, (uint32_t[]){4}, "\0\1\2\0", 4);
    expect_refused("./set", "set/t10k-labels-idx1-ubyte: has 4 rows, expected 3", NULL);
}

static void labels_must_be_a_list(void **state) {
    (void)state;
    put_small_part("set", "train", 2);
    put_idx("set/train-labels-idx1-ubyte", 0x08, 2, (uint32_t[]){2, 2}, "\0\1\1\0", 4);
    expect_refused("./set", "set/train-labels-idx1-ubyte: u8 with 2 dimensions, expected 1", NULL);
    put_idx("set/train-labels-idx1-ubyte", 0x0D, 3, (uint32_t[]){2, 1, 1}, "\0\0\0\0\0\0\0\0", 8);
    expect_refused("./set", "set/train-labels-idx1-ubyte: targets with 3 dimensions, expected 1 or 2", NULL);
}

static void labels_must_be_in_range(void **state) {
    (void)state;
    put_small_part("set", "train", 2);
    put_idx("set/train-labels-idx1-ubyte", 0x09, 1, (uint32_t[]){2}, "\x01\xff", 2);
    expect_refused("./set", "set/train-labels-idx1-ubyte: row 1 has label -1, expected 0 to 65535", NULL);
    put_idx("set/train-labels-idx1-ubyte", 0x0C, 1, (uint32_t[]){2}, "\x00\x01\x00\x00\x00\x00\x00\x00", 8);
    expect_refused("./set", "set/train-labels-idx1-ubyte: row 0 has label 65536", NULL);
}

static void labels_in_the_wrong_order_are_named(void **state) {
    (void)state;
    put_small_part("set", "train", 2);
    put_idx("set/train-labels-idx1-ubyte", 0x0B, 1, (uint32_t[]){2}, "\x03\x00\x09\x00", 4);
    expect_refused("./set", "all labels are multiples of 256, up to 2304", "little-endian", NULL);
    put_idx("set/train-labels-idx1-ubyte", 0x0C, 1, (uint32_t[]){2}, "\0\0\0\0\x03\0\0\0", 8);
    expect_refused("./set", "row 1 has label 50331648", "little-endian", NULL);
    put_idx("set/train-labels-idx1-ubyte", 0x0B, 1, (uint32_t[]){2}, "\0\0\0\0", 4);
    nudge_data_free(opened("./set"));
}

static void parts_must_agree(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 2);
    put_idx("set/t10k-images-idx3-ubyte", 0x08, 3, (uint32_t[]){2, 1, 4}, "abcdefgh", 8);
    expect_refused("./set",
                   "set/t10k-images-idx3-ubyte: rows of 1 x 4, expected 2 x 2 as in train-images-idx3-ubyte",
                   NULL);
    put_idx("set/t10k-images-idx3-ubyte", 0x08, 2, (uint32_t[]){2, 4}, "abcdefgh", 8);
    expect_refused("./set", "set/t10k-images-idx3-ubyte: rows of 4, expected 2 x 2", NULL);
    put_idx("set/t10k-images-idx3-ubyte", 0x09, 3, (uint32_t[]){2, 2, 2}, "abcdefgh", 8);
    expect_refused("./set", "set/t10k-images-idx3-ubyte: elements of i8, but train-images-idx3-ubyte has u8",
                   NULL);
    put_small_part("set", "t10k", 2);
    put_idx("set/t10k-labels-idx1-ubyte", 0x0D, 1, (uint32_t[]){2}, "\0\0\0\0\x3f\0\0\0", 8);
    expect_refused("./set", "set/t10k-labels-idx1-ubyte: elements of f32, but train-labels-idx1-ubyte has u8",
                   NULL);
    put_idx("set/train-labels-idx1-ubyte", 0x0D, 2, (uint32_t[]){6, 2}, (char[48]){0}, 48);
    expect_refused("./set",
                   "set/t10k-labels-idx1-ubyte: 1 target columns, expected 2 as in train-labels-idx1-ubyte",
                   NULL);
}

static void the_files_own_faults_are_told(void **state) {
    (void)state;
    put_small_part("set", "train", 6);
    put_small_part("set", "t10k", 3);
    put_file("set/t10k-images-idx3-ubyte", "PK", 2);
    expect_refused("./set", "set/t10k-images-idx3-ubyte: ", NULL);
    static const struct {
        const char *start, *fact;
    } others[] = {
        {"\n <!DOCTYPE html><html>", "looks like a web page, not data"},
        {"<HTML>404", "looks like a web page, not data"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:", "is a pointer file"},
        {"../../.git/annex/objects/xx", "is a pointer file of git-annex"},
        {"PK\3\4zipped", "is a zip archive: unpack it"},
        {"BZh91AY&SY", "is packed by bzip2"},
        {"\xFD"
         "7zXZ",
         "is packed by xz"},
        {"\x28\xB5\x2F\xFD", "is packed by zstd"},
        {"%PDF-1.7", "is a PDF document"},
        {"<?xml version=", "looks like a web page or XML"},
        {"/annex/objects/xx", "is a pointer file of git-annex"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        put_file("set/t10k-images-idx3-ubyte", others[i].start, strlen(others[i].start));
        expect_refused("./set", "set/t10k-images-idx3-ubyte: ", others[i].fact, NULL);
    }
    put_small_part("set", "t10k", 3);
    unlink("set/t10k-labels-idx1-ubyte");
    mkdir("set/t10k-labels-idx1-ubyte", 0777);
    expect_refused("./set", "set/t10k-labels-idx1-ubyte: is a folder, expected a file", NULL);
}

/* -- what the numbers mean -- */

static void classes_are_counted_over_both_parts(void **state) {
    (void)state;
    put_small_part("set", "train", 1);
    nudge_data *data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 2);
    nudge_data_free(data);
    put_small_part("set", "t10k", 2);
    put_idx("set/t10k-labels-idx1-ubyte", 0x0B, 1, (uint32_t[]){2}, "\0\1\1\1", 4);
    data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 258);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, 1), 257);
    nudge_data_free(data);
}

static void numbers_as_targets_make_a_regression(void **state) {
    (void)state;
    put_idx("set/train-features-idx2-float", 0x0D, 2, (uint32_t[]){2, 1}, "\x3f\x00\x00\x00\xbf\x80\x00\x00",
            8);
    put_idx("set/train-targets-idx2-double", 0x0E, 2, (uint32_t[]){2, 2},
            "\x3f\xf0\0\0\0\0\0\0\x40\x00\0\0\0\0\0\0\x40\x08\0\0\0\0\0\0\x40\x10\0\0\0\0\0\0", 32);
    nudge_data *data = opened("./set");
    float features[1], targets[2];
    assert_int_equal(nudge_data_classes(data), 0);
    assert_int_equal(nudge_data_targets(data), 2);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_F32);
    assert_false(nudge_data_image(data, NULL, NULL));
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 1, features, targets, NULL), NUDGE_OK);
    assert_true(features[0] == -1 && targets[0] == 3 && targets[1] == 4);
    nudge_data_free(data);
    put_idx("set/train-targets-idx2-double", 0x0D, 1, (uint32_t[]){2}, "\x3f\x00\x00\x00\x7f\x80\x00\x00", 8);
    expect_refused("./set", "set/train-targets-idx2-double: row 1, column 0 is inf", NULL);
}

/* A part of two rows with the f32 targets 0 and `last`, which is given as its bytes, in a file called `name`. */
static void put_float_labels(const char *part, const char *name, const char last[4]) {
    char path[100];
    put_small_part("set", part, 2);
    snprintf(path, sizeof path, "set/%s-labels-idx1-ubyte", part);
    unlink(path);
    snprintf(path, sizeof path, "set/%s-%s-idx1-float", part, name);
    char bytes[8] = {0};
    memcpy(bytes + 4, last, 4);
    put_idx(path, 0x0D, 1, (uint32_t[]){2}, bytes, 8);
}

static void labels_may_be_whole_floats(void **state) {
    (void)state;
    static const char four[] = "\x40\x80\0\0", half[] = "\x3f\0\0\0", minus[] = "\xbf\x80\0\0";
    put_float_labels("train", "labels", four);
    nudge_data *data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 5);
    assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, 1), 4);
    nudge_data_free(data);
    put_float_labels("t10k", "labels", half); /* one that is not whole: numbers in both */
    data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 0);
    nudge_data_free(data);
    put_small_part("set", "t10k", 2);
    unlink("set/t10k-labels-idx1-float"); /* u8 beside them */
    data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 5);
    nudge_data_free(data);
    unlink("set/t10k-images-idx3-ubyte");
    unlink("set/t10k-labels-idx1-ubyte");
    static const char *const numbers[] = {half, minus, "\x47\x80\0\0" /* 65536 */};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_float_labels("train", "labels", numbers[i]);
        data = opened("./set");
        assert_int_equal(nudge_data_classes(data), 0);
        nudge_data_free(data);
    }
    put_float_labels("train", "labels", "\x7f\xc0\0\0");
    expect_refused("./set", "set/train-labels-idx1-float: row 1, column 0 is", NULL);
    unlink("set/train-labels-idx1-float");
    put_float_labels("train", "targets", four); /* the name says what is meant */
    data = opened("./set");
    assert_int_equal(nudge_data_classes(data), 0);
    nudge_data_free(data);
}

static void many_whole_floats_are_numbers(void **state) {
    (void)state;
    enum { MOST = 51 };
    unsigned char bytes[MOST][4];
    for (size_t r = 0; r < MOST; r++) {
        float value = (float)r;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        for (size_t i = 0; i < 4; i++) bytes[r][i] = (unsigned char)(bits >> (24 - 8 * i));
    }
    for (uint32_t rows = MOST - 1; rows <= MOST; rows++) {
        put_idx("set/train-features-idx2-float", 0x0D, 2, (uint32_t[]){rows, 1}, bytes, 4 * rows);
        put_idx("set/train-labels-idx1-float", 0x0D, 1, (uint32_t[]){rows}, bytes, 4 * rows);
        nudge_data *data = opened("./set");
        assert_int_equal(nudge_data_classes(data), rows < MOST ? rows : 0);
        nudge_data_free(data);
    }
}

static void shapes_are_images_or_rows(void **state) {
    (void)state;
    static const struct {
        size_t rank;
        uint32_t dimensions[4];
        size_t features;
        bool image;
    } shapes[] = {{1, {4}, 1, false},
                  {2, {2, 2}, 2, false},
                  {3, {1, 1, 4}, 4, true},
                  {4, {1, 2, 1, 2}, 4, false},
                  {4, {1, 2, 2, 1}, 4, true}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char labels[4] = {0};
        put_idx("set/train-images-idx3-ubyte", 0x08, shapes[i].rank, shapes[i].dimensions, "abcd", 4);
        put_idx("set/train-labels-idx1-ubyte", 0x08, 1, shapes[i].dimensions, labels,
                shapes[i].dimensions[0]);
        nudge_data *data = opened("./set");
        assert_int_equal(nudge_data_features(data), shapes[i].features);
        assert_int_equal(nudge_data_image(data, NULL, NULL), shapes[i].image);
        nudge_data_free(data);
    }
}

/* -- one file -- */

static void a_file_finds_its_labels(void **state) {
    (void)state;
    put_small_part("set", "t10k", 6);
    rename("set/t10k-images-idx3-ubyte", "set/emnist-images-test-images-idx3-ubyte");
    expect_refused("set/emnist-images-test-images-idx3-ubyte", "its labels are missing", "\"labels\"",
                   "\"images\"", NULL);
    rename("set/t10k-labels-idx1-ubyte", "set/emnist-images-test-labels-idx1-ubyte");
    expect_small_set("set/emnist-images-test-images-idx3-ubyte", 6, 0);
    pack("set/emnist-images-test-labels-idx1-ubyte", "set/emnist-images-test-labels.idx.gz");
    pack("set/emnist-images-test-images-idx3-ubyte", "set/emnist-images-test-images-idx3-ubyte.gz");
    expect_small_set("set/emnist-images-test-images-idx3-ubyte.gz", 6, 0);
    rename("set/emnist-images-test-labels.idx.gz", "set/my_targets-idx1-ubyte.gz");
    rename("set/emnist-images-test-images-idx3-ubyte.gz", "set/my_features.idx");
    expect_small_set("set/my_features.idx", 6, 0);
    put_small_part(".", "train", 6);
    expect_small_set("train-images-idx3-ubyte", 6, 0);
    rename("set/my_features.idx", "set/my_pictures.idx");
    expect_refused("set/my_pictures.idx", "set/my_pictures.idx: expected \"images\" or \"features\"", NULL);
}

/* -- names -- */

static void built_in_sets_come_by_their_word(void **state) {
    (void)state;
    nudge_data *data = opened("xor");
    assert_int_equal(nudge_data_features(data), 2);
    nudge_data_free(data);
}

static void unknown_words_list_the_known_ones(void **state) {
    (void)state;
    expect_refused("mnits", "\"mnits\": ", "digits, xor, spiral, moons, circles, chain or mnist", "path",
                   NULL);
    expect_refused("", "\"\": ", "digits", NULL);
    expect_refused("mnist:10", "\"mnist:10\": ", NULL);
    put_small_part("set", "train", 6);
    expect_refused("set", "\"set\": ", "write ./set", NULL);
}

static void paths_say_what_is_understood(void **state) {
    (void)state;
    expect_refused("./none", "./none: no such file or folder", "folders with IDX files", "-idx3-ubyte", ".gz",
                   NULL);
    put_file("table.xyz", "1,2", 3);
    expect_refused("table.xyz", "table.xyz: a file of another kind", "ending", "-idx3-ubyte", NULL);
    expect_refused("none-images-idx3-ubyte", "none-images-idx3-ubyte", NULL);
}

static void known_sets_are_looked_up(void **state) {
    (void)state;
    char cache[512];
    assert_non_null(getcwd(cache, sizeof cache - 8));
    strcat(cache, "/cache");
    setenv("XDG_CACHE_HOME", cache, 1);
    expect_refused("mnist", "mnist: not found in ", "/cache/nudge/mnist", "$NUDGE_DATA is not set",
                   "train-images-idx3-ubyte", NULL);
    setenv("NUDGE_DATA", "set", 1);
    expect_refused("mnist", "set/mnist, set, ", "/cache/nudge/mnist", NULL);
    assert_int_equal(system("mkdir -p cache/nudge/mnist set/mnist"), 0);
    put_small_part("cache/nudge/mnist", "train", 7);
    expect_small_set("mnist", 7, 0);
    put_small_part("set", "train", 8);
    expect_small_set("mnist", 8, 0);
    put_small_part("set/mnist", "train", 9);
    expect_small_set("mnist", 9, 0);
    nudge_data *data = opened("mnist");
    assert_string_equal(nudge_data_name(data), "mnist");
    nudge_data_free(data);
    unlink("set/mnist/train-labels-idx1-ubyte"); /* what is there must be whole: no other place is taken
                                                    instead */
    expect_refused("mnist", "set/mnist: ", "no training labels", NULL);
    unsetenv("NUDGE_DATA");
    setenv("XDG_CACHE_HOME", "cache", 1); /* not absolute: does not count */
    setenv("HOME", "set", 1);
    expect_refused("mnist", "set/.cache/nudge/mnist", NULL);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    expect_refused("mnist", "not found in any folder", NULL);
}

/* -- the real thing -- */

/* 60,000 and 10,000 digits; memory is the arrays and small buffers: the packed file's array is asked for
 * once. */
static void mnist_is_read(void **state) {
    (void)state;
    const char *folder = getenv("NUDGE_DATA_DIR");
    char path[4096];
    if (!folder || !*folder) folder = getenv("NUDGE_TEST_DATA");
    if (folder) snprintf(path, sizeof path, "%s/mnist", folder);
    if (!folder || access(path, R_OK)) {
        print_message("NUDGE_TEST_DATA names no folder with mnist/: skipped\n");
        skip();
    }
    setenv("NUDGE_DATA", folder, 1);
    nudge_data *data = opened("mnist");
    static const int32_t train[] = {5, 0, 4, 1, 9, 2}, test[] = {7, 2, 1, 0, 4, 1};
    size_t pixels = 70000 * 784, labels = 70000 * sizeof(int32_t);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 60000);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 10000);
    assert_int_equal(nudge_data_features(data), 784);
    assert_int_equal(nudge_data_classes(data), 10);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, i), train[i]);
        assert_int_equal(nudge_data_label(data, NUDGE_PART_TEST, i), test[i]);
    }
    assert_true(accounts.peak_bytes < pixels + labels + 4 * 128 * 1024);
    nudge_data_free(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_folder_has_two_parts),
        TEST(names_have_many_forms),
        TEST(names_may_have_a_prefix),
        TEST(names_may_say_no_part),
        TEST(a_folder_may_have_a_test_part_alone),
        TEST(a_folder_may_have_its_files_in_raw),
        TEST(other_files_are_left_alone),
        TEST(zeros_behind_a_packed_file_are_padding),
        TEST(plain_files_win_over_packed_ones),
        TEST(two_files_for_one_role_are_refused),
        TEST(missing_files_are_named),
        TEST(rows_must_agree),
        TEST(labels_must_be_a_list),
        TEST(labels_must_be_in_range),
        TEST(labels_in_the_wrong_order_are_named),
        TEST(parts_must_agree),
        TEST(the_files_own_faults_are_told),
        TEST(classes_are_counted_over_both_parts),
        TEST(numbers_as_targets_make_a_regression),
        TEST(labels_may_be_whole_floats),
        TEST(many_whole_floats_are_numbers),
        TEST(shapes_are_images_or_rows),
        TEST(a_file_finds_its_labels),
        TEST(built_in_sets_come_by_their_word),
        TEST(unknown_words_list_the_known_ones),
        TEST(paths_say_what_is_understood),
        TEST(known_sets_are_looked_up),
        TEST(mnist_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
