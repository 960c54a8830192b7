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

enum { OPTIMIZER_STATES = 2 /* blocks at most */, OPTIMIZER_PARAMETERS = 4 };

struct optimizer_call {
    size_t count;
    void *w;                        /* parameters, changed */
    const void *g;                  /* gradients, summed over the batch */
    void *states[OPTIMIZER_STATES]; /* changed; zero before the first step; NULL: none */
    double scale;                   /* 1 / rows of the batch: turns the sum into the mean */
    double rate;
    const nudge_train_options *options;       /* the optimizer's parameters, penalties and weight decay */
    uint64_t step;                            /* t = 1, 2, ... since the state was zero */
    double corrected_rate, corrected_epsilon; /* made by prepare: adam's, at step t */
};

struct optimizer_kernel {
    void (*update)(const struct optimizer_call *call);
    void (*prepare)(struct optimizer_call *call); /* what is the same for all elements; NULL: nothing */
};

/* A number that the optimizer takes: a member of nudge_train_options, whose default is that of NUDGE_TRAIN_OPTIONS. Checks,
 * notes, journals and the command's options go by this table. */
struct optimizer_parameter {
    const char *name;
    size_t place; /* in nudge_train_options */
    double least, most;
    bool below;    /* `most` itself is not allowed */
    size_t states; /* more than the optimizer has without it, where it is not 0 */
    const char *summary;
};

struct optimizer {
    const char *name;
    double learning_rate; /* for who gives none */
    size_t states;        /* blocks that it always keeps */
    size_t parameter_count;
    struct optimizer_parameter parameters[OPTIMIZER_PARAMETERS];
    const struct optimizer_kernel *kernels[REAL_TYPES][CPU_LEVELS];
};

extern const struct optimizer optimizers[]; /* in the order of nudge_optimizer */
extern const size_t optimizer_count;

/* Checks what the chosen optimizer uses of the options; a learning rate of 0 becomes the optimizer's own. */
nudge_status optimizer_options(nudge_train_options *options, nudge_error *error);

/* Its value in the options. */
double optimizer_value(const struct optimizer_parameter *parameter, const nudge_train_options *options);

/* Blocks of state that training with these options keeps: 0 .. OPTIMIZER_STATES. */
size_t optimizer_states(const nudge_train_options *options);

/* Makes a step ready, on the calling thread: once a step, before any part of it. */
void optimizer_prepare(const nudge_context *context, const struct optimizer *optimizer,
                       enum real_type precision, struct optimizer_call *call);

/* The step over the elements first .. first+count-1 alone. */
struct optimizer_call optimizer_range(const struct optimizer_call *call, size_t element_size, size_t first,
                                      size_t count);

/* Takes the step over a range of the blocks that is in a tensor of this role, whose gradients are at `gradients`, on the
 * calling thread. */
void optimizer_update_range(const nudge_context *context, const struct optimizer *optimizer,
                            enum real_type precision, const struct optimizer_call *call, nudge_role role,
                            const void *gradients, size_t first, size_t count);

/* The same, shared out among the context's threads. */
void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum real_type precision, const struct optimizer_call *call, nudge_role role,
                      size_t first, size_t count);

/* What a weight's penalty adds to its gradient, and its decay: see optimizer_penalty.c. */
struct penalty_kernel {
    void (*gradients)(const struct optimizer_call *call,
                      void *to); /* to = g + rows ∂penalty/∂w, call->count numbers */
    void (*decay)(const struct optimizer_call *call);
};

#endif
