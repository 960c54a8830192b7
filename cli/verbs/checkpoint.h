/* Checkpoints of a training, train --checkpoint-every, and going on from one, train --resume. How the training was asked for,
 * the words of its command line, is kept in the checkpoint: `nudge train --resume MODEL` is the same command again, with
 * what stands beside it. */
#ifndef NUDGE_CLI_VERBS_CHECKPOINT_H
#define NUDGE_CLI_VERBS_CHECKPOINT_H

#include "cli/options/options.h"

struct checkpointing {
    const char *resume;  /* --resume: the model whose checkpoint it is; NULL: a new training */
    bool allow_previous; /* --allow-previous */
    nudge_checkpoint_options options;
    nudge_checkpoint *checkpoint; /* NULL: none is kept */
    bool told;                    /* the last could not be saved, which was told */
    bool json;                    /* every one that is saved is told as an event */
    char *asked;                  /* the words, as JSON */
    char **words;                 /* of the command again, in one array with what they stand in */
    size_t word_count;
};

/* --checkpoint-every: "200" steps, "30s", "5m" or "2h". */
error_t checkpoint_every(struct options *options, struct checkpointing *checkpointing, const char *word);

/* With --resume: the words of the earlier command, but for its data where `data` are given, then those of this one. Returns
 * the exit status. *argv lives until checkpoint_close. */
int checkpoint_command(struct checkpointing *checkpointing, const char *data, int *argc, char ***argv);

/* Notes the words of a command, `data` (one of argv) among them, without those of this one alone. */
int checkpoint_ask(struct checkpointing *checkpointing, const char *data, int argc, char **argv);

/* Where `model` is what -o names: opens the checkpoint that is asked for, if any. */
int checkpoint_open(struct checkpointing *checkpointing, nudge_context *context, const char *model);
void checkpoint_close(struct checkpointing *checkpointing);

#endif
