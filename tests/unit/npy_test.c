/* Headers and elements of NumPy's arrays: table/npy.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "table/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes before an array's elements, in a block of exactly their size: to be freed. */
static unsigned char *header_of(unsigned version, const char *dict, size_t length, size_t *size) {
    size_t before = version == 1 ? 10 : 12;
    unsigned char *bytes = malloc(before + length);
    assert_non_null(bytes);
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)version;
    bytes[7] = 0;
    for (size_t i = 0; i < before - 8; i++) bytes[8 + i] = (unsigned char)(length >> (8 * i));
    memcpy(bytes + before, dict, length);
    *size = before + length;
    return bytes;
}

static nudge_status read_dict(struct npy *npy, unsigned version, const char *dict, nudge_error *error) {
    size_t size, measured;
    unsigned char *bytes = header_of(version, dict, strlen(dict), &size);
    nudge_status status = npy_measure(bytes, size < NPY_START ? size : NPY_START, "a", &measured, error);
    if (!status) {
        assert_int_equal(measured, size);
        status = npy_read_header(npy, bytes, size, "a", error);
    }
    free(bytes);
    return status;
}

static void expect_shape(const char *dict, const char *shape, bool fortran) {
    for (unsigned version = 1; version <= 3; version++) {
        struct npy npy;
        nudge_error error = {0};
        if (read_dict(&npy, version, dict, &error)) fail_msg("%s: %s", dict, error.message);
        assert_string_equal(npy_shape(&npy).text, shape);
        assert_int_equal(npy.fortran, fortran);
        assert_int_equal(npy.begins, strlen(dict) + (version == 1 ? 10 : 12));
    }
}

static void expect_refused(const char *dict, const char *sentence) {
    struct npy npy;
    nudge_error error = {0};
    expect_error(read_dict(&npy, 1, dict, &error), NUDGE_BAD_INPUT, &error, NULL);
    if (strcmp(error.message, sentence))
        fail_msg("%s: \"%s\", expected \"%s\"", dict, error.message, sentence);
}

static void headers_are_read(void **state) {
    (void)state;
    expect_shape("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }          \n", "3 x 4 f4",
                 false);
    expect_shape("{'shape': (7,), 'fortran_order': True, 'descr': '|u1'}\n", "7 u1", true);
    expect_shape("{\"descr\":\">i8\",\"fortran_order\":False,\"shape\":(1,2,3,4,5,6,7,8)}",
                 "1 x 2 x 3 x 4 x 5 x 6 x 7 x 8 i8", false);
    expect_shape(" { 'descr' : '=f2' , 'fortran_order' : False , 'shape' : ( 3L , 4L , ) , } ", "3 x 4 f2",
                 false);
    expect_shape("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "2 b1", false);
    struct npy npy;
    nudge_error error = {0};
    assert_int_equal(
        read_dict(&npy, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, 5), }", &error), 0);
    assert_int_equal(npy.rows, 3);
    assert_int_equal(npy.columns, 20);
    assert_string_equal(npy_row_shape(&npy).text, "4 x 5");
    assert_int_equal(read_dict(&npy, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", &error),
                     0);
    assert_string_equal(npy_row_shape(&npy).text, "1");
}

static void other_words_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *dict, *sentence;
    } cases[] = {
        {"", "a: its header ends at byte 10, expected \"{\""},
        {"[1]", "a: byte 10 of its header: found \"[1]\", expected \"{\""},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), ",
         "a: its header ends at byte 68, expected a key in quotes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)",
         "a: its header ends at byte 66, expected \",\" or \"}\""},
        {"{'descr': '<f4', 'fortran_order': False, }", "a: its header has no 'shape'"},
        {"{}", "a: its header has no 'descr'"},
        {"{'descr': '<f4', 'descr': '<f4'}",
         "a: byte 27 of its header: found \"'descr':\", expected the keys "
         "'descr', 'fortran_order' and 'shape', each once"},
        {"{'more': 1}", "a: byte 11 of its header: found \"'more':\", expected the keys 'descr', "
                        "'fortran_order' and 'shape', each once"},
        {"{'descr' '<f4'}", "a: byte 19 of its header: found \"'<f4'}\", expected \":\""},
        {"{'descr': <f4}", "a: byte 20 of its header: found \"<f4}\", expected a type like '<f4'"},
        {"{'descr': '<f4}", "a: byte 20 of its header: found \"'<f4}\", expected a text that is closed"},
        {"{'fortran_order': 1}", "a: byte 28 of its header: found \"1}\", expected True or False"},
        {"{'shape': 3}", "a: byte 20 of its header: found \"3}\", expected a shape like (60000, 784)"},
        {"{'shape': (3)}",
         "a: byte 23 of its header: found \"}\", expected a shape of one dimension to end in \",)\""},
        {"{'shape': (3 4)}", "a: byte 23 of its header: found \"4)}\", expected \",\" or \")\""},
        {"{'shape': (-3,)}", "a: byte 21 of its header: found \"-3,)}\", expected a dimension, or \")\""},
        {"{'shape': (99999999999999999999,)}", "a: byte 21 of its header: found \"999999999999\", expected a "
                                               "dimension that memory can hold"},
        {"{'shape': (1,1,1,1,1,1,1,1,1)}", "a: more than 8 dimensions, expected 1 to 8"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}",
         "a: a single number (shape ()), expected an array of rows"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0)}",
         "a: dimension 2 of 2 is 0, expected at least 1"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
         "a: its header announces 4294967296 x 4294967296 f4, which no memory can hold"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976,)}",
         "a: its header announces 1152921504606846976 f4, which no memory can hold"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
         "a: byte 66 of its header: found \"x\", expected nothing behind the \"}\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i].dict, cases[i].sentence);
}

