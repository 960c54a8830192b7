/* Data sets of NumPy's arrays: read/zip.h, read/zip_write.h, read/npy_set.h, nudge_data_write_npz. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/npy_names.h"
#include "read/zip.h"
#include "read/zip_write.h"
#include "support/files.h"
#include "table/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

/* -- arrays and archives, made by hand -- */

enum { ROOM = 1 << 16 };

struct made {
    unsigned char bytes[ROOM];
    size_t size;
};

static void add(struct made *made, const void *bytes, size_t count) {
    assert_true(made->size + count <= ROOM);
    memcpy(made->bytes + made->size, bytes, count);
    made->size += count;
}

static void add_number(struct made *made, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++)
        add(made, &(unsigned char){(unsigned char)(i < 8 ? value >> (8 * i) : 0)}, 1);
}

/* The array as it stands in a file: `shape` is a tuple's text. */
static struct made *array(const char *type, const char *shape, const void *elements, size_t count) {
    struct made *made = calloc(1, sizeof *made);
    assert_non_null(made);
    int length = snprintf((char *)made->bytes + 10, 300,
                          "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", type, shape);
    memcpy(made->bytes, "\x93NUMPY\x01\x00", 8);
    made->bytes[8] = (unsigned char)length;
    made->bytes[9] = 0;
    made->size = 10 + (size_t)length;
    add(made, elements, count);
    return made;
}

static struct made *floats(const char *shape, const float *values, size_t count) {
    return array("<f4", shape, values, count * sizeof *values); /* the tests run on little-endian machines */
}

struct member {
    const char *name;
    struct made *content;
    bool deflate;
};

enum {
    LOCAL = 30,
    ENTRY = 46,
    ENTRY_FLAGS = 8,
    ENTRY_METHOD = 10,
    ENTRY_CRC = 16,
    ENTRY_PACKED = 20,
    ENTRY_SIZE = 24,
    ENTRY_AT = 42,
    END = 22
};

static void add_common(struct made *zip, const struct member *member, uint32_t crc, size_t packed) {
    add_number(zip, 20, 2);
    add_number(zip, 0, 2);
    add_number(zip, member->deflate ? 8 : 0, 2);
    add_number(zip, 0, 4);
    add_number(zip, crc, 4);
    add_number(zip, packed, 4);
    add_number(zip, member->content->size, 4);
    add_number(zip, strlen(member->name), 2);
    add_number(zip, 0, 2);
}

static size_t pack(struct made *packed, const struct made *content, bool deflates) {
    *packed = *content;
    if (!deflates) return content->size;
    z_stream zlib = {.next_in = (unsigned char *)content->bytes,
                     .avail_in = (unsigned)content->size,
                     .next_out = packed->bytes,
                     .avail_out = ROOM};
    deflateInit2(&zlib, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    deflateEnd(&zlib);
    return packed->size = ROOM - zlib.avail_out;
}

/* An archive of the members up to the one without a name; frees their contents. */
static struct made make_zip(const struct member *members) {
    struct made zip = {.size = 0}, directory = {.size = 0};
    size_t count = 0;
    for (; members[count].name; count++) {
        const struct member *member = &members[count];
        struct made *packed = malloc(sizeof *packed);
        uint32_t crc = (uint32_t)crc32(0, member->content->bytes, (unsigned)member->content->size);
        size_t at = zip.size, size = pack(packed, member->content, member->deflate);
        add_number(&zip, 0x04034B50, 4);
        add_common(&zip, member, crc, size);
        add(&zip, member->name, strlen(member->name));
        add(&zip, packed->bytes, size);
        add_number(&directory, 0x02014B50, 4);
        add_number(&directory, 20, 2);
        add_common(&directory, member, crc, size);
        add_number(&directory, 0, 10);
        add_number(&directory, at, 4);
        add(&directory, member->name, strlen(member->name));
        free(packed);
        free(member->content);
    }
    size_t at = zip.size;
    add(&zip, directory.bytes, directory.size);
    add_number(&zip, 0x06054B50, 4);
    add_number(&zip, 0, 4);
    add_number(&zip, count, 2);
    add_number(&zip, count, 2);
    add_number(&zip, directory.size, 4);
    add_number(&zip, at, 4);
    add_number(&zip, 0, 2);
    return zip;
}

static void put_zip(const char *path, const struct member *members) {
    static struct made zip;
    zip = make_zip(members);
    put_file(path, zip.bytes, zip.size);
}

#define ZIP(path, ...) put_zip(path, (const struct member[]){__VA_ARGS__, {NULL, NULL, false}})

static void put_array(const char *path, struct made *made) {
    put_file(path, made->bytes, made->size);
    free(made);
}

static const float six[6] = {1, 2, 3, 4, 5, 6.5f};

static struct made *features(void) {
    return floats("(3, 2)", six, 6);
}
static struct made *labels(void) {
    return array("|u1", "(3,)", "\0\2\1", 3);
}

/* -- asking -- */

static nudge_data *opened_with(const char *name, bool regression) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.regression = regression;
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static nudge_data *opened(const char *name) {
    return opened_with(name, false);
}

static void expect_refused(const char *name, const char *sentence) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, NULL, &data, &error), NUDGE_BAD_INPUT, &error, NULL);
    if (strcmp(error.message, sentence)) fail_msg("\"%s\", expected \"%s\"", error.message, sentence);
    assert_null(data);
}

