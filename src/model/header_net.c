/* See header_net.h. Invariant: nothing that a header says is believed before it was checked.
 * In __metadata__ every value is a text, as safetensors asks for, numbers too: "network":"2 relu, 2 softmax","inputs":"2".
 * The network's text says which tensors there must be, and of which shapes: the header's list is compared with it. */
#include "model/header_net.h"

#include "base/status.h"
#include "base/text.h"
#include "model/transform_text.h"

#include <string.h>

/* -- the JSON -- */

static nudge_status parse_json(struct header_net *parse, const struct header *header) {
    nudge_status status = json_memory_read(
        &parse->memory, &parse->context->allocator, &parse->root,
        (const char *)header->bytes + HEADER_LENGTH_SIZE, header->size - HEADER_LENGTH_SIZE,
        HEADER_MOST_MARKS, "is not a model file: its header", HEADER_LENGTH_SIZE, parse->error);
    if (status || json_is_object(parse->root)) return status;
    return error_set(parse->error, NUDGE_BAD_INPUT, "is not a model file: its header is not a JSON object");
}

const char *header_net_text(const struct header_net *parse, const char *key) {
    const char *text = json_string_value(json_object_get(parse->metadata, key));
    if (!text)
        error_set(parse->error, NUDGE_BAD_INPUT, "the header has no text \"%s\" in its __metadata__", key);
    return text;
}

nudge_status header_net_bad(const struct header_net *parse, const char *key, const char *found) {
    return error_set(parse->error, NUDGE_BAD_INPUT, "%s \"%s\" is not what it can be", key,
                     shown(found).text);
}

nudge_status header_net_whole(const struct header_net *parse, const char *key, uint64_t most,
                              uint64_t *count) {
    const char *text = header_net_text(parse, key);
    if (!text) return NUDGE_BAD_INPUT;
    const char *end = text_parse_count(text, most, count);
    return end && !*end ? NUDGE_OK : header_net_bad(parse, key, text);
}

nudge_status header_net_number(const struct header_net *parse, const char *key, double *number) {
    const char *text = header_net_text(parse, key);
    if (!text) return NUDGE_BAD_INPUT;
    const char *end = text_parse_number(text, number);
    return end && !*end ? NUDGE_OK : header_net_bad(parse, key, text);
}

/* Files of nudge say which kind they are: whoever takes one for another is told. */
static const char *kind_of(const char *format) {
    return format && strcmp(format, HEADER_FORMAT) == 0              ? "a model"
           : format && strcmp(format, HEADER_FORMAT_JOURNAL) == 0    ? "a journal"
           : format && strcmp(format, HEADER_FORMAT_CHECKPOINT) == 0 ? "a checkpoint"
           : format && strcmp(format, HEADER_FORMAT_TRAINER) == 0    ? "a trainer's state"
                                                                     : NULL;
}

static nudge_status check_format(const struct header_net *parse, const char *expected) {
    const char *format = json_string_value(json_object_get(parse->metadata, "format"));
    if (kind_of(format) && strcmp(format, expected))
        return error_set(parse->error, NUDGE_BAD_INPUT, "is %s of nudge, expected %s", kind_of(format),
                         kind_of(expected));
    if (!format || strcmp(format, expected))
        return error_set(parse->error, NUDGE_BAD_INPUT,
                         "is not %s of nudge: its __metadata__ has no \"format\":\"%s\"", kind_of(expected),
                         expected);
    const char *version = header_net_text(parse, "format_version");
    if (!version) return NUDGE_BAD_INPUT;
    if (strcmp(version, HEADER_FORMAT_VERSION))
        return error_set(parse->error, NUDGE_BAD_INPUT, "has format version %s, this nudge reads version %s",
                         shown(version).text, HEADER_FORMAT_VERSION);
    return NUDGE_OK;
}

static nudge_status parse_network(struct header_net *parse) {
    const char *text = header_net_text(parse, "network"),
               *inputs = text ? header_net_text(parse, "inputs") : NULL;
    if (!inputs) return NUDGE_BAD_INPUT;
    uint64_t count = 0;
    const char *end = text_parse_count(inputs, SPEC_MOST_NEURONS, &count);
    if (!end || *end || count == 0)
        return error_set(parse->error, NUDGE_BAD_INPUT, "inputs \"%s\", expected a number from 1 to %d",
                         shown(inputs).text, SPEC_MOST_NEURONS);
    parse->inputs = (size_t)count;
    nudge_status status = spec_parse(text, NULL, &parse->chain_room, parse->error);
    if (status) return status;
    size_t bytes = parse->chain_room * sizeof *parse->chain;
    parse->chain = memory_get(&parse->context->allocator, bytes);
    if (!parse->chain) return error_no_memory(parse->error, bytes, "the network's layers");
    return spec_parse(text, parse->chain, &parse->op_count, parse->error);
}

