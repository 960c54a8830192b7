/* A text table (table/csv.h) as a table_reader: its header, missing values, numbers. Pure: the bytes come from a source,
 * which has a file or has them in memory.
 * Invariant: a row has as many cells as the first; memory is a piece of the text, grown where a record is longer. */
#ifndef NUDGE_TABLE_CSV_TABLE_H
#define NUDGE_TABLE_CSV_TABLE_H

#include "table/csv.h"
#include "table/table.h"

struct byte_source {
    /* Delivers `count` bytes, or what is left: *got < count only at the end. */
    nudge_status (*read)(struct byte_source *source, void *bytes, size_t count, size_t *got,
                         nudge_error *error);
    /* Back to the first byte. */
    nudge_status (*rewind)(struct byte_source *source, nudge_error *error);
    /* NULL, or told when the reader will not be rewound any more. */
    void (*forget)(struct byte_source *source);
    void (*close)(struct byte_source *source); /* frees it */
};

/* Takes over the source, also when it fails. `header`: 1 the first line has names, -1 it has none, 0 as it looks. `name`
 * must outlive the reader. */
nudge_status csv_table_open(const nudge_allocator *allocator, struct byte_source *source, const char *name,
                            int header, struct table_reader **reader, nudge_error *error);

/* The number that the whole text is, as table cells have them: decimal, finite. False: it is no such number. */
bool csv_number(const char *text, size_t length, double *number);

/* Whether an unquoted text says that there is no value: empty, NA, N/A, nan, NaN, NULL, null, None, ?, - */
bool csv_is_missing(const char *text, size_t length);

#endif
