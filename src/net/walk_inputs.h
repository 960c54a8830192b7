/* The first layer of a small network, its inputs shared out among threads: see walk_inputs.c. Called by
 * walk.c alone. */
#ifndef NUDGE_NET_WALK_INPUTS_H
#define NUDGE_NET_WALK_INPUTS_H

#include "net/walk.h"

/* Whether the plan goes so for a batch of so many rows. */
bool walk_goes_by_inputs(const struct plan *plan, size_t rows);

/* The batch (NULL: it is in plan->x) and the first layer's sums over each part of its inputs. */
void walk_inputs(struct plan *plan, size_t rows, const struct walk_batch *batch);

/* Adds them up to z of the rows first .. first+rows-1. */
void walk_inputs_sum(const struct plan *plan, size_t first, size_t rows);

/* The buffer like plan->x in which the present batch has its input `input`. */
const void *walk_inputs_x(const struct plan *plan, size_t input);

#endif
