/* See explain.h: making an explanation, its walks, and reading what they found. */
#include "insight/explain.h"

#include "base/status.h"

#include <nudge_insight.h>
#include <string.h>

size_t explain_neurons(const nudge_explanation *explanation, size_t l) {
    return l == 0 ? explanation->net->inputs : net_dense(explanation->net, l)->outputs;
}

nudge_status explain_check(const nudge_explanation *explanation, size_t l, size_t first, size_t last,
                           nudge_error *error) {
    if (!explanation->ready)
        return error_set(error, NUDGE_BAD_ARGUMENT, "explanation: expected nudge_explanation_row first");
    if (l < first || l > last)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected %zu to %zu", l, first, last);
    return NUDGE_OK;
}

/* -- making -- */

static size_t stride_of(const nudge_net *net, size_t l) {
    return row_stride(l == 0 ? net->inputs : net_dense(net, l)->outputs);
}

/* Everything but the plan. Carved twice: to measure, and for good. */
static nudge_explanation *carve_explanation(struct arena *arena, const nudge_net *net) {
    nudge_explanation *explanation = arena_carve(arena, 1, sizeof *explanation);
    double **wishes = arena_carve(arena, net->layers + 1, sizeof *wishes);
    double **slopes = arena_carve(arena, net->layers + 1, sizeof *slopes);
    size_t largest = 0;
    for (size_t l = 0; l <= net->layers; l++) {
        size_t stride = stride_of(net, l);
        double *wish = arena_carve(arena, stride, sizeof *wish);
        double *slope = l > 0 ? arena_carve(arena, stride, sizeof *slope) : NULL;
        if (arena->block) wishes[l] = wish;
        if (arena->block) slopes[l] = slope;
        if (stride > largest) largest = stride;
    }
    double *parts = arena_carve(arena, stride_of(net, net->layers), sizeof *parts);
    double *turns[2];
    for (size_t i = 0; i < 2; i++) turns[i] = arena_carve(arena, largest, sizeof *turns[i]);
    if (!arena->block) return NULL;
    *explanation = (nudge_explanation){.net = net, .wishes = wishes, .slopes = slopes, .parts = parts};
    memcpy(explanation->turns, turns, sizeof turns);
    return explanation;
}

nudge_status nudge_explanation_create(nudge_context *context, const nudge_net *net,
                                      nudge_explanation **explanation, nudge_error *error) {
    if (missing(error, context, net, explanation)) return NUDGE_BAD_ARGUMENT;
    struct arena arena = {0};
    size_t plan_bytes = plan_memory(context, net, REAL_F64, PLAN_EXPLAIN, 1), bytes;
    carve_explanation(&arena, net);
    bool fits = !arena.overflow && size_add(&bytes, size_round_up(arena.used, MEMORY_ALIGNMENT), plan_bytes);
    unsigned char *memory = fits ? memory_get_zeroed(&context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, fits ? bytes : SIZE_MAX, "an explanation");
    arena = (struct arena){.block = memory};
    nudge_explanation *made = carve_explanation(&arena, net);
    made->context = context;
    made->chosen = cost_of(net);
    made->cost = cost_for_walk(&made->chosen);
    made->plan = plan_make(context, net, REAL_F64, PLAN_EXPLAIN, 1,
                           memory + size_round_up(arena.used, MEMORY_ALIGNMENT));
    made->owned = memory;
    made->bytes = bytes;
    *explanation = made;
    return NUDGE_OK;
}

void nudge_explanation_free(nudge_explanation *explanation) {
    if (!explanation) return;
    nudge_allocator allocator = explanation->context->allocator;
    memory_release(&allocator, explanation->owned, explanation->bytes);
}

/* -- the walks -- */

void explain_through_layer(const nudge_explanation *explanation, size_t l, double *d) {
    const struct plan_step *dense = plan_dense(explanation->plan, l);
    for (const struct plan_step *step = plan_output(explanation->plan, l); step > dense; step--) {
        struct op_call call = walk_call(explanation->plan, step, 0, 1);
        call.d = d;
        memset(call.kept, 0, sizeof call.kept); /* what the walk has kept is for gradients */
        step->kernel->backward(&call);
    }
}

