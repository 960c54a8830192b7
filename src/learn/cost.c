/* The table of costs, and their place between the walks. Invariant: costs[] is in the order of nudge_cost. */
#include "learn/cost.h"

#include "base/names.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

#define DECLARE(name) VARIANTS_DECLARE(struct cost_kernel, name)
DECLARE(cost_quadratic)
DECLARE(cost_absolute)
DECLARE(cost_huber)
DECLARE(cost_binary_cross_entropy)
DECLARE(cost_cross_entropy)

const struct cost costs[] = {
    [NUDGE_COST_AUTO] = {.name = "auto", .formula = "chosen by the output"},
    [NUDGE_COST_QUADRATIC] = {"quadratic", "Σ_j (a_j - y_j)²", NULL, false, VARIANTS(cost_quadratic)},
    [NUDGE_COST_ABSOLUTE] = {"absolute", "Σ_j |a_j - y_j|", NULL, true, VARIANTS(cost_absolute)},
    [NUDGE_COST_HUBER] = {"huber", "Σ_j ½r² for |r| <= d, else d(|r| - ½d); r = a_j - y_j", NULL, false,
                          VARIANTS(cost_huber)},
    [NUDGE_COST_BINARY_CROSS_ENTROPY] = {"binary-cross-entropy", "-Σ_j [y_j ln a_j + (1-y_j) ln(1-a_j)]",
                                         "sigmoid", false, VARIANTS(cost_binary_cross_entropy)},
    [NUDGE_COST_CROSS_ENTROPY] = {"cross-entropy", "-Σ_j y_j ln a_j", "softmax", false,
                                  VARIANTS(cost_cross_entropy)},
};
const size_t cost_count = sizeof costs / sizeof *costs;

const char *nudge_cost_name(nudge_cost cost) {
    return (unsigned)cost < cost_count ? costs[cost].name : NULL;
}

nudge_status nudge_cost_from_name(const char *name, nudge_cost *cost, nudge_error *error) {
    if (missing(error, name, cost)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_OF(costs, cost_count), name, "cost", error);
    if (!status) *cost = (nudge_cost)row;
    return status;
}

static nudge_cost cost_for_output(const nudge_net *net) {
    const char *output = net_activation(net, net->layers)->op->name;
    for (size_t i = 0; i < cost_count; i++)
        if (costs[i].output && strcmp(costs[i].output, output) == 0) return (nudge_cost)i;
    return NUDGE_COST_QUADRATIC;
}

nudge_status nudge_net_set_cost(nudge_net *net, nudge_cost cost, double delta, nudge_error *error) {
    if (missing(error, net)) return NUDGE_BAD_ARGUMENT;
    if ((unsigned)cost >= cost_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "cost %d, expected 0 to %zu", (int)cost, cost_count - 1);
    const struct cost *row = &costs[cost];
    const char *output = net_activation(net, net->layers)->op->name;
    if (row->output && strcmp(row->output, output) != 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "cost %s needs a %s output, but the network \"%s\" ends in %s", row->name,
                         row->output, net->text, output);
    if (cost == NUDGE_COST_HUBER && !(delta > 0 && delta <= 1e9))
        return error_set(error, NUDGE_BAD_ARGUMENT, "huber cost: d = %s, expected above 0 and up to 1e9",
                         text_number(delta, 6).text);
    net->cost = cost;
    net->cost_delta = cost == NUDGE_COST_HUBER ? delta : 0;
    return NUDGE_OK;
}

nudge_cost nudge_net_cost(const nudge_net *net, double *delta) {
    if (delta) *delta = net->cost_delta;
    return net->cost == NUDGE_COST_AUTO ? cost_for_output(net) : net->cost;
}

struct chosen_cost cost_of(const nudge_net *net) {
    return (struct chosen_cost){&costs[nudge_net_cost(net, NULL)], net->cost_delta};
}

/* What a cost wants of its targets: NULL, or what was expected instead. */
static const char *not_a_target(const struct chosen_cost *chosen, float y, bool scaled) {
    const float rounding = scaled ? 1e-5f : 0;
    bool up_to_one = chosen->cost == &costs[NUDGE_COST_BINARY_CROSS_ENTROPY];
    if (!up_to_one && chosen->cost != &costs[NUDGE_COST_CROSS_ENTROPY]) return NULL;
    if (y >= 0 - rounding && (y <= 1 + rounding || !up_to_one)) return NULL;
    return up_to_one ? "0 to 1" : "0 or more";
}

