/* See status.h. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *nudge_version(void) {
    return NUDGE_VERSION;
}

/* Texts from outside stand in the sentence; whatever they hold, it stays one line. */
static void make_printable(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

nudge_status error_set(nudge_error *error, nudge_status code, const char *format, ...) {
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        make_printable(error->message);
    }
    return code;
}

nudge_status error_prefix(nudge_error *error, nudge_status code, const char *prefix) {
    if (error) {
        char sentence[sizeof error->message];
        memcpy(sentence, error->message, sizeof sentence);
        snprintf(error->message, sizeof error->message, "%s%s", prefix, sentence);
    }
    return code;
}

nudge_status error_no_memory(nudge_error *error, size_t bytes, const char *what) {
    return error_set(error, NUDGE_NO_MEMORY, "not enough memory: %zu bytes for %s", bytes, what);
}
