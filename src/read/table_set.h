/* Data sets of tables: features of numbers and categories, their targets, and parts: from one table, from several files,
 * or from a folder that has train.csv and test.csv. Formats of tables: table_format.h. */
#ifndef NUDGE_READ_TABLE_SET_H
#define NUDGE_READ_TABLE_SET_H

#include "data/data.h"

/* Reads the table, and options->test_file and validation_file by the same columns. `given`: NULL, or the columns of a net
 * that has read such a table before. `name` is what the set will be called. */
nudge_status table_set_open(nudge_context *context, const char *path, const char *name,
                            const nudge_data_options *options, const struct columns *given, nudge_data **data,
                            nudge_error *error);

/* The folder's tables: train, test and validation (or val) with an ending of tables; test and validation may lack. */
nudge_status table_folder_open(nudge_context *context, const char *folder, const char *name,
                               const nudge_data_options *options, const struct columns *given,
                               nudge_data **data, nudge_error *error);

/* Whether the folder is there and has a table "train". */
bool table_folder_holds(const char *folder);

#endif
