/* Errors as sentences. Invariant: an error is written once, by the function that found it; callers above
 * pass the status on and may only put a place in front of the sentence. */
#ifndef NUDGE_BASE_STATUS_H
#define NUDGE_BASE_STATUS_H

#include <nudge.h>

/* Writes code and sentence into `error` (if not NULL) and returns `code`, so that a function can end with
 *     return error_set(error, NUDGE_BAD_INPUT, "%s: row %zu: label %d, expected 0 to %zu", ...);
 * Formats understood: those of vsnprintf for integers and strings. Write floating-point numbers with
 * text_number() as %s: the host's locale must not show. */
__attribute__((format(printf, 3, 4))) nudge_status error_set(nudge_error *error, nudge_status code,
                                                             const char *format, ...);

/* Puts "prefix" in front of the sentence that a callee wrote ("FILE: " before a place). Returns error->code's
 * status. */
nudge_status error_prefix(nudge_error *error, nudge_status code, const char *prefix);

/* In a public function: one of these pointers is NULL, and the sentence says which.
 *     if (missing(error, net, path)) return NUDGE_BAD_ARGUMENT; */
#define missing(error, ...)                                                                                  \
    missing_argument(error, __func__, #__VA_ARGS__, (const void *const[]){__VA_ARGS__},                      \
                     sizeof((const void *const[]){__VA_ARGS__}) / sizeof(void *))
bool missing_argument(nudge_error *error, const char *function, const char *names,
                      const void *const *arguments, size_t count);

nudge_status error_no_memory(nudge_error *error, size_t bytes, const char *what);

#endif
