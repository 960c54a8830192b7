/* See batch.h. Invariant: only the neurons' places are written; padding stays zero. */
#include "learn/batch.h"

#include "base/show.h"
#include "base/status.h"
#include "net/ops.h"

#include <string.h>

/* A class of the data is the net's of the same number: where both have names, they are the same. */
static nudge_status check_names(const nudge_net *net, const nudge_data *data, nudge_error *error) {
    for (size_t c = 0; c < data->classes && c < net->label_count; c++) {
        const char *name = nudge_data_label_name(data, c);
        if (!name || strcmp(name, net->labels[c]) == 0) continue;
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "class %zu is \"%s\" in %s, but \"%s\" in the network: open the data with the network "
            "(nudge_data_options.net)",
            c, shown(name).text, data->name, shown(net->labels[c]).text);
    }
    return NUDGE_OK;
}

nudge_status batch_check(const nudge_net *net, const nudge_data *data, nudge_error *error) {
    if (net->inputs != data->features)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the network has %zu inputs, but the rows of %s have %zu features", net->inputs,
                         data->name, data->features);
    if (data->unlabelled)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s has rows without a target: they can only be predicted", data->name);
    if (net->outputs == 1 && net_activation(net, net->layers)->op->by_row)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "the network ends in a %s of 1 neuron, which always answers 1; expected sigmoid, or 2 neurons",
            net_activation(net, net->layers)->op->name);
    /* Rows of some of the classes that a net knows are rows for it: five digits of one's own may be 2 to 6. */
    bool some = net->label_count == net->outputs && data->classes && data->classes < net->outputs;
    bool fits = net->outputs == nudge_data_targets(data) || (net->outputs == 1 && data->classes == 2) || some;
    if (!fits)
        return error_set(error, NUDGE_BAD_ARGUMENT, "the network has %zu outputs, but %s has %zu %s",
                         net->outputs, data->name, nudge_data_targets(data),
                         data->classes ? "classes" : "target columns");
    return check_names(net, data, error);
}

static void *place(const struct plan *plan, void *rows, size_t row, size_t stride) {
    return (unsigned char *)rows + row * stride * plan->verbs->element_size;
}

static void put_class(struct plan *plan, size_t row, int32_t label) {
    size_t outputs = plan->net->outputs, start = row * plan->output_stride;
    memset(place(plan, plan->targets, row, plan->output_stride), 0, outputs * plan->verbs->element_size);
    if (outputs == 1)
        plan_set(plan, plan->targets, start, label);
    else
        plan_set(plan, plan->targets, start + (size_t)label, 1);
}

/* -- rows of a data set -- */

static void put_inputs(const struct plan *plan, void *x, size_t row, nudge_type type, const void *values,
                       size_t first, size_t end) {
    void *to = (unsigned char *)place(plan, x, row, plan->input_stride) + first * plan->verbs->element_size;
    transform_apply(&plan->net->inputs_transform, plan->verbs, to, type, values, first, end - first);
}

static void put_numbers(struct plan *plan, size_t row, const float *targets) {
    transform_apply(&plan->net->targets_transform, plan->verbs,
                    place(plan, plan->targets, row, plan->output_stride), NUDGE_TYPE_F32, targets, 0,
                    plan->net->outputs);
}

static void put_targets(struct plan *plan, size_t row, const nudge_data *data, nudge_part part, size_t at) {
    const struct data_block *block = data->parts[part].block;
    if (data->classes)
        put_class(plan, row, block->labels[at]);
    else
        put_numbers(plan, row, block->targets + at * data->target_columns);
}

nudge_status batch_gather_one(struct plan *plan, size_t row, const nudge_data *data, nudge_part part,
                              size_t index, nudge_error *error) {
    enum { PORTION = 1024 };
    float values[PORTION]; /* or as many u8 */
    size_t at = data_part_row(&data->parts[part], index), features = data->features;
    plan->weighted = false;
    for (size_t first = 0; first < features; first += PORTION) {
        size_t end = features - first < PORTION ? features : first + PORTION;
        nudge_status status =
            data_read(data, data->parts[part].block, at * features + first, end - first, values, error);
        if (status) return status;
        put_inputs(plan, plan->x, row, data->type, values, first, end);
    }
    put_targets(plan, row, data, part, at);
    return NUDGE_OK;
}

/* The block's row that is row r of the batch, or of the next one behind it. */
static size_t source_row(const struct batch_rows *source, size_t r) {
    size_t place = source->first + r;
    return data_part_row(&source->data->parts[source->part], source->order ? source->order[place] : place);
}

/* Its values. */
static const unsigned char *source_values(const struct batch_rows *source, size_t r) {
    if (source->feed) return feed_row(source->feed, source->first + r);
    const unsigned char *values = source->data->parts[source->part].block->values;
    return values + source_row(source, r) * source->data->features * data_value_size(source->data->type);
}

