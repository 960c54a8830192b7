/* An explanation: every number of backpropagation on one example, in double precision. Invariant: `ready` says
 * that plan and arrays hold one example, walked with the parameters that stand in the plan. */
#ifndef NUDGE_INSIGHT_EXPLAIN_H
#define NUDGE_INSIGHT_EXPLAIN_H

#include "learn/batch.h"
#include "learn/cost.h"

#include <nudge_insight.h>

struct nudge_explanation {
    nudge_context *context;
    const nudge_net *net;
    struct chosen_cost chosen;
    struct walk_cost cost;
    struct plan *plan; /* f64, one row */
    double **wishes;   /* [0 .. L]: ∂C_0/∂a^(l), each [neurons^]; -∂C_0/∂a is what is wished */
    double **slopes;   /* [1 .. L]: ∂a_j/∂z_j */
    double *parts;     /* C_0 by output, [outputs^] */
    double *turns[2];  /* [largest neurons^] each: for walks beside the plan's */
    bool ready;
    void *owned;
    size_t bytes;
};

/* Turns d = ∂C_0/∂a^(l) of one row [neurons^] into ∂C_0/∂z^(l), in place. */
void explain_through_layer(const nudge_explanation *explanation, size_t l, double *d);

/* The neurons of layer l, 0 .. L. */
size_t explain_neurons(const nudge_explanation *explanation, size_t l);

/* Refuses an explanation without an example; a layer below `first` or above `last`. */
nudge_status explain_check(const nudge_explanation *explanation, size_t l, size_t first, size_t last,
                           nudge_error *error);

/* The walks for the example that stands in the plan. */
void explain_walk(nudge_explanation *explanation);

#endif
