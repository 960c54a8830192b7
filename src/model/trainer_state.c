/* All that a trainer needs to go on, as bytes: the net's parameters, the optimizer's state, the number of steps. Invariant:
 * a trainer gets all of it or nothing. For Adam the tensors are "parameters", "optimizer.0" (the mean of the gradients) and
 * "optimizer.1" (that of their squares), each F32 [parameters and running statistics]. */
#include "base/finite.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "learn/step.h"
#include "model/tensors.h"
#include "model/training_text.h"

#include <string.h>

enum { BLOCKS = 1 + OPTIMIZER_STATES };

/* The net's block first, then the optimizer's. */
struct state {
    const nudge_trainer *trainer;
    size_t count;
    float *blocks[BLOCKS];
};

static bool tensor_at(const void *of, size_t i, struct file_tensor *tensor) {
    static const char *const names[BLOCKS] = {"parameters", "optimizer.0", "optimizer.1"};
    const struct state *state = of;
    if (i >= state->count) return false;
    *tensor = tensor_of_block(state->trainer->net, names[i], state->blocks[i]);
    return true;
}

static struct state state_of(const nudge_trainer *trainer) {
    struct state state = {.trainer = trainer, .blocks = {trainer->net->parameters}};
    state.count = 1 + optimizer_states(&trainer->options);
    for (size_t i = 1; i < state.count; i++) state.blocks[i] = trainer->states[i - 1];
    return state;
}

static nudge_status check_finite(const struct state *state, nudge_status code, nudge_error *error) {
    for (size_t i = 0; i < state->count; i++)
        for (size_t k = 0; k < state->trainer->net->block_count; k++)
            if (!finite_f32(state->blocks[i][k]))
                return error_set(error, code, "a number of the trainer's state is not finite");
    return NUDGE_OK;
}

static json_t *metadata_of(const void *of) {
    const nudge_trainer *trainer = ((const struct state *)of)->trainer;
    json_t *metadata = header_metadata(trainer->net, HEADER_FORMAT_TRAINER);
    if (metadata && training_put(metadata, &trainer->options) &&
        header_put_count(metadata, "steps", trainer->steps))
        return metadata;
    json_decref(metadata);
    return NULL;
}

nudge_status nudge_trainer_save_memory(const nudge_trainer *trainer, void *memory, size_t room, size_t *size,
                                       nudge_error *error) {
    if (missing(error, trainer, size)) return NUDGE_BAD_ARGUMENT;
    const struct state state = state_of(trainer);
    const struct tensors tensors = {tensor_at, &state};
    struct tensors_target target = {.memory = memory, .room = room};
    nudge_status status = header_check_net(trainer->net, error);
    if (!status) status = check_finite(&state, NUDGE_BAD_ARGUMENT, error);
    if (!status) status = tensors_save(trainer->context, &tensors, metadata_of, &target, error);
    if (status) return status;
    *size = target.size;
    if (!memory || target.size <= room) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu bytes, but the trainer's state takes %zu", room,
                     target.size);
}

/* -- loading -- */

static nudge_status check_alike(const struct header_net *parse, const nudge_trainer *trainer) {
    nudge_train_options options;
    const char *text = header_net_text(parse, "network");
    nudge_status status = text ? training_take(parse, &options) : NUDGE_BAD_INPUT;
    if (status) return status == NUDGE_BAD_ARGUMENT ? NUDGE_BAD_INPUT : status;
    if (strcmp(text, trainer->net->text) || parse->inputs != trainer->net->inputs)
        return error_set(
            parse->error, NUDGE_BAD_ARGUMENT,
            "the state is of the network \"%s\" with %zu inputs, the trainer's is \"%s\" with %zu",
            shown(text).text, parse->inputs, trainer->net->text, trainer->net->inputs);
    if (options.optimizer != trainer->options.optimizer ||
        optimizer_states(&options) != optimizer_states(&trainer->options))
        return error_set(parse->error, NUDGE_BAD_ARGUMENT,
                         "the state is of the optimizer %s with momentum %s, the trainer's is %s with %s",
                         nudge_optimizer_name(options.optimizer), text_number(options.momentum, 6).text,
                         nudge_optimizer_name(trainer->options.optimizer),
                         text_number(trainer->options.momentum, 6).text);
    return NUDGE_OK;
}

/* Into blocks of its own first, [count] of a net's block each. */
static nudge_status read_state(struct tensors_file *file, nudge_trainer *trainer, float *blocks) {
    const struct state now = state_of(trainer);
    const size_t numbers = trainer->net->block_count;
    struct state read = now;
    const struct tensors tensors = {tensor_at, &read};
    uint64_t steps;
    for (size_t i = 0; i < now.count; i++) read.blocks[i] = blocks + i * numbers;
    nudge_status status = header_net_whole(&file->parse, "steps", UINT64_MAX, &steps);
    if (!status) status = tensors_read(file, &tensors);
    if (!status) status = check_finite(&read, NUDGE_BAD_INPUT, file->parse.error);
    if (status) return status;
    for (size_t i = 0; i < now.count; i++) memcpy(now.blocks[i], read.blocks[i], numbers * sizeof(float));
    trainer->steps = steps;
    trainer->net->version++;
    trainer->stage = STAGE_EMPTY;
    trainer->forward_valid = trainer->gradients_valid = false;
    return NUDGE_OK;
}

nudge_status nudge_trainer_load_memory(nudge_trainer *trainer, const void *memory, size_t size,
                                       nudge_error *error) {
    if (missing(error, trainer, memory)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &trainer->context->allocator;
    struct tensors_file file;
    const size_t count = state_of(trainer).count, bytes = count * trainer->net->block_count * sizeof(float);
    float *blocks = NULL;
    nudge_status status =
        tensors_open(&file, NULL, memory, size, HEADER_FORMAT_TRAINER, trainer->context, error);
    if (!status) status = check_alike(&file.parse, trainer);
    if (!status) {
        size_t tensors;
        uint64_t parameters, state;
        header_net_count(&file.parse, &tensors, &parameters, &state);
        status = tensors_expect(&file, count, count * (parameters + state) * sizeof(float));
    }
    if (!status && !(blocks = memory_get_zeroed(allocator, bytes)))
        status = error_no_memory(error, bytes, "a trainer's state");
    if (!status) status = read_state(&file, trainer, blocks);
    memory_release(allocator, blocks, bytes);
    /* Another network or optimizer is the caller's mistake, not the bytes'. */
    bool other = status == NUDGE_BAD_ARGUMENT;
    status = tensors_close(&file, status);
    if (other && error) error->code = NUDGE_BAD_ARGUMENT;
    return other ? NUDGE_BAD_ARGUMENT : status;
}
