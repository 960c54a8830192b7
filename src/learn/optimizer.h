/* Optimizers: how gradients move parameters. Written once over flat blocks (parameters, gradients and state
 * share one layout; their padding is zero and stays so). Adding one is a kernel file optimizer_<name>.c and a
 * row in optimizer.c. */
#ifndef NUDGE_LEARN_OPTIMIZER_H
#define NUDGE_LEARN_OPTIMIZER_H

#include "engine/engine.h"

struct optimizer_call {
    size_t count;
    void *w;       /* parameters, changed */
    const void *g; /* gradients, summed over the batch */
    void *v;       /* state: velocity; NULL without momentum */
    double scale;  /* 1 / rows of the batch: turns the sum into the mean */
    double rate, momentum;
};

struct optimizer_kernel {
    void (*update)(const struct optimizer_call *call);
};

struct optimizer {
    const char *name;
    const struct optimizer_kernel *kernels[PRECISIONS][CPU_LEVELS];
};

extern const struct optimizer optimizers[]; /* in the order of nudge_optimizer */
extern const size_t optimizer_count;

/* One step over the whole block, shared out among the context's threads. */
void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum precision precision, const struct optimizer_call *call);

#endif
