/* Numbers as text, whatever the host's locale: the decimal point is always '.'. */
#ifndef NUDGE_BASE_TEXT_H
#define NUDGE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a decimal (or hexadecimal, or inf/nan) number at the start of `text`. Returns the first character
 * after it, or NULL when there is no number. Leading white space is not skipped. */
const char *text_parse_number(const char *text, double *value);

/* Parses an unsigned whole number, decimal digits only; NULL when there is none or it exceeds `limit`. */
const char *text_parse_count(const char *text, uint64_t limit, uint64_t *value);

struct text_number {
    char text[40];
};

/* The number with up to `digits` significant digits ("%.*g"): 9 are exact both ways for f32, 17 for f64. Use
 * as
 *     text_number(x, 6).text */
struct text_number text_number(double value, int digits);

/* The shortest text that reads back as the same number. */
struct text_number text_float(float value);
struct text_number text_double(double value);

/* Writes behind the `used` characters that text[0 .. room-1] has; what does not fit is cut. Returns the
 * characters that the whole text needs, so that a first call with room 0 measures. Formats as for error_set
 * (base/status.h). */
__attribute__((format(printf, 4, 5))) size_t text_append(char *text, size_t room, size_t used,
                                                         const char *format, ...);

#endif
