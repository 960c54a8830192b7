/* See spec.h. Grammar:  network = layer { "," layer };  layer = NEURONS [ ACTIVATION [ VALUE ] ]. */
#include "net/spec.h"

#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

struct parser {
    const char *text; /* the whole text, for columns */
    const char *at;
    nudge_error *error;
};

struct word {
    const char *start;
    size_t length;
};

static nudge_status fail(const struct parser *parser, struct word word, const char *expected) {
    size_t column = (size_t)(word.start - parser->text) + 1;
    struct shown_text text = shown_start(parser->text, strlen(parser->text)),
                      found = shown_start(word.start, word.length);
    if (word.length == 0)
        return error_set(parser->error, NUDGE_BAD_ARGUMENT,
                         "network \"%s\": column %zu: found nothing, expected %s", text.text, column,
                         expected);
    return error_set(parser->error, NUDGE_BAD_ARGUMENT,
                     "network \"%s\": column %zu: found \"%s\", expected %s", text.text, column, found.text,
                     expected);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word of this layer; empty at a comma or the end. */
static struct word next_word(struct parser *parser) {
    while (is_blank(*parser->at)) parser->at++;
    struct word word = {parser->at, 0};
    while (*parser->at && *parser->at != ',' && !is_blank(*parser->at)) parser->at++;
    word.length = (size_t)(parser->at - word.start);
    return word;
}

/* The names of all activations, for the sentence. */
static const char *activation_names(char *names, size_t room) {
    size_t used = text_append(names, room, 0, "an activation: ");
    const char *before = "";
    for (size_t i = 0; i < op_count; i++) {
        if (ops[i].kind != OP_ACTIVATION) continue;
        used = text_append(names, room, used, "%s%s", before, ops[i].name);
        before = ", ";
    }
    return names;
}

static nudge_status parse_activation(struct parser *parser, struct spec_layer *layer) {
    struct word word = next_word(parser);
    layer->activation = op_identity;
    layer->value = 0;
    if (word.length == 0) return NUDGE_OK;
    const struct op *op = op_find(word.start, word.length);
    if (!op || op->kind != OP_ACTIVATION) {
        char names[512];
        return fail(parser, word, activation_names(names, sizeof names));
    }
    layer->activation = op;
    layer->value = op->value;
    word = next_word(parser);
    if (word.length == 0) return NUDGE_OK;
    if (!op->takes_value) return fail(parser, word, "a comma or the end, as this activation takes no number");
    const char *end = text_parse_number(word.start, &layer->value);
    if (end != word.start + word.length || !(layer->value >= 0 && layer->value <= 1e6))
        return fail(parser, word, "a number from 0 to 1000000");
    word = next_word(parser);
    return word.length == 0 ? NUDGE_OK : fail(parser, word, "a comma or the end");
}

static nudge_status parse_layer(struct parser *parser, struct spec_layer *layer) {
    struct word word = next_word(parser);
    uint64_t neurons = 0;
    const char *end = word.length ? text_parse_count(word.start, SPEC_MOST_NEURONS, &neurons) : NULL;
    if (!end || end != word.start + word.length || neurons == 0)
        return fail(parser, word, "a number of neurons, 1 to 16777216");
    layer->neurons = (size_t)neurons;
    return parse_activation(parser, layer);
}

nudge_status spec_parse(const char *text, struct spec_layer *layers, size_t *count, nudge_error *error) {
    struct parser parser = {text, text, error};
    if (strlen(text) > SPEC_MOST_LENGTH)
        return error_set(error, NUDGE_BAD_ARGUMENT, "network text of %zu characters, expected at most %d",
                         strlen(text), SPEC_MOST_LENGTH);
    for (size_t n = 0;; n++) {
        struct spec_layer layer;
        if (n == SPEC_MOST_LAYERS) return fail(&parser, next_word(&parser), "at most 1000 layers");
        nudge_status status = parse_layer(&parser, &layer);
        if (status) return status;
        if (layers) layers[n] = layer;
        if (*parser.at == 0) {
            *count = n + 1;
            return NUDGE_OK;
        }
        parser.at++; /* the comma */
    }
}

size_t spec_print(const struct spec_layer *layers, size_t count, char *text, size_t room) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct spec_layer *layer = &layers[i];
        used =
            text_append(text, room, used, "%s%zu %s", i ? ", " : "", layer->neurons, layer->activation->name);
        if (layer->activation->takes_value)
            used = text_append(text, room, used, " %s", text_double(layer->value).text);
    }
    return used;
}
