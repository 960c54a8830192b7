/* nudge eval: how well a network does on data it can be compared with. */
#include "cli/answers.h"
#include "cli/json.h"
#include "cli/numbers.h"
#include "cli/safe.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct eval {
    struct options options;
    struct opened opened;
    nudge_part part;
    nudge_evaluation evaluation;
    size_t classes;
    double *of_targets; /* R², RMSE and MAE of each */
};

/* -- figures of a class -- */

/* Counts of one class c: asked (truth c), answered (answer c) and both. */
struct score {
    uint64_t asked, answered, right;
};

static uint64_t cell(const struct eval *eval, size_t truth, size_t answer) {
    return eval->evaluation.confusion[truth * eval->classes + answer];
}

static struct score score_of(const struct eval *eval, size_t c) {
    struct score score = {0, 0, cell(eval, c, c)};
    for (size_t other = 0; other < eval->classes; other++) {
        score.asked += cell(eval, c, other);
        score.answered += cell(eval, other, c);
    }
    return score;
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : NOT_GIVEN;
}

static double recall(struct score score) {
    return share(score.right, score.asked);
}

static double precision(struct score score) {
    return share(score.right, score.answered);
}

/* The harmonic mean of recall and precision. */
static double f1(struct score score) {
    return share(2 * score.right, score.asked + score.answered);
}

static uint64_t all_right(const struct eval *eval) {
    uint64_t right = 0;
    for (size_t c = 0; c < eval->classes; c++) right += cell(eval, c, c);
    return right;
}

/* -- for people -- */

enum { LABEL_COLUMNS = 12 };

static size_t label_columns(const struct eval *eval) {
    size_t widest = 5;
    for (size_t c = 0; c < eval->classes; c++) {
        size_t length = safe_columns(net_class_name(eval->opened.net, c).text);
        if (length > widest) widest = length;
    }
    return widest < LABEL_COLUMNS ? widest : LABEL_COLUMNS;
}

/* Wide enough for every count and, as far as they are short, every label. */
static size_t cell_columns(const struct eval *eval) {
    size_t widest = 3;
    for (size_t c = 0; c < eval->classes; c++) {
        size_t label = safe_columns(net_class_name(eval->opened.net, c).text);
        if (label < 8 && label > widest) widest = label;
        for (size_t other = 0; other < eval->classes; other++) {
            char count[24];
            size_t length =
                (size_t)snprintf(count, sizeof count, "%llu", (unsigned long long)cell(eval, c, other));
            if (length > widest) widest = length;
        }
    }
    return widest + 2;
}

/* A row a true class, a column an answer. */
static void print_table(const struct eval *eval, size_t labels, size_t cells) {
    const nudge_net *net = eval->opened.net;
    printf("\n%*s  answered\n%-*s", (int)labels, "", (int)labels, "true");
    for (size_t c = 0; c < eval->classes; c++) {
        fputs("  ", stdout);
        print_cell(stdout, net_class_name(net, c).text, (int)cells - 2);
    }
    putchar('\n');
    for (size_t c = 0; c < eval->classes; c++) {
        print_cell(stdout, net_class_name(net, c).text, -(int)labels);
        for (size_t other = 0; other < eval->classes; other++) {
            uint64_t count = cell(eval, c, other);
            if (count)
                printf("%*llu", (int)cells, (unsigned long long)count);
            else
                printf("%*s", (int)cells, ".");
        }
        putchar('\n');
    }
}

/* Where there are too many classes for a table: the most frequent confusions. */
static void print_worst(const struct eval *eval) {
    enum { WORST = 10 };
    uint64_t limit = UINT64_MAX;
    size_t printed = 0;
    printf("\nmost often confused\n");
    while (printed < WORST) {
        uint64_t next = 0;
        for (size_t i = 0; i < eval->classes * eval->classes; i++) {
            uint64_t count = eval->evaluation.confusion[i];
            if (i / eval->classes != i % eval->classes && count < limit && count > next) next = count;
        }
        if (next == 0) return;
        for (size_t i = 0; i < eval->classes * eval->classes && printed < WORST; i++) {
            size_t truth = i / eval->classes, answer = i % eval->classes;
            if (truth == answer || eval->evaluation.confusion[i] != next) continue;
            printf("  %s answered as %s: %s times\n", net_class_name(eval->opened.net, truth).text,
                   net_class_name(eval->opened.net, answer).text, number_count(next).text);
            printed++;
        }
        limit = next;
    }
}

