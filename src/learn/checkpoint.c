/* See checkpoint.h. */
#include "learn/checkpoint.h"

#include "base/clock.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "learn/fields.h"

#include <string.h>

/* -- the list -- */

#define COUNT(member)                                                                                        \
    { #member, true, offsetof(struct training_state, member) }
#define NUMBER(member)                                                                                       \
    { #member, false, offsetof(struct training_state, member) }

const struct training_state_field training_state_fields[] = {
    COUNT(steps),        COUNT(epoch),         COUNT(step),     COUNT(ended),      COUNT(rows),
    NUMBER(cost_sum),    NUMBER(right),        NUMBER(counted), COUNT(best_epoch), COUNT(worse_epochs),
    NUMBER(best_metric), NUMBER(earlier_cost), COUNT(samples),  NUMBER(seconds),   NUMBER(epoch_seconds),
};
const size_t training_state_field_count = sizeof training_state_fields / sizeof *training_state_fields;
_Static_assert(sizeof training_state_fields / sizeof *training_state_fields * sizeof(uint64_t) ==
                   sizeof(struct training_state),
               "every member of struct training_state is in the list");

const char *const checkpoint_block_names[CHECKPOINT_BLOCKS] = {"parameters", "optimizer.0", "optimizer.1",
                                                               "good", "best"};

bool checkpoint_has_block(const nudge_train_options *options, size_t block) {
    switch (block) {
    case BLOCK_STATE_0: return optimizer_states(options) > 0;
    case BLOCK_STATE_1: return optimizer_states(options) > 1;
    case BLOCK_BEST: return options->patience > 0;
    default: return true;
    }
}

/* -- fingerprints -- */

struct hashing {
    uint64_t hash;
    size_t bytes; /* of a row */
};

static void hash_bytes(uint64_t *hash, const void *bytes, size_t count) {
    const unsigned char *from = bytes;
    uint64_t h = *hash, word = 0;
    for (; count > 0; from += sizeof word) {
        size_t size = count < sizeof word ? count : sizeof word;
        word = 0;
        memcpy(&word, from, size);
        h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15); /* an odd number: nothing is lost */
        h ^= h >> 29;
        count -= size;
    }
    *hash = h;
}

static void hash_row(void *user, const void *values) {
    struct hashing *hashing = user;
    hash_bytes(&hashing->hash, values, hashing->bytes);
}

/* Of the rows in the part's order: features, targets and weights. */
static nudge_status take_fingerprint(const nudge_data *data, nudge_part part, struct fingerprint *to,
                                     nudge_error *error) {
    const struct data_part *p = &data->parts[part];
    struct hashing hashing = {p->rows, data->features * data_value_size(data->type)};
    *to = (struct fingerprint){p->rows, 0};
    if (p->rows == 0) return NUDGE_OK;
    nudge_status status = data_visit_rows(data, part, hash_row, &hashing, error);
    for (size_t r = 0; !status && r < p->rows; r++) {
        const struct data_block *block = p->block;
        size_t at = data_part_row(p, r);
        if (block->labels) hash_bytes(&hashing.hash, &block->labels[at], sizeof *block->labels);
        if (block->targets)
            hash_bytes(&hashing.hash, block->targets + at * data->target_columns,
                       data->target_columns * sizeof *block->targets);
        if (block->weights) hash_bytes(&hashing.hash, &block->weights[at], sizeof *block->weights);
    }
    to->hash = hashing.hash;
    return status;
}

/* -- the same training -- */

static nudge_status differs(nudge_error *error, const char *what, const char *before, const char *now) {
    return error_set(error, NUDGE_BAD_ARGUMENT,
                     "the checkpoint is of another training: %s was \"%s\", and is \"%s\" now", what,
                     shown(before).text, shown(now).text);
}

/* Only the number of epochs may have grown, where no learning rate depends on it. */
static nudge_status compare_epochs(const struct nudge_checkpoint *checkpoint, const nudge_train_options *now,
                                   nudge_error *error) {
    size_t before = checkpoint->training.epochs;
    bool by_epochs = now->schedule == NUDGE_SCHEDULE_COSINE || now->schedule == NUDGE_SCHEDULE_ONE_CYCLE;
    if (now->epochs != before && by_epochs)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "epochs were %zu, and are %zu now: with the schedule %s every learning rate would be "
            "another one",
            before, now->epochs, nudge_schedule_name(now->schedule));
    if (now->epochs < checkpoint->state.epoch)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu epochs, but the checkpoint is in epoch %llu already",
                         now->epochs, (unsigned long long)checkpoint->state.epoch);
    return NUDGE_OK;
}

static nudge_status compare_options(const struct nudge_checkpoint *checkpoint, const struct epoch *run,
                                    nudge_error *error) {
    const nudge_train_options now = run->options;
    struct training_field field;
    if (training_fields_differ(&checkpoint->training, &now, &field))
        return differs(error, field.key, training_field_text(&field, &checkpoint->training).text,
                       training_field_text(&field, &now).text);
    return compare_epochs(checkpoint, &now, error);
}

static const char *note_of(const nudge_net *net, const char *key) {
    const char *note = nudge_net_note(net, key);
    return note ? note : "";
}

