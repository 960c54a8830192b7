/* nudge check: whether backpropagation gives the gradient that the cost's differences show. */
#include "cli/open/setup.h"
#include "cli/open/verb_run.h"
#include "cli/signals.h"
#include "cli/tell/findings.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* The errors are counted by powers of ten: up to 1e-15, 1e-14, .. 1e-1, above. */
enum { DECADES = 16 };

/* What came out for w^(l), b^(l) or another that is trained. */
struct tensor {
    nudge_tensor is;
    nudge_parameter worst;
    size_t compared, kinks;
    double worst_error;
    double *errors; /* of those compared; sorted when all are */
};

struct check {
    struct options options;
    nudge_check_options wanted;
    struct opened opened;
    nudge_check_result result;
    struct tensor *tensors;                            /* layer by layer */
    size_t tensor_count, done, decades[DECADES], some; /* some: --parameters, 0: not said */
    bool all;
    double begun;
    bool live, drawn;         /* progress */
    struct findings findings; /* of a saved network */
};

/* -- listening -- */

static bool make_tensors(struct check *check) {
    const nudge_net *net = check->opened.net;
    nudge_tensor is = NUDGE_TENSOR;
    size_t all = 0;
    while (nudge_net_tensor(net, all, &is)) all++;
    check->tensors = calloc(all, sizeof *check->tensors);
    for (size_t i = 0; check->tensors && nudge_net_tensor(net, i, &is); i++) {
        if (is.role == NUDGE_ROLE_STATE) continue;
        struct tensor *tensor = &check->tensors[check->tensor_count++];
        size_t size = is.count;
        if (check->wanted.parameters && check->wanted.parameters < size) size = check->wanted.parameters;
        tensor->is = is;
        tensor->errors = calloc(size, sizeof(double));
        if (!tensor->errors) return false;
    }
    return check->tensors != NULL;
}

static void show_progress(struct check *check) {
    size_t all = nudge_net_parameters(check->opened.net);
    if (check->wanted.parameters && check->wanted.parameters < all) all = check->wanted.parameters;
    double now = progress_clock();
    if (!check->live || now - check->begun < 0.3) return;
    check->begun = now;
    check->drawn = true;
    fprintf(stderr, "\r%s of %s parameters", number_count(check->done).text, number_count(all).text);
    fflush(stderr);
}

static bool take_compared(void *user, const nudge_comparison *comparison) {
    struct check *check = user;
    struct tensor *tensor = check->tensors; /* in their order */
    while (tensor->is.layer < comparison->parameter.layer || tensor->is.number < comparison->parameter.tensor)
        tensor++;
    double error = comparison->error;
    size_t decade = 0;
    check->done++;
    show_progress(check);
    if (comparison->kink) {
        tensor->kinks++;
        return signals_caught() == 0;
    }
    if (error >= tensor->worst_error) {
        tensor->worst = comparison->parameter;
        tensor->worst_error = error;
    }
    tensor->errors[tensor->compared++] = error;
    for (double limit = 1e-15; decade < DECADES - 1 && error > limit; limit *= 10) decade++;
    check->decades[decade]++;
    return signals_caught() == 0;
}

static double median_of(const struct tensor *tensor) {
    return tensor->compared ? tensor->errors[tensor->compared / 2] : NAN;
}

static double worst_of(const struct tensor *tensor) {
    return tensor->compared ? tensor->errors[tensor->compared - 1] : NAN;
}

/* -- for people -- */

static struct number_text error_text(double error) {
    struct number_text text = {"-"};
    if (!isnan(error)) snprintf(text.text, sizeof text.text, "%.1e", error);
    return text;
}