/* The part's labels as "0 2 1", or its targets as "0.5 1; 2 3". */
static void expect_targets(const nudge_data *data, nudge_part part, const char *expected) {
    char text[512] = "", *to = text;
    float targets[16];
    for (size_t r = 0; r < nudge_data_rows(data, part); r++) {
        int32_t label = nudge_data_label(data, part, r);
        if (label >= 0) {
            to += sprintf(to, "%s%d", r ? " " : "", (int)label);
            continue;
        }
        assert_int_equal(nudge_data_row(data, part, r, NULL, targets, NULL), 0);
        for (size_t c = 0; c < nudge_data_targets(data); c++)
            to += sprintf(to, "%s%g", c ? " " : r ? "; " : "", (double)targets[c]);
    }
    assert_string_equal(text, expected);
}

static void expect_row(const nudge_data *data, nudge_part part, size_t row, const float *expected) {
    float features_found[64];
    assert_int_equal(nudge_data_row(data, part, row, features_found, NULL, NULL), 0);
    assert_memory_equal(features_found, expected, nudge_data_features(data) * sizeof(float));
}

/* -- names -- */

static void names_say_roles(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum npy_role role;
    } cases[] = {
        {"x", NPY_TRAIN_FEATURES},
        {"X", NPY_TRAIN_FEATURES},
        {"data", NPY_TRAIN_FEATURES},
        {"images", NPY_TRAIN_FEATURES},
        {"x_train", NPY_TRAIN_FEATURES},
        {"train_images", NPY_TRAIN_FEATURES},
        {"y", NPY_TRAIN_TARGETS},
        {"Y_train", NPY_TRAIN_TARGETS},
        {"train_labels", NPY_TRAIN_TARGETS},
        {"target", NPY_TRAIN_TARGETS},
        {"x_test", NPY_TEST_FEATURES},
        {"test_labels", NPY_TEST_TARGETS},
        {"x_val", NPY_VALIDATION_FEATURES},
        {"valid_data", NPY_VALIDATION_FEATURES},
        {"y_validation", NPY_VALIDATION_TARGETS},
        {"test-images", NPY_TEST_FEATURES},
        {"xs", NPY_ROLES},
        {"x_", NPY_ROLES},
        {"_x", NPY_ROLES},
        {"x_test_2", NPY_ROLES},
        {"test", NPY_ROLES},
        {"", NPY_ROLES},
        {"target_names", NPY_ROLES},
        {"feature_names", NPY_ROLES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (npy_role_of(cases[i].name) != cases[i].role)
            fail_msg("%s: %d", cases[i].name, npy_role_of(cases[i].name));
}

/* -- archives -- */

static void archives_are_read(void **state) {
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        ZIP("a.npz", {"y.npy", labels(), packed}, {"about.txt", labels(), packed},
            {"x.npy", features(), packed}, {"other.npy", array("|O", "(3,)", "abc", 3), packed});
        nudge_data *data = opened("./a.npz");
        assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 3);
        assert_int_equal(nudge_data_features(data), 2);
        assert_int_equal(nudge_data_classes(data), 3);
        assert_int_equal(nudge_data_type(data), NUDGE_TYPE_F32);
        assert_string_equal(nudge_data_file(data, 0), "./a.npz");
        assert_null(nudge_data_file(data, 1));
        expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
        expect_row(data, NUDGE_PART_TRAIN, 2, (float[]){5, 6.5f});
        nudge_data_free(data);
    }
}

static void parts_are_told_apart(void **state) {
    (void)state;
    ZIP("a.npz", {"x_train.npy", features(), true}, {"y_train.npy", labels(), false},
        {"x_test.npy", floats("(1, 2)", (float[]){7, 8}, 2), false},
        {"y_test.npy", array("<i8", "(1, 1)", "\4\0\0\0\0\0\0\0", 8), false},
        {"X_val.npy", floats("(2, 2)", (float[]){9, 10, 11, 12}, 4), false},
        {"Y_val.npy", array("|b1", "(2,)", "\1\0", 2), false});
    nudge_data *data = opened("./a.npz");
    nudge_error error = {0};
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 3);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 2);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), 1);
    assert_int_equal(nudge_data_classes(data), 5);
    expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
    expect_targets(data, NUDGE_PART_VALIDATION, "1 0");
    expect_targets(data, NUDGE_PART_TEST, "4");
    expect_row(data, NUDGE_PART_TRAIN, 0, (float[]){1, 2});
    expect_row(data, NUDGE_PART_VALIDATION, 1, (float[]){11, 12});
    expect_row(data, NUDGE_PART_TEST, 0, (float[]){7, 8});
    expect_error(nudge_data_split(data, 0.5, 1, &error), NUDGE_BAD_ARGUMENT, &error,
                 "has a validation part already", NULL);
    nudge_data_free(data);
    ZIP("t.npz", {"x_test.npy", features(), true}, {"y_test.npy", labels(), false});
    data = opened("./t.npz");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 0);
    expect_targets(data, NUDGE_PART_TEST, "0 2 1");
    nudge_data_free(data);
}

