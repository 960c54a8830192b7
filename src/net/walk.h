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

/* Where a batch comes from: puts inputs first_input .. end_input-1 of rows first .. first+rows-1 into x,
 * which is plan->x or another of its kind. Called by several threads at once for different rows or different
 * inputs: each fills what it computes with. */
struct walk_batch {
    void (*gather)(const void *argument, const struct plan *plan, void *x, size_t first, size_t rows,
                   size_t first_input, size_t end_input);
    const void *argument;
};

/* What becomes of gradients as soon as they are complete: elements first .. first+count-1 of the block, of a tensor of this
 * role. Called by several threads at once for different elements, all that are trained, each once. */
struct walk_update {
    void (*update)(const void *argument, nudge_role role, const void *gradients, size_t first, size_t count);
    /* Nobody reads the gradients after their update: those of weights are summed in the thread's scratch, share after
     * share in the same lines of its cache, and plan->gradients does not get them. */
    bool only_update;
    /* NULL, or called on the calling thread with the range of each layer, from the last on, when all its gradients are
     * complete and before they are used. */
    void (*reduce)(const void *argument, size_t layer, size_t first, size_t count);
    const void *argument;
};

/* The batch (NULL: it is in plan->x already) -> every z and a; with a cost, plan->each, too. rows <=
 * capacity. */
void walk_forward(struct plan *plan, size_t rows, const struct walk_batch *batch,
                  const struct walk_cost *cost);

/* walk_forward, and from the cost back: d of every layer becomes δ = ∂C_0/∂z of each row. */
void walk_deltas(struct plan *plan, size_t rows, const struct walk_batch *batch,
                 const struct walk_cost *cost);

/* After walk_deltas: sums the rows' gradients into plan->gradients, from zero or (accumulate) on top of what
 * is there. With an update (NULL: none) the parameters are changed, and copies of them in the plan kept the
 * same. */
void walk_gradients(struct plan *plan, size_t rows, bool accumulate, const struct walk_update *update);

/* After a step of training whose update was made otherwise: what ops keep from batch to batch takes it in. (walk_gradients
 * with an update does so itself.) */
void walk_settle(struct plan *plan, size_t rows);

/* What there is to share among threads when each row takes so many multiplications. */
double walk_work(const struct plan *plan, double products, size_t rows);

/* After walk_forward: the δ and the gradients. */
void walk_backward(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate);

/* walk_deltas and walk_gradients. */
void walk_both(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate);

/* What one op is called with, for rows first .. first+rows-1: of a thread's share, or of all. */
struct op_call walk_call(const struct plan *plan, const struct plan_step *step, size_t first, size_t rows);

/* The first layer, 1 .. L, in which a z or an a of the first `rows` rows is not finite; 0 when all are.
 * Training plans only. */
size_t walk_first_not_finite(const struct plan *plan, size_t rows);

#endif
