/* Training in one call: epochs of shuffled mini-batches, evaluated after each, stopped early or by the
 * caller. Invariant: `good` holds the parameters of the last epoch in which every cost was finite; whatever
 * ends the training, the net is left with parameters that are finite. */
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "learn/checkpoint.h"
#include "learn/evaluate.h"
#include "learn/fit.h"
#include "learn/journal.h"

#include <math.h>
#include <string.h>

struct training {
    struct epoch run;
    struct evaluator evaluator;
    float *good, *latest; /* parameters: the last that are known to give finite costs; of the last epoch */
    bool latest_is_good; /* a step or a check has seen a finite cost since: then `good` is the last epoch's */
    float *best;         /* only with patience */
    size_t best_epoch, worse_epochs;
    double best_metric; /* of the best epoch, if there was one */
    size_t samples;
    double seconds;      /* spent */
    double earlier_cost; /* of the epoch before */
    bool stop;
};

static size_t parameter_bytes(const nudge_net *net) {
    return net->block_count * sizeof(float);
}

static void put_parameters(nudge_net *net, const float *parameters) {
    memcpy(net->parameters, parameters, parameter_bytes(net));
    net->version++;
}

/* -- what is good -- */

/* The layer whose parameters are not finite; 0 when all are. */
static size_t bad_layer(const nudge_net *net) {
    for (size_t t = net->tensor_count; t-- > 0;) {
        const float *numbers = net->parameters + net->tensors[t].place;
        for (size_t i = 0; i < tensor_elements(&net->tensors[t]); i++)
            if (numbers[i] - numbers[i] != 0) return net->tensors[t].layer;
    }
    return 0;
}

/* l1 Σ|w| + ½ l2 Σw²: see nudge_train_options. */
static double penalty_of(const nudge_net *net, const nudge_train_options *options) {
    double sizes = 0, squares = 0;
    bool none = options->l1 == 0 && options->l2 == 0;
    for (size_t t = 0; !none && t < net->tensor_count; t++) {
        const float *numbers = net->parameters + net->tensors[t].place;
        for (size_t i = 0;
             net->tensors[t].is->role == NUDGE_ROLE_WEIGHT && i < tensor_elements(&net->tensors[t]); i++) {
            sizes += fabs((double)numbers[i]);
            squares += (double)numbers[i] * (double)numbers[i];
        }
    }
    return options->l1 * sizes + 0.5 * options->l2 * squares;
}

/* A finite cost has been seen: what the last epoch ended with is good. */
static void confirm_latest(struct training *training) {
    float *good = training->latest;
    if (training->latest_is_good) return;
    training->latest = training->good;
    training->good = good;
    training->latest_is_good = true;
}

/* The last step's cost was finite, but what its update made of the parameters is known by the next one only. Where there
 * is none, after the last epoch, or where an evaluation found no cost, they must be finite, and so must the cost that they
 * give the epoch's first examples. */
static nudge_status check_latest(struct training *training, nudge_error *error) {
    struct epoch *run = &training->run;
    struct plan *plan = run->trainer->plan;
    if (training->latest_is_good) return NUDGE_OK;
    size_t layer = bad_layer(run->net), rows = run->batch < plan->capacity ? run->batch : plan->capacity;
    if (!layer) {
        struct row_source source = {
            .data = run->data, .part = NUDGE_PART_TRAIN, .order = run->order, .rows = rows};
        nudge_status status = batch_take(plan, &source, error);
        if (status) return status;
        walk_forward(plan, rows, NULL, &run->trainer->walk_cost);
        double cost = batch_cost(plan, rows);
        if (cost - cost == 0) {
            confirm_latest(training);
            return NUDGE_OK;
        }
        layer = walk_first_not_finite(plan, rows);
    }
    return error_set(
        error, NUDGE_DIVERGED,
        "training diverged at epoch %zu, step %zu: after its update the cost is not finite; the numbers "
        "leave the range in layer %zu. The learning rate there was %s: try a smaller one",
        run->progress.epoch, run->progress.step, layer ? layer : run->net->layers,
        text_number(run->progress.learning_rate, 6).text);
}

