/* Text from outside (paths, labels, what a file holds), fit to be shown. Invariant: what comes out is UTF-8,
 * stays one line, gives a terminal no orders and is never cut inside a character or an escape. */
#ifndef NUDGE_BASE_SHOW_H
#define NUDGE_BASE_SHOW_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 character at `text`, of at most `left` bytes; 0 when there is none (Unicode 15, table 3-7). */
size_t utf8_length(const char *text, size_t left);
bool utf8_is(const char *text);

/* nudge_text_show (nudge.h) for a text of `length` bytes. */
size_t show_text(char *out, size_t room, const char *text, size_t length);

/* For sentences, as shown(path).text: of a long text the end stays, behind "...", since that is what tells
 * paths apart; or, of `length` bytes of text, the beginning, before "...". */
struct shown_text {
    char text[208];
};
struct shown_text shown(const char *text);
struct shown_text shown_start(const char *text, size_t length);

#endif
