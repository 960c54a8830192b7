/* Prepared products: what an engine makes ready once for one dense layer of a plan, where it does better than
 * the verbs. The three products of the layer at a fixed number of rows and with fixed places in memory (but
 * those of the gradients); running them allocates nothing. Invariant: weights, their gradients and
 * activations are laid out as in engine.h, and sizes are the padded ones, so that a plan may use products and
 * verbs on the same memory: padding goes in as zero and comes out as zero. */
#ifndef NUDGE_ENGINE_PRODUCT_H
#define NUDGE_ENGINE_PRODUCT_H

#include "engine/engine.h"

/* Products in bf16 take x, w and d from bf16 copies; y, dx, dw and db, sums all, are f32. */
struct product_request {
    size_t rows, inputs, outputs; /* neurons without padding */
    unsigned threads;
    bool bf16;
    bool train; /* backward_weights too */
    bool data;  /* and backward_data: somebody wants dx */
    const void *x, *w, *b;
    void *y;
    const void *d;
    void *dx;
};

struct product;

struct product_verbs {
    /* NUDGE_UNSUPPORTED where the engine has nothing fast for this shape. */
    nudge_status (*create)(const nudge_allocator *allocator, const struct product_request *request,
                           struct product **product, nudge_error *error);
    void (*release)(struct product *product); /* NULL allowed */
    /* K^ of the weight it reads: see below. */
    size_t (*weight_inputs)(const struct product *product);
    /* y = x wᵀ + b                                                                       Y = X Wᵀ + b */
    void (*forward)(struct product *product);
    /* dx = d w                                                                           dX = dY W */
    void (*backward_data)(struct product *product);
    /* dw = dᵀ x, db = Σ d                                                                dW = dYᵀ X */
    void (*backward_weights)(struct product *product, void *dw, void *db);
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
