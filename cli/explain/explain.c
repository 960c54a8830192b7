/* nudge explain: the numbers of backpropagation on one example, shown so that a person understands them.
 * This file: what was asked for, and reading it from the library. */
#include "cli/explain/explain.h"
#include "cli/open/setup.h"
#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- names and order -- */

struct explain_name explain_neuron(const struct explain *explain, size_t l, size_t k) {
    struct explain_name name;
    const nudge_data *data = explain->opened.data;
    size_t width;
    if (l == 0 && nudge_data_image(data, NULL, &width))
        format_text(name.text, sizeof name.text, "%zu (row %zu, column %zu)", k, k / width, k % width);
    else if (l == 0)
        return explain_column(explain, k);
    else
        format_text(name.text, sizeof name.text, "%zu", k);
    const char *label =
        l == explain->last && explain->layers[l].neurons > 1 ? nudge_net_label(explain->opened.net, k) : NULL;
    if (label && strcmp(label, name.text) != 0)
        format_text(name.text, sizeof name.text, "%zu \"%s\"", k, safe_short(label, 20).text);
    return name;
}

double explain_value(const struct explain *explain, const nudge_parameter *parameter) {
    float number = 0;
    nudge_net_get_parameter(explain->opened.net, parameter, &number, NULL);
    return (double)number;
}

/* By insertion: `most` is small. Of equals the first comes first. */
size_t explain_largest(const double *values, size_t count, size_t most, size_t *chosen) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = used;
        while (at > 0 && fabs(values[i]) > fabs(values[chosen[at - 1]])) at--;
        if (at == most) continue;
        if (used < most) used++;
        memmove(chosen + at + 1, chosen + at, (used - 1 - at) * sizeof *chosen);
        chosen[at] = i;
    }
    return used;
}

double explain_nudge_size(const struct explain *explain, size_t i) {
    static const double sizes[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8};
    return i == 0 ? explain->by : copysign(sizes[i - 1], explain->by);
}

nudge_change explain_nudge(struct explain *explain, double by) {
    nudge_change change = NUDGE_CHANGE;
    nudge_explanation_nudge(explain->explanation, &explain->parameter, by, &change, NULL);
    return change;
}

/* -- opening -- */

static int check_asked(struct explain *explain) {
    const nudge_net *net = explain->opened.net;
    size_t rows = nudge_data_rows(explain->opened.data, explain->part), layers = nudge_net_layers(net), index;
    nudge_error error;
    if (explain->index >= rows)
        return say_usage("--index: found %zu, expected 0 to %zu: the %s part of %s has %zu rows",
                         explain->index, rows - 1, part_name(explain->part),
                         nudge_data_name(explain->opened.data), rows);
    if (explain->layer != COUNT_NOT_GIVEN && explain->layer > layers)
        return say_usage("--layer: found %zu, expected 0 (the input) to %zu", explain->layer, layers);
    if (explain->parameter_text && nudge_net_parameter_index(net, &explain->parameter, &index, &error))
        return say_usage("%s %s: %s", explain->parameter.tensor ? "--bias" : "--weight",
                         explain->parameter_text, error.message);
    if (explain->neuron == COUNT_NOT_GIVEN) return EXIT_DONE;
    nudge_layer layer = NUDGE_LAYER;
    size_t l = explain->layer == COUNT_NOT_GIVEN ? layers : explain->layer;
    size_t neurons = l && nudge_net_layer(net, l, &layer) ? layer.outputs : nudge_net_inputs(net);
    if (explain->neuron >= neurons)
        return say_usage("--neuron: found %zu, expected 0 to %zu: the neurons of layer %zu", explain->neuron,
                         neurons - 1, l);
    return EXIT_DONE;
}

static int open_all(struct explain *explain, struct explain_step *step) {
    const struct options *options = &explain->options;
    nudge_error error;
    int status = options->file ? picture_file_check(options->file) : EXIT_DONE;
    if (!status) status = open_context(&explain->opened, options);
    if (!status) status = open_net(&explain->opened, options->operands[0]);
    if (!status) status = open_data(&explain->opened, options, options->operands[1]);
    if (!status && explain->at != COUNT_NOT_GIVEN)
        status = explain_open_step(explain, step);
    else if (!status)
        status = open_part(&explain->opened, options, &explain->part);
    if (!status) status = check_asked(explain);
    if (!status) status = open_cost(&explain->opened, options);
    if (status) return status;
    explain->cost = nudge_net_cost(explain->opened.net, NULL);
    if (nudge_explanation_create(explain->opened.context, explain->opened.net, &explain->explanation,
                                 &error) ||
        nudge_explanation_row(explain->explanation, explain->opened.data, explain->part, explain->index,
                              &error))
        return say_error(&error, SAY_READING);
    status = answers_begin(&explain->answers, &explain->opened);
    return status ? status
                  : answers_take(&explain->answers, explain->opened.data, explain->part, explain->index, 1);
}