static void shapes_tell_where_names_do_not(void **state) {
    (void)state;
    ZIP("a.npz", {"one.npy", features(), false}, {"two.npy", labels(), false},
        {"three.npy", array("|u1", "(2,)", "\0\1", 2), false},
        {"four.npy", array("<f8", "()", "\0\0\0\0\0\0\0\0", 8), false});
    nudge_data *data = opened("./a.npz");
    expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
    nudge_data_free(data);
    ZIP("b.npz", {"one.npy", features(), false}, {"two.npy", labels(), false},
        {"three.npy", labels(), false});
    expect_refused("./b.npz",
                   "./b.npz: which arrays are features and which are labels cannot be told, expected names "
                   "like x and y, images and labels, x_train, y_train, x_test and y_test; its arrays: one (3 "
                   "x 2 f4), two (3 u1), three (3 u1)");
    ZIP("c.npz", {"readme.txt", labels(), false});
    expect_refused("./c.npz",
                   "./c.npz: which arrays are features and which are labels cannot be told, expected names "
                   "like x and y, images and labels, x_train, y_train, x_test and y_test; its arrays: none");
}

static void doubtful_names_are_refused(void **state) {
    (void)state;
    ZIP("a.npz", {"x.npy", features(), false}, {"X.npy", features(), false}, {"y.npy", labels(), false});
    expect_refused("./a.npz",
                   "./a.npz: both x and X may be the training features, expected one of them; its arrays: x "
                   "(3 x 2 f4), X (3 x 2 f4), y (3 u1)");
    ZIP("b.npz", {"x.npy", features(), false}, {"z.npy", labels(), false});
    expect_refused("./b.npz",
                   "./b.npz: has x, but no training labels or targets, expected both (x and y, images and "
                   "labels, x_test and y_test or the like); its arrays: x (3 x 2 f4), z (3 u1)");
    ZIP("c.npz", {"x_val.npy", features(), false}, {"y_val.npy", labels(), false});
    expect_refused(
        "./c.npz",
        "./c.npz: has a validation part, but no training part; its arrays: x_val (3 x 2 f4), y_val "
        "(3 u1)");
}

static void parts_must_belong_together(void **state) {
    (void)state;
    ZIP("a.npz", {"x.npy", features(), false}, {"y.npy", array("|u1", "(2,)", "\0\1", 2), false});
    expect_refused("./a.npz", "./a.npz: y: has 2 rows, expected 3 as in ./a.npz: x");
    ZIP("b.npz", {"x.npy", features(), false}, {"y.npy", labels(), false},
        {"x_test.npy", floats("(2, 3)", six, 6), false},
        {"y_test.npy", array("|u1", "(2,)", "\0\1", 2), false});
    expect_refused("./b.npz", "./b.npz: x_test: rows of 3, expected 2 as in ./b.npz: x");
    ZIP("c.npz", {"x.npy", features(), false}, {"y.npy", labels(), false},
        {"x_test.npy", array("|u1", "(1, 2)", "ab", 2), false},
        {"y_test.npy", array("|u1", "(1,)", "\0", 1), false});
    expect_refused("./c.npz",
                   "./c.npz: x_test: elements of u1, but ./c.npz: x has f4: expected u1 in both or in none");
    ZIP("d.npz", {"x.npy", features(), false}, {"y.npy", array("|u1", "(3, 1, 1)", "\0\1\2", 3), false});
    expect_refused("./d.npz", "./d.npz: y: 3 x 1 x 1 u1, expected labels or targets of 1 or 2 dimensions");
    ZIP("e.npz", {"x.npy", features(), false}, {"y.npy", labels(), false}, {"x_test.npy", features(), false},
        {"y_test.npy", floats("(3,)", six + 3, 3), false});
    expect_refused("./e.npz",
                   "./e.npz: y: elements of u1, but ./e.npz: y_test has f4: expected labels in both or "
                   "numbers in both");
    ZIP("f.npz", {"x.npy", features(), false}, {"y.npy", floats("(3, 2)", six, 6), false},
        {"x_test.npy", features(), false}, {"y_test.npy", floats("(3,)", six + 3, 3), false});
    expect_refused("./f.npz", "./f.npz: y_test: 1 target columns, expected 2 as in ./f.npz: y");
}

