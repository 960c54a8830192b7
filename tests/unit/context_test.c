/* Contexts: which level, how many threads, what is refused; and the foundations under every call: errors as
 * sentences, structs that grow at their end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/status.h"
#include "base/struct_size.h"
#include "small.h"

#include <stdio.h>

/* -- contexts -- */

static void test_defaults(void **state) {
    (void)state;
    nudge_context *context = NULL;
    assert_ok(nudge_context_create(NULL, &context, error));
    assert_true(nudge_context_threads(context) >= 1);
    assert_string_equal(nudge_context_precision(context), "f32");
    nudge_context_free(context);
    nudge_context_free(NULL);
}

static nudge_status create(nudge_engine engine, nudge_cpu_level level, nudge_precision precision,
                           nudge_context **context, nudge_error *e) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.engine = engine;
    options.cpu_level = level;
    options.precision = precision;
    return nudge_context_create(&options, context, e);
}

/* The default is native, where the CPU fuses. Whether it does depends on its level on x86-64 alone. */
static void test_engines(void **state) {
    (void)state;
    nudge_context *context = NULL, *plain = NULL;
    nudge_error e = {0};
    nudge_status status = create(NUDGE_ENGINE_NATIVE, NUDGE_CPU_AUTO, NUDGE_PRECISION_F32, &context, &e);
    if (status)
        expect_error(status, NUDGE_UNSUPPORTED, &e, "engine native", NULL);
    else
        assert_string_equal(nudge_context_engine(context), "native");
    nudge_context_free(context);
    assert_ok(nudge_context_create(NULL, &plain, error));
    assert_string_equal(nudge_context_engine(plain), status ? "portable" : "native");
    nudge_context_free(plain);
#ifdef __x86_64__
    expect_error(create(NUDGE_ENGINE_NATIVE, NUDGE_CPU_BASE, NUDGE_PRECISION_F32, &context, &e),
                 NUDGE_UNSUPPORTED, &e, "engine native: it needs level v3", NULL);
    assert_ok(create(NUDGE_ENGINE_AUTO, NUDGE_CPU_BASE, NUDGE_PRECISION_F32, &context, error));
    assert_string_equal(nudge_context_engine(context), "portable");
    nudge_context_free(context);
#endif
    expect_error(create(NUDGE_ENGINE_PORTABLE, NUDGE_CPU_AUTO, NUDGE_PRECISION_BF16, &context, &e),
                 NUDGE_UNSUPPORTED, &e, "precision bf16", NULL);
}

/* All levels up to the best there is can be had; those above are told to be missing. */
static void test_levels(void **state) {
    (void)state;
    static const char *const names[] = {"", "base", "v3", "v4"};
    nudge_context *best = NULL;
    assert_ok(nudge_context_create(NULL, &best, error));
    bool beyond = false;
    for (int level = NUDGE_CPU_BASE; level <= NUDGE_CPU_V4; level++) {
        nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
        nudge_context *context = NULL;
        nudge_error e = {0};
        options.cpu_level = (nudge_cpu_level)level;
        nudge_status status = nudge_context_create(&options, &context, &e);
        if (beyond) {
            expect_error(status, NUDGE_UNSUPPORTED, &e, names[level], nudge_context_cpu_level(best), NULL);
            continue;
        }
        assert_int_equal(status, NUDGE_OK);
        assert_string_equal(nudge_context_cpu_level(context), names[level]);
        beyond = strcmp(names[level], nudge_context_cpu_level(best)) == 0;
        nudge_context_free(context);
    }
    assert_true(beyond);
    nudge_context_free(best);
}

static void refuse(const nudge_context_options *options, const char *expected) {
    nudge_context *context = NULL;
    nudge_error e = {0};
    expect_error(nudge_context_create(options, &context, &e), NUDGE_BAD_ARGUMENT, &e, expected, "expected",
                 NULL);
    assert_null(context);
}

static void test_options_are_checked(void **state) {
    (void)state;
    const nudge_context_options good = NUDGE_CONTEXT_OPTIONS;
    nudge_context_options options = good;
    struct accounts accounts = {0};
    nudge_context *context = NULL;
    nudge_error e = {0};
    options.cpu_level = (nudge_cpu_level)4, refuse(&options, "CPU level 4");
    options = good, options.engine = (nudge_engine)3, refuse(&options, "engine 3");
    options = good, options.precision = (nudge_precision)2, refuse(&options, "precision 2");
    options = good, options.threads = 257, refuse(&options, "threads: 257");
    options = good, options.allocator = counting_allocator(&accounts), options.allocator.release = NULL;
    refuse(&options, "allocator");
    options = good, options.struct_size = 0;
    expect_error(nudge_context_create(&options, &context, &e), NUDGE_BAD_ARGUMENT, &e, "struct_size", NULL);
}

