/* nudge explain: the example, read once from the library into `struct explain`. Invariant: after explain_read everything
 * that is told of the example stands there, and what prints it needs no memory of its own. */
#include "cli/explain/explain.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* -- memory -- */

static bool make(void *numbers, size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    memcpy(numbers, &memory, sizeof memory);
    return memory != NULL;
}

static bool make_layer(const struct explain *explain, size_t l) {
    struct explain_layer *layer = &explain->layers[l];
    nudge_layer described = NUDGE_LAYER;
    described.activation = "input";
    layer->neurons = nudge_net_inputs(explain->opened.net);
    if (nudge_net_layer(explain->opened.net, l, &described)) layer->neurons = described.outputs;
    layer->activation = described.activation;
    size_t n = layer->neurons;
    if (!make(&layer->a, n, sizeof(double)) || !make(&layer->gradient, n, sizeof(double))) return false;
    return l == 0 || (make(&layer->z, n, sizeof(double)) && make(&layer->slope, n, sizeof(double)) &&
                      make(&layer->delta, n, sizeof(double)) &&
                      make(&layer->weights, n * described.inputs, sizeof(float)) &&
                      make(&layer->biases, n, sizeof(float)) && make(&layer->trained, n, sizeof(float)));
}

/* Lists are of neurons, parameters or rows. */
static bool make_room(struct explain *explain) {
    struct explain_room *room = &explain->room;
    size_t widest = 0, most = nudge_net_parameters(explain->opened.net),
           rows = nudge_data_rows(explain->opened.data, explain->part);
    for (size_t l = 0; l <= explain->last; l++)
        if (explain->layers[l].neurons > widest) widest = explain->layers[l].neurons;
    if (rows > most) most = rows;
    if (widest > most) most = widest;
    if (explain->top < most / 2) most = 2 * explain->top;
    return make(&room->chosen, most, sizeof *room->chosen) &&
           make(&room->values, widest, sizeof *room->values) &&
           make(&room->paths, widest, sizeof *room->paths);
}

static bool make_all(struct explain *explain) {
    explain->last = nudge_net_layers(explain->opened.net);
    if (!make(&explain->layers, explain->last + 1, sizeof *explain->layers)) return false;
    for (size_t l = 0; l <= explain->last; l++)
        if (!make_layer(explain, l)) return false;
    size_t outputs = explain->layers[explain->last].neurons, inputs = explain->layers[0].neurons;
    size_t l = explain->parameter_text ? explain->parameter.layer : 1;
    return make(&explain->others, 1, sizeof *explain->others) &&
           make(&explain->targets, outputs, sizeof(double)) &&
           make(&explain->parts, outputs, sizeof(double)) &&
           make(&explain->influence, inputs, sizeof(double)) &&
           make(&explain->features, inputs, sizeof(float)) && make(&explain->erased, inputs, sizeof(float)) &&
           make(&explain->contrast, inputs, sizeof(double)) &&
           make(&explain->shares, inputs, sizeof(double)) &&
           make(&explain->trained_gradient, explain->layers[l].neurons * explain->layers[l - 1].neurons,
                sizeof(float)) &&
           make_room(explain);
}

void explain_release(struct explain *explain) {
    for (size_t l = 0; explain->layers && l <= explain->last; l++) {
        struct explain_layer *layer = &explain->layers[l];
        void *all[] = {layer->a,        layer->z,       layer->slope,  layer->delta,
                       layer->gradient, layer->weights, layer->biases, layer->trained};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    void *all[] = {explain->layers,      explain->targets,          explain->parts,
                   explain->influence,   explain->trained_gradient, explain->features,
                   explain->erased,      explain->shares,           explain->contrast,
                   explain->room.chosen, explain->room.values,      explain->room.paths};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    answers_end(&explain->answers);
    if (explain->others) answers_end(explain->others);
    free(explain->others);
    nudge_explanation_free(explain->explanation);
}

/* -- the walks -- */

static nudge_status read_layer(const struct explain *explain, size_t l, nudge_error *error) {
    const struct explain_layer *layer = &explain->layers[l];
    const nudge_explanation *from = explain->explanation;
    size_t n = layer->neurons;
    nudge_status status = nudge_explanation_read(from, NUDGE_ACTIVATION, l, layer->a, n, error);
    if (!status)
        status = nudge_explanation_read(from, NUDGE_ACTIVATION_GRADIENT, l, layer->gradient, n, error);
    if (status || l == 0) return status;
    status = nudge_explanation_read(from, NUDGE_WEIGHTED_SUM, l, layer->z, n, error);
    if (!status) status = nudge_explanation_read(from, NUDGE_SLOPE, l, layer->slope, n, error);
    if (!status) status = nudge_explanation_read(from, NUDGE_DELTA, l, layer->delta, n, error);
    if (!status)
        status = nudge_net_get_weights(explain->opened.net, l, layer->weights,
                                       n * explain->layers[l - 1].neurons, error);
    return status ? status : nudge_net_get_biases(explain->opened.net, l, layer->biases, n, error);
}

/* The same example through a trainer, which computes as training does: its δ stand beside the explanation's. */
static nudge_status read_training(struct explain *explain, nudge_error *error) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    options.batch_size = 1;
    options.prediction = true;
    nudge_status status = nudge_trainer_create(explain->opened.context, explain->opened.net, &options, NULL,
                                               0, &trainer, error);
    if (!status)
        status = nudge_trainer_rows(trainer, explain->opened.data, explain->part, &explain->index, 1, error);
    if (!status) status = nudge_trainer_forward(trainer, NULL, error);
    if (!status) status = nudge_trainer_backward(trainer, error);
    for (size_t l = 1; !status && l <= explain->last; l++)
        status = nudge_trainer_read(trainer, NUDGE_DELTA, l, explain->layers[l].trained,
                                    explain->layers[l].neurons, error);
    size_t l = explain->parameter_text ? explain->parameter.layer : 1;
    if (!status)
        status = nudge_trainer_read(trainer, NUDGE_WEIGHT_GRADIENT, l, explain->trained_gradient,
                                    explain->layers[l].neurons * explain->layers[l - 1].neurons, error);
    nudge_trainer_free(trainer);
    return status;
}