/* -- targets -- */

static void expect_told(struct made *targets, const char *name, bool regression, size_t classes,
                        const char *expected) {
    char member[32];
    snprintf(member, sizeof member, "%s.npy", name);
    ZIP("a.npz", {name[0] == 't' ? "x.npy" : "one.npy", features(), false}, {member, targets, false});
    nudge_data *data = opened_with("./a.npz", regression);
    assert_int_equal(nudge_data_classes(data), classes);
    expect_targets(data, NUDGE_PART_TRAIN, expected);
    nudge_data_free(data);
}

static void targets_are_classes_or_numbers(void **state) {
    (void)state;
    expect_told(labels(), "target", false, 3, "0 2 1");
    expect_told(labels(), "target", true, 0, "0; 2; 1");
    expect_told(labels(), "nothing", false, 3, "0 2 1");
    expect_told(floats("(3,)", (float[]){0, 7, 1}, 3), "target", false, 8, "0 7 1");
    expect_told(floats("(3,)", (float[]){0, 7, 1}, 3), "target", true, 0, "0; 7; 1");
    expect_told(floats("(3,)", (float[]){0, 7, 1}, 3), "targets", false, 0, "0; 7; 1");
    expect_told(floats("(3,)", (float[]){0, 7, 1}, 3), "nothing", false, 0, "0; 7; 1");
    expect_told(floats("(3, 1)", (float[]){0, 7, 1}, 3), "target", false, 0, "0; 7; 1");
    expect_told(floats("(3,)", (float[]){0, 7, 1.5f}, 3), "target", false, 0, "0; 7; 1.5");
    expect_told(floats("(3,)", (float[]){0, -7, 1}, 3), "target", false, 0, "0; -7; 1");
    expect_told(floats("(3, 2)", (float[]){0, 1, 1, 0, 1, 0}, 6), "target", false, 2, "1 0 0");
    expect_told(floats("(3, 2)", (float[]){0, 1, 1, 0, 1, 0}, 6), "target", true, 0, "0 1; 1 0; 1 0");
    expect_told(floats("(3, 2)", (float[]){0, 1, 1, 1, 1, 0}, 6), "target", false, 0, "0 1; 1 1; 1 0");
    expect_told(floats("(3, 2)", (float[]){0, 1, 0, 0, 1, 0}, 6), "target", false, 0, "0 1; 0 0; 1 0");
    expect_told(array("|i1", "(3, 2)", "\0\1\1\0\0\1", 6), "target", false, 2, "1 0 1");
    expect_told(array("|u1", "(3,)", "\0\0\0", 3), "target", false, 2, "0 0 0");
}

static void integers_must_be_classes(void **state) {
    (void)state;
    ZIP("a.npz", {"x.npy", features(), false}, {"y.npy", array("|i1", "(3,)", "\0\1\xff", 3), false});
    expect_refused("./a.npz",
                   "./a.npz: y: row 2 has label -1, expected 0 to 65535: number the classes from 0 "
                   "(numpy.unique(y, return_inverse=True)[1]), or save numbers to be fitted as floats");
    ZIP("b.npz", {"x.npy", features(), false},
        {"y.npy", array("<i4", "(3,)", "\0\0\0\0\xff\xff\0\0\0\0\1\0", 12), false});
    expect_refused("./b.npz",
                   "./b.npz: y: row 2 has label 65536, expected 0 to 65535: number the classes from 0 "
                   "(numpy.unique(y, return_inverse=True)[1]), or save numbers to be fitted as floats");
}

static void few_whole_floats_are_classes(void **state) {
    (void)state;
    for (size_t different = 50; different <= 51; different++) {
        float x[60], y[60];
        for (size_t i = 0; i < 60; i++) x[i] = 0, y[i] = (float)(i % different);
        ZIP("a.npz", {"x.npy", floats("(60, 1)", x, 60), false}, {"y.npy", floats("(60,)", y, 60), false});
        nudge_data *data = opened("./a.npz");
        assert_int_equal(nudge_data_classes(data), different == 50 ? 50 : 0);
        nudge_data_free(data);
    }
    /* Beside a part with other numbers they are numbers, too. */
    ZIP("b.npz", {"x.npy", features(), false}, {"y.npy", floats("(3,)", six, 3), false},
        {"x_test.npy", features(), false}, {"y_test.npy", floats("(3,)", six + 3, 3), false});
    nudge_data *data = opened("./b.npz");
    expect_targets(data, NUDGE_PART_TRAIN, "1; 2; 3");
    expect_targets(data, NUDGE_PART_TEST, "4; 5; 6.5");
    nudge_data_free(data);
}

