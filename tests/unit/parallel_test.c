/* The pool of threads: every index once, job after job, pools side by side. Meant to run under
 * ThreadSanitizer, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double MUCH_WORK = 1e9, LITTLE_WORK = 10; /* multiplications: others are woken, or not */

static struct workers *workers_of(unsigned threads) {
    nudge_allocator none = {0}, allocator = memory_allocator(&none);
    struct workers *workers = NULL;
    assert_int_equal(workers_create(&allocator, threads, &workers, NULL), NUDGE_OK);
    return workers;
}

/* What a job leaves behind: no atomics, so that ThreadSanitizer sees whether the pool itself puts them in
 * order. */
enum { MOST = 10000 };

struct job {
    unsigned threads;
    unsigned char runs[MOST], worker[MOST];
    size_t *sums; /* one a worker: its scratch memory */
};

static void mark(void *argument, size_t index, unsigned worker) {
    struct job *job = argument;
    job->runs[index]++;
    job->worker[index] = (unsigned char)worker;
    job->sums[worker * 64] += index;
}

/* The sum over all workers' scratch is that of all indices only if none was lost between two threads. */
static void check_job(struct workers *workers, size_t count, double work) {
    struct job *job = calloc(1, sizeof *job);
    size_t sum = 0, threads = workers_count(workers);
    assert_non_null(job);
    job->sums = calloc(threads * 64, sizeof *job->sums);
    assert_non_null(job->sums);
    parallel_for(workers, count, work, mark, job);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(job->runs[i], 1);
        assert_true(job->worker[i] < threads);
    }
    if (count < MOST) assert_int_equal(job->runs[count], 0);
    for (size_t w = 0; w < threads; w++) sum += job->sums[w * 64];
    assert_true(sum == (count ? count * (count - 1) / 2 : 0));
    free(job->sums);
    free(job);
}

static void test_every_index_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 3, 7, 64, 1000, MOST};
    for (unsigned threads = 1; threads <= 5; threads++) {
        struct workers *workers = workers_of(threads);
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            check_job(workers, counts[i], MUCH_WORK);
            check_job(workers, counts[i], LITTLE_WORK);
        }
        workers_free(workers);
    }
    workers_free(NULL);
}

/* Each job reads what the one before wrote, in other threads. */
static void add_one(void *argument, size_t index, unsigned worker) {
    (void)worker;
    ((size_t *)argument)[index]++;
}

static void test_many_jobs(void **state) {
    (void)state;
    enum { JOBS = 3000, COUNT = 7 };
    struct workers *workers = workers_of(3);
    size_t numbers[COUNT] = {0};
    for (size_t job = 0; job < JOBS; job++) {
        parallel_for(workers, COUNT, job % 3 ? MUCH_WORK : LITTLE_WORK, add_one, numbers);
        assert_int_equal(numbers[job % COUNT], job + 1);
    }
    workers_free(workers);
}

/* Between these jobs threads have time to fall asleep. */
static void test_jobs_after_pauses(void **state) {
    (void)state;
    struct workers *workers = workers_of(3);
    size_t numbers[3] = {0};
    for (size_t job = 0; job < 20; job++) {
        parallel_for(workers, 3, MUCH_WORK, add_one, numbers);
        struct timespec pause = {0, 2000000};
        nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < 3; i++) assert_int_equal(numbers[i], 20);
    workers_free(workers);
}

/* A thread of the program with a pool of its own. */
static void *use_a_pool(void *argument) {
    (void)argument;
    nudge_allocator none = {0}, allocator = memory_allocator(&none);
    struct workers *workers = NULL;
    size_t numbers[5] = {0};
    if (workers_create(&allocator, 3, &workers, NULL)) return "no pool";
    for (size_t job = 0; job < 300; job++) parallel_for(workers, 5, MUCH_WORK, add_one, numbers);
    workers_free(workers);
    for (size_t i = 0; i < 5; i++)
        if (numbers[i] != 300) return "lost an index";
    return NULL;
}

static void test_pools_side_by_side(void **state) {
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, use_a_pool, NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        void *trouble;
        assert_int_equal(pthread_join(threads[i], &trouble), 0);
        if (trouble) fail_msg("a thread with a pool of its own %s", (const char *)trouble);
    }
}

/* -- a machine that others use -- */

static atomic_bool busy_enough;

static void *be_busy(void *argument) {
    (void)argument;
    while (!atomic_load(&busy_enough)) continue;
    return NULL;
}

/* More threads than CPUs, for longer than the pool watches before it leaves the work to the caller, and for
 * long enough that it tries again. */
static void test_a_busy_machine(void **state) {
    (void)state;
    enum { MOST_BUSY = 64, COUNT = 50 };
    pthread_t busy[MOST_BUSY];
    struct workers *workers = workers_of(3);
    size_t count = 2 * (size_t)sysconf(_SC_NPROCESSORS_ONLN), numbers[COUNT] = {0}, jobs = 0;
    if (count > MOST_BUSY) count = MOST_BUSY;
    atomic_store(&busy_enough, false);
    for (size_t i = 0; i < count; i++) assert_int_equal(pthread_create(&busy[i], NULL, be_busy, NULL), 0);
    for (time_t end = time(NULL) + 2; time(NULL) < end; jobs++) {
        parallel_for(workers, COUNT, MUCH_WORK, add_one, numbers);
        assert_int_equal(numbers[jobs % COUNT], jobs + 1);
    }
    atomic_store(&busy_enough, true);
    for (size_t i = 0; i < count; i++) pthread_join(busy[i], NULL);
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(numbers[i], jobs);
    workers_free(workers);
}

static void test_pools_that_never_start(void **state) {
    (void)state;
    for (unsigned threads = 0; threads < 4; threads++) workers_free(workers_of(threads));
    struct workers *workers = workers_of(0);
    assert_true(workers_count(workers) >= 1);
    workers_free(workers);
}

static void test_number_of_threads_has_a_limit(void **state) {
    (void)state;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    nudge_error error = {0};
    options.threads = 257;
    assert_int_equal(nudge_context_create(&options, &context, &error), NUDGE_BAD_ARGUMENT);
    assert_string_equal(error.message, "threads: 257, expected 0 to 256");
    assert_null(context);
    options.threads = 256;
    assert_int_equal(nudge_context_create(&options, &context, &error), NUDGE_OK);
    assert_int_equal(nudge_context_threads(context), 256);
    nudge_context_free(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_index_once),
        cmocka_unit_test(test_many_jobs),
        cmocka_unit_test(test_jobs_after_pauses),
        cmocka_unit_test(test_pools_side_by_side),
        cmocka_unit_test(test_a_busy_machine),
        cmocka_unit_test(test_pools_that_never_start),
        cmocka_unit_test(test_number_of_threads_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
