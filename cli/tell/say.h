/* What the command tells people when something is wrong, and the exit status that goes with it. */
#ifndef NUDGE_CLI_TELL_SAY_H
#define NUDGE_CLI_TELL_SAY_H

#include <nudge.h>

#include <stdio.h>

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* it failed while running */
    EXIT_USAGE = 2,  /* bad usage or bad input; no output was created or replaced */
};

/* Writes "nudge: SENTENCE" to standard error. Return EXIT_USAGE and EXIT_FAILED. */
int say_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
int say_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file that fopen could not open, for this errno: bad input, or, where the system had no room for it, a failure. */
int say_unreadable(const char *path, int number);

/* What the library was asked to do. While the command reads what it was given, what does not fit is bad usage
 * or bad input; once it runs, everything is a failure: files may have been written. */
enum say_phase { SAY_READING, SAY_RUNNING };

/* Something that should have been written was not, for want of memory. Told once; from now on say_end returns EXIT_FAILED,
 * as this does. */
int say_lost(const char *what);

/* The library's sentence, and the exit status of its code in this phase. */
int say_error(const nudge_error *error, enum say_phase phase);

/* For nudge_context_options.on_remark: the sentence, once; `user` is a bool, whether nothing is to be said. */
void say_remark(void *user, const char *sentence);

/* Writes out what standard output still holds. EXIT_FAILED, with a sentence, when any of it could not be
 * written; else `status`. Where it is a pipe whose reader has gone (| head), the process ends by SIGPIPE, in
 * silence, as others do. */
int say_end(int status);

#endif
