/* The header that is read. Invariant: nothing that it says is believed before it was checked: sizes against
 * the file, shapes against the network's text, and only then is the net made. */
#include "base/status.h"
#include "base/text.h"
#include "model/header.h"
#include "model/json_guard.h"
#include "model/parameters.h"
#include "model/preprocessing.h"
#include "net/spec.h"

#include <string.h>

/* -- the bytes -- */

static uint64_t little_endian(const unsigned char *bytes) {
    uint64_t value = 0;
    for (size_t i = HEADER_LENGTH_SIZE; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static nudge_status check_length(const struct file_reader *file, uint64_t length, nudge_error *error) {
    if (length < 2 || length > HEADER_MOST)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: not a model file: its first 8 bytes announce a header of %llu bytes, expected 2 to %d",
            shown(file->path).text, (unsigned long long)length, HEADER_MOST);
    if (length > file->size - HEADER_LENGTH_SIZE)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: has %llu bytes, but its first 8 announce a header of %llu: it is cut short, or not a "
            "model file",
            shown(file->path).text, (unsigned long long)file->size, (unsigned long long)length);
    return NUDGE_OK;
}

static nudge_status read_exactly(struct file_reader *file, void *bytes, size_t count, nudge_error *error) {
    size_t got;
    nudge_status status = file_reader_read(file, bytes, count, &got, error);
    if (!status && got < count)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: ends at byte %llu within its header, expected a model file",
                         shown(file->path).text, (unsigned long long)file->position);
    return status;
}

nudge_status header_read(struct header *header, struct file_reader *file, const nudge_allocator *allocator,
                         nudge_error *error) {
    unsigned char start[HEADER_LENGTH_SIZE];
    nudge_status status = read_exactly(file, start, sizeof start, error);
    if (!status) status = check_length(file, little_endian(start), error);
    if (status) return status;
    size_t size = HEADER_LENGTH_SIZE + (size_t)little_endian(start);
    struct header made = {memory_get(allocator, size), size, NULL};
    if (!made.bytes) return error_no_memory(error, size, "the model file's header");
    memcpy(made.bytes, start, sizeof start);
    status = read_exactly(file, made.bytes + sizeof start, size - sizeof start, error);
    if (status) {
        header_release(&made, allocator);
        return status;
    }
    header_find_digest(&made);
    *header = made;
    return NUDGE_OK;
}

/* -- the JSON -- */

/* What header_parse works on. */
struct parse {
    nudge_context *context;
    const json_t *root, *metadata;
    size_t inputs;
    struct spec_layer *layers;
    size_t layer_count;
    nudge_error *error;
};

static nudge_status parse_json(const struct header *header, json_t **root, nudge_error *error) {
    nudge_status status = json_guard_read(root, (const char *)header->bytes + HEADER_LENGTH_SIZE,
                                          header->size - HEADER_LENGTH_SIZE, HEADER_MOST_MARKS,
                                          "is not a model file: its header", HEADER_LENGTH_SIZE, error);
    if (status || json_is_object(*root)) return status;
    return error_set(error, NUDGE_BAD_INPUT, "is not a model file: its header is not a JSON object");
}

/* The metadata's text of this key; NULL and a sentence when it is missing or not text. */
static const char *text_of(const struct parse *parse, const char *key) {
    const char *text = json_string_value(json_object_get(parse->metadata, key));
    if (!text)
        error_set(parse->error, NUDGE_BAD_INPUT, "the header has no text \"%s\" in its __metadata__", key);
    return text;
}

static nudge_status check_format(const struct parse *parse) {
    const char *format = json_string_value(json_object_get(parse->metadata, "format"));
    if (!format || strcmp(format, HEADER_FORMAT))
        return error_set(parse->error, NUDGE_BAD_INPUT,
                         "is not a model of nudge: its __metadata__ has no \"format\":\"" HEADER_FORMAT "\"");
    const char *version = text_of(parse, "format_version");
    if (!version) return NUDGE_BAD_INPUT;
    if (strcmp(version, HEADER_FORMAT_VERSION))
        return error_set(parse->error, NUDGE_BAD_INPUT, "has format version %s, this nudge reads version %s",
                         shown(version).text, HEADER_FORMAT_VERSION);
    return NUDGE_OK;
}

