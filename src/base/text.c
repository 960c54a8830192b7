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

#if defined __SIZEOF_INT128__ && !defined __wasm__ /* which lacks the helper functions */
enum { LONG_DIGITS = 19 /* fit in 64 bits */, LONG_POWER = 27 /* so does 5^27 */ };
__extension__ typedef unsigned __int128 uint128;

/* 2^exponent, a normal number. */
static double power_of_two(int exponent) {
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* digits / 10^power, correctly rounded: as a quotient of 63 bits or more by 5^power, whose last bit also stands for the
 * rest, so that rounding it to 53 bits is rounding the exact quotient. */
static double divide_exactly(uint64_t digits, int power) {
    uint64_t divisor = 1;
    for (int i = 0; i < power; i++) divisor *= 5;
    int up = __builtin_clzll(digits), down = __builtin_clzll(divisor);
    uint128 dividend = (uint128)(digits << up) << 63;
    divisor <<= down;
    uint64_t quotient = (uint64_t)(dividend / divisor);
    quotient |= (uint128)quotient * divisor != dividend;
    return (double)quotient * power_of_two(down - up - 63 - power);
}

/* digits * 10^power: the product by 5^power is exact in 128 bits, and is rounded once. */
static double multiply_exactly(uint64_t digits, int power) {
    uint128 product = digits;
    for (int i = 0; i < power; i++) product *= 5;
    return (double)product * power_of_two(power);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The exponent behind an e, of few digits; NULL: there is none. */
static const char *parse_exponent(const char *text, int *exponent) {
    const char *c = text;
    bool negative = *c == '-';
    int value = 0;
    if (*c == '-' || *c == '+') c++;
    const char *begin = c;
    for (; is_digit(*c) && c - begin < 4; c++) value = value * 10 + (*c - '0');
    *exponent = negative ? -value : value;
    return c == begin || is_digit(*c) ? NULL : c;
}

/* The other numbers that programs write: up to 19 digits that count, and an exponent that is not extreme. */
static const char *parse_long(const char *text, double *value) {
    const char *c = text;
    bool negative = *c == '-', seen_point = false, any = false;
    uint64_t digits = 0;
    int count = 0, power = 0, exponent = 0;
    if (*c == '-' || *c == '+') c++;
    for (; is_digit(*c) || (*c == '.' && !seen_point); c++) {
        if (*c == '.') {
            seen_point = true;
            continue;
        }
        any = true;
        count += count > 0 || *c != '0';
        if (count > LONG_DIGITS) return NULL;
        digits = digits * 10 + (uint64_t)(*c - '0');
        power -= seen_point;
    }
    if (!any || *c == 'x' || *c == 'X') return NULL;
    if (*c == 'e' || *c == 'E') {
        c = parse_exponent(c + 1, &exponent);
        if (!c) return NULL;
    }
    power += exponent;
    if (digits > 0 && (power < -LONG_POWER || power > LONG_POWER)) return NULL;
    double magnitude = 0;
    if (digits > 0) magnitude = power < 0 ? divide_exactly(digits, -power) : multiply_exactly(digits, power);
    *value = negative ? -magnitude : magnitude;
    return c;
}
#else
static const char *parse_long(const char *text, double *value) {
    (void)text;
    (void)value;
    return NULL;
}
#endif

const char *text_parse_number(const char *text, double *value) {
    if (isspace((unsigned char)*text)) return NULL;
    const char *end = parse_short(text, value);
    if (!end) end = parse_long(text, value);
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
