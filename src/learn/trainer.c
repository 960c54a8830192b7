/* Training step by step: a face over learn/step.c. Invariant: `stage` says how far the present batch is; update alone
 * changes the net. */
#include "base/status.h"
#include "base/text.h"
#include "learn/fit.h"
#include "learn/step.h"

/* -- making -- */

static enum plan_use use_of(const nudge_train_options *options) {
    return options->prediction ? PLAN_EXPLAIN : PLAN_TRAIN;
}

nudge_status nudge_trainer_memory(const nudge_context *context, const nudge_net *net,
                                  const nudge_train_options *options, size_t *bytes, nudge_error *error) {
    if (missing(error, context, net, bytes)) return NUDGE_BAD_ARGUMENT;
    nudge_trainer given = {.context = (nudge_context *)context, .net = (nudge_net *)net}; /* only measured */
    nudge_status status = step_options(&given.options, options, error);
    if (status) return status;
    given.use = use_of(&given.options);
    if (given.options.batch_size == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "trainer: batch_size 0, expected the largest number of rows in a step");
    size_t needed = step_memory(given, given.options.batch_size);
    if (needed == SIZE_MAX)
        return error_set(error, NUDGE_NO_MEMORY,
                         "a trainer for mini-batches of %zu rows does not fit in memory",
                         given.options.batch_size);
    *bytes = needed;
    return NUDGE_OK;
}

nudge_status nudge_trainer_create(nudge_context *context, nudge_net *net, const nudge_train_options *options,
                                  void *memory, size_t bytes, nudge_trainer **trainer, nudge_error *error) {
    if (missing(error, context, net, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_trainer given = {.context = context, .net = net};
    nudge_status status = step_options(&given.options, options, error);
    if (status) return status;
    given.use = use_of(&given.options);
    if (given.options.batch_size == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "trainer: batch_size 0, expected the largest number of rows in a step");
    return step_make(given, given.options.batch_size, memory, bytes, trainer, error);
}

void nudge_trainer_free(nudge_trainer *trainer) {
    if (!trainer || !trainer->owned) return;
    nudge_allocator allocator = trainer->context->allocator;
    memory_release(&allocator, trainer->owned, trainer->bytes);
}

/* -- the step -- */

static nudge_status check_rows(const nudge_trainer *trainer, size_t rows, nudge_error *error) {
    if (rows == 0 || rows > trainer->plan->capacity)
        return error_set(error, NUDGE_BAD_ARGUMENT, "mini-batch of %zu rows, expected 1 to %zu (batch_size)",
                         rows, trainer->plan->capacity);
    return NUDGE_OK;
}

static nudge_status check_stage(const nudge_trainer *trainer, enum trainer_stage least, nudge_error *error) {
    static const char *const missing[] = {"", "a mini-batch (nudge_trainer_batch or nudge_trainer_rows)",
                                          "nudge_trainer_forward", "nudge_trainer_backward"};
    if (trainer->stage < least)
        return error_set(error, NUDGE_BAD_ARGUMENT, "trainer: expected %s first", missing[least]);
    return NUDGE_OK;
}

static void batch_is_there(nudge_trainer *trainer, size_t rows) {
    trainer->rows = rows;
    trainer->stage = STAGE_BATCH;
    trainer->forward_valid = trainer->gradients_valid = false;
}

nudge_status nudge_trainer_batch(nudge_trainer *trainer, const float *features, const float *targets,
                                 size_t rows, nudge_error *error) {
    if (missing(error, trainer, features, targets)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_rows(trainer, rows, error);
    if (status) return status;
    struct row_source source = {.features = features, .targets = targets, .rows = rows};
    status = batch_take(trainer->plan, &source, error);
    if (status) return status;
    batch_is_there(trainer, rows);
    return NUDGE_OK;
}

nudge_status trainer_take_rows(nudge_trainer *trainer, const nudge_data *data, nudge_part part,
                               const size_t *indices, size_t rows, nudge_error *error) {
    nudge_status status = check_rows(trainer, rows, error);
    if (!status) status = batch_check(trainer->net, data, error);
    if (status) return status;
    for (size_t r = 0; r < rows; r++)
        if (indices[r] >= nudge_data_rows(data, part))
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "mini-batch: index %zu is %zu, but %s has %zu %s rows", r, indices[r],
                             data->name, nudge_data_rows(data, part), data_part_name(part));
    trainer->stage = STAGE_EMPTY; /* until the batch is whole */
    struct row_source source = {.data = data, .part = part, .indices = indices, .rows = rows};
    status = batch_take(trainer->plan, &source, error);
    if (status) return status;
    batch_is_there(trainer, rows);
    return NUDGE_OK;
}

nudge_status nudge_trainer_rows(nudge_trainer *trainer, const nudge_data *data, nudge_part part,
                                const size_t *indices, size_t rows, nudge_error *error) {
    if (missing(error, trainer, data, indices)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_rows(trainer, rows, error);
    if (!status) status = batch_check(trainer->net, data, error);
    if (!status) status = fit_if_new(trainer->net, data, error);
    return status ? status : trainer_take_rows(trainer, data, part, indices, rows, error);
}

nudge_status nudge_trainer_forward(nudge_trainer *trainer, double *cost, nudge_error *error) {
    if (missing(error, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_stage(trainer, STAGE_BATCH, error);
    if (status) return status;
    step_mark(trainer, 0);
    walk_forward(trainer->plan, trainer->rows, NULL, &trainer->walk_cost);
    trainer->stage = STAGE_FORWARD;
    trainer->forward_valid = true;
    trainer->gradients_valid = false;
    trainer->mean_cost = batch_cost(trainer->plan, trainer->rows) / (double)trainer->rows;
    if (cost) *cost = trainer->mean_cost;
    return NUDGE_OK;
}

nudge_status nudge_trainer_backward(nudge_trainer *trainer, nudge_error *error) {
    if (missing(error, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_stage(trainer, STAGE_FORWARD, error);
    if (status) return status;
    walk_backward(trainer->plan, trainer->rows, &trainer->walk_cost, false);
    trainer->stage = STAGE_BACKWARD;
    trainer->gradients_valid = true;
    return NUDGE_OK;
}

nudge_status nudge_trainer_update(nudge_trainer *trainer, nudge_error *error) {
    if (missing(error, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_stage(trainer, STAGE_BACKWARD, error);
    if (status) return status;
    if (trainer->mean_cost - trainer->mean_cost != 0)
        return error_set(error, NUDGE_DIVERGED, "update refused: the cost is not finite, from layer %zu on",
                         walk_first_not_finite(trainer->plan, trainer->rows));
    if (trainer->options.prediction)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "update refused: the trainer looks at the network as it predicts");
    step_update(trainer);
    trainer->stage = STAGE_BATCH; /* z, a and δ are those of the parameters before */
    return NUDGE_OK;
}

nudge_status nudge_trainer_set_learning_rate(nudge_trainer *trainer, double learning_rate,
                                             nudge_error *error) {
    if (missing(error, trainer)) return NUDGE_BAD_ARGUMENT;
    if (!(learning_rate > 0 && learning_rate <= 1e9))
        return error_set(error, NUDGE_BAD_ARGUMENT, "learning rate %s, expected above 0 and up to 1e9",
                         text_number(learning_rate, 6).text);
    trainer->rate = learning_rate;
    return NUDGE_OK;
}
