/* A pthread pool. The caller publishes a job by raising `generation`; threads take indices from one atomic
 * counter. They spin for a moment between jobs, because the steps of a training follow each other within
 * microseconds, then sleep. Invariant: parallel_for returns only when every thread has left the job, so its
 * argument may live on the stack. */
#define _GNU_SOURCE /* sched_getaffinity where there is one */
#include "base/parallel.h"

#include "base/status.h"

#ifdef NUDGE_NO_THREADS

struct workers {
    nudge_allocator allocator;
};

nudge_status workers_create(const nudge_allocator *allocator, enum workers_kind kind, unsigned threads,
                            struct workers **workers, nudge_error *error) {
    (void)kind;
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

void parallel_for(struct workers *workers, size_t count, double work, parallel_task *task, void *argument) {
    (void)workers;
    (void)work;
    for (size_t i = 0; i < count; i++) task(argument, i, 0);
}

#else

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOST_THREADS = 256, SPINS = 4000 };

/* Multiplications. Handing a job over and getting it back costs two threads about what 2e6 of them do (784-30-10 breaks
 * even at mini-batches of 40 to 80 rows). */
static const double WORK_WORTH_WAKING = 2e6;

struct worker {
    struct workers *pool;
    pthread_t thread;
    unsigned number; /* 1 .. threads-1; the caller is 0 */
};

struct workers {
    nudge_allocator allocator;
    unsigned threads; /* wanted; may fall when the system refuses to start one */
    enum workers_kind kind;
    bool started;
    struct worker *list; /* [threads asked for] */
    unsigned list_length;

    /* the job */
    parallel_task *task;
    void *argument;
    size_t count;
    _Alignas(MEMORY_ALIGNMENT) atomic_size_t next;
    _Alignas(MEMORY_ALIGNMENT) atomic_uint generation; /* raised once a job; threads wait for it to change */
    _Alignas(MEMORY_ALIGNMENT) atomic_uint inside;     /* threads that have not left the job */
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

static void work_on(struct workers *pool, unsigned number) {
    size_t index;
    while ((index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->count)
        pool->task(pool->argument, index, number);
}

static unsigned wait_for_generation(struct workers *pool, unsigned seen) {
    unsigned now;
    for (int i = 0; i < SPINS; i++) {
        if ((now = atomic_load_explicit(&pool->generation, memory_order_acquire)) != seen) return now;
        spin_pause();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->asleep, 1);
    while ((now = atomic_load(&pool->generation)) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->asleep, 1);
    pthread_mutex_unlock(&pool->mutex);
    return now;
}

static void *worker_main(void *argument) {
    struct worker *worker = argument;
    struct workers *pool = worker->pool;
    unsigned seen = 0;
    fesetenv(FE_DFL_ENV); /* whatever the thread that started this one had changed */
    for (;;) {
        seen = wait_for_generation(pool, seen);
        if (atomic_load(&pool->ending)) return NULL;
        work_on(pool, worker->number);
        atomic_fetch_sub_explicit(&pool->inside, 1, memory_order_release);
    }
}

/* Threads begin with all signals blocked: the program's handlers run in its own threads. */
static void start_threads(struct workers *pool) {
    pool->started = true;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 1; i < pool->threads; i++) {
        pool->list[i] = (struct worker){.pool = pool, .number = i};
        if (pthread_create(&pool->list[i].thread, NULL, worker_main, &pool->list[i])) {
            pool->threads = i; /* go on with those there are: results do not depend on it */
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void announce(struct workers *pool) {
    atomic_fetch_add(&pool->generation, 1);
    if (atomic_load(&pool->asleep)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

/* -- the team -- */

#ifdef NUDGE_ONEDNN

/* What compilers make of an OpenMP parallel region: the interface of the OpenMP runtime that oneDNN has loaded, for
 * compilers that would bring another one. */
void GOMP_parallel(void (*region)(void *), void *argument, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

struct team_job {
    parallel_task *task;
    void *argument;
    size_t count;
};

/* Every member takes a run of neighbouring indices, the same ones each time: what it wrote is still in its cache. */
static void team_member(void *argument) {
    const struct team_job *job = argument;
    size_t number = (size_t)omp_get_thread_num(), members = (size_t)omp_get_num_threads();
    size_t first = job->count * number / members, end = job->count * (number + 1) / members;
    for (size_t i = first; i < end; i++) job->task(job->argument, i, (unsigned)number);
}

static bool team_runs(struct workers *pool, struct team_job job) {
    if (pool->kind != WORKERS_OPENMP) return false;
    GOMP_parallel(team_member, &job, job.count < pool->threads ? (unsigned)job.count : pool->threads, 0);
    return true;
}

#else

struct team_job {
    parallel_task *task;
    void *argument;
    size_t count;
};

static bool team_runs(struct workers *pool, struct team_job job) {
    (void)pool;
    (void)job;
    return false;
}

#endif

void parallel_for(struct workers *pool, size_t count, double work, parallel_task *task, void *argument) {
    if (pool->threads == 1 || count <= 1 || work < WORK_WORTH_WAKING) {
        for (size_t i = 0; i < count; i++) task(argument, i, 0);
        return;
    }
    if (team_runs(pool, (struct team_job){task, argument, count})) return;
    if (!pool->started) start_threads(pool);
    if (pool->threads == 1) { /* none could be started */
        for (size_t i = 0; i < count; i++) task(argument, i, 0);
        return;
    }
    pool->task = task;
    pool->argument = argument;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->inside, pool->threads - 1, memory_order_relaxed);
    announce(pool);
    work_on(pool, 0);
    for (unsigned spins = 0; atomic_load_explicit(&pool->inside, memory_order_acquire); spins++) {
        if (spins < SPINS)
            spin_pause();
        else
            usleep(20); /* a thread was put aside by the system: leave it the CPU */
    }
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

nudge_status workers_create(const nudge_allocator *allocator, enum workers_kind kind, unsigned threads,
                            struct workers **workers, nudge_error *error) {
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
    pool->kind = kind;
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
        announce(pool);
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