/* -- tensors -- */

/* Whether the JSON is the list of these `count` numbers. */
static bool is_list(const json_t *list, const uint64_t *wanted, size_t count) {
    bool same = json_is_array(list) && json_array_size(list) == count;
    for (size_t i = 0; same && i < count; i++) {
        const json_t *item = json_array_get(list, i);
        same = json_is_integer(item) && json_integer_value(item) >= 0 &&
               (uint64_t)json_integer_value(item) == wanted[i];
    }
    return same;
}

struct shape_text shape_text(const uint64_t *numbers, size_t count) {
    struct shape_text list;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used = text_append(list.text, sizeof list.text, used, "%s%llu", i ? "," : "[",
                           (unsigned long long)numbers[i]);
    text_append(list.text, sizeof list.text, used, "]");
    return list;
}

nudge_status header_net_tensor(const struct header_net *parse, const char *name, const char *dtype,
                               const uint64_t *shape, size_t dimensions, uint64_t bytes, uint64_t *offset) {
    const uint64_t offsets[2] = {*offset, *offset + bytes};
    const json_t *tensor = json_object_get(parse->root, name);
    const char *found = json_string_value(json_object_get(tensor, "dtype"));
    if (!tensor) return error_set(parse->error, NUDGE_BAD_INPUT, "tensor %s is missing", name);
    if (json_object_size(tensor) != 3 || !found || strcmp(found, dtype))
        return error_set(parse->error, NUDGE_BAD_INPUT,
                         "tensor %s: expected dtype \"%s\", shape and data_offsets", name, dtype);
    if (!is_list(json_object_get(tensor, "shape"), shape, dimensions))
        return error_set(parse->error, NUDGE_BAD_INPUT, "tensor %s: expected the network's shape %s", name,
                         shape_text(shape, dimensions).text);
    if (!is_list(json_object_get(tensor, "data_offsets"), offsets, 2))
        return error_set(parse->error, NUDGE_BAD_INPUT, "tensor %s: expected data_offsets %s", name,
                         shape_text(offsets, 2).text);
    *offset = offsets[1];
    return NUDGE_OK;
}

bool header_net_next(const struct header_net *parse, struct header_tensors *cursor,
                     struct net_tensor *tensor) {
    if (cursor->op == 0 && cursor->tensor == 0) cursor->outputs = parse->inputs;
    for (; cursor->op < parse->op_count; cursor->op++, cursor->tensor = 0) {
        const struct spec_op *given = &parse->chain[cursor->op];
        if (cursor->tensor == 0) {
            cursor->inputs = cursor->outputs;
            if (given->op->kind == OP_DENSE) cursor->outputs = given->neurons;
        }
        if (cursor->tensor == given->op->tensor_count) continue;
        const struct op_tensor *is = &given->op->tensors[cursor->tensor++];
        size_t inputs = is->by_input ? cursor->inputs : 0;
        *tensor =
            (struct net_tensor){.is = is,
                                .layer = given->layer,
                                .outputs = cursor->outputs,
                                .inputs = inputs,
                                .count = cursor->outputs * (inputs ? inputs : 1)}; /* < 2^50: see spec.h */
        return true;
    }
    return false;
}

void header_net_count(const struct header_net *parse, size_t *tensors, uint64_t *parameters,
                      uint64_t *state) {
    struct net_tensor tensor;
    *tensors = 0;
    *parameters = *state = 0; /* < 2^60: see spec.h */
    for (struct header_tensors cursor = {0}; header_net_next(parse, &cursor, &tensor); (*tensors)++)
        *(tensor_is_state(&tensor) ? state : parameters) += tensor.count;
}

/* -- what else belongs to the net -- */

static nudge_status give_labels(const struct header_net *parse, nudge_net *net, const json_t *list) {
    const nudge_allocator *allocator = &parse->context->allocator;
    size_t count = json_array_size(list), bytes = count * sizeof(char *);
    const char **labels = memory_get(allocator, bytes);
    if (!labels) return error_no_memory(parse->error, bytes, "labels");
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < count; i++) {
        labels[i] = json_string_value(json_array_get(list, i));
        if (!labels[i]) status = error_set(parse->error, NUDGE_BAD_INPUT, "label %zu is not text", i);
    }
    if (!status) status = nudge_net_set_labels(net, labels, count, parse->error);
    memory_release(allocator, labels, bytes);
    return status;
}

