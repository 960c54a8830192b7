/* From one to all: gradients over many rows in double precision, portion by portion. Invariant: the caller's
 * arrays are written with whole results; `mean` only when every row was walked. */
#include "base/status.h"
#include "base/struct_size.h"
#include "learn/batch.h"
#include "learn/cost.h"

#include <nudge_insight.h>

enum { GRADIENT_ROWS = 256 }; /* at once */

struct gradient {
    nudge_gradient_options options;
    nudge_gradient_result result;
    const nudge_data *data;
    nudge_part part;
    struct chosen_cost chosen;
    struct walk_cost cost;
    struct plan *plan;
    size_t rows;
};

/* ∂C_0/∂w_jk = δ_j a_k of each row of the portion, ∂C_0/∂b_j = δ_j. */
static void keep_each(const struct gradient *gradient, size_t first, size_t rows) {
    const nudge_parameter *parameter = gradient->options.parameter;
    const struct plan_step *dense = plan_dense(gradient->plan, parameter->layer);
    const double *delta = dense->d, *a = dense->x;
    for (size_t r = 0; r < rows; r++)
        gradient->result.each[first + r] =
            delta[r * dense->output_stride + parameter->output] *
            (parameter->tensor == DENSE_BIAS ? 1 : a[r * dense->input_stride + parameter->input]);
}

/* Each row's gradients of a batch-norm's parameters are only known as a sum over a walk's rows. */
static bool takes_one_by_one(const struct gradient *gradient) {
    return gradient->result.each && gradient->options.parameter->tensor > DENSE_BIAS &&
           !gradient->options.training;
}

static nudge_status walk_portion(struct gradient *gradient, size_t first, size_t rows, nudge_error *error) {
    struct row_source source = {.data = gradient->data,
                                .part = gradient->part,
                                .indices = gradient->options.indices,
                                .first = first,
                                .rows = rows};
    nudge_status status = batch_take(gradient->plan, &source, error);
    if (status) return status;
    gradient->plan->step_row = first;
    walk_deltas(gradient->plan, rows, NULL, &gradient->cost);
    bool one_by_one = takes_one_by_one(gradient);
    const nudge_parameter *parameter = gradient->options.parameter;
    const double *sum = one_by_one ? (const double *)gradient->plan->gradients +
                                         net_parameter_place(gradient->plan->net, parameter)
                                   : NULL;
    double before = one_by_one && first > 0 ? *sum : 0;
    if (gradient->result.mean || one_by_one) walk_gradients(gradient->plan, rows, first > 0, NULL);
    if (one_by_one)
        gradient->result.each[first] = *sum - before;
    else if (gradient->result.each)
        keep_each(gradient, first, rows);
    gradient->result.cost += batch_cost(gradient->plan, rows);
    return NUDGE_OK;
}

static void give_mean(const struct gradient *gradient) {
    const nudge_net *net = gradient->plan->net;
    const double *sums = gradient->plan->gradients;
    double *mean = gradient->result.mean, rows = (double)gradient->rows;
    for (size_t t = 0; t < net->tensor_count; t++)
        for (size_t i = 0; !tensor_is_state(&net->tensors[t]) && i < net->tensors[t].count; i++)
            mean[net->tensors[t].first + i] = sums[tensor_place(&net->tensors[t], i)] / rows;
}

static nudge_status run_gradient(struct gradient *gradient, nudge_error *error) {
    size_t done = 0;
    gradient->result.cost = 0;
    while (done < gradient->rows && !gradient->result.stopped) {
        size_t left = gradient->rows - done, most = gradient->plan->capacity,
               rows = left < most ? left : most;
        nudge_status status = walk_portion(gradient, done, rows, error);
        if (status) return status;
        done += rows;
        bool (*on_rows)(void *, size_t, size_t) = gradient->options.on_rows;
        if (on_rows && !on_rows(gradient->options.user, done, gradient->rows) && done < gradient->rows)
            gradient->result.stopped = true;
    }
    gradient->result.rows = done;
    gradient->result.cost /= (double)done;
    if (gradient->result.mean && !gradient->result.stopped) give_mean(gradient);
    return NUDGE_OK;
}

