/* See text_source.h. */
#include "table/text_source.h"

#include "base/memory.h"
#include "base/status.h"

#include <string.h>

struct memory_source {
    struct text_source source; /* first: a pointer to it is one to all of this */
    nudge_allocator allocator;
    const char *bytes;
    size_t size, at;
};

static nudge_status read_memory(struct text_source *source, void *bytes, size_t count, size_t *got,
                                nudge_error *error) {
    struct memory_source *memory = (struct memory_source *)source;
    (void)error;
    size_t left = memory->size - memory->at;
    *got = count < left ? count : left;
    if (*got > 0) memcpy(bytes, memory->bytes + memory->at, *got);
    memory->at += *got;
    return NUDGE_OK;
}

static nudge_status rewind_memory(struct text_source *source, nudge_error *error) {
    (void)error;
    ((struct memory_source *)source)->at = 0;
    return NUDGE_OK;
}

static void close_memory(struct text_source *source) {
    struct memory_source *memory = (struct memory_source *)source;
    nudge_allocator allocator = memory->allocator;
    memory_release(&allocator, memory, sizeof *memory);
}

nudge_status text_source_memory(const nudge_allocator *allocator, const char *name, const void *bytes,
                                size_t size, struct text_source **source, nudge_error *error) {
    struct memory_source *memory = memory_get(allocator, sizeof *memory);
    if (!memory) return error_no_memory(error, sizeof *memory, "a text's source");
    *memory = (struct memory_source){
        .source = {name, read_memory, rewind_memory, close_memory},
        .allocator = *allocator,
        .bytes = bytes,
        .size = size,
    };
    *source = &memory->source;
    return NUDGE_OK;
}
