/* A text's lines, one after the other, and what the formats made of lines share. A line ends with \n, \r\n, or \r; a byte
 * order mark at the text's beginning is passed over. Invariant: memory is the longest line so far, or a small buffer; a line
 * that is given has no byte 0 in it, and one behind it. */
#ifndef NUDGE_TABLE_TEXT_LINES_H
#define NUDGE_TABLE_TEXT_LINES_H

#include "table/text_source.h"

enum {
    TEXT_LOOK = 64 * 1024,      /* bytes of a text's beginning that formats are recognized by */
    TEXT_LOOK_NUMBER = 255,     /* bytes of the longest number in it */
    TEXT_MOST_LINE = 64 << 20,  /* bytes, the 0 behind it among them */
    TEXT_FIRST_ROOM = 64 * 1024 /* bytes, of the buffer */
};

struct text_lines {
    nudge_allocator allocator;
    struct text_source *source;
    char *buffer;
    size_t room;       /* of the buffer */
    size_t at, filled; /* buffer[at .. filled-1] came from the source and is in no line yet */
    uint64_t line;     /* the number of the line that was given, from 1; 0: none yet */
    bool ended;        /* the source has no more */
    bool after_return; /* the last line ended with \r: a \n that follows belongs to it */
};

/* Takes over the source. */
struct text_lines text_lines_begin(const nudge_allocator *allocator, struct text_source *source);
/* The next line, without its end; it may be changed. It lives until the next call. *text NULL: there are no more.
 * Errors: NUDGE_BAD_INPUT for a byte 0, for UTF-16, for a line longer than TEXT_MOST_LINE; the source's own. */
nudge_status text_lines_next(struct text_lines *lines, char **text, size_t *length, nudge_error *error);
nudge_status text_lines_rewind(struct text_lines *lines, nudge_error *error);
void text_lines_end(struct text_lines *lines); /* closes the source */

/* Puts "NAME: line 3, column 7: " in front of the sentence in `error`; `at`: the place in the line, from 0. Returns
 * `code`. Use as
 *     return text_lines_place(lines, at, error, error_set(error, NUDGE_BAD_INPUT, "found ..")) */
nudge_status text_lines_place(const struct text_lines *lines, size_t at, nudge_error *error,
                              nudge_status code);

/* All of text[0 .. length-1] is one finite decimal number. Behind it stands a byte that is no part of one. */
bool text_is_number(const char *text, size_t length, double *value);

static inline bool text_is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Of a text's first bytes (all of it, or TEXT_LOOK): how many are in whole lines. When they are one line that goes on: in
 * whole words. */
size_t text_whole_lines(const char *bytes, size_t size);

/* As text_is_number, for bytes that may end with the text. */
bool text_looks_number(const char *bytes, size_t length);

/* The next line in bytes[*at .. size-1], without its end, and *at behind it. False: there are no more. */
bool text_take_line(const char *bytes, size_t size, size_t *at, const char **line, size_t *length);

#endif
