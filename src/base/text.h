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

/* The shortest text that reads back as the same f32. */
struct text_number text_float(float value);

#endif