static nudge_status parse_network(struct parse *parse) {
    const char *text = text_of(parse, "network"), *inputs = text ? text_of(parse, "inputs") : NULL;
    if (!inputs) return NUDGE_BAD_INPUT;
    uint64_t count = 0;
    const char *end = text_parse_count(inputs, SPEC_MOST_NEURONS, &count);
    if (!end || *end || count == 0)
        return error_set(parse->error, NUDGE_BAD_INPUT, "inputs \"%s\", expected a number from 1 to %d",
                         shown(inputs).text, SPEC_MOST_NEURONS);
    parse->inputs = (size_t)count;
    nudge_status status = spec_parse(text, NULL, &parse->layer_count, parse->error);
    if (status) return status;
    size_t bytes = parse->layer_count * sizeof *parse->layers;
    parse->layers = memory_get(&parse->context->allocator, bytes);
    if (!parse->layers) return error_no_memory(parse->error, bytes, "the network's layers");
    return spec_parse(text, parse->layers, &parse->layer_count, parse->error);
}

/* -- the tensors: exactly those of the network, in its order, without gaps -- */

/* Whether the JSON is the list [a, b], or [a] when `length` is 1. */
static bool is_list(const json_t *list, size_t length, uint64_t a, uint64_t b) {
    const uint64_t wanted[2] = {a, b};
    bool same = json_is_array(list) && json_array_size(list) == length;
    for (size_t i = 0; same && i < length; i++) {
        const json_t *item = json_array_get(list, i);
        same = json_is_integer(item) && json_integer_value(item) >= 0 &&
               (uint64_t)json_integer_value(item) == wanted[i];
    }
    return same;
}

static nudge_status check_tensor(const struct parse *parse, struct tensor_name name, size_t outputs,
                                 size_t inputs, uint64_t *offset) {
    bool bias = inputs == 0;
    uint64_t end =
        *offset + (uint64_t)outputs * (bias ? 1 : inputs) * PARAMETER_SIZE; /* < 2^52: see spec.h */
    const json_t *tensor = json_object_get(parse->root, name.text);
    const char *dtype = json_string_value(json_object_get(tensor, "dtype"));
    if (!tensor) return error_set(parse->error, NUDGE_BAD_INPUT, "tensor %s is missing", name.text);
    if (json_object_size(tensor) != 3 || !dtype || strcmp(dtype, "F32"))
        return error_set(parse->error, NUDGE_BAD_INPUT,
                         "tensor %s: expected dtype \"F32\", shape and data_offsets", name.text);
    if (!is_list(json_object_get(tensor, "shape"), bias ? 1 : 2, outputs, inputs))
        return bias ? error_set(parse->error, NUDGE_BAD_INPUT,
                                "tensor %s: expected the network's shape [%zu]", name.text, outputs)
                    : error_set(parse->error, NUDGE_BAD_INPUT,
                                "tensor %s: expected the network's shape [%zu,%zu]", name.text, outputs,
                                inputs);
    if (!is_list(json_object_get(tensor, "data_offsets"), 2, *offset, end))
        return error_set(parse->error, NUDGE_BAD_INPUT, "tensor %s: expected data_offsets [%llu,%llu]",
                         name.text, (unsigned long long)*offset, (unsigned long long)end);
    *offset = end;
    return NUDGE_OK;
}

static nudge_status check_tensors(const struct parse *parse, uint64_t tensor_bytes) {
    size_t expected = 2 * parse->layer_count, found = json_object_size(parse->root) - 1,
           inputs = parse->inputs;
    if (found != expected)
        return error_set(parse->error, NUDGE_BAD_INPUT, "has %zu tensors, expected %zu for %zu layers", found,
                         expected, parse->layer_count);
    uint64_t offset = 0;
    for (size_t l = 1; l <= parse->layer_count; l++) {
        size_t outputs = parse->layers[l - 1].neurons;
        nudge_status status = check_tensor(parse, tensor_name(l, false), outputs, inputs, &offset);
        if (!status) status = check_tensor(parse, tensor_name(l, true), outputs, 0, &offset);
        if (status) return status;
        inputs = outputs;
    }
    if (offset != tensor_bytes)
        return error_set(parse->error, NUDGE_BAD_INPUT, "has %llu bytes of tensors, expected %llu",
                         (unsigned long long)tensor_bytes, (unsigned long long)offset);
    return NUDGE_OK;
}

/* -- what else belongs to the net -- */

