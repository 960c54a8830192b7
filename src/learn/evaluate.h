/* Cost and accuracy of a net on a part of a data set. */
#ifndef NUDGE_LEARN_EVALUATE_H
#define NUDGE_LEARN_EVALUATE_H

#include "learn/batch.h"
#include "learn/cost.h"
#include "learn/metric.h"

/* Rows at once: as many as keep the engine busy, fewer where they are large. */
enum { EVALUATE_ROWS = 256, EVALUATE_BYTES = 64 << 20 };

struct evaluator {
    struct plan *plan;
    struct chosen_cost cost;
    const nudge_data *data;
    struct feed *feed;       /* NULL: all parts are in memory */
    struct metric_sums sums; /* of the part that was evaluated last, and */
    double counted;          /* its rows' own weights */
    void *owned;
    size_t bytes;
};

struct figures {
    double cost, accuracy; /* NaN: there is none */
    size_t unanswered;     /* rows with outputs that are not finite: no class is right for them */
    size_t first_unanswered;
};

/* A metric of the part that was evaluated last. */
double evaluator_metric(const struct evaluator *evaluator, const struct figures *figures,
                        nudge_metric metric);

/* How many classes the net answers: the rows' may be fewer. 0 for regression. */
size_t evaluator_classes(const nudge_net *net, const nudge_data *data);

/* For parts of at most `rows` rows; `scores`: of at most so many the AUC is wanted. */
nudge_status evaluator_make(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            const struct chosen_cost *cost, size_t rows, size_t scores,
                            struct evaluator *evaluator, nudge_error *error);
void evaluator_release(struct evaluator *evaluator); /* one that is all zero is allowed */

/* NaN for a part without rows. `confusion` (may be NULL) [classes][classes], of the net, is added to. Allocates
 * class weights alone.
 * Errors: rows that cannot be read. */
nudge_status evaluator_run(struct evaluator *evaluator, nudge_part part, uint64_t *confusion,
                           struct figures *figures, nudge_error *error);

#endif
