/* Networks: making, copying, reading and writing their parts. Invariant: see net.h; a net that exists has a
 * valid chain, its standard text, and finite or not-yet-trained parameters with zero padding. */
#include "net/net.h"

#include "base/status.h"
#include "engine/engine.h"
#include "net/init.h"
#include "net/spec.h"

#include <string.h>

/* -- making -- */

/* Fills the chain and the places of the tensors in the block. */
static bool lay_out(nudge_net *net, const struct spec_layer *layers) {
    struct arena elements = {0}; /* counts f32 bytes; the block is carved the same way everywhere */
    size_t inputs = net->inputs;
    for (size_t l = 1; l <= net->layers; l++) {
        const struct spec_layer *layer = &layers[l - 1];
        struct net_op *dense = &net->ops[2 * (l - 1)];
        *dense = (struct net_op){.op = op_dense, .inputs = inputs, .outputs = layer->neurons, .layer = l};
        dense->weight = elements.used / sizeof(float);
        arena_carve(&elements, weight_elements(layer->neurons, inputs), sizeof(float));
        dense->bias = elements.used / sizeof(float);
        arena_carve(&elements, lane_round_up(layer->neurons), sizeof(float));
        dense[1] = (struct net_op){layer->activation, layer->value, layer->neurons, layer->neurons, l, 0, 0};
        net->parameter_count += (inputs + 1) * layer->neurons;
        inputs = layer->neurons;
    }
    net->outputs = inputs;
    net->block_count = elements.used / sizeof(float);
    return !elements.overflow;
}

static nudge_status make_text(nudge_net *net, const struct spec_layer *layers, nudge_error *error) {
    size_t length = spec_print(layers, net->layers, NULL, 0);
    net->text = memory_get_zeroed(&net->context->allocator, length + 1);
    if (!net->text) return error_no_memory(error, length + 1, "the network's text");
    spec_print(layers, net->layers, net->text, length + 1);
    return NUDGE_OK;
}

static nudge_status build(nudge_net *net, const struct spec_layer *layers, nudge_error *error) {
    const nudge_allocator *allocator = &net->context->allocator;
    net->op_count = 2 * net->layers;
    net->ops = memory_get_zeroed(allocator, net->op_count * sizeof *net->ops);
    if (!net->ops) return error_no_memory(error, net->op_count * sizeof *net->ops, "the network's chain");
    if (!lay_out(net, layers))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "network with %zu inputs: its parameters do not fit in memory", net->inputs);
    nudge_status status = make_text(net, layers, error);
    if (status) return status;
    net->parameters = memory_get_zeroed(allocator, net->block_count * sizeof(float));
    if (!net->parameters)
        return error_no_memory(error, net->block_count * sizeof(float), "the network's parameters");
    return NUDGE_OK;
}

static nudge_status make(nudge_context *context, size_t inputs, const struct spec_layer *layers, size_t count,
                         nudge_net **net, nudge_error *error) {
    nudge_net *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "the network");
    *made = (nudge_net){.context = context, .inputs = inputs, .layers = count};
    nudge_status status = build(made, layers, error);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *net = made;
    return NUDGE_OK;
}

nudge_status net_from_text(nudge_context *context, size_t inputs, const char *text, nudge_net **net,
                           nudge_error *error) {
    if (inputs == 0 || inputs > SPEC_MOST_NEURONS)
        return error_set(error, NUDGE_BAD_ARGUMENT, "network with %zu inputs, expected 1 to %d", inputs,
                         SPEC_MOST_NEURONS);
    size_t count;
    nudge_status status = spec_parse(text, NULL, &count, error);
    if (status) return status;
    struct spec_layer *layers = memory_get(&context->allocator, count * sizeof *layers);
    if (!layers) return error_no_memory(error, count * sizeof *layers, "the network's layers");
    status = spec_parse(text, layers, &count, error);
    if (!status) status = make(context, inputs, layers, count, net, error);
    memory_release(&context->allocator, layers, count * sizeof *layers);
    return status;
}

nudge_status nudge_net_create(nudge_context *context, size_t inputs, const char *text, uint64_t seed,
                              nudge_net **net, nudge_error *error) {
    if (missing(error, context, text, net)) return NUDGE_BAD_ARGUMENT;
    nudge_net *made;
    nudge_status status = net_from_text(context, inputs, text, &made, error);
    if (status) return status;
    status = nudge_net_initialise(made, NUDGE_INIT_DEFAULT, 0, seed, error);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *net = made;
    return NUDGE_OK;
}

static nudge_status copy_extras(nudge_net *copy, const nudge_net *net, nudge_error *error) {
    const nudge_allocator *allocator = &copy->context->allocator;
    nudge_status status = transform_copy(&copy->inputs_transform, &net->inputs_transform, allocator, error);
    if (!status) status = transform_copy(&copy->targets_transform, &net->targets_transform, allocator, error);
    if (!status && net->columns) status = columns_copy(allocator, net->columns, &copy->columns, error);
    if (!status && net->label_count)
        status = nudge_net_set_labels(copy, (const char *const *)net->labels, net->label_count, error);
    for (size_t i = 0; !status && i < net->note_count; i++)
        status = nudge_net_set_note(copy, net->notes[i].key, net->notes[i].value, error);
    return status;
}

