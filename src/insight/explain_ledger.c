/* The ledger of one neuron: the wishes of all neurons after it, path by path, and their sum. It is taken from
 * weights and δ alone, apart from the backward walk, so that the two can be compared. */
#include "insight/explain.h"

#include "base/status.h"
#include "base/struct_size.h"

#include <nudge_insight.h>
#include <string.h>

/* Σ_j w_jk^(l+1) δ_j^(l+1), and each term where there is room. */
static double sum_paths(const nudge_explanation *explanation, size_t l, size_t neuron, nudge_path *paths) {
    const struct plan *plan = explanation->plan;
    const struct net_op *dense = net_dense(explanation->net, l + 1);
    const double *weights = (const double *)plan->parameters + dense->place[DENSE_WEIGHT];
    const double *delta = plan_dense(plan, l + 1)->d;
    double sum = 0;
    for (size_t j = 0; j < dense->outputs; j++) {
        double weight = weights[weight_index(dense->outputs, dense->inputs, j, neuron)];
        nudge_path path = {j, weight, delta[j], weight * delta[j]};
        sum += path.share;
        if (paths) paths[j] = path;
    }
    return sum;
}

/* Σ_{j≠k} ∂a_j/∂z_k ∂C_0/∂a_j: what the activation's backward makes of all wishes but the neuron's own. */
static double through_others(nudge_explanation *explanation, size_t l, size_t neuron) {
    double *d = explanation->turns[0];
    if (!net_is_by_row(explanation->net, l)) return 0;
    memset(d, 0, lane_round_up(explain_neurons(explanation, l)) * sizeof *d);
    for (size_t j = 0; j < explain_neurons(explanation, l); j++)
        d[j] = j == neuron ? 0 : explanation->wishes[l][j];
    explain_through_layer(explanation, l, d);
    return d[neuron];
}

static void fill_ledger(nudge_explanation *explanation, size_t l, size_t neuron, nudge_ledger *ledger) {
    size_t layers = explanation->net->layers;
    double none = __builtin_nan("");
    ledger->path_count = l < layers ? explain_neurons(explanation, l + 1) : 0;
    ledger->sum =
        l < layers ? sum_paths(explanation, l, neuron, ledger->paths) : explanation->wishes[layers][neuron];
    ledger->slope = ledger->others = ledger->delta = ledger->walk_delta = none;
    if (l == 0) return;
    ledger->slope = explanation->slopes[l][neuron];
    ledger->others = through_others(explanation, l, neuron);
    ledger->delta = ledger->sum * ledger->slope + ledger->others;
    ledger->walk_delta = ((const double *)plan_dense(explanation->plan, l)->d)[neuron];
}

nudge_status nudge_explanation_ledger(nudge_explanation *explanation, size_t l, size_t neuron,
                                      nudge_ledger *ledger, nudge_error *error) {
    if (missing(error, explanation, ledger)) return NUDGE_BAD_ARGUMENT;
    nudge_ledger filled = NUDGE_LEDGER;
    if (!ledger || !options_take(&filled, sizeof filled, ledger))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "ledger: struct_size is not set; begin with NUDGE_LEDGER");
    size_t layers = explanation->net->layers;
    nudge_status status = explain_check(explanation, l, 0, layers, error);
    if (status) return status;
    if (neuron >= explain_neurons(explanation, l))
        return error_set(error, NUDGE_BAD_ARGUMENT, "neuron %zu of layer %zu, expected 0 to %zu", neuron, l,
                         explain_neurons(explanation, l) - 1);
    size_t paths = l < layers ? explain_neurons(explanation, l + 1) : 0;
    if (filled.paths && filled.path_count < paths)
        return error_set(error, NUDGE_BAD_ARGUMENT, "ledger: room for %zu paths, expected %zu",
                         filled.path_count, paths);
    fill_ledger(explanation, l, neuron, &filled);
    options_give(ledger, &filled, sizeof filled);
    return NUDGE_OK;
}
