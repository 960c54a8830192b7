/* Numbers as people write and read them. Invariant: no locale has a say (the command never sets
 * LC_NUMERIC). */
#ifndef NUDGE_CLI_TELL_NUMBERS_H
#define NUDGE_CLI_TELL_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole word must be a finite decimal number, or a whole number >= 0. */
bool number_parse(const char *word, double *value);
bool number_parse_count(const char *word, uint64_t *value);
/* A whole number of bytes, or one with K, M, G or T behind it (powers of 1024) or kB, MB, GB or TB (of
 * 1000). */
bool number_parse_bytes(const char *word, uint64_t *value);

/* For qsort, of double. */
int number_compare(const void *a, const void *b);

/* A number's text, returned by value. */
struct number_text {
    char text[48];
};

struct number_text number_exact(double value);    /* the fewest digits that read back as `value`: 0.1 */
struct number_text number_exact_f32(float value); /* the same, read back as a float */
struct number_text number_count(uint64_t value);  /* 60,000 */
struct number_text number_cost(double value);     /* 0.0871, 3.1e-05; "-" when not a number */
struct number_text number_short(double value, int digits); /* so many significant digits; "-" as above */
struct number_text number_fitted(double value, int digits, int columns); /* fewer digits where it is wider */
struct number_text number_percent(double fraction, int decimals);        /* 97.52 %; "-" when not a number */
struct number_text number_bytes(double bytes);                           /* 44.9 MB */
struct number_text number_seconds(double seconds);                       /* 0.74 s, 7.4 s, 43 s, 2 min 05 s */
struct number_text number_clock(double seconds);                         /* 0:43, 2:05, 1:02:05 */
struct number_text number_rate(double per_second);                       /* 412k/s */

#endif
