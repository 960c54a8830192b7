/* See json_memory.h. */
#include "model/json_memory.h"

#include "base/memory.h"
#include "base/status.h"

#include <pthread.h>

/* What jansson allocates in all while it reads: by mark, a value with its place in a list, or a name, its
 * place in an object and the object's tables, each as large as all before it; by byte of text, the text, and
 * its reader's buffer while that doubles. Measured by tests/unit/json_memory_test.c. */
enum { BYTES_PER_MARK = 768, BYTES_PER_BYTE = 8, BYTES_AT_LEAST = 4096, PIECE_ALIGNMENT = 16 };

/* -- the process's functions -- */

static _Thread_local struct json_memory *current;
static struct {
    json_malloc_t allocate;
    json_free_t release;
} host;

/* A piece of the allocator's begins with its size, which release needs. */
static void *allocate_piece(const nudge_allocator *allocator, size_t bytes) {
    if (!size_add(&bytes, bytes, PIECE_ALIGNMENT)) return NULL;
    unsigned char *piece = memory_get(allocator, bytes);
    if (!piece) return NULL;
    *(size_t *)(void *)piece = bytes;
    return piece + PIECE_ALIGNMENT;
}

static void *carve_block(struct json_memory *memory, size_t bytes) {
    size_t rounded = size_round_up(bytes, PIECE_ALIGNMENT);
    if (rounded > memory->size - memory->used) return NULL;
    void *piece = memory->block + memory->used;
    memory->used += rounded;
    return piece;
}

static void *allocate(size_t bytes) {
    if (!current) return host.allocate(bytes);
    return current->block ? carve_block(current, bytes) : allocate_piece(current->allocator, bytes);
}

static void release_block(void *memory) {
    if (!current) {
        host.release(memory);
    } else if (memory && !current->block) {
        unsigned char *piece = (unsigned char *)memory - PIECE_ALIGNMENT;
        memory_release(current->allocator, piece, *(size_t *)(void *)piece);
    }
}

/* Ours stand there unless the host has set its own since. */
static void take_place(void) {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    json_malloc_t there;
    json_free_t there_too;
    pthread_mutex_lock(&mutex);
    json_get_alloc_funcs(&there, &there_too);
    if (there != allocate) {
        host.allocate = there;
        host.release = there_too;
        json_set_alloc_funcs(allocate, release_block);
    }
    pthread_mutex_unlock(&mutex);
}

/* -- begin and end -- */

static void begin_memory(struct json_memory *memory) {
    take_place();
    memory->outer = current;
    current = memory;
}

void json_memory_begin(struct json_memory *memory, const nudge_allocator *allocator) {
    *memory = (struct json_memory){.allocator = allocator};
    begin_memory(memory);
}

void json_memory_end(struct json_memory *memory) {
    if (!memory->allocator) return;
    current = memory->outer;
    memory_release(memory->allocator, memory->block, memory->size);
    *memory = (struct json_memory){.allocator = NULL};
}

/* -- reading -- */

/* Outside of texts; a text that does not end is jansson's to refuse. */
static size_t count_marks(const char *text, size_t size) {
    size_t marks = 0;
    bool inside = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (inside && c == '\\')
            i++;
        else if (c == '"')
            inside = !inside;
        else if (!inside)
            marks += c == '{' || c == '[' || c == ',' || c == ':';
    }
    return marks;
}

static nudge_status refuse_json(const json_error_t *reason, const char *what, size_t offset, size_t bytes,
                                nudge_error *error) {
    enum json_error_code code = json_error_code(reason);
    if (code == json_error_unknown || code == json_error_out_of_memory)
        return error_no_memory(error, bytes, what);
    return error_set(error, NUDGE_BAD_INPUT, "%s is not JSON at byte %zu%s", what,
                     offset + (reason->position < 0 ? 0 : (size_t)reason->position),
                     code == json_error_duplicate_key ? ": a name occurs twice" : "");
}

nudge_status json_memory_read(struct json_memory *memory, const nudge_allocator *allocator, json_t **root,
                              const char *text, size_t size, size_t most_marks, const char *what,
                              size_t offset, nudge_error *error) {
    size_t marks = count_marks(text, size), by_marks, by_bytes, most;
    if (marks > most_marks)
        return error_set(error, NUDGE_BAD_INPUT, "%s has %zu of { [ , : in its JSON, expected at most %zu",
                         what, marks, most_marks);
    bool fits = size_multiply(&by_marks, marks, BYTES_PER_MARK) &&
                size_multiply(&by_bytes, size, BYTES_PER_BYTE) && size_add(&most, by_marks, by_bytes) &&
                size_add(&most, most, BYTES_AT_LEAST);
    if (!fits) return error_no_memory(error, SIZE_MAX, what);
    *memory =
        (struct json_memory){.allocator = allocator, .block = memory_get(allocator, most), .size = most};
    if (!memory->block) {
        memory->allocator = NULL;
        return error_no_memory(error, most, what);
    }
    begin_memory(memory);
    json_error_t reason = {.position = -1};
    *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &reason);
    if (*root) return NUDGE_OK;
    json_memory_end(memory);
    return refuse_json(&reason, what, offset, most, error);
}
