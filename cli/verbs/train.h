/* nudge train: what its files share. train.c has the verb and the training, train_text.c what people read, train_json.c what
 * programs read, train_notes.c what the network keeps of it. */
#ifndef NUDGE_CLI_VERBS_TRAIN_H
#define NUDGE_CLI_VERBS_TRAIN_H

#include "cli/open/open.h"
#include "cli/plot/training.h"
#include "cli/tell/findings.h"
#include "cli/tell/progress.h"
#include "cli/verbs/checkpoint.h"
#include "cli/verbs/journaling.h"
#include "cli/verbs/watch.h"

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

/* What is going to be done; and where a training that is resumed goes on. */
void train_print_plan(const struct train *train);
void train_print_result(const struct train *train);

void train_json_start(const struct train *train);
void train_json_epoch(const nudge_progress *now);
void train_json_done(const struct train *train);

/* What is known before the training: a journal carries it, too. Then how it went. */
nudge_status train_note_setup(struct train *train, nudge_error *error);
nudge_status train_note_result(struct train *train, nudge_error *error);

#endif
