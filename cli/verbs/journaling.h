/* The journal of a training, train --journal: written as it goes, taken up by train --resume, and ended. */
#ifndef NUDGE_CLI_VERBS_JOURNALING_H
#define NUDGE_CLI_VERBS_JOURNALING_H

#include "cli/options/options.h"

#include <nudge_insight.h>

struct journaling {
    const char *file; /* --journal, or NULL: none is kept */
    nudge_journal_options options;
    nudge_journal *journal;
    bool told; /* that it could not be written on */
};

/* --journal-every: "20" steps, or "epoch". */
error_t journaling_every(struct options *options, struct journaling *journaling, const char *word);

/* Whether what was asked for can be. Each returns the exit status. */
int journaling_check(const struct journaling *journaling);
/* Begins one, or takes up that of the training that goes on from the checkpoint, where there is one. */
int journaling_open(struct journaling *journaling, nudge_context *context, const nudge_checkpoint *resumed);
/* The file as the training's end leaves it. */
int journaling_save(const struct journaling *journaling);
void journaling_print(const struct journaling *journaling, FILE *text);

#endif
