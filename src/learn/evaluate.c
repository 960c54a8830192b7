/* See evaluate.h. Invariant: costs are summed row by row in double precision, so portions and threads do not
 * show. */
#include "learn/evaluate.h"

#include "base/status.h"
#include "base/struct_size.h"

#include <string.h>

size_t evaluator_classes(const nudge_net *net, const nudge_data *data) {
    return data->classes == 0 ? 0 : net->outputs == 1 ? 2 : net->outputs;
}

nudge_status evaluator_make(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            const struct chosen_cost *cost, size_t rows, size_t scores,
                            struct evaluator *evaluator, nudge_error *error) {
    size_t capacity = rows == 0 ? 1 : rows < EVALUATE_ROWS ? rows : EVALUATE_ROWS, bytes;
    while ((bytes = plan_memory(context, net, REAL_F32, PLAN_PREDICT, capacity)) > EVALUATE_BYTES &&
           capacity > 1)
        capacity = (capacity + 1) / 2;
    void *memory = bytes < SIZE_MAX ? memory_get(&context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, bytes, "the evaluation");
    evaluator->plan = plan_make(context, net, REAL_F32, PLAN_PREDICT, capacity, memory);
    evaluator->cost = *cost;
    evaluator->data = data;
    evaluator->owned = memory;
    evaluator->bytes = bytes;
    nudge_status status = feed_make(&context->allocator, data, FEED_WINDOW_IN_ORDER, &evaluator->feed, error);
    if (!status)
        status = metric_make(&evaluator->sums, &context->allocator, net, evaluator_classes(net, data),
                             data->target_columns, scores, error);
    if (status) evaluator_release(evaluator);
    return status;
}

void evaluator_release(struct evaluator *evaluator) {
    if (!evaluator->owned) return;
    feed_free(evaluator->feed);
    nudge_allocator allocator = evaluator->plan->context->allocator;
    metric_release(&evaluator->sums, &allocator);
    memory_release(&allocator, evaluator->owned, evaluator->bytes);
    evaluator->owned = NULL;
}

/* What the batch's rows are answered: right, wrong as which class, not at all. `first` is its place in the part. */
static double count_answers(struct evaluator *evaluator, const struct row_source *source, size_t first,
                            uint64_t *confusion, struct figures *figures) {
    const struct plan *plan = evaluator->plan;
    size_t classes = evaluator_classes(plan->net, evaluator->data);
    double right = 0;
    for (size_t r = 0; r < source->rows; r++) {
        size_t answer = batch_answer(plan, plan_last(plan)->y, r);
        double weight = batch_weight(source, r);
        evaluator->counted += weight;
        if (answer == NUDGE_NO_ANSWER) {
            if (figures->unanswered++ == 0) figures->first_unanswered = first + r;
            if (classes)
                metric_add_class(&evaluator->sums, plan, r, batch_answer(plan, plan->targets, r),
                                 NUDGE_NO_ANSWER, weight);
        } else if (classes) {
            size_t truth = batch_answer(plan, plan->targets, r);
            right += truth == answer ? weight : 0;
            if (confusion) confusion[truth * classes + answer]++;
            metric_add_class(&evaluator->sums, plan, r, truth, answer, weight);
        } else {
            metric_add_numbers(&evaluator->sums, plan, r, weight);
        }
    }
    return right;
}

/* One batch; returns the sum of its costs. */
static double evaluate_batch(struct evaluator *evaluator, const struct row_source *source) {
    struct plan *plan = evaluator->plan;
    struct walk_cost walk_cost = cost_for_walk(&evaluator->cost);
    batch_targets(plan, source);
    walk_forward(plan, source->rows, &(struct walk_batch){rows_inputs, source}, &walk_cost);
    return batch_cost(plan, source->rows);
}

