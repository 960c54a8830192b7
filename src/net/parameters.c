/* The parameters of a net as one vector in canonical order, and each one by its name. */
#include "base/status.h"
#include "engine/engine.h"
#include "net/net.h"

#include <string.h>

const struct net_tensor *net_tensor_of(const nudge_net *net, const nudge_parameter *parameter) {
    for (size_t t = 0; t < net->tensor_count; t++)
        if (net->tensors[t].layer == parameter->layer && net->tensors[t].number == parameter->tensor)
            return &net->tensors[t];
    return NULL;
}

nudge_status net_check_parameter(const nudge_net *net, const nudge_parameter *parameter, nudge_error *error) {
    if (parameter->layer < 1 || parameter->layer > net->layers)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected 1 to %zu", parameter->layer,
                         net->layers);
    const struct net_tensor *tensor = net_tensor_of(net, parameter);
    if (!tensor)
        return error_set(error, NUDGE_BAD_ARGUMENT, "tensor %zu of layer %zu, which has fewer",
                         parameter->tensor, parameter->layer);
    if (tensor_is_state(tensor))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s of layer %zu is not trained", tensor->is->name,
                         parameter->layer);
    if (parameter->output >= tensor->outputs)
        return error_set(error, NUDGE_BAD_ARGUMENT, "neuron %zu of layer %zu, expected 0 to %zu",
                         parameter->output, parameter->layer, tensor->outputs - 1);
    if (tensor->inputs && parameter->input >= tensor->inputs)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "input %zu of neuron %zu of layer %zu, expected 0 to %zu: the neurons of layer %zu",
                         parameter->input, parameter->output, parameter->layer, tensor->inputs - 1,
                         parameter->layer - 1);
    return NUDGE_OK;
}

size_t net_parameter_number(const struct net_tensor *tensor, const nudge_parameter *parameter) {
    return tensor->inputs ? parameter->output * tensor->inputs + parameter->input : parameter->output;
}

size_t net_parameter_place(const nudge_net *net, const nudge_parameter *parameter) {
    const struct net_tensor *tensor = net_tensor_of(net, parameter);
    return tensor_place(tensor, net_parameter_number(tensor, parameter));
}

nudge_parameter net_parameter_in(const struct net_tensor *tensor, size_t i) {
    if (tensor->inputs == 0) return (nudge_parameter){tensor->layer, i, 0, tensor->number};
    return (nudge_parameter){tensor->layer, i / tensor->inputs, i % tensor->inputs, tensor->number};
}

/* -- whole tensors -- */

static void to_canonical(const struct net_tensor *tensor, const float *block, float *canonical) {
    for (size_t o = 0; tensor->inputs && o < tensor->outputs; o++)
        for (size_t i = 0; i < tensor->inputs; i++)
            *canonical++ = block[tensor->place + weight_index(tensor->outputs, tensor->inputs, o, i)];
    if (!tensor->inputs) memcpy(canonical, block + tensor->place, tensor->count * sizeof *canonical);
}

static void from_canonical(const struct net_tensor *tensor, float *block, const float *canonical) {
    for (size_t o = 0; tensor->inputs && o < tensor->outputs; o++)
        for (size_t i = 0; i < tensor->inputs; i++)
            block[tensor->place + weight_index(tensor->outputs, tensor->inputs, o, i)] = *canonical++;
    if (!tensor->inputs) memcpy(block + tensor->place, canonical, tensor->count * sizeof *canonical);
}

static void all_to_canonical(const nudge_net *net, bool state, const float *block, float *canonical) {
    for (size_t t = 0; t < net->tensor_count; t++)
        if (tensor_is_state(&net->tensors[t]) == state)
            to_canonical(&net->tensors[t], block, canonical + net->tensors[t].first);
}

static void all_from_canonical(const nudge_net *net, bool state, float *block, const float *canonical) {
    for (size_t t = 0; t < net->tensor_count; t++)
        if (tensor_is_state(&net->tensors[t]) == state)
            from_canonical(&net->tensors[t], block, canonical + net->tensors[t].first);
}

void net_to_canonical(const nudge_net *net, const float *block, float *canonical) {
    all_to_canonical(net, false, block, canonical);
}
void net_from_canonical(const nudge_net *net, float *block, const float *canonical) {
    all_from_canonical(net, false, block, canonical);
}
void net_state_to_canonical(const nudge_net *net, float *canonical) {
    all_to_canonical(net, true, net->parameters, canonical);
}
void net_state_from_canonical(nudge_net *net, const float *canonical) {
    all_from_canonical(net, true, net->parameters, canonical);
}

/* The tensor, when there is one with so many numbers. */
static nudge_status find_tensor(const nudge_net *net, size_t i, size_t count,
                                const struct net_tensor **tensor, nudge_error *error) {
    if (i >= net->tensor_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "tensor %zu, expected 0 to %zu", i,
                         net->tensor_count - 1);
    *tensor = &net->tensors[i];
    if (count == (*tensor)->count) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu: room for %zu numbers of %s, expected %zu",
                     (*tensor)->layer, count, (*tensor)->is->name, (*tensor)->count);
}

