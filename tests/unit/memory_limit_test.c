/* How much memory the process may have: limits of control groups, as files say, and of the process itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/memory_limit.h"
#include "support/files.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void limit(const char *path, const char *text) {
    put_file(path, text, strlen(text));
}

static size_t of_group(const char *group) {
    return memory_group_limit("root", group, strlen(group), "memory.max");
}

static void test_groups(void **state) {
    (void)state;
    mkdir("root", 0777);
    mkdir("root/a", 0777);
    mkdir("root/a/b", 0777);
    assert_true(of_group("/a/b") == SIZE_MAX); /* no files */
    limit("root/a/b/memory.max", "max\n");
    assert_true(of_group("/a/b") == SIZE_MAX);
    limit("root/a/memory.max", "5000000\n");
    assert_int_equal(of_group("/a/b"), 5000000); /* the group above has less */
    assert_int_equal(of_group("/a"), 5000000);
    assert_true(of_group("/") == SIZE_MAX);
    limit("root/a/b/memory.max", "4096\n");
    assert_int_equal(of_group("/a/b"), 4096);
    assert_int_equal(of_group("/a"), 5000000);
    limit("root/memory.max", "77\n");
    assert_int_equal(of_group("/a/b"), 77);
    assert_int_equal(of_group("/"), 77);
    assert_int_equal(of_group("/no/such/group"), 77);
    assert_int_equal(memory_group_limit("root", "/a/b:rest of a line", 4, "memory.max"), 77);
}

static void test_files_that_say_something_else(void **state) {
    (void)state;
    static const char *const texts[] = {"", "-1\n", "many\n", "99999999999999999999999999\n",
                                        "9223372036854771712\n"};
    char longer[3000];
    mkdir("root", 0777);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        limit("root/memory.max", texts[i]);
        assert_true(of_group("/") >= 9223372036854771712u);
    }
    memset(longer, 'g', sizeof longer);
    longer[0] = '/';
    assert_true(memory_group_limit("root", longer, sizeof longer, "memory.max") == SIZE_MAX);
}

static void test_limits_of_the_process(void **state) {
    (void)state;
    struct rlimit before;
    size_t free_of_it = memory_limit();
    assert_true(free_of_it > 10000000);
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    struct rlimit less = {9000000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_DATA, &less), 0);
    assert_int_equal(memory_limit(), 9000000);
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
    assert_int_equal(memory_limit(), free_of_it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, enter_scratch, leave_scratch),
        cmocka_unit_test_setup_teardown(test_files_that_say_something_else, enter_scratch, leave_scratch),
        cmocka_unit_test_setup_teardown(test_limits_of_the_process, enter_scratch, leave_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
