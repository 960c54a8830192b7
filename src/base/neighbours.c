/* See neighbours.h. Threads that share their CPUs with nobody are hardly ever put aside; where somebody else
 * computes, the system takes turns, hundreds of times a second. Alone, nothing can be seen, so from time to
 * time all threads try again. */
#include "base/neighbours.h"

#include "base/clock.h"

#include <sys/resource.h>

static const double WINDOW = 0.02, LEAST_PATIENCE = 0.1, MOST_PATIENCE = 2; /* seconds */

/* A second and thread: an idle machine has a few, one that shares its CPU 125 or more. */
static const double SWITCHES = 75;

static double next_patience(double patience) {
    if (2 * patience < LEAST_PATIENCE) return LEAST_PATIENCE;
    return 2 * patience < MOST_PATIENCE ? 2 * patience : MOST_PATIENCE;
}

bool neighbours_crowd_at(struct neighbours *neighbours, unsigned threads, double now,
                         long (*switches)(void)) {
    double passed = now - neighbours->since;
    if (neighbours->until > now) return true;
    if (neighbours->until == 0 && passed < WINDOW) return false;
    long before = neighbours->switches, count = switches();
    bool counted = neighbours->until == 0 && neighbours->since > 0;
    bool crowded = counted && (double)(count - before) > SWITCHES * threads * passed;
    if (crowded) neighbours->patience = next_patience(neighbours->patience);
    if (counted && !crowded) neighbours->patience = 0;
    neighbours->until = crowded ? now + neighbours->patience : 0;
    neighbours->since = now;
    neighbours->switches = count;
    return crowded;
}

static long involuntary_switches(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_nivcsw;
}

bool neighbours_crowd(struct neighbours *neighbours, unsigned threads) {
    enum { JOBS_A_LOOK = 8 };
    if (neighbours->jobs++ % JOBS_A_LOOK) return neighbours->until > 0;
    return neighbours_crowd_at(neighbours, threads, clock_seconds(), involuntary_switches);
}
