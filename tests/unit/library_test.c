/* Libraries that are loaded when they are needed: their functions work, the first time and later; one that is not there, and
 * one that lacks a function, are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/library.h"
#include "support/files.h"

#include <math.h>
#include <string.h>

#define MATH_CALLS(CALL) CALL(cos) CALL(ldexp)
#define MEMBER(name) __typeof__(name) *name;
#define NAME(name) #name,

struct math_calls {
    MATH_CALLS(MEMBER)
};
static const char *const names[] = {MATH_CALLS(NAME)};

/* The C library's own mathematics, which is there wherever the tests run. */
static void test_functions_are_found(void **state) {
    (void)state;
    struct math_calls calls = {NULL, NULL};
    struct library library = {"libm.so.6", names, 2, &calls, 0};
    nudge_error error = {0};
    for (int again = 0; again < 2; again++) {
        nudge_status status = library_load(&library, "this test", &error);
        if (status == NUDGE_UNSUPPORTED && again == 0) skip(); /* another C library */
        assert_int_equal(status, NUDGE_OK);
        assert_true(calls.cos(0) == 1 && calls.ldexp(3, 4) == 48);
    }
}

static void refused(const char *file, const char *const *wanted) {
    struct math_calls calls = {NULL, NULL};
    struct library library = {file, wanted, 2, &calls, 0};
    nudge_error error;
    for (int again = 0; again < 2; again++)
        expect_error(library_load(&library, "this test", &error), NUDGE_UNSUPPORTED, &error,
                     "this test: it needs the library", file, NULL);
}

static void test_what_is_missing_is_told(void **state) {
    (void)state;
    static const char *const others[] = {"cos", "no_such_function"};
    refused("libnowhere.so.7", names);
    refused("libm.so.6", others);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_are_found),
        cmocka_unit_test(test_what_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
