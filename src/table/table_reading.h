/* A table while it is read: shared by table.c (rows), table_columns.c and table_targets.c (what the columns are) and
 * table_finish.c (what is
 * decided when all rows are there).
 * Invariant: slots stand for the table's kept columns, in their order. */
#ifndef NUDGE_TABLE_TABLE_READING_H
#define NUDGE_TABLE_TABLE_READING_H

#include "table/table.h"
#include "table/words.h"

#define SOURCE_CATEGORY 0x80000000u

enum { TABLE_NOWHERE = -1, TABLE_MOST_CLASSES = 65536, TABLE_MOST_RARE = 1 << 20 };

/* A column of features or targets. */
struct table_slot {
    size_t source; /* the reader's column; (size_t)TABLE_NOWHERE: it has none */
    size_t column; /* in table->columns */
    enum { SLOT_UNKNOWN = 0, SLOT_NUMBER, SLOT_CATEGORY } as;
    bool target, asked;  /* asked: its kind was said, not guessed */
    bool known;          /* what it is was given: it is not looked for in the rows */
    struct words words;  /* of SLOT_CATEGORY; given categories by their places */
    size_t listed_count; /* of these words the format lists so many, whether rows have them or not */
    bool texts;          /* of SLOT_UNKNOWN: one that is no number was met; the first stands here: */
    uint64_t text_line, text_count, blanks; /* how many were met; how many cells were empty */
    char text_example[TABLE_EXAMPLE];
    size_t rare; /* given: the place of the category "rare", or words.count */
};

struct reading {
    struct table *table;
    struct table_reader *reader;
    const nudge_data_options *options;
    const struct columns *given; /* NULL: guess */
    nudge_missing missing;
    struct table_slot *slots; /* [table->kept] */
    uint32_t *sources;        /* [table->kept], the slots' sources; SOURCE_CATEGORY added: as SLOT_CATEGORY */
    size_t id, weight, split; /* the reader's columns; TABLE_NOWHERE */
    struct words names;       /* of the reader's columns */
    size_t *named;            /* [names.count]: the first column of this name */
    const struct cell *strange; /* in the row that is read: a class that is not known; NULL: there is none */
    const struct table_slot *strange_slot;
    nudge_error *error;
};

/* Roles and kinds of all columns: table->columns, the slots, and where ids, weights and parts stand. */
nudge_status table_columns(struct reading *reading);

/* The reader's column of this name, or TABLE_NOWHERE; the same, or the one at this place, from 1, refused where there is none;
 * the next of a list's items, without blanks around it, false behind the last. */
size_t table_find_name(const struct reading *reading, const char *name, size_t length);
nudge_status table_find_item(const struct reading *reading, const char *item, size_t length, const char *what,
                             size_t *column);
bool table_next_item(const char **list, const char **item, size_t *length);

/* Makes table->columns of what is known of features, and of targets that are looked for. */
nudge_status table_columns_with_new_targets(struct reading *reading);

/* When all rows are there: classes, parts, what is missing, categories. */
nudge_status table_finish(struct reading *reading);

/* The sentence for a feature whose texts are no categories; NUDGE_OK when they may be. `many`: there are too many. */
nudge_status table_check_texts(const struct reading *reading, const struct table_slot *slot, bool many);

/* A number's text, as classes are called. */
struct text_number table_number_text(double number);

/* "label" and "LABEL" are the same. */
bool table_same_word(const char *text, size_t length, const char *word);

/* Of a row that is in memory. */
static inline float *table_cells(const struct table *table, size_t row) {
    return table->chunks[(row - table->spilled_rows) / table->chunk_rows] +
           row % table->chunk_rows * table->kept;
}

/* All rows of the chunk that `row` begins, *count of them: those in memory where they are, others loaded. */
nudge_status table_chunk(struct table *table, size_t row, float **cells, size_t *count, nudge_error *error);

/* Rows first .. first+count-1 get their targets' cells, and places for words. `told` (NULL: nobody is told): called for each
 * word that has none. */
typedef void table_tell(void *user, size_t k, size_t word);
void table_settle(const struct table *table, float *cells, size_t first, size_t count, table_tell *told,
                  void *user);

/* NaN without libm. */
static inline bool table_is_missing(float cell) {
    return cell != cell;
}

#endif
