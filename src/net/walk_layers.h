/* Inside of the walks: the schedule for large layers. */
#ifndef NUDGE_NET_WALK_LAYERS_H
#define NUDGE_NET_WALK_LAYERS_H

#include "net/walk.h"

/* What walk_forward and walk_deltas do, in a plan whose schedule is BY_LAYERS: forward from the batch to the cost,
 * backward from the cost to every δ, or both. Both ways also fill the panels that the gradients sum over. */
void walk_layers(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                 bool forward, bool backward);

/* The gradients of a task's weights, from these panels: into `dw`, where the op's weights begin. */
void walk_layers_weights(const struct plan *plan, size_t rows, const struct plan_task *task, void *dw,
                         bool accumulate);

#endif
