/* The nudge itself: one parameter changed, the cost measured beside what its derivative predicts. Invariant:
 * afterwards plan and arrays hold the example again as they did before. */
#include "insight/explain.h"
#include "insight/kinks.h"

#include "base/status.h"
#include "base/struct_size.h"

#include <nudge_insight.h>

static const double UNIT = 0x1p-53; /* u, half the distance from 1 to the next number */

static double size_of(double x) {
    return x < 0 ? -x : x;
}

/* Σ_k |w_jk a_k| + |b_j|: what rounding z_j is in proportion to. */
static double sum_of_sizes(const nudge_explanation *explanation, size_t l, size_t j) {
    const struct net_op *dense = net_dense(explanation->net, l);
    const double *parameters = explanation->plan->parameters;
    const double *a = plan_dense(explanation->plan, l)->x;
    double sum = size_of(parameters[dense->place[DENSE_BIAS] + j]);
    for (size_t k = 0; k < dense->inputs; k++)
        sum += size_of(
            parameters[dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, j, k)] *
            a[k]);
    return sum;
}

/* What rounding z_j and a_j of layer l may do to C_0, to first order: z_j is off by at most γ_{K+1} (Σ|w a| +
 * |b|), with γ_n ≈ n u (Higham 2002, section 3.1), a_j by some 4u |a_j|. With a fused cost C_0 is computed
 * from z: the last a do not come into it. */
static double rounding_of_neuron(const nudge_explanation *explanation, size_t l, size_t j) {
    const struct plan *plan = explanation->plan;
    double delta = ((const double *)plan_dense(plan, l)->d)[j],
           a = ((const double *)plan_output(plan, l)->y)[j];
    double terms = (double)explain_neurons(explanation, l - 1) + 1;
    double rounding = size_of(delta) * terms * UNIT * sum_of_sizes(explanation, l, j);
    if (l < explanation->net->layers || !explanation->cost.fused)
        rounding += size_of(explanation->wishes[l][j] * a) * 4 * UNIT;
    return rounding;
}

/* The same for the difference of two C_0 of which one has the parameter changed: what stands before it is
 * rounded alike in both; its neuron and all layers behind, and the cost's sum over M outputs, (M + 4) u C_0,
 * may be off in either. */
static double rounding_of_difference(const nudge_explanation *explanation, const nudge_parameter *parameter) {
    double cost = *(const double *)explanation->plan->each;
    double sum = ((double)explanation->net->outputs + 4) * UNIT * cost;
    sum += rounding_of_neuron(explanation, parameter->layer, parameter->output);
    for (size_t l = parameter->layer + 1; l <= explanation->net->layers; l++)
        for (size_t j = 0; j < explain_neurons(explanation, l); j++)
            sum += rounding_of_neuron(explanation, l, j);
    return 2 * sum;
}

static double gradient_of(const nudge_explanation *explanation, const nudge_parameter *parameter) {
    const struct plan_step *dense = plan_dense(explanation->plan, parameter->layer);
    double delta = ((const double *)dense->d)[parameter->output];
    if (parameter->tensor == DENSE_WEIGHT) return delta * ((const double *)dense->x)[parameter->input];
    if (parameter->tensor == DENSE_BIAS) return delta;
    walk_gradients(explanation->plan, 1, false, NULL); /* of other ops: what they have kept */
    return ((const double *)explanation->plan->gradients)[net_parameter_place(explanation->net, parameter)];
}

/* C_0 with the parameter at `value`. */
static double cost_at(nudge_explanation *explanation, size_t place, double value, uint64_t *pattern) {
    double *parameter = (double *)explanation->plan->parameters + place, kept = *parameter;
    *parameter = value;
    walk_forward(explanation->plan, 1, NULL, &explanation->cost);
    *parameter = kept;
    *pattern = kink_pattern(explanation->plan, &explanation->chosen, 1);
    return *(const double *)explanation->plan->each;
}

static void measure_nudge(nudge_explanation *explanation, const nudge_parameter *parameter, double by,
                          nudge_change *change) {
    size_t place = net_parameter_place(explanation->net, parameter);
    double value = ((const double *)explanation->plan->parameters)[place], changed = value + by;
    uint64_t pattern, changed_pattern;
    change->rounding = rounding_of_difference(explanation, parameter);
    change->gradient = gradient_of(explanation, parameter);
    change->predicted = change->gradient * (changed - value); /* what p + by is as a number */
    double cost = cost_at(explanation, place, value, &pattern);
    change->measured = cost_at(explanation, place, changed, &changed_pattern) - cost;
    change->kink = pattern != changed_pattern;
    explain_walk(explanation); /* the walk with the changed parameter went over z and a */
}

nudge_status nudge_explanation_nudge(nudge_explanation *explanation, const nudge_parameter *parameter,
                                     double by, nudge_change *change, nudge_error *error) {
    if (missing(error, explanation, parameter, change)) return NUDGE_BAD_ARGUMENT;
    nudge_change filled = NUDGE_CHANGE;
    if (!change || !options_take(&filled, sizeof filled, change))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "change: struct_size is not set; begin with NUDGE_CHANGE");
    size_t layers = explanation->net->layers;
    nudge_status status = explain_check(explanation, layers, layers, layers, error);
    if (!status) status = net_check_parameter(explanation->net, parameter, error);
    if (status) return status;
    if (!(by - by == 0)) return error_set(error, NUDGE_BAD_ARGUMENT, "a nudge that is not finite");
    measure_nudge(explanation, parameter, by, &filled);
    options_give(change, &filled, sizeof filled);
    return NUDGE_OK;
}