/* Into L2: the few places for lines on their way to the nearest cache are for the products. */
static void fetch(const unsigned char *from, const unsigned char *end) {
    enum { CACHE_LINE = 64, INTO_L2 = 2 };
    for (; from < end; from += CACHE_LINE) __builtin_prefetch(from, 0, INTO_L2);
    __builtin_prefetch(end - 1, 0, INTO_L2);
}

void batch_inputs(const void *argument, const struct plan *plan, void *x, size_t first, size_t rows,
                  size_t first_input, size_t end_input) {
    enum { MOST_BYTES = 1 << 18 }; /* to fetch: more would not stay */
    const struct batch_rows *source = argument;
    nudge_type type = source->data->type;
    size_t begin = first_input * data_value_size(type), end = end_input * data_value_size(type);
    for (size_t r = first; r < first + rows; r++)
        put_inputs(plan, x, r, type, source_values(source, r) + begin, first_input, end_input);
    if (rows * (end - begin) > MOST_BYTES) return;
    for (size_t r = first; r < first + rows && r < source->next; r++) {
        const unsigned char *next = source_values(source, source->rows + r);
        fetch(next + begin, next + end);
    }
}

void batch_targets(struct plan *plan, const struct batch_rows *source) {
    const struct row_weights *weights = source->weights;
    plan->weighted = weights && (weights->rows || weights->classes);
    for (size_t r = 0; r < source->rows; r++) {
        put_targets(plan, r, source->data, source->part, source_row(source, r));
        if (plan->weighted)
            plan->weights[r] =
                weights_in_cost(weights, source->data->parts[source->part].block, source_row(source, r));
    }
}

double batch_weight(const struct batch_rows *source, size_t r) {
    if (!source->weights) return 1;
    return (double)weights_own(source->weights, source->data->parts[source->part].block,
                               source_row(source, r));
}

/* -- the caller's numbers -- */

void batch_from_floats(struct plan *plan, const float *features, const float *targets, size_t rows) {
    size_t inputs = plan->net->inputs, outputs = plan->net->outputs;
    plan->weighted = false;
    for (size_t r = 0; r < rows; r++) {
        put_inputs(plan, plan->x, r, NUDGE_TYPE_F32, features + r * inputs, 0, inputs);
        if (targets) put_numbers(plan, r, targets + r * outputs);
    }
}

double batch_cost(const struct plan *plan, size_t rows) {
    double sum = 0;
    const float *each = plan->each;
    if (plan->precision == PRECISION_F32)
        for (size_t r = 0; r < rows; r++) sum += (double)each[r];
    else
        for (size_t r = 0; r < rows; r++) sum += plan_get(plan, plan->each, r);
    return sum;
}

size_t batch_answer(const struct plan *plan, const void *outputs, size_t row) {
    size_t count = plan->net->outputs, start = row * plan->output_stride, best = 0;
    if (plan->precision == PRECISION_F32) return nudge_answer((const float *)outputs + start, count);
    for (size_t j = 0; j < count; j++) {
        double output = plan_get(plan, outputs, start + j);
        if (output - output != 0) return NUDGE_NO_ANSWER;
        if (output > plan_get(plan, outputs, start + best)) best = j;
    }
    return count == 1 ? plan_get(plan, outputs, start) > 0.5 : best;
}

double batch_right(const struct plan *plan, const struct batch_rows *source, double *all) {
    const int32_t *labels = source->data->parts[source->part].block->labels;
    bool weighted = source->weights && source->weights->rows;
    size_t right = 0;
    double sum = 0;
    *all = 0;
    for (size_t r = 0; r < source->rows; r++) {
        bool is_right = batch_answer(plan, plan_last(plan)->y, r) == (size_t)labels[source_row(source, r)];
        right += is_right;
        if (!weighted) continue;
        double weight = batch_weight(source, r);
        *all += weight;
        sum += is_right ? weight : 0;
    }
    if (!weighted) *all = (double)source->rows;
    return weighted ? sum : (double)right;
}

/* Without branches that nobody can foresee. x - x is 0 for finite x alone. */
size_t nudge_answer(const float *outputs, size_t count) {
    if (!outputs || count == 0) return NUDGE_NO_ANSWER;
    size_t best = 0;
    float largest = outputs[0];
    bool finite = largest - largest == 0;
    for (size_t j = 1; j < count; j++) {
        bool larger = outputs[j] > largest;
        finite &= outputs[j] - outputs[j] == 0;
        best = larger ? j : best;
        largest = larger ? outputs[j] : largest;
    }
    if (count == 1) best = largest > 0.5f;
    return finite ? best : NUDGE_NO_ANSWER;
}
