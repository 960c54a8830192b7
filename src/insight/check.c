/* The gradient check: backpropagation beside central differences, both in double precision. Invariant: the
 * plan's parameters are back to the net's after every comparison. */
#include "base/random.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "insight/kinks.h"
#include "learn/batch.h"
#include "learn/cost.h"

#include <nudge_insight.h>
#include <string.h>

enum { CHECK_ROWS = 256 }; /* at once */

struct check {
    nudge_check_options options;
    const nudge_data *data;
    nudge_part part;
    struct chosen_cost chosen;
    struct walk_cost cost;
    struct plan *plan;
    size_t rows;
    nudge_status status; /* of rows that had to be read again */
    nudge_error *error;
    uint64_t pattern; /* of the kinks at the net's own parameters */
    double scale;     /* what it is measured against */
    nudge_check_result result;
};

/* -- walking over all rows, portion by portion -- */

/* Puts rows first .. of the part into the plan; returns how many, 0 after the last or when one cannot be read.
 * Where all fit at once they stay there. */
static size_t take_portion(struct check *check, size_t first) {
    size_t left = check->rows - first, rows = left < check->plan->capacity ? left : check->plan->capacity;
    if (check->rows == check->plan->capacity) return rows;
    struct row_source source = {.data = check->data, .part = check->part, .first = first, .rows = rows};
    check->status = batch_take(check->plan, &source, check->error);
    return check->status ? 0 : rows;
}

/* The mean of the costs; *pattern tells which side of every kink the rows are on. */
static double walk_costs(struct check *check, uint64_t *pattern) {
    double sum = 0;
    *pattern = 0;
    for (size_t first = 0, rows; first < check->rows && (rows = take_portion(check, first)); first += rows) {
        walk_forward(check->plan, rows, NULL, &check->cost);
        *pattern = *pattern * 0x100000001B3u ^ kink_pattern(check->plan, &check->chosen, rows);
        sum += batch_cost(check->plan, rows);
    }
    return sum / (double)check->rows;
}

/* -- one parameter -- */

static double cost_with(struct check *check, double *parameter, double value, uint64_t *pattern) {
    *parameter = value;
    return walk_costs(check, pattern);
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
    const double step = check->result.step;
    double difference = difference_quotient(check, parameter, step, kink), off = difference - expected;
    if (*kink || (off < 0 ? -off : off) <= check->options.tolerance * check->scale) return difference;
    return (4 * difference_quotient(check, parameter, step / 2, kink) - difference) / 3;
}

/* Remembers the worst. */
static void keep_worst(struct check *check, const nudge_comparison *comparison) {
    nudge_check_result *result = &check->result;
    result->compared++;
    if (comparison->error <= result->error && result->compared > 1) return;
    result->error = comparison->error;
    result->parameter = comparison->parameter;
    result->backpropagation = comparison->backpropagation;
    result->difference = comparison->difference;
}

static void compare(struct check *check, const nudge_parameter *parameter) {
    size_t at = net_parameter_place(check->plan->net, parameter);
    nudge_comparison comparison = {.struct_size = sizeof comparison, .parameter = *parameter};
    comparison.backpropagation = ((const double *)check->plan->gradients)[at] / (double)check->rows;
    comparison.difference = central_difference(check, (double *)check->plan->parameters + at,
                                               comparison.backpropagation, &comparison.kink);
    if (check->status) return;
    double off = comparison.backpropagation - comparison.difference;
    comparison.error = (off < 0 ? -off : off) / check->scale;
    if (comparison.error != comparison.error) comparison.error = __builtin_inf();
    if (comparison.kink)
        check->result.kinks++;
    else
        keep_worst(check, &comparison);
    if (check->options.on_compared && !check->options.on_compared(check->options.user, &comparison))
        check->result.stopped = true;
}

/* -- all parameters, or a sample -- */

/* Compares `wanted` of a tensor's parameters, chosen without replacement, in order. */
static void check_tensor(struct check *check, const struct net_tensor *tensor, size_t wanted) {
    struct random_stream stream = random_stream_make(check->options.seed, RANDOM_CHECK,
                                                     (uint32_t)tensor->layer, (uint32_t)tensor->number, 0);
    for (size_t i = 0; i < tensor->count && wanted > 0 && !check->result.stopped && !check->status; i++) {
        double chance = (double)wanted / (double)(tensor->count - i);
        if ((double)random_u32(&stream) * 0x1p-32 >= chance) continue;
        wanted--;
        nudge_parameter parameter = net_parameter_in(tensor, i);
        compare(check, &parameter);
    }
}

/* The most that is compared of one tensor, so that all together are `wanted`, or a few less: every tensor the
 * same, so that small layers are not passed over; what a small one leaves goes to the larger. */
