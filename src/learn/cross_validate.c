/* See nudge_cross_validate. The context's threads take the folds; what they share is either read alone or under one of
 * two locks: that of the allocator, which asks for one thread at a time, and the turn to tell the caller. */
#include "base/parallel.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "learn/cross.h"
#include "learn/step.h"

enum { MOST_FOLDS = 1 << 24 };

/* -- memory, one thread at a time -- */

static void *allocate_counted(void *user, size_t bytes) {
    struct cross *cross = user;
    lock_take(cross->memory);
    void *memory = memory_get(&cross->context->allocator, bytes);
    lock_give(cross->memory);
    return memory;
}

static void release_counted(void *user, void *memory, size_t bytes) {
    struct cross *cross = user;
    lock_take(cross->memory);
    memory_release(&cross->context->allocator, memory, bytes);
    lock_give(cross->memory);
}

/* -- the folds -- */

bool cross_stopping(const struct cross *cross) {
    return __atomic_load_n(&cross->stop, __ATOMIC_RELAXED);
}

void cross_stop(struct cross *cross) {
    __atomic_store_n(&cross->stop, true, __ATOMIC_RELAXED);
}

/* A fold that diverges leaves the others alone; any other failure ends it. */
static void note_failure(struct cross *cross, size_t index, nudge_status status, const nudge_error *error) {
    bool graver = status != NUDGE_DIVERGED && cross->status == NUDGE_DIVERGED;
    bool same = (status == NUDGE_DIVERGED) == (cross->status == NUDGE_DIVERGED);
    if (status != NUDGE_DIVERGED) cross_stop(cross);
    if (cross->status && !graver && !(same && index < cross->failed)) return;
    cross->failed = index;
    cross->status = status;
    cross->error = *error;
}

static void run_fold(void *argument, size_t index, unsigned number) {
    struct cross *cross = argument;
    struct cross_worker *worker = &cross->workers[number];
    struct cross_outcome *outcome = &cross->outcomes[index];
    const nudge_cross_options *options = &cross->options;
    nudge_error error = {0};
    if (cross_stopping(cross)) return;
    nudge_status status = cross_fold(worker, index, outcome, &error);
    lock_take(cross->turn);
    worker->share = 0;
    if (outcome->measured || outcome->fold.diverged) {
        cross->done++;
        if (!cross_stopping(cross) && options->on_fold && !options->on_fold(options->user, &outcome->fold)) {
            cross->stopped = true;
            cross_stop(cross);
        }
    }
    if (status) note_failure(cross, index, status, &error);
    lock_give(cross->turn);
}

static size_t count_diverged(const struct cross *cross) {
    size_t count = 0;
    for (size_t i = 0; i < cross->count; i++) count += cross->outcomes[i].fold.diverged;
    return count;
}

/* Folds are counted from 1 where people read of them. */
static nudge_status tell_failure(const struct cross *cross, nudge_error *error) {
    const nudge_cross_options *options = &cross->options;
    size_t fold = cross->failed % options->folds + 1, repeat = cross->failed / options->folds + 1;
    if (cross->status == NUDGE_NO_MEMORY) return error_set(error, cross->status, "%s", cross->error.message);
    if (cross->status != NUDGE_DIVERGED)
        return error_set(error, cross->status, "fold %zu of %zu: %s", fold, options->folds,
                         cross->error.message);
    if (options->repeats == 1)
        return error_set(error, NUDGE_DIVERGED, "%zu of %zu folds diverged; fold %zu: %s",
                         count_diverged(cross), cross->count, fold, cross->error.message);
    return error_set(error, NUDGE_DIVERGED, "%zu of %zu folds diverged; fold %zu of repeat %zu: %s",
                     count_diverged(cross), cross->count, fold, repeat, cross->error.message);
}

/* -- options -- */

static nudge_status check_cross(struct cross *cross, nudge_error *error) {
    const nudge_cross_options *options = &cross->options;
    if (!options->net)
        return error_set(error, NUDGE_BAD_ARGUMENT, "cross-validation: the network's text is missing");
    if (options->repeats == 0) return error_set(error, NUDGE_BAD_ARGUMENT, "0 repeats, expected at least 1");
    if (!size_multiply(&cross->count, options->folds, options->repeats) || cross->count > MOST_FOLDS)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%zu repeats of %zu folds, expected at most %d folds in all", options->repeats,
                         options->folds, MOST_FOLDS);
    if (!(options->validation_split >= 0 && options->validation_split < 1))
        return error_set(error, NUDGE_BAD_ARGUMENT, "validation fraction %s, expected from 0 on and below 1",
                         text_number(options->validation_split, 6).text);
    if (cross->training.patience && options->validation_split == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "patience %zu needs validation rows: validation_split is 0, expected above it",
                         cross->training.patience);
    return NUDGE_OK;
}

