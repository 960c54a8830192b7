/* IDX files: read/idx.h. Every element type, every way in which a file can be wrong, and every truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/idx.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static nudge_allocator allocator;

/* Opens the file, which is right, and closes it with idx_close. */
static struct idx *opened(const char *path) {
    static struct idx idx;
    nudge_error error = {0};
    if (idx_open(&idx, &allocator, path, &error)) fail_msg("%s", error.message);
    return &idx;
}

static void expect_refused(const char *path, const char *fact, const char *other) {
    struct idx idx;
    nudge_error error = {0};
    expect_error(idx_open(&idx, &allocator, path, &error), NUDGE_BAD_INPUT, &error, path, fact, other, NULL);
}

/* The smallest file of each kind that says something: 2 rows of 2 elements, each with its lowest, highest and
 * two more values. */
struct sample {
    unsigned char code;
    size_t size;
    const char *bytes;
    float values[4];
};

static const struct sample samples[] = {
    {0x08, 1, "\x00\x01\x7f\xff", {0, 1, 127, 255}},
    {0x09, 1, "\x00\x7f\x80\xff", {0, 127, -128, -1}},
    {0x0B, 2, "\x00\x01\x7f\xff\x80\x00\xff\xfe", {1, 32767, -32768, -2}},
    {0x0C,
     4,
     "\x01\x00\x00\x01\x7f\xff\xff\xff\x80\x00\x00\x00\xff\xff\xff\xff",
     {16777216, 2147483648.f, -2147483648.f, -1}},
    {0x0D,
     4,
     "\x3f\x80\x00\x00\x80\x00\x00\x00\x00\x00\x00\x01\xff\x7f\xff\xff",
     {1, -0.f, 0x1p-149f, -0x1.fffffep127f}},
    {0x0E,
     8,
     "\x3f\xb9\x99\x99\x99\x99\x99\x9a\x80\x00\x00\x00\x00\x00\x00\x00\x40\x59\x00\x00\x00\x00\x00\x00\x47"
     "\xef\xff\xff\xe0\x00\x00\x00",
     {0.1f, -0.f, 100, 0x1.fffffep127f}},
};

static void every_type_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *sample = &samples[i];
        unsigned char bytes[64];
        size_t size = make_idx(bytes, sample->code, 2, (uint32_t[]){2, 2}, sample->bytes, 4 * sample->size);
        put_file("plain", bytes, size);
        put_gzip("packed", bytes, size); /* the name does not say it */
        for (int packed = 0; packed < 2; packed++) {
            struct idx *idx = opened(packed ? "packed" : "plain");
            assert_int_equal(idx->rank, 2);
            assert_int_equal(idx->rows, 2);
            assert_int_equal(idx->columns, 2);
            assert_int_equal(idx->type->code, sample->code);
            float values[4];
            nudge_error error = {0};
            if (idx_read_f32(idx, values, &error)) fail_msg("%s", error.message);
            assert_memory_equal(values, sample->values, sizeof values);
            idx_close(idx);
        }
    }
}

static void bytes_stay_bytes(void **state) {
    (void)state;
    nudge_error error = {0};
    uint8_t values[4];
    put_idx("u8", 0x08, 3, (uint32_t[]){1, 2, 2}, "\x00\x80\xfe\xff", 4);
    struct idx *idx = opened("u8");
    assert_int_equal(idx->dimensions[2], 2);
    assert_int_equal(idx_read_u8(idx, values, &error), NUDGE_OK);
    assert_memory_equal(values, "\x00\x80\xfe\xff", 4);
    idx_close(idx);
    idx_close(idx);
}

static void ranks_one_to_four_are_read(void **state) {
    (void)state;
    for (size_t rank = 1; rank <= 4; rank++) {
        put_idx("u8", 0x08, rank, (uint32_t[]){3, 1, 1, 1}, "abc", 3);
        struct idx *idx = opened("u8");
        assert_int_equal(idx->rank, rank);
        assert_int_equal(idx->rows, 3);
        assert_int_equal(idx->columns, 1);
        idx_close(idx);
    }
    put_idx("u8", 0x08, 0, NULL, "a", 1);
    expect_refused("u8", "0 dimensions at byte 3", "1 to 4");
    put_idx("u8", 0x08, 5, (uint32_t[]){1, 1, 1, 1, 1}, "a", 1);
    expect_refused("u8", "5 dimensions at byte 3", "1 to 4");
}

