/* See status.h. */
#include "base/status.h"

#include "base/show.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *nudge_version(void) {
    return NUDGE_VERSION;
}

unsigned nudge_version_number(void) {
    return NUDGE_VERSION_NUMBER;
}

const char *nudge_status_name(nudge_status status) {
    static const char *const names[] = {"ok",           "bad argument", "bad input",  "no memory",
                                        "input/output", "diverged",     "unsupported"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : NULL;
}

/* Texts from outside stand in the sentence: whatever they hold, it stays one line of UTF-8, cut between
 * characters. */
nudge_status error_set(nudge_error *error, nudge_status code, const char *format, ...) {
    if (error) {
        char sentence[sizeof error->message + 4]; /* room to see that a last character is cut */
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        int length = vsnprintf(sentence, sizeof sentence, format, arguments);
        va_end(arguments);
        size_t kept = length < 0 ? 0 : strlen(sentence);
        show_text(error->message, sizeof error->message, sentence, kept);
    }
    return code;
}

nudge_status error_prefix(nudge_error *error, nudge_status code, const char *prefix) {
    if (!error) return code;
    nudge_error sentence = *error;
    return error_set(error, code, "%s%s", prefix, sentence.message);
}

bool missing_argument(nudge_error *error, const char *function, const char *names,
                      const void *const *arguments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!arguments[i]) {
            error_set(error, NUDGE_BAD_ARGUMENT, "%s: %.*s is NULL", function, (int)strcspn(names, ","),
                      names);
            return true;
        }
        names += strcspn(names, " ") + 1; /* "net, path" */
    }
    return false;
}

nudge_status error_no_memory(nudge_error *error, size_t bytes, const char *what) {
    return error_set(error, NUDGE_NO_MEMORY, "not enough memory: %zu bytes for %s", bytes, what);
}
