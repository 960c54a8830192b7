/* Metrics: how well rows are answered, in one number each. Sums are taken while rows are answered, in one pass; every
 * metric is a function of them, and a row of the table in metric.c.
 *
 *     accuracy           rows whose answer is their class / rows
 *     recall of c        rows of class c that are answered c / rows of class c
 *     precision of c     rows of class c that are answered c / rows answered c
 *     R²                 1 - Σ (a - y)² / Σ (y - mean y)²
 *
 * Invariant: a regression's sums are in the targets' own units; what is not known is NaN. */
#ifndef NUDGE_LEARN_METRIC_H
#define NUDGE_LEARN_METRIC_H

#include "net/plan.h"

struct metric_score {
    float share; /* of the second of two classes */
    bool second; /* it is the row's class */
    double weight;
};

struct metric_sums {
    size_t classes, targets;
    uint64_t rows;
    double weight; /* Σ w: with rows' own weights every sum below is one of weights */
    bool shares;   /* outputs are probabilities: softmax, or one sigmoid */
    /* classes: */
    double *asked, *answered, *right; /* [classes] rows of the class, answered as it, both */
    double log_loss;                  /* Σ -ln p(class) */
    struct metric_score *scores;      /* [room] of two classes, for the AUC; NULL: not kept */
    size_t room;
    /* numbers, of each target [targets]: */
    double *first, *sum,
        *squares;               /* of y - first and its square: `first` keeps the digits of large targets */
    double *squared, *absolute; /* of a - y */
};

struct metric {
    const char *name, *summary;
    bool higher; /* is better */
    enum { METRIC_OF_ANY, METRIC_OF_CLASSES, METRIC_OF_TWO, METRIC_OF_NUMBERS } task;
    double (*figure)(const struct metric_sums *sums);
};
extern const struct metric metrics[];

/* For a net on such data. `scores`: rows of which the AUC is wanted. Released in every case. */
nudge_status metric_make(struct metric_sums *sums, const nudge_allocator *allocator, const nudge_net *net,
                         size_t classes, size_t targets, size_t scores, nudge_error *error);
void metric_release(struct metric_sums *sums, const nudge_allocator *allocator);
void metric_start(struct metric_sums *sums);

/* Row `row` of the plan, answered as `answer`; `truth` is its class; `weight` its own. */
void metric_add_class(struct metric_sums *sums, const struct plan *plan, size_t row, size_t truth,
                      size_t answer, double weight);
/* The same of numbers, both as the net sees them. */
void metric_add_numbers(struct metric_sums *sums, const struct plan *plan, size_t row, double weight);

/* NaN where the metric is not for this task. NUDGE_METRIC_COST is not among them: the evaluator knows it. */
double metric_figure(const struct metric_sums *sums, nudge_metric metric);

/* Whether a metric can be watched for such data. Errors: NUDGE_BAD_ARGUMENT. */
nudge_status metric_check(nudge_metric metric, const nudge_net *net, size_t classes, nudge_error *error);

double metric_accuracy(const struct metric_sums *sums);
double metric_precision(const struct metric_sums *sums);
double metric_recall(const struct metric_sums *sums);
double metric_f1(const struct metric_sums *sums);
double metric_log_loss(const struct metric_sums *sums);
double metric_auc(const struct metric_sums *sums);
double metric_r_squared(const struct metric_sums *sums);
double metric_rmse(const struct metric_sums *sums);
double metric_mae(const struct metric_sums *sums);

/* Of one target. */
double metric_target_r_squared(const struct metric_sums *sums, size_t j);
double metric_target_rmse(const struct metric_sums *sums, size_t j);
double metric_target_mae(const struct metric_sums *sums, size_t j);

#endif
