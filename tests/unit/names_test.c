/* Names in tables: base/names.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/names.h"
#include "small.h"

static const struct row {
    int before;
    const char *name;
    double after;
} rows[] = {{1, "one", 0.5}, {2, "two", 0.25}, {3, "three", 0.125}};

static void test_lists(void **state) {
    (void)state;
    assert_string_equal(names_text(NAMES_OF(rows, 3)).text, "one, two or three");
    assert_string_equal(names_text(NAMES_OF(rows, 2)).text, "one or two");
    assert_string_equal(names_text(NAMES_OF(rows, 1)).text, "one");
    assert_string_equal(names_text(NAMES_OF(rows, 0)).text, "");
}

static void test_finding(void **state) {
    (void)state;
    static const char *const texts[] = {"a", "b"};
    nudge_error e = {0};
    size_t row = 9;
    assert_ok(names_find(&row, NAMES_OF(rows, 3), "three", "number", error));
    assert_int_equal(row, 2);
    assert_ok(names_find(&row, NAMES_IN(texts, 2), "a", "letter", error));
    assert_int_equal(row, 0);
    row = 9;
    expect_error(names_find(&row, NAMES_OF(rows, 3), "thre", "number", &e), NUDGE_BAD_ARGUMENT, &e,
                 "number \"thre\", expected one, two or three", NULL);
    assert_int_equal(row, 9);
    assert_int_equal(names_find(&row, NAMES_OF(rows, 3), "", "number", NULL), NUDGE_BAD_ARGUMENT);
}

/* What does not fit is cut; nothing is written beyond the text. */
static void test_long_lists_are_cut(void **state) {
    (void)state;
    const char *texts[100];
    for (size_t i = 0; i < 100; i++) texts[i] = "a-name-of-eighteen";
    struct names_text list = names_text(NAMES_IN(texts, 100));
    assert_int_equal(strlen(list.text), sizeof list.text - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_long_lists_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
