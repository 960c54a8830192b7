/* Data sets of NumPy's arrays: .npz archives, .npy files, folders of them. */
#ifndef NUDGE_READ_NPY_SET_H
#define NUDGE_READ_NPY_SET_H

#include "data/data.h"

bool npz_name_claims(const char *name); /* ends in ".npz" */
bool npy_name_claims(const char *name); /* ends in ".npy", plain or .gz */

/* An archive's arrays, by their names (read/npy_names.h); `name` is what the set will be called. */
nudge_status npz_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* One file: features, with the targets in a file beside it ("x" in the name becomes "y", "images" becomes "labels"), or a
 * table whose last column is the target. */
nudge_status npy_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* A folder's .npy files, by their names. */
nudge_status npy_folder_open(nudge_context *context, const char *folder, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* Whether the folder has a .npy file. */
nudge_status npy_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                              nudge_error *error);

#endif
