/* See text.h. */
#define _GNU_SOURCE /* strtod_l where there is one */
#include "base/text.h"

#include <ctype.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT_DIGITS = 15, EXACT_POWER = 22 }; /* both 10^15 and 10^22 are whole numbers in f64 */

/* Most numbers in data files: few digits, small exponent. Both factors are exact in f64, so that one
 * correctly rounded operation gives the correctly rounded result (Clinger 1990, the fast path). */
static const char *parse_short(const char *text, double *value) {
    const char *c = text;
    bool negative = *c == '-';
    if (*c == '-' || *c == '+') c++;
    uint64_t digits = 0;
    int count = 0, point = 0, seen_point = 0;
    for (;; c++) {
        if (*c >= '0' && *c <= '9') {
            digits = digits * 10 + (uint64_t)(*c - '0');
            count++;
            point += seen_point;
            if (count > EXACT_DIGITS) return NULL;
        } else if (*c == '.' && !seen_point) {
            seen_point = 1;
        } else {
            break;
        }
    }
    if (count == 0 || point > EXACT_POWER || *c == 'e' || *c == 'E' || *c == 'x' || *c == 'X') return NULL;
    double power = 1;
    for (int i = 0; i < point; i++) power *= 10;
    *value = (negative ? -1.0 : 1.0) * ((double)digits / power);
    return c;
}

const char *text_parse_number(const char *text, double *value) {
    if (isspace((unsigned char)*text)) return NULL;
    const char *end = parse_short(text, value);
    if (end) return end;
    char *after;
#ifdef __wasm__ /* wasi-libc knows no locale but "C" */
    double parsed = strtod(text, &after);
#else
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) return NULL;
    double parsed = strtod_l(text, &after, c_locale);
    freelocale(c_locale);
#endif
    if (after == text) return NULL;
    *value = parsed;
    return after;
}

const char *text_parse_count(const char *text, uint64_t limit, uint64_t *value) {
    uint64_t count = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9'; c++) {
        uint64_t digit = (uint64_t)(*c - '0');
        if (count > (limit - (digit < limit ? digit : limit)) / 10 || digit > limit) return NULL;
        count = count * 10 + digit;
    }
    if (c == text) return NULL;
    *value = count;
    return c;
}

struct text_number text_number(double value, int digits) {
    struct text_number number;
    snprintf(number.text, sizeof number.text, "%.*g", digits, value);
    /* snprintf writes the locale's decimal point: of all that %g can print, the only foreign bytes. */
    size_t keep = 0;
    bool point = false;
    for (const char *c = number.text; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || *c == '-' || *c == '+';
        if (plain) {
            number.text[keep++] = *c;
        } else if (!point) {
            number.text[keep++] = '.';
            point = true;
        }
    }
    number.text[keep] = 0;
    return number;
}

struct text_number text_float(float value) {
    struct text_number number = text_number((double)value, 9);
    double back;
    for (int digits = 1; digits < 9; digits++) {
        struct text_number shorter = text_number((double)value, digits);
        if (text_parse_number(shorter.text, &back) && (float)back == value) return shorter;
    }
    return number;
}

struct text_number text_double(double value) {
    struct text_number number = text_number(value, 17);
    double back;
    for (int digits = 1; digits < 17; digits++) {
        struct text_number shorter = text_number(value, digits);
        if (strchr(shorter.text, 'e') && !strchr(number.text, 'e')) continue; /* 50, not 5e+01 */
        if (text_parse_number(shorter.text, &back) && back == value) return shorter;
    }
    return number;
}

size_t text_append(char *text, size_t room, size_t used, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    bool fits = used < room;
    int added = vsnprintf(fits ? text + used : NULL, fits ? room - used : 0, format, arguments);
    va_end(arguments);
    return used + (added > 0 ? (size_t)added : 0);
}
