/* The two walks through a plan: forward from input to output, backward from output to input. */
#ifndef NUDGE_NET_WALK_H
#define NUDGE_NET_WALK_H

#include "net/plan.h"

/* What the cost does between the walks, for rows first .. first+rows-1 of the batch: after forward it fills
 * plan->each, before backward the last step's d. Called by several threads at once for different rows. */
struct walk_cost {
    void (*forward)(const struct plan *plan, const void *cost, size_t first, size_t rows);
    void (*backward)(const struct plan *plan, const void *cost, size_t first, size_t rows);
    const void *cost;
    bool fused; /* backward gives ∂C_0/∂z of the last layer: its activation's own backward is left out */
};

/* plan->x -> every z and a; with a cost, plan->each, too. rows <= capacity. */
void walk_forward(struct plan *plan, size_t rows, const struct walk_cost *cost);

/* After walk_forward: d of every layer becomes δ = ∂C_0/∂z of each row, and the rows' gradients are summed
 * into plan->gradients, from zero or (accumulate) on top of what is there. */
void walk_backward(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate);

/* Both, with one round of threads less. */
void walk_both(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate);

/* The first layer, 1 .. L, in which a z or an a of the first `rows` rows is not finite; 0 when all are.
 * Training plans only. */
size_t walk_first_not_finite(const struct plan *plan, size_t rows);

#endif
