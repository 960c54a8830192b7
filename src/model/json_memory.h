/* Reading and making JSON with jansson, under limits and in the context's memory. Invariant: between begin and
 * end nothing that jansson allocates on this thread comes from elsewhere than the allocator, and nothing of it is
 * left after the end.
 *
 * jansson has one pair of functions for a whole process. Ours take their place once and hand on to those that were
 * there whatever a thread allocates outside of begin and end: the host's own use of jansson does not notice.
 *
 * jansson grows a tree of up to eighty times its text ("[{},{},{}..."), and its reader (2.14) neither tells nor
 * always survives a failed allocation. So the text's marks are counted beforehand, and the most that it can need is
 * one block of memory, from which jansson is served without fail. */
#ifndef NUDGE_MODEL_JSON_MEMORY_H
#define NUDGE_MODEL_JSON_MEMORY_H

#include <jansson.h>
#include <nudge.h>

struct json_memory {
    const nudge_allocator *allocator;
    unsigned char *block; /* NULL: piece by piece from the allocator */
    size_t size, used;
    struct json_memory *outer; /* what served this thread before */
};

/* For making JSON, whose functions survive failed allocations. What was made is released (json_decref) before
 * the end. */
void json_memory_begin(struct json_memory *memory, const nudge_allocator *allocator);

/* *root = the tree of the text, strict, names unique; it lives until the end, which releases it. At most
 * `most_marks` of { [ , : may stand outside of its texts. Begins only when it succeeds. Errors:
 * NUDGE_BAD_INPUT with a sentence that begins with `what`, and counts bytes from `offset`; NUDGE_NO_MEMORY. */
nudge_status json_memory_read(struct json_memory *memory, const nudge_allocator *allocator, json_t **root,
                              const char *text, size_t size, size_t most_marks, const char *what,
                              size_t offset, nudge_error *error);

/* Of the last one that began. Nothing happens for one that did not, all zero. */
void json_memory_end(struct json_memory *memory);

#endif
