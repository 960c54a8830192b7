/* See journaling.h. */
#include "cli/verbs/journaling.h"

#include "cli/signals.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <nudge_insight.h>
#include <string.h>

error_t journaling_every(struct options *options, struct journaling *journaling, const char *word) {
    journaling->options.every = 0;
    journaling->options.every_epochs = strcmp(word, "epoch") == 0;
    if (journaling->options.every_epochs) return 0;
    return option_size(options, "--journal-every", word, 1, &journaling->options.every);
}

int journaling_check(const struct journaling *journaling) {
    nudge_journal_options defaults = NUDGE_JOURNAL_OPTIONS;
    bool asked = journaling->options.every || journaling->options.every_epochs ||
                 journaling->options.bytes != defaults.bytes;
    if (!journaling->file)
        return asked ? say_usage("--journal-every and --journal-size are for --journal FILE") : EXIT_DONE;
    return files_write(journaling->file);
}

/* What could not be written comes with what is written next, so it is told once until that can be. */
static void on_written(void *user, size_t step, const nudge_error *error) {
    struct journaling *journaling = user;
    if (error && !journaling->told) {
        char there[64] = "nothing of it is there yet";
        if (step) snprintf(there, sizeof there, "what is there goes to step %zu", step);
        progress_clear();
        say_failure("journal not written on: %s; %s; the training goes on", error->message, there);
    }
    journaling->told = error != NULL;
}

/* A training is worth more than its journal: where that is lost, or ends too early, the training goes on without. */
static int leave(struct journaling *journaling) {
    nudge_journal_free(journaling->journal);
    journaling->journal = NULL;
    journaling->file = NULL;
    return EXIT_DONE;
}

/* It must reach to where the training goes on. */
static int take_up(struct journaling *journaling, const nudge_checkpoint *resumed) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    size_t epoch, step;
    nudge_status status = nudge_journal_grow(journaling->journal, journaling->file, true, &error);
    if (!status) status = nudge_journal_describe(journaling->journal, &summary, &error);
    if (status == NUDGE_NO_MEMORY) return say_error(&error, SAY_RUNNING);
    if (status) say_failure("%s; the training goes on without a journal", error.message);
    if (status) return leave(journaling);
    nudge_checkpoint_place(resumed, &epoch, &step);
    step += (epoch - 1) * summary.epoch_steps;
    if (summary.steps >= step) return EXIT_DONE;
    say_failure(
        "%s: ends at step %zu, but the checkpoint is of step %zu; the training goes on without a journal",
        journaling->file, summary.steps, step);
    return leave(journaling);
}

int journaling_open(struct journaling *journaling, nudge_context *context, const nudge_checkpoint *resumed) {
    nudge_error error;
    if (!journaling->file) return EXIT_DONE;
    journaling->options.on_written = on_written;
    journaling->options.user = journaling;
    if (nudge_journal_create(context, &journaling->options, &journaling->journal, &error))
        return say_error(&error, SAY_RUNNING);
    if (resumed) return take_up(journaling, resumed);
    return nudge_journal_grow(journaling->journal, journaling->file, false, &error)
               ? say_error(&error, SAY_RUNNING)
               : EXIT_DONE;
}

int journaling_save(const struct journaling *journaling) {
    nudge_error error;
    if (!journaling->file) return EXIT_DONE;
    signals_hold();
    nudge_status status = nudge_journal_save(journaling->journal, journaling->file, &error);
    signals_release();
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

void journaling_print(const struct journaling *journaling, FILE *text) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    if (!journaling->file || nudge_journal_describe(journaling->journal, &summary, NULL)) return;
    fprintf(text, text_word("journal   %s: %s steps, %s snapshots"), safe(journaling->file).text,
            number_count(summary.steps).text, number_count(summary.snapshots).text);
    if (summary.every == 1)
        fprintf(text, "%s", text_word(", one of every step\n"));
    else
        fprintf(text, text_word(", one every %s steps\n"), number_count(summary.every).text);
}
