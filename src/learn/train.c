/* Training in one call: epochs of shuffled mini-batches, evaluated after each, stopped early or by the
 * caller. Invariant: `good` holds the parameters of the last epoch in which every cost was finite; whatever
 * ends the training, the net is left with parameters that are finite. */
#include "base/clock.h"
#include "base/options.h"
#include "base/status.h"
#include "base/text.h"
#include "data/order.h"
#include "learn/evaluate.h"
#include "learn/schedule.h"
#include "learn/trainer.h"

#include <string.h>

/* A larger mini-batch goes through the plan in equal portions; its gradients add up. */
enum { CHUNK_ROWS = 256 };

struct run {
    nudge_net *net;
    const nudge_data *data;
    nudge_train_options options;
    nudge_trainer *trainer;
    struct evaluator evaluator;
    size_t rows, batch, steps; /* of the training part; of a step; of an epoch */
    uint32_t *order;
    struct feed *feed;  /* NULL: the rows are in memory */
    float *good, *best; /* parameters; best only with patience */
    size_t best_epoch, worse_epochs;
    double best_cost;
    nudge_progress progress;
    double cost_sum; /* over the epoch's rows so far */
    size_t right;
    size_t samples;
    double seconds, begin; /* spent; when this epoch began */
    bool stop;
};

static size_t parameter_bytes(const nudge_net *net) {
    return net->block_count * sizeof(float);
}

static void put_parameters(nudge_net *net, const float *parameters) {
    memcpy(net->parameters, parameters, parameter_bytes(net));
    net->version++;
}

/* -- one step -- */

