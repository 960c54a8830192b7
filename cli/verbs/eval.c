/* nudge eval: how well a network does on data it can be compared with. */
#include "cli/open/answers.h"
#include "cli/open/verb_run.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"
#include "cli/verbs/confusion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct eval {
    struct options options;
    struct opened opened;
    nudge_evaluation evaluation;
    size_t classes;
    double *of_targets; /* R², RMSE and MAE of each */
};

static struct confusion confusion_of(const struct eval *eval) {
    return (struct confusion){eval->opened.net, eval->classes, eval->evaluation.confusion};
}

/* -- for people -- */

static double metric(const struct eval *eval, nudge_metric which) {
    return eval->evaluation.metrics[which];
}

static void print_classification(const struct eval *eval) {
    struct confusion confusion = confusion_of(eval);
    uint64_t right = confusion_right(&confusion);
    bool weighted = fabs(eval->evaluation.accuracy - (double)right / (double)eval->evaluation.rows) > 1e-9;
    if (weighted) /* by a column of weights: the counts below do not say it */
        printf(text_word("accuracy  %s (rows count by their weights)\n"),
               number_percent(eval->evaluation.accuracy, 2).text);
    else
        printf(text_word("accuracy  %s (%s of %s)\n"), number_percent(eval->evaluation.accuracy, 2).text,
               number_count(right).text, number_count(eval->evaluation.rows).text);
    printf(text_word("balanced  %s (mean of the classes' recalls)\n"),
           number_percent(metric(eval, NUDGE_METRIC_BALANCED_ACCURACY), 2).text);
    printf(text_word("macro F1  %s\n"), number_percent(metric(eval, NUDGE_METRIC_F1), 2).text);
    if (!isnan(metric(eval, NUDGE_METRIC_LOG_LOSS)))
        printf(text_word("log loss  %s\n"), number_cost(metric(eval, NUDGE_METRIC_LOG_LOSS)).text);
    if (!isnan(metric(eval, NUDGE_METRIC_AUC)))
        printf(text_word("AUC       %.4f\n"), metric(eval, NUDGE_METRIC_AUC));
    confusion_print(&confusion);
}

static void print_regression(const struct eval *eval) {
    size_t targets = nudge_net_outputs(eval->opened.net);
    const double *of = eval->of_targets;
    printf(text_word("RMSE      %.6g (root of the mean squared error)\n"), metric(eval, NUDGE_METRIC_RMSE));
    printf(text_word("MAE       %.6g (mean absolute error)\n"), metric(eval, NUDGE_METRIC_MAE));
    if (!isnan(metric(eval, NUDGE_METRIC_R_SQUARED)))
        printf(text_word("R squared %.6f%s\n"), metric(eval, NUDGE_METRIC_R_SQUARED),
               targets > 1 ? text_word(" (mean of the targets')") : "");
    if (targets < 2) return;
    printf(text_word("\ntarget  R squared          RMSE           MAE\n"));
    for (size_t j = 0; j < targets; j++)
        printf("%6zu  %9s  %12.6g  %12.6g%s%s\n", j, number_cost(of[j]).text, of[targets + j],
               of[2 * targets + j], *target_name(eval->opened.net, j).text ? "  " : "",
               target_name(eval->opened.net, j).text);
}

static void print_all(const struct eval *eval) {
    char name[64];
    data_short_name(eval->opened.data, name, sizeof name);
    printf(text_word("%s on %s, %s %s rows\n\n"), safe(eval->options.operands[0]).text, name,
           number_count(eval->evaluation.rows).text, text_word(part_name(eval->opened.part)));
    printf(text_word("cost      %s (%s)\n"), number_cost(eval->evaluation.cost).text,
           nudge_cost_name(nudge_net_cost(eval->opened.net, NULL)));
    if (eval->classes)
        print_classification(eval);
    else
        print_regression(eval);
}

/* -- for programs -- */

static json_t *json_targets(const struct eval *eval) {
    size_t targets = nudge_net_outputs(eval->opened.net);
    json_t *rows = json_array();
    for (size_t j = 0; j < targets; j++) {
        json_t *row = json_object();
        json_add(row, "name", json_text(target_name(eval->opened.net, j).text));
        json_add(row, "r2", json_figure(eval->of_targets[j]));
        json_add(row, "rmse", json_figure(eval->of_targets[targets + j]));
        json_add(row, "mae", json_figure(eval->of_targets[2 * targets + j]));
        json_append(rows, row);
    }
    return rows;
}