static nudge_status set_labels(const struct header_net *parse, nudge_net *net) {
    if (!json_object_get(parse->metadata, "labels")) return NUDGE_OK;
    const char *text = header_net_text(parse, "labels");
    if (!text) return NUDGE_BAD_INPUT;
    struct json_memory memory = {NULL, NULL, 0, 0, NULL};
    json_t *list = NULL;
    size_t most = nudge_net_outputs(net) + 2; /* a bracket, and commas; one output has two labels */
    nudge_status status = json_memory_read(&memory, &parse->context->allocator, &list, text, strlen(text),
                                           most, "labels", 0, parse->error);
    if (!status)
        status = json_is_array(list)
                     ? give_labels(parse, net, list)
                     : error_set(parse->error, NUDGE_BAD_INPUT, "labels: expected a JSON list of texts");
    json_memory_end(&memory);
    return status;
}

#define OLD_COST HEADER_NOTE "cost"
#define OLD_DELTA HEADER_NOTE "huber_delta"

/* Metadata of other keys are left: a later nudge may add some without becoming unreadable to this one. */
static nudge_status set_notes(const struct header_net *parse, nudge_net *net) {
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)parse->metadata, key, value) {
        const char *text = json_string_value(value);
        if (!text)
            return error_set(parse->error, NUDGE_BAD_INPUT, "__metadata__ \"%s\" is not text",
                             shown(key).text);
        if (strncmp(key, HEADER_NOTE, strlen(HEADER_NOTE)) || strcmp(key, OLD_COST) == 0 ||
            strcmp(key, OLD_DELTA) == 0)
            continue;
        if (++count > HEADER_MOST_NOTES)
            return error_set(parse->error, NUDGE_BAD_INPUT, "has more than %d notes", HEADER_MOST_NOTES);
        nudge_status status = nudge_net_set_note(net, key + strlen(HEADER_NOTE), text, parse->error);
        if (status) return status;
    }
    return NUDGE_OK;
}

/* Files of the first days have the cost as notes, and journals of a training that was cut short none. */
static nudge_status set_cost(const struct header_net *parse, nudge_net *net) {
    const bool old = !json_object_get(parse->metadata, HEADER_COST);
    const char *key = old ? OLD_COST : HEADER_COST, *delta_key = old ? OLD_DELTA : HEADER_COST_DELTA;
    nudge_cost cost;
    double delta = 1;
    if (!json_object_get(parse->metadata, key)) return NUDGE_OK;
    const char *text = header_net_text(parse, key);
    if (!text) return NUDGE_BAD_INPUT;
    nudge_status status = nudge_cost_from_name(text, &cost, parse->error);
    if (!status && json_object_get(parse->metadata, delta_key))
        status = header_net_number(parse, delta_key, &delta);
    return status ? status : nudge_net_set_cost(net, cost, delta, parse->error);
}

/* -- all of it -- */

nudge_status header_net_open(struct header_net *parse, const struct header *header, const char *format,
                             nudge_context *context, nudge_error *error) {
    *parse = (struct header_net){.context = context, .error = error};
    nudge_status status = parse_json(parse, header);
    parse->metadata = json_object_get(parse->root, "__metadata__");
    if (!status) status = check_format(parse, format);
    if (!status && !header_net_text(parse, "file_digest")) status = NUDGE_BAD_INPUT;
    return status ? status : parse_network(parse);
}

nudge_status header_net_make(const struct header_net *parse, nudge_net **net) {
    nudge_net *made;
    nudge_status status =
        net_from_text(parse->context, parse->inputs, header_net_text(parse, "network"), &made, parse->error);
    if (status) return status;
    status = transforms_take(made, parse->metadata, parse->error);
    if (!status) status = set_labels(parse, made);
    if (!status) status = set_notes(parse, made);
    if (!status) status = set_cost(parse, made);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *net = made;
    return NUDGE_OK;
}

nudge_status header_net_close(struct header_net *parse, nudge_status status) {
    if (parse->chain)
        memory_release(&parse->context->allocator, parse->chain, parse->chain_room * sizeof *parse->chain);
    json_memory_end(&parse->memory);
    if (status != NUDGE_BAD_ARGUMENT) return status;
    if (parse->error)
        parse->error->code =
            NUDGE_BAD_INPUT; /* what the net's functions call an argument came from the file */
    return NUDGE_BAD_INPUT;
}
