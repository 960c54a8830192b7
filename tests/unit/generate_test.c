/* The built-in data sets: sizes, shapes, the same numbers everywhere, and that they are what they are
 * called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(3);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

static nudge_data *generate(const char *name, uint64_t seed) {
    nudge_data *data = NULL;
    assert_ok(nudge_data_generate(context, name, seed, &data, error));
    return data;
}

/* -- sizes and shapes -- */

static void assert_shape(const char *name, size_t train, size_t test, size_t features, size_t classes,
                         size_t targets) {
    nudge_data *data = generate(name, 1);
    assert_string_equal(nudge_data_name(data), name);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), train);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TEST), test);
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_VALIDATION), 0);
    assert_int_equal(nudge_data_features(data), features);
    assert_int_equal(nudge_data_classes(data), classes);
    assert_int_equal(nudge_data_targets(data), targets);
    nudge_data_free(data);
}

static void test_sizes(void **state) {
    (void)state;
    assert_shape("xor", 4, 4, 2, 2, 2);
    assert_shape("spiral", 1000, 1000, 2, 2, 2);
    assert_shape("moons:10", 10, 10, 2, 2, 2);
    assert_shape("circles:10/0", 10, 0, 2, 2, 2);
    assert_shape("chain", 100, 100, 1, 0, 1);
    assert_shape("digits:50", 50, 10, 784, 10, 10); /* five to one, as usual */
    assert_shape("digits:4", 4, 0, 784, 10, 10);
    assert_shape("digits:7/3", 7, 3, 784, 10, 10);
}

static void test_digits_are_images_of_bytes(void **state) {
    (void)state;
    nudge_data *data = generate("digits:10", 1);
    size_t height, width;
    assert_true(nudge_data_image(data, &height, &width) && height == 28 && width == 28);
    assert_int_equal(nudge_data_type(data), NUDGE_TYPE_U8);
    nudge_data_free(data);
}

static void test_builtins_are_listed(void **state) {
    (void)state;
    size_t count = 0;
    const char *summary;
    for (const char *name; (name = nudge_data_builtin(count, &summary)); count++) {
        assert_true(strlen(summary) > 10);
        if (strcmp(name, "digits") != 0) nudge_data_free(generate(name, 1));
    }
    assert_int_equal(count, 6);
    assert_string_equal(nudge_data_builtin(0, NULL), "digits");
}

/* -- the same everywhere -- */

static void test_numbers_are_pinned(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint64_t seed, digest;
    } pinned[] = {
        {"xor", 1, 0xFFE2912EFE60A565},           {"xor", 2, 0xFFE2912EFE60A565},
        {"spiral:50/20", 1, 0x0A2C5829A476B203},  {"spiral:50/20", 2, 0x6621C22C7826222B},
        {"moons:50/20", 1, 0x057FE01D7D4911FE},   {"moons:50/20", 2, 0x69C32BA58345A4C4},
        {"circles:50/20", 1, 0x133F5AED028CE08D}, {"circles:50/20", 2, 0x37AA175A0194E283},
        {"chain:50/20", 1, 0x1C611CE88A492D2F},   {"chain:50/20", 2, 0x74160D6E7BE01ADF},
        {"digits:50/20", 1, 0x4A3FF10A20D6FCB7},  {"digits:50/20", 2, 0xFD503A36C4F6FEDC},
    };
    for (size_t i = 0; i < sizeof pinned / sizeof *pinned; i++) {
        nudge_data *data = generate(pinned[i].name, pinned[i].seed);
        assert_digest(small_digest_data(data), pinned[i].digest, pinned[i].name);
        nudge_data_free(data);
    }
}

/* Row i depends on the seed, the part and i, not on how many rows or threads there are. */
static void test_rows_do_not_depend_on_how_many_there_are(void **state) {
    (void)state;
    static const char *const names[][2] = {{"digits:600/30", "digits:40/10"},
                                           {"spiral:900/30", "spiral:40/10"}};
    nudge_context *one = small_context(1);
    for (size_t i = 0; i < 2; i++) {
        nudge_data *large = generate(names[i][0], 3), *small = NULL;
        assert_ok(nudge_data_generate(one, names[i][1], 3, &small, error));
        for (int part = NUDGE_PART_TRAIN; part <= NUDGE_PART_TEST; part++)
            for (size_t r = 0; r < nudge_data_rows(small, (nudge_part)part); r++) {
                float a[784], b[784];
                assert_ok(nudge_data_row(large, (nudge_part)part, r, a, NULL, error));
                assert_ok(nudge_data_row(small, (nudge_part)part, r, b, NULL, error));
                assert_memory_equal(a, b, nudge_data_features(small) * sizeof *a);
                assert_int_equal(nudge_data_label(large, (nudge_part)part, r),
                                 nudge_data_label(small, (nudge_part)part, r));
            }
        nudge_data_free(large);
        nudge_data_free(small);
    }
    nudge_context_free(one);
}