static void numbers_must_be_finite(void **state) {
    (void)state;
    ZIP("a.npz", {"x.npy", array("<f2", "(3, 2)", "\0\0\0\0\0\0\0\x7e\0\0\0\0", 12), false},
        {"y.npy", labels(), false});
    expect_refused("./a.npz", "./a.npz: x: row 1, column 1 is nan, expected a finite number of f32");
    ZIP("b.npz", {"x.npy", features(), false}, {"y.npy", array("<f2", "(3,)", "\0\0\0\x7c\0\0", 6), false});
    expect_refused("./b.npz", "./b.npz: y: row 1, column 0 is inf, expected a finite number of f32");
}

/* -- features -- */

static void images_are_told(void **state) {
    (void)state;
    static const struct {
        const char *shape;
        size_t height, width, features;
    } cases[] = {{"(3, 2, 2)", 2, 2, 4},
                 {"(3, 1, 4, 1)", 1, 4, 4},
                 {"(3, 2, 2, 3)", 0, 0, 12},
                 {"(3, 4)", 0, 0, 4},
                 {"(3,)", 0, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char pixels[36];
        for (size_t j = 0; j < sizeof pixels; j++) pixels[j] = (unsigned char)(200 + j);
        ZIP("a.npz", {"images.npy", array("|u1", cases[i].shape, pixels, 3 * cases[i].features), true},
            {"labels.npy", labels(), false});
        nudge_data *data = opened("./a.npz");
        size_t height, width;
        nudge_data_image(data, &height, &width);
        assert_int_equal(height, cases[i].height);
        assert_int_equal(width, cases[i].width);
        assert_int_equal(nudge_data_features(data), cases[i].features);
        assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
        float row[12];
        assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 2, row, NULL, NULL), 0);
        assert_true(row[0] == (float)(200 + 2 * cases[i].features));
        nudge_data_free(data);
    }
}

static void features_must_fit(void **state) {
    (void)state;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *small;
    nudge_data *data = NULL;
    nudge_error error = {0};
    options.data_memory = 40;
    ZIP("a.npz", {"x.npy", features(), false}, {"y.npy", labels(), false});
    assert_int_equal(nudge_context_create(&options, &small, &error), 0);
    expect_error(nudge_data_open(small, "./a.npz", NULL, &data, &error), NUDGE_NO_MEMORY, &error,
                 "./a.npz: its arrays take 60 bytes in memory, data may take 40", NULL);
    nudge_context_free(small);
}

/* -- .npy files -- */

static void files_find_their_labels(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"x.npy", "y.npy"},
                                           {"X_train.npy", "y_train.npy"},
                                           {"my-images.npy", "my-labels.npy"},
                                           {"data.v2.npy", "target.v2.npy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char path[64];
        put_array(pairs[i][0], features());
        put_array(pairs[i][1], labels());
        snprintf(path, sizeof path, "./%s", pairs[i][0]);
        nudge_data *data = opened(path);
        assert_int_equal(nudge_data_classes(data), 3);
        assert_string_equal(nudge_data_file(data, 0), path);
        assert_string_equal(nudge_data_file(data, 1) + 2, pairs[i][1]);
        nudge_data_free(data);
        unlink(pairs[i][1]);
        data = opened(path); /* then its last column is the target */
        assert_int_equal(nudge_data_features(data), 1);
        expect_targets(data, NUDGE_PART_TRAIN, "2; 4; 6.5");
        nudge_data_free(data);
    }
    put_array("y.npy", labels());
    put_array("labels.npy", labels());
    expect_refused("./x.npy", "./x.npy: both y.npy and labels.npy may have its labels, expected one of them");
    expect_refused("./y.npy",
                   "./y.npy: by its name it has labels or targets, expected the file of the features");
    put_array("one.npy", array("|u1", "(3,)", "abc", 3));
    expect_refused("./one.npy",
                   "./one.npy: 3 u1, and no labels beside it: expected y.npy beside x.npy, NAME-labels.npy "
                   "beside NAME-images.npy, or 2 dimensions, the last column being the target");
}

static void tables_have_their_target_last(void **state) {
    (void)state;
    put_array("t.npy", array("|u1", "(3, 3)", "\1\2\0\3\4\1\5\xff\1", 9));
    nudge_data *data = opened("./t.npy");
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
    expect_targets(data, NUDGE_PART_TRAIN, "0 1 1");
    expect_row(data, NUDGE_PART_TRAIN, 2, (float[]){5, 255});
    nudge_data_free(data);
    data = opened_with("./t.npy", true);
    expect_targets(data, NUDGE_PART_TRAIN, "0; 1; 1");
    nudge_data_free(data);
    put_array("t.npy", array("|i1", "(2, 2)", "\1\2\3\xff", 4)); /* -1: no class */
    data = opened("./t.npy");
    expect_targets(data, NUDGE_PART_TRAIN, "2; -1");
    expect_row(data, NUDGE_PART_TRAIN, 1, (float[]){3});
    nudge_data_free(data);
}

