/* Networks: making, copying, reading and writing their parts. Invariant: see net.h; a net that exists has a
 * valid chain, its standard text, and finite or not-yet-trained parameters with zero padding. */
#include "net/net.h"

#include "base/status.h"
#include "base/struct_size.h"
#include "engine/engine.h"
#include "net/init.h"
#include "net/spec.h"

#include <string.h>

/* -- making -- */

/* The chain, and its tensors, but for their places; with net->ops NULL only counted. */
static void lay_out_ops(nudge_net *net, const struct spec_op *chain) {
    size_t before = net->inputs, number = 0;
    for (size_t i = 0; i < net->op_count; i++) {
        const struct spec_op *given = &chain[i];
        struct net_op link = {.op = given->op, .inputs = before, .outputs = before, .layer = given->layer};
        if (given->op->kind == OP_DENSE) {
            link.outputs = before = given->neurons;
            net->layer_begin[given->layer] = i;
            number = 0;
        }
        memcpy(link.values, given->values, sizeof link.values);
        net->ops[i] = link;
        for (size_t t = 0; t < given->op->tensor_count; t++)
            net->tensors[net->tensor_count++] = (struct net_tensor){
                .is = &given->op->tensors[t],
                .layer = given->layer,
                .number = number++,
                .outputs = link.outputs,
                .inputs = given->op->tensors[t].by_input ? link.inputs : 0,
                .count = link.outputs * (given->op->tensors[t].by_input ? link.inputs : 1)};
    }
    net->layer_begin[net->layers + 1] = net->op_count;
    net->outputs = before;
}

size_t tensor_elements(const struct net_tensor *tensor) {
    return tensor->inputs ? weight_elements(tensor->outputs, tensor->inputs) : lane_round_up(tensor->outputs);
}

/* The tensors' places in the block: what is trained, then the state. */
static bool place_tensors(nudge_net *net) {
    struct arena elements = {0}; /* counts f32 bytes; the block is carved the same way everywhere */
    for (int state = 0; state <= 1; state++) {
        size_t *count = state ? &net->state_count : &net->parameter_count;
        for (size_t t = 0; t < net->tensor_count; t++) {
            struct net_tensor *tensor = &net->tensors[t];
            if (tensor_is_state(tensor) != state) continue;
            tensor->place = elements.used / sizeof(float);
            tensor->first = *count;
            *count += tensor->count;
            arena_carve(&elements, tensor_elements(tensor), sizeof(float));
        }
        if (!state) net->trained_count = elements.used / sizeof(float);
    }
    net->block_count = elements.used / sizeof(float);
    for (size_t i = 0, t = 0; i < net->op_count; i++)
        for (size_t own = 0; own < net->ops[i].op->tensor_count; own++, t++)
            net->ops[i].place[own] = net->tensors[t].place;
    return !elements.overflow;
}

static nudge_status make_text(nudge_net *net, const struct spec_op *chain, nudge_error *error) {
    size_t length = spec_print(chain, net->op_count, NULL, 0);
    net->text = memory_get_zeroed(&net->context->allocator, length + 1);
    if (!net->text) return error_no_memory(error, length + 1, "the network's text");
    spec_print(chain, net->op_count, net->text, length + 1);
    return NUDGE_OK;
}

/* | ops | tensors | layer_begin |, of a chain so long; the block's bytes, and the places when `net` has it. */
static size_t carve_chain(nudge_net *net, size_t count, size_t layers, void *block) {
    struct arena arena = {.block = block};
    net->ops = arena_carve(&arena, count, sizeof *net->ops);
    net->tensors = arena_carve(&arena, count * OP_TENSORS, sizeof *net->tensors);
    net->layer_begin = arena_carve(&arena, layers + 2, sizeof *net->layer_begin);
    return arena.used;
}

