/* nudge cv: how well a network and its training do on rows that it has not seen, measured on all rows in turn. Invariant:
 * nothing is saved, and what is printed of the folds is in their order, whatever order they end in. */
#include "cli/open/setup.h"
#include "cli/open/verb_run.h"
#include "cli/signals.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/progress.h"
#include "cli/tell/terminal.h"
#include "cli/verbs.h"
#include "cli/verbs/confusion.h"
#include "cli/verbs/plan.h"

#include <math.h>
#include <stdlib.h>

struct cv {
    struct options options;
    struct opened
        opened;        /* its data are the first fold: what is chosen and checked is what will be trained */
    nudge_data *whole; /* all rows, of which `opened` has a fold */
    nudge_train_options training;
    nudge_cross_options cross;
    nudge_cross_result result;
    nudge_cross_fold *folds; /* [count], of which those that are `known` are filled in */
    bool *known;
    size_t count, told; /* folds of all repeats; how many of them were told, in their order */
    size_t done;
    FILE *text; /* what is for people beside the result; NULL with --quiet */
    struct progress progress;
};

/* -- figures in words -- */

/* Shares are told in percent, the deviation in percentage points. */
static bool is_share(nudge_metric metric) {
    return metric == NUDGE_METRIC_ACCURACY || metric == NUDGE_METRIC_BALANCED_ACCURACY ||
           metric == NUDGE_METRIC_PRECISION || metric == NUDGE_METRIC_F1;
}

static struct number_text figure_text(nudge_metric metric, double value) {
    return is_share(metric) ? number_percent(value, 2) : number_short(value, 4);
}

static struct number_text deviation_text(nudge_metric metric, double value) {
    struct number_text text;
    if (!is_share(metric) || isnan(value)) return number_short(value, 2);
    snprintf(text.text, sizeof text.text, "%.2f", 100 * value);
    return text;
}

/* By which folds are compared: what patience watches, if that was said, else what says most of the task. */
static nudge_metric main_metric(const struct cv *cv) {
    if (cv->options.metric_given) return cv->options.metric;
    return nudge_data_classes(cv->whole) ? NUDGE_METRIC_ACCURACY : NUDGE_METRIC_RMSE;
}

struct fold_name {
    char text[64];
};
static struct fold_name fold_name(const struct cv *cv, const nudge_cross_fold *fold) {
    struct fold_name name;
    snprintf(name.text, sizeof name.text, "fold %zu", fold->fold + 1);
    if (cv->cross.repeats > 1)
        snprintf(name.text, sizeof name.text, "fold %zu of repeat %zu", fold->fold + 1, fold->repeat + 1);
    return name;
}

/* -- before: what is going to be done -- */

static void print_folds(const struct cv *cv) {
    size_t rows = nudge_data_rows(cv->whole, NUDGE_PART_TRAIN) +
                  nudge_data_rows(cv->whole, NUDGE_PART_VALIDATION),
           folds = cv->cross.folds, least = rows / folds, most = (rows + folds - 1) / folds,
           validation = nudge_data_rows(cv->opened.data, NUDGE_PART_VALIDATION),
           test = nudge_data_rows(cv->whole, NUDGE_PART_TEST);
    char more[3][96] = {"", "", ""}, words[448];
    if (least < most) snprintf(more[0], sizeof more[0], "%s or ", number_count(least).text);
    if (validation)
        snprintf(more[1], sizeof more[1], ", of which %s validate", number_count(validation).text);
    if (cv->cross.repeats > 1)
        snprintf(more[2], sizeof more[2], "; %zu times, with seeds %llu to %llu", cv->cross.repeats,
                 (unsigned long long)cv->cross.seed,
                 (unsigned long long)(cv->cross.seed + cv->cross.repeats - 1));
    snprintf(words, sizeof words, "%zu of %s%s row%s%s; for each a network learns the others%s%s", folds,
             more[0], number_count(most).text, most == 1 ? "" : "s",
             nudge_data_classes(cv->whole) ? ", drawn by class" : "", more[1], more[2]);
    plan_line(cv->text, "folds", words);
    if (!test) return;
    snprintf(words, sizeof words, "the %s row%s of the test part take%s no part", number_count(test).text,
             test == 1 ? "" : "s", test == 1 ? "s" : "");
    plan_line(cv->text, "", words);
}

