/* Text tables in files, plain or packed by gzip, and from standard input. */
#ifndef NUDGE_READ_TABLE_CSV_H
#define NUDGE_READ_TABLE_CSV_H

#include "table/table.h"

/* A reader of the file's rows; `path` must outlive it. Errors: NUDGE_BAD_INPUT for what is no text table. */
nudge_status table_csv_open(const nudge_allocator *allocator, const char *path,
                            const nudge_data_options *options, struct table_reader **reader,
                            nudge_error *error);

#endif