/* to = w^(l)ᵀ δ: from ∂C_0/∂z^(l) to ∂C_0/∂a^(l-1). */
static void through_weights(const nudge_explanation *explanation, size_t l, double *to, double *delta) {
    const struct plan_step *step = plan_dense(explanation->plan, l);
    struct op_call call = walk_call(explanation->plan, step, 0, 1);
    call.d = delta;
    call.dx = to;
    call.scratch = explanation->plan->scratch;
    step->kernel->backward(&call);
}

/* ∂a_j/∂z_j: what the backward of all that follows the sums makes of 1. One neuron at a time where it mixes them. */
static void find_slopes(const nudge_explanation *explanation, size_t l) {
    size_t neurons = explain_neurons(explanation, l), stride = stride_of(explanation->net, l);
    double *slopes = explanation->slopes[l], *one = explanation->turns[0];
    memset(slopes, 0, stride * sizeof *slopes);
    if (!net_is_by_row(explanation->net, l)) {
        for (size_t j = 0; j < neurons; j++) slopes[j] = 1;
        explain_through_layer(explanation, l, slopes);
        return;
    }
    for (size_t j = 0; j < neurons; j++) {
        memset(one, 0, stride * sizeof *one);
        one[j] = 1;
        explain_through_layer(explanation, l, one);
        slopes[j] = one[j];
    }
}

void explain_walk(nudge_explanation *explanation) {
    struct plan *plan = explanation->plan;
    size_t layers = explanation->net->layers;
    walk_deltas(plan, 1, NULL, &explanation->cost);
    cost_parts(plan, &explanation->chosen, explanation->parts, explanation->wishes[layers]);
    for (size_t l = layers; l >= 1; l--) {
        find_slopes(explanation, l);
        through_weights(explanation, l, explanation->wishes[l - 1], plan_dense(plan, l)->d);
    }
}

