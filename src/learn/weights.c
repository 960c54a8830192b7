/* See weights.h. */
#include "learn/weights.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

enum { NOTE_ROOM = 4096, DIGITS = 6 };

/* -- the note -- */

static void balance(const nudge_data *data, double *weights) {
    const struct data_part *part = &data->parts[NUDGE_PART_TRAIN];
    double present = 0;
    double all = 0;
    for (size_t r = 0; r < part->rows; r++) {
        size_t at = data_part_row(part, r);
        double own = part->block->weights ? (double)part->block->weights[at] : 1;
        weights[part->block->labels[at]] += own;
        all += own;
    }
    for (size_t c = 0; c < data->classes; c++) present += weights[c] > 0;
    for (size_t c = 0; c < data->classes; c++) weights[c] = weights[c] > 0 ? all / (present * weights[c]) : 1;
}

/* The class that is called so, or has this number; `classes` when there is none. */
static size_t find_class(const nudge_net *net, size_t classes, const char *name, size_t length) {
    for (size_t c = 0; c < classes; c++) {
        const char *label = nudge_net_label(net, c);
        if (label && strlen(label) == length && memcmp(label, name, length) == 0) return c;
    }
    return classes;
}

/* "NAME=W,..."; a name may hold commas and signs of equality: it ends at the last one before a number. */
static nudge_status parse_weights(const nudge_net *net, size_t classes, const char *text, double *weights,
                                  nudge_error *error) {
    for (size_t c = 0; c < classes; c++) weights[c] = 1;
    for (const char *at = text; *at;) {
        const char *equals = at, *end = NULL;
        double weight = 0;
        size_t c = classes;
        while (c == classes && (equals = strchr(equals, '='))) {
            end = text_parse_number(equals + 1, &weight);
            if (end && (*end == 0 || *end == ',')) c = find_class(net, classes, at, (size_t)(equals - at));
            equals++;
        }
        if (c == classes)
            return error_set(
                error, NUDGE_BAD_ARGUMENT,
                "class weight \"%s\": expected balanced, or CLASS=NUMBER with a class of the data, as %s=2",
                shown(at).text,
                classes && nudge_net_label(net, 0) ? shown(nudge_net_label(net, 0)).text : "0");
        if (!(weight >= 0 && weight <= 1e9))
            return error_set(error, NUDGE_BAD_ARGUMENT, "class weight %s of \"%s\", expected 0 to 1e9",
                             text_number(weight, DIGITS).text, shown(nudge_net_label(net, c)).text);
        weights[c] = weight;
        at = *end ? end + 1 : end;
    }
    return NUDGE_OK;
}

nudge_status weights_note(nudge_net *net, const nudge_data *data, const char *text, nudge_error *error) {
    if (!text) {
        net_note_remove(net, "class_weights");
        return NUDGE_OK;
    }
    size_t classes = data->classes, bytes = classes * sizeof(double);
    if (classes == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "class weights are for classes, but %s has numbers as targets", data->name);
    const nudge_allocator *allocator = &net->context->allocator;
    double *weights = memory_get_zeroed(allocator, bytes);
    if (!weights) return error_no_memory(error, bytes, "class weights");
    nudge_status status = NUDGE_OK;
    if (strcmp(text, "balanced") == 0)
        balance(data, weights);
    else
        status = parse_weights(net, classes, text, weights, error);
    char note[NOTE_ROOM];
    size_t used = 0;
    for (size_t c = 0; !status && c < classes; c++)
        used = text_append(note, sizeof note, used, c ? ",%s" : "%s", text_number(weights[c], DIGITS).text);
    memory_release(allocator, weights, bytes);
    if (!status && used >= sizeof note)
        status = error_set(error, NUDGE_BAD_ARGUMENT, "class weights of %zu classes do not fit into a note",
                           classes);
    return status ? status : nudge_net_set_note(net, "class_weights", note, error);
}

/* -- the weights -- */

static nudge_status take_note(struct row_weights *weights, const nudge_allocator *allocator, const char *note,
                              size_t classes, nudge_error *error) {
    weights->by_class = memory_get(allocator, classes * sizeof *weights->by_class);
    if (!weights->by_class)
        return error_no_memory(error, classes * sizeof *weights->by_class, "class weights");
    weights->count = classes;
    weights->classes = true;
    for (size_t c = 0; c < classes; c++) {
        double weight = 1;
        const char *end = note ? text_parse_number(note, &weight) : NULL;
        weights->by_class[c] = weight >= 0 && weight <= 1e9 ? (float)weight : 1;
        note = end && *end == ',' ? end + 1 : NULL;
    }
    return NUDGE_OK;
}

nudge_status weights_make(struct row_weights *weights, const nudge_allocator *allocator, const nudge_net *net,
                          const nudge_data *data, nudge_part part, nudge_error *error) {
    const struct data_part *p = &data->parts[part];
    const char *note = data->classes ? nudge_net_note(net, "class_weights") : NULL;
    *weights = (struct row_weights){.rows = p->block && p->block->weights != NULL, .scale = 1};
    nudge_status status = note ? take_note(weights, allocator, note, data->classes, error) : NUDGE_OK;
    if (status || (!weights->rows && !weights->classes)) return status;
    double sum = 0;
    for (size_t r = 0; r < p->rows; r++) sum += weights_product(weights, p->block, data_part_row(p, r));
    if (p->rows && !(sum > 0) && part == NUDGE_PART_TRAIN)
        return error_set(error, NUDGE_BAD_INPUT, "%s: all %s rows have weight 0", data->name,
                         data_part_name(part));
    if (p->rows) weights->scale = sum > 0 ? (double)p->rows / sum : __builtin_nan("");
    return NUDGE_OK;
}

void weights_release(struct row_weights *weights, const nudge_allocator *allocator) {
    memory_release(allocator, weights->by_class, weights->count * sizeof *weights->by_class);
    *weights = (struct row_weights){0};
}
