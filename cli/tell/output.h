/* Files that the command writes. Invariant: a file at the target is replaced as a whole or not at all, and no
 * part of one is left behind when a signal ends the process. */
#ifndef NUDGE_CLI_TELL_OUTPUT_H
#define NUDGE_CLI_TELL_OUTPUT_H

#include <nudge.h>

#include <stdio.h>

struct output {
    FILE *stream;
    const char *path; /* NULL: standard output */
    nudge_file *file; /* which the stream writes to */
    bool terminal;    /* people read it, on one */
    nudge_error error;
};

/* Opens a file beside `path` (files_write has seen to it that it may be written); with path NULL standard
 * output. Tells what is wrong; returns the exit status. The struct stays where it is until the end. */
int output_open(struct output *output, const char *path);
/* Syncs and renames. For standard output nothing is left to do: say_end flushes it. */
int output_commit(struct output *output);
/* Gives up what was written so far. Nothing happens after output_commit. */
void output_abandon(struct output *output);

#endif
