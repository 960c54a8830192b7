/* Text tables, record by record: fields apart by commas, semicolons, tabs, bars or blanks, in quotes where they hold
 * such (RFC 4180). Pure: bytes in, fields out; who has a file hands its bytes on, piece by piece. Invariant: no byte
 * beyond those given is read, and what is no table is refused with its line and column; the same bytes give the same
 * records, however they are cut into pieces. */
#ifndef NUDGE_TABLE_CSV_H
#define NUDGE_TABLE_CSV_H

#include <nudge.h>

enum { CSV_MOST_FIELDS = 1 << 20, CSV_MOST_RECORD = 64 << 20 /* bytes */ };

struct csv {
    char
        separator; /* ',' ';' '\t' '|', or ' ': any number of blanks and tabs, those at the ends of a line aside */
    uint64_t line;    /* of the record that comes next, from 1 */
    uint64_t records; /* so far */
    uint64_t at_line; /* of the record that csv_next gave */
    const char *name; /* the table's, for sentences */
};

/* One field of a record, in the bytes that were given: without its quotes, "" as one ", ended by a byte 0. */
struct csv_field {
    const char *text;
    size_t length;
    bool quoted; /* so an empty one is an empty text, and not missing */
};

/* What the table's beginning looks like: the separator that its first lines agree on. `last`: there is no more. A line
 * without any is a table of one column (','). */
char csv_guess_separator(const char *bytes, size_t size, bool last);

/* Bytes of a byte order mark (EF BB BF) at the table's beginning, 0 or 3. *wide: the text is UTF-16 or UTF-32, which is
 * not read. */
size_t csv_skip_mark(const char *bytes, size_t size, bool *wide);

struct csv csv_begin(char separator, const char *name);

/* At most so many fields the first record in bytes[0 .. size-1] has, when it is whole; 0: there is none. */
size_t csv_most_fields(const struct csv *csv, const char *bytes, size_t size);

/* The next record in bytes[0 .. size-1], behind which one more byte may be written. *taken: how many bytes it took, the
 * end of its line among them; *count its fields. Empty lines are passed over. The bytes are changed: fields are put
 * together in place.
 *   NUDGE_OK, *count > 0   a record
 *   NUDGE_OK, *count == 0  none is whole: nothing was taken but empty lines; after all bytes (`last`): the table's end
 * Errors: NUDGE_BAD_INPUT naming line and column: a quote that is not closed, something behind a closing quote, a byte 0,
 * more than `room` fields. */
nudge_status csv_next(struct csv *csv, char *bytes, size_t size, bool last, struct csv_field *fields,
                      size_t room, size_t *count, size_t *taken, nudge_error *error);

/* Whether a text with these first bytes (`last`: with these bytes) is a table: two records and more, of two fields and more,
 * all of as many. The bytes are changed, and one more may be written behind them. */
nudge_status csv_look(const nudge_allocator *allocator, char *bytes, size_t size, bool last, bool *is_table,
                      nudge_error *error);

#endif
