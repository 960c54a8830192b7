/* The pictures of a training: nudge train --plot FOLDER. */
#ifndef NUDGE_CLI_PLOT_TRAINING_H
#define NUDGE_CLI_PLOT_TRAINING_H

#include "cli/plot/plot.h"

/* Before the training: whether pictures can be written into the folder, which is made when missing. Tells
 * what is wrong; returns the exit status. */
int plot_training_check(const char *folder);

/* After every epoch. */
void plot_training_epoch(struct plot_history *history, const nudge_progress *now);

/* At the end: the curves, and what suits the data. `model` may be NULL: it was not saved. Says on `told`
 * (NULL: nowhere) what was written. */
int plot_training(const char *folder, const struct opened *opened, const char *model,
                  struct plot_history *history, FILE *told);

#endif
