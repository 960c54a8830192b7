/* One fold: a new net, fitted and trained on its training rows, measured on its test rows. Everything is made from the
 * worker's own context. */
#include "base/clock.h"
#include "base/status.h"
#include "learn/cross.h"

#include <string.h>

/* Often enough for who looks at it, and to be stopped. */
static const double TELL_SECONDS = 0.05;

/* -- meanwhile -- */

static void tell(struct cross_worker *worker) {
    struct cross *cross = worker->cross;
    double share = (double)cross->done;
    for (unsigned w = 0; w < cross->worker_count; w++) share += cross->workers[w].share;
    if (cross_stopping(cross) ||
        cross->options.on_progress(cross->options.user, share / (double)cross->count))
        return;
    cross->stopped = true;
    cross_stop(cross);
}

static bool on_step(void *user, const nudge_progress *now) {
    struct cross_worker *worker = user;
    struct cross *cross = worker->cross;
    if (cross_stopping(cross)) return false;
    if (!cross->options.on_progress) return true;
    double time = clock_seconds();
    if (time - worker->told < TELL_SECONDS) return true;
    worker->told = time;
    lock_take(cross->turn);
    worker->share = ((double)(now->epoch - 1) + (double)now->step / (double)now->steps) / (double)now->epochs;
    tell(worker);
    lock_give(cross->turn);
    return !cross_stopping(cross);
}

/* -- what it is computed with -- */

static void on_remark(void *user, const char *sentence) {
    struct cross *cross = user;
    lock_take(cross->turn);
    cross->context->on_remark(cross->context->user, sentence);
    lock_give(cross->turn);
}

static nudge_status make_context(struct cross_worker *worker, nudge_error *error) {
    struct cross *cross = worker->cross;
    const nudge_context *context = cross->context;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.engine = context->kind;
    options.cpu_level = context->cpu_level;
    options.precision = context->precision;
    options.bf16_kernel = nudge_context_bf16_kernel(context);
    options.data_memory = context->data_memory;
    options.threads = 1;
    options.allocator = cross->allocator;
    options.on_remark = context->on_remark ? on_remark : NULL;
    options.user = cross;
    return nudge_context_create(&options, &worker->context, error);
}

static nudge_status make_tables(struct cross_worker *worker, nudge_error *error) {
    const struct cross *cross = worker->cross;
    size_t bytes = cross->classes * cross->classes * sizeof *worker->confusion;
    worker->confusion = memory_get(&cross->allocator, bytes);
    worker->counted = memory_get_zeroed(&cross->allocator, bytes);
    return worker->confusion && worker->counted ? NUDGE_OK
                                                : error_no_memory(error, 2 * bytes, "the confusion tables");
}

/* -- the fold -- */

static nudge_status make_fold(struct cross_worker *worker, uint64_t seed, struct cross_outcome *outcome,
                              nudge_data **data, nudge_error *error) {
    const nudge_cross_options *options = &worker->cross->options;
    nudge_status status = nudge_data_fold(worker->context, worker->cross->data, options->folds,
                                          outcome->fold.fold, seed, data, error);
    if (!status && options->validation_split > 0)
        status = nudge_data_split(*data, options->validation_split, seed, error);
    if (status) return status;
    outcome->fold.train_rows = nudge_data_rows(*data, NUDGE_PART_TRAIN);
    outcome->fold.validation_rows = nudge_data_rows(*data, NUDGE_PART_VALIDATION);
    outcome->fold.test_rows = nudge_data_rows(*data, NUDGE_PART_TEST);
    return NUDGE_OK;
}

static nudge_status make_fold_net(struct cross_worker *worker, uint64_t seed, const nudge_data *data,
                                  nudge_net **net, nudge_error *error) {
    const nudge_cross_options *options = &worker->cross->options;
    nudge_status status =
        nudge_net_create(worker->context, nudge_data_features(data), options->net, seed, net, error);
    if (!status) status = nudge_net_set_cost(*net, options->cost, options->cost_delta, error);
    if (!status && options->init != NUDGE_INIT_DEFAULT)
        status = nudge_net_initialise(*net, options->init, options->init_range, seed, error);
    return status ? status : nudge_net_fit(*net, data, options->scale, options->target_scale, error);
}

/* The folds that are not measured leave no trace in the worker's table. */
static nudge_status measure_fold(struct cross_worker *worker, const nudge_net *net, const nudge_data *data,
                                 struct cross_outcome *outcome, nudge_error *error) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    size_t cells = worker->cross->classes * worker->cross->classes;
    evaluation.confusion = worker->confusion;
    nudge_status status = nudge_evaluate(worker->context, net, data, NUDGE_PART_TEST, &evaluation, error);
    if (status) return status;
    for (size_t i = 0; i < cells; i++) worker->counted[i] += worker->confusion[i];
    memcpy(outcome->fold.metrics, evaluation.metrics, sizeof outcome->fold.metrics);
    outcome->unanswered = evaluation.unanswered;
    outcome->measured = true;
    return NUDGE_OK;
}

static nudge_status learn(struct cross_worker *worker, uint64_t seed, nudge_net *net, const nudge_data *data,
                          struct cross_outcome *outcome, nudge_error *error) {
    nudge_train_options training = worker->cross->training;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    training.seed = seed;
    training.evaluate_test = false;
    training.journal = NULL;
    training.checkpoint = NULL;
    training.on_epoch = NULL;
    training.on_step = on_step;
    training.user = worker;
    nudge_status status = nudge_train(worker->context, net, data, &training, &result, error);
    outcome->fold.diverged = status == NUDGE_DIVERGED;
    if (status || result.stopped) return status;
    outcome->fold.epochs = result.epochs;
    outcome->fold.best_epoch = result.best_epoch;
    outcome->fold.train_cost = result.train_cost;
    outcome->fold.seconds = result.seconds;
    return measure_fold(worker, net, data, outcome, error);
}

nudge_status cross_fold(struct cross_worker *worker, size_t index, struct cross_outcome *outcome,
                        nudge_error *error) {
    const nudge_cross_options *options = &worker->cross->options;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_cross_fold *fold = &outcome->fold;
    fold->struct_size = sizeof *fold;
    fold->repeat = index / options->folds;
    fold->fold = index % options->folds;
    fold->train_cost = __builtin_nan("");
    for (size_t m = 0; m < CROSS_METRICS; m++) fold->metrics[m] = __builtin_nan("");
    uint64_t seed = options->seed + fold->repeat;
    nudge_status status = worker->context ? NUDGE_OK : make_context(worker, error);
    if (!status && worker->cross->classes && !worker->counted) status = make_tables(worker, error);
    if (!status) status = make_fold(worker, seed, outcome, &data, error);
    if (!status) status = make_fold_net(worker, seed, data, &net, error);
    if (!status) status = learn(worker, seed, net, data, outcome, error);
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}
