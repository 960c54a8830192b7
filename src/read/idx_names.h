/* Which files belong together, told by their names:
 *
 *   PART SEPARATOR ROLE [ENDING] [.gz]             train-images-idx3-ubyte.gz
 *   PREFIX PART SEPARATOR ROLE [ENDING] [.gz]      emnist-letters-train-images-idx3-ubyte.gz
 *   [PREFIX] ROLE ENDING [.gz]                     own-images-idx3-ubyte, a training part
 *
 * A folder's files have the first of these forms that one of its files has.
 *
 *   PREFIX     anything that ends in "-", "_" or "."
 *   PART       "train"; "t10k" or "test"
 *   SEPARATOR  "-" or "_"
 *   ROLE       "images" or "features"; "labels" or "targets"
 *   ENDING     ".idx", or "idx" DIGIT "-" TYPE behind "-", "_" or ".": "-idx3-ubyte", ".idx1-int"
 *
 * What digit and TYPE say is not believed: the file's header counts. Where a plain and a .gz file stand for
 * the same, the plain one is taken; two plain ones, or two .gz, are an error. */
#ifndef NUDGE_READ_IDX_NAMES_H
#define NUDGE_READ_IDX_NAMES_H

#include "base/memory.h"

enum idx_role { IDX_TRAIN_FEATURES, IDX_TRAIN_TARGETS, IDX_TEST_FEATURES, IDX_TEST_TARGETS, IDX_ROLES };

/* The paths of a set's files; NULL: there is none. */
struct idx_files {
    char *paths[IDX_ROLES];
};

/* Whether a file of this name is an IDX file by its ending: an ENDING with or without ".gz". */
bool idx_name_claims(const char *name);

/* The files of a folder by role. An empty result is no error. */
nudge_status idx_files_in(struct idx_files *files, const nudge_allocator *allocator, const char *folder,
                          nudge_error *error);

/* One file of features and its targets, which lie beside it: "images" in the name becomes "labels"
 * ("features" becomes "targets"), and the rest may have any ENDING. */
nudge_status idx_files_for(struct idx_files *files, const nudge_allocator *allocator, const char *path,
                           bool unlabelled, nudge_error *error);

/* Refuses a folder that has a file of some role but not of the name given for it (NULL: no file of that role
 * is wanted): it would be taken together with those that are wanted. */
nudge_status idx_folder_refuse_others(const nudge_allocator *allocator, const char *folder,
                                      const char *const names[IDX_ROLES], nudge_error *error);

void idx_files_release(struct idx_files *files, const nudge_allocator *allocator);

#endif
