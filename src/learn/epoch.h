/* The steps of a training, one mini-batch after the other, in the order that the options define. Invariant: the
 * same net, optimizer state and place give the same step, wherever the run began: so a training can be taken up
 * in its middle. */
#ifndef NUDGE_LEARN_EPOCH_H
#define NUDGE_LEARN_EPOCH_H

#include "learn/step.h"

struct epoch {
    nudge_context *context; /* which computes */
    nudge_net *net;
    const nudge_data *data;
    nudge_train_options options; /* as step_options leaves them; batch_size is never 0 */
    size_t rows, batch, steps;   /* of the training part; of a step; of an epoch */
    nudge_trainer *trainer;
    uint32_t *order;
    struct feed *feed;       /* NULL: the rows are in memory */
    nudge_progress progress; /* the epoch, and the step that was made last */
    double step_cost;        /* the mean over that step's rows, before its update */
    size_t step_rows;
    double cost_sum;            /* over the epoch's rows so far */
    double right, counted;      /* Σ w of the rows so far that were answered right; of all */
    struct row_weights weights; /* of the training part */
    double begin;               /* when the epoch began, by the clock */
};

/* Fills in context, net, data, options and what follows from their sizes, after checking that they fit each other. */
nudge_status epoch_set(struct epoch *run, nudge_context *context, nudge_net *net, const nudge_data *data,
                       const nudge_train_options *options, nudge_error *error);

/* Makes what a step needs. To be released also when it fails. */
nudge_status epoch_make(struct epoch *run, nudge_error *error);
void epoch_release(struct epoch *run);

/* At the epoch's beginning, in the order of its examples. To begin in its middle is allowed. */
void epoch_begin(struct epoch *run, size_t epoch);

/* Step 1 .. steps of the epoch. NUDGE_DIVERGED, and no update, when the cost is not finite. */
nudge_status epoch_step(struct epoch *run, size_t step, nudge_error *error);

/* The running means over the epoch so far, into progress. */
void epoch_means(struct epoch *run);

#endif
