/* See pace.h. From time to time some milliseconds of steps are measured as they are, then as many the other way;
 * the quicker way stays. The longer nothing changes, the rarer the trials; when steps suddenly take longer, one
 * comes soon. Steps are counted by one job that comes back; what happens between two of them is part of the
 * step. */
#include "base/pace.h"

enum {
    LOOK = 8,        /* between trials the clock is looked at every eighth step */
    SETTLE = 2,      /* steps that are not measured after a change */
    LEAST_STEPS = 4, /* in a stretch */
    PAUSE = 8,       /* so many other jobs in between are no part of a step: an evaluation, say */
    FORGET = 200     /* after so many the job will not come back */
};
static const double STRETCH = 0.004, FIRST_TRIAL = 0.01, LEAST_PATIENCE = 0.1,
                    MOST_PATIENCE = 2;              /* seconds */
static const double CLEARLY = 0.95, SUDDENLY = 1.3; /* ratios of times */

static void start_stretch(struct pace *pace, double now) {
    pace->begin = now;
    pace->steps = 0;
}

static void start_phase(struct pace *pace, enum pace_phase phase, double now) {
    pace->phase = phase;
    pace->to_settle = SETTLE;
    start_stretch(pace, now);
}

static void rest(struct pace *pace, double now, double usual, double patience) {
    pace->usual = usual;
    pace->patience = patience < MOST_PATIENCE ? patience : MOST_PATIENCE;
    pace->last_trial = now;
    start_phase(pace, PACE_REST, now);
}

static void meet(struct pace *pace, struct pace_job job, double now) {
    *pace = (struct pace){.job = job};
    rest(pace, now, 0, FIRST_TRIAL);
}

/* The stretch is long enough: a step of it took so long. */
static void judge(struct pace *pace, double now, double step) {
    if (pace->phase == PACE_REST) {
        bool slower = pace->usual > 0 && step > SUDDENLY * pace->usual;
        double patience = slower && pace->patience > LEAST_PATIENCE ? LEAST_PATIENCE : pace->patience;
        if (now >= pace->last_trial + patience)
            start_phase(pace, PACE_OURS, now);
        else
            start_stretch(pace, now);
    } else if (pace->phase == PACE_OURS) {
        pace->ours = step;
        start_phase(pace, PACE_OTHER, now);
    } else if (step < CLEARLY * pace->ours) {
        pace->alone = !pace->alone;
        rest(pace, now, step, LEAST_PATIENCE);
    } else {
        rest(pace, now, pace->ours, pace->patience < LEAST_PATIENCE ? LEAST_PATIENCE : 2 * pace->patience);
    }
}

static void count_step(struct pace *pace, double (*clock)(void)) {
    bool paused = pace->strangers > PAUSE;
    pace->strangers = 0;
    pace->steps++;
    if (pace->phase == PACE_REST && !paused && pace->steps % LOOK) return;
    double now = clock();
    if (paused || pace->to_settle > 0) {
        if (pace->to_settle > 0) pace->to_settle--;
        start_stretch(pace, now);
    } else if (pace->steps >= LEAST_STEPS && now - pace->begin >= STRETCH) {
        judge(pace, now, (now - pace->begin) / (double)pace->steps);
    }
}

bool pace_alone(struct pace *pace, struct pace_job job, double (*clock)(void)) {
    bool known = job.task == pace->job.task && job.count == pace->job.count;
    if (known)
        count_step(pace, clock);
    else if (pace->job.task == NULL || ++pace->strangers > FORGET)
        meet(pace, job, clock());
    return pace->phase == PACE_OTHER ? !pace->alone : pace->alone;
}
