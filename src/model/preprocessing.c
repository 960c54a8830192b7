/* See preprocessing.h. The digits are nudge's own work: what printf's %a writes differs between C libraries,
 * and the same net must give the same bytes. */
#define _GNU_SOURCE /* stpcpy */
#include "model/preprocessing.h"

#include "base/text.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

enum { FRACTION_BITS = 23, EXPONENT_BIAS = 127, SMALLEST_EXPONENT = -126 };

/* 0x1.FFFFFFp±E of a finite number, without trailing zeros; returns the end. */
static char *print_hex(char *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t fraction = bits & ((UINT32_C(1) << FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FRACTION_BITS & 0xFF) - EXPONENT_BIAS;
    if (bits >> 31) *to++ = '-';
    if (exponent < SMALLEST_EXPONENT && fraction == 0) return stpcpy(to, "0x0p+0");
    if (exponent < SMALLEST_EXPONENT) { /* subnormal: shift until the leading 1 stands before the point */
        exponent = SMALLEST_EXPONENT;
        while (!(fraction >> FRACTION_BITS)) {
            fraction <<= 1;
            exponent--;
        }
        fraction &= (UINT32_C(1) << FRACTION_BITS) - 1;
    }
    to = stpcpy(to, "0x1");
    if (fraction) *to++ = '.';
    for (uint32_t rest = fraction << 1; rest; rest = rest << 4 & 0xFFFFFF)
        *to++ = "0123456789abcdef"[rest >> 20];
    *to++ = 'p';
    *to++ = exponent < 0 ? '-' : '+';
    return stpcpy(to, text_number(exponent < 0 ? -exponent : exponent, 4).text);
}

struct preprocessing_text preprocessing_print(nudge_preprocessing preprocessing) {
    struct preprocessing_text out;
    char *to = print_hex(stpcpy(out.text, "shift "), preprocessing.shift);
    print_hex(stpcpy(to, ", scale "), preprocessing.scale);
    return out;
}

/* The word, then a number that is an f32; NULL when it is not there. */
static const char *parse_part(const char *text, const char *word, float *value) {
    if (strncmp(text, word, strlen(word))) return NULL;
    double number;
    const char *end = text_parse_number(text + strlen(word), &number);
    if (!end || !(number >= -(double)FLT_MAX && number <= (double)FLT_MAX)) return NULL;
    *value = (float)number;
    return (double)*value == number ? end : NULL;
}

bool preprocessing_parse(const char *text, float *shift, float *scale) {
    const char *end = parse_part(text, "shift ", shift);
    if (end) end = parse_part(end, ", scale ", scale);
    return end && *end == 0;
}
