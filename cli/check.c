/* nudge check: whether backpropagation gives the gradient that the cost's differences show. */
#include "cli/json.h"
#include "cli/numbers.h"
#include "cli/setup.h"
#include "cli/verbs.h"

#include <math.h>
#include <string.h>

struct check {
    struct options options;
    nudge_check_options wanted;
    struct opened opened;
    nudge_part part;
    nudge_check_result result;
};

/* -- for people -- */

/* "w(1)[3][120]", "b(2)[7]": layer, output, input. */
static void place_text(const nudge_check_result *result, char *text, size_t room) {
    if (result->bias)
        snprintf(text, room, "b(%zu)[%zu]", result->layer, result->output);
    else
        snprintf(text, room, "w(%zu)[%zu][%zu]", result->layer, result->output, result->input);
}

static void print_result(const struct check *check) {
    const nudge_check_result *result = &check->result;
    const nudge_net *net = check->opened.net;
    char name[64], place[96];
    size_t rows = nudge_data_rows(check->opened.data, check->part);
    if (check->wanted.rows < rows) rows = check->wanted.rows;
    data_short_name(check->opened.data, name, sizeof name);
    place_text(result, place, sizeof place);
    printf("network   %zu -> %s\n", nudge_net_inputs(net), nudge_net_text(net));
    printf("data      the first %zu %s row%s of %s\n", rows, part_name(check->part), rows == 1 ? "" : "s",
           name);
    printf("compared  %s of %s parameters, in double precision\n", number_count(result->compared).text,
           number_count(nudge_net_parameters(net)).text);
    if (result->kinks)
        printf("left out  %s parameter%s: a kink lies between the two points of the difference\n",
               number_count(result->kinks).text, result->kinks == 1 ? "" : "s");
    if (result->compared) {
        printf("worst     %s\n", place);
        printf("          backpropagation     % .12e\n", result->backpropagation);
        printf("          central difference  % .12e\n", result->difference);
        printf("error     %.2e of the largest gradient, %.4g; tolerance %s\n", result->error,
               result->largest_gradient, number_exact(check->wanted.tolerance).text);
    }
    puts(result->passed ? "passed" : "FAILED");
}

/* -- for programs -- */

static void print_json(const struct check *check) {
    enum { DIGITS = 17 };
    const nudge_check_result *result = &check->result;
    json_t *line = json_object(), *worst = json_object();
    json_add(worst, "layer", json_integer((json_int_t)result->layer));
    json_add(worst, "kind", json_text(result->bias ? "bias" : "weight"));
    json_add(worst, "output", json_integer((json_int_t)result->output));
    json_add(worst, "input", result->bias ? json_null() : json_integer((json_int_t)result->input));
    json_add(worst, "backpropagation", json_figure(result->backpropagation));
    json_add(worst, "difference", json_figure(result->difference));
    json_add(line, "passed", json_boolean(result->passed));
    json_add(line, "network", json_text(nudge_net_text(check->opened.net)));
    json_add(line, "parameters", json_integer((json_int_t)nudge_net_parameters(check->opened.net)));
    json_add(line, "compared", json_integer((json_int_t)result->compared));
    json_add(line, "kinks", json_integer((json_int_t)result->kinks));
    json_add(line, "error", json_figure(result->error));
    json_add(line, "tolerance", json_figure(check->wanted.tolerance));
    json_add(line, "largest_gradient", json_figure(result->largest_gradient));
    json_add(line, "worst", worst);
    json_line(line, stdout, DIGITS);
}

/* -- all of it -- */