nudge_status cost_check_targets(const struct chosen_cost *chosen, const nudge_net *net,
                                const nudge_data *data, nudge_part part, nudge_error *error) {
    const struct transform *t = &net->targets_transform;
    const struct data_part *rows = &data->parts[part];
    for (size_t r = 0; data->classes == 0 && r < rows->rows; r++)
        for (size_t j = 0; j < data->target_columns; j++) {
            float y = rows->block->targets[data_part_row(rows, r) * data->target_columns + j];
            bool scaled = j < t->count;
            const char *expected =
                not_a_target(chosen, scaled ? (y - t->shift[j]) * t->factor[j] : y, scaled);
            if (!expected) continue;
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "cost %s: %s row %zu of %s has target %zu = %s, expected %s", chosen->cost->name,
                             data_part_name(part), r, data->name, j, text_float(y).text, expected);
        }
    return NUDGE_OK;
}

nudge_status cost_check_target(const struct chosen_cost *chosen, const float *targets, size_t count,
                               nudge_error *error) {
    for (size_t j = 0; j < count; j++) {
        const char *expected = not_a_target(chosen, targets[j], false);
        if (expected)
            return error_set(error, NUDGE_BAD_ARGUMENT, "cost %s: target %zu = %s, expected %s",
                             chosen->cost->name, j, text_float(targets[j]).text, expected);
    }
    return NUDGE_OK;
}

/* -- between the walks -- */

static struct cost_call call_for(const struct plan *plan, const struct chosen_cost *chosen, size_t first,
                                 size_t rows) {
    const struct plan_step *last = plan_last(plan);
    size_t element = plan->verbs->element_size, skipped = first * last->output_stride * element;
    return (struct cost_call){
        .rows = rows,
        .outputs = last->link->outputs,
        .stride = last->output_stride,
        .delta = chosen->delta,
        .z = (const unsigned char *)last->x + skipped,
        .a = (const unsigned char *)last->y + skipped,
        .y = (const unsigned char *)plan->targets + skipped,
        .each = (unsigned char *)plan->each + first * element,
        .d = last->d ? (unsigned char *)last->d + skipped : NULL,
    };
}

static const struct cost_kernel *kernel_for(const struct plan *plan, const struct chosen_cost *chosen) {
    return chosen->cost->kernels[plan->precision][plan->context->cpu_level - NUDGE_CPU_BASE];
}

/* Rows of `count` numbers, `stride` apart, times their weights. */
static void weigh(const struct plan *plan, void *numbers, size_t first, size_t rows, size_t count,
                  size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        float weight = plan->weights[first + r];
        float *single = (float *)numbers + r * stride;
        double *twice = (double *)numbers + r * stride;
        if (plan->precision == REAL_F32)
            for (size_t j = 0; j < count; j++) single[j] *= weight;
        else
            for (size_t j = 0; j < count; j++) twice[j] *= (double)weight;
    }
}

static void forward(const struct plan *plan, const void *cost, size_t first, size_t rows) {
    struct cost_call call = call_for(plan, cost, first, rows);
    kernel_for(plan, cost)->forward(&call);
    if (plan->weighted) weigh(plan, call.each, first, rows, 1, 1);
}

/* ∂(w C_0)/∂z = w ∂C_0/∂z: all that comes before follows from it. */
static void backward(const struct plan *plan, const void *cost, size_t first, size_t rows) {
    struct cost_call call = call_for(plan, cost, first, rows);
    kernel_for(plan, cost)->backward(&call);
    if (plan->weighted) weigh(plan, call.d, first, rows, call.outputs, call.stride);
}

void cost_parts(const struct plan *plan, const struct chosen_cost *chosen, double *parts, double *slopes) {
    struct cost_call call = call_for(plan, chosen, 0, 1);
    call.parts = parts;
    call.d = slopes;
    kernel_for(plan, chosen)->parts(&call);
}

struct walk_cost cost_for_walk(const struct chosen_cost *chosen) {
    return (struct walk_cost){forward, backward, chosen, chosen->cost->output != NULL};
}