static void print_classes(const struct eval *eval, size_t labels) {
    printf("\n%-*s%10s%11s%11s%11s\n", (int)labels, "class", "rows", "recall", "precision", "F1");
    for (size_t c = 0; c < eval->classes; c++) {
        struct score score = score_of(eval, c);
        print_cell(stdout, net_class_name(eval->opened.net, c).text, -(int)labels);
        printf("%10s%11s%11s%11s\n", number_count(score.asked).text, number_percent(recall(score), 2).text,
               number_percent(precision(score), 2).text, number_percent(f1(score), 2).text);
    }
}

static const char *cost_name(const struct eval *eval) {
    const char *noted = nudge_net_note(eval->opened.net, "cost");
    if (eval->options.cost == NUDGE_COST_AUTO && noted) return noted;
    return setup_cost_name(eval->opened.net, eval->options.cost);
}

static double metric(const struct eval *eval, nudge_metric which) {
    return eval->evaluation.metrics[which];
}

static void print_classification(const struct eval *eval) {
    uint64_t right = all_right(eval);
    printf("accuracy  %s (%s of %s)\n", number_percent(eval->evaluation.accuracy, 2).text,
           number_count(right).text, number_count(eval->evaluation.rows).text);
    printf("balanced  %s (mean of the classes' recalls)\n",
           number_percent(metric(eval, NUDGE_METRIC_BALANCED_ACCURACY), 2).text);
    printf("macro F1  %s\n", number_percent(metric(eval, NUDGE_METRIC_F1), 2).text);
    if (!isnan(metric(eval, NUDGE_METRIC_LOG_LOSS)))
        printf("log loss  %s\n", number_cost(metric(eval, NUDGE_METRIC_LOG_LOSS)).text);
    if (!isnan(metric(eval, NUDGE_METRIC_AUC))) printf("AUC       %.4f\n", metric(eval, NUDGE_METRIC_AUC));
    size_t labels = label_columns(eval), cells = cell_columns(eval);
    if (labels + cells * eval->classes <= terminal_columns(stdout))
        print_table(eval, labels, cells);
    else
        print_worst(eval);
    print_classes(eval, labels);
}

static void print_regression(const struct eval *eval) {
    size_t targets = nudge_net_outputs(eval->opened.net);
    const double *of = eval->of_targets;
    printf("RMSE      %.6g (root of the mean squared error)\n", metric(eval, NUDGE_METRIC_RMSE));
    printf("MAE       %.6g (mean absolute error)\n", metric(eval, NUDGE_METRIC_MAE));
    if (!isnan(metric(eval, NUDGE_METRIC_R_SQUARED)))
        printf("R squared %.6f%s\n", metric(eval, NUDGE_METRIC_R_SQUARED),
               targets > 1 ? " (mean of the targets')" : "");
    if (targets < 2) return;
    printf("\ntarget  R squared          RMSE           MAE\n");
    for (size_t j = 0; j < targets; j++)
        printf("%6zu  %9s  %12.6g  %12.6g%s%s\n", j, number_cost(of[j]).text, of[targets + j],
               of[2 * targets + j], *target_name(eval->opened.net, j).text ? "  " : "",
               target_name(eval->opened.net, j).text);
}

static void print_all(const struct eval *eval) {
    char name[64];
    data_short_name(eval->opened.data, name, sizeof name);
    printf("%s on %s, %s %s rows\n\n", safe(eval->options.operands[0]).text, name,
           number_count(eval->evaluation.rows).text, part_name(eval->part));
    printf("cost      %s (%s)\n", number_cost(eval->evaluation.cost).text, safe(cost_name(eval)).text);
    if (eval->classes)
        print_classification(eval);
    else
        print_regression(eval);
}

/* -- for programs -- */

static json_t *json_confusion(const struct eval *eval) {
    json_t *rows = json_array();
    for (size_t c = 0; c < eval->classes; c++) {
        json_t *row = json_array();
        for (size_t other = 0; other < eval->classes; other++)
            json_append(row, json_integer((json_int_t)cell(eval, c, other)));
        json_append(rows, row);
    }
    return rows;
}

static json_t *json_classes(const struct eval *eval) {
    json_t *rows = json_array();
    for (size_t c = 0; c < eval->classes; c++) {
        struct score score = score_of(eval, c);
        json_t *row = json_object();
        json_add(row, "label", json_class(eval->opened.net, c));
        json_add(row, "rows", json_integer((json_int_t)score.asked));
        json_add(row, "recall", json_figure(recall(score)));
        json_add(row, "precision", json_figure(precision(score)));
        json_add(row, "f1", json_figure(f1(score)));
        json_append(rows, row);
    }
    return rows;
}