static void print_plan(const struct cv *cv) {
    char name[64], words[320];
    data_short_name(cv->whole, name, sizeof name);
    size_t rows =
        nudge_data_rows(cv->whole, NUDGE_PART_TRAIN) + nudge_data_rows(cv->whole, NUDGE_PART_VALIDATION);
    snprintf(words, sizeof words, "%s: %s rows of %s", name, number_count(rows).text,
             plan_row(cv->whole).text);
    plan_line(cv->text, "data", words);
    plan_columns(cv->text, &cv->opened);
    print_folds(cv);
    plan_training(cv->text, &cv->opened, &cv->training, cv->options.patience == 0, cv->options.verbose);
    fflush(cv->text);
}

/* -- meanwhile -- */

static void add_metrics(json_t *line, const double *metrics) {
    for (nudge_metric m = NUDGE_METRIC_COST; m < NUDGE_METRICS; m++)
        if (m == NUDGE_METRIC_COST || !isnan(metrics[m]))
            json_add(line, metric_key(m).text, json_figure(metrics[m]));
}

static void json_fold(const nudge_cross_fold *fold) {
    json_t *line = json_object();
    json_add(line, "event", json_text("fold"));
    json_add(line, "repeat", json_count(fold->repeat + 1));
    json_add(line, "fold", json_count(fold->fold + 1));
    json_add(line, "train_rows", json_count(fold->train_rows));
    json_add(line, "val_rows", json_count(fold->validation_rows));
    json_add(line, "test_rows", json_count(fold->test_rows));
    json_add(line, "diverged", json_boolean(fold->diverged));
    json_add(line, "epochs", json_count(fold->epochs));
    json_add(line, "best_epoch", json_count(fold->best_epoch));
    json_add(line, "train_cost", json_figure(fold->train_cost));
    add_metrics(line, fold->metrics);
    json_add(line, "seconds", json_figure(fold->seconds));
    json_event(line);
}

static void print_fold(struct cv *cv, const nudge_cross_fold *fold) {
    nudge_metric metric = main_metric(cv);
    progress_clear();
    if (fold->diverged)
        fprintf(cv->text, "%s: diverged\n", fold_name(cv, fold).text);
    else
        fprintf(cv->text, "%s: %s %s, cost %s after %zu epoch%s in %s\n", fold_name(cv, fold).text,
                nudge_metric_name(metric, NULL), figure_text(metric, fold->metrics[metric]).text,
                number_cost(fold->metrics[NUDGE_METRIC_COST]).text, fold->epochs,
                fold->epochs == 1 ? "" : "s", number_seconds(fold->seconds).text);
    fflush(cv->text);
}

/* Folds are told as far as all before them are known, or (`all`) those that are. */
static void tell_folds(struct cv *cv, bool all) {
    for (; cv->told < cv->count && (all || cv->known[cv->told]); cv->told++) {
        const nudge_cross_fold *fold = &cv->folds[cv->told];
        if (!cv->known[cv->told]) continue;
        if (cv->options.json) json_fold(fold);
        if (cv->text && cv->options.verbose) print_fold(cv, fold);
    }
}

/* Nobody reads the figures any more, or a signal has come. */
static bool goes_on(void) {
    return signals_caught() == 0 && !ferror(stdout);
}

static bool on_fold(void *user, const nudge_cross_fold *fold) {
    struct cv *cv = user;
    size_t index = fold->repeat * cv->cross.folds + fold->fold;
    cv->folds[index] = *fold;
    cv->known[index] = true;
    cv->done++;
    tell_folds(cv, false);
    return goes_on();
}

