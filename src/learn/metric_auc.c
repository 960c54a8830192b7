/* The area under the ROC curve of two classes: how often a row of the second class has a larger output for it than a row
 * of the first, ties counting half (Hanley and McNeil 1982), and a pair its rows' weights. */
#include "learn/metric.h"

#include <stdlib.h>

static int compare_scores(const void *a, const void *b) {
    float x = ((const struct metric_score *)a)->share, y = ((const struct metric_score *)b)->share;
    return (x > y) - (x < y);
}

double metric_auc(const struct metric_sums *sums) {
    size_t n = (size_t)sums->rows;
    if (!sums->scores || n > sums->room) return __builtin_nan("");
    struct metric_score *scores = sums->scores;
    qsort(scores, n, sizeof *scores, compare_scores);
    double pairs = 0, first = 0, second = 0; /* Σ w w' of pairs that stand right; Σ w of each class so far */
    for (size_t i = 0, end; i < n; i = end) {
        double tied[2] = {0};
        for (end = i; end == i || (end < n && scores[end].share == scores[i].share); end++)
            tied[scores[end].second] += scores[end].weight;
        pairs += tied[1] * (first + tied[0] / 2);
        first += tied[0];
        second += tied[1];
    }
    return first > 0 && second > 0 ? pairs / (first * second) : __builtin_nan("");
}
