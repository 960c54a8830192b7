/* A checkpoint's files. Invariant: of the two generations one is always whole: what is written is the other, as a new file
 * that takes its name when it is on the disk. */
#include "learn/checkpoint.h"

#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "model/tensors.h"
#include "model/training_text.h"

#include <stdio.h> /* remove */
#include <string.h>

enum { GENERATIONS = 2, SUFFIX = sizeof ".checkpoint-1" };

/* -- what a file has -- */

static bool tensor_at(const void *of, size_t i, struct file_tensor *tensor) {
    const struct nudge_checkpoint *checkpoint = of;
    const nudge_net *net = checkpoint->running ? checkpoint->running : checkpoint->net;
    for (size_t b = 0; b < CHECKPOINT_BLOCKS; b++) {
        if (!checkpoint_has_block(&checkpoint->training, b) || i-- > 0) continue;
        *tensor = tensor_of_block(net, checkpoint_block_names[b], checkpoint->blocks[b]);
        return true;
    }
    return false;
}

struct key {
    char text[48];
};
static struct key key_of(const char *before, const char *name) {
    struct key key;
    text_append(key.text, sizeof key.text, 0, "%s.%s", before, name);
    return key;
}

static bool put_state(json_t *metadata, const struct training_state *state) {
    bool fits = true;
    for (size_t i = 0; fits && i < training_state_field_count; i++) {
        const struct training_state_field *field = &training_state_fields[i];
        const unsigned char *member = (const unsigned char *)state + field->place;
        uint64_t count;
        double number;
        memcpy(&count, member, sizeof count);
        memcpy(&number, member, sizeof number);
        struct key key = key_of("state", field->key);
        fits = field->is_count ? header_put_count(metadata, key.text, count)
                               : header_put_text(metadata, key.text, text_double(number).text);
    }
    return fits;
}

static json_t *metadata_of(const void *of) {
    const struct nudge_checkpoint *checkpoint = of;
    json_t *metadata = header_metadata(checkpoint->running, HEADER_FORMAT_CHECKPOINT);
    bool fits = metadata && training_put(metadata, &checkpoint->training) &&
                put_state(metadata, &checkpoint->state) &&
                header_put_text(metadata, "engine", checkpoint->engine) &&
                header_put_text(metadata, "precision", checkpoint->precision) &&
                header_put_text(metadata, "bf16_kernel", checkpoint->bf16);
    for (size_t p = 0; fits && p < CHECKPOINT_PARTS; p++) {
        const char *part = data_part_name((nudge_part)p);
        fits = header_put_count(metadata, key_of("rows", part).text, checkpoint->data[p].rows) &&
               header_put_count(metadata, key_of("fingerprint", part).text, checkpoint->data[p].hash);
    }
    if (fits && checkpoint->note) fits = header_put_text(metadata, "asked", checkpoint->note);
    if (fits) return metadata;
    json_decref(metadata);
    return NULL;
}

/* -- saving -- */

static char *path_of(const struct nudge_checkpoint *checkpoint, unsigned generation) {
    size_t room = strlen(checkpoint->path) + SUFFIX;
    char *path = memory_get(&checkpoint->context->allocator, room);
    if (path) text_append(path, room, 0, "%s.checkpoint-%u", checkpoint->path, generation + 1);
    return path;
}

static nudge_status save(struct nudge_checkpoint *checkpoint, nudge_error *error) {
    const nudge_allocator *allocator = &checkpoint->context->allocator;
    struct tensors tensors = {tensor_at, checkpoint};
    char *path = path_of(checkpoint, checkpoint->generation),
         *other = path_of(checkpoint, 1 - checkpoint->generation);
    nudge_status status = path && other ? header_check_net(checkpoint->running, error)
                                        : error_no_memory(error, SUFFIX, "a path");
    if (!status)
        status = tensors_save(checkpoint->context, &tensors, metadata_of,
                              &(struct tensors_target){.path = path}, error);
    if (!status && checkpoint->replaces) {
        remove(other);
        checkpoint->replaces = false;
    }
    memory_release_text(allocator, path);
    memory_release_text(allocator, other);
    return status;
}

/* -- making -- */

