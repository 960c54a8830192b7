/* What all verbs do around what they are for: parse, check, open, run, close, and end by the signal that was noted. A verb's
 * file has its options, its body and its printing; its frame says the rest:
 *     static const struct verb_frame frame = {&verb_data_info, {"DATA"}, NEEDS_DATA, NULL, show_info, NULL}; */
#ifndef NUDGE_CLI_OPEN_VERB_RUN_H
#define NUDGE_CLI_OPEN_VERB_RUN_H

#include "cli/open/open.h"

/* What is opened before the body runs, in this order; with anything comes a context. */
enum verb_needs {
    NEEDS_CONTEXT = 1,
    NEEDS_MODEL = 2, /* --model, which says so itself, or the first word */
    NEEDS_COST = 4,  /* the model's, or that of --cost */
    NEEDS_DATA = 8,  /* the last word behind a model's, else the first */
    NEEDS_PART = 16, /* --part, or what there is */
};

struct verb_frame {
    const struct verb *verb;
    const char
        *words[2]; /* what the words that must stand there are called; none: the options say it already */
    unsigned needs;
    /* Any may be NULL, but for the body. Two return the exit status. */
    int (*check)(void *state); /* after parsing; may change opened.needs */
    int (*body)(void *state);
    void (*release)(void *state); /* what is not in `opened`; also after an error */
};

/* `state` begins with the verb's struct options, and holds `opened`. Returns the exit status. */
int verb_run(const struct verb_frame *frame, void *state, struct opened *opened, int argc, char **argv);
/* The same where the verb has parsed by itself: `parsed` is -1 to go on, or the exit status of what was wrong. */
int verb_run_parsed(const struct verb_frame *frame, void *state, struct opened *opened, int parsed);

#endif