static void other_types_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *type, *fact;
    } cases[] = {
        {"'|O'", "object arrays hold Python code: save numbers, e.g. x.astype('float32')"},
        {"'|S10'", "an array of byte strings"},
        {"'|a3'", "an array of byte strings"},
        {"'<U7'", "an array of strings"},
        {"'<c8'", "an array of complex numbers"},
        {"'<M8[D]'", "an array of dates (datetime64)"},
        {"'<m8[s]'", "an array of durations (timedelta64)"},
        {"'|V12'", "an array of raw bytes (void)"},
        {"[('a', '<f4'), ('b', '<i4')]", "a structured array (of several fields)"},
        {"'<f16'", "elements of type \"<f16\", expected b1, u1"},
        {"'<i3'", "elements of type \"<i3\", expected b1, u1"},
        {"'f4'", "elements of type \"f4\", expected b1, u1"},
        {"''", "elements of type \"\", expected b1, u1"},
        {"'<'", "elements of type \"<\", expected b1, u1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char dict[128];
        struct npy npy;
        nudge_error error = {0};
        snprintf(dict, sizeof dict, "{'descr': %s, 'fortran_order': False, 'shape': (3,), }", cases[i].type);
        expect_error(read_dict(&npy, 1, dict, &error), NUDGE_BAD_INPUT, &error, "a: ", cases[i].fact, NULL);
    }
}

