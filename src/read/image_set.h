/* Data sets of image files:
 *
 *   FOLDER/CLASS/FILE              a training part, from which others may be drawn
 *   FOLDER/train/CLASS/FILE        parts apart; test/ and val/ (or valid/, validation/) beside it, of the same
 *                                  classes, where every sub-folder has such a name
 *
 * Classes are in order of their names' bytes, files within a class likewise: what the set is does not depend on the
 * order in which the system lists a folder. */
#ifndef NUDGE_READ_IMAGE_SET_H
#define NUDGE_READ_IMAGE_SET_H

#include "data/data.h"

/* Reads the folder; `name` is what the set will be called. With options->net, whose classes have labels, these are the
 * classes. */
nudge_status image_folder_open(nudge_context *context, const char *folder, const char *name,
                               const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* Whether there is an image in the folder or at most two folders further down. What cannot be looked at counts as none.
 * Errors: NUDGE_NO_MEMORY alone. */
nudge_status image_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                                nudge_error *error);

/* One image file as a set of one row, as large as options->height and width, or as the net's inputs when they are a
 * square, else as it is; its class is options->truth. */
nudge_status image_file_open(nudge_context *context, const char *path, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error);

/* The side of the square images that the net's inputs are; false when they are none. */
bool image_side_of_net(const nudge_net *net, bool colour, size_t *side);

#endif
