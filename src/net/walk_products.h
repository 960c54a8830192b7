/* The walks of a plan whose products are prepared: see walk_products.c. Called by walk.c alone. */
#ifndef NUDGE_NET_WALK_PRODUCTS_H
#define NUDGE_NET_WALK_PRODUCTS_H

#include "net/walk.h"

/* Whether the plan goes so for so many rows: far fewer than its products compute are quicker by the verbs. */
bool walk_goes_by_products(const struct plan *plan, size_t rows);

/* Before the rows of a batch. */
void walk_products_begin(struct plan *plan, size_t rows);
/* Rows first .. first+rows-1, which begin one of the plan's shares, all the way forward, and back. */
void walk_products_forward(const struct plan *plan, size_t first, size_t rows, unsigned worker,
                           const struct walk_batch *batch, const struct walk_cost *cost);
void walk_products_backward(const struct plan *plan, size_t first, size_t rows, unsigned worker,
                            const struct walk_cost *cost);
/* The gradients of a share, from zero: dw and db begin at its first output. */
void walk_products_gradients(const struct plan *plan, const struct plan_share *share, unsigned worker,
                             float *dw, float *db);

#endif
