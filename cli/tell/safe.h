/* Text from outside (paths, labels, notes) on its way to a terminal or into a picture. Invariant: what comes
 * out gives no orders to a terminal, is UTF-8 and is never cut inside a character. Numbers, and words of
 * nudge's own, need none of this. */
#ifndef NUDGE_CLI_TELL_SAFE_H
#define NUDGE_CLI_TELL_SAFE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* By value, as safe(path).text. */
struct safe_text {
    char text[1024];
};
struct safe_text safe(const char *text);
/* At most so many columns of a terminal wide. */
struct safe_text safe_short(const char *text, size_t columns);

/* How many columns of a terminal a shown text takes: 漢 takes two. */
size_t safe_columns(const char *text);
/* Printed like "%*s": right-aligned in so many columns, left-aligned where they are negative; cut where it is
 * wider. */
void print_cell(FILE *stream, const char *text, int columns);

/* snprintf whose result, where there is no room for the whole, is cut between characters. */
void format_text(char *text, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
void format_text_list(char *text, size_t room, const char *format, va_list arguments);

#endif