static void what_is_no_array_is_refused(void **state) {
    (void)state;
    nudge_error error = {0};
    size_t size;
    const unsigned char *bytes = (const unsigned char *)"\x93NUMPY\x01\x00\xff\xff..";
    expect_error(npy_measure((const unsigned char *)"<html>", 6, "a", &size, &error), NUDGE_BAD_INPUT, &error,
                 "a: does not begin with the bytes 93 \"NUMPY\"", NULL);
    expect_error(npy_measure(bytes, 12, "a", &size, &error), NUDGE_BAD_INPUT, &error,
                 "a: a header of 65535 bytes at byte 8, expected at most 10006", NULL);
    for (size_t count = 0; count < 10; count++)
        expect_error(npy_measure(bytes, count, "a", &size, &error), NUDGE_BAD_INPUT, &error,
                     "within its header", NULL);
    expect_error(npy_measure((const unsigned char *)"\x93NUMPY\x04\x00....", 12, "a", &size, &error),
                 NUDGE_BAD_INPUT, &error, "a: version 4.0 of NumPy's format, expected 1.0, 2.0 or 3.0", NULL);
    expect_error(npy_measure((const unsigned char *)"\x93NUMPY\x01\x01....", 12, "a", &size, &error),
                 NUDGE_BAD_INPUT, &error, "a: version 1.1", NULL);
    expect_error(
        npy_measure((const unsigned char *)"\x93NUMPY\x02\x00\x10\x00\x00\x01", 12, "a", &size, &error),
        NUDGE_BAD_INPUT, &error, "a: a header of 16777232 bytes", NULL);
}

/* -- elements -- */

static struct npy of_type(const char *descr, size_t count) {
    char dict[128];
    struct npy npy;
    nudge_error error = {0};
    snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,), }", descr, count);
    if (read_dict(&npy, 1, dict, &error)) fail_msg("%s", error.message);
    return npy;
}

