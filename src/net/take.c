/* Parameters of one net for another: see nudge_net_take in nudge.h. Invariant: a layer is taken whole, with its ops' running
 * state, or not at all; where memory is missing, nothing is taken. */
#include "base/show.h"
#include "base/status.h"
#include "net/net.h"

#include <string.h>

/* -- which layers fit -- */

static size_t first_tensor(const nudge_net *net, size_t l) {
    size_t t = 0;
    while (t < net->tensor_count && net->tensors[t].layer < l) t++;
    return t;
}

static bool same_tensors(const nudge_net *net, const nudge_net *from, size_t l) {
    size_t a = first_tensor(net, l), b = first_tensor(from, l), count = first_tensor(net, l + 1) - a;
    bool same = first_tensor(from, l + 1) - b == count;
    for (size_t t = 0; same && t < count; t++) {
        const struct net_tensor *x = &net->tensors[a + t], *y = &from->tensors[b + t];
        same = x->is == y->is && x->outputs == y->outputs && x->inputs == y->inputs;
    }
    return same;
}

/* Which class of `from` is called as class c of the net, looked for from `from->labels[*next]` on, around; label_count: none.
 * Steps *next behind it: where both have the same order, one comparison finds each. */
static size_t find_label(const nudge_net *net, const nudge_net *from, size_t c, size_t *next) {
    size_t count = from->label_count;
    for (size_t tried = 0; tried < count; tried++) {
        size_t i = (*next + tried) % count;
        if (strcmp(net->labels[c], from->labels[i])) continue;
        *next = i + 1;
        return i;
    }
    return count;
}

/* Target j = 0, 1, .. of a table; NULL behind the last. */
static const char *target_name(const struct columns *columns, size_t j) {
    for (size_t c = 0; c < columns->count; c++)
        if (columns->items[c].role == NUDGE_COLUMN_TARGET && j-- == 0) return columns->items[c].name;
    return NULL;
}

/* Numbers of other names are other numbers, in other units. */
static nudge_taken compare_targets(const nudge_net *net, const nudge_net *from) {
    if (!net->columns || !from->columns) return NUDGE_TAKEN;
    for (size_t j = 0; j < net->outputs; j++) {
        const char *here = target_name(net->columns, j), *there = target_name(from->columns, j);
        if (here && there && strcmp(here, there)) return NUDGE_TAKEN_NOT_OUTPUTS;
    }
    return NUDGE_TAKEN;
}

static nudge_taken compare_labels(const nudge_net *net, const nudge_net *from) {
    size_t next = 0;
    bool same = true;
    if (!net->label_count && !from->label_count) return compare_targets(net, from);
    if (!net->label_count || !from->label_count) return NUDGE_TAKEN;
    for (size_t c = 0; c < net->label_count; c++) {
        size_t found = find_label(net, from, c, &next);
        if (found == from->label_count) return NUDGE_TAKEN_NOT_OUTPUTS;
        same &= found == c;
    }
    /* A single output tells two classes apart: it would have to be turned around. */
    return same ? NUDGE_TAKEN : net->outputs == 1 ? NUDGE_TAKEN_NOT_OUTPUTS : NUDGE_TAKEN_BY_LABEL;
}

/* Only an output layer is the same as an output layer. */
static nudge_taken compare_layer(const nudge_net *net, const nudge_net *from, size_t l, size_t layers) {
    if (l > from->layers) return NUDGE_TAKEN_NOT_THERE;
    if (l > layers) return NUDGE_TAKEN_NOT_ASKED;
    bool last = l == net->layers;
    if (last != (l == from->layers) || !same_tensors(net, from, l)) return NUDGE_TAKEN_NOT_SHAPE;
    return last ? compare_labels(net, from) : NUDGE_TAKEN;
}

static bool is_taken(nudge_taken taken) {
    return taken == NUDGE_TAKEN || taken == NUDGE_TAKEN_BY_LABEL;
}

/* -- taking -- */

static void take_tensor(nudge_net *net, const struct net_tensor *to, const nudge_net *from,
                        const struct net_tensor *tensor, bool by_label) {
    size_t inputs = to->inputs ? to->inputs : 1, next = 0;
    for (size_t o = 0; o < to->outputs; o++) {
        size_t row = by_label ? find_label(net, from, o, &next) : o;
        for (size_t i = 0; i < inputs; i++)
            net->parameters[tensor_place(to, o * inputs + i)] =
                from->parameters[tensor_place(tensor, row * inputs + i)];
    }
}

