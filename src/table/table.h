/* Tables on their way from a file to numbers. A format (CSV, LIBSVM, ARFF, FANN, SQLite) is a table_reader: it gives row
 * after row of cells. table_read looks at the first rows, decides what each column is (or takes it from a net), reads
 * all rows into numbers, and divides them into parts. Pure: a reader that has a file is made elsewhere.
 * Rows that memory shall not hold go to a table_spill as they come, and are read back from there.
 * Invariant: a table that exists is whole: every cell is a finite number, NaN where it is missing, or the place of a
 * category of its column (-1: one that the column does not have). */
#ifndef NUDGE_TABLE_TABLE_H
#define NUDGE_TABLE_TABLE_H

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

enum { TABLE_EXAMPLE = 48 /* bytes of a text that is told */ };

/* What was met in a column. */
struct table_note {
    uint64_t missing, missing_line; /* numbers that are missing, in rows that are kept; where first */
    uint64_t unknown, unknown_line; /* categories that the column does not have */
    char example[TABLE_EXAMPLE];    /* the first of these, fit to be shown */
};

/* Where rows go that memory shall not hold: bytes one after the other, which are read back from any place. */
struct table_spill {
    size_t limit;     /* bytes of features that memory may hold */
    const char *hint; /* how rows could go somewhere: "with .." */
    /* NULL: rows go nowhere, and a table that is larger is refused when it is known how large it is. */
    nudge_status (*write)(struct table_spill *spill, const void *bytes, size_t count, nudge_error *error);
    nudge_status (*read)(struct table_spill *spill, uint64_t position, void *bytes, size_t count,
                         nudge_error *error);
    nudge_status (*restart)(struct table_spill *spill, nudge_error *error); /* forgets what was written */
};

struct table {
    nudge_allocator allocator;
    struct columns *columns;
    struct table_note *notes; /* [columns->count] */
    size_t rows;
    size_t kept;          /* columns whose cells are kept: features and targets */
    size_t *kept_columns; /* [kept], their places in columns, from the first on */
    size_t targets;       /* columns of targets; 0: the table has none */
    float **chunks;       /* the rows that are in memory, [chunk_rows][kept] each: table_row_cells */
    size_t chunk_count, chunk_room, chunk_rows;
    struct table_spill *spill; /* NULL: all rows are in memory */
    bool spilling;       /* memory has only the rows from spilled_rows on, which fill one chunk at most */
    size_t spilled_rows; /* these are in the spill, as they were read */
    float *loaded;       /* [chunk_rows][kept], of them */
    size_t loaded_row;   /* the first; SIZE_MAX: none */
    size_t *goal_slots;  /* [targets], where they are in a row's cells */
    float *goals;        /* [row_room][targets], the targets' cells */
    float **places; /* [kept], of words that became categories: their places; NULL: cells are as they are */
    size_t *place_counts; /* [kept] */
    bool settled;         /* rows of the spill get their goals and places as they are loaded */
    unsigned char *parts; /* [row_room], nudge_part of each row */
    float *weights;       /* [row_room], NULL: all count the same */
    char *ids;         /* the rows' names one after the other, each ended by a byte 0; NULL: they have none */
    size_t *id_places; /* [row_room] */
    size_t row_room, id_bytes, id_room;
    enum { TABLE_TARGET_ASKED = 0, TABLE_TARGET_NAMED, TABLE_TARGET_LAST } target_found;
    double test_share;     /* that was drawn for the test part; 0: none */
    size_t dropped;        /* rows with a missing number, left out: NUDGE_MISSING_DROP */
    size_t without_target; /* rows: left out, or kept where options->unlabelled */
};

/* Reads the whole table. `given`: NULL, what the columns are is guessed; else columns that are known, found by their
 * names. `header`, `sql` and the like are the reader's. Errors: NUDGE_BAD_INPUT naming row and column. */
nudge_status table_read(const nudge_allocator *allocator, struct table_reader *reader,
                        const nudge_data_options *options, const struct columns *given, struct table **table,
                        nudge_error *error);
/* The same, with rows in the spill from its limit on. The spill outlives the table. Errors: the spill's, too;
 * NUDGE_NO_MEMORY where it takes no rows. */
nudge_status table_read_large(const nudge_allocator *allocator, struct table_reader *reader,
                              const nudge_data_options *options, const struct columns *given,
                              struct table_spill *spill, struct table **table, nudge_error *error);
void table_free(struct table *table); /* NULL allowed */

/* Cells of a row, [kept]. Of a category: its place; of a target that is missing: NaN. */
const float *table_row_cells(const struct table *table, size_t row); /* of a table without a spill */
/* The same, until the next call. Rows that are asked for in their order are read back many at once. */
nudge_status table_row_at(struct table *table, size_t row, const float **cells, nudge_error *error);
/* The row's name; NULL where rows have none. */
const char *table_id(const struct table *table, size_t row);

#endif
