/* See step.h. */
#include "learn/step.h"

#include "base/status.h"
#include "base/struct_size.h"
#include "learn/schedule.h"

#include <string.h>

/* -- options -- */

nudge_status step_options(nudge_train_options *options, const nudge_train_options *given,
                          nudge_error *error) {
    *options = (nudge_train_options)NUDGE_TRAIN_OPTIONS;
    if (given && !options_take(options, sizeof *options, given))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training options: struct_size is not set; begin with NUDGE_TRAIN_OPTIONS");
    nudge_status status = optimizer_options(options, error);
    if (status) return status;
    if (options->epochs > UINT32_MAX)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu epochs, expected below 2^32", options->epochs);
    return schedule_check(options, error);
}

/* -- making -- */

/* | struct nudge_trainer | plan | states | */
static nudge_trainer *carve_trainer(struct arena *arena, nudge_trainer given, size_t capacity,
                                    void **plan_memory_place) {
    nudge_trainer *made = arena_carve(arena, 1, sizeof *made);
    size_t plan_bytes = plan_memory(given.context, given.net, REAL_F32, given.use, capacity);
    *plan_memory_place = arena_carve(arena, plan_bytes, 1);
    for (size_t i = 0; i < optimizer_states(&given.options); i++)
        given.states[i] = arena_carve_beside(arena, given.net->block_count, sizeof(float),
                                             given.net->parameters, 2 + (unsigned)i);
    if (made) *made = given;
    return made;
}

size_t step_memory(nudge_trainer given, size_t capacity) {
    struct arena arena = {0};
    void *place;
    carve_trainer(&arena, given, capacity, &place);
    return arena.overflow ? SIZE_MAX : arena.used;
}

/* The caller's memory when it will do, else the context's. */
static nudge_status find_memory(nudge_trainer *given, size_t capacity, void *memory, size_t bytes,
                                void **block, nudge_error *error) {
    size_t needed = step_memory(*given, capacity);
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

nudge_status step_make(nudge_trainer given, size_t capacity, void *memory, size_t bytes,
                       nudge_trainer **trainer, nudge_error *error) {
    nudge_net *net = given.net;
    const nudge_train_options *options = &given.options;
    given.rate = options->learning_rate;
    if (options->batch_size == 1 && !options->prediction && net_mixes_rows(net))
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "mini-batches of 1 row: batch-norm takes its statistics from each, expected at least 2");
    given.cost = cost_of(net);
    void *block = NULL;
    nudge_status status = find_memory(&given, capacity, memory, bytes, &block, error);
    if (status) return status;
    struct arena arena = {.block = block};
    void *plan_place;
    nudge_trainer *made = carve_trainer(&arena, given, capacity, &plan_place);
    made->plan = plan_make(given.context, net, REAL_F32, given.use, capacity, plan_place);
    made->walk_cost = cost_for_walk(&made->cost);
    for (size_t i = 0; i < optimizer_states(options); i++)
        memset(made->states[i], 0, net->block_count * sizeof(float));
    *trainer = made;
    return NUDGE_OK;
}

/* -- the step -- */

void step_mark(nudge_trainer *trainer, size_t row) {
    trainer->plan->seed = trainer->options.seed;
    trainer->plan->step = trainer->steps + 1;
    trainer->plan->step_row = row;
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
        .options = &trainer->options,
        .step = ++trainer->steps,
    };
    optimizer_prepare(trainer->context, &optimizers[trainer->options.optimizer], REAL_F32, &call);
    trainer->net->version++;
    return call;
}

struct learning {
    const nudge_trainer *trainer;
    struct optimizer_call call;
    size_t rows;
};

static void update_range(const void *argument, nudge_role role, const void *gradients, size_t first,
                         size_t count) {
    const struct learning *learning = argument;
    const nudge_trainer *trainer = learning->trainer;
    optimizer_update_range(trainer->context, &optimizers[trainer->options.optimizer], REAL_F32,
                           &learning->call, role, gradients, first, count);
}

static void reduce_range(const void *argument, size_t layer, size_t first, size_t count) {
    const struct learning *learning = argument;
    const nudge_train_options *options = &learning->trainer->options;
    options->reduce(options->user, layer, (float *)learning->trainer->plan->gradients + first, count,
                    learning->rows);
}

void step_learn(nudge_trainer *trainer, size_t rows, bool accumulate, size_t step_rows) {
    struct learning learning = {trainer, next_update(trainer, step_rows), step_rows};
    const nudge_train_options *options = &trainer->options;
    struct walk_update update = {.update = update_range,
                                 .only_update = !accumulate && !options->reduce && !options->journal,
                                 .reduce = options->reduce ? reduce_range : NULL,
                                 .argument = &learning};
    walk_gradients(trainer->plan, rows, accumulate, &update);
    trainer->plan->version = trainer->net->version;
}

void step_update(nudge_trainer *trainer) {
    struct learning learning = {trainer, next_update(trainer, trainer->rows), trainer->rows};
    const nudge_net *net = trainer->net;
    workers_begin(trainer->context->workers, &trainer->plan->pace, 0);
    for (size_t l = net->layers; l >= 1; l--) {
        size_t first, count;
        net_layer_range(net, l, &first, &count);
        if (trainer->options.reduce) reduce_range(&learning, l, first, count);
        for (size_t t = 0; t < net->tensor_count; t++) {
            const struct net_tensor *tensor = &net->tensors[t];
            if (tensor->layer == l && !tensor_is_state(tensor))
                optimizer_update(trainer->context, &optimizers[trainer->options.optimizer], REAL_F32,
                                 &learning.call, tensor->is->role, tensor->place, tensor_elements(tensor));
        }
    }
    workers_end(trainer->context->workers, &trainer->plan->pace);
    walk_settle(trainer->plan, trainer->rows);
}
