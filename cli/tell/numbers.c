/* See numbers.h. */
#include "cli/tell/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *word, double *value) {
    /* strtod also takes blanks in front, hexadecimal, "inf" and "nan" */
    size_t length = strspn(word, "0123456789+-.eE");
    if (length == 0 || word[length]) return false;
    char *end;
    double parsed = strtod(word, &end);
    if (end == word || *end || !isfinite(parsed)) return false;
    *value = parsed;
    return true;
}

bool number_parse_count(const char *word, uint64_t *value) {
    uint64_t count = 0;
    if (!*word) return false;
    for (const char *c = word; *c; c++) {
        if (*c < '0' || *c > '9') return false;
        if (__builtin_mul_overflow(count, (uint64_t)10, &count) ||
            __builtin_add_overflow(count, (uint64_t)(*c - '0'), &count))
            return false;
    }
    *value = count;
    return true;
}

bool number_parse_bytes(const char *word, uint64_t *value) {
    static const struct unit {
        const char *name;
        uint64_t bytes;
    } units[] = {{"", 1},
                 {"K", UINT64_C(1) << 10},
                 {"M", UINT64_C(1) << 20},
                 {"G", UINT64_C(1) << 30},
                 {"T", UINT64_C(1) << 40},
                 {"kB", 1000},
                 {"MB", 1000000},
                 {"GB", 1000000000},
                 {"TB", UINT64_C(1000000000000)}};
    char digits[24];
    uint64_t count;
    size_t length = strspn(word, "0123456789");
    if (length == 0 || length >= sizeof digits) return false;
    memcpy(digits, word, length);
    digits[length] = 0;
    if (!number_parse_count(digits, &count)) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(word + length, units[i].name) == 0)
            return !__builtin_mul_overflow(count, units[i].bytes, value);
    return false;
}

/* 50, not 5e+01: a power of ten where every way of writing the number has one. */
static bool is_shorter(const char *text, double value, int most) {
    char longest[40];
    snprintf(longest, sizeof longest, "%.*g", most, value);
    return !strchr(text, 'e') || strchr(longest, 'e');
}

struct number_text number_exact(double value) {
    enum { DIGITS = 17 };
    struct number_text number;
    for (int digits = 1; digits <= DIGITS; digits++) {
        snprintf(number.text, sizeof number.text, "%.*g", digits, value);
        if (strtod(number.text, NULL) == value && is_shorter(number.text, value, DIGITS)) break;
    }
    return number;
}

struct number_text number_exact_f32(float value) {
    enum { DIGITS = 9 };
    struct number_text number;
    for (int digits = 1; digits <= DIGITS; digits++) {
        snprintf(number.text, sizeof number.text, "%.*g", digits, (double)value);
        if (strtof(number.text, NULL) == value && is_shorter(number.text, (double)value, DIGITS)) break;
    }
    return number;
}

struct number_text number_count(uint64_t value) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    struct number_text number;
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) number.text[used++] = ',';
        number.text[used++] = digits[i];
    }
    number.text[used] = 0;
    return number;
}

struct number_text number_cost(double value) {
    struct number_text number = {"-"};
    double size = fabs(value);
    const char *format = size == 0      ? "%.0f"
                         : size < 0.001 ? "%.2e"
                         : size < 10    ? "%.4f"
                         : size < 10000 ? "%.2f"
                                        : "%.3e";
    if (!isnan(value)) snprintf(number.text, sizeof number.text, format, value);
    return number;
}

struct number_text number_short(double value, int digits) {
    struct number_text number = {"-"};
    double unsigned_zero = value + 0.0; /* -0 is 0 to people */
    if (digits > 17) digits = 17;       /* what a double has */
    if (!isnan(value)) snprintf(number.text, sizeof number.text, "%.*g", digits, unsigned_zero);
    return number;
}

struct number_text number_fitted(double value, int digits, int columns) {
    struct number_text number = number_short(value, digits);
    while (--digits > 0 && strlen(number.text) > (size_t)columns) number = number_short(value, digits);
    return number;
}

struct number_text number_percent(double fraction, int decimals) {
    struct number_text number = {"-"};
    if (!isnan(fraction)) snprintf(number.text, sizeof number.text, "%.*f %%", decimals, 100 * fraction);
    return number;
}

struct number_text number_bytes(double bytes) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    struct number_text number;
    size_t unit = 0;
    for (; bytes >= 1000 && unit < 4; unit++) bytes /= 1000;
    snprintf(number.text, sizeof number.text, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return number;
}

struct number_text number_seconds(double seconds) {
    struct number_text number;
    if (seconds < 10) {
        snprintf(number.text, sizeof number.text, seconds < 0.995 ? "%.2f s" : "%.1f s", seconds);
    } else if (seconds < 59.5) {
        snprintf(number.text, sizeof number.text, "%.0f s", seconds);
    } else {
        double whole = floor(seconds + 0.5), minutes = floor(whole / 60);
        snprintf(number.text, sizeof number.text, "%.0f min %02.0f s", minutes, whole - 60 * minutes);
    }
    return number;
}

struct number_text number_clock(double seconds) {
    struct number_text number;
    double whole = floor(seconds + 0.5), hours = floor(whole / 3600), rest = whole - 3600 * hours;
    double minutes = floor(rest / 60);
    rest -= 60 * minutes;
    if (hours > 0)
        snprintf(number.text, sizeof number.text, "%.0f:%02.0f:%02.0f", hours, minutes, rest);
    else
        snprintf(number.text, sizeof number.text, "%.0f:%02.0f", minutes, rest);
    return number;
}

struct number_text number_rate(double per_second) {
    struct number_text number;
    if (per_second < 9999.5)
        snprintf(number.text, sizeof number.text, "%.0f/s", per_second);
    else if (per_second < 999.5e3)
        snprintf(number.text, sizeof number.text, "%.0fk/s", per_second / 1e3);
    else
        snprintf(number.text, sizeof number.text, "%.1fM/s", per_second / 1e6);
    return number;
}

int number_compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}
