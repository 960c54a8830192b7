/* nudge explain --json: one object with every number of the example. */
#include "cli/tell/json.h"
#include "cli/explain/explain.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>

static json_t *count(size_t value) {
    return json_integer((json_int_t)value);
}

static json_t *list(const double *values, size_t length) {
    json_t *array = json_array();
    for (size_t i = 0; i < length; i++) json_append(array, json_figure(values[i]));
    return array;
}

/* What is wished: up is positive. */
static json_t *negated(const double *values, size_t length) {
    json_t *array = json_array();
    for (size_t i = 0; i < length; i++) json_append(array, json_figure(0 - values[i]));
    return array;
}

static json_t *list_f32(const float *values, size_t length) {
    json_t *array = json_array();
    for (size_t i = 0; i < length; i++) json_append(array, json_figure((double)values[i]));
    return array;
}

static json_t *parameter_object(const struct explain *explain, const nudge_parameter *parameter) {
    json_t *object = json_object();
    json_add(object, "kind", json_text(parameter->tensor ? "bias" : "weight"));
    json_add(object, "layer", count(parameter->layer));
    json_add(object, "output", count(parameter->output));
    json_add(object, "input", parameter->tensor ? json_null() : count(parameter->input));
    json_add(object, "value", json_figure(explain_value(explain, parameter)));
    return object;
}

/* Layer 0 has activations and wishes alone. */
static json_t *layers_list(const struct explain *explain) {
    json_t *array = json_array();
    for (size_t l = 0; l <= explain->last; l++) {
        const struct explain_layer *layer = &explain->layers[l];
        json_t *object = json_object();
        json_add(object, "layer", count(l));
        json_add(object, "activation", json_text(layer->activation));
        json_add(object, "neurons", count(layer->neurons));
        if (l > 0) json_add(object, "z", list(layer->z, layer->neurons));
        json_add(object, "a", list(layer->a, layer->neurons));
        if (l > 0) json_add(object, "slope", list(layer->slope, layer->neurons));
        json_add(object, "dC_da", list(layer->gradient, layer->neurons));
        json_add(object, "wish", negated(layer->gradient, layer->neurons));
        if (l > 0) json_add(object, "delta", list(layer->delta, layer->neurons));
        if (l > 0) json_add(object, "delta_in_training", list_f32(layer->trained, layer->neurons));
        json_append(array, object);
    }
    return array;
}

/* The chosen neuron: bias, weights and the ledger. */
static json_t *neuron_object(const struct explain *explain) {
    json_t *object = json_object(), *paths = json_array();
    nudge_ledger ledger = NUDGE_LEDGER;
    size_t l = explain->layer, j = explain->neuron;
    size_t after = l < explain->last ? explain->layers[l + 1].neurons : 0;
    ledger.paths = explain->room.paths;
    ledger.path_count = after;
    nudge_explanation_ledger(explain->explanation, l, j, &ledger, NULL);
    json_add(object, "layer", count(l));
    json_add(object, "neuron", count(j));
    if (l > 0) {
        const struct explain_layer *layer = &explain->layers[l];
        size_t n = explain->layers[l - 1].neurons;
        json_add(object, "bias", json_figure((double)layer->biases[j]));
        json_add(object, "weights", list_f32(layer->weights + j * n, n));
    }
    for (size_t i = 0; i < after; i++) {
        json_t *path = json_object();
        json_add(path, "neuron", count(ledger.paths[i].neuron));
        json_add(path, "weight", json_figure(ledger.paths[i].weight));
        json_add(path, "delta", json_figure(ledger.paths[i].delta));
        json_add(path, "share", json_figure(ledger.paths[i].share));
        json_add(path, "wish", json_figure(0 - ledger.paths[i].share));
        json_append(paths, path);
    }
    json_add(object, "paths", paths);
    json_add(object, "sum", json_figure(ledger.sum));
    json_add(object, "slope", json_figure(ledger.slope));
    json_add(object, "others", json_figure(ledger.others));
    json_add(object, "delta", json_figure(ledger.delta));
    json_add(object, "walk_delta", json_figure(ledger.walk_delta));
    return object;
}

static json_t *one_object(const struct explain *explain) {
    json_t *object = parameter_object(explain, &explain->parameter), *nudges = json_array();
    nudge_change change = explain_nudge(explain, explain->by);
    json_add(object, "gradient", json_figure(change.gradient));
    json_add(object, "rounding", json_figure(change.rounding));
    for (size_t i = 0; i < EXPLAIN_NUDGES; i++) {
        json_t *nudge = json_object();
        change = explain_nudge(explain, explain_nudge_size(explain, i));
        json_add(nudge, "by", json_figure(explain_nudge_size(explain, i)));
        json_add(nudge, "predicted", json_figure(change.predicted));
        json_add(nudge, "measured", json_figure(change.measured));
        json_add(nudge, "kink", json_boolean(change.kink));
        json_append(nudges, nudge);
    }
    json_add(object, "nudges", nudges);
    return object;
}

