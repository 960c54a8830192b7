/* Formats of tables: what a file's ending and its first bytes say it is, and a reader of its rows. Another format is a row of
 * table_formats. */
#ifndef NUDGE_READ_TABLE_FORMAT_H
#define NUDGE_READ_TABLE_FORMAT_H

#include "table/table.h"

/* The endings of all formats, for sentences. */
extern const char table_format_endings[];

/* Whether a file of this name is a table by its ending, whatever its format; "-" is standard input. */
bool table_format_claims(const char *file_name);

/* Whether the file has the first bytes of a table; *kind: NULL, or what else it is (read/kind.h). A file that cannot be read
 * is none. */
nudge_status table_format_fits(const nudge_allocator *allocator, const char *path, bool *fits,
                               const char **kind, nudge_error *error);

/* Whether it has those of a SQLite file, whose ending says nothing. */
bool table_format_is_sqlite(const char *path);

/* A reader of the file's rows; `path` and `options` must outlive it. `given`: NULL, or the columns of a table before this
 * one. */
nudge_status table_format_open(const nudge_allocator *allocator, const char *path,
                               const nudge_data_options *options, const struct columns *given,
                               struct table_reader **reader, nudge_error *error);

#endif