static void folders_have_parts(void **state) {
    (void)state;
    mkdir("set", 0777);
    put_array("set/X_train.npy", features());
    expect_refused(
        "./set", "./set: has X_train, but no training labels or targets, expected both (x and y, images and "
                 "labels, x_test and y_test or the like); its arrays: X_train (3 x 2 f4)");
    put_array("set/y_train.npy", labels());
    put_array("set/X_test.npy", features());
    put_array("set/y_test.npy", labels());
    put_file("set/notes.txt", "x", 1);
    nudge_data *data = opened("./set");
    expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
    expect_targets(data, NUDGE_PART_TEST, "0 2 1");
    assert_string_equal(nudge_data_file(data, 3), "./set/y_test.npy");
    assert_null(nudge_data_file(data, 4));
    nudge_data_free(data);
}

static void files_have_their_length(void **state) {
    (void)state;
    struct made *made = features();
    made->size--;
    put_file("x.npy", made->bytes, made->size);
    put_array("y.npy", labels());
    expect_refused("./x.npy", "./x.npy: has 93 bytes, expected 94: its header announces 3 x 2 f4");
    put_gzip("x.npy.gz", made->bytes, made->size);
    put_array("y.npy.gz", labels());
    expect_refused("./x.npy.gz",
                   "./x.npy.gz: ends after 93 bytes, expected 94: its header announces 3 x 2 f4");
    made->size += 2;
    put_file("x.npy", made->bytes, made->size);
    expect_refused("./x.npy", "./x.npy: has 95 bytes, expected 94: its header announces 3 x 2 f4");
    put_gzip("x.npy.gz", made->bytes, made->size);
    expect_refused("./x.npy.gz",
                   "./x.npy.gz: goes on after 94 bytes, expected its end: its header announces 3 x 2 f4");
    made->size--;
    put_gzip("x.npy.gz", made->bytes, made->size);
    nudge_data_free(opened("./x.npy.gz"));
    put_gzip("x.npy.gz", made->bytes, 30);
    expect_refused("./x.npy.gz", "./x.npy.gz: ends at byte 30, within its header; expected 70 bytes of it");
    free(made);
    put_array("x.npy", array("|u1", "(1000000, 1000)", "", 0));
    expect_refused("./x.npy",
                   "./x.npy: has 79 bytes, expected 1000000079: its header announces 1000000 x 1000 u1");
    put_file("x.npy", "<html>", 6);
    expect_refused("./x.npy", "./x.npy: looks like a web page, not data: fetch it again");
}

/* -- archives that are wrong -- */

static struct made zip;
static size_t directory_at; /* of the first entry, x.npy */

static void make_simple(bool deflates) {
    zip = make_zip((const struct member[]){
        {"x.npy", features(), deflates}, {"y.npy", labels(), false}, {NULL, NULL, false}});
    const unsigned char *end = zip.bytes + zip.size - END;
    directory_at = end[16] | (size_t)end[17] << 8;
}

static void set_number(size_t at, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++) zip.bytes[at + i] = (unsigned char)(value >> (8 * i));
}

static void expect_zip_refused(const char *sentence) {
    put_file("a.npz", zip.bytes, zip.size);
    expect_refused("./a.npz", sentence);
}

static void damaged_archives_are_refused(void **state) {
    (void)state;
    put_file("a.npz", "<!DOCTYPE html>", 15);
    expect_refused("./a.npz", "./a.npz: looks like a web page, not data: fetch it again");
    put_file("a.npz", "what is this? No archive, I would say.", 38);
    expect_refused("./a.npz", "./a.npz: no zip archive, expected a .npz file of NumPy");
    make_simple(false);
    zip.size -= 5;
    expect_zip_refused("./a.npz: a zip archive that is cut short: its end is missing");
    make_simple(false);
    set_number(zip.size - END + 16, 100000, 4);
    expect_zip_refused("./a.npz: the zip archive is damaged: its directory lies outside");
    make_simple(false);
    set_number(zip.size - END + 4, 1, 2);
    expect_zip_refused("./a.npz: a zip archive split into several files, expected one whole");
    make_simple(false);
    set_number(zip.size - END + 10, 9, 2);
    expect_zip_refused("./a.npz: the zip archive is damaged: its directory is too small for its members");
    make_simple(false);
    set_number(directory_at, 0, 4);
    expect_zip_refused("./a.npz: the zip archive is damaged: entry 1 of 2 of its directory is none");
    make_simple(false);
    set_number(directory_at + 28, 60000, 2);
    expect_zip_refused("./a.npz: the zip archive is damaged: entry 1 of 2 of its directory is none");
}