nudge_status nudge_explanation_row(nudge_explanation *explanation, const nudge_data *data, nudge_part part,
                                   size_t row, nudge_error *error) {
    if (missing(error, explanation, data)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = batch_check(explanation->net, data, error);
    if (status) return status;
    if (row >= nudge_data_rows(data, part))
        return error_set(error, NUDGE_BAD_ARGUMENT, "row %zu of the %s part of %s, which has %zu", row,
                         data_part_name(part), data->name, nudge_data_rows(data, part));
    status = cost_check_targets(&explanation->chosen, explanation->net, data, part, error);
    if (status) return status;
    explanation->ready = false;
    struct row_source source = {.data = data, .part = part, .first = row, .rows = 1};
    status = batch_take(explanation->plan, &source, error);
    if (status) return status;
    plan_load_parameters(explanation->plan);
    explain_walk(explanation);
    explanation->ready = true;
    return NUDGE_OK;
}

/* NaN is a missing number to a net that saw a table, and has something that stands in for it. */
static nudge_status check_finite(const float *numbers, size_t count, bool may_miss, const char *what,
                                 nudge_error *error) {
    for (size_t i = 0; i < count; i++)
        if (!(numbers[i] - numbers[i] == 0) && !(may_miss && numbers[i] != numbers[i]))
            return error_set(error, NUDGE_BAD_INPUT, "%s %zu is not finite", what, i);
    return NUDGE_OK;
}

nudge_status nudge_explanation_numbers(nudge_explanation *explanation, const float *features,
                                       const float *targets, nudge_error *error) {
    if (missing(error, explanation, features, targets)) return NUDGE_BAD_ARGUMENT;
    const nudge_net *net = explanation->net;
    nudge_status status = check_finite(features, net->inputs, net->inputs_transform.misses, "feature", error);
    if (!status) status = check_finite(targets, net->outputs, false, "target", error);
    if (!status) status = cost_check_target(&explanation->chosen, targets, net->outputs, error);
    if (status) return status;
    struct row_source source = {.features = features, .targets = targets, .rows = 1};
    status = batch_take(explanation->plan, &source, error);
    if (status) return status;
    plan_load_parameters(explanation->plan);
    explain_walk(explanation);
    explanation->ready = true;
    return NUDGE_OK;
}

/* -- reading -- */

static const double *numbers_of(const nudge_explanation *explanation, nudge_quantity quantity, size_t l) {
    const struct plan *plan = explanation->plan;
    switch (quantity) {
    case NUDGE_ACTIVATION: return l == 0 ? plan->x : plan_output(plan, l)->y;
    case NUDGE_WEIGHTED_SUM: return plan_dense(plan, l)->y;
    case NUDGE_DELTA:
    case NUDGE_BIAS_GRADIENT: return plan_dense(plan, l)->d;
    case NUDGE_ACTIVATION_GRADIENT: return explanation->wishes[l];
    case NUDGE_SLOPE: return explanation->slopes[l];
    case NUDGE_TARGET: return plan->targets;
    case NUDGE_COST_BY_OUTPUT: return explanation->parts;
    default: return plan->each; /* NUDGE_COST_EACH */
    }
}

static size_t count_of(const nudge_explanation *explanation, nudge_quantity quantity, size_t l) {
    switch (quantity) {
    case NUDGE_COST_EACH: return 1;
    case NUDGE_TARGET:
    case NUDGE_COST_BY_OUTPUT: return explanation->net->outputs;
    case NUDGE_WEIGHT_GRADIENT: return explain_neurons(explanation, l) * explain_neurons(explanation, l - 1);
    default: return explain_neurons(explanation, l);
    }
}

/* ∂C_0/∂w_jk = δ_j a_k */
static void weight_gradient(const nudge_explanation *explanation, size_t l, double *values) {
    const double *delta = numbers_of(explanation, NUDGE_DELTA, l);
    const double *a = numbers_of(explanation, NUDGE_ACTIVATION, l - 1);
    size_t outputs = explain_neurons(explanation, l), inputs = explain_neurons(explanation, l - 1);
    for (size_t j = 0; j < outputs; j++)
        for (size_t k = 0; k < inputs; k++) values[j * inputs + k] = delta[j] * a[k];
}

nudge_status nudge_explanation_read(const nudge_explanation *explanation, nudge_quantity quantity, size_t l,
                                    double *values, size_t count, nudge_error *error) {
    if (missing(error, explanation, values)) return NUDGE_BAD_ARGUMENT;
    if ((unsigned)quantity > NUDGE_COST_BY_OUTPUT)
        return error_set(error, NUDGE_BAD_ARGUMENT, "quantity %d, expected 0 to %d", (int)quantity,
                         NUDGE_COST_BY_OUTPUT);
    bool of_all = quantity == NUDGE_COST_EACH || quantity == NUDGE_TARGET || quantity == NUDGE_COST_BY_OUTPUT;
    bool of_input = quantity == NUDGE_ACTIVATION || quantity == NUDGE_ACTIVATION_GRADIENT;
    size_t layers = explanation->net->layers;
    nudge_status status = explain_check(explanation, of_all ? layers : l, of_input ? 0 : 1, layers, error);
    if (status) return status;
    size_t expected = count_of(explanation, quantity, l);
    if (count != expected)
        return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu numbers, expected %zu", count, expected);
    if (quantity == NUDGE_WEIGHT_GRADIENT)
        weight_gradient(explanation, l, values);
    else
        memcpy(values, numbers_of(explanation, quantity, l), count * sizeof *values);
    return NUDGE_OK;
}

nudge_status nudge_explanation_influence(nudge_explanation *explanation, size_t output, size_t l,
                                         double *values, size_t count, nudge_error *error) {
    if (missing(error, explanation, values)) return NUDGE_BAD_ARGUMENT;
    size_t layers = explanation->net->layers, at = 0;
    nudge_status status = explain_check(explanation, l, 0, layers - 1, error);
    if (status) return status;
    if (output >= explanation->net->outputs)
        return error_set(error, NUDGE_BAD_ARGUMENT, "output %zu, expected 0 to %zu", output,
                         explanation->net->outputs - 1);
    if (count != explain_neurons(explanation, l))
        return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu numbers, expected %zu", count,
                         explain_neurons(explanation, l));
    memset(explanation->turns[0], 0, plan_last(explanation->plan)->output_stride * sizeof(double));
    explanation->turns[0][output] = 1;
    for (size_t m = layers; m > l; m--, at = 1 - at) {
        through_weights(explanation, m, explanation->turns[1 - at], explanation->turns[at]);
        if (m > l + 1) explain_through_layer(explanation, m - 1, explanation->turns[1 - at]);
    }
    memcpy(values, explanation->turns[at], count * sizeof *values);
    return NUDGE_OK;
}
