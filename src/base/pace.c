/* See pace.h. A trial compares some milliseconds of each way. The longer nothing changes, the rarer the
 * trials; when steps suddenly take longer, one comes soon. Invariant: what the slower way may cost is a small
 * share of the time between trials, whatever a step takes. */
#include "base/pace.h"

enum {
    LOOK = 8,        /* between trials every eighth step is measured */
    SETTLE = 2,      /* SHORT steps that are not measured after a change: caches get used to the way */
    LEAST_STEPS = 4, /* in a stretch, unless they take LONG */
    FIRST_STEPS = 24 /* before the first trial */
};
static const double SHORT = 0.001, STRETCH = 0.004, LONG = 0.016; /* seconds */
/* Between trials, in multiples of what the other way took, and in seconds where that is longer. */
static const double FIRST_REST = 0.01, LEAST_REST = 25, MOST_REST = 50, MOST_SECONDS = 2;
static const double CLEARLY = 0.95, SUDDENLY = 1.3, DISAGREE = 1.1; /* ratios of times */

static void start_stretch(struct pace *pace) {
    pace->steps = 0;
    pace->seconds = 0;
}

static void start_phase(struct pace *pace, enum pace_phase phase) {
    pace->phase = phase;
    pace->count = 0;
    start_stretch(pace);
}

static void start_rest(struct pace *pace, double usual, double patience) {
    pace->usual = usual;
    pace->patience = patience;
    pace->rested = 0;
    start_phase(pace, PACE_REST);
}

static size_t settle(const struct pace *pace) {
    return pace->phase > PACE_BEFORE && pace->trial[0] < SHORT ? SETTLE : 0;
}

static void end_trial(struct pace *pace) {
    double before = pace->trial[0], other = pace->trial[1], after = pace->trial[2];
    double ours = before < after ? before : after, longer = 2 * pace->patience;
    bool quicker = other < CLEARLY * ours, sure = before < DISAGREE * after && after < DISAGREE * before;
    double most = MOST_REST * pace->other > MOST_SECONDS ? MOST_REST * pace->other : MOST_SECONDS;
    pace->least = LEAST_REST * pace->other;
    if (quicker || !sure || longer < pace->least) longer = pace->least;
    if (quicker) pace->alone = !pace->alone;
    start_rest(pace, quicker ? other : ours, longer < most ? longer : most);
}

/* A stretch is over, in which a step took so long. */
static void judge(struct pace *pace, double step) {
    if (pace->phase == PACE_REST) {
        bool slower = pace->usual > 0 && step > SUDDENLY * pace->usual;
        pace->rested += LOOK * pace->seconds;
        start_stretch(pace);
        bool enough = pace->usual > 0 || pace->count >= FIRST_STEPS;
        if (enough && pace->rested >= (slower ? pace->least : pace->patience)) start_phase(pace, PACE_BEFORE);
        return;
    }
    pace->trial[pace->phase - PACE_BEFORE] = step;
    if (pace->phase == PACE_OTHER) pace->other = pace->seconds + (double)settle(pace) * step;
    if (pace->phase == PACE_AFTER)
        end_trial(pace);
    else
        start_phase(pace, pace->phase + 1);
}

static void count_step(struct pace *pace) {
    pace->steps++;
    double enough = pace->phase == PACE_REST ? STRETCH / LOOK : STRETCH;
    if ((pace->steps >= LEAST_STEPS && pace->seconds >= enough) || pace->seconds >= LONG)
        judge(pace, pace->seconds / (double)pace->steps);
}

/* The step before is over; another one begins. */
static void start_step(struct pace *pace, size_t size) {
    if (pace->measured) count_step(pace);
    if (size > pace->size) {
        *pace = (struct pace){.size = size, .alone = pace->alone};
        start_rest(pace, 0, FIRST_REST);
    }
    bool whole = size == pace->size;
    if (whole) pace->count++;
    pace->measured =
        whole && (pace->phase == PACE_REST ? pace->count % LOOK == 0 : pace->count > settle(pace));
}

bool pace_begin(struct pace *pace, size_t size, double (*clock)(void)) {
    if (size > 0) start_step(pace, size);
    if (pace->measured) pace->begin = clock();
    return pace->phase == PACE_OTHER ? !pace->alone : pace->alone;
}

void pace_end(struct pace *pace, double (*clock)(void)) {
    if (pace->measured) pace->seconds += clock() - pace->begin;
}