nudge_status nudge_net_get_tensor(const nudge_net *net, size_t i, float *numbers, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, numbers)) return NUDGE_BAD_ARGUMENT;
    const struct net_tensor *tensor = NULL;
    nudge_status status = find_tensor(net, i, count, &tensor, error);
    if (!status) to_canonical(tensor, net->parameters, numbers);
    return status;
}

nudge_status nudge_net_set_tensor(nudge_net *net, size_t i, const float *numbers, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, numbers)) return NUDGE_BAD_ARGUMENT;
    const struct net_tensor *tensor = NULL;
    nudge_status status = find_tensor(net, i, count, &tensor, error);
    if (status) return status;
    from_canonical(tensor, net->parameters, numbers);
    net->version++;
    return NUDGE_OK;
}

/* Layer l's weights or biases, by their number in the whole net. */
static nudge_status number_in_net(const nudge_net *net, size_t l, size_t tensor, size_t count, size_t *i,
                                  nudge_error *error) {
    if (l < 1 || l > net->layers)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected 1 to %zu", l, net->layers);
    const struct net_tensor *found = net_tensor_of(net, &(nudge_parameter){.layer = l, .tensor = tensor});
    *i = (size_t)(found - net->tensors);
    if (count == found->count) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu: room for %zu %s, expected %zu", l, count,
                     tensor == DENSE_WEIGHT ? "weights" : "biases", found->count);
}

static nudge_status get_named(const nudge_net *net, size_t l, size_t tensor, float *numbers, size_t count,
                              nudge_error *error) {
    size_t i = 0;
    nudge_status status = number_in_net(net, l, tensor, count, &i, error);
    return status ? status : nudge_net_get_tensor(net, i, numbers, count, error);
}

static nudge_status set_named(nudge_net *net, size_t l, size_t tensor, const float *numbers, size_t count,
                              nudge_error *error) {
    size_t i = 0;
    nudge_status status = number_in_net(net, l, tensor, count, &i, error);
    return status ? status : nudge_net_set_tensor(net, i, numbers, count, error);
}

nudge_status nudge_net_get_weights(const nudge_net *net, size_t l, float *weights, size_t count,
                                   nudge_error *error) {
    if (missing(error, net, weights)) return NUDGE_BAD_ARGUMENT;
    return get_named(net, l, DENSE_WEIGHT, weights, count, error);
}

nudge_status nudge_net_set_weights(nudge_net *net, size_t l, const float *weights, size_t count,
                                   nudge_error *error) {
    if (missing(error, net, weights)) return NUDGE_BAD_ARGUMENT;
    return set_named(net, l, DENSE_WEIGHT, weights, count, error);
}

nudge_status nudge_net_get_biases(const nudge_net *net, size_t l, float *biases, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, biases)) return NUDGE_BAD_ARGUMENT;
    return get_named(net, l, DENSE_BIAS, biases, count, error);
}

nudge_status nudge_net_set_biases(nudge_net *net, size_t l, const float *biases, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, biases)) return NUDGE_BAD_ARGUMENT;
    return set_named(net, l, DENSE_BIAS, biases, count, error);
}

nudge_status nudge_net_get_parameter(const nudge_net *net, const nudge_parameter *parameter, float *number,
                                     nudge_error *error) {
    if (missing(error, net, parameter, number)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = net_check_parameter(net, parameter, error);
    if (!status) *number = net->parameters[net_parameter_place(net, parameter)];
    return status;
}

nudge_status nudge_net_set_parameter(nudge_net *net, const nudge_parameter *parameter, float number,
                                     nudge_error *error) {
    if (missing(error, net, parameter)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = net_check_parameter(net, parameter, error);
    if (status) return status;
    net->parameters[net_parameter_place(net, parameter)] = number;
    net->version++;
    return NUDGE_OK;
}

/* -- all parameters as one vector -- */

static nudge_status check_count(const nudge_net *net, size_t count, nudge_error *error) {
    if (count == net->parameter_count) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu parameters, expected %zu", count,
                     net->parameter_count);
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
    const struct net_tensor *tensor = net_tensor_of(net, parameter);
    *index = tensor->first + net_parameter_number(tensor, parameter);
    return NUDGE_OK;
}

nudge_status nudge_net_parameter_at(const nudge_net *net, size_t index, nudge_parameter *parameter,
                                    nudge_error *error) {
    if (missing(error, net, parameter)) return NUDGE_BAD_ARGUMENT;
    if (index >= net->parameter_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "parameter %zu, expected 0 to %zu", index,
                         net->parameter_count - 1);
    const struct net_tensor *tensor = net->tensors;
    while (tensor_is_state(tensor) || index - tensor->first >= tensor->count) tensor++;
    *parameter = net_parameter_in(tensor, index - tensor->first);
    return NUDGE_OK;
}