/* "balanced-accuracy" is the option's word, "balanced_accuracy" the key. */
static const char *json_key(nudge_metric m) {
    static char key[32];
    snprintf(key, sizeof key, "%s", nudge_metric_name(m, NULL));
    for (char *c = key; *c; c++)
        if (*c == '-') *c = '_';
    return key;
}

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

static void print_json(const struct eval *eval) {
    static const char *const parts[] = {"train", "val", "test"};
    char name[64];
    data_short_name(eval->opened.data, name, sizeof name);
    json_t *line = json_object();
    json_add(line, "model", json_text(eval->options.operands[0]));
    json_add(line, "data", json_text(name));
    json_add(line, "part", json_text(parts[eval->part]));
    json_add(line, "rows", json_integer((json_int_t)eval->evaluation.rows));
    json_add(line, "cost_name", json_text(cost_name(eval)));
    for (nudge_metric m = NUDGE_METRIC_COST; m < NUDGE_METRICS; m++)
        if (m == NUDGE_METRIC_COST || !isnan(metric(eval, m)))
            json_add(line, json_key(m), json_figure(metric(eval, m)));
    if (eval->classes) {
        json_add(line, "classes", json_classes(eval));
        json_add(line, "confusion", json_confusion(eval));
    } else {
        json_add(line, "targets", json_targets(eval));
    }
    json_line(line, stdout, JSON_DIGITS);
}

/* -- all of it -- */

static int measure(struct eval *eval) {
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
    if (nudge_evaluate(eval->opened.context, eval->opened.net, eval->opened.data, eval->part,
                       eval->options.cost, &eval->evaluation, &error))
        return say_error(&error, SAY_READING);
    if (eval->evaluation.unanswered) {
        char where[320];
        format_text(where, sizeof where, "%s: %s", nudge_data_name(eval->opened.data), part_name(eval->part));
        return say_no_answer(where, eval->evaluation.first_unanswered);
    }
    return EXIT_DONE;
}

/* Whether the rows are like those of the training is looked for in all of them, and told once. */
static int watch_ranges(struct eval *eval) {
    struct answers answers;
    size_t rows = nudge_data_rows(eval->opened.data, eval->part);
    int status = answers_begin(&answers, &eval->opened);
    for (size_t first = 0; !status && first < rows && !answers.told_range; first += answers.capacity) {
        size_t portion = rows - first < answers.capacity ? rows - first : answers.capacity;
        status = answers_look(&answers, eval->opened.data, eval->part, first, portion);
    }
    answers_end(&answers);
    return status;
}

static int run_opened(struct eval *eval) {
    const struct options *options = &eval->options;
    int status = open_context(&eval->opened, options);
    if (!status) status = open_net(&eval->opened, options->operands[0]);
    if (!status) status = open_data(&eval->opened, options, options->operands[1]);
    if (!status) status = open_part(&eval->opened, options, &eval->part);
    if (!status) status = measure(eval);
    if (!status) status = watch_ranges(eval);
    if (status) return status;
    if (options->json)
        print_json(eval);
    else
        print_all(eval);
    return EXIT_DONE;
}

enum { KEY_COST = 0x100 };

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    nudge_error error;
    if (key != KEY_COST) return ARGP_ERR_UNKNOWN;
    if (nudge_cost_from_name(arg, &options->cost, &error)) return option_error(options, "%s", error.message);
    return 0;
}

static int run(int argc, char **argv) {
    struct eval eval = {.options = options_none(), .evaluation = NUDGE_EVALUATION};
    eval.options.operand_names[0] = "MODEL";
    eval.options.operand_names[1] = "DATA";
    eval.options.least_operands = eval.options.most_operands = 2;
    int status = options_parse(&eval.options, &verb_eval, argc, argv);
    if (status < 0) status = run_opened(&eval);
    free(eval.evaluation.confusion);
    free(eval.of_targets);
    open_close(&eval.opened);
    options_free(&eval.options);
    return status;
}

static const struct argp_option table[] = {
    {"cost", KEY_COST, "NAME", 0, "another cost than the one the network was trained with", 0},
    {"loss", 0, NULL, OPTION_ALIAS, NULL, 0},
    {0},
};

static const struct argp own = {table, parse, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Result", 0},
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
    .run = run,
};
