/* The area under the ROC curve of two classes: how often a row of the second class has a larger output for it than a row
 * of the first, ties counting half (Hanley and McNeil 1982). By ranks: with n₁ rows of the second class, whose ranks
 * among all n sum to R, it is (R - n₁ (n₁ + 1) / 2) / (n₁ (n - n₁)). */
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
    double ranks = 0, second = 0;
    for (size_t i = 0, end; i < n; i = end) {
        double tied = scores[i].second;
        for (end = i + 1; end < n && scores[end].share == scores[i].share; end++) tied += scores[end].second;
        double rank = ((double)i + 1 + (double)end) / 2; /* the mean of those that are tied */
        ranks += rank * tied;
        second += tied;
    }
    double first = (double)n - second;
    return first > 0 && second > 0 ? (ranks - second * (second + 1) / 2) / (first * second)
                                   : __builtin_nan("");
}