static bool ends_like_model(const char *name) {
    static const char *const endings[] = {".nudge", ".safetensors"};
    size_t length = strlen(name);
    for (size_t i = 0; i < 2; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

/* With a model, the network is the model's. */
static int check_model_options(const struct options *options) {
    const char *option = options->net          ? "--net"
                         : options->hidden     ? "--hidden"
                         : options->activation ? "--activation"
                         : options->output     ? "--output"
                         : options->init_given ? "--init"
                                               : NULL;
    return option ? say_usage("%s is for a new network, but %s has one already", option, options->operands[0])
                  : EXIT_DONE;
}

static int make_net(struct check *check) {
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    training.cost = check->wanted.cost;
    training.huber_delta = check->wanted.huber_delta;
    int status = setup_net(&check->opened, &check->options);
    return status ? status : setup_meet(&check->opened, &training);
}

static int open_all(struct check *check) {
    const struct options *options = &check->options;
    bool with_model = options->operand_count == 2;
    if (!with_model && ends_like_model(options->operands[0]))
        return say_usage("DATA is missing: nudge check %s DATA", options->operands[0]);
    int status = with_model ? check_model_options(options) : EXIT_DONE;
    if (!status) status = open_context(&check->opened, options);
    if (!status && with_model) status = open_net(&check->opened, options->operands[0]);
    if (!status) status = open_data(&check->opened, options, options->operands[options->operand_count - 1]);
    if (!status && !with_model) status = make_net(check);
    if (!status) status = open_part(&check->opened, options, &check->part);
    return status;
}

static int run_opened(struct check *check) {
    nudge_error error;
    const struct options *options = &check->options;
    check->wanted.cost = options->cost;
    check->wanted.seed = options->seed;
    if (!isnan(options->huber_delta)) check->wanted.huber_delta = options->huber_delta;
    int status = open_all(check);
    if (status) return status;
    if (nudge_check(check->opened.context, check->opened.net, check->opened.data, check->part, &check->wanted,
                    &check->result, &error))
        return say_error(&error, SAY_READING);
    if (options->json)
        print_json(check);
    else
        print_result(check);
    return check->result.passed ? EXIT_DONE : EXIT_FAILED;
}

enum { KEY_ROWS = 0x100, KEY_PARAMETERS, KEY_ALL, KEY_TOLERANCE, KEY_SEED, KEY_PART };

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct check *check = state->input;
    struct options *options = state->input;
    switch (key) {
    case KEY_ROWS: return option_size(options, "--rows", arg, 1, &check->wanted.rows);
    case KEY_PARAMETERS: return option_size(options, "--parameters", arg, 1, &check->wanted.parameters);
    case KEY_ALL: check->wanted.parameters = 0; return 0;
    case KEY_TOLERANCE:
        return option_number(options, "--tolerance", arg, ABOVE_ZERO, &check->wanted.tolerance);
    case KEY_SEED: return option_count(options, "--seed", arg, 0, INT64_MAX, &options->seed);
    case KEY_PART: return option_part(options, arg);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    struct check check = {
        .options = options_none(), .wanted = NUDGE_CHECK_OPTIONS, .result = NUDGE_CHECK_RESULT};
    check.options.operand_names[0] = "DATA";
    check.options.operand_names[1] = "DATA";
    check.options.least_operands = 1;
    check.options.most_operands = 2;
    check.options.part = NUDGE_PART_TRAIN;
    int status = options_parse(&check.options, &verb_check, argc, argv);
    if (status < 0) status = run_opened(&check);
    open_close(&check.opened);
    options_free(&check.options);
    return status;
}

static const struct argp_option table[] = {
    {"parameters", KEY_PARAMETERS, "N", 0, "compare N parameters, chosen over all layers; default 1000", 0},
    {"all", KEY_ALL, NULL, 0, "compare every parameter", 0},
    {"tolerance", KEY_TOLERANCE, "X", 0, "on the difference, relative to the largest gradient; default 1e-06",
     0},
    {"seed", KEY_SEED, "N", 0, "of new weights, the choice of parameters and the split; default 1", 0},
    {0},
};

static const struct argp_option rows_table[] = {
    {"rows", KEY_ROWS, "N", 0, "the first N rows of the part; default 8", 0},
    {"part", KEY_PART, "NAME", 0, "train, val or test; default train", 0},
    {0},
};

static const struct argp own = {table, parse, NULL, NULL, NULL, NULL, NULL};
static const struct argp own_rows = {rows_table, parse, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Check", 0},
    {&options_json, 0, NULL, 0},
    {&options_network, 0, "Network", 0},
    {&options_cost, 0, NULL, 0},
    {&own_rows, 0, "Data", 0},
    {&options_data, 0, NULL, 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_check = {
    .name = "check",
    .operands = "DATA [options]  or  MODEL DATA [options]",
    .summary = "compare backpropagation with differences of the cost",
    .details = "Compares the derivatives that backpropagation gives with central differences (C(p+h) - "
               "C(p-h)) / 2h, for a "
               "new network or a saved one. Says which parameter came out worst, and fails (exit 1) when the "
               "error is "
               "above the tolerance.",
    .examples =
        "nudge check digits --hidden 16,16 --activation sigmoid\nnudge check digits.nudge digits --all",
    .argp = &argp,
    .run = run,
};
