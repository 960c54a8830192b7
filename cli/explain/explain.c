/* nudge explain: the numbers of backpropagation on one example, shown so that a person understands them.
 * This file: what was asked for, and reading it from the library. */
#include "cli/explain/explain.h"
#include "cli/open/setup.h"
#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* -- opening -- */

/* Whoever read a row's number elsewhere may have meant another part. */
static int say_no_row(const struct explain *explain, size_t rows) {
    static const struct {
        nudge_part part;
        const char *word;
    } parts[] = {{NUDGE_PART_TRAIN, "train"}, {NUDGE_PART_VALIDATION, "val"}, {NUDGE_PART_TEST, "test"}};
    const nudge_data *data = explain->opened.data;
    char other[64] = "";
    for (size_t i = 0; i < 3 && !other[0] && explain->at == COUNT_NOT_GIVEN; i++)
        if (explain->index < nudge_data_rows(data, parts[i].part))
            format_text(other, sizeof other, "; --part %s has row %zu", parts[i].word, explain->index);
    return say_usage("--index: found %zu, expected 0 to %zu: the %s part of %s has %zu rows%s",
                     explain->index, rows - 1, part_name(explain->part), nudge_data_name(data), rows, other);
}

static int check_asked(struct explain *explain) {
    const nudge_net *net = explain->opened.net;
    size_t rows = nudge_data_rows(explain->opened.data, explain->part), layers = nudge_net_layers(net), index;
    nudge_error error;
    if (explain->index >= rows) return say_no_row(explain, rows);
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
    int status = options->file ? picture_file_check(options->file) : EXIT_DONE;
    if (!status) status = open_context(&explain->opened, options);
    explain->opened.replays = true;
    if (!status) status = open_net(&explain->opened, options->operands[0]);
    if (!status) status = open_data(&explain->opened, options, options->operands[1]);
    if (!status && explain->at != COUNT_NOT_GIVEN)
        status = explain_open_step(explain, step);
    else if (!status)
        status = open_part(&explain->opened, options, &explain->part);
    if (!status) status = check_asked(explain);
    if (!status) status = open_cost(&explain->opened, options);
    if (!status) explain->cost = nudge_net_cost(explain->opened.net, NULL);
    return status;
}

/* -- what is looked at -- */

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

/* -- all of it -- */

static int draw(struct explain *explain, const struct explain_many *many) {
    return explain->parameter_text ? explain_draw_one(explain, many)
                                   : explain_draw(explain, explain->options.file, explain->theme);
}

static int print(const struct explain *explain, const struct explain_many *many) {
    int status = EXIT_DONE;
    if (explain->asked_count)
        status = explain_tell_changes(explain, NULL);
    else if (explain->parameter_text)
        explain_print_one(explain);
    else
        status = explain_print(explain);
    if (!status && explain->parameter_text && explain->opened.journal && !explain->opened.step_given)
        status = explain_print_moves(explain);
    return !status && many ? explain_print_all(explain, many) : status;
}

static int tell(struct explain *explain, const struct explain_many *many) {
    const char *path = explain->options.file;
    int status = explain->options.json ? explain_print_json(explain, many) : print(explain, many);
    if (status || !path) return status;
    status = draw(explain, many);
    if (!status && !explain->options.json) table_text("\nsaved     %s\n", safe(path).text);
    return status;
}

static int run_all(struct explain *explain) {
    struct explain_many many = {.result = NUDGE_GRADIENT_RESULT};
    signals_catch();
    int status = explain_walk_all(explain, &many);
    if (!status && !many.result.stopped) status = tell(explain, &many);
    explain_free_many(&many);
    return status;
}

/* -- what was asked for -- */

/* What --at does not go with. */
static int check_step(const struct explain *explain) {
    const struct options *options = &explain->options;
    const char *other = explain->all ? "--all" : options->part_given ? "--part" : NULL;
    if (!isnan(explain->by)) return say_usage("--at shows what the step did: --by is for an example");
    if (options->cost != NUDGE_COST_AUTO)
        return say_usage("--at and --cost contradict each other: the step was made with the training's cost");
    if (explain->neuron_asked && explain->index == COUNT_NOT_GIVEN)
        return say_usage("--at explains a step and its mini-batch; --layer and --neuron are for a row of it: "
                         "--index says which");
    if (other)
        return say_usage(
            "--at explains a step and its mini-batch; %s is for an example: of the network after "
            "a step that is JOURNAL@STEP",
            other);
    return options->file && !explain->parameter_text
               ? say_usage("-o with --at draws what moved one parameter: give --weight or --bias, too")
               : EXIT_DONE;
}

/* What --set and --erase do not go with. */
static int check_changes(const struct explain *explain) {
    const char *beside = explain->parameter_text          ? "--weight and --bias look"
                         : explain->neuron_asked          ? "--layer and --neuron look"
                         : explain->all                   ? "--all looks"
                         : explain->at != COUNT_NOT_GIVEN ? "--at looks"
                         : explain->options.file          ? "-o FILE looks"
                                                          : NULL;
    if (!beside) return EXIT_DONE;
    return say_usage("%s says what would come of a change; %s at what there is: expected one of them",
                     explain->asked[0].erase ? "--erase" : "--set", beside);
}

static int check_options(const struct explain *explain) {
    const struct options *options = &explain->options;
    if (options->theme_given && !options->file) return say_usage("--theme is for -o FILE");
    if (!isnan(explain->by) && !explain->parameter_text)
        return say_usage("--by nudges a parameter: --weight or --bias says which");
    if (explain->neuron_asked && explain->parameter_text && !options->json)
        return say_usage("%s looks at a parameter, --layer and --neuron at a neuron: expected one of them",
                         explain->parameter.tensor ? "--bias" : "--weight");
    int status = explain->asked_count ? check_changes(explain) : EXIT_DONE;
    return status || explain->at == COUNT_NOT_GIVEN ? status : check_step(explain);
}