/* -- checkpoints -- */

/* `final`: after the last step, whose epoch is counted already, and evaluated if it is whole. */
static void take_state(const struct training *training, struct nudge_checkpoint *checkpoint, bool final) {
    const struct epoch *run = &training->run;
    checkpoint->state = (struct training_state){
        .steps = run->trainer->steps,
        .epoch = run->progress.epoch,
        .step = run->progress.step,
        .ended = final && run->progress.step == run->steps,
        .rows = run->progress.rows,
        .cost_sum = run->cost_sum,
        .right = run->right,
        .counted = run->counted,
        .earlier_cost = training->earlier_cost,
        .best_epoch = training->best_epoch,
        .worse_epochs = training->worse_epochs,
        .best_metric = training->best_metric,
        .samples = training->samples - (final ? run->progress.rows : 0),
        .seconds = training->seconds - (final ? run->progress.seconds : 0),
        .epoch_seconds = run->progress.seconds,
    };
    float *blocks[CHECKPOINT_BLOCKS] = {run->net->parameters, run->trainer->states[0],
                                        run->trainer->states[1], training->good, training->best};
    memcpy(checkpoint->blocks, blocks, sizeof blocks);
}

/* The epoch that was begun stands where the checkpoint's stood. */
static void put_state(struct training *training, const struct nudge_checkpoint *checkpoint) {
    struct epoch *run = &training->run;
    const struct training_state *state = &checkpoint->state;
    size_t bytes = parameter_bytes(run->net);
    run->trainer->steps = state->steps;
    run->progress.step = (size_t)state->step;
    run->progress.rows = (size_t)state->rows;
    run->progress.seconds = state->epoch_seconds;
    run->begin -= state->epoch_seconds;
    run->cost_sum = state->cost_sum;
    run->right = state->right;
    run->counted = state->counted;
    training->earlier_cost = state->earlier_cost;
    training->best_epoch = (size_t)state->best_epoch;
    training->worse_epochs = (size_t)state->worse_epochs;
    training->best_metric = state->best_metric;
    training->samples = (size_t)state->samples;
    training->seconds = state->seconds;
    put_parameters(run->net, checkpoint->blocks[BLOCK_PARAMETERS]);
    for (size_t i = 0; i < OPTIMIZER_STATES; i++)
        if (run->trainer->states[i])
            memcpy(run->trainer->states[i], checkpoint->blocks[BLOCK_STATE_0 + i], bytes);
    memcpy(training->good, checkpoint->blocks[BLOCK_GOOD], bytes);
    if (training->best) memcpy(training->best, checkpoint->blocks[BLOCK_BEST], bytes);
}

/* NULL: the training begins. */
static const struct nudge_checkpoint *resumed_of(const struct epoch *run) {
    const struct nudge_checkpoint *checkpoint = run->options.checkpoint;
    return checkpoint && checkpoint->net ? checkpoint : NULL;
}

static void save_checkpoint(struct training *training, bool final) {
    struct nudge_checkpoint *checkpoint = training->run.options.checkpoint;
    /* Before it: a training that goes on from a checkpoint needs a journal that reaches there. */
    if (training->run.options.journal) journal_write(training->run.options.journal);
    take_state(training, checkpoint, final);
    checkpoint_save(checkpoint, &training->run);
}

/* -- one epoch, or what is left of it -- */

static nudge_status train_step(struct training *training, size_t step, nudge_error *error) {
    struct epoch *run = &training->run;
    nudge_status status = epoch_step(run, step, error);
    if (status) return status;
    confirm_latest(training);
    if (run->options.journal) journal_step(run->options.journal, run);
    if (run->options.on_step) {
        epoch_means(run);
        training->stop = !run->options.on_step(run->options.user, &run->progress);
    }
    if (run->options.checkpoint && !training->stop && checkpoint_is_due(run->options.checkpoint, run))
        save_checkpoint(training, false);
    return NUDGE_OK;
}

