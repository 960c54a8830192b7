/* Metrics of numbers, in the targets' own units: what the net sees is (y - shift) factor, so an error there is the real
 * one times the factor. Over several targets R² is the mean of theirs, as their units may differ. */
#include "learn/metric.h"

void metric_add_numbers(struct metric_sums *sums, const struct plan *plan, size_t row, double weight) {
    const float *a = (const float *)plan_last(plan)->y + row * plan->output_stride;
    const float *y = (const float *)plan->targets + row * plan->output_stride;
    const struct transform *t = &plan->net->targets_transform;
    for (size_t j = 0; j < sums->targets; j++) {
        double factor = t->count ? (double)t->factor[j] : 1, shift = t->count ? (double)t->shift[j] : 0;
        double target = (double)y[j] / factor + shift, error = ((double)a[j] - (double)y[j]) / factor;
        if (sums->rows == 0) sums->first[j] = target;
        double away = target - sums->first[j];
        sums->sum[j] += weight * away;
        sums->squares[j] += weight * away * away;
        sums->squared[j] += weight * error * error;
        sums->absolute[j] += weight * (error < 0 ? -error : error);
    }
    sums->rows++;
    sums->weight += weight;
}

double metric_target_r_squared(const struct metric_sums *sums, size_t j) {
    double deviation = sums->squares[j] - sums->sum[j] * sums->sum[j] / sums->weight;
    return deviation > 0 ? 1 - sums->squared[j] / deviation : __builtin_nan("");
}
double metric_target_rmse(const struct metric_sums *sums, size_t j) {
    return __builtin_sqrt(sums->squared[j] / sums->weight);
}
double metric_target_mae(const struct metric_sums *sums, size_t j) {
    return sums->absolute[j] / sums->weight;
}

double metric_r_squared(const struct metric_sums *sums) {
    double sum = 0;
    for (size_t j = 0; j < sums->targets; j++) sum += metric_target_r_squared(sums, j);
    return sum / (double)sums->targets;
}

double metric_rmse(const struct metric_sums *sums) {
    double sum = 0;
    for (size_t j = 0; j < sums->targets; j++) sum += sums->squared[j];
    return __builtin_sqrt(sum / (sums->weight * (double)sums->targets));
}

double metric_mae(const struct metric_sums *sums) {
    double sum = 0;
    for (size_t j = 0; j < sums->targets; j++) sum += metric_target_mae(sums, j);
    return sum / (double)sums->targets;
}
