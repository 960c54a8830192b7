/* Reading JSON with jansson, under limits. jansson grows a tree of up to eighty times its text
 * ("[{},{},{}..."), and its reader (2.14) neither tells nor always survives a failed allocation. So the
 * text's marks are counted beforehand, and the memory that it can need at most is asked for once, to see
 * whether it is there. */
#ifndef NUDGE_MODEL_JSON_GUARD_H
#define NUDGE_MODEL_JSON_GUARD_H

#include <jansson.h>
#include <nudge.h>

/* *root = the tree of the text, strict, names unique. At most `most_marks` of { [ , : may stand outside of
 * its texts. Errors: NUDGE_BAD_INPUT with a sentence that begins with `what`, and counts bytes from `offset`.
 */
nudge_status json_guard_read(json_t **root, const char *text, size_t size, size_t most_marks,
                             const char *what, size_t offset, nudge_error *error);

#endif
