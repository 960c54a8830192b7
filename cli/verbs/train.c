/* nudge train: from random weights to a network that has learnt. Invariant: the file that -o names is written
 * once, after the training, and only when the training did not fail. */
#include "cli/open/from.h"
#include "cli/open/open.h"
#include "cli/open/setup.h"
#include "cli/plot/training.h"
#include "cli/signals.h"
#include "cli/tell/files.h"
#include "cli/tell/findings.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"
#include "cli/verbs/checkpoint.h"
#include "cli/verbs/journaling.h"
#include "cli/verbs/plan.h"
#include "cli/verbs/watch.h"

#include <math.h>
#include <nudge_insight.h>
#include <string.h>

struct train {
    struct options options;
    struct opened opened;
    nudge_train_options training;
    nudge_train_result result;
    struct progress progress;
    nudge_progress last; /* where training stood at the last step */
    FILE *text;          /* what is for people; NULL with --quiet */
    const char *folder;  /* --plot: where pictures go, or NULL */
    struct plot_history history;
    struct journaling journaling;
    struct checkpointing checkpointing;
    struct findings findings;
    struct watch watch;
};

/* -- before: what is going to be done -- */

static void print_plan(const struct train *train) {
    plan_data(train->text, &train->opened);
    plan_columns(train->text, &train->opened);
    plan_from(train->text, &train->opened, &train->options);
    plan_training(train->text, &train->opened, &train->training, train->options.patience == 0,
                  train->options.verbose);
    fflush(train->text);
}

/* Who reads the events sees each as soon as it happens. */
static void json_event(json_t *line) {
    json_line(line, stdout, JSON_DIGITS);
    fflush(stdout);
}

static json_t *count(size_t value) {
    return json_integer((json_int_t)value);
}

static void json_start(const struct train *train) {
    const nudge_data *data = train->opened.data;
    const nudge_net *net = train->opened.net;
    const nudge_train_options *training = &train->training;
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    bool one_cycle = training->schedule == NUDGE_SCHEDULE_ONE_CYCLE;
    char name[64];
    data_short_name(data, name, sizeof name);
    json_t *line = json_object();
    json_add(line, "event", json_text("start"));
    json_add(line, "data", json_text(name));
    if (train->opened.from) json_add(line, "from", from_json(&train->opened, &train->options));
    json_add(line, "train_rows", count(nudge_data_rows(data, NUDGE_PART_TRAIN)));
    json_add(line, "val_rows", count(nudge_data_rows(data, NUDGE_PART_VALIDATION)));
    json_add(line, "test_rows", count(nudge_data_rows(data, NUDGE_PART_TEST)));
    json_add(line, "inputs", count(nudge_net_inputs(net)));
    json_add(line, "network", json_text(nudge_net_text(net)));
    json_add(line, "parameters", count(nudge_net_parameters(net)));
    json_add(line, "cost", json_text(nudge_cost_name(nudge_net_cost(net, NULL))));
    json_add(line, "optimizer", json_text(nudge_optimizer_name(training->optimizer)));
    json_add(line, "learning_rate", json_figure(training->learning_rate));
    for (size_t i = 0; optimizer_option(i, &parameter); i++) {
        bool takes = optimizer_takes(training->optimizer, &parameter);
        json_add(line, parameter.name, json_figure(takes ? optimizer_value_of(training, &parameter) : NAN));
    }
    json_add(line, "l1", json_figure(training->l1));
    json_add(line, "l2", json_figure(training->l2));
    json_add(line, "weight_decay", json_figure(training->weight_decay));
    json_add(line, "schedule", json_text(nudge_schedule_name(training->schedule)));
    json_add(line, "warmup", json_figure(one_cycle ? training->warmup : NAN));
    json_add(line, "batch_size", count(training->batch_size));
    json_add(line, "epochs", count(training->epochs));
    json_add(line, "seed", json_integer((json_int_t)training->seed));
    json_add(line, "engine", json_text(nudge_context_engine(train->opened.context)));
    json_add(line, "precision", json_text(nudge_context_precision(train->opened.context)));
    json_add(line, "cpu_level", json_text(nudge_context_cpu_level(train->opened.context)));
    json_add(line, "threads", json_integer(nudge_context_threads(train->opened.context)));
    json_event(line);
}

