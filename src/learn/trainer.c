/* Training step by step. Invariant: `stage` says how far the present batch is; update alone changes the net.
 * */
#include "learn/trainer.h"

#include "base/options.h"
#include "base/status.h"
#include "base/text.h"
#include "learn/fit.h"
#include "learn/schedule.h"

#include <string.h>

/* -- options -- */

static nudge_status check_options(nudge_train_options *options, nudge_error *error) {
    nudge_status status = optimizer_options(options, error);
    if (status) return status;
    if (options->epochs > UINT32_MAX)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu epochs, expected below 2^32", options->epochs);
    return schedule_check(options, error);
}

nudge_status trainer_options(nudge_train_options *options, const nudge_train_options *given,
                             nudge_error *error) {
    *options = (nudge_train_options)NUDGE_TRAIN_OPTIONS;
    if (given && !options_take(options, sizeof *options, given))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training options: struct_size is not set; begin with NUDGE_TRAIN_OPTIONS");
    return check_options(options, error);
}

/* -- making -- */

static enum plan_use use_of(const nudge_train_options *options) {
    return options->prediction ? PLAN_EXPLAIN : PLAN_TRAIN;
}

/* | struct nudge_trainer | plan | states | */
static nudge_trainer *carve(struct arena *arena, nudge_trainer given, size_t capacity,
                            void **plan_memory_place) {
    nudge_trainer *made = arena_carve(arena, 1, sizeof *made);
    size_t plan_bytes =
        plan_memory(given.context, given.net, PRECISION_F32, use_of(&given.options), capacity);
    *plan_memory_place = arena_carve(arena, plan_bytes, 1);
    for (size_t i = 0; i < optimizer_states(&given.options); i++)
        given.states[i] = arena_carve_beside(arena, given.net->block_count, sizeof(float),
                                             given.net->parameters, 2 + (unsigned)i);
    if (made) *made = given;
    return made;
}

static size_t memory_needed(nudge_trainer given, size_t capacity) {
    struct arena arena = {0};
    void *place;
    carve(&arena, given, capacity, &place);
    return arena.overflow ? SIZE_MAX : arena.used;
}

nudge_status nudge_trainer_memory(const nudge_context *context, const nudge_net *net,
                                  const nudge_train_options *options, size_t *bytes, nudge_error *error) {
    if (missing(error, context, net, bytes)) return NUDGE_BAD_ARGUMENT;
    nudge_trainer given = {.context = (nudge_context *)context, .net = (nudge_net *)net}; /* only measured */
    nudge_status status = trainer_options(&given.options, options, error);
    if (status) return status;
    if (given.options.batch_size == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "trainer: batch_size 0, expected the largest number of rows in a step");
    size_t needed = memory_needed(given, given.options.batch_size);
    if (needed == SIZE_MAX)
        return error_set(error, NUDGE_NO_MEMORY,
                         "a trainer for mini-batches of %zu rows does not fit in memory",
                         given.options.batch_size);
    *bytes = needed;
    return NUDGE_OK;
}

/* The caller's memory when it will do, else the context's. */
static nudge_status find_memory(nudge_trainer *given, size_t capacity, void *memory, size_t bytes,
                                void **block, nudge_error *error) {
    size_t needed = memory_needed(*given, capacity);
    given->bytes = needed;
    if (memory && ((uintptr_t)memory % MEMORY_ALIGNMENT || bytes < needed))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "trainer: %zu bytes of memory, expected %zu aligned to %d", bytes, needed,
                         MEMORY_ALIGNMENT);
    if (!memory && needed < SIZE_MAX) memory = given->owned = memory_get(&given->context->allocator, needed);
    if (!memory) return error_no_memory(error, needed, "the trainer");
    *block = memory;
    return NUDGE_OK;
}