static void test_contexts_live_side_by_side(void **state) {
    (void)state;
    nudge_context *one = small_context(1), *two = small_context(2);
    nudge_net *a = small_net(one, 3, "5 tanh, 2"), *b = small_net(two, 3, "5 tanh, 2");
    assert_int_equal(nudge_context_threads(one), 1);
    assert_int_equal(nudge_context_threads(two), 2);
    assert_digest(small_digest_net(a), small_digest_net(b), "the same net in another context");
    nudge_net_free(a);
    nudge_context_free(one);
    assert_ok(nudge_net_initialise(b, NUDGE_INIT_DEFAULT, 0, 2, error));
    nudge_net_free(b);
    nudge_context_free(two);
}

static void test_version(void **state) {
    (void)state;
    assert_string_equal(nudge_version(), NUDGE_VERSION);
    char version[32];
    snprintf(version, sizeof version, "%u.%u.%u", nudge_version_number() / 10000,
             nudge_version_number() / 100 % 100, nudge_version_number() % 100);
    assert_string_equal(version, NUDGE_VERSION);
    assert_int_equal(nudge_version_number(), NUDGE_VERSION_NUMBER);
    assert_string_equal(nudge_status_name(NUDGE_OK), "ok");
    assert_string_equal(nudge_status_name(NUDGE_UNSUPPORTED), "unsupported");
    assert_null(nudge_status_name(NUDGE_UNSUPPORTED + 1));
}

/* -- errors -- */

static void test_errors_are_one_sentence(void **state) {
    (void)state;
    nudge_error e = {0};
    assert_int_equal(error_set(&e, NUDGE_IO, "%s: row %d", "a\nb\x7f\x01é", 5), NUDGE_IO);
    assert_int_equal(e.code, NUDGE_IO);
    assert_string_equal(e.message, "a\\nb\\u007f\\u0001é: row 5");
    assert_int_equal(error_prefix(&e, e.code, "file.txt: "), NUDGE_IO);
    assert_string_equal(e.message, "file.txt: a\\nb\\u007f\\u0001é: row 5");
    assert_int_equal(error_set(NULL, NUDGE_IO, "nobody asks"), NUDGE_IO);
    assert_int_equal(error_prefix(NULL, NUDGE_IO, "nobody asks"), NUDGE_IO);
    assert_int_equal(error_no_memory(&e, 77, "a test"), NUDGE_NO_MEMORY);
    assert_string_equal(e.message, "not enough memory: 77 bytes for a test");
}

static void test_long_errors_are_cut(void **state) {
    (void)state;
    nudge_error e = {0};
    char text[2000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    error_set(&e, NUDGE_IO, "%s", text);
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
    error_prefix(&e, NUDGE_IO, "prefix: ");
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
    assert_memory_equal(e.message, "prefix: xxx", 11);
}

/* -- structs that grow -- */

struct old {
    size_t struct_size;
    int64_t first;
};
struct new {
    size_t struct_size;
    int64_t first, second;
};

static void test_structs_of_other_ages(void **state) {
    (void)state;
    struct old given = {sizeof given, 7};
    struct new taken = {sizeof taken, 1, 2};
    assert_true(options_take(&taken, sizeof taken, &given)); /* an old program, a new library */
    assert_int_equal(taken.first, 7);
    assert_int_equal(taken.second, 2);
    struct new later = {sizeof later, 8, 9};
    struct old defaults = {sizeof defaults, 1};
    assert_true(options_take(&defaults, sizeof defaults, &later)); /* a new program, an old library */
    assert_int_equal(defaults.first, 8);
    taken = (struct new){sizeof taken, 5, 6};
    given = (struct old){sizeof given, 0};
    assert_true(options_give(&given, &taken, sizeof taken));
    assert_int_equal(given.first, 5);
    assert_int_equal(given.struct_size, sizeof given);
    static const size_t bad[] = {0, 1, sizeof(size_t), 5000, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        given.struct_size = bad[i];
        assert_false(options_take(&taken, sizeof taken, &given));
        assert_false(options_give(&given, &taken, sizeof taken));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_contexts_live_side_by_side),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_errors_are_one_sentence),
        cmocka_unit_test(test_long_errors_are_cut),
        cmocka_unit_test(test_structs_of_other_ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
