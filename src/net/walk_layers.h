/* The walks of a plan whose products are prepared: see walk_layers.c. Called by walk.c alone. */
#ifndef NUDGE_NET_WALK_LAYERS_H
#define NUDGE_NET_WALK_LAYERS_H

#include "net/walk.h"

/* Whether the plan goes by layers for so many rows: far fewer than its products compute are quicker by
 * rows. */
bool walk_goes_by_layers(const struct plan *plan, size_t rows);

/* `backward`: the δ, too; `forward` false: z and a are there already. */
void walk_layers(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                 bool forward, bool backward);

/* The gradients of step s, from zero. */
void walk_layer_gradients(struct plan *plan, size_t s, void *dw, void *db);

/* What one op is called with, for rows first .. first+rows-1, at the plan's own strides. */
struct op_call walk_call(const struct plan *plan, const struct plan_step *step, size_t first, size_t rows);

#endif