static nudge_status set_preprocessing(const struct parse *parse, nudge_net *net) {
    if (!json_object_get(parse->metadata, "preprocessing")) return NUDGE_OK;
    const char *text = text_of(parse, "preprocessing");
    float shift, scale;
    if (!text) return NUDGE_BAD_INPUT;
    if (!preprocessing_parse(text, &shift, &scale))
        return error_set(
            parse->error, NUDGE_BAD_INPUT,
            "preprocessing \"%s\", expected \"shift X, scale X\" with hexadecimal numbers of f32",
            shown(text).text);
    return nudge_net_set_preprocessing(net, shift, scale, parse->error);
}

static nudge_status give_labels(const struct parse *parse, nudge_net *net, const json_t *list) {
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

static nudge_status set_labels(const struct parse *parse, nudge_net *net) {
    if (!json_object_get(parse->metadata, "labels")) return NUDGE_OK;
    const char *text = text_of(parse, "labels");
    if (!text) return NUDGE_BAD_INPUT;
    json_t *list = NULL;
    size_t most = nudge_net_outputs(net) + 2; /* a bracket, and commas; one output has two labels */
    nudge_status status = json_guard_read(&list, text, strlen(text), most, "labels", 0, parse->error);
    if (!status)
        status = json_is_array(list)
                     ? give_labels(parse, net, list)
                     : error_set(parse->error, NUDGE_BAD_INPUT, "labels: expected a JSON list of texts");
    json_decref(list);
    return status;
}

/* Metadata of other keys are left: a later nudge may add some without becoming unreadable to this one. */
static nudge_status set_notes(const struct parse *parse, nudge_net *net) {
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)parse->metadata, key, value) {
        const char *text = json_string_value(value);
        if (!text)
            return error_set(parse->error, NUDGE_BAD_INPUT, "__metadata__ \"%s\" is not text",
                             shown(key).text);
        if (strncmp(key, HEADER_NOTE, strlen(HEADER_NOTE))) continue;
        if (++count > HEADER_MOST_NOTES)
            return error_set(parse->error, NUDGE_BAD_INPUT, "has more than %d notes", HEADER_MOST_NOTES);
        nudge_status status = nudge_net_set_note(net, key + strlen(HEADER_NOTE), text, parse->error);
        if (status) return status;
    }
    return NUDGE_OK;
}

/* -- all of it -- */

static nudge_status make_net(const struct parse *parse, nudge_net **net) {
    const char *text = text_of(parse, "network");
    nudge_net *made;
    nudge_status status = net_from_text(parse->context, parse->inputs, text, &made, parse->error);
    if (status) return status;
    status = set_preprocessing(parse, made);
    if (!status) status = set_labels(parse, made);
    if (!status) status = set_notes(parse, made);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *net = made;
    return NUDGE_OK;
}

static nudge_status take_digest(const struct parse *parse, char parameters_digest[DIGEST_DIGITS + 1]) {
    const char *digest = text_of(parse, "parameters_digest");
    if (!digest) return NUDGE_BAD_INPUT;
    if (strlen(digest) != DIGEST_DIGITS)
        return error_set(parse->error, NUDGE_BAD_INPUT, "parameters_digest has %zu characters, expected %d",
                         strlen(digest), DIGEST_DIGITS);
    memcpy(parameters_digest, digest, DIGEST_DIGITS + 1);
    return NUDGE_OK;
}

nudge_status header_parse(const struct header *header, nudge_context *context, uint64_t tensor_bytes,
                          nudge_net **net, char parameters_digest[DIGEST_DIGITS + 1], nudge_error *error) {
    json_t *root = NULL;
    nudge_status status = parse_json(header, &root, error);
    struct parse parse = {.context = context, .root = root, .error = error};
    parse.metadata = json_object_get(root, "__metadata__");
    if (!status) status = check_format(&parse);
    if (!status && !text_of(&parse, "file_digest")) status = NUDGE_BAD_INPUT;
    if (!status) status = take_digest(&parse, parameters_digest);
    if (!status) status = parse_network(&parse);
    if (!status) status = check_tensors(&parse, tensor_bytes);
    if (!status) status = make_net(&parse, net);
    if (parse.layers)
        memory_release(&context->allocator, parse.layers, parse.layer_count * sizeof *parse.layers);
    json_decref(root);
    if (status != NUDGE_BAD_ARGUMENT) return status;
    if (error)
        error->code = NUDGE_BAD_INPUT; /* what the net's functions call an argument came from the file */
    return NUDGE_BAD_INPUT;
}