static int run_opened(struct explain *explain) {
    struct explain_step step = {.summary = NUDGE_JOURNAL_SUMMARY};
    int status = check_options(explain);
    explain->row_of_step = explain->at != COUNT_NOT_GIVEN && explain->index != COUNT_NOT_GIVEN;
    if (explain->index == COUNT_NOT_GIVEN) explain->index = 0;
    if (isnan(explain->by)) explain->by = 0.01;
    if (!status) status = open_all(explain, &step);
    if (!status) status = explain_read(explain);
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
        return option_error(
            &explain->options, "%s: found \"%s\", expected %s", bias ? "--bias" : "--weight", word,
            bias ? "LAYER,NEURON, as 2,7 or b(2)[7]" : "LAYER,NEURON,INPUT, as 1,0,406 or w(1)[0][406]");
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
    KEY_THEME,
    KEY_SET,
    KEY_ERASE
};

static error_t take_change(struct explain *explain, const char *word, bool erase) {
    const char *name = erase ? "--erase" : "--set";
    if (explain->asked_count == EXPLAIN_CHANGES)
        return option_error(&explain->options, "%s %s: more than %d changes", name, word, EXPLAIN_CHANGES);
    if (!*word || *word == '=')
        return option_error(&explain->options, "%s: found \"%s\", expected %s", name, word,
                            erase ? "inputs, as 266,381 or 200-210" : "NAME=VALUE, as 266=0.5");
    explain->asked[explain->asked_count++] = (struct explain_asked_change){word, erase};
    return 0;
}

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
    case KEY_LAYER:
        explain->neuron_asked = true;
        return option_size(options, "--layer", arg, 0, &explain->layer);
    case KEY_NEURON:
        explain->neuron_asked = true;
        return option_size(options, "--neuron", arg, 0, &explain->neuron);
    case KEY_SET: return take_change(explain, arg, false);
    case KEY_ERASE: return take_change(explain, arg, true);
    case 'v': options->verbose = true; return 0;
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
    explain_release(&explain);
    open_close(&explain.opened);
    options_free(&explain.options);
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
     "the neuron to look at; default the target's output neuron, in other layers the one whose wish does "
     "most: "
     "with the largest delta, which is the wish times the slope",
     0},
    {"weight", KEY_WEIGHT, "L,J,K", 0, "look at the weight w(L)[J][K] from neuron K of layer L-1 to J of L",
     0},
    {"bias", KEY_BIAS, "L,J", 0, "look at the bias b(L)[J]", 0},
    {"by", KEY_BY, "X", 0, "nudge that weight or bias by X; default 0.01", 0},
    {"nudge", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"set", KEY_SET, "NAME=VALUE", 0,
     "what if: an input by its number (266=0.5) or its column's name (\"age=40\", \"sex=male\"), in the "
     "data's "
     "own units, pixels from 0 to 1; or a weight or bias, w(2)[3][7]=0.5; may be given again",
     0},
    {"erase", KEY_ERASE, "LIST", 0,
     "what if these inputs said nothing: numbers, ranges or columns, as 266,381,200-210; a pixel is dark "
     "then, "
     "a number what stands in where it is missing, a category none; may be given again",
     0},
    {"all", KEY_ALL, NULL, 0,
     "also the gradients of all rows of the part: of the weight or bias for each, what nudging it does to "
     "the "
     "cost C, and of the whole network",
     0},
    {"at", KEY_AT, "STEP", 0,
     "of a journal: explain this step of the training, with its mini-batch, instead of an example; with "
     "--index what one training row has to do with it, in the mini-batch or not",
     0},
    {"top", KEY_TOP, "N", 0, "show the N strongest of each list; default 5", 0},
    {"verbose", 'v', NULL, 0,
     "show all tables, the ledgers' proofs and what training computes in its own precision", 0},
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
        "Says what a saved network makes of one row of DATA, whether that is right, what the answer rests on "
        "and the smallest change, which is measured, that would make it another; then what goes forward, the "
        "cost, what each neuron is wished on the way back, and the gradients. With --layer or --neuron: the "
        "three ways to grant a neuron's wish (bias, weights, activations before), and the ledger in which "
        "the "
        "wishes of all neurons of a layer add up for one neuron of the layer before: that sum is "
        "backpropagation.\n"
        "With --weight or --bias: the factors of that parameter's gradient, and what a nudge of it really "
        "does to the cost beside what the gradient predicts. With --all: the gradients of all rows. With "
        "--set "
        "or --erase: what comes of other inputs, weights or biases.\n"
        "MODEL may be a journal that nudge train --journal has kept: its last step, or JOURNAL@STEP; "
        "--weight then also shows when that weight moved. With --at: one step of that training, what it "
        "moved, and which rows of its mini-batch moved it.\n"
        "Everything is computed in double precision with the network's real parameters.",
    .examples = "nudge explain digits.nudge digits --index 7\n"
                "nudge explain digits.nudge digits --index 7 --erase 266,381\n"
                "nudge explain digits.nudge digits --index 7 --layer 1 --neuron 12\n"
                "nudge explain digits.nudge digits --index 7 --weight 1,12,406 --all\n"
                "nudge explain run.journal digits --at 120 --weight 1,12,406",
    .argp = &argp,
    .run = run,
};
