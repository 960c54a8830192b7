/* The threads of OpenMP. Invariant: every member takes a run of neighbouring indices, the same ones each
 * time: what it wrote is still in its cache. */
#include "base/parallel.h"

#ifdef NUDGE_ONEDNN

/* What compilers make of an OpenMP parallel region: the interface of the OpenMP runtime that oneDNN has
 * loaded, for compilers that would bring another one. */
void GOMP_parallel(void (*region)(void *), void *argument, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

struct team_job {
    parallel_task *task;
    void *argument;
    size_t count;
};

static void team_member(void *argument) {
    const struct team_job *job = argument;
    size_t number = (size_t)omp_get_thread_num(), members = (size_t)omp_get_num_threads();
    size_t first = job->count * number / members, end = job->count * (number + 1) / members;
    for (size_t i = first; i < end; i++) job->task(job->argument, i, (unsigned)number);
}

void parallel_for_team(struct workers *workers, size_t count, double work, parallel_task *task,
                       void *argument) {
    struct team_job job = {task, argument, count};
    size_t threads = workers_for(workers, work);
    if (threads > count) threads = count;
    if (threads > 1)
        GOMP_parallel(team_member, &job, (unsigned)threads, 0);
    else
        for (size_t i = 0; i < count; i++) task(argument, i, 0);
}

#else

void parallel_for_team(struct workers *workers, size_t count, double work, parallel_task *task,
                       void *argument) {
    parallel_for(workers, count, work, task, argument);
}

#endif