static void damaged_members_are_refused(void **state) {
    (void)state;
    static const char size_wrong[] =
        "./a.npz: x.npy: unpacks to something else than the bytes that its directory says";
    make_simple(false);
    zip.bytes[LOCAL + 5 + 80] ^= 1;
    expect_zip_refused("./a.npz: x.npy: is damaged: its checksum (CRC-32) is wrong");
    make_simple(true);
    set_number(directory_at + ENTRY_CRC, 1, 4);
    expect_zip_refused("./a.npz: x.npy: is damaged: its checksum (CRC-32) is wrong");
    make_simple(true);
    zip.bytes[LOCAL + 5] = 0xFF;
    expect_zip_refused("./a.npz: x.npy: its packed bytes are damaged");
    make_simple(false);
    set_number(directory_at + ENTRY_SIZE, 90, 4);
    expect_zip_refused(
        "./a.npz: x.npy: 94 bytes in the archive cannot unpack to the 90 that its directory says");
    make_simple(true);
    set_number(directory_at + ENTRY_SIZE, 1000000, 4);
    expect_zip_refused(
        "./a.npz: x.npy: 86 bytes in the archive cannot unpack to the 1000000 that its directory says");
    make_simple(true);
    set_number(directory_at + ENTRY_SIZE, 90, 4);
    expect_zip_refused("./a.npz: x: has 90 bytes, expected 94: its header announces 3 x 2 f4");
    make_simple(true);
    set_number(directory_at + ENTRY_PACKED, 70, 4);
    expect_zip_refused("./a.npz: x.npy: is cut short: it unpacks to fewer bytes than its directory says");
    make_simple(true);
    set_number(directory_at + ENTRY_PACKED, 87, 4);
    expect_zip_refused(size_wrong);
    make_simple(false);
    set_number(directory_at + ENTRY_AT, directory_at - 10, 4);
    expect_zip_refused("./a.npz: x.npy: the archive is damaged: the member lies outside");
    make_simple(false);
    set_number(directory_at + ENTRY_AT, 1, 4);
    expect_zip_refused("./a.npz: x.npy: the archive is damaged: no local header where the directory says");
    make_simple(false);
    set_number(directory_at + ENTRY_PACKED, 100000, 4);
    set_number(directory_at + ENTRY_SIZE, 100000, 4);
    expect_zip_refused("./a.npz: x.npy: the archive is damaged: the member lies outside");
}

static void other_methods_are_refused_by_name(void **state) {
    (void)state;
    make_simple(false);
    set_number(directory_at + ENTRY_FLAGS, 1, 2);
    expect_zip_refused("./a.npz: x.npy: is encrypted, expected an archive without a password");
    make_simple(false);
    set_number(directory_at + ENTRY_METHOD, 12, 2);
    expect_zip_refused("./a.npz: x.npy: packed by bzip2 (method 12), expected deflate or none: save it again "
                       "(numpy.savez_compressed)");
    make_simple(false);
    set_number(directory_at + ENTRY_METHOD, 77, 2);
    expect_zip_refused(
        "./a.npz: x.npy: packed by a method that is not known here (method 77), expected deflate or none: "
        "save it again (numpy.savez_compressed)");
}

static void names_are_no_paths(void **state) {
    (void)state;
    ZIP("a.npz", {"../x.npy", features(), false}, {"/etc/y.npy", labels(), false});
    nudge_data *data = opened("./a.npz"); /* by their shapes: no name here says anything */
    expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
    nudge_data_free(data);
    assert_int_equal(access("../x.npy", F_OK), -1);
    ZIP("b.npz", {"x\x1b[31m\n.npy", features(), false}, {"z.npy", features(), false});
    expect_refused("./b.npz",
                   "./b.npz: which arrays are features and which are labels cannot be told, expected names "
                   "like x and y, images and labels, x_train, y_train, x_test and y_test; its arrays: "
                   "x\\u001b[31m\\n (3 x 2 f4), z (3 x 2 f4)");
}

/* -- 64 bits -- */

static void sizes_may_take_64_bits(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_file *file;
    struct made *contents[2] = {features(), labels()};
    assert_int_equal(nudge_file_create(context, "a.npz", &file, &error), 0);
    struct zip_writer writer = zip_writer_begin(file);
    writer.zip64_from = 0;
    for (size_t i = 0; i < 2; i++) {
        uint32_t crc = (uint32_t)crc32(0, contents[i]->bytes, (unsigned)contents[i]->size);
        assert_int_equal(zip_write_member(&writer, i ? "y.npy" : "x.npy", contents[i]->size, crc, &error), 0);
        assert_int_equal(zip_write_bytes(&writer, contents[i]->bytes, contents[i]->size, &error), 0);
        free(contents[i]);
    }
    assert_int_equal(zip_write_end(&writer, &error), 0);
    assert_int_equal(nudge_file_commit(file, &error), 0);
    nudge_data *data = opened("./a.npz");
    expect_targets(data, NUDGE_PART_TRAIN, "0 2 1");
    nudge_data_free(data);
    size_t size;
    unsigned char *bytes = get_file("a.npz", &size);
    memcpy(zip.bytes, bytes, zip.size = size);
    free(bytes);
    set_number(size - END - 20 + 8, size, 8);
    expect_zip_refused("./a.npz: the zip archive is damaged: its 64-bit end record lies outside");
    set_number(size - END - 20 + 8, 0, 8);
    expect_zip_refused("./a.npz: the zip archive is damaged: it has no 64-bit end record");
}

