/* Inside of the walks: one tile, rows x columns of the neurons that a step computes. */
#ifndef NUDGE_NET_WALK_TILE_H
#define NUDGE_NET_WALK_TILE_H

#include "net/walk.h"

struct tile {
    size_t row, rows, column, columns; /* columns beyond the step's neurons do not count */
    size_t all_rows;                   /* of the batch */
};

/* The step's outputs; ∂C_0 by its inputs (for dense, columns are of inputs; `scratch` is the thread's). */
void tile_forward(const struct plan *plan, size_t s, const struct tile *tile);
void tile_backward(const struct plan *plan, size_t s, const struct tile *tile, void *scratch);

/* In bf16: copies for the products of the dense op `step`, of its x, and of its d. */
void tile_put_x(const struct plan *plan, const struct plan_step *step, const struct tile *tile);
void tile_put_d(const struct plan *plan, const struct plan_step *step, const struct tile *tile);

/* The gradients of a task's weights, from these copies, into `dw`. Between the kernel's begin and end. */
void tile_weights_bf16(const struct plan *plan, size_t rows, const struct plan_task *task, void *dw,
                       bool accumulate);

#endif