nudge_status nudge_checkpoint_create(nudge_context *context, const char *path,
                                     const nudge_checkpoint_options *options, nudge_checkpoint **checkpoint,
                                     nudge_error *error) {
    if (missing(error, context, path, checkpoint)) return NUDGE_BAD_ARGUMENT;
    nudge_checkpoint_options chosen = NUDGE_CHECKPOINT_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "checkpoint options: struct_size is not set; begin with NUDGE_CHECKPOINT_OPTIONS");
    if (!(chosen.every_seconds >= 0 && chosen.every_seconds <= 1e9))
        return error_set(error, NUDGE_BAD_ARGUMENT, "checkpoint: every %s seconds, expected 0 to 1e9",
                         text_number(chosen.every_seconds, 6).text);
    nudge_checkpoint *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "the checkpoint");
    made->context = context;
    made->options = chosen;
    made->options.note = NULL;
    made->replaces = true;
    made->save = save;
    made->path = memory_copy_text(&context->allocator, path);
    if (chosen.note) made->note = memory_copy_text(&context->allocator, chosen.note);
    if (!made->path || (chosen.note && !made->note)) {
        size_t bytes = strlen(made->path ? chosen.note : path) + 1;
        nudge_checkpoint_free(made);
        return error_no_memory(error, bytes, "the checkpoint");
    }
    *checkpoint = made;
    return NUDGE_OK;
}

void nudge_checkpoint_free(nudge_checkpoint *checkpoint) {
    if (!checkpoint) return;
    nudge_allocator allocator = checkpoint->context->allocator;
    for (size_t b = 0; checkpoint->net && b < CHECKPOINT_BLOCKS; b++)
        memory_release(&allocator, checkpoint->owned[b], checkpoint->net->block_count * sizeof(float));
    nudge_net_free(checkpoint->net);
    memory_release_text(&allocator, checkpoint->path);
    memory_release_text(&allocator, checkpoint->note);
    memory_release(&allocator, checkpoint, sizeof *checkpoint);
}

/* -- loading -- */

static nudge_status take_state(const struct header_net *parse, struct training_state *state) {
    for (size_t i = 0; i < training_state_field_count; i++) {
        const struct training_state_field *field = &training_state_fields[i];
        struct key key = key_of("state", field->key);
        unsigned char *member = (unsigned char *)state + field->place;
        uint64_t count = 0;
        double number = 0;
        nudge_status status = field->is_count ? header_net_whole(parse, key.text, UINT64_MAX, &count)
                                              : header_net_number(parse, key.text, &number);
        memcpy(member, field->is_count ? (void *)&count : &number, sizeof count);
        if (status) return status;
    }
    return NUDGE_OK;
}

static nudge_status take_texts(const struct header_net *parse, struct nudge_checkpoint *checkpoint) {
    struct {
        const char *key;
        char *to;
    } texts[] = {{"engine", checkpoint->engine},
                 {"precision", checkpoint->precision},
                 {"bf16_kernel", checkpoint->bf16}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = header_net_text(parse, texts[i].key);
        if (!text) return NUDGE_BAD_INPUT;
        text_append(texts[i].to, sizeof checkpoint->engine, 0, "%s", text);
    }
    nudge_status status = NUDGE_OK;
    for (size_t p = 0; !status && p < CHECKPOINT_PARTS; p++) {
        const char *part = data_part_name((nudge_part)p);
        status = header_net_whole(parse, key_of("rows", part).text, UINT32_MAX, &checkpoint->data[p].rows);
        if (!status)
            status = header_net_whole(parse, key_of("fingerprint", part).text, UINT64_MAX,
                                      &checkpoint->data[p].hash);
    }
    const char *asked = json_string_value(json_object_get(parse->metadata, "asked"));
    if (status || !asked || checkpoint->note) return status;
    checkpoint->note = memory_copy_text(&checkpoint->context->allocator, asked);
    return checkpoint->note ? NUDGE_OK : error_no_memory(parse->error, strlen(asked) + 1, "the checkpoint");
}

/* Epoch and step follow from the steps that were made. */
static nudge_status check_state(const struct nudge_checkpoint *checkpoint, nudge_error *error) {
    const struct training_state *state = &checkpoint->state;
    uint64_t batch = checkpoint->training.batch_size, rows = checkpoint->data[NUDGE_PART_TRAIN].rows,
             steps = batch ? rows / batch + (rows % batch != 0) : 0;
    bool right = steps > 0 && state->steps > 0 && state->epoch == (state->steps - 1) / steps + 1 &&
                 state->step == (state->steps - 1) % steps + 1 &&
                 state->epoch <= checkpoint->training.epochs && state->rows > 0 && state->rows <= rows &&
                 state->best_epoch <= state->epoch &&
                 (state->ended == 0 || (state->ended == 1 && state->step == steps));
    return right
               ? NUDGE_OK
               : error_set(error, NUDGE_BAD_INPUT,
                           "what its header says of the training does not hold together: rows, steps, epoch");
}