static void many_portions_are_one_array(void **state) {
    (void)state;
    enum { ROWS = 70001, COLUMNS = 3, ALL = ROWS * COLUMNS };
    unsigned char *bytes = malloc(2 * ALL), *file = malloc(2 * ALL + 12);
    float *values = malloc(ALL * sizeof *values);
    for (size_t i = 0; i < ALL; i++)
        bytes[2 * i] = (unsigned char)(i >> 8 & 0x7F), bytes[2 * i + 1] = (unsigned char)i;
    size_t size = make_idx(file, 0x0B, 2, (uint32_t[]){ROWS, COLUMNS}, bytes, 2 * ALL);
    put_file("plain", file, size);
    put_gzip("packed", file, size);
    for (int packed = 0; packed < 2; packed++) {
        nudge_error error = {0};
        struct idx *idx = opened(packed ? "packed" : "plain");
        if (idx_read_f32(idx, values, &error)) fail_msg("%s", error.message);
        for (size_t i = 0; i < ALL; i++)
            if (values[i] != (float)(i & 0x7FFF)) fail_msg("element %zu is %g", i, (double)values[i]);
        idx_close(idx);
    }
    free(bytes);
    free(file);
    free(values);
}

/* -- labels -- */

static void labels_are_whole_numbers_in_range(void **state) {
    (void)state;
    static const struct {
        unsigned char code;
        size_t size;
        const char *bytes;
        int32_t labels[3], largest;
    } good[] = {
        {0x08, 3, "\x00\xff\x02", {0, 255, 2}, 255},
        {0x09, 3, "\x00\x7f\x02", {0, 127, 2}, 127},
        {0x0B, 6, "\x00\x03\x7f\xff\x00\x00", {3, 32767, 0}, 32767},
        {0x0C, 12, "\x00\x00\x00\x01\x00\x00\xff\xff\x00\x00\x00\x00", {1, 65535, 0}, 65535},
    };
    nudge_error error = {0};
    int32_t labels[3], largest = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        put_idx("labels", good[i].code, 1, (uint32_t[]){3}, good[i].bytes, good[i].size);
        struct idx *idx = opened("labels");
        if (idx_read_labels(idx, labels, &largest, &error)) fail_msg("%s", error.message);
        assert_memory_equal(labels, good[i].labels, sizeof labels);
        idx_close(idx);
    }
    assert_int_equal(largest, 65535);
    put_idx("labels", 0x0C, 1, (uint32_t[]){3}, "\0\0\0\x01\0\x01\0\0\0\0\0\0", 12);
    struct idx *idx = opened("labels");
    expect_error(idx_read_labels(idx, labels, &largest, &error), NUDGE_BAD_INPUT, &error, "labels", "row 1",
                 "label 65536", "0 to 65535", NULL);
    idx_close(idx);
    put_idx("labels", 0x09, 1, (uint32_t[]){3}, "\x01\x02\xfe", 3);
    idx = opened("labels");
    expect_error(idx_read_labels(idx, labels, &largest, &error), NUDGE_BAD_INPUT, &error, "labels", "row 2",
                 "label -2", NULL);
    idx_close(idx);
}

/* -- what is wrong -- */

static void numbers_must_be_finite(void **state) {
    (void)state;
    nudge_error error = {0};
    float values[6];
    char bytes[24] = {0};
    memcpy(bytes + 4 * 4, "\x7f\xc0\x00\x00", 4);
    put_idx("f32", 0x0D, 2, (uint32_t[]){2, 3}, bytes, 24);
    struct idx *idx = opened("f32");
    expect_error(idx_read_f32(idx, values, &error), NUDGE_BAD_INPUT, &error, "f32", "row 1, column 1", "nan",
                 NULL);
    idx_close(idx);
    memcpy(bytes + 4 * 4, "\xff\x80\x00\x00", 4);
    put_idx("f32", 0x0D, 2, (uint32_t[]){6, 1}, bytes, 24);
    idx = opened("f32");
    expect_error(idx_read_f32(idx, values, &error), NUDGE_BAD_INPUT, &error, "row 4, column 0", "-inf", NULL);
    idx_close(idx);
    put_idx("f64", 0x0E, 1, (uint32_t[]){1}, "\x7e\x37\xe4\x3c\x88\x00\x75\x9c", 8); /* 1e300 */
    idx = opened("f64");
    expect_error(idx_read_f32(idx, values, &error), NUDGE_BAD_INPUT, &error, "f64", "row 0, column 0",
                 "1e+300", NULL);
    idx_close(idx);
}

