/* The header that is written. Invariant: the same net gives the same bytes: keys in a fixed order, numbers as
 * whole numbers or exact text, nothing of time, place or machine. */
#define _GNU_SOURCE /* stpcpy */
#include "base/status.h"
#include "base/text.h"
#include "model/header.h"
#include "model/json_memory.h"
#include "model/transform_text.h"

#include <string.h>

/* -- what the net must be -- */

nudge_status header_check_net(const nudge_net *net, nudge_error *error) {
    for (size_t i = 0; i < net->label_count; i++)
        if (!utf8_is(net->labels[i]))
            return error_set(error, NUDGE_BAD_ARGUMENT, "label %zu is not UTF-8, as a model file needs", i);
    for (size_t i = 0; i < net->note_count; i++)
        if (!utf8_is(net->notes[i].value))
            return error_set(error, NUDGE_BAD_ARGUMENT, "note \"%s\" is not UTF-8, as a model file needs",
                             net->notes[i].key);
    for (size_t c = 0; net->columns && c < net->columns->count; c++) {
        const struct column *column = &net->columns->items[c];
        bool utf8 = utf8_is(column->name);
        for (size_t i = 0; utf8 && i < column->category_count; i++) utf8 = utf8_is(column->categories[i]);
        if (!utf8)
            return error_set(error, NUDGE_BAD_ARGUMENT, "column %zu is not UTF-8, as a model file needs",
                             c + 1);
    }
    if (net->note_count > HEADER_MOST_NOTES)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu notes, expected at most %d in a model file",
                         net->note_count, HEADER_MOST_NOTES);
    return parameters_check(net, NUDGE_BAD_ARGUMENT, error);
}

/* -- the JSON; made between json_memory_begin and json_memory_end. Every function below returns false, or
 * NULL, when there is no memory -- */

bool header_put_text(json_t *object, const char *key, const char *text) {
    return json_object_set_new(object, key, json_string(text)) == 0;
}

bool header_put_count(json_t *object, const char *key, uint64_t count) {
    char text[24];
    text_append(text, sizeof text, 0, "%llu", (unsigned long long)count);
    return header_put_text(object, key, text);
}

/* A JSON list as text, as all metadata are texts. */
static bool put_labels(json_t *metadata, const nudge_net *net) {
    json_t *labels = json_array();
    bool fits = labels != NULL;
    for (size_t i = 0; fits && i < net->label_count; i++)
        fits = json_array_append_new(labels, json_string(net->labels[i])) == 0;
    size_t length = fits ? json_dumpb(labels, NULL, 0, JSON_COMPACT) : 0;
    char *text = length ? memory_get(&net->context->allocator, length) : NULL;
    fits = text && json_dumpb(labels, text, length, JSON_COMPACT) == length &&
           json_object_set_new(metadata, "labels", json_stringn(text, length)) == 0;
    memory_release(&net->context->allocator, text, length);
    json_decref(labels);
    return fits;
}

static bool put_notes(json_t *metadata, const nudge_net *net) {
    bool fits = true;
    for (size_t i = 0; fits && i < net->note_count; i++) {
        size_t room = strlen(HEADER_NOTE) + strlen(net->notes[i].key) + 1;
        char *key = memory_get(&net->context->allocator, room);
        if (!key) return false;
        stpcpy(stpcpy(key, HEADER_NOTE), net->notes[i].key);
        fits = header_put_text(metadata, key, net->notes[i].value);
        memory_release(&net->context->allocator, key, room);
    }
    return fits;
}

static bool put_cost(json_t *metadata, const nudge_net *net) {
    double delta;
    nudge_cost cost = nudge_net_cost(net, &delta);
    bool fits = header_put_text(metadata, HEADER_COST, nudge_cost_name(cost));
    return fits && (cost != NUDGE_COST_HUBER ||
                    header_put_text(metadata, HEADER_COST_DELTA, text_double(delta).text));
}

json_t *header_metadata(const nudge_net *net, const char *format) {
    json_t *metadata = json_object();
    bool fits = metadata && header_put_text(metadata, "format", format) &&
                header_put_text(metadata, "format_version", HEADER_FORMAT_VERSION) &&
                header_put_text(metadata, "nudge_version", NUDGE_VERSION) &&
                header_put_text(metadata, "network", net->text) &&
                header_put_text(metadata, "inputs", text_number((double)net->inputs, 17).text);
    if (fits) fits = put_cost(metadata, net) && transforms_put(metadata, net);
    if (fits && net->label_count) fits = put_labels(metadata, net);
    if (fits && put_notes(metadata, net)) return metadata;
    json_decref(metadata);
    return NULL;
}

/* -- the bytes -- */

nudge_status header_print(struct header *header, const json_t *root, const nudge_allocator *allocator,
                          nudge_error *error) {
    size_t length = json_dumpb(root, NULL, 0, JSON_COMPACT);
    size_t size = size_round_up(HEADER_LENGTH_SIZE + length, HEADER_ALIGNMENT);
    if (length == 0) return error_no_memory(error, HEADER_ALIGNMENT, "the model file's header");
    if (size - HEADER_LENGTH_SIZE > HEADER_MOST)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the model file's header would have %zu bytes, expected at most %d",
                         size - HEADER_LENGTH_SIZE, HEADER_MOST);
    *header = (struct header){.bytes = memory_get(allocator, size), .size = size};
    if (!header->bytes) return error_no_memory(error, size, "the model file's header");
    for (size_t i = 0; i < HEADER_LENGTH_SIZE; i++)
        header->bytes[i] = (unsigned char)((uint64_t)(size - HEADER_LENGTH_SIZE) >> (8 * i));
    memset(header->bytes + HEADER_LENGTH_SIZE, ' ', size - HEADER_LENGTH_SIZE);
    if (json_dumpb(root, (char *)header->bytes + HEADER_LENGTH_SIZE, length, JSON_COMPACT) != length) {
        header_release(header, allocator);
        return error_no_memory(error, length, "the model file's header");
    }
    header_find_digits(header);
    return NUDGE_OK;
}
