/* Other programs on the CPUs that a pool of threads computes with. */
#ifndef NUDGE_BASE_NEIGHBOURS_H
#define NUDGE_BASE_NEIGHBOURS_H

#include <stdbool.h>

/* What is known of them; all zero at the beginning. */
struct neighbours {
    unsigned jobs;   /* since the last look at the clock */
    double since;    /* when `switches` was counted, in seconds */
    long switches;   /* by which the system had put this process's threads aside, then */
    double until;    /* alone until then; 0: not alone */
    double patience; /* for how long the next time, in seconds */
};

/* Asked at every job of `threads` threads: whether other programs want the CPUs, too. Several threads are
 * then slower than one, as each job waits for whichever of them does not have its turn: the caller does
 * better alone, for a while. */
bool neighbours_crowd(struct neighbours *neighbours, unsigned threads);

/* The same at a time `now`, in seconds; `switches` says how often the system has put threads aside so far. */
bool neighbours_crowd_at(struct neighbours *neighbours, unsigned threads, double now, long (*switches)(void));

#endif
