/* Prepared products: what an engine makes ready once for one dense layer of a plan, where it does better than
 * the verbs. Each call computes a share of the layer on the thread that calls, so that a pool may share out
 * the work as it likes: forward and backward data some rows, backward weights a part of the outputs.
 * Invariants: running them allocates nothing, and who computes a share, beside how many others, cannot change
 * a bit; weights, their gradients and activations are laid out as in engine.h, and sizes are the padded ones,
 * so that a plan may use products and verbs on the same memory: padding goes in as zero and comes out as
 * zero. */
#ifndef NUDGE_ENGINE_PRODUCT_H
#define NUDGE_ENGINE_PRODUCT_H

#include "engine/engine.h"

/* Products in bf16 take x, w and d from bf16 copies; y, dx, dw and db, sums all, are f32. */
struct product_request {
    size_t share;           /* rows of forward and backward data */
    size_t rows;            /* that backward weights sums over */
    size_t inputs, outputs; /* neurons without padding */
    size_t parts;           /* of the outputs, for backward weights; up to product_most_parts */
    unsigned workers;       /* that call at the same time */
    bool bf16;
    bool train; /* backward_weights too */
    bool data;  /* and backward_data: somebody wants dx */
    const void *w, *b;
};

/* The outputs are shared out by whole panels, a last one that is not full going with the one before it. */
static inline size_t product_most_parts(size_t outputs) {
    size_t whole = lane_round_up(outputs) / weight_panel(outputs);
    return whole > 1 ? whole : 1;
}

/* Outputs before part `part`; of part `parts`: all of them, padding included. */
static inline size_t product_part_begin(size_t outputs, size_t parts, size_t part) {
    return part == parts ? lane_round_up(outputs)
                         : product_most_parts(outputs) * part / parts * weight_panel(outputs);
}

struct product;

struct product_verbs {
    /* NUDGE_UNSUPPORTED where the engine has nothing fast for this shape. */
    nudge_status (*create)(const nudge_allocator *allocator, const struct product_request *request,
                           struct product **product, nudge_error *error);
    void (*release)(struct product *product); /* NULL allowed */
    /* K^ of the weight it reads: see below. */
    size_t (*weight_inputs)(const struct product *product);
    /* What each worker needs while it calls. */
    size_t (*scratch_bytes)(const struct product *product);
    /* y = x wᵀ + b, `share` rows                                                         Y = X Wᵀ + b */
    void (*forward)(struct product *product, unsigned worker, void *scratch, void *y, const void *x);
    /* dx = d w, `share` rows                                                             dX = dY W */
    void (*backward_data)(struct product *product, unsigned worker, void *scratch, void *dx, const void *d);
    /* dw = dᵀ x, db = Σ d over all rows, for the outputs of a part: dw, db and d begin there, and d has no
     * other columns.                                                                     dW = dYᵀ X */
    void (*backward_weights)(struct product *product, unsigned worker, size_t part, void *scratch, void *dw,
                             void *db, const void *d, const void *x);
};

/* A weight's bf16 copy: pairs of inputs side by side, (output o, input i) at ((o / P) * K^ + i / 2 * 2) * P +
 * o % P * 2 + i % 2, with K^ the inputs rounded up to 16 or to BF16_INPUTS: the engine says. */
enum { BF16_INPUTS = 32 };

/* Elements that are enough for it; SIZE_MAX when they do not fit. */
static inline size_t bf16_weight_elements(size_t outputs, size_t inputs) {
    size_t elements;
    bool fits = size_multiply(&elements, size_round_up(outputs, weight_panel(outputs)),
                              size_round_up(inputs, BF16_INPUTS));
    return fits ? elements : SIZE_MAX;
}

#endif