static bool on_progress(void *user, double share) {
    struct cv *cv = user;
    char words[64];
    snprintf(words, sizeof words, "%zu of %zu folds", cv->done, cv->count);
    progress_share(&cv->progress, words, share);
    return goes_on();
}

/* -- after -- */

static void print_metric(const struct cv *cv, nudge_metric metric) {
    const nudge_cross_result *result = &cv->result;
    size_t known = result->known[metric];
    printf("%-18s %s", nudge_metric_name(metric, NULL), figure_text(metric, result->mean[metric]).text);
    if (known > 1)
        printf(" %s %s", terminal_utf8() ? "±" : "+-",
               deviation_text(metric, result->deviation[metric]).text);
    printf(" (%s fold%s)\n", number_count(known).text, known == 1 ? "" : "s");
}

/* The first of those that are alike. NULL: the metric is known of no fold. */
static const nudge_cross_fold *extreme_fold(const struct cv *cv, nudge_metric metric, bool best) {
    const nudge_cross_fold *found = NULL;
    bool highest = nudge_metric_higher_is_better(metric) == best;
    for (size_t i = 0; i < cv->count; i++) {
        if (!cv->known[i] || isnan(cv->folds[i].metrics[metric])) continue;
        double figure = cv->folds[i].metrics[metric];
        if (!found || (highest ? figure > found->metrics[metric] : figure < found->metrics[metric]))
            found = &cv->folds[i];
    }
    return found;
}

static void print_extreme(const struct cv *cv, const char *name, bool best) {
    nudge_metric metric = main_metric(cv);
    const nudge_cross_fold *fold = extreme_fold(cv, metric, best);
    if (fold)
        printf("%-18s %s: %s %s\n", name, fold_name(cv, fold).text, nudge_metric_name(metric, NULL),
               figure_text(metric, fold->metrics[metric]).text);
}

static struct confusion confusion_of(const struct cv *cv) {
    return (struct confusion){cv->opened.net, answered_classes(&cv->opened), cv->result.confusion};
}

static void print_result(const struct cv *cv) {
    const nudge_cross_result *result = &cv->result;
    if (cv->text == stdout && (result->stopped || result->folds)) putchar('\n');
    if (result->stopped) printf("stopped            after %zu of %zu folds\n", result->folds, cv->count);
    if (result->diverged)
        printf("diverged           %zu of %zu folds, which are left out\n", result->diverged, cv->count);
    if (result->folds == 0) return;
    for (nudge_metric m = NUDGE_METRIC_COST; m < NUDGE_METRICS; m++)
        if (result->known[m]) print_metric(cv, m);
    print_extreme(cv, "worst", false);
    print_extreme(cv, "best", true);
    if (result->unanswered)
        printf("unanswered         %s of %s rows, whose outputs are not finite: they count as wrong\n",
               number_count(result->unanswered).text, number_count(result->rows).text);
    struct confusion confusion = confusion_of(cv);
    if (confusion.classes) confusion_print(&confusion);
}

static void json_done(const struct cv *cv) {
    const nudge_cross_result *result = &cv->result;
    char name[64];
    data_short_name(cv->whole, name, sizeof name);
    json_t *line = json_object(), *mean = json_object(), *deviation = json_object();
    json_add(line, "event", json_text("done"));
    json_add(line, "data", json_text(name));
    json_add(line, "network", json_text(nudge_net_text(cv->opened.net)));
    json_add(line, "cost_name", json_text(nudge_cost_name(nudge_net_cost(cv->opened.net, NULL))));
    json_add(line, "seed", json_count(cv->cross.seed));
    json_add(line, "repeats", json_count(cv->cross.repeats));
    json_add(line, "folds", json_count(cv->cross.folds));
    json_add(line, "measured", json_count(result->folds));
    json_add(line, "diverged", json_count(result->diverged));
    json_add(line, "stopped", json_boolean(result->stopped));
    json_add(line, "rows", json_count(result->rows));
    json_add(line, "unanswered", json_count(result->unanswered));
    add_metrics(mean, result->mean);
    add_metrics(deviation, result->deviation);
    json_add(line, "mean", mean);
    json_add(line, "deviation", deviation);
    struct confusion confusion = confusion_of(cv);
    if (confusion.classes) {
        json_add(line, "classes", confusion_json_classes(&confusion));
        json_add(line, "confusion", confusion_json(&confusion));
    }
    json_event(line);
}

