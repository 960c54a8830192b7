/* The gradient check: backpropagation beside central differences, both in double precision. Invariant: the
 * plan's parameters are back to the net's after every comparison. */
#include "base/options.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "insight/kinks.h"
#include "learn/batch.h"
#include "learn/cost.h"

#include <string.h>

struct check {
    nudge_check_options options;
    struct chosen_cost chosen;
    struct walk_cost cost;
    struct plan *plan;
    size_t rows;
    uint64_t pattern; /* of the kinks at the net's own parameters */
    double worst;     /* largest difference so far */
    double scale;     /* what it is measured against */
    nudge_check_result result;
};

/* -- one parameter -- */

static double cost_with(struct check *check, double *parameter, double value, uint64_t *pattern) {
    *parameter = value;
    walk_forward(check->plan, check->rows, NULL, &check->cost);
    *pattern = kink_pattern(check->plan, &check->chosen, check->rows);
    return batch_cost(check->plan, check->rows) / (double)check->rows;
}

/* (C(p + h) - C(p - h)) / 2h, h = step max(1, |p|). Sets *kink when there is one between. */
static double difference_quotient(struct check *check, double *parameter, double step, bool *kink) {
    double p = *parameter, size = p < 0 ? -p : p, h = step * (size > 1 ? size : 1);
    double above = p + h, below = p - h;
    uint64_t pattern_above, pattern_below;
    double cost_above = cost_with(check, parameter, above, &pattern_above);
    double cost_below = cost_with(check, parameter, below, &pattern_below);
    *parameter = p;
    if (pattern_above != check->pattern || pattern_below != check->pattern) *kink = true;
    return (cost_above - cost_below) / (above - below);
}

/* The step balances the formula's error, h²/6 times the third derivative, against rounding, ~1e-16 C / h. At
 * the bottom of a valley, where C and its gradient are almost 0 but their derivatives are not, the formula's
 * error is the larger one: a second quotient at h/2 then cancels it (Richardson 1911). */
static double central_difference(struct check *check, double *parameter, double expected, bool *kink) {
    const double step = 1e-5;
    double difference = difference_quotient(check, parameter, step, kink), off = difference - expected;
    if (*kink || (off < 0 ? -off : off) <= check->options.tolerance * check->scale) return difference;
    return (4 * difference_quotient(check, parameter, step / 2, kink) - difference) / 3;
}

static void compare(struct check *check, const struct net_op *dense, bool bias, size_t output, size_t input) {
    size_t at = bias ? dense->bias + output
                     : dense->weight + weight_index(dense->outputs, dense->inputs, output, input);
    double analytic = ((const double *)check->plan->gradients)[at] / (double)check->rows;
    bool kink = false;
    double difference = central_difference(check, (double *)check->plan->parameters + at, analytic, &kink);
    nudge_check_result *result = &check->result;
    if (kink) {
        result->kinks++;
        return;
    }
    double error = analytic - difference;
    if (error < 0) error = -error;
    if (error != error) error = __builtin_inf();
    result->compared++;
    if (error <= check->worst && result->compared > 1) return;
    check->worst = error;
    result->layer = dense->layer;
    result->bias = bias;
    result->output = output;
    result->input = input;
    result->backpropagation = analytic;
    result->difference = difference;
}

/* -- all parameters, or a sample -- */

/* Compares `wanted` of a tensor's parameters, chosen without replacement, in order. */
static void check_tensor(struct check *check, const struct net_op *dense, bool bias, size_t wanted) {
    size_t count = bias ? dense->outputs : dense->outputs * dense->inputs;
    struct random_stream stream =
        random_stream_make(check->options.seed, RANDOM_CHECK, (uint32_t)dense->layer, bias, 0);
    for (size_t i = 0; i < count && wanted > 0; i++) {
        double chance = (double)wanted / (double)(count - i);
        if ((double)random_u32(&stream) * 0x1p-32 >= chance) continue;
        wanted--;
        compare(check, dense, bias, bias ? i : i / dense->inputs, bias ? 0 : i % dense->inputs);
    }
}

static size_t tensor_size(const struct net_op *dense, bool bias) {
    return bias ? dense->outputs : dense->outputs * dense->inputs;
}

/* The most that is compared of one tensor, so that all together are `wanted`, or a few less: every tensor the
 * same, so that small layers are not passed over; what a small one leaves goes to the larger. */
static size_t fair_share(const nudge_net *net, size_t wanted) {
    size_t share = 0, spare = wanted, larger = 2 * net->layers;
    while (larger > 0 && spare >= larger) {
        share += spare / larger;
        spare = wanted;
        larger = 0;
        for (size_t i = 0; i < 2 * net->layers; i++) {
            size_t size = tensor_size(net_dense(net, i / 2 + 1), i % 2);
            spare -= size < share ? size : share;
            larger += size > share;
        }
    }
    return share;
}