nudge_status nudge_net_clone(nudge_context *context, const nudge_net *net, nudge_net **copy,
                             nudge_error *error) {
    if (missing(error, context, net, copy)) return NUDGE_BAD_ARGUMENT;
    nudge_net *made;
    nudge_status status = net_from_text(context, net->inputs, net->text, &made, error);
    if (status) return status;
    memcpy(made->parameters, net->parameters, net->block_count * sizeof(float));
    status = copy_extras(made, net, error);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *copy = made;
    return NUDGE_OK;
}

void nudge_net_free(nudge_net *net) {
    if (!net) return;
    nudge_allocator allocator = net->context->allocator;
    net_labels_release(net);
    transform_release(&net->inputs_transform, &allocator);
    transform_release(&net->targets_transform, &allocator);
    columns_free(net->columns);
    for (size_t i = 0; i < net->note_count; i++) {
        memory_release_text(&allocator, net->notes[i].key);
        memory_release_text(&allocator, net->notes[i].value);
    }
    memory_release(&allocator, net->notes, net->note_count * sizeof *net->notes);
    memory_release_text(&allocator, net->text);
    memory_release(&allocator, net->ops, net->op_count * sizeof *net->ops);
    memory_release(&allocator, net->parameters, net->block_count * sizeof(float));
    memory_release(&allocator, net, sizeof *net);
}

/* -- reading -- */

const char *nudge_net_text(const nudge_net *net) {
    return net->text;
}
size_t nudge_net_inputs(const nudge_net *net) {
    return net->inputs;
}
size_t nudge_net_outputs(const nudge_net *net) {
    return net->outputs;
}
size_t nudge_net_parameters(const nudge_net *net) {
    return net->parameter_count;
}
size_t nudge_net_layers(const nudge_net *net) {
    return net->layers;
}

const struct net_op *net_dense(const nudge_net *net, size_t l) {
    return &net->ops[2 * (l - 1)];
}
const struct net_op *net_activation(const nudge_net *net, size_t l) {
    return &net->ops[2 * (l - 1) + 1];
}

bool nudge_net_layer(const nudge_net *net, size_t l, nudge_layer *layer) {
    if (l < 1 || l > net->layers) return false;
    const struct net_op *dense = net_dense(net, l), *activation = net_activation(net, l);
    *layer = (nudge_layer){dense->inputs, dense->outputs, activation->op->name, activation->value};
    return true;
}

/* -- parameters -- */

void net_weight_to_canonical(const struct net_op *dense, const float *block, float *canonical) {
    const float *w = block + dense->weight;
    for (size_t o = 0; o < dense->outputs; o++)
        for (size_t i = 0; i < dense->inputs; i++)
            canonical[o * dense->inputs + i] = w[weight_index(dense->outputs, dense->inputs, o, i)];
}

void net_weight_from_canonical(const struct net_op *dense, float *block, const float *canonical) {
    float *w = block + dense->weight;
    for (size_t o = 0; o < dense->outputs; o++)
        for (size_t i = 0; i < dense->inputs; i++)
            w[weight_index(dense->outputs, dense->inputs, o, i)] = canonical[o * dense->inputs + i];
}

static nudge_status check_access(const nudge_net *net, size_t l, bool weights, size_t count,
                                 nudge_error *error) {
    if (l < 1 || l > net->layers)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected 1 to %zu", l, net->layers);
    const struct net_op *dense = net_dense(net, l);
    size_t expected = weights ? dense->inputs * dense->outputs : dense->outputs;
    if (count != expected)
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu: room for %zu %s, expected %zu", l, count,
                         weights ? "weights" : "biases", expected);
    return NUDGE_OK;
}

nudge_status nudge_net_get_weights(const nudge_net *net, size_t l, float *weights, size_t count,
                                   nudge_error *error) {
    if (missing(error, net, weights)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_access(net, l, true, count, error);
    if (!status) net_weight_to_canonical(net_dense(net, l), net->parameters, weights);
    return status;
}

nudge_status nudge_net_set_weights(nudge_net *net, size_t l, const float *weights, size_t count,
                                   nudge_error *error) {
    if (missing(error, net, weights)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_access(net, l, true, count, error);
    if (status) return status;
    net_weight_from_canonical(net_dense(net, l), net->parameters, weights);
    net->version++;
    return NUDGE_OK;
}

nudge_status nudge_net_get_biases(const nudge_net *net, size_t l, float *biases, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, biases)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_access(net, l, false, count, error);
    if (!status) memcpy(biases, net->parameters + net_dense(net, l)->bias, count * sizeof *biases);
    return status;
}

nudge_status nudge_net_set_biases(nudge_net *net, size_t l, const float *biases, size_t count,
                                  nudge_error *error) {
    if (missing(error, net, biases)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_access(net, l, false, count, error);
    if (status) return status;
    memcpy(net->parameters + net_dense(net, l)->bias, biases, count * sizeof *biases);
    net->version++;
    return NUDGE_OK;
}

nudge_status nudge_net_initialise(nudge_net *net, nudge_init init, double a, uint64_t seed,
                                  nudge_error *error) {
    if (missing(error, net)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = init_check(init, a, error);
    for (size_t l = 1; !status && l <= net->layers; l++)
        init_layer(init, a, seed, net_dense(net, l), net_activation(net, l)->op, net->parameters);
    net->version++;
    return status;
}
