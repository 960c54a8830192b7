/* See json.h. */
#include "cli/json.h"

#include "cli/safe.h"

#include <nudge.h>

#include <math.h>
#include <stdlib.h>

json_t *json_figure(double value) {
    return isfinite(value) ? json_real(value) : json_null();
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

bool json_line(json_t *object, FILE *stream, int digits) {
    size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION((size_t)digits);
    char *line = object && !incomplete ? json_dumps(object, flags) : NULL;
    size_t room = line ? nudge_text_show(line, NULL, 0) + 1 : 0;
    char *shown = line ? malloc(room) : NULL; /* its escapes are JSON's, too */
    if (shown) nudge_text_show(line, shown, room);
    bool written = shown && fputs(shown, stream) != EOF && putc('\n', stream) != EOF;
    incomplete = false;
    free(shown);
    free(line);
    json_decref(object);
    return written;
}
