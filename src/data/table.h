/* Tables on their way from a file to numbers. A format (CSV, LIBSVM, ARFF, FANN, SQLite) is a table_reader: it gives row
 * after row of cells. table_read looks at the first rows, decides what each column is (or takes it from a net), reads
 * all rows into numbers, and divides them into parts. Pure: a reader that has a file is made elsewhere.
 * Invariant: a table that exists is whole: every cell is a finite number, NaN where it is missing, or the place of a
 * category of its column (-1: one that the column does not have). */
#ifndef NUDGE_DATA_TABLE_H
#define NUDGE_DATA_TABLE_H

#include "data/columns.h"

enum { TABLE_SAMPLE = 20000 /* rows that kinds are guessed from */ };

enum cell_kind { CELL_TEXT = 0, CELL_NUMBER, CELL_MISSING };

/* One cell. Text belongs to the reader, until its next row; it ends with a byte 0. */
struct cell {
    enum cell_kind kind;
    bool quoted; /* text in quotes: an empty one is a text, not a missing value */
    const char *text;
    size_t length;
    double number; /* of CELL_NUMBER, finite */
};

/* What a format knows of a column before any row. */
struct table_heading {
    const char *name; /* NULL: it has none; then it is called by its place, "1", "2", .. */
    enum {
        HEADING_UNKNOWN = 0,
        HEADING_NUMBER,
        HEADING_CATEGORY,
        HEADING_TARGET_NUMBER,
        HEADING_TARGET_CLASS
    } says;
    const char *const *categories; /* of HEADING_CATEGORY, where the format lists them; else NULL */
    size_t category_count;
};

struct table_reader {
    const char *name;     /* the table's, for sentences */
    const char *row_word; /* what `line` counts: "line", or "row" where there are no lines */
    size_t columns;
    const struct table_heading *headings; /* [columns] */
    /* The next row: *cells [columns], *line where it stands, from 1. *cells NULL: there are no more. */
    nudge_status (*next)(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                         nudge_error *error);
    /* Back to before the first row. */
    nudge_status (*rewind)(struct table_reader *reader, nudge_error *error);
    void (*close)(struct table_reader *reader); /* frees it */
};

#endif
