/* See json_guard.h. */
#include "model/json_guard.h"

#include "base/memory.h"
#include "base/status.h"

/* What jansson allocates: by mark, a value with its place in a list, or a name, its place in an object and
 * the object's tables; by byte of text, the text, and its reader's buffer while that doubles. Measured by
 * tests/unit/model_hostile_test.c. */
enum { BYTES_PER_MARK = 512, BYTES_PER_BYTE = 6, BYTES_AT_LEAST = 4096 };

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

/* Asks jansson's own allocator. */
static bool is_there(size_t bytes) {
    json_malloc_t allocate;
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    void *memory = allocate(bytes);
    release(memory);
    return memory != NULL;
}

nudge_status json_guard_read(json_t **root, const char *text, size_t size, size_t most_marks,
                             const char *what, size_t offset, nudge_error *error) {
    size_t marks = count_marks(text, size), by_marks, by_bytes, most;
    if (marks > most_marks)
        return error_set(error, NUDGE_BAD_INPUT, "%s has %zu of { [ , : in its JSON, expected at most %zu",
                         what, marks, most_marks);
    bool fits = size_multiply(&by_marks, marks, BYTES_PER_MARK) &&
                size_multiply(&by_bytes, size, BYTES_PER_BYTE) && size_add(&most, by_marks, by_bytes) &&
                size_add(&most, most, BYTES_AT_LEAST);
    if (!fits || !is_there(most)) return error_no_memory(error, fits ? most : SIZE_MAX, what);
    json_error_t reason = {.position = -1};
    *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &reason);
    if (*root) return NUDGE_OK;
    enum json_error_code code = json_error_code(&reason);
    if (code == json_error_unknown || code == json_error_out_of_memory)
        return error_no_memory(error, most, what);
    return error_set(error, NUDGE_BAD_INPUT, "%s is not JSON at byte %zu%s", what,
                     offset + (reason.position < 0 ? 0 : (size_t)reason.position),
                     code == json_error_duplicate_key ? ": a name occurs twice" : "");
}
