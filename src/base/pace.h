/* Whether a pool's jobs go quicker with all its threads or with the caller alone, found out by trying.
 * Several threads are slower where other programs want the CPUs, too, as each job waits for whichever thread
 * does not have its turn; and where the CPUs are far from each other, so that handing over costs more than
 * the help is worth. */
#ifndef NUDGE_BASE_PACE_H
#define NUDGE_BASE_PACE_H

#include <stdbool.h>
#include <stddef.h>

/* What a job is known by: the same one comes back at every step of whatever is computed. */
struct pace_job {
    void (*task)(void);
    size_t count;
};

enum pace_phase { PACE_REST, PACE_OURS, PACE_OTHER }; /* a trial: the way of now first, then the other way */

/* All zero at the beginning. */
struct pace {
    bool alone; /* the way of now */
    enum pace_phase phase;
    struct pace_job job;         /* by which steps are counted */
    size_t strangers;            /* other jobs since it came last */
    size_t to_settle;            /* steps until the stretch begins: caches get used to the way */
    double begin;                /* of the stretch that is measured, in seconds */
    size_t steps;                /* in it */
    double usual, ours;          /* seconds a step takes: since the last trial, and in its first half */
    double last_trial, patience; /* when, and how long until the next, in seconds */
};

/* Asked before every job: whether the caller does it alone. `clock` tells seconds. */
bool pace_alone(struct pace *pace, struct pace_job job, double (*clock)(void));

#endif
