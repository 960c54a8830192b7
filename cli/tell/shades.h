/* Images as text: two pixels, one above the other, to a character cell, as cells are about twice as high as
 * wide. */
#ifndef NUDGE_CLI_TELL_SHADES_H
#define NUDGE_CLI_TELL_SHADES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum shades {
    SHADES_ASCII,   /* " .:-=+*#%@" */
    SHADES_UNICODE, /* half blocks and shades */
    SHADES_COLOURS, /* half blocks in the terminal's greys: every pixel as it is */
};

/* The best that people at this stream can see. */
enum shades shades_for(FILE *stream);

/* An image on its way to text: pixels from 0 (dark) to 1 (bright), made smaller where it is too wide. */
struct picture {
    float *pixels; /* [height][width] */
    size_t height, width;
};

/* Takes values from `low` to `high`. At most `columns` cells wide. False: no memory. */
bool picture_make(struct picture *picture, const float *values, size_t height, size_t width, float low,
                  float high, size_t columns);
void picture_free(struct picture *picture);

size_t picture_lines(const struct picture *picture);
/* Writes one line of text, as wide as the picture, without a newline. */
void picture_line(const struct picture *picture, size_t line, enum shades shades, FILE *stream);

#endif