nudge_status trainer_make(nudge_context *context, nudge_net *net, const nudge_train_options *options,
                          size_t capacity, void *memory, size_t bytes, nudge_trainer **trainer,
                          nudge_error *error) {
    nudge_trainer given = {
        .context = context, .net = net, .options = *options, .rate = options->learning_rate};
    if (options->batch_size == 1 && !options->prediction && net_mixes_rows(net))
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "mini-batches of 1 row: batch-norm takes its statistics from each, expected at least 2");
    nudge_status status = cost_choose(net, options->cost, options->huber_delta, &given.cost, error);
    void *block = NULL;
    if (!status) status = find_memory(&given, capacity, memory, bytes, &block, error);
    if (status) return status;
    struct arena arena = {.block = block};
    void *plan_place;
    nudge_trainer *made = carve(&arena, given, capacity, &plan_place);
    made->plan = plan_make(context, net, PRECISION_F32, use_of(options), capacity, plan_place);
    made->walk_cost = cost_for_walk(&made->cost);
    for (size_t i = 0; i < optimizer_states(options); i++)
        memset(made->states[i], 0, net->block_count * sizeof(float));
    *trainer = made;
    return NUDGE_OK;
}

nudge_status nudge_trainer_create(nudge_context *context, nudge_net *net, const nudge_train_options *options,
                                  void *memory, size_t bytes, nudge_trainer **trainer, nudge_error *error) {
    if (missing(error, context, net, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_train_options chosen;
    nudge_status status = trainer_options(&chosen, options, error);
    if (status) return status;
    if (chosen.batch_size == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "trainer: batch_size 0, expected the largest number of rows in a step");
    return trainer_make(context, net, &chosen, chosen.batch_size, memory, bytes, trainer, error);
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

void trainer_mark(nudge_trainer *trainer, size_t row) {
    trainer->plan->seed = trainer->options.seed;
    trainer->plan->step = trainer->steps + 1;
    trainer->plan->step_row = row;
}

nudge_status nudge_trainer_forward(nudge_trainer *trainer, double *cost, nudge_error *error) {
    if (missing(error, trainer)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_stage(trainer, STAGE_BATCH, error);
    if (status) return status;
    trainer_mark(trainer, 0);
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

/* The next update's call, for gradients that are sums over `rows` rows. Where several workers train one net,
 * theirs are summed in first. */
static struct optimizer_call next_update(nudge_trainer *trainer, size_t rows) {
    struct optimizer_call call = {
        .count = trainer->net->trained_count,
        .w = trainer->net->parameters,
        .g = trainer->plan->gradients,
        .states = {trainer->states[0], trainer->states[1]},
        .scale = 1.0 / (double)rows,
        .rate = trainer->rate,
        .momentum = trainer->options.momentum,
        .beta1 = trainer->options.beta1,
        .beta2 = trainer->options.beta2,
        .epsilon = trainer->options.epsilon,
        .l1 = trainer->options.l1,
        .l2 = trainer->options.l2,
        .weight_decay = trainer->options.weight_decay,
        .step = ++trainer->steps,
    };
    optimizer_prepare(trainer->context, &optimizers[trainer->options.optimizer], PRECISION_F32, &call);
    trainer->net->version++;
    return call;
}

struct learning {
    const nudge_trainer *trainer;
    struct optimizer_call call;
};

static void update_range(const void *argument, nudge_role role, size_t first, size_t count) {
    const struct learning *learning = argument;
    const nudge_trainer *trainer = learning->trainer;
    optimizer_update_range(trainer->context, &optimizers[trainer->options.optimizer], PRECISION_F32,
                           &learning->call, role, first, count);
}

void trainer_learn(nudge_trainer *trainer, size_t rows, bool accumulate, size_t step_rows) {
    struct learning learning = {trainer, next_update(trainer, step_rows)};
    walk_gradients(trainer->plan, rows, accumulate, &(struct walk_update){update_range, &learning});
    trainer->plan->version = trainer->net->version;
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
    struct optimizer_call call = next_update(trainer, trainer->rows);
    struct plan *plan = trainer->plan;
    workers_begin(trainer->context->workers, &plan->pace, 0);
    for (size_t t = 0; t < trainer->net->tensor_count; t++) {
        const struct net_tensor *tensor = &trainer->net->tensors[t];
        if (!tensor_is_state(tensor))
            optimizer_update(trainer->context, &optimizers[trainer->options.optimizer], PRECISION_F32, &call,
                             tensor->is->role, tensor->place, tensor_elements(tensor));
    }
    workers_end(trainer->context->workers, &plan->pace);
    walk_settle(plan, trainer->rows);
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