static void test_train_and_test_differ(void **state) {
    (void)state;
    nudge_data *data = generate("moons:100", 1);
    float train[2], test[2];
    for (size_t r = 0; r < 100; r++) {
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, train, NULL, error));
        assert_ok(nudge_data_row(data, NUDGE_PART_TEST, r, test, NULL, error));
        assert_true(train[0] != test[0]);
    }
    nudge_data_free(data);
}

/* -- they are what they are called -- */

static void test_xor(void **state) {
    (void)state;
    nudge_data *data = generate("xor", 1);
    for (size_t r = 0; r < 4; r++) {
        float x[2];
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, x, NULL, error));
        assert_int_equal(nudge_data_label(data, NUDGE_PART_TRAIN, r), (x[0] != 0) != (x[1] != 0));
    }
    nudge_data_free(data);
}

/* Both classes are there equally; noise of σ = 0.06 around radii 1 and ½: five σ. */
static void test_circles(void **state) {
    (void)state;
    nudge_data *data = generate("circles", 1);
    size_t inner = 0;
    for (size_t r = 0; r < 1000; r++) {
        float x[2];
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, x, NULL, error));
        int32_t label = nudge_data_label(data, NUDGE_PART_TRAIN, r);
        assert_true(fabsf(hypotf(x[0], x[1]) - (label ? 0.5f : 1.0f)) < 0.3f);
        inner += (size_t)label;
    }
    assert_int_equal(inner, 500);
    nudge_data_free(data);
}

static void test_chain_is_a_smooth_step(void **state) {
    (void)state;
    nudge_data *data = generate("chain", 1);
    for (size_t r = 0; r < 100; r++) {
        float x, y;
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, &x, &y, error));
        assert_true(x >= 0 && x < 1);
        assert_true(fabs((double)y - 1 / (1 + exp(3 - 6 * (double)x))) < 1e-6);
    }
    nudge_data_free(data);
}

/* Ink on an empty ground, its centre of mass in the middle, all ten digits there. */
static void test_digits(void **state) {
    (void)state;
    nudge_data *data = generate("digits:500/0", 1);
    size_t counts[10] = {0};
    for (size_t r = 0; r < 500; r++) {
        float pixels[784];
        double ink = 0, x = 0, y = 0;
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, pixels, NULL, error));
        for (size_t i = 0; i < 784; i++) {
            ink += (double)pixels[i];
            x += (double)pixels[i] * (double)(i % 28);
            y += (double)pixels[i] * (double)(i / 28);
        }
        assert_true(ink > 784 * 255 * 0.02 && ink < 784 * 255 * 0.5);
        assert_true(fabs(x / ink - 13.5) < 1.5 && fabs(y / ink - 13.5) < 1.5);
        counts[nudge_data_label(data, NUDGE_PART_TRAIN, r)]++;
    }
    for (size_t digit = 0; digit < 10; digit++) assert_true(counts[digit] >= 25);
    nudge_data_free(data);
}

/* -- errors -- */

static void refuse(const char *name, const char *expected) {
    nudge_data *data = NULL;
    nudge_error e = {0};
    expect_error(nudge_data_generate(context, name, 1, &data, &e), NUDGE_BAD_ARGUMENT, &e, "data set",
                 expected, NULL);
    assert_null(data);
}

static void test_bad_names(void **state) {
    (void)state;
    refuse("", "not built in");
    refuse("digit", "expected digits, xor, spiral, moons, circles or chain");
    refuse("digits2", "not built in");
    refuse("digits:", "sizes \"\"");
    refuse("digits:0", "digits:TRAIN/TEST");
    refuse("digits:-5", "sizes \"-5\"");
    refuse("digits:5/", "sizes \"5/\"");
    refuse("digits:5/5x", "sizes \"5/5x\"");
    refuse("digits:5.5", "sizes \"5.5\"");
    refuse("spiral:99999999999", "below 2^32");
    refuse("xor:5", "size cannot be chosen");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_digits_are_images_of_bytes),
        cmocka_unit_test(test_builtins_are_listed),
        cmocka_unit_test(test_numbers_are_pinned),
        cmocka_unit_test(test_rows_do_not_depend_on_how_many_there_are),
        cmocka_unit_test(test_train_and_test_differ),
        cmocka_unit_test(test_xor),
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_chain_is_a_smooth_step),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_bad_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