static nudge_status read_cost(struct explain *explain, nudge_error *error) {
    const nudge_explanation *from = explain->explanation;
    size_t outputs = explain->layers[explain->last].neurons;
    nudge_status status = nudge_explanation_read(from, NUDGE_TARGET, 0, explain->targets, outputs, error);
    if (!status)
        status = nudge_explanation_read(from, NUDGE_COST_BY_OUTPUT, 0, explain->parts, outputs, error);
    if (!status)
        status = nudge_explanation_read(from, NUDGE_COST_EACH, 0, &explain->cost_of_example, 1, error);
    return status;
}

/* -- the answer, and what it rests on -- */

/* The feature that says nothing: a dark pixel; of a category none; of a number what stands in where it is missing, or what
 * the network sees as 0, which is the training rows' mean with --scale standard. */
static float erased_feature(const struct explain *explain, size_t input) {
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_column column = NUDGE_COLUMN;
    if (nudge_data_image(explain->opened.data, NULL, NULL) ||
        !nudge_net_input_transform(explain->opened.net, input, &t))
        return 0;
    for (size_t c = 0; nudge_net_columns(explain->opened.net, c, &column); c++)
        if (column.role == NUDGE_COLUMN_FEATURE && input >= column.first &&
            input - column.first < column.inputs &&
            (column.kind == NUDGE_COLUMN_CATEGORY || input > column.first))
            return 0;
    if (t.fill != 0) return t.fill;
    return t.log ? copysignf(expm1f(fabsf(t.shift)), t.shift) : t.shift;
}

/* What the network sees of it. */
static double erased_input(const struct explain *explain, size_t input) {
    nudge_transform t = NUDGE_TRANSFORM;
    double x = (double)explain->erased[input];
    if (!nudge_net_input_transform(explain->opened.net, input, &t)) return x;
    if (t.log) x = copysign(log1p(fabs(x)), x);
    return (x - (double)t.shift) * (double)t.factor;
}

static void find_answer(struct explain *explain) {
    const struct explain_layer *last = &explain->layers[explain->last];
    size_t outputs = last->neurons;
    explain->label = nudge_data_label(explain->opened.data, explain->part, explain->index);
    explain->answer_class = nudge_answer(explain->answers.outputs, outputs);
    explain->shown = explain->answer_class;
    explain->against = COUNT_NOT_GIVEN;
    if (outputs == 1 || explain->label < 0) explain_largest(last->a, outputs, 1, &explain->shown);
    if (explain->label < 0 || outputs == 1) return;
    if (explain->label != (int32_t)explain->shown) {
        explain->against = (size_t)explain->label;
        return;
    }
    explain->against = explain->shown == 0 ? 1 : 0;
    for (size_t j = 0; j < outputs; j++)
        if (j != explain->shown && last->z[j] > last->z[explain->against]) explain->against = j;
}

/* With one output and two classes, class 0 is answered where z is low. */
static nudge_status read_shares(struct explain *explain, nudge_error *error) {
    const struct explain_layer *input = &explain->layers[0];
    double *beside = explain->room.values;
    double sign =
        explain->label >= 0 && explain->layers[explain->last].neurons == 1 && explain->answer_class == 0 ? -1
                                                                                                         : 1;
    memset(beside, 0, input->neurons * sizeof *beside);
    nudge_status status = nudge_explanation_influence(explain->explanation, explain->shown, 0,
                                                      explain->influence, input->neurons, error);
    if (!status && explain->against != COUNT_NOT_GIVEN)
        status = nudge_explanation_influence(explain->explanation, explain->against, 0, beside,
                                             input->neurons, error);
    for (size_t k = 0; k < input->neurons; k++) {
        explain->erased[k] = erased_feature(explain, k);
        explain->contrast[k] = sign * (explain->influence[k] - beside[k]);
        explain->shares[k] = (input->a[k] - erased_input(explain, k)) * explain->contrast[k];
    }
    return status;
}

/* -- all of it -- */

static nudge_status read_all(struct explain *explain, nudge_error *error) {
    nudge_status status =
        nudge_explanation_create(explain->opened.context, explain->opened.net, &explain->explanation, error);
    if (!status)
        status = nudge_explanation_row(explain->explanation, explain->opened.data, explain->part,
                                       explain->index, error);
    for (size_t l = 0; !status && l <= explain->last; l++) status = read_layer(explain, l, error);
    if (!status) status = read_cost(explain, error);
    if (status) return status;
    find_answer(explain);
    status = read_shares(explain, error);
    return status ? status : read_training(explain, error);
}

int explain_read(struct explain *explain) {
    nudge_error error;
    if (!make_all(explain)) return say_failure("not enough memory: for an explanation");
    int status = answers_begin(&explain->answers, &explain->opened);
    if (!status) status = answers_begin(explain->others, &explain->opened);
    if (!status)
        status = answers_take(&explain->answers, explain->opened.data, explain->part, explain->index, 1);
    if (status) return status;
    memcpy(explain->features, explain->answers.features,
           explain->layers[0].neurons * sizeof *explain->features);
    return read_all(explain, &error) ? say_error(&error, SAY_READING) : EXIT_DONE;
}