static void print_eval_json(const struct eval *eval) {
    static const char *const parts[] = {"train", "val", "test"};
    char name[64];
    data_short_name(eval->opened.data, name, sizeof name);
    json_t *line = json_object();
    json_add(line, "model", json_text(eval->options.operands[0]));
    json_add(line, "data", json_text(name));
    json_add(line, "part", json_text(parts[eval->opened.part]));
    json_add(line, "rows", json_count(eval->evaluation.rows));
    json_add(line, "cost_name", json_text(nudge_cost_name(nudge_net_cost(eval->opened.net, NULL))));
    for (nudge_metric m = NUDGE_METRIC_COST; m < NUDGE_METRICS; m++)
        if (m == NUDGE_METRIC_COST || !isnan(metric(eval, m)))
            json_add(line, metric_key(m).text, json_figure(metric(eval, m)));
    if (eval->classes) {
        struct confusion confusion = confusion_of(eval);
        json_add(line, "classes", confusion_json_classes(&confusion));
        json_add(line, "confusion", confusion_json(&confusion));
    } else {
        json_add(line, "targets", json_targets(eval));
    }
    json_line(line, stdout, JSON_DIGITS);
}

/* -- all of it -- */

static int measure_part(struct eval *eval) {
    nudge_error error;
    eval->classes = answered_classes(&eval->opened);
    if (eval->classes) {
        eval->evaluation.confusion = calloc(eval->classes, eval->classes * sizeof(uint64_t));
        if (!eval->evaluation.confusion)
            return say_failure("not enough memory: for a table of %zu classes", eval->classes);
    }
    if (!eval->classes) {
        eval->of_targets = calloc(nudge_net_outputs(eval->opened.net), 3 * sizeof(double));
        if (!eval->of_targets) return say_failure("not enough memory: for the targets' figures");
        eval->evaluation.of_targets = eval->of_targets;
    }
    if (nudge_evaluate(eval->opened.context, eval->opened.net, eval->opened.data, eval->opened.part,
                       &eval->evaluation, &error))
        return say_error(&error, SAY_READING);
    if (eval->evaluation.unanswered) {
        char where[320];
        format_text(where, sizeof where, "%s: %s", nudge_data_name(eval->opened.data),
                    part_name(eval->opened.part));
        return say_no_answer(where, eval->evaluation.first_unanswered);
    }
    return EXIT_DONE;
}

/* Whether the rows are like those of the training is looked for in all of them, and told once. */
static int watch_ranges(struct eval *eval) {
    struct answers answers;
    size_t rows = nudge_data_rows(eval->opened.data, eval->opened.part);
    int status = answers_begin(&answers, &eval->opened);
    for (size_t first = 0; !status && first < rows && !answers.told_range; first += answers.capacity) {
        size_t portion = rows - first < answers.capacity ? rows - first : answers.capacity;
        status = answers_look(&answers, eval->opened.data, eval->opened.part, first, portion);
    }
    answers_end(&answers);
    return status;
}

static int eval_opened(void *state) {
    struct eval *eval = state;
    int status = measure_part(eval);
    if (!status) status = watch_ranges(eval);
    if (status) return status;
    if (eval->options.json)
        print_eval_json(eval);
    else
        print_all(eval);
    return EXIT_DONE;
}

static void free_eval(void *state) {
    struct eval *eval = state;
    free(eval->evaluation.confusion);
    free(eval->of_targets);
}

enum { KEY_COST = 0x100 };

static error_t parse_eval(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    nudge_error error;
    if (key != KEY_COST) return ARGP_ERR_UNKNOWN;
    if (nudge_cost_from_name(arg, &options->cost, &error)) return option_error(options, "%s", error.message);
    return 0;
}

static const struct verb_frame frame = {
    &verb_eval, {"MODEL", "DATA"}, NEEDS_MODEL | NEEDS_COST | NEEDS_DATA | NEEDS_PART,
    NULL,       eval_opened,       free_eval};

static int run_eval(int argc, char **argv) {
    struct eval eval = {.options = options_none(), .evaluation = NUDGE_EVALUATION};
    return verb_run(&frame, &eval, &eval.opened, argc, argv);
}

static const struct argp_option table[] = {
    {"cost", KEY_COST, "NAME", 0, "another cost than the one the network was trained with", 0},
    {"loss", 0, NULL, OPTION_ALIAS, NULL, 0},
    {0},
};

static const struct argp own = {table, parse_eval, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Result", 0},
    {&options_json, 0, NULL, 0},
    {&options_language, 0, NULL, 0},
    {&options_part, 0, "Data", 0},
    {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_eval = {
    .name = "eval",
    .operands = "MODEL DATA [options]",
    .summary = "measure a saved network on data",
    .details = "Measures a saved network on the test part of DATA. For classes: cost, accuracy, which class "
               "was answered "
               "as which, and for each class recall (how much of it was found), precision (how much of what "
               "was taken for "
               "it was it) and F1 (their harmonic mean). For numbers: cost, RMSE, mean absolute error and R "
               "squared.",
    .examples = "nudge eval digits.nudge digits\nnudge eval mnist.nudge mnist --part train --json",
    .argp = &argp,
    .run = run_eval,
};