/* -- writing -- */

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

static void expect_written_and_read_back(const nudge_rows *train, const nudge_rows *test) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    assert_int_equal(nudge_data_create(context, train, test, &data, &error), NUDGE_OK);
    if (nudge_data_write_npz(data, "made.npz", &error)) fail_msg("%s", error.message);
    nudge_data *back = opened("./made.npz");
    assert_int_equal(nudge_data_type(back), nudge_data_type(data));
    assert_int_equal(nudge_data_features(back), nudge_data_features(data));
    assert_int_equal(nudge_data_classes(back), nudge_data_classes(data));
    assert_int_equal(nudge_data_targets(back), nudge_data_targets(data));
    assert_int_equal(nudge_data_image(back, NULL, NULL), nudge_data_image(data, NULL, NULL));
    expect_same_part(data, back, NUDGE_PART_TRAIN);
    expect_same_part(data, back, NUDGE_PART_TEST);
    nudge_data_free(back);
    nudge_data_free(data);
    assert_int_equal(count_entries("."), 1);
    unlink("made.npz");
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
    expect_written_and_read_back(&train, &test);
    train.height = train.width = 0, train.labels = many, train.classes = 65536;
    expect_written_and_read_back(&train, NULL);
    train.type = NUDGE_TYPE_F32, train.values = numbers, train.rows = 2, train.features = 3;
    train.labels = NULL, train.targets = numbers, train.target_columns = 2;
    expect_written_and_read_back(&train, NULL);
    train.targets = (float[]){0, 1}, train.target_columns = 1; /* whole numbers stay numbers */
    expect_written_and_read_back(&train, NULL);
}

static void many_portions_are_one_array(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_data *data;
    assert_int_equal(nudge_data_generate(context, "digits:300/20", 1, &data, &error), 0);
    assert_int_equal(nudge_data_write_npz(data, "made.npz", &error), 0);
    nudge_data *back = opened("./made.npz");
    expect_same_part(data, back, NUDGE_PART_TRAIN);
    expect_same_part(data, back, NUDGE_PART_TEST);
    nudge_data_free(data);
    nudge_data_free(back);
}

static void writing_may_fail(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_data *data;
    assert_int_equal(nudge_data_generate(context, "xor", 1, &data, &error), 0);
    expect_error(nudge_data_write_npz(data, "none/a.npz", &error), NUDGE_IO, &error, "none/a.npz", NULL);
    nudge_data_free(data);
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    ZIP("a.npz", {"x.npy", features(), true}, {"y.npy", labels(), true}, {"x_val.npy", features(), true},
        {"y_val.npy", labels(), true});
    put_array("x.npy", features());
    put_array("y.npy", labels());
    mkdir("set", 0777);
    put_array("set/X_train.npy", features());
    put_array("set/y_train.npy", labels());
    static const char *const names[] = {"./a.npz", "./x.npy", "./set"};
    for (size_t i = 0; i < 3; i++) {
        size_t live = accounts.live_blocks, failed = 0;
        for (nudge_status status = NUDGE_NO_MEMORY; status;) {
            nudge_data *data = NULL;
            nudge_error error = {0};
            accounts.fail_at = accounts.allocations + 1 + failed++;
            status = nudge_data_open(context, names[i], NULL, &data, &error);
            accounts.fail_at = 0;
            if (status) expect_error(status, NUDGE_NO_MEMORY, &error, "not enough memory", NULL);
            nudge_data_free(data);
            assert_int_equal(accounts.live_blocks, live);
            assert_true(failed < 1000);
        }
        assert_true(failed > 5);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(names_say_roles),
        TEST(archives_are_read),
        TEST(parts_are_told_apart),
        TEST(shapes_tell_where_names_do_not),
        TEST(doubtful_names_are_refused),
        TEST(parts_must_belong_together),
        TEST(targets_are_classes_or_numbers),
        TEST(integers_must_be_classes),
        TEST(few_whole_floats_are_classes),
        TEST(numbers_must_be_finite),
        TEST(images_are_told),
        TEST(features_must_fit),
        TEST(files_find_their_labels),
        TEST(tables_have_their_target_last),
        TEST(folders_have_parts),
        TEST(files_have_their_length),
        TEST(damaged_archives_are_refused),
        TEST(damaged_members_are_refused),
        TEST(other_methods_are_refused_by_name),
        TEST(names_are_no_paths),
        TEST(sizes_may_take_64_bits),
        TEST(what_is_written_is_read_back),
        TEST(many_portions_are_one_array),
        TEST(writing_may_fail),
        TEST(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
