/* One step of gradient descent: gather, forward, cost, backward, gradients, reduce, update. Training in epochs
 * (learn/epoch.h), replays and the public trainer (learn/trainer.c) all make their steps here. */
#ifndef NUDGE_LEARN_STEP_H
#define NUDGE_LEARN_STEP_H

#include "learn/batch.h"
#include "learn/cost.h"
#include "learn/optimizer.h"

enum trainer_stage { STAGE_EMPTY, STAGE_BATCH, STAGE_FORWARD, STAGE_BACKWARD };

/* The state that a run needs to go on is: the net's parameters, the optimizer's `states`
 * and `steps`, and the place in the run, which
 * the caller keeps (epoch and step: the order of the examples and the learning rate follow from them). */
struct nudge_trainer {
    nudge_context *context;
    nudge_net *net;
    nudge_train_options options;
    struct chosen_cost cost;
    struct walk_cost walk_cost;
    enum plan_use use; /* PLAN_LEARN when nobody looks inside */
    struct plan *plan;
    float *states[OPTIMIZER_STATES];     /* the optimizer's, each like the net's block; NULL: none */
    uint64_t steps;                      /* updates made */
    enum trainer_stage stage;            /* what may come next */
    bool forward_valid, gradients_valid; /* what can be read: it stays so after update */
    size_t rows;                         /* in the batch */
    double mean_cost;                    /* of the last forward */
    double rate;
    void *owned; /* the block, when it is ours */
    size_t bytes;
};

/* Copies the caller's options over the defaults and checks every one of them. */
nudge_status step_options(nudge_train_options *options, const nudge_train_options *given, nudge_error *error);

/* What it takes, of a trainer of which context, net, options and use are given; SIZE_MAX when that does not fit. */
size_t step_memory(nudge_trainer given, size_t capacity);

/* A trainer like `given`, of which is set what step_memory needs, options as step_options leaves them; batch_size: the
 * most rows of a step, of which up to `capacity` are taken at once. */
nudge_status step_make(nudge_trainer given, size_t capacity, void *memory, size_t bytes,
                       nudge_trainer **trainer, nudge_error *error);

/* Before a forward: its rows are those of the next step from this row on. What is drawn for them follows from it. */
void step_mark(nudge_trainer *trainer, size_t row);

/* For the deltas that stand in the plan: the gradients, summed on top of what is there when `accumulate`,
 * and, as soon as a share of them is complete, w <- w - η ΣG / step_rows. */
void step_learn(nudge_trainer *trainer, size_t rows, bool accumulate, size_t step_rows);

/* The update from gradients that stand in the plan, of trainer->rows rows. */
void step_update(nudge_trainer *trainer);

/* nudge_trainer_rows as the net is now: one without transforms is left so. */
nudge_status trainer_take_rows(nudge_trainer *trainer, const nudge_data *data, nudge_part part,
                               const size_t *indices, size_t rows, nudge_error *error);

#endif
