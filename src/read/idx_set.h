/* Data sets of IDX files: features, their targets, and the same for a test part. */
#ifndef NUDGE_READ_IDX_SET_H
#define NUDGE_READ_IDX_SET_H

#include "data/data.h"

/* Reads a folder's files (read/idx_names.h); `name` is what the set will be called. Of the options
 * `unlabelled` (targets may lack) and `regression` (floats are numbers) matter. */
nudge_status idx_folder_open(nudge_context *context, const char *folder, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* Reads one file of features and the targets beside it: a set with a training part alone. */
nudge_status idx_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* Whether the folder is there and has a file of a set. */
nudge_status idx_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                              nudge_error *error);

#endif
