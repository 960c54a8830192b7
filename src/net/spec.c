/* See spec.h. Grammar:
 *
 *     network = item { "," item };   item = NEURONS [ ACTIVATION { VALUE } ] | OP { VALUE }
 *
 * A number of neurons begins a layer; other items belong to the layer before them. An activation that stands behind no
 * number and no name is identity, right behind the number. */
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

/* The names of all activations, or of all ops but dense, for the sentence. */
static const char *names_of(bool activations, char *names, size_t room) {
    size_t used =
        text_append(names, room, 0, activations ? "an activation: " : "a number of neurons, or one of ");
    const char *before = "";
    for (size_t i = 0; i < op_count; i++) {
        if (ops[i].kind == OP_DENSE || (activations && ops[i].kind != OP_ACTIVATION)) continue;
        used = text_append(names, room, used, "%s%s", before, ops[i].name);
        before = ", ";
    }
    return names;
}

static bool is_value(const struct op_value *value, double number) {
    return number >= value->least && (value->below ? number < value->most : number <= value->most);
}

/* The op's name stands at `word`; its numbers may follow, and then the comma. */
static nudge_status parse_op(struct parser *parser, struct word word, bool activation,
                             struct spec_op *found) {
    found->op = op_find(word.start, word.length);
    if (!found->op || found->op->kind == OP_DENSE || (activation && found->op->kind != OP_ACTIVATION)) {
        char names[512];
        return fail(parser, word, names_of(activation, names, sizeof names));
    }
    for (size_t v = 0; v < found->op->value_count; v++) found->values[v] = found->op->values[v].usual;
    for (size_t v = 0;; v++) {
        word = next_word(parser);
        if (word.length == 0) return NUDGE_OK;
        if (v == found->op->value_count)
            return fail(parser, word,
                        v == 0 ? "a comma or the end, as it takes no number" : "a comma or the end");
        const char *end = text_parse_number(word.start, &found->values[v]);
        if (end != word.start + word.length || !is_value(&found->op->values[v], found->values[v]))
            return fail(parser, word, found->op->values[v].expected);
    }
}

/* -- the chain -- */

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct chain {
    struct spec_op *ops; /* NULL: counts alone */
    size_t count, layer;
    size_t begin;             /* where the layer's ops begin */
    bool has_activation;      /* the layer */
    const struct op *seen[8]; /* in the layer, none twice */
    size_t seen_count;
    enum op_kind last; /* of what was put last */
};

static void put_op(struct chain *chain, struct spec_op op) {
    op.layer = chain->layer;
    chain->last = op.op->kind;
    if (chain->ops) chain->ops[chain->count] = op;
    chain->count++;
}

/* Behind the layer's dense op, when the layer has come to its end without an activation. */
static void put_identity(struct chain *chain) {
    if (chain->layer == 0 || chain->has_activation) return;
    put_op(chain, (struct spec_op){.op = op_identity});
    for (size_t i = chain->count - 1; chain->ops && i > chain->begin + 1; i--) {
        struct spec_op op = chain->ops[i];
        chain->ops[i] = chain->ops[i - 1];
        chain->ops[i - 1] = op;
    }
}

/* Whether the op may stand here: NULL, or what was expected instead. */
static const char *misplaced(const struct chain *chain, const struct op *op) {
    if (chain->layer == 0 && op->kind == OP_ACTIVATION) return "a number of neurons before it";
    if (chain->layer == 0 && !op->only_training)
        return "a number of neurons before it: inputs are scaled, not normalised";
    if (op->kind == OP_ACTIVATION && chain->has_activation) return "no second activation in a layer";
    for (size_t i = 0; i < chain->seen_count; i++)
        if (chain->seen[i] == op) return "it once in a layer";
    return NULL;
}

static nudge_status take_op(struct parser *parser, struct chain *chain, struct word word, bool activation) {
    struct spec_op op = {0};
    nudge_status status = parse_op(parser, word, activation, &op);
    if (status) return status;
    const char *expected = misplaced(chain, op.op);
    if (expected) return fail(parser, word, expected);
    if (op.op->kind == OP_ACTIVATION) chain->has_activation = true;
    if (chain->seen_count < sizeof chain->seen / sizeof *chain->seen)
        chain->seen[chain->seen_count++] = op.op;
    put_op(chain, op);
    return NUDGE_OK;
}

static nudge_status take_layer(struct parser *parser, struct chain *chain, struct word word) {
    uint64_t neurons = 0;
    const char *end = word.length ? text_parse_count(word.start, SPEC_MOST_NEURONS, &neurons) : NULL;
    if (!end || end != word.start + word.length || neurons == 0)
        return fail(parser, word, "a number of neurons, 1 to 16777216");
    if (chain->layer == SPEC_MOST_LAYERS) return fail(parser, word, "at most 1000 layers");
    put_identity(chain);
    chain->layer++;
    chain->begin = chain->count;
    chain->has_activation = false;
    chain->seen_count = 0;
    put_op(chain, (struct spec_op){.op = op_dense, .neurons = (size_t)neurons});
    word = next_word(parser);
    return word.length ? take_op(parser, chain, word, true) : NUDGE_OK;
}

nudge_status spec_parse(const char *text, struct spec_op *found, size_t *count, nudge_error *error) {
    struct parser parser = {text, text, error};
    struct chain chain = {.ops = found};
    struct word word;
    if (strlen(text) > SPEC_MOST_LENGTH)
        return error_set(error, NUDGE_BAD_ARGUMENT, "network text of %zu characters, expected at most %d",
                         strlen(text), SPEC_MOST_LENGTH);
    for (;; parser.at++) { /* the comma */
        word = next_word(&parser);
        bool names_op = word.length > 0 && strchr(LETTERS, *word.start);
        nudge_status status =
            names_op ? take_op(&parser, &chain, word, false) : take_layer(&parser, &chain, word);
        if (status) return status;
        if (*parser.at == 0) break;
    }
    if (chain.layer == 0) return fail(&parser, (struct word){parser.at, 0}, "a number of neurons");
    if (chain.last == OP_BETWEEN) return fail(&parser, word, "the last layer to end in its activation");
    put_identity(&chain);
    *count = chain.count;
    return NUDGE_OK;
}

/* Numbers that are as usual are left out, but an activation's. */
static size_t values_to_print(const struct spec_op *op) {
    size_t count = op->op->value_count;
    if (op->op->kind == OP_ACTIVATION) return count;
    while (count > 0 && op->values[count - 1] == op->op->values[count - 1].usual) count--;
    return count;
}

size_t spec_print(const struct spec_op *chain, size_t count, char *text, size_t room) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct spec_op *op = &chain[i];
        const char *before = i == 0 ? "" : ", ";
        if (op->op->kind == OP_DENSE) {
            used = text_append(text, room, used, "%s%zu", before, op->neurons);
            continue;
        }
        if (i > 0 && chain[i - 1].op->kind == OP_DENSE && op->op->kind == OP_ACTIVATION) before = " ";
        used = text_append(text, room, used, "%s%s", before, op->op->name);
        for (size_t v = 0; v < values_to_print(op); v++)
            used = text_append(text, room, used, " %s", text_double(op->values[v]).text);
    }
    return used;
}