nudge_status evaluator_run(struct evaluator *evaluator, nudge_part part, uint64_t *confusion,
                           struct figures *figures, nudge_error *error) {
    struct plan *plan = evaluator->plan;
    const nudge_data *data = evaluator->data;
    size_t all = nudge_data_rows(data, part);
    double right = 0;
    struct feed *feed = nudge_data_in_memory(data, part) ? NULL : evaluator->feed;
    double sum = 0, none = __builtin_nan("");
    nudge_status status = NUDGE_OK;
    *figures = (struct figures){none, none, 0, 0};
    metric_start(&evaluator->sums);
    evaluator->counted = 0;
    struct row_weights weights;
    const nudge_allocator *allocator = &plan->context->allocator;
    status = weights_make(&weights, allocator, plan->net, data, part, error);
    if (feed) feed_start(feed, part, NULL);
    for (size_t first = 0; !status && first < all; first += plan->capacity) {
        size_t rows = all - first < plan->capacity ? all - first : plan->capacity;
        if (feed) status = feed_rows(feed, first, rows, error);
        if (status) break;
        struct row_source source = {
            .data = data, .part = part, .feed = feed, .first = first, .rows = rows, .weights = &weights};
        sum += evaluate_batch(evaluator, &source);
        right += count_answers(evaluator, &source, first, confusion, figures);
    }
    weights_release(&weights, allocator);
    if (status) return status;
    if (all > 0) figures->cost = sum / (double)all;
    if (all > 0 && data->classes)
        figures->accuracy = evaluator->counted > 0 ? right / evaluator->counted : none;
    return NUDGE_OK;
}

double evaluator_metric(const struct evaluator *evaluator, const struct figures *figures,
                        nudge_metric metric) {
    return metric == NUDGE_METRIC_COST ? figures->cost : metric_figure(&evaluator->sums, metric);
}

static void give_metrics(const struct evaluator *evaluator, const struct figures *figures,
                         nudge_evaluation *evaluation) {
    const struct metric_sums *sums = &evaluator->sums;
    for (size_t m = 0; m < sizeof evaluation->metrics / sizeof *evaluation->metrics; m++)
        evaluation->metrics[m] =
            m < NUDGE_METRICS ? evaluator_metric(evaluator, figures, (nudge_metric)m) : __builtin_nan("");
    for (size_t j = 0; evaluation->of_targets && j < sums->targets; j++) {
        evaluation->of_targets[j] = metric_target_r_squared(sums, j);
        evaluation->of_targets[sums->targets + j] = metric_target_rmse(sums, j);
        evaluation->of_targets[2 * sums->targets + j] = metric_target_mae(sums, j);
    }
}

nudge_status nudge_evaluate(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            nudge_part part, nudge_evaluation *evaluation, nudge_error *error) {
    if (missing(error, context, net, data, evaluation)) return NUDGE_BAD_ARGUMENT;
    nudge_evaluation filled = NUDGE_EVALUATION;
    struct chosen_cost chosen = cost_of(net);
    struct evaluator evaluator = {0};
    if (!options_take(&filled, sizeof filled, evaluation))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "evaluation: struct_size is not set; begin with NUDGE_EVALUATION");
    if (nudge_data_rows(data, part) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", data->name, data_part_name(part));
    nudge_status status = batch_check(net, data, error);
    if (!status) status = cost_check_targets(&chosen, net, data, part, error);
    if (!status)
        status = evaluator_make(context, net, data, &chosen, nudge_data_rows(data, part),
                                nudge_data_rows(data, part), &evaluator, error);
    if (status) return status;
    struct figures figures;
    uint64_t *confusion = NULL; /* the caller's stays as it is until all rows have been read */
    size_t classes = evaluator_classes(net, data), bytes = 0;
    if (filled.confusion && classes) {
        if (__builtin_mul_overflow(classes * sizeof *confusion, classes, &bytes)) bytes = SIZE_MAX;
        confusion = bytes < SIZE_MAX ? memory_get_zeroed(&context->allocator, bytes) : NULL;
        if (!confusion) status = error_no_memory(error, bytes, "the confusion table");
    }
    if (!status) status = evaluator_run(&evaluator, part, confusion, &figures, error);
    if (!status && confusion) memcpy(filled.confusion, confusion, bytes);
    if (!status) give_metrics(&evaluator, &figures, &filled);
    memory_release(&context->allocator, confusion, bytes);
    evaluator_release(&evaluator);
    if (status) return status;
    filled.rows = nudge_data_rows(data, part);
    filled.cost = figures.cost;
    filled.accuracy = figures.accuracy;
    filled.unanswered = figures.unanswered;
    filled.first_unanswered = figures.first_unanswered;
    options_give(evaluation, &filled, sizeof filled);
    return NUDGE_OK;
}