static nudge_status read_checkpoint(struct tensors_file *file, struct nudge_checkpoint *checkpoint) {
    nudge_error *error = file->parse.error;
    const nudge_allocator *allocator = &checkpoint->context->allocator;
    size_t tensors, count = 0;
    uint64_t parameters, state;
    nudge_status status = training_take(&file->parse, &checkpoint->training);
    if (!status) status = take_state(&file->parse, &checkpoint->state);
    if (!status) status = take_texts(&file->parse, checkpoint);
    if (!status) status = check_state(checkpoint, error);
    if (status) return status;
    header_net_count(&file->parse, &tensors, &parameters, &state);
    for (size_t b = 0; b < CHECKPOINT_BLOCKS; b++) count += checkpoint_has_block(&checkpoint->training, b);
    status = tensors_expect(file, count, count * (parameters + state) * sizeof(float));
    if (!status) status = header_net_make(&file->parse, &checkpoint->net);
    if (status) return status;
    size_t bytes = checkpoint->net->block_count * sizeof(float);
    for (size_t b = 0; b < CHECKPOINT_BLOCKS; b++) {
        if (!checkpoint_has_block(&checkpoint->training, b)) continue;
        checkpoint->blocks[b] = checkpoint->owned[b] = memory_get_zeroed(allocator, bytes);
        if (!checkpoint->blocks[b]) return error_no_memory(error, bytes, "the checkpoint");
    }
    struct tensors list = {tensor_at, checkpoint};
    status = tensors_read(file, &list);
    if (status) return status;
    memcpy(checkpoint->net->parameters, checkpoint->blocks[BLOCK_PARAMETERS], bytes);
    return parameters_check(checkpoint->net, NUDGE_BAD_INPUT, error);
}

/* *loaded stays NULL when there is no such file. */
static nudge_status load_generation(nudge_context *context, const char *path, unsigned generation,
                                    const nudge_checkpoint_options *options, nudge_checkpoint **loaded,
                                    nudge_error *error) {
    nudge_checkpoint *made;
    nudge_status status = nudge_checkpoint_create(context, path, options, &made, error);
    if (status) return status;
    char *name = path_of(made, generation);
    struct tensors_file file;
    if (!name) status = error_no_memory(error, SUFFIX, "a path");
    if (name && file_exists(name)) {
        status = tensors_open(&file, name, NULL, 0, HEADER_FORMAT_CHECKPOINT, context, error);
        if (!status) status = read_checkpoint(&file, made);
        status = tensors_close(&file, status);
        if (!status) *loaded = made;
    }
    if (*loaded != made) nudge_checkpoint_free(made);
    memory_release_text(&context->allocator, name);
    return status;
}

nudge_status nudge_checkpoint_load(nudge_context *context, const char *path, bool allow_previous,
                                   const nudge_checkpoint_options *options, nudge_checkpoint **checkpoint,
                                   nudge_error *error) {
    if (missing(error, context, path, checkpoint)) return NUDGE_BAD_ARGUMENT;
    nudge_checkpoint *found[GENERATIONS] = {NULL, NULL};
    nudge_error own = {0}, first = {0};
    unsigned best = 0;
    for (unsigned g = 0; g < GENERATIONS; g++) {
        nudge_status status = load_generation(context, path, g, options, &found[g], &own);
        if (status && !first.code) first = own;
        if (status == NUDGE_NO_MEMORY || status == NUDGE_BAD_ARGUMENT) allow_previous = false;
    }
    if (found[1] && (!found[0] || found[1]->state.steps > found[0]->state.steps)) best = 1;
    if (found[best] && (!first.code || allow_previous)) {
        nudge_checkpoint_free(found[1 - best]);
        found[best]->generation = 1 - best;
        found[best]->replaces = false;
        *checkpoint = found[best];
        return NUDGE_OK;
    }
    size_t epoch = 0, step = 0;
    if (found[best]) nudge_checkpoint_place(found[best], &epoch, &step);
    for (unsigned g = 0; g < GENERATIONS; g++) nudge_checkpoint_free(found[g]);
    if (!first.code)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: has no checkpoint: neither %s.checkpoint-1 nor -2 is there", shown(path).text,
                         shown(path).text);
    if (!epoch || first.code != NUDGE_BAD_INPUT) return error_set(error, first.code, "%s", first.message);
    return error_set(error, first.code,
                     "%s. The checkpoint of epoch %zu, step %zu, is whole (allow_previous)", first.message,
                     epoch, step);
}
