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

static void put_numbers(struct plan *plan, size_t row, const float *targets) {
    transform_apply(&plan->net->targets_transform, plan->verbs,
                    place(plan, plan->targets, row, plan->output_stride), NUDGE_TYPE_F32, targets, 0,
                    plan->net->outputs);
}

void batch_targets(struct plan *plan, const struct row_source *source) {
    const struct row_weights *weights = source->weights;
    plan->weighted = weights && (weights->rows || weights->classes);
    for (size_t r = 0; r < source->rows; r++) {
        if (source->features) {
            if (source->targets)
                put_numbers(plan, r, source->targets + (source->first + r) * plan->net->outputs);
            continue;
        }
        const struct data_block *block = source->data->parts[source->part].block;
        size_t at = rows_place(source, r);
        if (source->data->classes)
            put_class(plan, r, block->labels[at]);
        else
            put_numbers(plan, r, block->targets + at * source->data->target_columns);
        if (plan->weighted) plan->weights[r] = weights_in_cost(weights, block, at);
    }
}

nudge_status batch_take(struct plan *plan, const struct row_source *source, nudge_error *error) {
    nudge_status status = rows_take(plan, source, error);
    if (!status) batch_targets(plan, source);
    return status;
}

double batch_weight(const struct row_source *source, size_t r) {
    if (!source->weights) return 1;
    return (double)weights_own(source->weights, source->data->parts[source->part].block,
                               rows_place(source, r));
}

double batch_cost(const struct plan *plan, size_t rows) {
    double sum = 0;
    const float *each = plan->each;
    if (plan->precision == REAL_F32)
        for (size_t r = 0; r < rows; r++) sum += (double)each[r];
    else
        for (size_t r = 0; r < rows; r++) sum += plan_get(plan, plan->each, r);
    return sum;
}

size_t batch_answer(const struct plan *plan, const void *outputs, size_t row) {
    size_t count = plan->net->outputs, start = row * plan->output_stride, best = 0;
    if (plan->precision == REAL_F32) return nudge_answer((const float *)outputs + start, count);
    for (size_t j = 0; j < count; j++) {
        double output = plan_get(plan, outputs, start + j);
        if (output - output != 0) return NUDGE_NO_ANSWER;
        if (output > plan_get(plan, outputs, start + best)) best = j;
    }
    return count == 1 ? plan_get(plan, outputs, start) > 0.5 : best;
}

double batch_right(const struct plan *plan, const struct row_source *source, double *all) {
    const int32_t *labels = source->data->parts[source->part].block->labels;
    bool weighted = source->weights && source->weights->rows;
    size_t right = 0;
    double sum = 0;
    *all = 0;
    for (size_t r = 0; r < source->rows; r++) {
        bool is_right = batch_answer(plan, plan_last(plan)->y, r) == (size_t)labels[rows_place(source, r)];
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
