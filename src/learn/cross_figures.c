/* What cross-validation comes to: means and deviations over the folds, in their order. */
#include "learn/cross.h"

#include <math.h>
#include <string.h>

static double figure_of(const struct cross_outcome *outcome, size_t metric) {
    return outcome->measured ? outcome->fold.metrics[metric] : __builtin_nan("");
}

/* √(Σ (x - mean)² / (n - 1)), NaN of fewer than two. */
static double deviation_of(const struct cross *cross, size_t metric, double mean, size_t known) {
    double squares = 0;
    for (size_t i = 0; i < cross->count; i++) {
        double away = figure_of(&cross->outcomes[i], metric) - mean;
        if (away == away) squares += away * away;
    }
    return known > 1 ? sqrt(squares / (double)(known - 1)) : __builtin_nan("");
}

static void give_metric(const struct cross *cross, size_t metric, nudge_cross_result *result) {
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < cross->count; i++) {
        double figure = figure_of(&cross->outcomes[i], metric);
        if (figure != figure) continue;
        sum += figure;
        known++;
    }
    result->known[metric] = known;
    result->mean[metric] = known ? sum / (double)known : __builtin_nan("");
    result->deviation[metric] = deviation_of(cross, metric, result->mean[metric], known);
}

void cross_figures(const struct cross *cross, nudge_cross_result *result) {
    result->folds = result->diverged = result->rows = result->unanswered = 0;
    result->stopped = cross->stopped;
    for (size_t i = 0; i < cross->count; i++) {
        const struct cross_outcome *outcome = &cross->outcomes[i];
        result->folds += outcome->measured;
        result->diverged += outcome->fold.diverged;
        result->rows += outcome->measured ? outcome->fold.test_rows : 0;
        result->unanswered += outcome->unanswered;
        for (size_t m = 0; result->each && m < CROSS_METRICS; m++)
            result->each[i * CROSS_METRICS + m] = figure_of(outcome, m);
    }
    for (size_t m = 0; m < CROSS_METRICS; m++) give_metric(cross, m, result);
    size_t cells = cross->classes * cross->classes;
    if (cells) memset(result->confusion, 0, cells * sizeof *result->confusion);
    for (unsigned w = 0; w < cross->worker_count; w++)
        for (size_t i = 0; cross->workers[w].counted && i < cells; i++)
            result->confusion[i] += cross->workers[w].counted[i];
}