static void elements_mean_their_numbers(void **state) {
    (void)state;
    static const struct {
        const char *descr, *bytes;
        double value;
    } cases[] = {
        {"|u1", "\xff", 255},
        {"|b1", "\x01", 1},
        {"|b1", "\x00", 0},
        {"|i1", "\x80", -128},
        {"<u2", "\x01\x02", 513},
        {">u2", "\x01\x02", 258},
        {"<i2", "\xfe\xff", -2},
        {">i2", "\x80\x00", -32768},
        {"<u4", "\xff\xff\xff\xff", 4294967295.0},
        {">i4", "\xff\xff\xff\xfd", -3},
        {"<i8", "\x00\x00\x00\x00\x00\x00\x00\x80", -9223372036854775808.0},
        {">u8", "\x80\x00\x00\x00\x00\x00\x00\x00", 9223372036854775808.0},
        {"<f2", "\x00\x3c", 1},
        {">f2", "\xc5\x00", -5},
        {"<f2", "\x01\x00", 0x1p-24},
        {"<f2", "\xff\x83", -0x3ffp-24},
        {"<f2", "\xff\x7b", 65504},
        {"<f2", "\x00\x04", 0x1p-14},
        {"<f2", "\x00\x7c", INFINITY},
        {"<f2", "\x00\xfc", -INFINITY},
        {"<f4", "\x00\x00\x20\x40", 2.5},
        {">f4", "\x40\x20\x00\x00", 2.5},
        {"<f8", "\x00\x00\x00\x00\x00\x00\x04\xc0", -2.5},
        {">f8", "\xc0\x04\x00\x00\x00\x00\x00\x00", -2.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct npy npy = of_type(cases[i].descr, 1);
        double value = npy_value(&npy, (const unsigned char *)cases[i].bytes);
        if (value != cases[i].value) fail_msg("case %zu, %s: %.17g", i, cases[i].descr, value);
    }
    struct npy npy = of_type("<f2", 1);
    assert_true(isnan(npy_value(&npy, (const unsigned char *)"\x01\x7e")));
}

static void numbers_become_f32_rounded_once(void **state) {
    (void)state;
    nudge_error error = {0};
    float values[2];
    struct npy npy = of_type("<i8", 2);
    /* just above the middle of two f32: by way of a double it would be rounded twice, and down */
    int64_t numbers[2] = {((int64_t)1 << 60) + ((int64_t)1 << 36) + 1, -3};
    unsigned char bytes[16];
    for (size_t i = 0; i < 16; i++) bytes[i] = (unsigned char)((uint64_t)numbers[i / 8] >> (8 * (i % 8)));
    assert_int_equal(npy_take_f32(&npy, bytes, 0, 2, values, "a", &error), 0);
    assert_true(values[0] == 0x1.000002p60f && values[1] == -3);
}

static void numbers_must_be_finite(void **state) {
    (void)state;
    nudge_error error = {0};
    float values[4] = {0};
    double wide[4];
    struct npy npy = of_type("<f4", 4);
    npy.rank = 2, npy.dimensions[0] = npy.rows = 2, npy.dimensions[1] = npy.columns = 2;
    expect_error(npy_take_f32(&npy, (const unsigned char *)"\0\0\xc0\x7f", 3, 1, values, "a", &error),
                 NUDGE_BAD_INPUT, &error, "a: row 1, column 1 is nan, expected a finite number of f32", NULL);
    expect_error(npy_take_f64(&npy, (const unsigned char *)"\0\0\x80\xff", 2, 1, wide, "a", &error),
                 NUDGE_BAD_INPUT, &error, "a: row 1, column 0 is -inf", NULL);
    npy.fortran = true;
    expect_error(npy_take_f32(&npy, (const unsigned char *)"\0\0\xc0\x7f", 1, 1, values, "a", &error),
                 NUDGE_BAD_INPUT, &error, "a: row 1, column 0 is nan", NULL);
    struct npy f8 = of_type("<f8", 4);
    expect_error(npy_take_f32(&f8, (const unsigned char *)"\x9c\x75\x00\x88\x3c\xe4\x37\x7e", 2, 1, values,
                              "a", &error),
                 NUDGE_BAD_INPUT, &error, "a: row 2, column 0 is 1e+300", NULL);
}

static void the_first_dimension_may_run_fastest(void **state) {
    (void)state;
    struct npy npy;
    nudge_error error = {0};
    assert_int_equal(
        read_dict(&npy, 1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", &error), 0);
    unsigned char bytes[24];
    uint8_t values[24];
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 4; k++) bytes[i + 2 * j + 6 * k] = (unsigned char)(100 * i + 10 * j + k);
    npy_take_u8(&npy, bytes, 0, 10, values);
    npy_take_u8(&npy, bytes + 10, 10, 14, values);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 4; k++) assert_int_equal(values[i * 12 + j * 4 + k], 100 * i + 10 * j + k);
    npy.fortran = false;
    npy_take_u8(&npy, bytes, 0, 24, values);
    assert_memory_equal(values, bytes, 24);
}

static void headers_that_are_made_are_read(void **state) {
    (void)state;
    static const struct {
        const char *type;
        size_t rank, dimensions[3];
        const char *shape;
    } cases[] = {
        {"|u1", 1, {7}, "7 u1"},
        {"<f4", 2, {3, 4}, "3 x 4 f4"},
        {"<i4", 3, {SIZE_MAX / 32, 1, 1}, "576460752303423487 x 1 x 1 i4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char bytes[NPY_MADE];
        struct npy npy;
        nudge_error error = {0};
        size_t size = npy_make_header(bytes, cases[i].type, cases[i].rank, cases[i].dimensions), measured;
        assert_int_equal(size % 64, 0);
        assert_int_equal(bytes[size - 1], '\n');
        assert_int_equal(npy_measure(bytes, NPY_START, "a", &measured, &error), 0);
        assert_int_equal(measured, size);
        if (npy_read_header(&npy, bytes, size, "a", &error)) fail_msg("%s", error.message);
        assert_string_equal(npy_shape(&npy).text, cases[i].shape);
    }
    unsigned char bytes[NPY_MADE];
    size_t size = npy_make_header(bytes, "<f4", 1, (size_t[]){3});
    static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } ";
    assert_memory_equal(bytes + 10, text, sizeof text - 1);
    assert_int_equal(size, 128);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(other_types_are_refused_by_name),
        cmocka_unit_test(what_is_no_array_is_refused),
        cmocka_unit_test(elements_mean_their_numbers),
        cmocka_unit_test(numbers_become_f32_rounded_once),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(the_first_dimension_may_run_fastest),
        cmocka_unit_test(headers_that_are_made_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
