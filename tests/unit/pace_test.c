/* When a pool of threads leaves its jobs to the caller: on a machine of which the test says how long steps take. */
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

static void train(void) {}
static void evaluate(void) {}

static const struct pace_job step = {train, 2}, other = {evaluate, 40};

/* How long a step takes with all threads and with the caller alone, in seconds. */
struct machine {
    double together, alone;
};

/* Steps until `seconds` have passed; what they took, divided by what the quicker way would have taken. */
static double run(struct pace *pace, struct machine machine, struct pace_job job, double seconds) {
    double begin = now, quicker = machine.together < machine.alone ? machine.together : machine.alone, least = 0;
    for (; now < begin + seconds; least += quicker)
        now += pace_alone(pace, job, tell) ? machine.alone : machine.together;
    return (now - begin) / least;
}

static void test_threads_that_help(void **state) {
    (void)state;
    static const struct machine machines[] = {{5e-6, 9e-6}, {100e-6, 180e-6}, {1e-3, 1.9e-3}, {0.02, 0.04}};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct pace pace = {0};
        now = 1000;
        assert_true(run(&pace, machines[i], step, 1) < 1.2);
        assert_true(run(&pace, machines[i], step, 60) < 1.06);
        assert_false(pace.alone);
    }
}

static void test_threads_in_each_others_way(void **state) {
    (void)state;
    static const struct machine machines[] = {{26e-6, 13e-6}, {4e-3, 2e-3}};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct pace pace = {0};
        now = 1000;
        assert_true(run(&pace, machines[i], step, 1) < 1.15);
        assert_true(run(&pace, machines[i], step, 60) < 1.03);
        assert_true(pace.alone);
    }
}

/* What makes no difference is left as it is: no threads that come and go. */
static void test_no_difference(void **state) {
    (void)state;
    struct pace pace = {0};
    now = 1000;
    run(&pace, (struct machine){10e-6, 9.8e-6}, step, 20);
    assert_false(pace.alone);
}

static void test_a_machine_that_changes(void **state) {
    (void)state;
    static const struct machine idle = {10e-6, 14e-6}, crowded = {300e-6, 15e-6};
    struct pace pace = {0};
    now = 1000;
    for (size_t i = 0; i < 5; i++) {
        run(&pace, idle, step, 10);
        assert_false(pace.alone);
        run(&pace, crowded, step, 0.2); /* seen soon: steps are slower than they were */
        assert_true(pace.alone);
        assert_true(run(&pace, crowded, step, 10) < 1.2);
        run(&pace, idle, step, 2.2); /* seen at the next trial */
        assert_false(pace.alone);
    }
}

/* An evaluation between two steps, however long, is no step. */
static void test_other_jobs(void **state) {
    (void)state;
    struct pace pace = {0};
    now = 1000;
    for (size_t epoch = 0; epoch < 1000; epoch++) {
        run(&pace, (struct machine){10e-6, 14e-6}, step, 0.003 + 0.00001 * (double)epoch);
        assert_false(pace.alone);
        for (size_t i = 0; i < 40; i++) now += pace_alone(&pace, other, tell) ? 0.001 : 0.0006;
    }
    assert_true(pace.job.task == train);
    for (size_t i = 0; i < 300; i++) pace_alone(&pace, other, tell); /* the training is over */
    assert_true(pace.job.task == evaluate);
    assert_true(run(&pace, (struct machine){20e-6, 10e-6}, other, 10) < 1.1);
    assert_true(pace.alone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_that_help),      cmocka_unit_test(test_threads_in_each_others_way),
        cmocka_unit_test(test_no_difference),          cmocka_unit_test(test_other_jobs),
        cmocka_unit_test(test_a_machine_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