static void print_tensors(const struct check *check) {
    int widths[] = {-8, 10, 8, 12, 10, -24};
    for (size_t i = 0; i < check->tensor_count; i++) {
        int width = (int)strlen(parameter_tensor(&check->tensors[i].is).text) + 1;
        if (width > -widths[0]) widths[0] = -width;
    }
    TABLE_HEAD(widths, "tensor", "compared", "kinks", "median", "worst", "  at");
    for (size_t i = 0; i < check->tensor_count; i++) {
        const struct tensor *tensor = &check->tensors[i];
        char at[100] = "";
        if (tensor->compared)
            snprintf(at, sizeof at, "  %s", parameter_name(check->opened.net, &tensor->worst).text);
        TABLE_ROW(widths, parameter_tensor(&tensor->is).text, number_count(tensor->compared).text,
                  number_count(tensor->kinks).text, error_text(median_of(tensor)).text,
                  error_text(worst_of(tensor)).text, at);
    }
}

/* From the first power of ten that has some to the last; bars go with the logarithm, so that one bad parameter
 * among thousands shows. */
static void print_histogram(const struct check *check) {
    enum { CELLS = 40 };
    size_t first = 0, last = DECADES - 1, most = 1;
    bool utf8 = terminal_utf8();
    while (first < last && check->decades[first] == 0) first++;
    while (last > first && check->decades[last] == 0) last--;
    for (size_t i = first; i <= last; i++) most = check->decades[i] > most ? check->decades[i] : most;
    table_text("  error up to  parameters (bars are logarithmic)\n");
    for (size_t i = first; i <= last; i++) {
        double share = log(1 + (double)check->decades[i]) / log(1 + (double)most);
        char limit[16];
        snprintf(limit, sizeof limit, "1e-%02zu", 15 - i);
        fputs("  ", stdout);
        print_cell(stdout, i == DECADES - 1 ? text_word("more") : limit, -8);
        printf("%12s%s", number_count(check->decades[i]).text, check->decades[i] ? "  " : "");
        for (size_t c = 0; c < (size_t)(share * CELLS + 0.5); c++) fputs(utf8 ? "━" : "#", stdout);
        putchar('\n');
    }
}

static void print_result(const struct check *check) {
    const nudge_check_result *result = &check->result;
    const nudge_net *net = check->opened.net;
    char name[64];
    size_t rows = nudge_data_rows(check->opened.data, check->opened.part);
    if (check->wanted.rows < rows) rows = check->wanted.rows;
    data_short_name(check->opened.data, name, sizeof name);
    printf(text_word("network   %zu -> %s\n"), nudge_net_inputs(net), nudge_net_text(net));
    if (net_mode(net)) printf(text_word("mode      %s\n"), text_word(net_mode(net)));
    printf(rows == 1 ? text_word("data      the first %zu %s row of %s\n")
                     : text_word("data      the first %zu %s rows of %s\n"),
           rows, text_word(part_name(check->opened.part)), name);
    printf(text_word("compared  %s of %s parameters, in double precision, by h = %s max(1, |p|)\n"),
           number_count(result->compared).text, number_count(nudge_net_parameters(net)).text,
           number_exact(result->step).text);
    if (result->kinks)
        printf(
            result->kinks == 1
                ? text_word("left out  %s parameter: a kink lies between the two points of the difference\n")
                : text_word(
                      "left out  %s parameters: a kink lies between the two points of the difference\n"),
            number_count(result->kinks).text);
    putchar('\n');
    print_tensors(check);
    if (result->compared) {
        putchar('\n');
        print_histogram(check);
        printf(text_word("\nworst     %s\n"), parameter_name(net, &result->parameter).text);
        printf(text_word("          backpropagation     % .12e\n"), result->backpropagation);
        printf(text_word("          central difference  % .12e\n"), result->difference);
        printf(text_word("error     %.2e of the largest gradient, %.4g; tolerance %s\n"), result->error,
               result->largest_gradient, number_exact(check->wanted.tolerance).text);
    }
    puts(text_word(result->passed ? "passed" : "FAILED"));
}

/* -- for programs -- */

static const char *worst_kind(const struct check *check) {
    const nudge_parameter *worst = &check->result.parameter;
    for (size_t i = 0; i < check->tensor_count; i++)
        if (check->tensors[i].is.layer == worst->layer && check->tensors[i].is.number == worst->tensor)
            return check->tensors[i].is.name;
    return "weight";
}

