/* Files that the command writes. Invariant: a file at the target is replaced as a whole or not at all. */
#ifndef NUDGE_CLI_OUTPUT_H
#define NUDGE_CLI_OUTPUT_H

#include <stdio.h>

/* Whether a file of this name could be written now; tells why not. Returns the exit status. The target is
 * left alone. */
int output_check(const char *path);

struct output {
    FILE *stream;
    const char *path; /* NULL: standard output */
    char *target;     /* the file to be replaced: where `path` leads; NULL: straight to `path` */
    char *beside;     /* the file being written, to be renamed */
};

/* Opens a file beside `path`; with path NULL standard output. Tells what is wrong; returns the exit
 * status. */
int output_open(struct output *output, const char *path);
/* Syncs and renames. For standard output nothing is left to do: say_end flushes it. */
int output_commit(struct output *output);
/* Gives up what was written so far. Nothing happens after output_commit. */
void output_abandon(struct output *output);

#endif
