/* What the stream at the other end can show, and text that fits it. */
#ifndef NUDGE_CLI_TELL_TERMINAL_H
#define NUDGE_CLI_TELL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A terminal that can move its cursor. */
bool terminal_is(FILE *stream);
/* Its columns; 80 where that is not known. */
size_t terminal_columns(FILE *stream);
/* Whether people read UTF-8 (the locale says so). */
bool terminal_utf8(void);
/* Whether shades may be shown by the 256-colour codes: on a terminal that says it knows them, unless
 * $NO_COLOR is set (no-color.org). */
bool terminal_colours(FILE *stream);

/* How wide text is set: as wide as the terminal, but at most 80 columns, which read well. */
size_t wrap_columns(FILE *stream);
/* Writes words, or what is Chinese character by character, from column `column` on, broken before wrap_columns; later lines begin at `indent`. Ends the line. */
void print_wrapped(FILE *stream, const char *text, size_t column, size_t indent);

#endif