static void check_sample(struct check *check) {
    const nudge_net *net = check->plan->net;
    size_t wanted = check->options.parameters;
    if (wanted == 0 || wanted > net->parameter_count) wanted = net->parameter_count;
    size_t share = fair_share(net, wanted);
    for (size_t i = 0; i < 2 * net->layers; i++) {
        const struct net_op *dense = net_dense(net, i / 2 + 1);
        size_t size = tensor_size(dense, i % 2);
        check_tensor(check, dense, i % 2, share == 0 ? 1 : size < share ? size : share);
    }
}

static double largest_gradient(const struct check *check) {
    const double *gradients = check->plan->gradients;
    double largest = 0;
    for (size_t i = 0; i < check->plan->net->block_count; i++) {
        double size = gradients[i] < 0 ? -gradients[i] : gradients[i];
        if (size > largest || size != size) largest = size;
    }
    return largest / (double)check->rows;
}

/* What errors are measured against: the largest gradient, but at least a thousandth of the cost C. Rounding
 * C, by some 1e-16 C, puts 1e-11 C into every difference quotient; at the bottom of a valley the gradients
 * are no larger. */
static double error_scale(const struct check *check) {
    double least = 1e-3 * batch_cost(check->plan, check->rows) / (double)check->rows;
    double scale = least > check->result.largest_gradient ? least : check->result.largest_gradient;
    return scale == 0 ? 1 : scale; /* NaN stays NaN and passes nothing */
}

static void run(struct check *check) {
    walk_both(check->plan, check->rows, &check->cost, false);
    check->pattern = kink_pattern(check->plan, &check->chosen, check->rows);
    nudge_check_result *result = &check->result;
    result->largest_gradient = largest_gradient(check);
    check->scale = error_scale(check);
    check_sample(check);
    result->error = check->worst / check->scale;
    result->passed = result->compared > 0 && result->error <= check->options.tolerance;
}

/* -- the call -- */

static nudge_status prepare(struct check *check, const nudge_net *net, const nudge_data *data,
                            nudge_part part, nudge_error *error) {
    const nudge_check_options *options = &check->options;
    if (options->rows == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "check of 0 rows, expected at least 1");
    if (!(options->tolerance > 0))
        return error_set(error, NUDGE_BAD_ARGUMENT, "check: tolerance %s, expected above 0",
                         text_number(options->tolerance, 6).text);
    nudge_status status = batch_check(net, data, error);
    if (status) return status;
    size_t there = nudge_data_rows(data, part);
    if (there == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", data->name, data_part_name(part));
    check->rows = options->rows < there ? options->rows : there;
    status = options->cost == NUDGE_COST_AUTO
                 ? cost_from_notes(net, NUDGE_COST_AUTO, &check->chosen, error)
                 : cost_choose(net, options->cost, options->huber_delta, &check->chosen, error);
    return status ? status : cost_check_targets(&check->chosen, data, part, error);
}

nudge_status nudge_check(nudge_context *context, const nudge_net *net, const nudge_data *data,
                         nudge_part part, const nudge_check_options *options, nudge_check_result *result,
                         nudge_error *error) {
    struct check check = {.options = NUDGE_CHECK_OPTIONS, .result = NUDGE_CHECK_RESULT};
    if (options && !options_take(&check.options, sizeof check.options, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "check options: struct_size is not set; begin with NUDGE_CHECK_OPTIONS");
    if (!result || !options_take(&check.result, sizeof check.result, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "check result: struct_size is not set; begin with NUDGE_CHECK_RESULT");
    check.result = (nudge_check_result)NUDGE_CHECK_RESULT;
    nudge_status status = prepare(&check, net, data, part, error);
    if (status) return status;
    size_t bytes = plan_memory(context, net, PRECISION_F64, PLAN_TRAIN, check.rows);
    void *memory = bytes < SIZE_MAX ? memory_get(&context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, bytes, "the gradient check");
    check.plan = plan_make(context, net, PRECISION_F64, PLAN_TRAIN, check.rows, memory);
    check.cost = cost_for_walk(&check.chosen);
    for (size_t r = 0; !status && r < check.rows; r++)
        status = batch_gather_one(check.plan, r, data, part, r, error);
    if (!status) run(&check);
    memory_release(&context->allocator, memory, bytes);
    if (status) return status;
    options_give(result, &check.result, sizeof check.result);
    return NUDGE_OK;
}
