/* Whether a computation that is repeated goes quicker with all threads of a pool or with the caller alone,
 * found out by trying. Several threads are slower where other programs want the CPUs, too, as each job waits
 * for whichever thread does not have its turn; and where the CPUs are far from each other, so that handing
 * over costs more than the help is worth.
 *
 * One repetition is a step, in one part or in several: what happens outside its parts is not measured. Steps
 * are compared that are equally large: those of the largest size seen. */
#ifndef NUDGE_BASE_PACE_H
#define NUDGE_BASE_PACE_H

#include <stdbool.h>
#include <stddef.h>

/* A trial: as now, the other way, and again as now. The other way must be quicker than both; if those two
 * disagree, the next trial comes soon. */
enum pace_phase { PACE_REST, PACE_BEFORE, PACE_OTHER, PACE_AFTER };

/* All zero at the beginning. Times in seconds; only time inside the parts of steps counts. */
struct pace {
    bool alone; /* the way of now */
    enum pace_phase phase;
    size_t size;     /* of a step */
    bool measured;   /* the time of the present step is taken */
    size_t count;    /* of steps of this size in this phase */
    double begin;    /* of the present part */
    size_t steps;    /* measured in the present stretch, and */
    double seconds;  /* how long they took */
    double usual;    /* a step since the last trial; 0: there was none */
    double trial[3]; /* a step in PACE_BEFORE, PACE_OTHER, PACE_AFTER */
    double other;    /* how long PACE_OTHER took */
    double rested;   /* since the last trial */
    double patience; /* so long until the next; where steps suddenly take longer, */
    double least;    /* only so long */
};

/* A part of a step begins: the first one of a step of `size`, or with size 0 another one. True: the caller
 * does its jobs alone. `clock` tells seconds. */
bool pace_begin(struct pace *pace, size_t size, double (*clock)(void));
/* The part ends. */
void pace_end(struct pace *pace, double (*clock)(void));

#endif
