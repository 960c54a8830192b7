/* From rows of a data set to a plan's batch: gathered, converted to the plan's type, preprocessed; targets
 * beside them. */
#ifndef NUDGE_LEARN_BATCH_H
#define NUDGE_LEARN_BATCH_H

#include "data/data.h"
#include "net/plan.h"

/* Whether net and data fit each other: features, targets (a single output serves two classes). */
nudge_status batch_check(const nudge_net *net, const nudge_data *data, nudge_error *error);

/* Fills plan->x and plan->targets with the rows order[0 .. rows-1] of the part; order NULL: rows first,
 * first+1, ... Preprocessed as the net says, or, when it does not, as the data ask for. */
void batch_gather(struct plan *plan, const nudge_data *data, nudge_part part, const uint32_t *order,
                  size_t first, size_t rows);

/* Asks for the rows that a later gather will read, so that they are near by then: shuffled rows come from
 * places that no cache foresees. Rows beyond what a cache holds are left out. */
void batch_fetch(const nudge_data *data, nudge_part part, const uint32_t *order, size_t rows);

/* One row of the part into row `row` of the batch. */
void batch_gather_one(struct plan *plan, size_t row, const nudge_data *data, nudge_part part, size_t index);

/* The same from the caller's numbers; targets may be NULL. */
void batch_from_floats(struct plan *plan, const float *features, const float *targets, size_t rows);

/* Sum of the costs of the first `rows` rows, in order, in double precision. */
double batch_cost(const struct plan *plan, size_t rows);

/* How many of the rows are answered with their class. */
size_t batch_right(const struct plan *plan, size_t rows);

/* The answer of one row of a (or of targets): see nudge_answer. */
size_t batch_answer(const struct plan *plan, const void *outputs, size_t row);

#endif
