/* The learning rate over a training: a pure function of the options and the place in it. */
#ifndef NUDGE_LEARN_SCHEDULE_H
#define NUDGE_LEARN_SCHEDULE_H

#include <nudge.h>

/* The rate at step `step` (1 ..) of epoch `epoch` (1 ..), with `steps` steps in an epoch. */
double schedule_rate(const nudge_train_options *options, size_t epoch, size_t step, size_t steps);

nudge_status schedule_check(const nudge_train_options *options, nudge_error *error);

#endif