/* -- the call -- */

static nudge_status check_rows(struct gradient *gradient, nudge_error *error) {
    const nudge_gradient_options *options = &gradient->options;
    size_t there = nudge_data_rows(gradient->data, gradient->part);
    if (there == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", gradient->data->name,
                         data_part_name(gradient->part));
    if (options->indices && options->rows == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "gradient of 0 rows, expected at least 1");
    gradient->rows = options->rows ? options->rows : there;
    if (!options->indices && gradient->rows > there) gradient->rows = there;
    for (size_t i = 0; options->indices && i < gradient->rows; i++)
        if (options->indices[i] >= there)
            return error_set(error, NUDGE_BAD_ARGUMENT, "row %zu of the %s part of %s, which has %zu",
                             options->indices[i], data_part_name(gradient->part), gradient->data->name,
                             there);
    return NUDGE_OK;
}

static nudge_status prepare_gradient(struct gradient *gradient, const nudge_net *net, nudge_error *error) {
    const nudge_gradient_options *options = &gradient->options;
    nudge_status status = batch_check(net, gradient->data, error);
    if (!status) status = check_rows(gradient, error);
    if (!status && gradient->result.each && !options->parameter)
        status = error_set(error, NUDGE_BAD_ARGUMENT, "gradient of each row: expected a parameter");
    if (!status && gradient->result.each && options->training && options->parameter->tensor > DENSE_BIAS)
        status = error_set(error, NUDGE_BAD_ARGUMENT,
                           "gradient of each row in training: expected a weight or a bias");
    if (!status && options->parameter) status = net_check_parameter(net, options->parameter, error);
    if (status) return status;
    gradient->chosen = cost_of(net);
    return cost_check_targets(&gradient->chosen, net, gradient->data, gradient->part, error);
}

nudge_status nudge_gradient(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            nudge_part part, const nudge_gradient_options *options,
                            nudge_gradient_result *result, nudge_error *error) {
    if (missing(error, context, net, data, result)) return NUDGE_BAD_ARGUMENT;
    struct gradient gradient = {
        .options = NUDGE_GRADIENT_OPTIONS, .result = NUDGE_GRADIENT_RESULT, .data = data, .part = part};
    if (options && !options_take(&gradient.options, sizeof gradient.options, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "gradient options: struct_size is not set; begin with NUDGE_GRADIENT_OPTIONS");
    if (!options_take(&gradient.result, sizeof gradient.result, result))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "gradient result: struct_size is not set; begin with NUDGE_GRADIENT_RESULT");
    gradient.result.stopped = false;
    nudge_status status = prepare_gradient(&gradient, net, error);
    if (status) return status;
    size_t capacity = gradient.rows < GRADIENT_ROWS ? gradient.rows : GRADIENT_ROWS;
    if (takes_one_by_one(&gradient)) capacity = 1;
    enum plan_use use = gradient.options.training ? PLAN_TRAIN : PLAN_EXPLAIN;
    if (gradient.options.training && net_mixes_rows(net)) capacity = gradient.rows;
    size_t bytes = plan_memory(context, net, REAL_F64, use, capacity);
    void *memory = bytes < SIZE_MAX ? memory_get(&context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, bytes, "the gradients");
    gradient.plan = plan_make(context, net, REAL_F64, use, capacity, memory);
    gradient.plan->seed = gradient.options.seed;
    gradient.plan->step = gradient.options.step;
    gradient.cost = cost_for_walk(&gradient.chosen);
    status = run_gradient(&gradient, error);
    memory_release(&context->allocator, memory, bytes);
    if (!status) options_give(result, &gradient.result, sizeof gradient.result);
    return status;
}