/* -- meanwhile -- */

static void json_epoch(const nudge_progress *now) {
    json_t *line = json_object();
    json_add(line, "event", json_text("epoch"));
    json_add(line, "epoch", count(now->epoch));
    json_add(line, "train_cost", json_figure(now->train_cost));
    json_add(line, "train_accuracy", json_figure(now->train_accuracy));
    json_add(line, "val_cost", json_figure(now->validation_cost));
    json_add(line, "val_accuracy", json_figure(now->validation_accuracy));
    json_add(line, "test_cost", json_figure(now->test_cost));
    json_add(line, "test_accuracy", json_figure(now->test_accuracy));
    json_add(line, "penalty", json_figure(now->penalty));
    json_add(line, "learning_rate", json_figure(now->learning_rate));
    json_add(line, "seconds", json_figure(now->seconds));
    json_add(line, "samples_per_second", json_figure((double)now->rows / now->seconds));
    json_event(line);
}

/* Training for nobody: no one reads the figures and no file is asked for. */
static bool is_pointless(const struct train *train) {
    return ferror(stdout) && !train->options.file && !train->journaling.file && !train->folder;
}

static bool on_step(void *user, const nudge_progress *now) {
    struct train *train = user;
    train->last = *now;
    watch_step(&train->watch, &train->progress, train->training.learning_rate, now);
    progress_step(&train->progress, now);
    return signals_caught() == 0;
}

static bool on_epoch(void *user, const nudge_progress *now) {
    struct train *train = user;
    progress_epoch(&train->progress, now);
    if (train->options.json) json_epoch(now);
    if (train->folder) plot_training_epoch(&train->history, now);
    watch_epoch(&train->watch, &train->progress, &train->opened, &train->training, now);
    return !is_pointless(train);
}

/* -- after: notes, the file, the summary -- */

static void note(struct train *train, nudge_status *status, nudge_error *error, const char *key,
                 const char *value) {
    if (!*status) *status = nudge_net_set_note(train->opened.net, key, value, error);
}

static void note_count(struct train *train, nudge_status *status, nudge_error *error, const char *key,
                       uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    note(train, status, error, key, text);
}

static void note_figure(struct train *train, nudge_status *status, nudge_error *error, const char *key,
                        double value) {
    char text[32];
    snprintf(text, sizeof text, "%.9g", value);
    if (!isnan(value)) note(train, status, error, key, text);
}

/* What is known before the training: a journal carries it, too. No times, paths or numbers of threads: the
 * same command gives the same file. */
static nudge_status note_setup(struct train *train, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    const struct options *options = &train->options;
    char text[256];
    data_short_name(train->opened.data, text, sizeof text);
    note(train, &status, error, "data", text);
    if (data_is_builtin(train->opened.data))
        note_count(train, &status, error, "data_seed", options->data_seed);
    if (!isnan(options->val_split)) note_figure(train, &status, error, "val_split", options->val_split);
    if (nudge_data_test_share(train->opened.data) > 0) {
        note_figure(train, &status, error, "test_split", nudge_data_test_share(train->opened.data));
        note_count(train, &status, error, "rows", all_rows(train->opened.data));
        if (train->opened.divided && train->opened.split_seed != train->training.seed)
            note_count(train, &status, error, "test_split_seed", train->opened.split_seed);
    }
    note(train, &status, error, "training", setup_summary(&train->training, false, text, sizeof text));
    note_count(train, &status, error, "seed", train->training.seed);
    if (train->opened.from) {
        char from[512];
        from_note(&train->opened, options, from, sizeof from);
        note(train, &status, error, "from", from);
    }
    if (from_draws(&train->opened))
        note(train, &status, error, "init", nudge_init_name(setup_init(&train->opened, options)));
    if (!isnan(options->init_range)) note_figure(train, &status, error, "init_range", options->init_range);
    note(train, &status, error, "engine", nudge_context_engine(train->opened.context));
    note(train, &status, error, "precision", nudge_context_precision(train->opened.context));
    const char *kernel = nudge_context_bf16_kernel(train->opened.context);
    if (kernel) note(train, &status, error, "bf16_kernel", kernel);
    return status;
}

