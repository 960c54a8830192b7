/* Costs: how far the outputs are from their targets. One const table; adding a cost is one file cost_<name>.c
 * and one row in cost.c. A cost file is compiled once per variant (base/real.h). */
#ifndef NUDGE_LEARN_COST_H
#define NUDGE_LEARN_COST_H

#include "data/data.h"
#include "net/plan.h"
#include "net/walk.h"

/* What one call works on: rows of the network's output. All arrays but `each` are [rows][stride]. */
struct cost_call {
    size_t rows, outputs, stride;
    double delta;          /* huber's d */
    const void *z, *a, *y; /* weighted sums, activations of the last layer; targets */
    void *each;            /* forward: C_0 of each row */
    void *d;               /* backward: ∂C_0/∂a, or ∂C_0/∂z when fused; padding is left alone */
    void *parts;           /* parts: what each output adds to C_0 */
};

struct cost_kernel {
    void (*forward)(const struct cost_call *call);
    void (*backward)(const struct cost_call *call);
    void (*parts)(const struct cost_call *call); /* for explanations: C_0 by output, and d = ∂C_0/∂a, never
                                                    fused: infinite where an a is 0 that must not be */
};

struct cost {
    const char *name;
    const char *formula;
    const char *output; /* the last layer's only activation, whose derivative is fused in; NULL: any */
    bool kink;          /* the derivative jumps at a = y, where 0 is used */
    const struct cost_kernel *kernels[REAL_TYPES][CPU_LEVELS];
};

extern const struct cost costs[]; /* in the order of nudge_cost, [NUDGE_COST_AUTO] without kernels */
extern const size_t cost_count;

/* A cost made ready for a net's output, for plans of one precision. */
struct chosen_cost {
    const struct cost *cost;
    double delta;
};

/* The net's cost, NUDGE_COST_AUTO resolved by its output. */
struct chosen_cost cost_of(const nudge_net *net);

/* Whether the cost is defined for the part's targets as the net sees them (those of classes always suit it). */
nudge_status cost_check_targets(const struct chosen_cost *chosen, const nudge_net *net,
                                const nudge_data *data, nudge_part part, nudge_error *error);

/* The same for one row of the caller's targets. */
nudge_status cost_check_target(const struct chosen_cost *chosen, const float *targets, size_t count,
                               nudge_error *error);

/* Row 0 of the plan after a forward: C_0 by output, and ∂C_0/∂a^(L); [outputs rounded up to LANE], f64 plans
 * only. */
void cost_parts(const struct plan *plan, const struct chosen_cost *chosen, double *parts, double *slopes);

/* For the walks. `chosen` must outlive it. */
struct walk_cost cost_for_walk(const struct chosen_cost *chosen);

#endif
