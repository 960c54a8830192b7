/* See json.h. */
#include "cli/tell/json.h"

#include "cli/tell/safe.h"
#include "cli/tell/say.h"

#include <nudge.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_figure(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(uint64_t value) {
    return json_integer((json_int_t)value);
}

json_t *json_text(const char *text) {
    if (!text) return json_null();
    json_t *string = json_string(text);
    return string ? string : json_string(safe(text).text); /* a file's name that is no UTF-8 */
}

/* A field of the line being made could not be added. */
static bool incomplete;

void json_add(json_t *object, const char *name, json_t *value) {
    if (json_object_set_new(object, name, value)) incomplete = true;
}

void json_append(json_t *array, json_t *value) {
    if (json_array_append_new(array, value)) incomplete = true;
}

/* The object's text, to be freed; NULL: no memory. Into a buffer of the right size: json_dumps, whose buffer grows,
 * loses pieces (2.14) when it cannot. */
static char *dump(const json_t *object, size_t flags) {
    size_t length = json_dumpb(object, NULL, 0, flags);
    char *text = length ? malloc(length + 1) : NULL;
    if (text && json_dumpb(object, text, length, flags) == length) {
        text[length] = 0;
        return text;
    }
    free(text);
    return NULL;
}

int json_line(json_t *object, FILE *stream, int digits) {
    size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION((size_t)digits);
    char *line = object && !incomplete ? dump(object, flags) : NULL;
    size_t room = line ? nudge_text_show(line, NULL, 0) + 1 : 0;
    char *shown = line ? malloc(room) : NULL; /* its escapes are JSON's, too */
    if (shown) {
        nudge_text_show(line, shown, room);
        fputs(shown, stream);
        putc('\n', stream);
    }
    bool made = shown != NULL;
    incomplete = false;
    free(shown);
    free(line);
    json_decref(object);
    return made ? EXIT_DONE : say_lost("a line of JSON");
}

/* -- reading -- */

static struct {
    unsigned char *block;
    size_t size, used;
} reading;

static void *take_piece(size_t bytes) {
    size_t rounded = (bytes + 15) / 16 * 16;
    if (rounded > reading.size - reading.used) return NULL;
    reading.used += rounded;
    return reading.block + reading.used - rounded;
}

static void keep_piece(void *piece) {
    (void)piece; /* the block goes as a whole */
}

/* 768 bytes for each value or name, 8 for each byte of text: measured in tests/unit/json_memory_test.c. */
bool json_read(const char *text, json_t **root) {
    size_t length = strlen(text), marks = 0;
    json_malloc_t allocate;
    json_free_t release;
    for (size_t i = 0; i < length; i++) marks += strchr("{[,:", text[i]) != NULL;
    reading.size = 4096 + 768 * marks + 8 * length;
    reading.used = 0;
    reading.block = malloc(reading.size);
    if (!reading.block) return false;
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(take_piece, keep_piece);
    *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_set_alloc_funcs(allocate, release);
    return true;
}

void json_read_end(void) {
    free(reading.block);
    reading.block = NULL;
}

void json_event(json_t *object) {
    json_line(object, stdout, JSON_DIGITS);
    fflush(stdout);
}