static nudge_status diverged(const struct run *run, size_t layer, nudge_error *error) {
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
static nudge_status learn_rows(struct run *run, size_t place, size_t rows, nudge_error *error) {
    nudge_trainer *trainer = run->trainer;
    struct plan *plan = trainer->plan;
    double step_cost = 0;
    for (size_t first = 0; first < rows; first += plan->capacity) {
        size_t portion = rows - first < plan->capacity ? rows - first : plan->capacity;
        size_t after = run->rows - (place + first + portion), next = after < portion ? after : portion;
        struct batch_rows source = {run->data,     NUDGE_PART_TRAIN, run->order, run->feed,
                                    place + first, portion,          next};
        nudge_status status = run->feed ? feed_rows(run->feed, place + first, portion, error) : NUDGE_OK;
        if (status) return status;
        batch_targets(plan, &source);
        walk_deltas(plan, portion, &(struct walk_batch){batch_inputs, &source}, &trainer->walk_cost);
        step_cost += batch_cost(plan, portion);
        if (step_cost - step_cost != 0) return diverged(run, walk_first_not_finite(plan, portion), error);
        if (run->data->classes) run->right += batch_right(plan, &source);
        if (first + portion < rows)
            walk_gradients(plan, portion, first > 0, NULL);
        else
            trainer_learn(trainer, portion, first > 0, rows);
    }
    run->cost_sum += step_cost;
    return NUDGE_OK;
}

static void report_step(struct run *run) {
    nudge_progress *progress = &run->progress;
    progress->train_cost = run->cost_sum / (double)progress->rows;
    if (run->data->classes) progress->train_accuracy = (double)run->right / (double)progress->rows;
}

static nudge_status run_step(struct run *run, size_t step, nudge_error *error) {
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
    if (run->options.on_step) {
        report_step(run);
        run->stop = !run->options.on_step(run->options.user, progress);
    }
    return NUDGE_OK;
}

/* -- one epoch -- */

/* The layer whose parameters are not finite; 0 when all are. */
static size_t bad_layer(const nudge_net *net) {
    for (size_t l = net->layers; l >= 1; l--) {
        size_t end = l < net->layers ? net_dense(net, l + 1)->weight : net->block_count;
        for (size_t i = net_dense(net, l)->weight; i < end; i++)
            if (net->parameters[i] - net->parameters[i] != 0) return l;
    }
    return 0;
}

/* The last step's cost was finite, but what its update made of the parameters is not known yet: they must be
 * finite, and so must the cost that they give the epoch's first examples. */
static nudge_status check_parameters(struct run *run, nudge_error *error) {
    struct plan *plan = run->trainer->plan;
    size_t layer = bad_layer(run->net), rows = run->batch < plan->capacity ? run->batch : plan->capacity;
    if (!layer) {
        for (size_t r = 0; r < rows; r++) {
            nudge_status status =
                batch_gather_one(plan, r, run->data, NUDGE_PART_TRAIN, run->order[r], error);
            if (status) return status;
        }
        walk_forward(plan, rows, NULL, &run->trainer->walk_cost);
        double cost = batch_cost(plan, rows);
        if (cost - cost == 0) return NUDGE_OK;
        layer = walk_first_not_finite(plan, rows);
    }
    return error_set(
        error, NUDGE_DIVERGED,
        "training diverged at epoch %zu, step %zu: after its update the cost is not finite; the numbers "
        "leave the range in layer %zu. The learning rate there was %s: try a smaller one",
        run->progress.epoch, run->progress.step, layer ? layer : run->net->layers,
        text_number(run->progress.learning_rate, 6).text);
}

static nudge_status train_epoch(struct run *run, size_t epoch, nudge_error *error) {
    double none = __builtin_nan("");
    run->begin = clock_seconds();
    run->progress = (nudge_progress){.epoch = epoch,
                                     .epochs = run->options.epochs,
                                     .steps = run->steps,
                                     .train_accuracy = none,
                                     .validation_cost = none,
                                     .validation_accuracy = none,
                                     .test_cost = none,
                                     .test_accuracy = none};
    run->cost_sum = 0;
    run->right = 0;
    order_make(run->order, run->rows, run->options.seed, (uint32_t)epoch, run->options.shuffle);
    if (run->feed) feed_start(run->feed, NUDGE_PART_TRAIN, run->order);
    for (size_t step = 1; step <= run->steps && !run->stop; step++) {
        nudge_status status = run_step(run, step, error);
        if (status) return status;
    }
    nudge_status status = check_parameters(run, error);
    if (status) return status;
    report_step(run);
    run->samples += run->progress.rows;
    run->seconds += run->progress.seconds;
    memcpy(run->good, run->net->parameters, parameter_bytes(run->net));
    return NUDGE_OK;
}

static nudge_status evaluate_epoch(struct run *run, nudge_error *error) {
    struct figures validation, test;
    nudge_status status = evaluator_run(&run->evaluator, NUDGE_PART_VALIDATION, NULL, &validation, error);
    if (status) return status;
    run->progress.validation_cost = validation.cost;
    run->progress.validation_accuracy = validation.accuracy;
    if (!run->options.evaluate_test) return NUDGE_OK;
    status = evaluator_run(&run->evaluator, NUDGE_PART_TEST, NULL, &test, error);
    if (status) return status;
    run->progress.test_cost = test.cost;
    run->progress.test_accuracy = test.accuracy;
    return NUDGE_OK;
}

/* True when patience is at its end. */
static bool note_best(struct run *run) {
    if (!run->best) return false;
    if (run->progress.validation_cost < run->best_cost) {
        run->best_cost = run->progress.validation_cost;
        run->best_epoch = run->progress.epoch;
        run->worse_epochs = 0;
        memcpy(run->best, run->net->parameters, parameter_bytes(run->net));
        return false;
    }
    return ++run->worse_epochs >= run->options.patience;
}

static nudge_status train_epochs(struct run *run, nudge_train_result *result, nudge_error *error) {
    for (size_t epoch = 1; epoch <= run->options.epochs && !run->stop; epoch++) {
        nudge_status status = train_epoch(run, epoch, error);
        if (status) return status;
        bool whole = run->progress.step == run->steps;
        if (run->stop && !whole) { /* an epoch cut short: its parameters are kept, and evaluated at the end */
            result->best_epoch = epoch;
            break;
        }
        status = evaluate_epoch(run, error);
        if (status) return status;
        result->epochs = result->best_epoch = epoch;
        result->stopped_early = note_best(run);
        if (run->options.on_epoch && !run->options.on_epoch(run->options.user, &run->progress))
            run->stop = true;
        if (result->stopped_early) break;
    }
    result->stopped = run->stop;
    return NUDGE_OK;
}

/* -- the whole run -- */

static nudge_status finish(struct run *run, nudge_train_result *result, nudge_error *error) {
    if (run->best && run->best_epoch > 0) {
        put_parameters(run->net, run->best);
        result->best_epoch = run->best_epoch;
    }
    bool as_evaluated = run->progress.epoch == result->best_epoch && run->progress.step == run->steps;
    if (!as_evaluated || !run->options.evaluate_test) {
        run->options.evaluate_test = true;
        nudge_status status = evaluate_epoch(run, error);
        if (status) return status;
    }
    const nudge_progress *progress = &run->progress;
    result->train_cost = progress->train_cost;
    result->train_accuracy = progress->train_accuracy;
    result->validation_cost = progress->validation_cost;
    result->validation_accuracy = progress->validation_accuracy;
    result->test_cost = progress->test_cost;
    result->test_accuracy = progress->test_accuracy;
    result->seconds = run->seconds;
    result->samples_per_second = run->seconds > 0 ? (double)run->samples / run->seconds : 0;
    return NUDGE_OK;
}

static nudge_status allocate(struct run *run, nudge_error *error) {
    nudge_context *context = run->net->context;
    const nudge_allocator *allocator = &context->allocator;
    size_t portions = (run->batch + CHUNK_ROWS - 1) / CHUNK_ROWS,
           capacity = (run->batch + portions - 1) / portions;
    nudge_status status =
        trainer_make(context, run->net, &run->options, capacity, NULL, 0, &run->trainer, error);
    if (!status)
        status = evaluator_make(context, run->net, run->data, &run->trainer->cost, &run->evaluator, error);
    if (!status && !nudge_data_in_memory(run->data, NUDGE_PART_TRAIN))
        status =
            feed_make(allocator, run->data,
                      run->options.shuffle ? FEED_WINDOW_SHUFFLED : FEED_WINDOW_IN_ORDER, &run->feed, error);
    if (status) return status;
    run->order = memory_get(allocator, run->rows * sizeof *run->order);
    run->good = memory_get(allocator, parameter_bytes(run->net));
    if (run->options.patience) run->best = memory_get(allocator, parameter_bytes(run->net));
    if (!run->order || !run->good || (run->options.patience && !run->best))
        return error_no_memory(error, run->rows * sizeof *run->order + 2 * parameter_bytes(run->net),
                               "training");
    return NUDGE_OK;
}

static void release(struct run *run) {
    const nudge_allocator *allocator = &run->net->context->allocator;
    nudge_trainer_free(run->trainer);
    feed_free(run->feed);
    evaluator_release(&run->evaluator);
    memory_release(allocator, run->order, run->rows * sizeof *run->order);
    memory_release(allocator, run->good, parameter_bytes(run->net));
    memory_release(allocator, run->best, parameter_bytes(run->net));
}

static nudge_status check(const nudge_net *net, const nudge_data *data, const nudge_train_options *options,
                          nudge_error *error) {
    if (nudge_data_rows(data, NUDGE_PART_TRAIN) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no training rows", data->name);
    if (options->epochs == 0) return error_set(error, NUDGE_BAD_ARGUMENT, "0 epochs, expected at least 1");
    if (options->patience && nudge_data_rows(data, NUDGE_PART_VALIDATION) == 0)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "patience %zu needs a validation part: split one off (nudge_data_split, --val-split)",
            options->patience);
    return batch_check(net, data, error);
}

static nudge_status train(struct run *run, nudge_train_result *result, nudge_error *error) {
    nudge_status status = allocate(run, error);
    if (!status) status = cost_check_targets(&run->trainer->cost, run->data, NUDGE_PART_TRAIN, error);
    if (!status) status = net_default_labels(run->net, run->data->classes, error);
    if (!status && !run->net->preprocessing.set) run->net->preprocessing = data_preprocessing(run->data);
    if (!status) status = cost_note(run->net, &run->trainer->cost, error);
    if (status) return status;
    memcpy(run->good, run->net->parameters, parameter_bytes(run->net));
    status = train_epochs(run, result, error);
    if (status) put_parameters(run->net, run->good);
    return status ? status : finish(run, result, error);
}

nudge_status nudge_train(nudge_net *net, const nudge_data *data, const nudge_train_options *options,
                         nudge_train_result *result, nudge_error *error) {
    struct run run = {.net = net, .data = data, .best_cost = __builtin_inf()};
    nudge_train_result filled = NUDGE_TRAIN_RESULT;
    if (result && !options_take(&filled, sizeof filled, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training result: struct_size is not set; begin with NUDGE_TRAIN_RESULT");
    filled = (nudge_train_result)NUDGE_TRAIN_RESULT;
    nudge_status status = trainer_options(&run.options, options, error);
    if (!status) status = check(net, data, &run.options, error);
    if (status) return status;
    run.rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (run.options.batch_size == 0 || run.options.batch_size > run.rows) run.options.batch_size = run.rows;
    run.batch = run.options.batch_size;
    run.steps = (run.rows + run.batch - 1) / run.batch;
    status = train(&run, &filled, error);
    release(&run);
    if (!status && result) options_give(result, &filled, sizeof filled);
    return status;
}
