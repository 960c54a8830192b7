/* Where the readers of text tables get their bytes: a file, a pipe, memory. Pure: one that has a file is made elsewhere.
 * Invariant: between two rewinds the bytes come in order, each once, and after a rewind the same ones again. */
#ifndef NUDGE_TABLE_TEXT_SOURCE_H
#define NUDGE_TABLE_TEXT_SOURCE_H

#include <nudge.h>

struct text_source {
    const char *name; /* for sentences; lives as long as the source */
    /* The next `count` bytes; *got < count only at the end. */
    nudge_status (*read)(struct text_source *source, void *bytes, size_t count, size_t *got,
                         nudge_error *error);
    nudge_status (*rewind)(struct text_source *source, nudge_error *error);
    void (*close)(struct text_source *source); /* frees it */
};

/* Over bytes in memory. They and the name stay the caller's and outlive the source. */
nudge_status text_source_memory(const nudge_allocator *allocator, const char *name, const void *bytes,
                                size_t size, struct text_source **source, nudge_error *error);

#endif
