/* How a training goes, shown while it goes: on a terminal one line that changes in place, elsewhere a plain
 * line an epoch. */
#ifndef NUDGE_CLI_TELL_PROGRESS_H
#define NUDGE_CLI_TELL_PROGRESS_H

#include <nudge.h>

#include <stdio.h>

struct progress {
    FILE *stream;    /* NULL: shows nothing */
    bool live;       /* one line that changes */
    bool each_epoch; /* a line that stays, for every epoch, or (not all_epochs) for some of many */
    bool all_epochs;
    double printed; /* when the last such line was */
    bool utf8;
    double begun, drawn;       /* seconds on a steady clock */
    nudge_progress last_epoch; /* validation and test figures to go on showing */
    double rows, seconds;      /* of the epochs that are done */
};

/* `verbose`: a line an epoch stays on a terminal, too. */
void progress_begin(struct progress *progress, FILE *stream, bool verbose);
void progress_step(struct progress *progress, const nudge_progress *now);
void progress_epoch(struct progress *progress, const nudge_progress *now);
/* Where there are no epochs to tell of: how far it is, in words and as a share 0 .. 1. */
void progress_share(struct progress *progress, const char *words, double share);
void progress_end(struct progress *progress);

/* Takes the live line away, where there is one, so that something else can be printed. */
void progress_clear(void);

/* Seconds on a steady clock. */
double progress_clock(void);

#endif