static nudge_status train_epoch(struct training *training, size_t epoch,
                                const struct nudge_checkpoint *resumed, nudge_error *error) {
    struct epoch *run = &training->run;
    training->earlier_cost = epoch > 1 ? run->progress.train_cost : __builtin_nan("");
    epoch_begin(run, epoch);
    if (resumed) put_state(training, resumed);
    for (size_t step = run->progress.step + 1; step <= run->steps && !training->stop; step++) {
        nudge_status status = train_step(training, step, error);
        if (status) return status;
    }
    memcpy(training->latest, run->net->parameters, parameter_bytes(run->net));
    training->latest_is_good = false;
    nudge_status status = NUDGE_OK;
    if (training->stop || epoch == run->options.epochs || bad_layer(run->net))
        status = check_latest(training, error);
    if (status) return status;
    epoch_means(run);
    run->progress.penalty = penalty_of(run->net, &run->options);
    training->samples += run->progress.rows;
    training->seconds += run->progress.seconds;
    return NUDGE_OK;
}

static nudge_status evaluate_epoch(struct training *training, nudge_error *error) {
    struct figures validation, test;
    nudge_progress *progress = &training->run.progress;
    nudge_status status =
        evaluator_run(&training->evaluator, NUDGE_PART_VALIDATION, NULL, &validation, error);
    if (status) return status;
    progress->validation_cost = validation.cost;
    progress->validation_accuracy = validation.accuracy;
    progress->validation_metric =
        evaluator_metric(&training->evaluator, &validation, training->run.options.metric);
    if (!training->run.options.evaluate_test) return NUDGE_OK;
    status = evaluator_run(&training->evaluator, NUDGE_PART_TEST, NULL, &test, error);
    if (status) return status;
    progress->test_cost = test.cost;
    progress->test_accuracy = test.accuracy;
    progress->test_metric = evaluator_metric(&training->evaluator, &test, training->run.options.metric);
    return NUDGE_OK;
}

/* True when patience is at its end. */
static bool note_best(struct training *training) {
    const struct epoch *run = &training->run;
    if (!training->best) return false;
    double metric = run->progress.validation_metric;
    bool higher = nudge_metric_higher_is_better(run->options.metric);
    if (training->best_epoch == 0 ? metric == metric
        : higher                  ? metric > training->best_metric
                                  : metric < training->best_metric) {
        training->best_metric = metric;
        training->best_epoch = run->progress.epoch;
        training->worse_epochs = 0;
        memcpy(training->best, run->net->parameters, parameter_bytes(run->net));
        return false;
    }
    return ++training->worse_epochs >= run->options.patience;
}

/* At the end of an epoch that was evaluated, as if it had just been. Its figures are not known. */
static void stand_at_end(struct training *training, const struct nudge_checkpoint *resumed,
                         nudge_train_result *result) {
    struct epoch *run = &training->run;
    epoch_begin(run, (size_t)resumed->state.epoch);
    put_state(training, resumed);
    epoch_means(run);
    run->progress.step = 0;
    training->samples += run->progress.rows;
    training->seconds += run->progress.seconds;
    result->epochs = result->best_epoch = run->progress.epoch;
    result->complete = run->progress.epoch == run->options.epochs;
    result->stopped_early = training->best && training->worse_epochs >= run->options.patience;
}

