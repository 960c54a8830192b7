/* See metric.h. A new metric is a function and a row here. */
#include "learn/metric.h"

#include "base/memory.h"
#include "base/names.h"
#include "base/status.h"
#include "net/ops.h"

#include <string.h>

const struct metric metrics[] = {
    [NUDGE_METRIC_COST] = {"cost", "the mean cost that is trained on", false, METRIC_OF_ANY, NULL},
    [NUDGE_METRIC_ACCURACY] = {"accuracy", "rows that are answered with their class", true, METRIC_OF_CLASSES,
                               metric_accuracy},
    [NUDGE_METRIC_BALANCED_ACCURACY] = {"balanced-accuracy", "the mean of the classes' recalls", true,
                                        METRIC_OF_CLASSES, metric_recall},
    [NUDGE_METRIC_PRECISION] = {"precision", "the mean of the classes' precisions", true, METRIC_OF_CLASSES,
                                metric_precision},
    [NUDGE_METRIC_F1] = {"f1", "the mean of the classes' F1 (macro)", true, METRIC_OF_CLASSES, metric_f1},
    [NUDGE_METRIC_LOG_LOSS] = {"log-loss", "the mean of -ln(probability given to the class)", false,
                               METRIC_OF_CLASSES, metric_log_loss},
    [NUDGE_METRIC_AUC] = {"auc", "of two classes: the area under the ROC curve", true, METRIC_OF_TWO,
                          metric_auc},
    [NUDGE_METRIC_R_SQUARED] = {"r2", "1 - squared error / squared deviation from the mean", true,
                                METRIC_OF_NUMBERS, metric_r_squared},
    [NUDGE_METRIC_RMSE] = {"rmse", "the root of the mean squared error, in the target's units", false,
                           METRIC_OF_NUMBERS, metric_rmse},
    [NUDGE_METRIC_MAE] = {"mae", "the mean absolute error, in the target's units", false, METRIC_OF_NUMBERS,
                          metric_mae},
};
enum { METRICS = sizeof metrics / sizeof *metrics };
_Static_assert((int)METRICS == (int)NUDGE_METRICS, "a metric without a row");

const char *nudge_metric_name(nudge_metric metric, const char **summary) {
    if ((unsigned)metric >= METRICS) return NULL;
    if (summary) *summary = metrics[metric].summary;
    return metrics[metric].name;
}

nudge_status nudge_metric_from_name(const char *name, nudge_metric *metric, nudge_error *error) {
    if (missing(error, name, metric)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_OF(metrics, METRICS), name, "metric", error);
    if (!status) *metric = (nudge_metric)row;
    return status;
}

bool nudge_metric_higher_is_better(nudge_metric metric) {
    return (unsigned)metric < METRICS && metrics[metric].higher;
}

/* -- sums -- */

/* | asked | answered | right | [classes] each, | first | sum | squares | squared | absolute | [targets] each */
static size_t sums_bytes(const struct metric_sums *sums) {
    return (3 * sums->classes + 5 * sums->targets) * sizeof(double);
}

/* Whether the outputs are probabilities of the classes. */
static bool gives_shares(const nudge_net *net) {
    const struct op *last = net_activation(net, net->layers)->op;
    return last->by_row || (net->outputs == 1 && strcmp(last->name, "sigmoid") == 0);
}

nudge_status metric_make(struct metric_sums *sums, const nudge_allocator *allocator, const nudge_net *net,
                         size_t classes, size_t targets, size_t scores, nudge_error *error) {
    *sums = (struct metric_sums){.classes = classes, .targets = targets, .room = classes == 2 ? scores : 0};
    sums->shares = gives_shares(net);
    size_t room = 0;
    if (!size_multiply(&room, sums->room, sizeof *sums->scores)) room = SIZE_MAX;
    double *counts = memory_get_zeroed(allocator, sums_bytes(sums));
    if (counts && sums->room) sums->scores = room < SIZE_MAX ? memory_get(allocator, room) : NULL;
    if (!counts || (sums->room && !sums->scores)) {
        memory_release(allocator, counts, sums_bytes(sums));
        *sums = (struct metric_sums){0};
        return error_no_memory(error, room, "metrics");
    }
    sums->asked = counts;
    sums->answered = counts + classes;
    sums->right = counts + 2 * classes;
    double *numbers = counts + 3 * classes;
    sums->first = numbers;
    sums->sum = numbers + targets;
    sums->squares = numbers + 2 * targets;
    sums->squared = numbers + 3 * targets;
    sums->absolute = numbers + 4 * targets;
    return NUDGE_OK;
}

void metric_release(struct metric_sums *sums, const nudge_allocator *allocator) {
    if (sums->asked) memory_release(allocator, sums->asked, sums_bytes(sums));
    memory_release(allocator, sums->scores, sums->room * sizeof *sums->scores);
    *sums = (struct metric_sums){0};
}

void metric_start(struct metric_sums *sums) {
    memset(sums->asked, 0, sums_bytes(sums));
    sums->rows = 0;
    sums->weight = 0;
    sums->log_loss = 0;
}

double metric_figure(const struct metric_sums *sums, nudge_metric metric) {
    const struct metric *m = &metrics[metric];
    bool fits = (m->task == METRIC_OF_CLASSES && sums->classes) ||
                (m->task == METRIC_OF_TWO && sums->classes == 2) ||
                (m->task == METRIC_OF_NUMBERS && !sums->classes);
    return fits && sums->weight > 0 ? m->figure(sums) : __builtin_nan("");
}

nudge_status metric_check(nudge_metric metric, const nudge_net *net, size_t classes, nudge_error *error) {
    if ((unsigned)metric >= METRICS)
        return error_set(error, NUDGE_BAD_ARGUMENT, "metric %d, expected 0 to %d", (int)metric, METRICS - 1);
    const struct metric *m = &metrics[metric];
    const char *expected = m->task == METRIC_OF_CLASSES && !classes   ? "classes"
                           : m->task == METRIC_OF_TWO && classes != 2 ? "two classes"
                           : m->task == METRIC_OF_NUMBERS && classes  ? "numbers as targets"
                           : metric == NUDGE_METRIC_LOG_LOSS && classes && !gives_shares(net)
                               ? "softmax, or one sigmoid output"
                               : NULL;
    return expected ? error_set(error, NUDGE_BAD_ARGUMENT, "metric %s is for %s", m->name, expected)
                    : NUDGE_OK;
}
