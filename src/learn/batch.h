/* From rows of a data set to a plan's batch: gathered, converted to the plan's type, scaled; targets
 * beside them. */
#ifndef NUDGE_LEARN_BATCH_H
#define NUDGE_LEARN_BATCH_H

#include "data/feed.h"
#include "learn/weights.h"
#include "net/plan.h"

/* Whether net and data fit each other: features, targets (a single output serves two classes). */
nudge_status batch_check(const nudge_net *net, const nudge_data *data, nudge_error *error);

/* The rows of a part that are a batch: those at places first .. first+rows-1 of an order (NULL: of the part
 * itself). Behind them may stand the `next` rows of the batch that follows: they are asked for, so that they
 * are near by then; shuffled rows come from places that no cache foresees. */
struct batch_rows {
    const nudge_data *data;
    nudge_part part;
    const uint32_t *order;
    const struct feed *feed; /* has the rows of a part that is not in memory */
    size_t first, rows, next;
    const struct row_weights *weights; /* NULL: all rows count the same */
};

/* Fills the batch: its inputs, as walk_batch.gather wants them (`source` is a struct batch_rows), and
 * plan->targets. Scaled as the net says. */
void batch_inputs(const void *source, const struct plan *plan, void *x, size_t first, size_t rows,
                  size_t first_input, size_t end_input);
void batch_targets(struct plan *plan, const struct batch_rows *source);

/* One row of the part, whose weight does not count, wherever it is, into row `row` of the batch, plan->x and plan->targets. Errors: the
 * source's. */
nudge_status batch_gather_one(struct plan *plan, size_t row, const nudge_data *data, nudge_part part,
                              size_t index, nudge_error *error);

/* The same from the caller's numbers; targets may be NULL. */
void batch_from_floats(struct plan *plan, const float *features, const float *targets, size_t rows);

/* Sum of the costs of the first `rows` rows, in order, in double precision. */
double batch_cost(const struct plan *plan, size_t rows);

/* How many rows of a batch of classes are answered with theirs, each counted with its own weight; and Σ w. */
double batch_right(const struct plan *plan, const struct batch_rows *source, double *all);

/* The own weight of the batch's row r. */
double batch_weight(const struct batch_rows *source, size_t r);

/* The answer of one row of a (or of targets): see nudge_answer. */
size_t batch_answer(const struct plan *plan, const void *outputs, size_t row);

#endif