static nudge_status train_epochs(struct training *training, nudge_train_result *result, nudge_error *error) {
    const struct epoch *run = &training->run;
    const struct nudge_checkpoint *resumed = resumed_of(run);
    size_t epoch = 1;
    if (resumed) {
        epoch = (size_t)resumed->state.epoch;
        result->epochs = epoch - 1;
        if (resumed->state.ended) stand_at_end(training, resumed, result), epoch++, resumed = NULL;
    }
    for (; epoch <= run->options.epochs && !training->stop && !result->stopped_early; epoch++) {
        nudge_status status = train_epoch(training, epoch, resumed, error);
        if (status) return status;
        resumed = NULL;
        bool whole = run->progress.step == run->steps;
        if (training->stop &&
            !whole) { /* an epoch cut short: its parameters are kept, and evaluated at the end */
            result->best_epoch = epoch;
            break;
        }
        result->epochs = result->best_epoch = epoch;
        result->complete = epoch == run->options.epochs;
        status = evaluate_epoch(training, error);
        bool seen = run->progress.validation_cost - run->progress.validation_cost == 0 ||
                    nudge_data_rows(run->data, NUDGE_PART_VALIDATION) == 0;
        if (!status && !seen) status = check_latest(training, error);
        if (status) return status;
        result->stopped_early = note_best(training);
        if (run->options.on_epoch && !run->options.on_epoch(run->options.user, &run->progress))
            training->stop = true;
    }
    result->stopped = training->stop;
    nudge_status status = check_latest(training, error);
    result->complete = !status;
    return status;
}

/* -- the whole run -- */

static void put_best(struct training *training, nudge_train_result *result) {
    if (!training->best || training->best_epoch == 0) return;
    put_parameters(training->run.net, training->best);
    result->best_epoch = training->best_epoch;
}

static nudge_status finish(struct training *training, nudge_train_result *result, nudge_error *error) {
    struct epoch *run = &training->run;
    put_best(training, result);
    bool as_evaluated = run->progress.epoch == result->best_epoch && run->progress.step == run->steps;
    if (!as_evaluated || !run->options.evaluate_test) {
        run->options.evaluate_test = true;
        nudge_status status = evaluate_epoch(training, error);
        if (status) return status;
    }
    const nudge_progress *progress = &run->progress;
    result->validation_cost = progress->validation_cost;
    result->validation_accuracy = progress->validation_accuracy;
    result->test_cost = progress->test_cost;
    result->test_accuracy = progress->test_accuracy;
    result->validation_metric = progress->validation_metric;
    result->test_metric = progress->test_metric;
    return NUDGE_OK;
}

/* What is known without an evaluation. */
static void fill_figures(const struct training *training, nudge_train_result *result) {
    const nudge_progress *progress = &training->run.progress;
    result->train_cost = progress->train_cost;
    result->train_accuracy = progress->train_accuracy;
    result->validation_cost = result->validation_accuracy = __builtin_nan("");
    result->test_cost = result->test_accuracy = __builtin_nan("");
    result->validation_metric = result->test_metric = __builtin_nan("");
    result->earlier_cost = training->earlier_cost;
    result->seconds = training->seconds;
    result->samples_per_second = training->seconds > 0 ? (double)training->samples / training->seconds : 0;
}

static nudge_status allocate_training(struct training *training, nudge_error *error) {
    struct epoch *run = &training->run;
    nudge_context *context = run->context;
    size_t bytes = parameter_bytes(run->net), test = nudge_data_rows(run->data, NUDGE_PART_TEST),
           rows = nudge_data_rows(run->data, NUDGE_PART_VALIDATION);
    nudge_status status = epoch_make(run, error);
    if (!status)
        status = evaluator_make(context, run->net, run->data, &run->trainer->cost, test > rows ? test : rows,
                                run->options.metric == NUDGE_METRIC_AUC ? (test > rows ? test : rows) : 0,
                                &training->evaluator, error);
    if (status) return status;
    training->good = memory_get(&context->allocator, bytes);
    training->latest = memory_get(&context->allocator, bytes);
    if (run->options.patience) training->best = memory_get(&context->allocator, bytes);
    if (!training->good || !training->latest || (run->options.patience && !training->best))
        return error_no_memory(error, bytes, "training");
    return NUDGE_OK;
}

