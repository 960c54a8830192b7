/* See batch.h. Invariant: only the neurons' places are written; padding stays zero. */
#include "learn/batch.h"

#include "base/status.h"
#include "net/ops.h"

#include <string.h>

nudge_status batch_check(const nudge_net *net, const nudge_data *data, nudge_error *error) {
    if (net->inputs != data->features)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the network has %zu inputs, but the rows of %s have %zu features", net->inputs,
                         data->name, data->features);
    if (net->outputs == 1 && net_activation(net, net->layers)->op->by_row)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "the network ends in a %s of 1 neuron, which always answers 1; expected sigmoid, or 2 neurons",
            net_activation(net, net->layers)->op->name);
    bool fits = net->outputs == nudge_data_targets(data) || (net->outputs == 1 && data->classes == 2);
    if (!fits)
        return error_set(error, NUDGE_BAD_ARGUMENT, "the network has %zu outputs, but %s has %zu %s",
                         net->outputs, data->name, nudge_data_targets(data),
                         data->classes ? "classes" : "target columns");
    return NUDGE_OK;
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

void batch_gather_one(struct plan *plan, size_t row, const nudge_data *data, nudge_part part, size_t index) {
    const struct data_block *block = data->parts[part].block;
    size_t at = data_part_row(&data->parts[part], index);
    nudge_preprocessing p =
        plan->net->preprocessing.set ? plan->net->preprocessing : data_preprocessing(data);
    size_t n = data->features;
    void *x = place(plan, plan->x, row, plan->input_stride);
    if (data->type == NUDGE_TYPE_U8)
        plan->verbs->convert_u8(x, (const uint8_t *)block->values + at * n, n, p.shift, p.scale);
    else
        plan->verbs->convert_f32(x, (const float *)block->values + at * n, n, p.shift, p.scale);
    if (data->classes)
        put_class(plan, row, block->labels[at]);
    else
        plan->verbs->convert_f32(place(plan, plan->targets, row, plan->output_stride),
                                 block->targets + at * data->target_columns, data->target_columns, 0, 1);
}

void batch_gather(struct plan *plan, const nudge_data *data, nudge_part part, const uint32_t *order,
                  size_t first, size_t rows) {
    for (size_t r = 0; r < rows; r++) batch_gather_one(plan, r, data, part, order ? order[r] : first + r);
}

void batch_fetch(const nudge_data *data, nudge_part part, const uint32_t *order, size_t rows) {
    enum { CACHE_LINE = 64, MOST_BYTES = 1 << 18 };
    const struct data_block *block = data->parts[part].block;
    size_t bytes = data->features * (data->type == NUDGE_TYPE_U8 ? sizeof(uint8_t) : sizeof(float));
    for (size_t r = 0; r < rows && (r + 1) * bytes <= MOST_BYTES; r++) {
        const unsigned char *row =
            (const unsigned char *)block->values + data_part_row(&data->parts[part], order[r]) * bytes;
        for (size_t i = 0; i < bytes; i += CACHE_LINE) __builtin_prefetch(row + i);
    }
}

void batch_from_floats(struct plan *plan, const float *features, const float *targets, size_t rows) {
    nudge_preprocessing p = plan->net->preprocessing;
    size_t inputs = plan->net->inputs, outputs = plan->net->outputs;
    for (size_t r = 0; r < rows; r++) {
        plan->verbs->convert_f32(place(plan, plan->x, r, plan->input_stride), features + r * inputs, inputs,
                                 p.shift, p.scale);
        if (targets)
            plan->verbs->convert_f32(place(plan, plan->targets, r, plan->output_stride),
                                     targets + r * outputs, outputs, 0, 1);
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
    if (count == 1) return plan_get(plan, outputs, start) > 0.5;
    for (size_t j = 1; j < count; j++)
        if (plan_get(plan, outputs, start + j) > plan_get(plan, outputs, start + best)) best = j;
    return best;
}

size_t batch_right(const struct plan *plan, size_t rows) {
    size_t right = 0;
    for (size_t r = 0; r < rows; r++)
        right += batch_answer(plan, plan_last(plan)->y, r) == batch_answer(plan, plan->targets, r);
    return right;
}

/* Without branches that nobody can foresee. */
size_t nudge_answer(const float *outputs, size_t count) {
    if (count == 1) return outputs[0] > 0.5f;
    size_t best = 0;
    float largest = outputs[0];
    for (size_t j = 1; j < count; j++) {
        bool larger = outputs[j] > largest;
        best = larger ? j : best;
        largest = larger ? outputs[j] : largest;
    }
    return best;
}