static void a_bad_header_is_named(void **state) {
    (void)state;
    put_file("x", "\x89PNG\r\n\x1a\n", 8);
    expect_refused("x", "begins with the bytes 89 50", "expected 00 00");
    put_file("x", "\0\0\x0a\x01\0\0\0\x01z", 9);
    expect_refused("x", "element type 0a at byte 2", "0e (f64)");
    put_idx("x", 0x08, 3, (uint32_t[]){2, 0, 2}, "", 0);
    expect_refused("x", "dimension 2 of 3 is 0 at byte 8", "at least 1");
    put_file("x", "", 0);
    expect_refused("x", "ends at byte 0", "header");
    expect_refused("none", "no such file", NULL);
    expect_refused(".", "folder", NULL);
}

static void sizes_are_not_believed(void **state) {
    (void)state;
    put_idx("x", 0x08, 3, (uint32_t[]){60000, 28, 28}, "abc", 3);
    expect_refused("x", "has 19 bytes, expected 47040016", "60000 x 28 x 28 u8");
    put_idx("x", 0x08, 1, (uint32_t[]){3}, "abcd", 4);
    expect_refused("x", "has 12 bytes, expected 11", "3 u8");
    put_idx("x", 0x08, 4, (uint32_t[]){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}, "a", 1);
    expect_refused("x", "4294967295 x 4294967295 x 4294967295 x 4294967295 u8", "memory");
    put_idx("x", 0x0E, 2, (uint32_t[]){UINT32_MAX, UINT32_MAX}, "a", 1);
    expect_refused("x", "4294967295 x 4294967295 f64", "memory");
    unsigned char bytes[32];
    size_t size = make_idx(bytes, 0x08, 3, (uint32_t[]){1000000, 28, 28}, "abc", 3);
    put_gzip("x", bytes, size);
    expect_refused("x", "1000000 x 28 x 28 u8", "more than its");
}

static void read_to_the_end(const char *path, nudge_status expected, const char *fact, const char *other) {
    struct idx idx;
    nudge_error error = {0};
    uint8_t *values = malloc(1 << 20);
    nudge_status status = idx_open(&idx, &allocator, path, &error);
    if (!status && idx.rows * idx.columns > 1 << 20) fail_msg("%zu rows", idx.rows);
    if (!status) {
        status = idx_read_u8(&idx, values, &error);
        idx_close(&idx);
    }
    free(values);
    if (expected)
        expect_error(status, expected, &error, path, fact, other, NULL);
    else if (status)
        fail_msg("%s", error.message);
}

static void gzip_holds_what_its_header_says(void **state) {
    (void)state;
    unsigned char bytes[64];
    size_t size = make_idx(bytes, 0x08, 1, (uint32_t[]){10}, "abc", 3);
    put_gzip("x", bytes, size);
    read_to_the_end("x", NUDGE_BAD_INPUT, "ends after 11 unpacked bytes, expected 18", "10 u8");
    size = make_idx(bytes, 0x08, 1, (uint32_t[]){2}, "abc", 3);
    put_gzip("x", bytes, size);
    read_to_the_end("x", NUDGE_BAD_INPUT, "goes on after 10 unpacked bytes", "2 u8");
    /* and so for the other two ways to read */
    float value;
    int32_t label, largest = 0;
    nudge_error error = {0};
    put_gzip("x", bytes, make_idx(bytes, 0x08, 1, (uint32_t[]){1}, "\1\2", 2));
    struct idx *idx = opened("x");
    expect_error(idx_read_f32(idx, &value, &error), NUDGE_BAD_INPUT, &error, "goes on after 9 unpacked",
                 NULL);
    idx_close(idx);
    idx = opened("x");
    expect_error(idx_read_labels(idx, &label, &largest, &error), NUDGE_BAD_INPUT, &error,
                 "goes on after 9 unpacked", NULL);
    idx_close(idx);
}

static void gzip_members_follow_each_other(void **state) {
    (void)state;
    unsigned char bytes[64];
    size_t size = make_idx(bytes, 0x08, 1, (uint32_t[]){6}, "abcdef", 6), first, second;
    put_gzip("one", bytes, 9);
    put_gzip("two", bytes + 9, size - 9);
    unsigned char *one = get_file("one", &first), *two = get_file("two", &second), both[256];
    memcpy(both, one, first);
    memcpy(both + first, two, second);
    put_file("both", both, first + second);
    read_to_the_end("both", NUDGE_OK, NULL, NULL);
    memcpy(both + first + second, "rest", 4);
    put_file("both", both, first + second + 4);
    read_to_the_end("both", NUDGE_BAD_INPUT, "gzip data are damaged at byte", NULL);
    free(one);
    free(two);
}

