/* The parameters of a net as one vector in canonical order, and each one by its name. */
#include "base/status.h"
#include "engine/engine.h"
#include "net/net.h"

#include <string.h>

nudge_status net_check_parameter(const nudge_net *net, const nudge_parameter *parameter, nudge_error *error) {
    if (parameter->layer < 1 || parameter->layer > net->layers)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected 1 to %zu", parameter->layer,
                         net->layers);
    const struct net_op *dense = net_dense(net, parameter->layer);
    if (parameter->output >= dense->outputs)
        return error_set(error, NUDGE_BAD_ARGUMENT, "neuron %zu of layer %zu, expected 0 to %zu",
                         parameter->output, parameter->layer, dense->outputs - 1);
    if (!parameter->bias && parameter->input >= dense->inputs)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "input %zu of neuron %zu of layer %zu, expected 0 to %zu: the neurons of layer %zu",
                         parameter->input, parameter->output, parameter->layer, dense->inputs - 1,
                         parameter->layer - 1);
    return NUDGE_OK;
}

size_t net_parameter_place(const nudge_net *net, const nudge_parameter *parameter) {
    const struct net_op *dense = net_dense(net, parameter->layer);
    if (parameter->bias) return dense->bias + parameter->output;
    return dense->weight + weight_index(dense->outputs, dense->inputs, parameter->output, parameter->input);
}

static nudge_status check_count(const nudge_net *net, size_t count, nudge_error *error) {
    if (count == net->parameter_count) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu parameters, expected %zu", count,
                     net->parameter_count);
}

void net_to_canonical(const nudge_net *net, const float *block, float *canonical) {
    for (size_t l = 1; l <= net->layers; l++) {
        const struct net_op *dense = net_dense(net, l);
        net_weight_to_canonical(dense, block, canonical);
        canonical += dense->inputs * dense->outputs;
        memcpy(canonical, block + dense->bias, dense->outputs * sizeof *canonical);
        canonical += dense->outputs;
    }
}

void net_from_canonical(const nudge_net *net, float *block, const float *canonical) {
    for (size_t l = 1; l <= net->layers; l++) {
        const struct net_op *dense = net_dense(net, l);
        net_weight_from_canonical(dense, block, canonical);
        canonical += dense->inputs * dense->outputs;
        memcpy(block + dense->bias, canonical, dense->outputs * sizeof *canonical);
        canonical += dense->outputs;
    }
}

nudge_status nudge_net_get_parameters(const nudge_net *net, float *parameters, size_t count,
                                      nudge_error *error) {
    if (missing(error, net, parameters)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_count(net, count, error);
    if (!status) net_to_canonical(net, net->parameters, parameters);
    return status;
}

nudge_status nudge_net_set_parameters(nudge_net *net, const float *parameters, size_t count,
                                      nudge_error *error) {
    if (missing(error, net, parameters)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_count(net, count, error);
    if (status) return status;
    net_from_canonical(net, net->parameters, parameters);
    net->version++;
    return NUDGE_OK;
}

nudge_status nudge_net_parameter_index(const nudge_net *net, const nudge_parameter *parameter, size_t *index,
                                       nudge_error *error) {
    if (missing(error, net, parameter, index)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = net_check_parameter(net, parameter, error);
    if (status) return status;
    size_t before = 0;
    for (size_t l = 1; l < parameter->layer; l++)
        before += (net_dense(net, l)->inputs + 1) * net_dense(net, l)->outputs;
    const struct net_op *dense = net_dense(net, parameter->layer);
    *index = before + (parameter->bias ? dense->inputs * dense->outputs + parameter->output
                                       : parameter->output * dense->inputs + parameter->input);
    return NUDGE_OK;
}

nudge_status nudge_net_parameter_at(const nudge_net *net, size_t index, nudge_parameter *parameter,
                                    nudge_error *error) {
    if (missing(error, net, parameter)) return NUDGE_BAD_ARGUMENT;
    if (index >= net->parameter_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "parameter %zu, expected 0 to %zu", index,
                         net->parameter_count - 1);
    for (size_t l = 1;; l++) {
        const struct net_op *dense = net_dense(net, l);
        size_t weights = dense->inputs * dense->outputs;
        if (index < weights) {
            *parameter = (nudge_parameter){l, index / dense->inputs, index % dense->inputs, false};
            return NUDGE_OK;
        }
        index -= weights;
        if (index < dense->outputs) {
            *parameter = (nudge_parameter){l, index, 0, true};
            return NUDGE_OK;
        }
        index -= dense->outputs;
    }
}
