/* JSON in the context's memory: model/json_memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/json_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- an allocator that counts -- */

static struct { size_t live, allocations; } counts;

static void *counted_allocate(void *user, size_t bytes) {
    (void)user;
    counts.live++;
    counts.allocations++;
    return aligned_alloc(MEMORY_ALIGNMENT, size_round_up(bytes, MEMORY_ALIGNMENT));
}

static void counted_release(void *user, void *memory, size_t bytes) {
    (void)user;
    (void)bytes;
    counts.live--;
    free(memory);
}

static const nudge_allocator counted = {counted_allocate, counted_release, NULL};

static void *refuse(void *user, size_t bytes) {
    (void)user;
    (void)bytes;
    return NULL;
}

/* -- the block covers what jansson takes -- */

/* head, then the item `count` times, then tail: at least a fifth of the block stays unused. %d: a number. */
static void expect_covered(const char *head, const char *item, int count, const char *tail) {
    char *text = malloc(strlen(head) + (strlen(item) + 12) * (size_t)count + strlen(tail) + 1),
         *to = stpcpy(text, head);
    struct json_memory memory = {0};
    nudge_error error = {0};
    json_t *root = NULL;
    for (int i = 0; i < count; i++) to += sprintf(to, item, i);
    strcpy(to, tail);
    if (json_memory_read(&memory, &counted, &root, text, strlen(text), SIZE_MAX, "text", 0, &error))
        fail_msg("%s%s...: %s", head, item, error.message);
    if (memory.used > memory.size - memory.size / 5)
        fail_msg("%s%s... x %d: %zu of %zu bytes", head, item, count, memory.used, memory.size);
    json_memory_end(&memory);
    free(text);
    assert_int_equal(counts.live, 0);
}

static void what_jansson_takes_is_covered(void **state) {
    (void)state;
    for (int count = 1; count < 70000; count = count * 3 + 1) {
        expect_covered("[[]", ",[]", count, "]");
        expect_covered("[{}", ",{}", count, "]");
        expect_covered("[1", ",1", count, "]");
        expect_covered("[1", ",1e1", count, "]");
        expect_covered("[\"\"", ",\"\"", count, "]");
        expect_covered("{\"\":{}", ",\"%d\":{}", count, "}");
        expect_covered("{\"\":[0]", ",\"%d\":[0]", count, "}");
        expect_covered("{\"\":[0]", ",\"%d\":{\"\":{}}", count, "}");
        expect_covered("[\"", "x", count, "\"]");
        expect_covered("{\"", "x", count, "\":0}");
        expect_covered("[\"", "\\u00e9", count, "\"]");
        expect_covered("[0.", "0", count, "]");
    }
}

/* -- whose memory -- */

static size_t host_allocations;

static void *host_allocate(size_t bytes) {
    host_allocations++;
    return malloc(bytes);
}

static void each_use_has_its_own_memory(void **state) {
    (void)state;
    struct json_memory outer = {0}, inner = {0}, making;
    json_t *root = NULL, *list = NULL;
    json_set_alloc_funcs(host_allocate, free);
    json_t *of_the_host = json_string("the host's");
    size_t before = host_allocations;
    assert_true(before > 0);
    assert_int_equal(json_memory_read(&outer, &counted, &root, "{\"a\":[1,2]}", 11, 9, "text", 0, NULL),
                     NUDGE_OK);
    assert_int_equal(json_memory_read(&inner, &counted, &list, "[\"b\"]", 5, 9, "text", 0, NULL), NUDGE_OK);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "b");
    json_memory_end(&inner);
    assert_int_equal(json_array_size(json_object_get(root, "a")), 2);
    json_memory_end(&outer);
    json_memory_end(&outer); /* a second time: nothing */

    counts.allocations = 0;
    json_memory_begin(&making, &counted);
    json_t *made = json_pack("{s:[i,i]}", "a", 1, 2);
    assert_true(made && counts.allocations > 3);
    json_decref(made);
    json_memory_end(&making);
    assert_int_equal(counts.live, 0);

    assert_int_equal(host_allocations, before);
    json_decref(of_the_host);
    json_decref(json_integer(1));
    assert_int_equal(host_allocations, before + 1);
    json_set_alloc_funcs(malloc, free);
}

static void refusals_begin_nothing(void **state) {
    (void)state;
    const nudge_allocator none = {refuse, counted_release, NULL};
    struct json_memory memory = {0};
    nudge_error error = {0};
    json_t *root = NULL;
    assert_int_equal(json_memory_read(&memory, &none, &root, "[1]", 3, 9, "labels", 0, &error),
                     NUDGE_NO_MEMORY);
    json_memory_end(&memory);
    assert_int_equal(json_memory_read(&memory, &counted, &root, "[1,2,3]", 7, 2, "labels", 0, &error),
                     NUDGE_BAD_INPUT);
    json_memory_end(&memory);
    assert_int_equal(json_memory_read(&memory, &counted, &root, "[1,,]", 5, 9, "labels", 100, &error),
                     NUDGE_BAD_INPUT);
    assert_string_equal(error.message, "labels is not JSON at byte 104");
    json_memory_end(&memory);
    assert_int_equal(counts.live, 0);
    json_decref(json_integer(1)); /* the host's again */
    assert_int_equal(counts.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_jansson_takes_is_covered),
        cmocka_unit_test(each_use_has_its_own_memory),
        cmocka_unit_test(refusals_begin_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
