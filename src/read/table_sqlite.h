/* Only where nudge is built with SQLite: tables in its files, or what a query gives. Nothing is written into the file, nor beside it: it is opened for reading,
 * and what it holds is seen as it was when it was opened, also when it is read twice. Memory is SQLite's: it asks the C
 * library for it. */
#ifndef NUDGE_READ_TABLE_SQLITE_H
#define NUDGE_READ_TABLE_SQLITE_H

#include "table/table.h"

/* A reader of the rows that options->sql gives, or of options->table, or of the only table there is. Whole numbers and others
 * are numbers, NULL is missing, a text is a text.
 * Errors: NUDGE_BAD_ARGUMENT for a query that would write or
 * gives no rows, and for both of them; NUDGE_BAD_INPUT for bytes (a BLOB), with row and column, several tables, no such
 * table, a file that is damaged; NUDGE_IO, also when others keep it locked. */
nudge_status table_sqlite_open(const nudge_allocator *allocator, const char *path,
                               const nudge_data_options *options, struct table_reader **reader,
                               nudge_error *error);

#endif