/* -- all of it -- */

static void choose(struct cv *cv) {
    const struct options *options = &cv->options;
    cv->cross.seed = options->seed;
    cv->cross.init_range = isnan(options->init_range) ? 1 : options->init_range;
    cv->cross.scale = options->scale;
    cv->cross.target_scale = options->target_scale;
    cv->cross.validation_split = isnan(options->val_split) ? 0 : options->val_split;
    cv->cross.on_fold = on_fold;
    cv->cross.on_progress = on_progress;
    cv->cross.user = cv;
    cv->options.val_split = NOT_GIVEN; /* it is the folds that are split, not the data */
}

static int check_cv(void *state) {
    struct cv *cv = state;
    const struct options *options = &cv->options;
    cv->text = options->quiet ? NULL : options->json ? stderr : stdout;
    if (options->quiet && options->verbose) return say_usage("-q and -v contradict each other");
    if (!isnan(options->val_split) && !options->patience)
        return say_usage("--val-split is for --patience here: validation rows have no other use in a fold");
    choose(cv);
    return EXIT_DONE;
}

/* The first fold, split as all will be. */
static int open_fold(struct cv *cv) {
    nudge_error error;
    cv->whole = cv->opened.data;
    cv->opened.data = NULL;
    nudge_status status = nudge_data_fold(cv->opened.context, cv->whole, cv->cross.folds, 0, cv->cross.seed,
                                          &cv->opened.data, &error);
    if (!status && cv->cross.validation_split > 0)
        status = nudge_data_split(cv->opened.data, cv->cross.validation_split, cv->cross.seed, &error);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

/* The net has not been trained, which would give it the classes' names. */
static int name_classes(struct cv *cv) {
    nudge_error error;
    size_t classes = nudge_data_classes(cv->whole);
    if (!nudge_data_label_name(cv->whole, 0) || answered_classes(&cv->opened) != classes) return EXIT_DONE;
    const char **names = calloc(classes, sizeof *names);
    if (!names) return say_failure("not enough memory: for the classes' names");
    for (size_t c = 0; c < classes; c++) names[c] = nudge_data_label_name(cv->whole, c);
    nudge_status status = nudge_net_set_labels(cv->opened.net, names, classes, &error);
    free(names);
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

static int make_room(struct cv *cv) {
    size_t classes = answered_classes(&cv->opened);
    cv->count = cv->cross.folds * cv->cross.repeats;
    cv->folds = calloc(cv->count, sizeof *cv->folds);
    cv->known = calloc(cv->count, sizeof *cv->known);
    if (classes) cv->result.confusion = calloc(classes, classes * sizeof(uint64_t));
    if (!cv->folds || !cv->known || (classes && !cv->result.confusion))
        return say_failure("not enough memory: for %zu folds", cv->count);
    return EXIT_DONE;
}

static int prepare_cv(struct cv *cv) {
    struct options *options = &cv->options;
    int status = open_fold(cv);
    if (!status)
        status = setup_validation(&cv->opened, options); /* of a fold, where training is to stop by them */
    if (!status && !isnan(options->val_split)) cv->cross.validation_split = options->val_split;
    if (!status) status = setup_net(&cv->opened, options);
    if (!status) cv->cross.init = setup_init(&cv->opened, options);
    if (!status) cv->cross.cost = nudge_net_cost(cv->opened.net, &cv->cross.cost_delta);
    if (!status) status = setup_training(&cv->opened, options, &cv->training);
    if (!status) status = setup_meet(&cv->opened, options, &cv->training);
    if (!status) status = name_classes(cv);
    if (!status) status = make_room(cv);
    cv->cross.net = status ? NULL : nudge_net_text(cv->opened.net);
    cv->cross.training = &cv->training;
    return status;
}

static int cv_opened(void *state) {
    struct cv *cv = state;
    nudge_error error;
    int told = prepare_cv(cv);
    if (told) return told;
    if (cv->text) print_plan(cv);
    signals_catch();
    progress_begin(&cv->progress, cv->text, cv->options.verbose);
    nudge_status status =
        nudge_cross_validate(cv->opened.context, cv->whole, &cv->cross, &cv->result, &error);
    progress_end(&cv->progress);
    tell_folds(cv, true);
    if (status && status != NUDGE_DIVERGED) return say_error(&error, cv->done ? SAY_RUNNING : SAY_READING);
    if (cv->options.json)
        json_done(cv);
    else
        print_result(cv);
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

static void free_cv(void *state) {
    struct cv *cv = state;
    free(cv->folds);
    free(cv->known);
    free(cv->result.confusion);
    if (cv->whole) {
        nudge_data_free(cv->opened.data); /* before the set whose rows it shares */
        cv->opened.data = cv->whole;
    }
}

enum { KEY_FOLDS = 0x100, KEY_REPEATS };

static error_t parse_cv(int key, char *arg, struct argp_state *state) {
    struct cv *cv = state->input;
    struct options *options = state->input;
    switch (key) {
    case KEY_FOLDS: return option_size(options, "--folds", arg, 2, &cv->cross.folds);
    case KEY_REPEATS: return option_size(options, "--repeats", arg, 1, &cv->cross.repeats);
    case 'q': options->quiet = true; return 0;
    case 'v': options->verbose = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct verb_frame frame = {&verb_cv, {"DATA"}, NEEDS_DATA, check_cv, cv_opened, free_cv};

static int run_cv(int argc, char **argv) {
    struct cv cv = {.options = options_none(), .cross = NUDGE_CROSS_OPTIONS, .result = NUDGE_CROSS_RESULT};
    return verb_run(&frame, &cv, &cv.opened, argc, argv);
}

static const struct argp_option table[] = {
    {"folds", KEY_FOLDS, "N", 0, "into how many parts the rows are dealt; default 10", 0},
    {"repeats", KEY_REPEATS, "R", 0,
     "do it R times, with new folds and weights from --seed, then --seed + 1 and so on; default 1", 0},
    {"quiet", 'q', NULL, 0, "print the result alone", 0},
    {"verbose", 'v', NULL, 0, "a line for every fold, too", 0},
    {0},
};

static const struct argp own = {table, parse_cv, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Folds", 0},
    {&options_json, 0, NULL, 0},
    {&options_network, 0, "Network", 0},
    {&options_cost, 0, "Training", 0},
    {&options_training, 0, NULL, 0},
    {&options_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_cv = {
    .name = "cv",
    .operands = "DATA [options] [@RECIPE]",
    .summary = "measure a network and its training on folds of data",
    .details = "Cross-validation: deals all rows of DATA out into folds, class by class, and for each fold "
               "trains a new "
               "network on all others and measures it on that one. Tells mean and standard deviation over "
               "the folds, and "
               "which class was answered as which in all of them. Columns are scaled by each fold's training "
               "rows alone. A "
               "test part takes no part. Nothing is saved; what is not given is chosen as train does.\n"
               "Folds are computed side by side, as many at once as there are --threads: results do not "
               "depend on it. "
               "Ctrl-C ends it and tells what is known of the folds that are done.",
    .examples = "nudge cv flowers.csv\n"
                "nudge cv flowers.csv --folds 5 --repeats 4 --hidden 8\n"
                "nudge cv houses.csv --patience 10 --val-split 0.2 --epochs 200",
    .argp = &argp,
    .run = run_cv,
};
