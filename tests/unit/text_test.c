/* Numbers as text: base/text.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Parses the whole text. */
static double number_of(const char *text) {
    double value = NAN;
    const char *end = text_parse_number(text, &value);
    assert_non_null(end);
    assert_string_equal(end, "");
    return value;
}

static void numbers_are_read_as_strtod_reads_them(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1",
        "-1.5",
        "0.1",
        ".5",
        "5.",
        "1e10",
        "1E-10",
        "1e308",
        "3.4028235e38",
        "1.4e-45",
        "2.2250738585072014e-308",
        "0x1p-3",
        "0x1.010102p-8",
        "0.3333333333333333333333",
        "123456789012345",
        "1234567890123456",
        "0.000001",
        "7.038531e-26",
        "100000000000000000000000",
        "9007199254740993",
        "0.1000000000000000055511151231257827",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double expected = strtod(texts[i], NULL), found = number_of(texts[i]);
        if (memcmp(&expected, &found, sizeof found)) fail_msg("%s is read as %.17g", texts[i], found);
    }
    assert_true(isinf(number_of("inf")));
    assert_true(isinf(number_of("1e999")));
    assert_true(isnan(number_of("nan")));
}

static void what_follows_a_number_is_left(void **state) {
    (void)state;
    double value;
    assert_string_equal(text_parse_number("1.5,2", &value), ",2");
    assert_string_equal(text_parse_number("12abc", &value), "abc");
    assert_string_equal(text_parse_number("3 4", &value), " 4");
    assert_string_equal(text_parse_number("1e", &value), "e");
    assert_true(value == 1);
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", " 1", "\t1", "-", "+", ".", "e5", "abc", ",5", "--1"};
    double value = 7;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (text_parse_number(texts[i], &value)) fail_msg("\"%s\" is read as %g", texts[i], value);
}

static void counts_stop_at_their_limit(void **state) {
    (void)state;
    uint64_t value = 0;
    assert_string_equal(text_parse_count("60000/10000", UINT64_MAX, &value), "/10000");
    assert_int_equal(value, 60000);
    assert_non_null(text_parse_count("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_null(text_parse_count("18446744073709551616", UINT64_MAX, &value));
    assert_null(text_parse_count("99999999999999999999999", UINT64_MAX, &value));
    for (uint64_t limit = 0; limit < 300; limit++)
        for (uint64_t n = 0; n < 400; n++) {
            char text[8];
            snprintf(text, sizeof text, "%d", (int)n);
            assert_int_equal(text_parse_count(text, limit, &value) != NULL, n <= limit);
            if (n <= limit) assert_int_equal(value, n);
        }
    assert_null(text_parse_count("", 9, &value));
    assert_null(text_parse_count("-1", 9, &value));
    assert_null(text_parse_count("+1", 9, &value));
    assert_null(text_parse_count(" 1", 9, &value));
}

static void numbers_are_printed_with_their_digits(void **state) {
    (void)state;
    assert_string_equal(text_number(0.5, 6).text, "0.5");
    assert_string_equal(text_number(-1e-20, 6).text, "-1e-20");
    assert_string_equal(text_number(60000, 17).text, "60000");
    assert_string_equal(text_number(NAN, 6).text, "nan");
    assert_string_equal(text_number(-INFINITY, 6).text, "-inf");
    assert_string_equal(text_number(1.0 / 3, 17).text, "0.33333333333333331");
}

/* A sample of all f32: every exponent, both signs, fractions from a fixed pattern. */
static void floats_come_back_exactly_from_the_shortest_text(void **state) {
    (void)state;
    uint32_t fraction = 1;
    for (uint32_t high = 0; high < 512; high++)
        for (int i = 0; i < 40; i++) {
            fraction = fraction * 1664525u + 1013904223u;
            uint32_t bits = high << 23 | (i < 2 ? (uint32_t)i : fraction >> 9);
            if ((bits & 0x7F800000u) == 0x7F800000u) continue;
            float value = float_of(bits), back = (float)number_of(text_float(value).text);
            if (memcmp(&value, &back, sizeof value))
                fail_msg("%08x is printed as %s", bits, text_float(value).text);
        }
    assert_string_equal(text_float(0.1f).text, "0.1");
    assert_string_equal(text_float(-0.0f).text, "-0");
    assert_string_equal(text_float(16777216.0f).text, "16777216");
}

/* With a decimal comma in the host's locale, where there is such a locale. */
static void the_hosts_locale_does_not_show(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                        "fr_FR.utf8",  "de_DE",      "fr_FR"};
    bool set = false;
    for (size_t i = 0; !set && i < sizeof names / sizeof *names; i++)
        set = setlocale(LC_ALL, names[i]) != NULL;
    if (!set) {
        print_message("no locale with a decimal comma is installed: skipped\n");
        skip();
    }
    assert_string_equal(text_number(0.5, 6).text, "0.5");
    assert_true(number_of("0.12345678901234567890") == 0.12345678901234568);
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_strtod_reads_them),
        cmocka_unit_test(what_follows_a_number_is_left),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(counts_stop_at_their_limit),
        cmocka_unit_test(numbers_are_printed_with_their_digits),
        cmocka_unit_test(floats_come_back_exactly_from_the_shortest_text),
        cmocka_unit_test(the_hosts_locale_does_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