static nudge_status compare(const struct nudge_checkpoint *checkpoint, const struct epoch *run,
                            const struct fingerprint *found, nudge_error *error) {
    const nudge_net *before = checkpoint->net, *now = run->net;
    const nudge_context *context = run->context;
    const struct chosen_cost cost = cost_of(now), cost_before = cost_of(before);
    const char *bf16 = nudge_context_bf16_kernel(context);
    if (strcmp(before->text, now->text)) return differs(error, "the network", before->text, now->text);
    if (before->inputs != now->inputs)
        return error_set(error, NUDGE_BAD_ARGUMENT, "the checkpoint's network has %zu inputs, this one %zu",
                         before->inputs, now->inputs);
    for (size_t part = 0; part < CHECKPOINT_PARTS; part++)
        if (found[part].rows != checkpoint->data[part].rows ||
            found[part].hash != checkpoint->data[part].hash)
            return error_set(
                error, NUDGE_BAD_ARGUMENT,
                "the checkpoint is of a training on other data: its %s part had %llu rows with the "
                "fingerprint %llx, that of %s has %llu with %llx",
                data_part_name((nudge_part)part), (unsigned long long)checkpoint->data[part].rows,
                (unsigned long long)checkpoint->data[part].hash, run->data->name,
                (unsigned long long)found[part].rows, (unsigned long long)found[part].hash);
    if (!transform_same(&before->inputs_transform, &now->inputs_transform) ||
        !transform_same(&before->targets_transform, &now->targets_transform))
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "the checkpoint is of a training whose inputs or targets were scaled in another way");
    if (cost.cost != cost_before.cost)
        return differs(error, "the cost", cost_before.cost->name, cost.cost->name);
    if (cost.delta != cost_before.delta)
        return differs(error, "the cost's delta", text_double(cost_before.delta).text,
                       text_double(cost.delta).text);
    nudge_status status = compare_options(checkpoint, run, error);
    if (status) return status;
    static const char weights[] = "class_weights";
    if (strcmp(note_of(before, weights), note_of(now, weights)))
        return differs(error, "the weight of classes", note_of(before, weights), note_of(now, weights));
    if (strcmp(checkpoint->engine, nudge_context_engine(context)))
        return differs(error, "the engine", checkpoint->engine, nudge_context_engine(context));
    if (strcmp(checkpoint->precision, nudge_context_precision(context)))
        return differs(error, "the precision", checkpoint->precision, nudge_context_precision(context));
    if (strcmp(checkpoint->bf16, bf16 ? bf16 : ""))
        return differs(error, "the kernel of bf16", checkpoint->bf16, bf16 ? bf16 : "");
    return NUDGE_OK;
}

nudge_status checkpoint_begin(struct nudge_checkpoint *checkpoint, const struct epoch *run,
                              nudge_error *error) {
    struct fingerprint found[CHECKPOINT_PARTS];
    nudge_status status = NUDGE_OK;
    if (checkpoint->used)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "a checkpoint is for one training: expected one that was just created or loaded");
    if (run->options.reduce)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "checkpoint: steps whose gradients are reduced elsewhere cannot be taken up again");
    for (size_t part = 0; !status && part < CHECKPOINT_PARTS; part++)
        status = take_fingerprint(run->data, (nudge_part)part, &found[part], error);
    if (!status && checkpoint->net) status = compare(checkpoint, run, found, error);
    if (status) return status;
    const char *bf16 = nudge_context_bf16_kernel(run->context);
    memcpy(checkpoint->data, found, sizeof found);
    checkpoint->training = run->options;
    checkpoint->training.checkpoint = NULL;
    checkpoint->training.journal = NULL;
    checkpoint->training.class_weight = NULL; /* the net notes what it came to */
    text_append(checkpoint->engine, sizeof checkpoint->engine, 0, "%s", nudge_context_engine(run->context));
    text_append(checkpoint->precision, sizeof checkpoint->precision, 0, "%s",
                nudge_context_precision(run->context));
    text_append(checkpoint->bf16, sizeof checkpoint->bf16, 0, "%s", bf16 ? bf16 : "");
    checkpoint->running = run->net;
    checkpoint->used = true;
    checkpoint->saved_at = clock_seconds();
    return NUDGE_OK;
}

/* -- meanwhile -- */

bool checkpoint_is_due(const struct nudge_checkpoint *checkpoint, const struct epoch *run) {
    const nudge_checkpoint_options *options = &checkpoint->options;
    if (options->every_steps && run->trainer->steps % options->every_steps == 0) return true;
    return options->every_seconds > 0 && clock_seconds() - checkpoint->saved_at >= options->every_seconds;
}

void checkpoint_save(struct nudge_checkpoint *checkpoint, const struct epoch *run) {
    nudge_error error = {0};
    nudge_status status = checkpoint->save(checkpoint, &error);
    if (!status) checkpoint->generation = 1 - checkpoint->generation;
    checkpoint->saved_at = clock_seconds();
    if (checkpoint->options.on_saved)
        checkpoint->options.on_saved(checkpoint->options.user, &run->progress, status ? &error : NULL);
}

/* -- reading -- */

const nudge_net *nudge_checkpoint_net(const nudge_checkpoint *checkpoint) {
    return checkpoint->net;
}

const char *nudge_checkpoint_note(const nudge_checkpoint *checkpoint) {
    return checkpoint->note;
}

void nudge_checkpoint_place(const nudge_checkpoint *checkpoint, size_t *epoch, size_t *step) {
    if (epoch) *epoch = (size_t)checkpoint->state.epoch;
    if (step) *step = (size_t)checkpoint->state.step;
}
