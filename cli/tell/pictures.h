/* Images of a data set's rows, side by side, as text. */
#ifndef NUDGE_CLI_TELL_PICTURES_H
#define NUDGE_CLI_TELL_PICTURES_H

#include "cli/tell/shades.h"

#include <nudge.h>

enum { PICTURES_GAP = 3, PICTURES_MOST = 16, PICTURES_MARGIN = 2 };

struct captioned {
    struct picture picture;
    char caption[160];
};

/* How many columns each of so many images side by side may have on standard output: at least one. */
size_t pictures_columns(size_t abreast);
/* How many images of so many columns stand side by side on standard output: 1 .. PICTURES_MOST. */
size_t pictures_abreast(size_t width);

/* The row's features as an image: u8 from 0 to 255, other numbers from their least to their largest. At most
 * `columns` cells wide. False: no memory. */
bool pictures_take(struct picture *picture, const nudge_data *data, const float *features, size_t columns);

/* Prints and frees `count` pictures of one size, side by side, their captions below. */
void pictures_print(struct captioned *pictures, size_t count, enum shades shades);

#endif