/* How it went. */
static nudge_status note_result(struct train *train, nudge_error *error) {
    const nudge_train_result *result = &train->result;
    nudge_status status = NUDGE_OK;
    note_count(train, &status, error, "epochs", result->epochs);
    if (result->best_epoch && result->best_epoch != result->epochs)
        note_count(train, &status, error, "best_epoch", result->best_epoch);
    if (result->stopped) {
        char place[64];
        snprintf(place, sizeof place, "in epoch %zu after step %zu of %zu", train->last.epoch,
                 train->last.step, train->last.steps);
        note(train, &status, error, "stopped", place);
    }
    note_figure(train, &status, error, "train_cost", result->train_cost);
    note_figure(train, &status, error, "train_accuracy", result->train_accuracy);
    note_figure(train, &status, error, "val_cost", result->validation_cost);
    note_figure(train, &status, error, "val_accuracy", result->validation_accuracy);
    note_figure(train, &status, error, "test_cost", result->test_cost);
    note_figure(train, &status, error, "test_accuracy", result->test_accuracy);
    if (train->training.l1 > 0 || train->training.l2 > 0)
        note_figure(train, &status, error, "penalty", result->penalty);
    return status;
}

static int save(struct train *train) {
    nudge_error error;
    if (!train->options.file) return EXIT_DONE;
    nudge_status status = note_result(train, &error);
    signals_hold();
    if (!status) status = nudge_net_save(train->opened.net, train->options.file, &error);
    signals_release();
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

static void print_part(const struct train *train, const char *name, double cost, double accuracy,
                       const char *remark) {
    if (isnan(cost)) return;
    print_cell(train->text, text_word(name), -10);
    fprintf(train->text, text_word("cost %s"), number_cost(cost).text);
    if (!isnan(accuracy)) fprintf(train->text, text_word(", accuracy %s"), number_percent(accuracy, 2).text);
    fprintf(train->text, "%s\n", remark);
}

static void print_how_far(const struct train *train) {
    const nudge_train_result *result = &train->result;
    fprintf(train->text,
            result->epochs == 1 ? text_word("trained   %zu epoch in %s, %s examples a second\n")
                                : text_word("trained   %zu epochs in %s, %s examples a second\n"),
            result->epochs, number_seconds(result->seconds).text,
            number_count((uint64_t)(result->samples_per_second + 0.5)).text);
    if (result->stopped)
        fprintf(train->text, text_word("stopped   in epoch %zu of %zu, after step %zu of %zu\n"),
                train->last.epoch, train->training.epochs, train->last.step, train->last.steps);
    if (result->stopped && train->checkpointing.checkpoint && !train->checkpointing.told)
        fprintf(train->text, text_word("goes on   with nudge train --resume %s\n"),
                safe(train->checkpointing.resume ? train->checkpointing.resume : train->options.file).text);
    if (result->stopped_early)
        fprintf(train->text,
                text_word("stopped   early: validation was best in epoch %zu, whose parameters are kept\n"),
                result->best_epoch);
}

static void print_result(const struct train *train) {
    const nudge_train_result *result = &train->result;
    bool cut_short = train->last.step < train->last.steps;
    const char *dropped =
        strstr(nudge_net_text(train->opened.net), "dropout") ? text_word(", with dropout") : "";
    char remark[96];
    snprintf(remark, sizeof remark, text_word(" (mean over the last epoch%s)"), dropped);
    if (cut_short)
        snprintf(remark, sizeof remark, text_word(" (mean over its first %s rows%s)"),
                 number_count(train->last.rows).text, dropped);
    print_how_far(train);
    print_part(train, "train", result->train_cost, result->train_accuracy, remark);
    print_part(train, "val", result->validation_cost, result->validation_accuracy, "");
    print_part(train, "test", result->test_cost, result->test_accuracy, "");
    if (train->training.l1 > 0 || train->training.l2 > 0)
        fprintf(train->text, text_word("penalty   %s, of the weights; in no cost above\n"),
                number_cost(result->penalty).text);
    if (train->options.file)
        fprintf(train->text, text_word("saved     %s\n"), safe(train->options.file).text);
    else
        fprintf(train->text, text_word("saved     nothing: -o FILE keeps the network\n"));
    findings_print(&train->findings, train->text, FINDINGS_SHOWN);
}

static void json_done(const struct train *train) {
    const nudge_train_result *result = &train->result;
    char digest[65];
    nudge_net_digest(train->opened.net, digest);
    json_t *line = json_object();
    json_add(line, "event", json_text("done"));
    json_add(line, "epoch", count(result->epochs));
    json_add(line, "best_epoch", count(result->best_epoch));
    json_add(line, "stopped", json_boolean(result->stopped));
    json_add(line, "stopped_early", json_boolean(result->stopped_early));
    json_add(line, "train_cost", json_figure(result->train_cost));
    json_add(line, "train_accuracy", json_figure(result->train_accuracy));
    json_add(line, "val_cost", json_figure(result->validation_cost));
    json_add(line, "val_accuracy", json_figure(result->validation_accuracy));
    json_add(line, "test_cost", json_figure(result->test_cost));
    json_add(line, "test_accuracy", json_figure(result->test_accuracy));
    json_add(line, "penalty", json_figure(result->penalty));
    json_add(line, "seconds", json_figure(result->seconds));
    json_add(line, "samples_per_second", json_figure(result->samples_per_second));
    json_add(line, "findings", findings_json(&train->findings));
    json_add(line, "digest", json_text(digest));
    json_add(line, "model", json_text(train->options.file));
    if (train->journaling.file) json_add(line, "journal", json_text(train->journaling.file));
    json_event(line);
}

static void print_resumed(const struct train *train) {
    size_t epoch, step;
    if (!train->checkpointing.resume) return;
    nudge_checkpoint_place(train->checkpointing.checkpoint, &epoch, &step);
    fprintf(train->text, text_word("goes on   from the checkpoint of %s: epoch %zu, step %s\n"),
            safe(train->checkpointing.resume).text, epoch, number_count(step).text);
    fflush(train->text);
}

/* -- all of it -- */

static int prepare(struct train *train) {
    const struct options *options = &train->options;
    train->checkpointing.json = options->json;
    if (options->quiet && !options->json) files_leave_standard_output();
    int status = options->quiet && options->verbose ? say_usage("-q and -v contradict each other")
                                                    : journaling_check(&train->journaling);
    if (!status && options->file) status = files_write(options->file);
    if (!status && train->folder) status = plot_training_check(train->folder);
    if (!status) status = open_context(&train->opened, options);
    if (!status) status = checkpoint_open(&train->checkpointing, train->opened.context, options->file);
    const nudge_checkpoint *checkpoint = train->checkpointing.checkpoint;
    if (!status)
        status = from_open(&train->opened, options, checkpoint ? nudge_checkpoint_net(checkpoint) : NULL);
    if (!status) status = open_data(&train->opened, options, options->operands[0]);
    if (!status) status = setup_validation(&train->opened, &train->options);
    if (!status) status = setup_net(&train->opened, options);
    if (!status) status = setup_training(&train->opened, options, &train->training);
    if (!status) status = setup_meet(&train->opened, &train->options, &train->training);
    if (!status)
        status = journaling_open(&train->journaling, train->opened.context,
                                 train->checkpointing.resume ? train->checkpointing.checkpoint : NULL);
    train->training.journal = train->journaling.journal;
    train->training.checkpoint = train->checkpointing.checkpoint;
    train->training.on_step = on_step;
    train->training.on_epoch = on_epoch;
    train->training.user = train;
    return status;
}

/* What does not fit is bad usage; that training diverges is a failure, and the sentence of the library says
 * where. */
static int learn(struct train *train) {
    nudge_error error;
    nudge_status status = note_setup(train, &error);
    if (status) return say_error(&error, SAY_RUNNING);
    status = nudge_train(train->opened.context, train->opened.net, train->opened.data, &train->training,
                         &train->result, &error);
    progress_end(&train->progress);
    if (!status || status == NUDGE_DIVERGED)
        findings_make(&train->findings, train->opened.context, train->opened.net, train->opened.data,
                      &train->training, &train->result, status == NUDGE_DIVERGED);
    if (status == NUDGE_DIVERGED) {
        int told = say_error(&error, SAY_RUNNING);
        findings_print(&train->findings, stderr, FINDINGS_SHOWN);
        return told;
    }
    /* Before the first step nothing has happened: what was asked for does not fit. */
    return status ? say_error(&error, train->last.step ? SAY_RUNNING : SAY_READING) : EXIT_DONE;
}

static int run_prepared(struct train *train) {
    if (train->text) print_plan(train);
    if (train->text) print_resumed(train);
    if (train->options.json) json_start(train);
    signals_catch();
    progress_begin(&train->progress, train->text, train->options.verbose);
    int status = learn(train);
    bool measured = status == EXIT_DONE;
    /* A network that is trained is not lost when what it came to cannot be measured, as its data can no longer be
     * read. */
    if (train->result.complete) {
        int saved = save(train);
        if (!measured && !saved && train->options.file)
            say_failure("%s: saved all the same, as the training was done; without its figures",
                        train->options.file);
        if (measured) status = saved;
    }
    /* Whatever ended the training: the journal of one that diverged shows how it came to that. Of one that goes on nothing may
     * have been left to do but this. After the network, which matters more where there is little room. */
    int kept =
        train->last.step > 0 || train->result.complete ? journaling_save(&train->journaling) : EXIT_DONE;
    if (status) return status;
    if (train->text) print_result(train);
    if (train->text && !kept) journaling_print(&train->journaling, train->text);
    if (train->options.json) json_done(train);
    if (kept || !train->folder) return kept;
    return plot_training(train->folder, &train->opened, train->options.file, &train->history, train->text)
               ? EXIT_FAILED
               : EXIT_DONE;
}

enum {
    KEY_PLOT = 0x100,
    KEY_JOURNAL,
    KEY_JOURNAL_EVERY,
    KEY_JOURNAL_SIZE,
    KEY_EVERY,
    KEY_RESUME,
    KEY_PREVIOUS
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct train *train = state->input;
    struct options *options = state->input;
    switch (key) {
    case 'o': options->file = arg; return 0;
    case 'q': options->quiet = true; return 0;
    case 'v': options->verbose = true; return 0;
    case KEY_PLOT: train->folder = arg; return 0;
    case KEY_JOURNAL: train->journaling.file = arg; return 0;
    case KEY_EVERY: return checkpoint_every(options, &train->checkpointing, arg);
    case KEY_RESUME: train->checkpointing.resume = arg; return 0;
    case KEY_PREVIOUS: train->checkpointing.allow_previous = true; return 0;
    case KEY_JOURNAL_EVERY: return journaling_every(options, &train->journaling, arg);
    case KEY_JOURNAL_SIZE:
        return option_bytes(options, "--journal-size", arg, &train->journaling.options.bytes);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static struct train nothing_asked(void) {
    struct train train = {.options = options_none(),
                          .result = NUDGE_TRAIN_RESULT,
                          .journaling.options = NUDGE_JOURNAL_OPTIONS,
                          .checkpointing.options = NUDGE_CHECKPOINT_OPTIONS};
    train.options.operand_names[0] = "DATA";
    train.options.most_operands = 1;
    train.options.data.test_split = -0.2; /* where nothing else says what to test with */
    return train;
}

/* Parses; with --resume once more, the earlier command's words and these. Returns -1 to go on, else the exit status. */
static int parse_command(struct train *train, int argc, char **argv) {
    int status = options_parse(&train->options, &verb_train, argc, argv);
    if (status >= 0) return status;
    if (train->checkpointing.resume) {
        struct checkpointing words = train->checkpointing;
        status = checkpoint_command(&words, train->options.operands[0], &argc, &argv);
        options_free(&train->options);
        *train = nothing_asked();
        train->checkpointing.words = words.words;
        train->checkpointing.word_count = words.word_count;
        if (!status) status = options_parse(&train->options, &verb_train, argc, argv);
        if (status >= 0) return status;
    }
    const char *data = train->options.operands[0];
    if (!data) return say_usage("DATA is missing; nudge train --help says how to use it");
    status = checkpoint_ask(&train->checkpointing, data, argc, argv);
    return status ? status : -1;
}

static int run(int argc, char **argv) {
    struct train train = nothing_asked();
    int status = parse_command(&train, argc, argv);
    if (status >= 0) {
        checkpoint_close(&train.checkpointing);
        options_free(&train.options);
        return status;
    }
    train.text = train.options.quiet ? NULL : train.options.json ? stderr : stdout;
    status = prepare(&train);
    if (!status) status = run_prepared(&train);
    plot_history_free(&train.history);
    nudge_journal_free(train.journaling.journal);
    checkpoint_close(&train.checkpointing);
    open_close(&train.opened);
    options_free(&train.options);
    if (signals_caught()) {
        say_end(status);
        signals_end();
    }
    return status;
}

static const struct argp_option table[] = {
    {"output-file", 'o', "FILE", 0,
     "save the network here when training is done; without it nothing is saved", 0},
    {"plot", KEY_PLOT, "FOLDER", 0,
     "also write pictures there: how it went, and what the network makes of the data", 0},
    {"journal", KEY_JOURNAL, "FILE", 0,
     "also keep a journal there, written as the training goes on: the network as it was at many steps, and "
     "cost and gradients of all; for explain --at, surface and plot",
     0},
    {"journal-every", KEY_JOURNAL_EVERY, "K", 0,
     "keep the network after every K steps, or every \"epoch\"; default as many as fit, evenly, 256 at most",
     0},
    {"journal-size", KEY_JOURNAL_SIZE, "SIZE", 0,
     "how much memory and file that may take, as 64M: beyond it every second one is dropped; default 64M", 0},
    {"checkpoint-every", KEY_EVERY, "N", 0,
     "save all that the training needs to go on after every N steps, or \"30s\", \"5m\", \"2h\", and at its "
     "end, in "
     "FILE.checkpoint-1 and -2, in turn; needs -o FILE",
     0},
    {"resume", KEY_RESUME, "MODEL", 0,
     "go on with the training whose checkpoints stand beside MODEL: the same command again, to the same "
     "network and journal as if it had never been interrupted; DATA and options need not be said, --epochs "
     "may grow",
     0},
    {"allow-previous", KEY_PREVIOUS, NULL, 0,
     "where the latest checkpoint is damaged, go on from the one before", 0},
    {"quiet", 'q', NULL, 0, "print errors only", 0},
    {"verbose", 'v', NULL, 0, "a line for every epoch on a terminal, too", 0},
    {0},
};

static const struct argp own = {table, parse, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Result", 0},
    {&options_language, 0, NULL, 0},
    {&options_json, 0, NULL, 0},
    {&options_network, 0, "Network", 0},
    {&options_from, 0, NULL, 0},
    {&options_cost, 0, "Training", 0},
    {&options_training, 0, NULL, 0},
    {&options_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_train = {
    .name = "train",
    .operands = "DATA [options] [@RECIPE] [-o FILE]",
    .summary = "train a network on data",
    .details =
        "Makes a network with random weights, trains it on the training part of DATA by backpropagation and "
        "tells "
        "how well it does on the test part. What is not given is chosen by the kind of data and printed.\n"
        "Ctrl-C finishes the step, saves if there is an -o, and ends. A training with --checkpoint-every can "
        "be killed at "
        "any moment: nudge train --resume FILE goes on.",
    .examples = "nudge train digits -o digits.nudge\n"
                "nudge train mnist --hidden 128 --activation relu --epochs 10 -o mnist.nudge\n"
                "nudge train mnist @recipes/nielsen-30.txt --seed 2\n"
                "nudge train new.csv --from old.nudge --lr 0.01 --epochs 20 -o new.nudge",
    .argp = &argp,
    .run = run,
};
