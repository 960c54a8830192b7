/* Texts and their numbers: table/words.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "table/words.h"

#include <stdio.h>
#include <string.h>

static void words_have_numbers(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    struct words words = words_begin(&allocator);
    size_t word;
    char text[16];
    assert_int_equal(words_find(&words, "a", 1), 0);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 3000; i++) {
            snprintf(text, sizeof text, "%d", i * 7);
            assert_int_equal(words_take(&words, text, strlen(text), &word, NULL), NUDGE_OK);
            assert_int_equal(word, i);
        }
    assert_int_equal(words.count, 3000);
    assert_int_equal(words_find(&words, "14", 2), 2);
    assert_int_equal(words_find(&words, "14", 1), words.count);
    assert_int_equal(words_find(&words, "", 0), words.count);
    assert_int_equal(words_take(&words, "", 0, &word, NULL), NUDGE_OK);
    assert_string_equal(words.texts[3000], "");
    words_release(&words);
    assert_int_equal(accounts.live_blocks, 0);
}

static void what_does_not_fit_changes_nothing(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    struct words words = words_begin(&allocator);
    size_t word;
    for (size_t i = 0; i < 40; i++) {
        char text = (char)('A' + i);
        for (size_t at = 1; at < 6; at++) {
            accounts.allocations = 0;
            accounts.fail_at = at;
            if (words_take(&words, &text, 1, &word, NULL) == NUDGE_OK) break;
            assert_int_equal(words.count, i);
        }
        assert_int_equal(words.count, i + 1);
    }
    words_release(&words);
    assert_int_equal(accounts.live_blocks, 0);
}

static void words_are_compared_by_bytes(void **state) {
    (void)state;
    assert_true(words_compare("a", "b") < 0);
    assert_true(words_compare("a", "ab") < 0);
    assert_true(words_compare("Z", "a") < 0);
    assert_true(words_compare("\xC3\xA4", "z") > 0);
    assert_true(words_compare("", "") == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_numbers),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(words_are_compared_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
