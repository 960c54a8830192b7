/* Text from outside, fit to be shown: base/show.h and nudge_text_show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/show.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_shown(const char *text, const char *expected) {
    char out[256];
    size_t length = nudge_text_show(text, out, sizeof out);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
}

static void what_gives_orders_is_escaped(void **state) {
    (void)state;
    expect_shown("", "");
    expect_shown("Übung, 漢字, 😀, עברית", "Übung, 漢字, 😀, עברית");
    expect_shown("a\nb\tc\rd", "a\\nb\\tc\\rd");
    expect_shown("\x1b[2J\x01\x7f", "\\u001b[2J\\u0001\\u007f");
    expect_shown("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\\u0080\\u009b\\u009f\xC2\xA0");
    expect_shown(
        "\u061C\u200E\u200F\u2028\u2029\u202A\u202E\u2066\u2069", /* marks of direction, ends of lines */
        "\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a\\u202e\\u2066\\u2069");
    expect_shown("\u200D\u2027\u202F\u2065\u206A",
                 "\u200D\u2027\u202F\u2065\u206A"); /* their neighbours stay */
    expect_shown("\\n", "\\n");                     /* what is shown already stays as it is */
}

static void what_is_not_utf8_is_escaped(void **state) {
    (void)state;
    expect_shown("a\xFF"
                 "b\x80",
                 "a\\xffb\\x80");
    expect_shown("\xE6\xBC", "\\xe6\\xbc"); /* cut short */
    expect_shown("\xE6\xBC"
                 "a",
                 "\\xe6\\xbc"
                 "a");
    expect_shown("\xC0\x80\xE0\x80\x80", "\\xc0\\x80\\xe0\\x80\\x80"); /* overlong */
    expect_shown("\xED\xA0\x80", "\\xed\\xa0\\x80");                   /* a surrogate */
    expect_shown("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");          /* beyond U+10FFFF */
    assert_true(utf8_is("漢") && utf8_is("") && !utf8_is("\xE6\xBC") && !utf8_is("a\xFF"));
}

/* Whatever the room: the beginning of the whole, UTF-8, no part of a character or an escape. */
static void cuts_are_between_characters(void **state) {
    (void)state;
    static const char text[] = "aé漢\x1b😀\xFF"
                               "b\u202E漢",
                      whole[] = "aé漢\\u001b😀\\xffb\\u202e漢";
    for (size_t room = 0; room < sizeof whole + 4; room++) {
        char out[64];
        memset(out, '#', sizeof out);
        assert_int_equal(nudge_text_show(text, out, room), strlen(whole));
        assert_int_equal(out[room], '#');
        if (room == 0) continue;
        assert_true(strlen(out) < room && utf8_is(out));
        assert_memory_equal(out, whole, strlen(out));
        const char *escape = strrchr(out, '\\');
        if (escape) assert_true(strlen(escape) >= (escape[1] == 'u' ? 6 : 4));
        assert_true(room < sizeof whole || strlen(out) == strlen(whole));
    }
}

static void sentences_are_cut_between_characters(void **state) {
    (void)state;
    char text[1100];
    for (size_t before = 0; before < 4; before++) {
        nudge_error error = {0};
        memset(text, 'a', before);
        for (size_t i = before; i + 3 < sizeof text; i += 3) strcpy(text + i, "漢");
        error_set(&error, NUDGE_IO, "%s", text);
        assert_true(utf8_is(error.message) && strlen(error.message) > sizeof error.message - 5);
        error_prefix(&error, NUDGE_IO, "漢字: ");
        assert_true(utf8_is(error.message));
        assert_true(utf8_is(shown(text).text) && strncmp(shown(text).text, "...", 3) == 0);
        assert_true(utf8_is(shown_start(text, strlen(text)).text));
    }
    assert_string_equal(shown_start("abc", 2).text, "ab");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_gives_orders_is_escaped),
        cmocka_unit_test(what_is_not_utf8_is_escaped),
        cmocka_unit_test(cuts_are_between_characters),
        cmocka_unit_test(sentences_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