/* 200 x 100 u8 that do not pack well. */
static size_t noisy_file(unsigned char *bytes) {
    unsigned char pixels[20000];
    uint32_t noise = 1;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)((noise = noise * 1664525 + 1013904223) >> 24);
    return make_idx(bytes, 0x08, 2, (uint32_t[]){200, 100}, pixels, sizeof pixels);
}

static void every_truncation_is_noticed(void **state) {
    (void)state;
    unsigned char bytes[64];
    size_t size = make_idx(bytes, 0x08, 3, (uint32_t[]){3, 2, 2}, "abcdefghijkl", 12);
    for (size_t length = 0; length < size; length++) {
        put_file("x", bytes, length);
        read_to_the_end("x", NUDGE_BAD_INPUT, length < 16 ? "ends at byte" : "expected 28", NULL);
    }
    put_file("x", bytes, size);
    read_to_the_end("x", NUDGE_OK, NULL, NULL);
    put_gzip("x", bytes, size);
    unsigned char *packed = get_file("x", &size);
    for (size_t length = 0; length < size; length++) {
        put_file("x", packed, length);
        read_to_the_end("x", NUDGE_BAD_INPUT, length < 2 ? "x: " : "cut short at byte", NULL);
    }
    free(packed);
}

/* Some bits mean nothing (the time in front, what fills up the last byte of the packed data): then the values
 * are the same. */
static void no_flipped_bit_of_gzip_changes_a_value(void **state) {
    (void)state;
    unsigned char bytes[64];
    size_t size = make_idx(bytes, 0x08, 3, (uint32_t[]){3, 2, 2}, "abcabcabcabc", 12), refused = 0;
    put_gzip("x", bytes, size);
    unsigned char *packed = get_file("x", &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put_file("x", packed, size);
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        struct idx idx;
        nudge_error error = {0};
        uint8_t *values = malloc(1032 * size); /* a flipped bit of the header may announce so many */
        nudge_status status = idx_open(&idx, &allocator, "x", &error);
        if (!status) {
            status = idx_read_u8(&idx, values, &error);
            idx_close(&idx);
        }
        refused += status != NUDGE_OK;
        if (status)
            expect_error(status, NUDGE_BAD_INPUT, &error, "x: ", NULL);
        else
            assert_memory_equal(values, "abcabcabcabc", 12);
        free(values);
    }
    assert_true(refused > 8 * (size - 10) - 8);
    free(packed);
}

static void a_long_gzip_cut_or_damaged_is_noticed(void **state) {
    (void)state;
    unsigned char *bytes = malloc(20100);
    put_gzip("x", bytes, noisy_file(bytes));
    size_t size;
    unsigned char *packed = get_file("x", &size);
    read_to_the_end("x", NUDGE_OK, NULL, NULL);
    put_file("x", packed, size / 2);
    read_to_the_end("x", NUDGE_BAD_INPUT, "cut short at byte", NULL);
    packed[size / 2] ^= 4;
    put_file("x", packed, size);
    read_to_the_end("x", NUDGE_BAD_INPUT, "x: ", NULL);
    free(packed);
    free(bytes);
}

/* A packed file whose header announces what it could hold at best, and holds nothing of it, must not make
 * memory be asked for by idx_open: only its two buffers. */
static void opening_takes_buffers_alone(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_allocator counting = counting_allocator(&accounts);
    unsigned char *bytes = calloc(1, 1 << 20);
    size_t size = make_idx(bytes, 0x08, 2, (uint32_t[]){1 << 20, 1}, "", 0);
    put_gzip("x", bytes, size + 100000);
    struct idx idx;
    nudge_error error = {0};
    nudge_status status = idx_open(&idx, &counting, "x", &error);
    if (!status) idx_close(&idx);
    assert_int_equal(accounts.live_blocks, 0);
    assert_int_equal(accounts.live_bytes, 0);
    assert_true(accounts.peak_bytes < 64 * 1024 + 64 * 1024);
    free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_scratch, leave_scratch)

int main(void) {
    allocator = memory_allocator(NULL);
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read),
        TEST(bytes_stay_bytes),
        TEST(ranks_one_to_four_are_read),
        TEST(many_portions_are_one_array),
        TEST(labels_are_whole_numbers_in_range),
        TEST(numbers_must_be_finite),
        TEST(a_bad_header_is_named),
        TEST(sizes_are_not_believed),
        TEST(gzip_holds_what_its_header_says),
        TEST(gzip_members_follow_each_other),
        TEST(every_truncation_is_noticed),
        TEST(no_flipped_bit_of_gzip_changes_a_value),
        TEST(a_long_gzip_cut_or_damaged_is_noticed),
        TEST(opening_takes_buffers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