static nudge_status build(nudge_net *net, const struct spec_op *chain, nudge_error *error) {
    const nudge_allocator *allocator = &net->context->allocator;
    size_t bytes = carve_chain(net, net->op_count, net->layers, NULL);
    void *block = memory_get_zeroed(allocator, bytes);
    if (!block) return error_no_memory(error, bytes, "the network's chain");
    carve_chain(net, net->op_count, net->layers, block);
    lay_out_ops(net, chain);
    if (!place_tensors(net))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "network with %zu inputs: its parameters do not fit in memory", net->inputs);
    nudge_status status = make_text(net, chain, error);
    if (status) return status;
    net->parameters = memory_get_zeroed(allocator, net->block_count * sizeof(float));
    if (!net->parameters)
        return error_no_memory(error, net->block_count * sizeof(float), "the network's parameters");
    return NUDGE_OK;
}

static nudge_status make_net(nudge_context *context, size_t inputs, const struct spec_op *chain, size_t count,
                             nudge_net **net, nudge_error *error) {
    nudge_net *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "the network");
    *made = (nudge_net){
        .context = context, .inputs = inputs, .layers = chain[count - 1].layer, .op_count = count};
    nudge_status status = build(made, chain, error);
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
    size_t bytes = count * sizeof(struct spec_op);
    struct spec_op *chain = memory_get(&context->allocator, bytes);
    if (!chain) return error_no_memory(error, bytes, "the network's layers");
    status = spec_parse(text, chain, &count, error);
    if (!status) status = make_net(context, inputs, chain, count, net, error);
    memory_release(&context->allocator, chain, bytes);
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
    copy->cost = net->cost;
    copy->cost_delta = net->cost_delta;
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
    if (net->ops) {
        void *chain = net->ops;
        memory_release(&allocator, chain, carve_chain(net, net->op_count, net->layers, NULL));
    }
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
    return &net->ops[net->layer_begin[l]];
}

const struct net_op *net_activation(const nudge_net *net, size_t l) {
    const struct net_op *link = net_dense(net, l);
    while (link->op->kind != OP_ACTIVATION) link++;
    return link;
}

bool net_is_by_row(const nudge_net *net, size_t l) {
    return net_activation(net, l)->op->by_row;
}

void net_layer_range(const nudge_net *net, size_t l, size_t *first, size_t *count) {
    size_t end = l < net->layers ? net_dense(net, l + 1)->place[DENSE_WEIGHT] : net->trained_count;
    *first = net_dense(net, l)->place[DENSE_WEIGHT];
    *count = end - *first;
}

bool net_mixes_rows(const nudge_net *net) {
    bool mixes = false;
    for (size_t i = 0; i < net->op_count; i++) mixes |= net->ops[i].op->mixes_rows;
    return mixes;
}

bool nudge_net_layer(const nudge_net *net, size_t l, nudge_layer *layer) {
    if (l < 1 || l > net->layers) return false;
    const struct net_op *dense = net_dense(net, l), *activation = net_activation(net, l);
    const nudge_layer filled = {sizeof filled, dense->inputs, dense->outputs, activation->op->name,
                                activation->values[0]};
    return options_give(layer, &filled, sizeof filled);
}

bool nudge_net_tensor(const nudge_net *net, size_t i, nudge_tensor *tensor) {
    if (i >= net->tensor_count) return false;
    const struct net_tensor *found = &net->tensors[i];
    const nudge_tensor filled = {sizeof filled, found->is->name, found->is->role, found->layer,
                                 found->number, found->outputs,  found->inputs,   found->count};
    return options_give(tensor, &filled, sizeof filled);
}

nudge_status nudge_net_initialise(nudge_net *net, nudge_init init, double a, uint64_t seed,
                                  nudge_error *error) {
    if (missing(error, net)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = init_check(init, a, error);
    for (size_t l = 1; !status && l <= net->layers; l++)
        init_layer(init, a, seed, net_dense(net, l), net_activation(net, l)->op, net->parameters);
    for (size_t t = 0; !status && t < net->tensor_count; t++)
        for (size_t i = 0; net->tensors[t].is->start != 0 && i < net->tensors[t].count; i++)
            net->parameters[tensor_place(&net->tensors[t], i)] = net->tensors[t].is->start;
    net->version++;
    return status;
}