/* -- reading -- */

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

static bool make_all(struct explain *explain) {
    explain->last = nudge_net_layers(explain->opened.net);
    if (!make(&explain->layers, explain->last + 1, sizeof *explain->layers)) return false;
    for (size_t l = 0; l <= explain->last; l++)
        if (!make_layer(explain, l)) return false;
    size_t outputs = explain->layers[explain->last].neurons, inputs = explain->layers[0].neurons;
    size_t l = explain->parameter_text ? explain->parameter.layer : 1;
    return make(&explain->targets, outputs, sizeof(double)) &&
           make(&explain->parts, outputs, sizeof(double)) &&
           make(&explain->influence, inputs, sizeof(double)) &&
           make(&explain->trained_gradient, explain->layers[l].neurons * explain->layers[l - 1].neurons,
                sizeof(float));
}

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

static int read_all(struct explain *explain) {
    nudge_error error;
    nudge_status status = NUDGE_OK;
    if (!make_all(explain)) return say_failure("not enough memory: for an explanation");
    const nudge_explanation *from = explain->explanation;
    size_t last = explain->last, outputs = explain->layers[last].neurons;
    for (size_t l = 0; !status && l <= last; l++) status = read_layer(explain, l, &error);
    if (!status) status = nudge_explanation_read(from, NUDGE_TARGET, 0, explain->targets, outputs, &error);
    if (!status)
        status = nudge_explanation_read(from, NUDGE_COST_BY_OUTPUT, 0, explain->parts, outputs, &error);
    if (!status)
        status = nudge_explanation_read(from, NUDGE_COST_EACH, 0, &explain->cost_of_example, 1, &error);
    explain->shown = nudge_answer(explain->answers.outputs, outputs);
    if (outputs == 1 || !explain->answers.classes)
        explain_largest(explain->layers[last].a, outputs, 1, &explain->shown);
    if (!status)
        status = nudge_explanation_influence(explain->explanation, explain->shown, 0, explain->influence,
                                             explain->layers[0].neurons, &error);
    if (!status) status = read_training(explain, &error);
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

/* What was not said: the target's output neuron, or the one that adds most to the cost; of another layer the
 * neuron with the strongest wish that it can follow, as its slope is not 0. */
static void choose_neuron(struct explain *explain) {
    if (explain->layer == COUNT_NOT_GIVEN) explain->layer = explain->last;
    if (explain->neuron != COUNT_NOT_GIVEN) return;
    const struct explain_layer *layer = &explain->layers[explain->layer];
    int32_t label = nudge_data_label(explain->opened.data, explain->part, explain->index);
    bool is_last = explain->layer == explain->last;
    if (is_last && label >= 0 && layer->neurons > 1)
        explain->neuron = (size_t)label;
    else
        explain_largest(is_last        ? explain->parts
                        : layer->delta ? layer->delta
                                       : layer->gradient,
                        layer->neurons, 1, &explain->neuron);
}

static void release(struct explain *explain) {
    for (size_t l = 0; explain->layers && l <= explain->last; l++) {
        struct explain_layer *layer = &explain->layers[l];
        void *all[] = {layer->a,        layer->z,       layer->slope,  layer->delta,
                       layer->gradient, layer->weights, layer->biases, layer->trained};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    free(explain->layers);
    free(explain->targets);
    free(explain->parts);
    free(explain->influence);
    free(explain->trained_gradient);
    answers_end(&explain->answers);
    nudge_explanation_free(explain->explanation);
    open_close(&explain->opened);
    options_free(&explain->options);
}

/* -- all of it -- */

static int draw(struct explain *explain, const struct explain_many *many) {
    return explain->parameter_text ? explain_draw_one(explain, many)
                                   : explain_draw(explain, explain->options.file, explain->theme);
}

static int tell(struct explain *explain, const struct explain_many *many) {
    const char *path = explain->options.file;
    if (explain->options.json) {
        explain_print_json(explain, many);
        return path ? draw(explain, many) : EXIT_DONE;
    }
    if (explain->parameter_text)
        explain_print_one(explain);
    else
        explain_print(explain);
    int status = EXIT_DONE;
    if (explain->parameter_text && explain->opened.journal && !explain->opened.step_given)
        status = explain_print_moves(explain);
    if (!status && many) status = explain_print_all(explain, many);
    if (status || !path) return status;
    status = draw(explain, many);
    if (!status) printf("\nsaved     %s\n", safe(path).text);
    return status;
}

static int run_all(struct explain *explain) {
    struct explain_many many = {.result = NUDGE_GRADIENT_RESULT};
    signals_catch();
    int status = explain_walk_all(explain, &many);
    if (!status && !many.result.stopped) status = tell(explain, &many);
    free(many.mean);
    free(many.each);
    return status;
}

static int check_options(const struct explain *explain) {
    const struct options *options = &explain->options;
    if (options->theme_given && !options->file) return say_usage("--theme is for -o FILE");
    bool neuron = explain->layer != COUNT_NOT_GIVEN || explain->neuron != COUNT_NOT_GIVEN;
    if (!isnan(explain->by) && !explain->parameter_text)
        return say_usage("--by nudges a parameter: --weight or --bias says which");
    if (neuron && explain->parameter_text && !options->json)
        return say_usage("%s looks at a parameter, --layer and --neuron at a neuron: expected one of them",
                         explain->parameter.tensor ? "--bias" : "--weight");
    if (explain->at == COUNT_NOT_GIVEN) return EXIT_DONE;
    const char *other = explain->index != COUNT_NOT_GIVEN                                         ? "--index"
                        : explain->layer != COUNT_NOT_GIVEN || explain->neuron != COUNT_NOT_GIVEN ? "--layer"
                        : explain->all                                                            ? "--all"
                        : explain->options.part_given                                             ? "--part"
                                                                                                  : NULL;
    if (!isnan(explain->by)) return say_usage("--at shows what the step did: --by is for an example");
    if (explain->options.cost != NUDGE_COST_AUTO)
        return say_usage("--at and --cost contradict each other: the step was made with the training's cost");
    if (other)
        return say_usage(
            "--at explains a step and its mini-batch; %s is for an example: of the network after a "
            "step that is JOURNAL@STEP",
            other);
    return explain->options.file && !explain->parameter_text
               ? say_usage("-o with --at draws what moved one parameter: give --weight or --bias, too")
               : EXIT_DONE;
}

static int run_opened(struct explain *explain) {
    struct explain_step step = {.summary = NUDGE_JOURNAL_SUMMARY};
    int status = check_options(explain);
    if (explain->index == COUNT_NOT_GIVEN) explain->index = 0;
    if (isnan(explain->by)) explain->by = 0.01;
    if (!status) status = open_all(explain, &step);
    if (!status) status = read_all(explain);
    if (!status) choose_neuron(explain);
    if (!status)
        status = explain->at != COUNT_NOT_GIVEN ? explain_tell_step(explain, &step)
                 : explain->all                 ? run_all(explain)
                                                : tell(explain, NULL);
    explain_free_step(&step);
    return status;
}

static error_t take_parameter(struct explain *explain, const char *word, bool bias) {
    if (explain->parameter_text && (explain->parameter.tensor == 1) != bias)
        return option_error(&explain->options,
                            "--weight and --bias contradict each other: expected one parameter");
    if (!parameter_parse(word, strlen(word), &explain->parameter) || (explain->parameter.tensor == 1) != bias)
        return option_error(&explain->options, "%s: found \"%s\", expected %s", bias ? "--bias" : "--weight",
                            word, bias ? "LAYER,NEURON, as 2,7" : "LAYER,NEURON,INPUT, as 1,0,406");
    explain->parameter_text = word;
    return 0;
}

enum {
    KEY_INDEX = 0x100,
    KEY_LAYER,
    KEY_NEURON,
    KEY_WEIGHT,
    KEY_BIAS,
    KEY_BY,
    KEY_ALL,
    KEY_AT,
    KEY_TOP,
    KEY_COST,
    KEY_THEME
};

static error_t take_by(struct explain *explain, const char *word) {
    error_t failed =
        option_number(&explain->options, "--by", word, (struct range){-1e9, 1e9, false, false}, &explain->by);
    if (!failed && explain->by == 0)
        return option_error(&explain->options, "--by: found \"%s\", expected a number that is not 0", word);
    return failed;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct explain *explain = state->input;
    struct options *options = state->input;
    nudge_error error;
    switch (key) {
    case KEY_INDEX: return option_size(options, "--index", arg, 0, &explain->index);
    case KEY_LAYER: return option_size(options, "--layer", arg, 0, &explain->layer);
    case KEY_NEURON: return option_size(options, "--neuron", arg, 0, &explain->neuron);
    case KEY_WEIGHT: return take_parameter(explain, arg, false);
    case KEY_BIAS: return take_parameter(explain, arg, true);
    case KEY_BY: return take_by(explain, arg);
    case KEY_ALL: explain->all = true; return 0;
    case KEY_AT: return option_size(options, "--at", arg, 1, &explain->at);
    case KEY_TOP: return option_size(options, "--top", arg, 1, &explain->top);
    case 'o': options->file = arg; return 0;
    case KEY_THEME: return option_theme(options, arg, &explain->theme);
    case KEY_COST:
        if (nudge_cost_from_name(arg, &options->cost, &error))
            return option_error(options, "%s", error.message);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    struct explain explain = {.options = options_none(),
                              .index = COUNT_NOT_GIVEN,
                              .layer = COUNT_NOT_GIVEN,
                              .neuron = COUNT_NOT_GIVEN,
                              .at = COUNT_NOT_GIVEN,
                              .by = NOT_GIVEN,
                              .top = 5};
    explain.options.operand_names[0] = "MODEL";
    explain.options.operand_names[1] = "DATA";
    explain.options.least_operands = explain.options.most_operands = 2;
    int status = options_parse(&explain.options, &verb_explain, argc, argv);
    if (status < 0) status = run_opened(&explain);
    release(&explain);
    if (signals_caught()) {
        say_end(status);
        signals_end();
    }
    return status;
}

static const struct argp_option table[] = {
    {"index", KEY_INDEX, "I", 0, "which row of the part; rows count from 0; default 0", 0},
    {"layer", KEY_LAYER, "L", 0, "the layer of the neuron to look at, 0 is the input; default the last", 0},
    {"neuron", KEY_NEURON, "J", 0,
     "the neuron to look at; default the target's output neuron, in other layers the one with the strongest "
     "wish",
     0},
    {"weight", KEY_WEIGHT, "L,J,K", 0, "look at the weight w(L)[J][K] from neuron K of layer L-1 to J of L",
     0},
    {"bias", KEY_BIAS, "L,J", 0, "look at the bias b(L)[J]", 0},
    {"by", KEY_BY, "X", 0, "nudge that weight or bias by X; default 0.01", 0},
    {"all", KEY_ALL, NULL, 0,
     "also the gradients of all rows of the part: of the weight or bias for each, and of the whole network",
     0},
    {"at", KEY_AT, "STEP", 0,
     "of a journal: explain this step of the training, with its mini-batch, instead of an example", 0},
    {"top", KEY_TOP, "N", 0, "show the N strongest of each list; default 5", 0},
    {"output-file", 'o', "FILE", 0, "also draw it, the example or the weight or bias: .svg, .png or .pdf", 0},
    {"theme", KEY_THEME, "NAME", 0, OPTION_THEME_HELP, 0},
    {"cost", KEY_COST, "NAME", 0, "another cost than the one the network was trained with", 0},
    {"loss", 0, NULL, OPTION_ALIAS, NULL, 0},
    {0},
};

static const struct argp own = {table, parse, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Explanation", 0},
    {&options_language, 0, NULL, 0},
    {&options_json, 0, NULL, 0},
    {&options_part, 0, "Data", 0},
    {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_explain = {
    .name = "explain",
    .operands = "MODEL DATA [--index I] [options] [-o FILE]",
    .summary = "show backpropagation on one example, number by number",
    .details =
        "Shows what a saved network computes for one row of DATA, what each output neuron wants to be "
        "different, "
        "the three ways to grant it (bias, weights, activations before), and the ledger in which the wishes "
        "of "
        "all neurons of a layer add up for one neuron of the layer before: that sum is backpropagation.\n"
        "With --weight or --bias: the factors of that parameter's gradient, and what a nudge of it really "
        "does to the cost beside what the gradient predicts. With --all: the gradients of all rows.\n"
        "MODEL may be a journal that nudge train --journal has kept: its last step, or JOURNAL@STEP; "
        "--weight then "
        "also shows when that weight moved. With --at: one step of that training, what it moved, and which "
        "rows of "
        "its mini-batch moved it.\n"
        "Everything is computed in double precision with the network's real parameters.",
    .examples = "nudge explain digits.nudge digits --index 7\n"
                "nudge explain digits.nudge digits --index 7 --layer 1 --neuron 12\n"
                "nudge explain digits.nudge digits --index 7 --weight 1,12,406 --all\n"
                "nudge explain run.journal digits --at 120 --weight 1,12,406",
    .argp = &argp,
    .run = run,
};
