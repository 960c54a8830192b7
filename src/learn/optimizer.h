/* Optimizers: how gradients move parameters. Written once over flat blocks (parameters, gradients and state
 * share one layout; their padding is zero and stays so). Adding one is a kernel file optimizer_<name>.c and a
 * row in optimizer.c.
 *
 * A step is made ready once (optimizer_prepare) and may then be taken over any ranges of the blocks, in any
 * order, as long as each element is in one of them (optimizer_update, optimizer_range): a kernel sees one
 * element at a time and keeps nothing between calls. */
#ifndef NUDGE_LEARN_OPTIMIZER_H
#define NUDGE_LEARN_OPTIMIZER_H

#include "engine/engine.h"

enum { OPTIMIZER_STATES = 2 }; /* blocks at most */

struct optimizer_call {
    size_t count;
    void *w;                        /* parameters, changed */
    const void *g;                  /* gradients, summed over the batch */
    void *states[OPTIMIZER_STATES]; /* changed; zero before the first step; NULL: none */
    double scale;                   /* 1 / rows of the batch: turns the sum into the mean */
    double rate, momentum, beta1, beta2, epsilon;
    double l1, l2, weight_decay;              /* of weights */
    uint64_t step;                            /* t = 1, 2, ... since the state was zero */
    double corrected_rate, corrected_epsilon; /* made by prepare: adam's, at step t */
};

struct optimizer_kernel {
    void (*update)(const struct optimizer_call *call);
    void (*prepare)(struct optimizer_call *call); /* what is the same for all elements; NULL: nothing */
};

struct optimizer {
    const char *name;
    double learning_rate; /* for who gives none */
    bool momentum;        /* takes one: with it there is one state more */
    size_t states;        /* without momentum */
    const struct optimizer_kernel *kernels[PRECISIONS][CPU_LEVELS];
};

extern const struct optimizer optimizers[]; /* in the order of nudge_optimizer */
extern const size_t optimizer_count;

/* Checks what the chosen optimizer uses of the options; a learning rate of 0 becomes the optimizer's own. */
nudge_status optimizer_options(nudge_train_options *options, nudge_error *error);

/* Blocks of state that training with these options keeps: 0 .. OPTIMIZER_STATES. */
size_t optimizer_states(const nudge_train_options *options);

/* Makes a step ready, on the calling thread: once a step, before any part of it. */
void optimizer_prepare(const nudge_context *context, const struct optimizer *optimizer,
                       enum precision precision, struct optimizer_call *call);

/* The step over the elements first .. first+count-1 alone. */
struct optimizer_call optimizer_range(const struct optimizer_call *call, size_t element_size, size_t first,
                                      size_t count);

/* Takes the step over a range of the blocks that is in a tensor of this role, on the calling thread. */
void optimizer_update_range(const nudge_context *context, const struct optimizer *optimizer,
                            enum precision precision, const struct optimizer_call *call, nudge_role role,
                            size_t first, size_t count);

/* The same, shared out among the context's threads. */
void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum precision precision, const struct optimizer_call *call, nudge_role role,
                      size_t first, size_t count);

/* What a weight's penalty adds to its gradient, and its decay: see optimizer_penalty.c. */
struct penalty_kernel {
    void (*gradients)(const struct optimizer_call *call,
                      void *to); /* to = g + rows ∂penalty/∂w, call->count numbers */
    void (*decay)(const struct optimizer_call *call);
};

#endif
