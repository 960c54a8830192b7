/* See schedule.h; formulas at nudge_schedule in nudge.h. Invariant: the same bits everywhere: powers by
 * multiplication in a fixed order, the cosine from base/elementary.h. */
#include "learn/schedule.h"

#include "base/elementary.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

static const char *const names[] = {
    [NUDGE_SCHEDULE_CONSTANT] = "constant",
    [NUDGE_SCHEDULE_STEP] = "step",
    [NUDGE_SCHEDULE_EXPONENTIAL] = "exponential",
    [NUDGE_SCHEDULE_COSINE] = "cosine",
};
enum { SCHEDULES = sizeof names / sizeof *names };

const char *nudge_schedule_name(nudge_schedule schedule) {
    return (unsigned)schedule < SCHEDULES ? names[schedule] : NULL;
}

nudge_status nudge_schedule_from_name(const char *name, nudge_schedule *schedule, nudge_error *error) {
    for (size_t i = 0; i < SCHEDULES; i++)
        if (strcmp(names[i], name) == 0) {
            *schedule = (nudge_schedule)i;
            return NUDGE_OK;
        }
    return error_set(error, NUDGE_BAD_ARGUMENT,
                     "schedule \"%s\", expected constant, step, exponential or cosine", name);
}

/* x^n by squaring. */
static double power(double x, size_t n) {
    double result = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return result;
}

static double cosine_share(const nudge_train_options *options, size_t epoch, size_t step, size_t steps) {
    double done = (double)((epoch - 1) * steps + step - 1) / ((double)options->epochs * (double)steps);
    double wave = 0.5 * (1.0 + (double)f32_cos(3.14159265358979323846f * (float)done));
    return options->decay + (1.0 - options->decay) * wave;
}

double schedule_rate(const nudge_train_options *options, size_t epoch, size_t step, size_t steps) {
    double rate = options->learning_rate;
    switch (options->schedule) {
    case NUDGE_SCHEDULE_STEP: return rate * power(options->decay, (epoch - 1) / options->decay_epochs);
    case NUDGE_SCHEDULE_EXPONENTIAL: return rate * power(options->decay, epoch - 1);
    case NUDGE_SCHEDULE_COSINE: return rate * cosine_share(options, epoch, step, steps);
    default: return rate;
    }
}

nudge_status schedule_check(const nudge_train_options *options, nudge_error *error) {
    if ((unsigned)options->schedule >= SCHEDULES)
        return error_set(error, NUDGE_BAD_ARGUMENT, "schedule %d, expected 0 to %d", (int)options->schedule,
                         SCHEDULES - 1);
    if (options->schedule == NUDGE_SCHEDULE_CONSTANT) return NUDGE_OK;
    bool zero_allowed = options->schedule == NUDGE_SCHEDULE_COSINE;
    if (!(options->decay >= 0 && options->decay <= 1) || (options->decay == 0 && !zero_allowed))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s schedule: decay %s, expected above 0%s and up to 1",
                         names[options->schedule], text_number(options->decay, 6).text,
                         zero_allowed ? " or 0" : "");
    if (options->schedule == NUDGE_SCHEDULE_STEP && options->decay_epochs == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "step schedule: decay_epochs 0, expected at least 1");
    return NUDGE_OK;
}
