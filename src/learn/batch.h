/* A batch for learning: beside its rows (net/rows.h) their targets and how much they count; what came out of it. */
#ifndef NUDGE_LEARN_BATCH_H
#define NUDGE_LEARN_BATCH_H

#include "learn/weights.h"
#include "net/rows.h"

/* Whether net and data fit each other: features, targets (a single output serves two classes). */
nudge_status batch_check(const nudge_net *net, const nudge_data *data, nudge_error *error);

/* plan->targets of the source's rows, as the net says, and plan->weights. */
void batch_targets(struct plan *plan, const struct row_source *source);

/* rows_take and batch_targets. */
nudge_status batch_take(struct plan *plan, const struct row_source *source, nudge_error *error);

/* Sum of the costs of the first `rows` rows, in order, in double precision. */
double batch_cost(const struct plan *plan, size_t rows);

/* How many rows of a batch of classes are answered with theirs, each counted with its own weight; and Σ w. */
double batch_right(const struct plan *plan, const struct row_source *source, double *all);

/* The own weight of the batch's row r. */
double batch_weight(const struct row_source *source, size_t r);

/* The answer of one row of a (or of targets): see nudge_answer. */
size_t batch_answer(const struct plan *plan, const void *outputs, size_t row);

#endif
