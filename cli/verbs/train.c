/* nudge train: from random weights to a network that has learnt. Invariant: the file that -o names is written
 * once, after the training, and only when the training did not fail. */
#include "cli/verbs/train.h"
#include "cli/open/from.h"
#include "cli/open/setup.h"
#include "cli/open/verb_run.h"
#include "cli/signals.h"
#include "cli/tell/files.h"
#include "cli/verbs.h"

/* -- meanwhile -- */

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
    if (train->options.json) train_json_epoch(now);
    if (train->folder) plot_training_epoch(&train->history, now);
    watch_epoch(&train->watch, &train->progress, &train->opened, &train->training, now);
    /* Goes on, unless it is for nobody: no one reads the figures and no file is asked for. */
    return !ferror(stdout) || train->options.file || train->journaling.file || train->folder;
}

/* -- after -- */

static int save_net(struct train *train) {
    nudge_error error;
    if (!train->options.file) return EXIT_DONE;
    nudge_status status = train_note_result(train, &error);
    signals_hold();
    if (!status) status = nudge_net_save(train->opened.net, train->options.file, &error);
    signals_release();
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

/* -- all of it -- */

static int prepare_train(struct train *train) {
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
    nudge_status status = train_note_setup(train, &error);
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

static int train_parsed(void *state) {
    struct train *train = state;
    train->text = train->options.quiet ? NULL : train->options.json ? stderr : stdout;
    int status = prepare_train(train);
    if (status) return status;
    if (train->text) train_print_plan(train);
    if (train->options.json) train_json_start(train);
    signals_catch();
    progress_begin(&train->progress, train->text, train->options.verbose);
    status = learn(train);
    bool measured = status == EXIT_DONE;
    /* A network that is trained is not lost when what it came to cannot be measured, as its data can no longer be
     * read. */
    if (train->result.complete) {
        int saved = save_net(train);
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
    if (train->text) train_print_result(train);
    if (train->text && !kept) journaling_print(&train->journaling, train->text);
    if (train->options.json) train_json_done(train);
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

static error_t parse_train(int key, char *arg, struct argp_state *state) {
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

static void free_train(void *state) {
    struct train *train = state;
    plot_history_free(&train->history);
    nudge_journal_free(train->journaling.journal);
    checkpoint_close(&train->checkpointing);
}

static const struct verb_frame frame = {&verb_train, {NULL}, 0, NULL, train_parsed, free_train};

static int run_train(int argc, char **argv) {
    struct train train = nothing_asked();
    return verb_run_parsed(&frame, &train, &train.opened, parse_command(&train, argc, argv));
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

static const struct argp own = {table, parse_train, NULL, NULL, NULL, NULL, NULL};

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
    .run = run_train,
};
