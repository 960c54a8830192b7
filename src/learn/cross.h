/* Cross-validation: see nudge_cross_validate. Invariant: what a fold comes to depends on the data, the options and its
 * number alone, and figures are summed in the folds' order: how many threads there are, and which of them computes
 * what, does not show. */
#ifndef NUDGE_LEARN_CROSS_H
#define NUDGE_LEARN_CROSS_H

#include "base/context.h"
#include "base/lock.h"
#include "data/data.h"

enum { CROSS_METRICS = 16 };

struct cross;

/* What one of the threads has of its own. */
struct cross_worker {
    struct cross *cross;
    nudge_context *context;        /* of one thread; made with its first fold */
    uint64_t *confusion, *counted; /* [classes][classes] of its fold; of all its folds. NULL: not wanted */
    double share;                  /* of its fold, that is done */
    double told;                   /* when it called on_progress last */
};

struct cross_outcome {
    nudge_cross_fold fold;
    bool measured;
    size_t unanswered;
};

struct cross {
    nudge_context *context; /* the caller's */
    const nudge_data *data;
    nudge_cross_options options;
    nudge_train_options training;
    size_t count;              /* folds of all repeats */
    size_t classes;            /* of the net's answers; 0: numbers, or the table is not wanted */
    nudge_allocator allocator; /* the caller's context's, one thread at a time */
    struct lock *memory;
    struct cross_worker *workers; /* [worker_count] */
    unsigned worker_count;
    struct cross_outcome *outcomes; /* [count] */
    bool stop;                      /* read by all while one writes it: by __atomic alone */
    struct lock *turn;              /* whose turn it is to tell, and to write what follows: */
    bool stopped;
    size_t done;
    size_t failed; /* the first fold that failed; count: none */
    nudge_status status;
    nudge_error error;
};

bool cross_stopping(const struct cross *cross);
/* Whoever has the turn: no more folds, no more steps. */
void cross_stop(struct cross *cross);

/* Trains and measures fold `index` of all repeats. Errors: NUDGE_DIVERGED, and all that end the whole. */
nudge_status cross_fold(struct cross_worker *worker, size_t index, struct cross_outcome *outcome,
                        nudge_error *error);

/* Fills the result in from the outcomes. */
void cross_figures(const struct cross *cross, nudge_cross_result *result);

#endif
