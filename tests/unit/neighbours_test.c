/* When a pool of threads leaves its work to the caller, told by the clock and by how often threads were put
 * aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/neighbours.h"

static long put_aside;

static long so_often(void) {
    return put_aside;
}

/* Asks every 5 ms from *now on for `seconds`, while threads are put aside `rate` times a second; how many of
 * the answers were "crowd". */
static size_t crowds(struct neighbours *neighbours, unsigned threads, double *now, double seconds, double rate) {
    const double step = 0.005;
    double begin = *now;
    long before = put_aside;
    size_t count = 0;
    for (; *now < begin + seconds; *now += step) {
        put_aside = before + (long)((*now - begin) * rate);
        count += neighbours_crowd_at(neighbours, threads, *now, so_often);
    }
    return count;
}

static void test_a_quiet_machine(void **state) {
    (void)state;
    struct neighbours neighbours = {0};
    double now = 1000;
    put_aside = 12345; /* what was before does not count */
    assert_int_equal(crowds(&neighbours, 2, &now, 10, 20), 0);
    assert_int_equal(crowds(&neighbours, 16, &now, 10, 500), 0);
}

static void test_a_crowd(void **state) {
    (void)state;
    struct neighbours neighbours = {0};
    double now = 1000;
    put_aside = 0;
    assert_in_range(crowds(&neighbours, 2, &now, 10, 400), 1800, 1990); /* of 2000: now and then all threads try */
    crowds(&neighbours, 2, &now, 2.1, 0);                               /* it may still be waiting */
    assert_int_equal(crowds(&neighbours, 2, &now, 10, 0), 0);
    assert_in_range(crowds(&neighbours, 2, &now, 0.2, 400), 20, 39); /* patience begins anew, with a tenth of a second */
}

/* Fewer than one thread in two is put aside as often as where CPUs are shared: not worth giving up the
 * others. */
static void test_a_neighbour_on_one_of_many_cpus(void **state) {
    (void)state;
    struct neighbours neighbours = {0};
    double now = 1000;
    assert_int_equal(crowds(&neighbours, 16, &now, 10, 400), 0);
    assert_true(crowds(&neighbours, 16, &now, 10, 16 * 125) > 1500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quiet_machine),
        cmocka_unit_test(test_a_crowd),
        cmocka_unit_test(test_a_neighbour_on_one_of_many_cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