static void print_check_json(const struct check *check) {
    enum { DIGITS = 17 };
    const nudge_check_result *result = &check->result;
    json_t *line = json_object(), *worst = json_object(), *tensors = json_array(), *decades = json_array();
    for (size_t i = 0; i < check->tensor_count; i++) {
        json_t *object = json_object();
        json_add(object, "layer", json_count(check->tensors[i].is.layer));
        json_add(object, "kind", json_text(check->tensors[i].is.name));
        json_add(object, "compared", json_count(check->tensors[i].compared));
        json_add(object, "kinks", json_count(check->tensors[i].kinks));
        json_add(object, "median", json_figure(median_of(&check->tensors[i])));
        json_add(object, "worst", json_figure(worst_of(&check->tensors[i])));
        json_append(tensors, object);
    }
    for (size_t i = 0; i < DECADES; i++) json_append(decades, json_count(check->decades[i]));
    json_add(worst, "layer", json_count(result->parameter.layer));
    json_add(worst, "kind", json_text(worst_kind(check)));
    json_add(worst, "output", json_count(result->parameter.output));
    json_add(worst, "input", result->parameter.tensor ? json_null() : json_count(result->parameter.input));
    json_add(worst, "backpropagation", json_figure(result->backpropagation));
    json_add(worst, "difference", json_figure(result->difference));
    json_add(line, "passed", json_boolean(result->passed));
    json_add(line, "network", json_text(nudge_net_text(check->opened.net)));
    json_add(line, "parameters", json_count(nudge_net_parameters(check->opened.net)));
    json_add(line, "compared", json_count(result->compared));
    json_add(line, "kinks", json_count(result->kinks));
    json_add(line, "error", json_figure(result->error));
    json_add(line, "tolerance", json_figure(check->wanted.tolerance));
    json_add(line, "largest_gradient", json_figure(result->largest_gradient));
    json_add(line, "step", json_figure(result->step));
    json_add(line, "tensors", tensors);
    json_add(line, "decades", decades);
    json_add(line, "worst", worst);
    json_add(line, "findings", findings_json(&check->findings));
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

static int check_asked(void *state) {
    struct check *check = state;
    const struct options *options = &check->options;
    bool with_model = options->operand_count == 2;
    if (check->all && check->some) return say_usage("--all and --parameters contradict each other");
    if (check->all || check->some) check->wanted.parameters = check->some;
    check->wanted.seed = options->seed;
    if (with_model) check->opened.needs |= NEEDS_MODEL | NEEDS_COST;
    if (!with_model && ends_like_model(options->operands[0]))
        return say_usage("DATA is missing: nudge check %s DATA", options->operands[0]);
    return with_model ? check_model_options(options) : EXIT_DONE;
}

static int make_new_net(struct check *check) {
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    int status = setup_net(&check->opened, &check->options);
    return status ? status : setup_meet(&check->opened, &check->options, &training);
}

static int check_opened(void *state) {
    struct check *check = state;
    nudge_error error;
    const struct options *options = &check->options;
    int status = options->operand_count == 2 ? EXIT_DONE : make_new_net(check);
    if (!status) status = open_part(&check->opened, options, &check->opened.part);
    if (status) return status;
    if (!make_tensors(check)) return say_failure("not enough memory: for the errors of all parameters");
    check->wanted.on_compared = take_compared;
    check->wanted.user = check;
    check->live = terminal_is(stderr);
    check->begun = progress_clock();
    signals_catch();
    if (nudge_check(check->opened.context, check->opened.net, check->opened.data, check->opened.part,
                    &check->wanted, &check->result, &error))
        return say_error(&error, SAY_READING);
    if (check->drawn) fputs("\r\033[K", stderr);
    if (check->result.stopped)
        return say_failure("stopped after %s parameters: nothing is shown", number_count(check->done).text);
    for (size_t i = 0; i < check->tensor_count; i++)
        qsort(check->tensors[i].errors, check->tensors[i].compared, sizeof(double), number_compare);
    if (options->operand_count == 2)
        findings_make(&check->findings, check->opened.context, check->opened.net, check->opened.data, NULL,
                      NULL, false);
    if (options->json)
        print_check_json(check);
    else
        print_result(check);
    if (!options->json) findings_print(&check->findings, stdout, FINDINGS_MOST);
    return check->result.passed ? EXIT_DONE : EXIT_FAILED;
}

static void free_check(void *state) {
    struct check *check = state;
    for (size_t i = 0; check->tensors && i < check->tensor_count; i++) free(check->tensors[i].errors);
    free(check->tensors);
}

enum { KEY_ROWS = 0x100, KEY_PARAMETERS, KEY_ALL, KEY_TOLERANCE, KEY_STEP, KEY_SEED, KEY_PART };

static error_t parse_check(int key, char *arg, struct argp_state *state) {
    struct check *check = state->input;
    struct options *options = state->input;
    switch (key) {
    case KEY_ROWS: return option_size(options, "--rows", arg, 1, &check->wanted.rows);
    case KEY_PARAMETERS: return option_size(options, "--parameters", arg, 1, &check->some);
    case KEY_ALL: check->all = true; return 0;
    case KEY_TOLERANCE:
        return option_number(options, "--tolerance", arg, ABOVE_ZERO, &check->wanted.tolerance);
    case KEY_STEP:
        return option_number(options, "--step", arg, (struct range){1e-12, 1, false, false},
                             &check->wanted.step);
    case KEY_SEED: return option_count(options, "--seed", arg, 0, INT64_MAX, &options->seed);
    case KEY_PART: return option_part(options, arg);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct verb_frame frame = {&verb_check, {NULL},       NEEDS_DATA,
                                        check_asked, check_opened, free_check};

static int run_check(int argc, char **argv) {
    struct check check = {
        .options = options_none(), .wanted = NUDGE_CHECK_OPTIONS, .result = NUDGE_CHECK_RESULT};
    check.options.operand_names[0] = "DATA";
    check.options.operand_names[1] = "DATA";
    check.options.least_operands = 1;
    check.options.most_operands = 2;
    check.options.part = NUDGE_PART_TRAIN;
    return verb_run(&frame, &check, &check.opened, argc, argv);
}

static const struct argp_option table[] = {
    {"parameters", KEY_PARAMETERS, "N", 0, "compare N parameters, chosen over all layers; default 1000", 0},
    {"all", KEY_ALL, NULL, 0, "compare every parameter", 0},
    {"tolerance", KEY_TOLERANCE, "X", 0, "on the difference, relative to the largest gradient; default 1e-06",
     0},
    {"step", KEY_STEP, "H", 0, "the differences' h, times max(1, |p|); default 1e-05", 0},
    {"seed", KEY_SEED, "N", 0, "of new weights, the choice of parameters and the split; default 1", 0},
    {0},
};

static const struct argp_option rows_table[] = {
    {"rows", KEY_ROWS, "N", 0, "the first N rows of the part; default 8", 0},
    {"part", KEY_PART, "NAME", 0,
     "train, val or test; default train, or test where there is no training part", 0},
    {0},
};

static const struct argp own = {table, parse_check, NULL, NULL, NULL, NULL, NULL};
static const struct argp own_rows = {rows_table, parse_check, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Check", 0},
    {&options_json, 0, NULL, 0},
    {&options_language, 0, NULL, 0},
    {&options_network, 0, "Network", 0},
    {&options_cost, 0, NULL, 0},
    {&own_rows, 0, "Data", 0},
    {&options_data, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_check = {
    .name = "check",
    .operands = "DATA [options]  or  MODEL DATA [options]",
    .summary = "compare backpropagation with differences of the cost",
    .details =
        "Compares the derivatives that backpropagation gives with central differences (C(p+h) - "
        "C(p-h)) / 2h, for a "
        "new network or a saved one. Shows median and worst error of each layer's weights and biases and how "
        "the "
        "errors are spread, says which parameter came out worst, and fails (exit 1) when its error is above "
        "the tolerance. Of a saved network it also prints all that is wrong with it on these data: dead "
        "neurons, gradients "
        "that get lost, outputs that cannot reach the targets.",
    .examples =
        "nudge check digits --hidden 16,16 --activation sigmoid\nnudge check digits.nudge digits --all",
    .argp = &argp,
    .run = run_check,
};