static void free_training(struct training *training) {
    const nudge_net *net = training->run.net;
    const nudge_allocator *allocator = &training->run.context->allocator;
    epoch_release(&training->run);
    evaluator_release(&training->evaluator);
    memory_release(allocator, training->good, parameter_bytes(net));
    memory_release(allocator, training->latest, parameter_bytes(net));
    memory_release(allocator, training->best, parameter_bytes(net));
}

static nudge_status check_training(const nudge_data *data, const nudge_train_options *options,
                                   nudge_error *error) {
    if (options->epochs == 0) return error_set(error, NUDGE_BAD_ARGUMENT, "0 epochs, expected at least 1");
    if (options->patience && nudge_data_rows(data, NUDGE_PART_VALIDATION) == 0)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "patience %zu needs a validation part: split one off (nudge_data_split, --val-split)",
            options->patience);
    return NUDGE_OK;
}

static nudge_status train(struct training *training, nudge_train_result *result, nudge_error *error) {
    struct epoch *run = &training->run;
    nudge_status status = net_default_labels(run->net, run->data, error);
    if (!status) status = weights_note(run->net, run->data, run->options.class_weight, error);
    if (!status) status = allocate_training(training, error);
    if (!status) status = fit_if_new(run->net, run->data, error);
    for (nudge_part part = NUDGE_PART_TRAIN; !status && part <= NUDGE_PART_TEST; part++)
        status = cost_check_targets(&run->trainer->cost, run->net, run->data, part, error);
    if (!status && run->options.checkpoint) status = checkpoint_begin(run->options.checkpoint, run, error);
    const struct nudge_checkpoint *resumed = resumed_of(run);
    uint64_t from = resumed ? resumed->state.steps : 0;
    if (!status && run->options.journal) status = journal_begin(run->options.journal, run, from, error);
    if (status) return status;
    memcpy(training->good, run->net->parameters, parameter_bytes(run->net));
    training->latest_is_good = true;
    status = train_epochs(training, result, error);
    if (run->options.journal) journal_end(run->options.journal, run);
    /* Where a whole training was taken up and nothing was left to do, it stays as it is. */
    if (!status && run->options.checkpoint && run->progress.step > 0) save_checkpoint(training, true);
    fill_figures(training, result);
    if (!status) return finish(training, result, error);
    if (result->complete)
        put_best(training, result);
    else
        put_parameters(run->net, training->good);
    return status;
}

nudge_status nudge_train(nudge_context *context, nudge_net *net, const nudge_data *data,
                         const nudge_train_options *options, nudge_train_result *result, nudge_error *error) {
    if (missing(error, context, net, data)) return NUDGE_BAD_ARGUMENT;
    struct training training = {0};
    nudge_train_result filled = NUDGE_TRAIN_RESULT;
    nudge_train_options chosen;
    if (result && !options_take(&filled, sizeof filled, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training result: struct_size is not set; begin with NUDGE_TRAIN_RESULT");
    filled = (nudge_train_result)NUDGE_TRAIN_RESULT;
    nudge_suggestion suggestion = NUDGE_SUGGESTION;
    nudge_status status = options ? NUDGE_OK : nudge_suggest(data, &suggestion, error);
    if (!status) status = step_options(&chosen, options ? options : &suggestion.training, error);
    if (!status) status = epoch_set(&training.run, context, net, data, &chosen, error);
    if (!status) status = check_training(data, &chosen, error);
    if (!status) status = metric_check(chosen.metric, net, evaluator_classes(net, data), error);
    if (status) return status;
    status = train(&training, &filled, error);
    filled.penalty = penalty_of(net, &chosen);
    free_training(&training);
    if (result && (!status || filled.complete)) options_give(result, &filled, sizeof filled);
    return status;
}
