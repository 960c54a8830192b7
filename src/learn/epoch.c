/* See epoch.h. */
#include "learn/epoch.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "data/order.h"
#include "learn/schedule.h"

/* A larger mini-batch goes through the plan in equal portions; its gradients add up. */
enum { CHUNK_ROWS = 256 };

/* -- making -- */

nudge_status epoch_set(struct epoch *run, nudge_context *context, nudge_net *net, const nudge_data *data,
                       const nudge_train_options *options, nudge_error *error) {
    size_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (rows == 0) return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no training rows", data->name);
    run->context = context;
    run->net = net;
    run->data = data;
    run->options = *options;
    run->rows = rows;
    if (options->batch_size == 0 || options->batch_size > rows) run->options.batch_size = rows;
    run->batch = run->options.batch_size;
    run->steps = (rows + run->batch - 1) / run->batch;
    if (options->prediction)
        return error_set(error, NUDGE_BAD_ARGUMENT, "training options: prediction is for a trainer alone");
    return batch_check(net, data, error);
}

nudge_status epoch_make(struct epoch *run, nudge_error *error) {
    nudge_context *context = run->context;
    const nudge_allocator *allocator = &context->allocator;
    /* Ops that mix rows have all of a step at once. */
    size_t portions = net_mixes_rows(run->net) ? 1 : (run->batch + CHUNK_ROWS - 1) / CHUNK_ROWS,
           capacity = (run->batch + portions - 1) / portions;
    nudge_trainer given = {.context = context, .net = run->net, .options = run->options, .use = PLAN_LEARN};
    nudge_status status = step_make(given, capacity, NULL, 0, &run->trainer, error);
    if (!status && !nudge_data_in_memory(run->data, NUDGE_PART_TRAIN))
        status =
            feed_make(allocator, run->data,
                      run->options.shuffle ? FEED_WINDOW_SHUFFLED : FEED_WINDOW_IN_ORDER, &run->feed, error);
    if (!status)
        status = weights_make(&run->weights, allocator, run->net, run->data, NUDGE_PART_TRAIN, error);
    if (status) return status;
    run->order = memory_get(allocator, run->rows * sizeof *run->order);
    return run->order ? NUDGE_OK : error_no_memory(error, run->rows * sizeof *run->order, "training");
}

void epoch_release(struct epoch *run) {
    nudge_trainer_free(run->trainer);
    feed_free(run->feed);
    weights_release(&run->weights, &run->context->allocator);
    memory_release(&run->context->allocator, run->order, run->rows * sizeof *run->order);
}

/* -- one step -- */

static nudge_status diverged(const struct epoch *run, size_t layer, nudge_error *error) {
    const char *what = layer ? "the first numbers that are not finite are in" : "its sum is too large at";
    if (!layer) layer = run->net->layers;
    if (run->progress.epoch == 1 && run->progress.step == 1)
        return error_set(error, NUDGE_DIVERGED,
                         "training diverged at epoch 1, step 1: the cost is not finite before any update; %s "
                         "layer %zu. Scale "
                         "the data, or draw smaller weights",
                         what, layer);
    return error_set(error, NUDGE_DIVERGED,
                     "training diverged at epoch %zu, step %zu: the cost is not finite; %s layer %zu. The "
                     "learning rate there "
                     "was %s: try a smaller one",
                     run->progress.epoch, run->progress.step, what, layer,
                     text_number(run->progress.learning_rate, 6).text);
}

/* One step: forward and backward over its rows in portions of the plan's capacity, and the update with the
 * last of them, unless the cost is not finite. */
static nudge_status learn_rows(struct epoch *run, size_t place, size_t rows, nudge_error *error) {
    nudge_trainer *trainer = run->trainer;
    struct plan *plan = trainer->plan;
    double step_cost = 0;
    for (size_t first = 0; first < rows; first += plan->capacity) {
        size_t portion = rows - first < plan->capacity ? rows - first : plan->capacity;
        size_t after = run->rows - (place + first + portion), next = after < portion ? after : portion;
        struct row_source source = {.data = run->data,
                                    .part = NUDGE_PART_TRAIN,
                                    .order = run->order,
                                    .feed = run->feed,
                                    .first = place + first,
                                    .rows = portion,
                                    .next = next,
                                    .weights = &run->weights};
        nudge_status status = run->feed ? feed_rows(run->feed, place + first, portion, error) : NUDGE_OK;
        if (status) return status;
        batch_targets(plan, &source);
        step_mark(trainer, first);
        walk_deltas(plan, portion, &(struct walk_batch){rows_inputs, &source}, &trainer->walk_cost);
        step_cost += batch_cost(plan, portion);
        if (step_cost - step_cost != 0) return diverged(run, walk_first_not_finite(plan, portion), error);
        double counted = 0;
        if (run->data->classes) run->right += batch_right(plan, &source, &counted);
        run->counted += counted;
        if (first + portion < rows)
            walk_gradients(plan, portion, first > 0, NULL);
        else
            step_learn(trainer, portion, first > 0, rows);
    }
    run->cost_sum += step_cost;
    run->step_cost = step_cost / (double)rows;
    run->step_rows = rows;
    return NUDGE_OK;
}

nudge_status epoch_step(struct epoch *run, size_t step, nudge_error *error) {
    nudge_progress *progress = &run->progress;
    size_t first = (step - 1) * run->batch;
    size_t rows = run->rows - first < run->batch ? run->rows - first : run->batch;
    progress->step = step;
    progress->learning_rate = schedule_rate(&run->options, progress->epoch, step, run->steps);
    run->trainer->rate = progress->learning_rate;
    nudge_status status = learn_rows(run, first, rows, error);
    if (status) return status;
    progress->rows += rows;
    progress->seconds = clock_seconds() - run->begin;
    return NUDGE_OK;
}

/* -- one epoch -- */

void epoch_begin(struct epoch *run, size_t epoch) {
    double none = __builtin_nan("");
    run->begin = clock_seconds();
    run->progress = (nudge_progress){.struct_size = sizeof run->progress,
                                     .epoch = epoch,
                                     .epochs = run->options.epochs,
                                     .steps = run->steps,
                                     .train_accuracy = none,
                                     .validation_cost = none,
                                     .validation_accuracy = none,
                                     .test_cost = none,
                                     .test_accuracy = none,
                                     .validation_metric = none,
                                     .penalty = none,
                                     .test_metric = none};
    run->cost_sum = 0;
    run->right = run->counted = 0;
    order_make(run->order, run->rows, run->options.seed, (uint32_t)epoch, run->options.shuffle);
    if (run->feed) feed_start(run->feed, NUDGE_PART_TRAIN, run->order);
}

void epoch_means(struct epoch *run) {
    nudge_progress *progress = &run->progress;
    progress->train_cost = run->cost_sum / (double)progress->rows;
    if (run->data->classes) progress->train_accuracy = run->counted > 0 ? run->right / run->counted : 0;
}
