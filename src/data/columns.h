/* What the columns of a table are: their names, what each is for, and which inputs or outputs of a network it becomes.
 * A table's reader makes the list, the net keeps it and writes it into its file, and the next table is read by it. A
 * feature of numbers is one input; one of categories is an input for each category, 1 where a row has it, else 0;
 * `flag` adds one more, 1 where the value is missing.
 *
 *     age,sex,bill      age    number                first 0, inputs 1
 *     31,male,12.5      sex    category female male  first 1, inputs 2      (31, 0, 1) -> 12.5
 *     44,female,9       bill   number, the target    first 0, inputs 0
 */
#ifndef NUDGE_DATA_COLUMNS_H
#define NUDGE_DATA_COLUMNS_H

#include <nudge.h>

enum { COLUMNS_MOST = 1 << 20, COLUMNS_MOST_CATEGORIES = 1000 };

struct column {
    char *name;
    nudge_column_role role;
    nudge_column_kind kind;
    bool flag;
    char **
        categories; /* [category_count], sorted by their bytes; of a target: the classes' names, numbers as numbers */
    size_t category_count;
    size_t first,
        inputs; /* which inputs it becomes; a target's outputs are the net's, by the targets' order */
};

struct columns {
    nudge_allocator allocator;
    size_t count;
    size_t inputs; /* of all features */
    nudge_missing missing;
    struct column *items; /* [count], in the table's order */
};

/* A list of `count` columns, all zero. */
nudge_status columns_make(const nudge_allocator *allocator, size_t count, struct columns **columns,
                          nudge_error *error);
void columns_free(struct columns *columns); /* NULL allowed */
nudge_status columns_copy(const nudge_allocator *allocator, const struct columns *from, struct columns **copy,
                          nudge_error *error);

/* Copies the name, or the categories (`lengths` NULL: each ends with a byte 0), into the column. */
nudge_status columns_name(struct columns *columns, size_t column, const char *name, size_t length,
                          nudge_error *error);
nudge_status columns_categories(struct columns *columns, size_t column, const char *const *categories,
                                size_t count, nudge_error *error);

/* Numbers the inputs: fills first and inputs of every column, and columns->inputs. */
void columns_number(struct columns *columns);

/* The column of this name, or columns->count. */
size_t columns_find(const struct columns *columns, const char *name, size_t length);

/* The column that input `input` comes from; columns->count when there is none. */
size_t columns_of_input(const struct columns *columns, size_t input);

/* Column i for the host; false behind the last, or without columns (NULL). */
bool columns_give(const struct columns *columns, size_t i, nudge_column *column);

#endif
