/* Metrics of classes. Means over classes leave out those without a row: nothing can be said of them. */
#include "base/elementary.h"
#include "learn/batch.h"
#include "learn/metric.h"

/* No certainty is so wrong that one row outweighs all others: as scikit-learn's log_loss clips for f32. */
static const float LEAST_SHARE = 0x1p-23f;

static float share_of(const struct plan *plan, size_t row, size_t class_index) {
    const float *a = (const float *)plan_last(plan)->y + row * plan->output_stride;
    if (plan->net->outputs > 1) return a[class_index];
    return class_index ? a[0] : 1 - a[0];
}

void metric_add_class(struct metric_sums *sums, const struct plan *plan, size_t row, size_t truth,
                      size_t answer, double weight) {
    if (truth >= sums->classes) return;
    sums->asked[truth] += weight;
    if (answer < sums->classes) sums->answered[answer] += weight;
    if (answer == truth) sums->right[truth] += weight;
    bool finite = answer < sums->classes; /* a row without an answer is wrong as far as it can be */
    if (sums->scores && sums->rows < sums->room)
        sums->scores[sums->rows] = (struct metric_score){finite  ? share_of(plan, row, 1)
                                                         : truth ? -1
                                                                 : 2,
                                                         truth == 1, weight};
    sums->rows++;
    sums->weight += weight;
    if (!sums->shares) return;
    float share = finite ? share_of(plan, row, truth) : 0;
    sums->log_loss -= weight * (double)f32_log(share > LEAST_SHARE ? share : LEAST_SHARE);
}

static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

double metric_accuracy(const struct metric_sums *sums) {
    double right = 0;
    for (size_t c = 0; c < sums->classes; c++) right += sums->right[c];
    return ratio(right, sums->weight);
}

static double recall_of(const struct metric_sums *sums, size_t c) {
    return ratio(sums->right[c], sums->asked[c]);
}
static double precision_of(const struct metric_sums *sums, size_t c) {
    return ratio(sums->right[c], sums->answered[c]);
}
/* The harmonic mean of both. */
static double f1_of(const struct metric_sums *sums, size_t c) {
    return ratio(2 * sums->right[c], sums->asked[c] + sums->answered[c]);
}

static double mean_of_classes(const struct metric_sums *sums,
                              double (*figure)(const struct metric_sums *sums, size_t c)) {
    double sum = 0, count = 0;
    for (size_t c = 0; c < sums->classes; c++) {
        if (!(sums->asked[c] > 0)) continue;
        sum += figure(sums, c);
        count++;
    }
    return sum / count;
}

double metric_recall(const struct metric_sums *sums) {
    return mean_of_classes(sums, recall_of);
}
double metric_precision(const struct metric_sums *sums) {
    return mean_of_classes(sums, precision_of);
}
double metric_f1(const struct metric_sums *sums) {
    return mean_of_classes(sums, f1_of);
}

double metric_log_loss(const struct metric_sums *sums) {
    return sums->shares ? sums->log_loss / sums->weight : __builtin_nan("");
}
