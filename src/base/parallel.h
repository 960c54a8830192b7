/* A pool of threads. Invariant: which thread runs a task never matters: what tasks compute, and in which
 * order what they computed is summed, does not depend on the number of threads. */
#ifndef NUDGE_BASE_PARALLEL_H
#define NUDGE_BASE_PARALLEL_H

#include "base/memory.h"
#include "base/pace.h"

struct workers;

/* `worker` < workers_count tells tasks which scratch memory is theirs. */
typedef void parallel_task(void *argument, size_t index, unsigned worker);

/* A pool that uses up to `threads` threads, the caller's among them; they start at the first parallel_for
 * that pays. Without thread support (NUDGE_NO_THREADS) it is one. */
nudge_status workers_create(const nudge_allocator *allocator, unsigned threads, struct workers **workers,
                            nudge_error *error);
void workers_free(struct workers *workers); /* NULL allowed */
unsigned workers_count(const struct workers *workers);
/* How many of them `work` is worth: 1 or all. */
unsigned workers_for(const struct workers *workers, double work);

/* Runs task(argument, 0 .. count-1, worker), each once, and returns when all are done. With as many indices
 * as there are workers, or a multiple, neighbouring indices go to the same worker at every call, if it is
 * there in time. */
void workers_run(struct workers *workers, size_t count, parallel_task *task, void *argument);

/* Between these two, jobs are left to the caller alone if that has been found to be quicker (pace.h, where
 * `size` is explained). */
void workers_begin(struct workers *workers, struct pace *pace, size_t size);
void workers_end(struct workers *workers, struct pace *pace);

/* The same where `work`, the total in multiplications or the like, is worth it (workers_for): below, the
 * caller's thread does it all, as handing over would cost more. */
void parallel_for(struct workers *workers, size_t count, double work, parallel_task *task, void *argument);

#endif
