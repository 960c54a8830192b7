/* When a pool of threads leaves its jobs to the caller: on a machine of which the test says how long steps
 * take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pace.h"

static double now;

static double tell(void) {
    return now;
}

/* How long a step takes with all threads and with the caller alone, in seconds. */
struct machine {
    double together, alone;
};

struct count {
    double seconds, least; /* what the steps took, and what they would have taken the quicker way */
    size_t steps, alone;
};

enum { SIZE = 32 };

/* A step in two parts; between them, something that is none of it. */
static void run_step(struct pace *pace, struct machine machine, size_t size, struct count *count) {
    double step = 0;
    for (size_t part = 0; part < 2; part++) {
        bool alone = pace_begin(pace, part == 0 ? size : 0, tell);
        double seconds = (alone ? machine.alone : machine.together) * (part == 0 ? 0.6 : 0.4);
        now += seconds;
        step += seconds;
        pace_end(pace, tell);
        now += 0.5 * machine.together * (double)(count->steps % 3);
        count->alone += part == 0 && alone;
    }
    count->steps++;
    count->seconds += step;
    count->least += machine.together < machine.alone ? machine.together : machine.alone;
}

/* Steps until they have taken `seconds`. */
static struct count run(struct pace *pace, struct machine machine, double seconds) {
    struct count count = {0};
    while (count.seconds < seconds) run_step(pace, machine, SIZE, &count);
    return count;
}

static double lost(struct count count) {
    return count.seconds / count.least - 1;
}

static void test_threads_that_help(void **state) {
    (void)state;
    static const struct machine machines[] = {{5e-6, 9e-6}, {100e-6, 180e-6}, {1e-3, 1.9e-3}, {0.02, 0.04}};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct pace pace = {0};
        assert_true(lost(run(&pace, machines[i], 1)) < 0.2);
        struct count count = run(&pace, machines[i], 60);
        assert_true(lost(count) < 0.025);
        assert_false(pace.alone);
        assert_true(count.alone > 0); /* it was tried, */
        assert_true(count.alone * 30 < count.steps);
    }
}

static void test_threads_in_each_others_way(void **state) {
    (void)state;
    static const struct machine machines[] = {{26e-6, 13e-6}, {4e-3, 2e-3}, {0.04, 0.02}};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct pace pace = {0};
        assert_true(lost(run(&pace, machines[i], machines[i].alone < 0.01 ? 2 : 10)) < 0.3);
        assert_true(lost(run(&pace, machines[i], 60)) < 0.025);
        assert_true(pace.alone);
    }
}

/* Steps of seconds: a trial takes long, so the next is far off, but not so far that an hour is lost. */
static void test_long_steps(void **state) {
    (void)state;
    struct pace pace = {0};
    assert_true(lost(run(&pace, (struct machine){1, 2}, 10000)) < 0.06);
    assert_false(pace.alone);
    run(&pace, (struct machine){2, 1}, 500);
    assert_true(pace.alone);
}

/* What makes no difference is left as it is: no threads that come and go. */
static void test_no_difference(void **state) {
    (void)state;
    struct pace pace = {0};
    assert_true(run(&pace, (struct machine){10e-6, 9.8e-6}, 20).alone > 0);
    assert_false(pace.alone);
}

static void test_a_machine_that_changes(void **state) {
    (void)state;
    static const struct machine idle = {10e-6, 14e-6}, crowded = {300e-6, 15e-6};
    struct pace pace = {0};
    for (size_t i = 0; i < 5; i++) {
        run(&pace, idle, 10);
        assert_false(pace.alone);
        run(&pace, crowded, 0.3); /* seen soon: steps are slower than they were */
        assert_true(pace.alone);
        assert_true(lost(run(&pace, crowded, 10)) < 0.2);
        run(&pace, idle, 2.2); /* seen at the next trial */
        assert_false(pace.alone);
    }
}

/* Something that slows one stretch down, whichever it meets: mistakes there may be, but they do not last. */
static void test_a_restless_machine(void **state) {
    (void)state;
    static const struct machine calm = {10e-6, 14e-6};
    struct pace pace = {0};
    struct count count = {0};
    uint32_t chance = 1;
    while (count.seconds < 60) {
        chance = chance * 1664525 + 1013904223;
        double burden = chance >> 16 < 65536 / 1000 ? 100 : 1; /* a millisecond every ten */
        run_step(&pace, (struct machine){burden * calm.together, burden * calm.alone}, SIZE, &count);
    }
    assert_true((double)count.alone < 0.06 * (double)count.steps);
}

/* The last mini-batch of an epoch is short; and epochs may be. */
static void test_short_batches(void **state) {
    (void)state;
    struct pace pace = {0};
    struct count count = {0};
    for (size_t epoch = 0; epoch < 20000; epoch++) {
        for (size_t i = 0; i < 3; i++) run_step(&pace, (struct machine){20e-6, 10e-6}, SIZE, &count);
        run_step(&pace, (struct machine){8e-6, 1e-6}, 1, &count);
    }
    assert_true(pace.alone);
    assert_true(lost(run(&pace, (struct machine){20e-6, 10e-6}, 10)) < 0.03);
    size_t before = pace.size;
    for (size_t i = 0; i < 100000; i++) run_step(&pace, (struct machine){10e-6, 20e-6}, 2 * SIZE, &count);
    assert_int_equal(pace.size, 2 * before); /* larger ones are something new */
    assert_false(pace.alone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_that_help),  cmocka_unit_test(test_threads_in_each_others_way),
        cmocka_unit_test(test_long_steps),         cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_short_batches),      cmocka_unit_test(test_a_machine_that_changes),
        cmocka_unit_test(test_a_restless_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
