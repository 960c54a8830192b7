/* See schedule.h; formulas at nudge_schedule in nudge.h. Invariant: the same bits everywhere: powers by
 * multiplication in a fixed order, the cosine from base/elementary.h. */
#include "learn/schedule.h"

#include "base/elementary.h"
#include "base/names.h"
#include "base/power.h"
#include "base/status.h"
#include "base/text.h"

static const char *const names[] = {
    [NUDGE_SCHEDULE_CONSTANT] = "constant",       [NUDGE_SCHEDULE_STEP] = "step",
    [NUDGE_SCHEDULE_EXPONENTIAL] = "exponential", [NUDGE_SCHEDULE_COSINE] = "cosine",
    [NUDGE_SCHEDULE_ONE_CYCLE] = "one-cycle",
};
enum { SCHEDULES = sizeof names / sizeof *names };

const char *nudge_schedule_name(nudge_schedule schedule) {
    return (unsigned)schedule < SCHEDULES ? names[schedule] : NULL;
}

nudge_status nudge_schedule_from_name(const char *name, nudge_schedule *schedule, nudge_error *error) {
    if (missing(error, name, schedule)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_IN(names, SCHEDULES), name, "schedule", error);
    if (!status) *schedule = (nudge_schedule)row;
    return status;
}

static double cosine_share(const nudge_train_options *options, size_t epoch, size_t step, size_t steps) {
    double done = (double)((epoch - 1) * steps + step - 1) / ((double)options->epochs * (double)steps);
    double wave = 0.5 * (1.0 + (double)f32_cos(3.14159265358979323846f * (float)done));
    return options->decay + (1.0 - options->decay) * wave;
}

/* The last step is above the end's share, as with the cosine: its rate still counts. */
static double one_cycle_share(const nudge_train_options *options, size_t epoch, size_t step, size_t steps) {
    double s = (double)((epoch - 1) * steps + step), all = (double)options->epochs * (double)steps;
    double rising = __builtin_floor(options->warmup * all);
    if (s <= rising) return s / (rising + 1);
    return 1.0 - (1.0 - options->decay) * ((s - 1 - rising) / (all - rising));
}

double schedule_rate(const nudge_train_options *options, size_t epoch, size_t step, size_t steps) {
    double rate = options->learning_rate;
    switch (options->schedule) {
    case NUDGE_SCHEDULE_STEP: return rate * power(options->decay, (epoch - 1) / options->decay_epochs);
    case NUDGE_SCHEDULE_EXPONENTIAL: return rate * power(options->decay, epoch - 1);
    case NUDGE_SCHEDULE_COSINE: return rate * cosine_share(options, epoch, step, steps);
    case NUDGE_SCHEDULE_ONE_CYCLE: return rate * one_cycle_share(options, epoch, step, steps);
    default: return rate;
    }
}

nudge_status schedule_check(const nudge_train_options *options, nudge_error *error) {
    if ((unsigned)options->schedule >= SCHEDULES)
        return error_set(error, NUDGE_BAD_ARGUMENT, "schedule %d, expected 0 to %d", (int)options->schedule,
                         SCHEDULES - 1);
    if (options->schedule == NUDGE_SCHEDULE_CONSTANT) return NUDGE_OK;
    bool one_cycle = options->schedule == NUDGE_SCHEDULE_ONE_CYCLE;
    bool zero_allowed = options->schedule == NUDGE_SCHEDULE_COSINE || one_cycle;
    if (!(options->decay >= 0 && options->decay <= 1) || (options->decay == 0 && !zero_allowed))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s schedule: decay %s, expected above 0%s and up to 1",
                         names[options->schedule], text_number(options->decay, 6).text,
                         zero_allowed ? " or 0" : "");
    if (options->schedule == NUDGE_SCHEDULE_STEP && options->decay_epochs == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "step schedule: decay_epochs 0, expected at least 1");
    if (one_cycle && !(options->warmup >= 0 && options->warmup < 1))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "one-cycle schedule: warmup %s, expected 0 or more and below 1",
                         text_number(options->warmup, 6).text);
    return NUDGE_OK;
}