static size_t fair_share(const nudge_net *net, size_t wanted) {
    size_t share = 0, spare = wanted, larger = 0;
    for (size_t t = 0; t < net->tensor_count; t++) larger += !tensor_is_state(&net->tensors[t]);
    while (larger > 0 && spare >= larger) {
        share += spare / larger;
        spare = wanted;
        larger = 0;
        for (size_t t = 0; t < net->tensor_count; t++) {
            size_t size = net->tensors[t].count;
            if (tensor_is_state(&net->tensors[t])) continue;
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
    for (size_t t = 0; t < net->tensor_count; t++) {
        const struct net_tensor *tensor = &net->tensors[t];
        size_t most = tensor->count < share ? tensor->count : share;
        if (!tensor_is_state(tensor)) check_tensor(check, tensor, share == 0 ? 1 : most);
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

/* What errors are measured against: the largest gradient, but at least a thousandth of the cost C, and at
 * least 1e-5. Rounding C, by some 1e-16 C, puts 1e-11 C into every difference quotient, and rounding the
 * activations that C is made of, which are about 1, puts 1e-11 into it even where C is 0; at the bottom of a
 * valley the gradients are no larger. */
static double error_scale(double largest, double cost) {
    const double floor = 1e-5;
    double least = 1e-3 * cost > floor ? 1e-3 * cost : floor;
    return least > largest ? least : largest; /* NaN stays NaN and passes nothing */
}

static void run_check(struct check *check) {
    for (size_t first = 0, rows; first < check->rows && (rows = take_portion(check, first)); first += rows)
        walk_both(check->plan, rows, &check->cost, first > 0);
    nudge_check_result *result = &check->result;
    double cost = walk_costs(check, &check->pattern);
    if (check->status) return;
    result->largest_gradient = largest_gradient(check);
    check->scale = error_scale(result->largest_gradient, cost);
    check_sample(check);
    result->passed = result->compared > 0 && !result->stopped && result->error <= check->options.tolerance;
}

/* -- the call -- */

static nudge_status prepare_check(struct check *check, const nudge_net *net, const nudge_data *data,
                                  nudge_part part, nudge_error *error) {
    const nudge_check_options *options = &check->options;
    if (options->rows == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "check of 0 rows, expected at least 1");
    if (!(options->tolerance > 0))
        return error_set(error, NUDGE_BAD_ARGUMENT, "check: tolerance %s, expected above 0",
                         text_number(options->tolerance, 6).text);
    if (options->step != 0 && !(options->step >= 1e-12 && options->step <= 1))
        return error_set(error, NUDGE_BAD_ARGUMENT, "check: step %s, expected 1e-12 to 1, or 0",
                         text_number(options->step, 6).text);
    check->result.step = options->step != 0 ? options->step : 1e-5;
    nudge_status status = batch_check(net, data, error);
    if (status) return status;
    size_t there = nudge_data_rows(data, part);
    if (there == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", data->name, data_part_name(part));
    check->rows = options->rows < there ? options->rows : there;
    check->chosen = cost_of(net);
    return cost_check_targets(&check->chosen, net, data, part, error);
}

nudge_status nudge_check(nudge_context *context, const nudge_net *net, const nudge_data *data,
                         nudge_part part, const nudge_check_options *options, nudge_check_result *result,
                         nudge_error *error) {
    if (missing(error, context, net, data, result)) return NUDGE_BAD_ARGUMENT;
    struct check check = {.options = NUDGE_CHECK_OPTIONS,
                          .result = NUDGE_CHECK_RESULT,
                          .data = data,
                          .part = part,
                          .error = error};
    if (options && !options_take(&check.options, sizeof check.options, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "check options: struct_size is not set; begin with NUDGE_CHECK_OPTIONS");
    if (!options_take(&check.result, sizeof check.result, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "check result: struct_size is not set; begin with NUDGE_CHECK_RESULT");
    check.result = (nudge_check_result)NUDGE_CHECK_RESULT;
    nudge_status status = prepare_check(&check, net, data, part, error);
    if (status) return status;
    size_t capacity = check.rows < CHECK_ROWS ? check.rows : CHECK_ROWS;
    size_t bytes = plan_memory(context, net, REAL_F64, PLAN_EXPLAIN, capacity);
    void *memory = bytes < SIZE_MAX ? memory_get(&context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, bytes, "the gradient check");
    check.plan = plan_make(context, net, REAL_F64, PLAN_EXPLAIN, capacity, memory);
    check.cost = cost_for_walk(&check.chosen);
    check.status =
        batch_take(check.plan, &(struct row_source){.data = data, .part = part, .rows = capacity}, error);
    if (!check.status) run_check(&check);
    memory_release(&context->allocator, memory, bytes);
    if (check.status) return check.status;
    options_give(result, &check.result, sizeof check.result);
    return NUDGE_OK;
}