static json_t *largest_list(const struct explain *explain, const double *mean) {
    json_t *array = json_array();
    size_t all = nudge_net_parameters(explain->opened.net), *chosen = explain->room.chosen;
    size_t found = explain_largest(mean, all, explain_most(explain, all), chosen);
    for (size_t i = 0; i < found; i++) {
        nudge_parameter parameter;
        if (nudge_net_parameter_at(explain->opened.net, chosen[i], &parameter, NULL)) continue;
        json_t *object = parameter_object(explain, &parameter);
        json_add(object, "gradient", json_figure(mean[chosen[i]]));
        json_append(array, object);
    }
    return array;
}

static double norm(const double *values, size_t length) {
    double squares = 0;
    for (size_t i = 0; i < length; i++) squares += values[i] * values[i];
    return sqrt(squares);
}

static json_t *many_object(const struct explain *explain, const struct explain_many *many) {
    json_t *object = json_object(), *weights = json_array(), *biases = json_array();
    const double *mean = many->mean;
    json_add(object, "rows", count(many->result.rows));
    json_add(object, "cost", json_figure(many->result.cost));
    for (size_t l = 1; l <= explain->last; l++) {
        size_t n = explain->layers[l].neurons, size = n * explain->layers[l - 1].neurons;
        json_append(weights, json_figure(norm(mean, size)));
        json_append(biases, json_figure(norm(mean + size, n)));
        mean += size + n;
    }
    json_add(object, "weight_gradient_norms", weights);
    json_add(object, "bias_gradient_norms", biases);
    json_add(object, "largest_gradients", largest_list(explain, many->mean));
    if (!many->each) return object;
    size_t index = 0;
    nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    json_add(object, "mean_gradient", json_figure(many->mean[index]));
    json_add(object, "gradients", list(many->each, many->result.rows));
    json_t *nudges = json_array();
    for (size_t i = 0; i < EXPLAIN_SIZES; i++) {
        json_t *nudge = json_object();
        json_add(nudge, "by", json_figure(many->by[i]));
        json_add(nudge, "predicted", json_figure(many->predicted[i]));
        json_add(nudge, "measured", json_figure(many->measured[i]));
        json_append(nudges, nudge);
    }
    json_add(object, "nudges", nudges);
    return object;
}

/* Which outputs are compared, and each input's part in the difference of their z. */
static json_t *rests_object(const struct explain *explain) {
    json_t *object = json_object();
    bool one = explain->against == COUNT_NOT_GIVEN;
    json_add(object, "output", count(explain->shown));
    json_add(object, "against", one ? json_null() : count(explain->against));
    json_add(object, "parts", list(explain->shares, explain->layers[0].neurons));
    return object;
}

/* The smallest change that changes the answer; null: none was found. */
static json_t *flip_object(const struct explain *explain, const struct explain_flip *flip) {
    if (!flip->found) return json_null();
    json_t *object = json_object(), *erased = json_array(), *set = json_array();
    for (size_t i = 0; i < flip->set_count; i++) {
        json_t *one = json_object();
        json_add(one, "input", count(flip->sets[i].input));
        json_add(one, "to", json_figure(explain_shown(explain, flip->sets[i].value)));
        json_append(set, one);
    }
    for (size_t i = 0; flip->erases && i < flip->count; i++) json_append(erased, count(flip->erased[i]));
    json_add(object, "erase", erased);
    json_add(object, "set", set);
    json_add(object, "answer", explain->label >= 0 ? count(flip->answer) : json_null());
    json_add(object, "output", json_figure(flip->output));
    return object;
}

int explain_print_json(const struct explain *explain, const struct explain_many *many) {
    enum { DIGITS = 17 };
    const nudge_data *data = explain->opened.data;
    size_t outputs = explain->layers[explain->last].neurons;
    bool classes = explain->label >= 0;
    struct explain_flip flip;
    json_t *changes = NULL;
    char name[64];
    int status = explain_find_flip(explain, &flip);
    if (!status && explain->asked_count) status = explain_tell_changes(explain, &changes);
    if (status) return status;
    json_t *line = json_object();
    data_short_name(data, name, sizeof name);
    json_add(line, "data", json_text(name));
    json_add(line, "part", json_text(part_name(explain->part)));
    json_add(line, "index", count(explain->index));
    json_add(line, "network", json_text(nudge_net_text(explain->opened.net)));
    json_add(line, "mode", json_text("prediction"));
    json_add(line, "label", classes ? json_integer(explain->label) : json_null());
    json_add(line, "answer", classes ? count(explain->answer_class) : json_null());
    json_add(line, "cost_name", json_text(nudge_cost_name(explain->cost)));
    json_add(line, "cost", json_figure(explain->cost_of_example));
    json_add(line, "columns", explain_columns_json(explain));
    json_add(line, "target", list(explain->targets, outputs));
    json_add(line, "cost_by_output", list(explain->parts, outputs));
    json_add(line, "layers", layers_list(explain));
    json_add(line, "influence_on_output", count(explain->shown));
    json_add(line, "influence", list(explain->influence, explain->layers[0].neurons));
    json_add(line, "rests_on", rests_object(explain));
    json_add(line, "would_change", flip_object(explain, &flip));
    json_add(line, "neuron", neuron_object(explain));
    if (explain->parameter_text) json_add(line, "parameter", one_object(explain));
    if (explain->parameter_text && explain->opened.journal)
        json_add(line, "moves", explain_moves_json(explain));
    if (changes) json_add(line, "what_if", changes);
    if (many) json_add(line, "all", many_object(explain, many));
    return json_line(line, stdout, DIGITS);
}
