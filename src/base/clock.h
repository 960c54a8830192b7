/* Seconds from an arbitrary beginning, never going back where the system can promise it. For figures people
 * read; no result depends on it. */
#ifndef NUDGE_BASE_CLOCK_H
#define NUDGE_BASE_CLOCK_H

#include <time.h>

static inline double clock_seconds(void) {
    struct timespec now;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &now);
#else
    timespec_get(&now, TIME_UTC);
#endif
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
