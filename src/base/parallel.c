/* A pool of threads. The caller opens a job at the gate; threads that come in time enter it, and whoever is
 * inside takes indices: first those of his own range, the same at every job, so that he finds in his cache
 * what he left there; then what is left of the others'. The caller waits for nobody who has not entered: a
 * thread that the system has put aside costs its help, not the others' time. Threads spin for a moment
 * between jobs, because the steps of a training follow each other within microseconds, then sleep. Invariant:
 * a job's fields change only while the gate is closed and nobody is inside. */
#define _GNU_SOURCE /* sched_getaffinity where there is one */
#include "base/parallel.h"

#include "base/status.h"

#ifdef NUDGE_NO_THREADS

struct workers {
    nudge_allocator allocator;
};

nudge_status workers_create(const nudge_allocator *allocator, unsigned threads, struct workers **workers,
                            nudge_error *error) {
    (void)threads;
    *workers = memory_get_zeroed(allocator, sizeof **workers);
    if (!*workers) return error_no_memory(error, sizeof **workers, "the thread pool");
    (*workers)->allocator = *allocator;
    return NUDGE_OK;
}

void workers_free(struct workers *workers) {
    if (!workers) return;
    nudge_allocator allocator = workers->allocator;
    memory_release(&allocator, workers, sizeof *workers);
}

unsigned workers_count(const struct workers *workers) {
    (void)workers;
    return 1;
}

unsigned workers_for(const struct workers *workers, double work) {
    (void)workers;
    (void)work;
    return 1;
}

void workers_run(struct workers *workers, size_t count, parallel_task *task, void *argument) {
    (void)workers;
    for (size_t i = 0; i < count; i++) task(argument, i, 0);
}

void workers_begin(struct workers *workers, struct pace *pace, size_t size) {
    (void)workers;
    (void)pace;
    (void)size;
}

void workers_end(struct workers *workers, struct pace *pace) {
    (void)workers;
    (void)pace;
}

#else

#include "base/clock.h"

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

enum { MOST_THREADS = 256, LOOK = 64 };

/* How long a thread waits awake: about as long as it takes to wake one that sleeps. Phases follow each other sooner;
 * what lies between trainings and evaluations is longer, and is slept through. */
static const double SPIN_SECONDS = 0.00003;

/* Multiplications that pay for handing a job over and getting it back, some microseconds. `bench/threads.py`
 * shows where two threads begin to be quicker than one. */
static const double WORK_WORTH_WAKING = 2e5;

/* The gate is one number: which job, whether it is open, how many threads are inside. */
#define GATE_OPEN UINT64_C(0x80000000)
#define GATE_INSIDE UINT64_C(0x7FFFFFFF)
static uint32_t gate_job(uint64_t gate) {
    return (uint32_t)(gate >> 32);
}

struct worker {
    struct workers *pool;
    pthread_t thread;
    unsigned number; /* 1 .. threads-1; the caller is 0 */
    /* its range of the job's indices: next .. end-1 are still to be taken */
    _Alignas(MEMORY_ALIGNMENT) atomic_size_t next;
    size_t end;
};

struct workers {
    nudge_allocator allocator;
    unsigned threads; /* wanted; may fall when the system refuses to start one */
    bool started;
    struct worker *list; /* [threads asked for] */
    unsigned list_length;

    bool alone; /* the caller does the jobs himself */

    /* the job */
    parallel_task *task;
    void *argument;
    _Alignas(MEMORY_ALIGNMENT) atomic_uint_least64_t gate;
    atomic_bool ending;

    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_uint asleep;
};

static void spin_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

struct spin {
    unsigned count;
    double end;
};

/* False when it has been long enough; the clock is looked at now and then. */
static bool spin_on(struct spin *spin) {
    spin_pause();
    if (++spin->count % LOOK != 0) return true;
    double now = clock_seconds();
    if (spin->count == LOOK) spin->end = now + SPIN_SECONDS;
    return now < spin->end;
}

/* -- inside a job -- */

static void take_range(struct workers *pool, struct worker *range, unsigned number) {
    size_t index;
    while (atomic_load_explicit(&range->next, memory_order_relaxed) < range->end &&
           (index = atomic_fetch_add_explicit(&range->next, 1, memory_order_relaxed)) < range->end)
        pool->task(pool->argument, index, number);
}

static void work_on(struct workers *pool, unsigned number) {
    for (unsigned i = 0; i < pool->threads; i++)
        take_range(pool, &pool->list[(number + i) % pool->threads], number);
}