/* What does not depend on the fold is refused before any of them, and without its number. */
static nudge_status try_first(struct cross *cross, bool table, nudge_error *error) {
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_status status = nudge_data_fold(cross->context, cross->data, cross->options.folds, 0,
                                          cross->options.seed, &data, error);
    if (!status)
        status = nudge_net_create(cross->context, cross->data->features, cross->options.net, 1, &net, error);
    if (!status) status = batch_check(net, data, error);
    if (!status && table && cross->data->classes) cross->classes = net->outputs == 1 ? 2 : net->outputs;
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

static nudge_status take_options(struct cross *cross, const nudge_cross_options *given, nudge_error *error) {
    cross->options = (nudge_cross_options)NUDGE_CROSS_OPTIONS;
    if (!options_take(&cross->options, sizeof cross->options, given))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "cross-validation options: struct_size is not set; begin with NUDGE_CROSS_OPTIONS");
    nudge_status status = step_options(&cross->training, cross->options.training, error);
    return status ? status : check_cross(cross, error);
}

/* -- all of it -- */

static size_t outcome_bytes(const struct cross *cross) {
    return cross->count * sizeof *cross->outcomes;
}
static size_t worker_bytes(const struct cross *cross) {
    return cross->worker_count * sizeof *cross->workers;
}

static nudge_status make_cross(struct cross *cross, nudge_error *error) {
    const nudge_allocator *allocator = &cross->context->allocator;
    cross->allocator = (nudge_allocator){allocate_counted, release_counted, cross};
    cross->worker_count = workers_count(cross->context->workers);
    cross->workers = memory_get_zeroed(allocator, worker_bytes(cross));
    cross->outcomes = memory_get_zeroed(allocator, outcome_bytes(cross));
    if (!cross->workers || !cross->outcomes)
        return error_no_memory(error, worker_bytes(cross) + outcome_bytes(cross), "cross-validation");
    for (unsigned w = 0; w < cross->worker_count; w++) cross->workers[w].cross = cross;
    nudge_status status = lock_create(allocator, &cross->memory, error);
    return status ? status : lock_create(allocator, &cross->turn, error);
}

static void dispose(struct cross *cross) {
    const nudge_allocator *allocator = &cross->context->allocator;
    size_t table = cross->classes * cross->classes * sizeof(uint64_t);
    for (unsigned w = 0; cross->workers && w < cross->worker_count; w++) {
        memory_release(allocator, cross->workers[w].confusion, table);
        memory_release(allocator, cross->workers[w].counted, table);
        nudge_context_free(cross->workers[w].context);
    }
    memory_release(allocator, cross->workers, worker_bytes(cross));
    memory_release(allocator, cross->outcomes, outcome_bytes(cross));
    lock_free(cross->turn);
    lock_free(cross->memory);
}

nudge_status nudge_cross_validate(nudge_context *context, const nudge_data *data,
                                  const nudge_cross_options *options, nudge_cross_result *result,
                                  nudge_error *error) {
    if (missing(error, context, data, options, result)) return NUDGE_BAD_ARGUMENT;
    struct cross cross = {.context = context, .data = data};
    nudge_cross_result filled = NUDGE_CROSS_RESULT;
    if (!options_take(&filled, sizeof filled, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "cross-validation result: struct_size is not set; begin with NUDGE_CROSS_RESULT");
    nudge_status status = take_options(&cross, options, error);
    if (!status) status = try_first(&cross, filled.confusion != NULL, error);
    if (status) return status;
    status = make_cross(&cross, error);
    if (!status) {
        workers_run(context->workers, cross.count, run_fold, &cross);
        status = cross.status;
        if (status) tell_failure(&cross, error);
        if (!status || status == NUDGE_DIVERGED) {
            cross_figures(&cross, &filled);
            options_give(result, &filled, sizeof filled);
        }
    }
    dispose(&cross);
    return status;
}
