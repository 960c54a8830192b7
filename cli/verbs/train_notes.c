/* The notes that a trained network keeps of its training: where its rows came from, how it was trained, how it went.
 * Invariant: no times, paths or numbers of threads among them: the same command gives the same file. */
#include "cli/open/from.h"
#include "cli/open/setup.h"
#include "cli/verbs/train.h"

#include <math.h>
#include <stdio.h>

/* Each does nothing once one has failed: *status says it for all. */
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

nudge_status train_note_setup(struct train *train, nudge_error *error) {
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

nudge_status train_note_result(struct train *train, nudge_error *error) {
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