/* False when the job of this gate is over. */
static bool enter(struct workers *pool, uint64_t gate) {
    uint32_t job = gate_job(gate);
    while (gate_job(gate) == job && (gate & GATE_OPEN))
        if (atomic_compare_exchange_weak_explicit(&pool->gate, &gate, gate + 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

/* -- a thread's life -- */

static uint64_t wait_for_job(struct workers *pool, uint32_t seen) {
    uint64_t gate;
    struct spin spin = {0};
    do {
        gate = atomic_load_explicit(&pool->gate, memory_order_acquire);
        if (gate_job(gate) != seen) return gate;
    } while (spin_on(&spin));
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->asleep, 1);
    while (gate_job(gate = atomic_load(&pool->gate)) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->asleep, 1);
    pthread_mutex_unlock(&pool->mutex);
    return gate;
}

static void *worker_main(void *argument) {
    struct worker *worker = argument;
    struct workers *pool = worker->pool;
    uint64_t gate = 0;
    fesetenv(FE_DFL_ENV); /* whatever the thread that started this one had changed */
    for (;;) {
        gate = wait_for_job(pool, gate_job(gate));
        if (atomic_load(&pool->ending)) return NULL;
        if (!enter(pool, gate)) continue;
        work_on(pool, worker->number);
        atomic_fetch_sub_explicit(&pool->gate, 1, memory_order_release);
    }
}

/* Threads begin with all signals blocked: the program's handlers run in its own threads. */
static void start_threads(struct workers *pool) {
    pool->started = true;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    unsigned wanted = pool->threads;
    for (pool->threads = 1; pool->threads < wanted; pool->threads++) {
        struct worker *worker = &pool->list[pool->threads];
        worker->pool = pool;
        worker->number = pool->threads;
        if (pthread_create(&worker->thread, NULL, worker_main, worker))
            break; /* go on with those there are: results do not depend on it */
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* -- the caller -- */

static void open_gate(struct workers *pool) {
    uint32_t job = gate_job(atomic_load_explicit(&pool->gate, memory_order_relaxed)) + 1;
    atomic_store(&pool->gate, (uint64_t)job << 32 | GATE_OPEN);
    if (atomic_load(&pool->asleep)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void close_gate(struct workers *pool) {
    atomic_fetch_and_explicit(&pool->gate, ~GATE_OPEN, memory_order_relaxed);
    struct spin spin = {0};
    while (atomic_load_explicit(&pool->gate, memory_order_acquire) & GATE_INSIDE)
        if (!spin_on(&spin))
            usleep(20); /* a thread was put aside by the system in the middle of a task: leave it the CPU */
}

void workers_run(struct workers *pool, size_t count, parallel_task *task, void *argument) {
    if (!pool->started && pool->threads > 1 && count > 1 && !pool->alone) start_threads(pool);
    if (pool->threads == 1 || count <= 1 || pool->alone) {
        for (size_t i = 0; i < count; i++) task(argument, i, 0);
        return;
    }
    pool->task = task;
    pool->argument = argument;
    for (size_t i = 0; i < pool->threads; i++) {
        pool->list[i].end = count * (i + 1) / pool->threads;
        atomic_store_explicit(&pool->list[i].next, count * i / pool->threads, memory_order_relaxed);
    }
    open_gate(pool);
    work_on(pool, 0);
    close_gate(pool);
}

void workers_begin(struct workers *pool, struct pace *pace, size_t size) {
    if (pool->threads > 1) pool->alone = pace_begin(pace, size, clock_seconds);
}

void workers_end(struct workers *pool, struct pace *pace) {
    if (pool->threads > 1) pace_end(pace, clock_seconds);
    pool->alone = false;
}

/* CPUs that this process may run on. */
static unsigned usable_cpus(void) {
#ifdef CPU_COUNT
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (unsigned)CPU_COUNT(&set);
#endif
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 1 ? 1 : (unsigned)cpus;
}

nudge_status workers_create(const nudge_allocator *allocator, unsigned threads, struct workers **workers,
                            nudge_error *error) {
    if (threads > MOST_THREADS)
        return error_set(error, NUDGE_BAD_ARGUMENT, "threads: %u, expected 0 to %d", threads, MOST_THREADS);
    if (threads == 0) threads = usable_cpus() < MOST_THREADS ? usable_cpus() : MOST_THREADS;
    struct workers *pool = memory_get_zeroed(allocator, sizeof *pool);
    struct worker *list = memory_get_zeroed(allocator, threads * sizeof *list);
    if (!pool || !list) {
        memory_release(allocator, pool, sizeof *pool);
        memory_release(allocator, list, threads * sizeof *list);
        return error_no_memory(error, sizeof *pool + threads * sizeof *list, "the thread pool");
    }
    pool->allocator = *allocator;
    pool->threads = threads;
    pool->list = list;
    pool->list_length = threads;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    *workers = pool;
    return NUDGE_OK;
}

void workers_free(struct workers *pool) {
    if (!pool) return;
    if (pool->started && pool->threads > 1) {
        atomic_store(&pool->ending, true);
        open_gate(pool);
        for (unsigned i = 1; i < pool->threads; i++) pthread_join(pool->list[i].thread, NULL);
    }
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    nudge_allocator allocator = pool->allocator;
    memory_release(&allocator, pool->list, pool->list_length * sizeof *pool->list);
    memory_release(&allocator, pool, sizeof *pool);
}

unsigned workers_count(const struct workers *pool) {
    return pool->threads;
}

unsigned workers_for(const struct workers *pool, double work) {
    return work < WORK_WORTH_WAKING ? 1 : pool->threads;
}

#endif

void parallel_for(struct workers *workers, size_t count, double work, parallel_task *task, void *argument) {
    if (workers_for(workers, work) > 1) {
        workers_run(workers, count, task, argument);
        return;
    }
    for (size_t i = 0; i < count; i++) task(argument, i, 0);
}