/* What the net gets beside parameters, made before anything is changed. */
struct belongings {
    struct transform inputs, targets;
    struct columns *columns;
};

/* The first layer's weights mean what they meant where inputs come to them as they did; the last layer's, outputs. */
static nudge_status copy_belongings(struct belongings *to, const nudge_net *net, const nudge_net *from,
                                    bool first, bool last, nudge_error *error) {
    const nudge_allocator *allocator = &net->context->allocator;
    nudge_status status = NUDGE_OK;
    if (first) status = transform_copy(&to->inputs, &from->inputs_transform, allocator, error);
    if (!status && last) status = transform_copy(&to->targets, &from->targets_transform, allocator, error);
    if (!status && first && last && from->columns && !net->columns)
        status = columns_copy(allocator, from->columns, &to->columns, error);
    return status;
}

static void swap(struct transform *a, struct transform *b) {
    struct transform kept = *a;
    *a = *b;
    *b = kept;
}

/* Numbers may be missing in the new table alone: then its own stand in. What the net had goes to be released. */
static void give_inputs(nudge_net *net, struct transform *inputs) {
    const struct transform *own = &net->inputs_transform;
    if (own->misses && !inputs->misses) {
        memcpy(inputs->fill, own->fill, inputs->count * sizeof *inputs->fill);
        inputs->misses = true;
        transform_settle(inputs);
    }
    swap(&net->inputs_transform, inputs);
}

/* A net that was fitted, and has no transforms of its targets, learnt them as they are. */
static void give_belongings(nudge_net *net, const nudge_net *from, struct belongings *to, bool last) {
    if (to->inputs.count) give_inputs(net, &to->inputs);
    if (last && (to->targets.count || from->inputs_transform.count))
        swap(&net->targets_transform, &to->targets);
    if (to->columns) {
        net->columns = to->columns;
        to->columns = NULL;
    }
}

static nudge_status take_layers(nudge_net *net, const nudge_net *from, size_t layers, nudge_error *error) {
    struct belongings belongings = {.columns = NULL};
    bool first = is_taken(compare_layer(net, from, 1, layers)),
         last = is_taken(compare_layer(net, from, net->layers, layers));
    nudge_status status = copy_belongings(&belongings, net, from, first, last, error);
    if (!status && last && !net->label_count && from->label_count)
        status = nudge_net_set_labels(net, (const char *const *)from->labels, from->label_count, error);
    if (!status) { /* from here on nothing fails */
        for (size_t l = 1; l <= net->layers; l++) {
            nudge_taken taken = compare_layer(net, from, l, layers);
            size_t t = first_tensor(net, l), b = first_tensor(from, l);
            for (; is_taken(taken) && t < first_tensor(net, l + 1); t++, b++)
                take_tensor(net, &net->tensors[t], from, &from->tensors[b], taken == NUDGE_TAKEN_BY_LABEL);
        }
        give_belongings(net, from, &belongings, last);
        net->version++;
    }
    transform_release(&belongings.inputs, &net->context->allocator);
    transform_release(&belongings.targets, &net->context->allocator);
    columns_free(belongings.columns);
    return status;
}

nudge_status nudge_net_take(nudge_net *net, const nudge_net *from, size_t layers, nudge_taken *taken,
                            nudge_error *error) {
    if (missing(error, net, from)) return NUDGE_BAD_ARGUMENT;
    bool any = false;
    for (size_t l = 1; l <= net->layers; l++) any |= is_taken(compare_layer(net, from, l, layers));
    if (!any)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "nothing of the network \"%zu -> %s\" fits \"%zu -> %s\": no layer has the shape, "
                         "and in the last the classes, of the same layer there",
                         from->inputs, shown(from->text).text, net->inputs, shown(net->text).text);
    nudge_status status = take_layers(net, from, layers, error);
    for (size_t l = 1; taken && !status && l <= net->layers; l++)
        taken[l - 1] = compare_layer(net, from, l, layers);
    return status;
}
