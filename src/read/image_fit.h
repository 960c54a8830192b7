/* Images made alike: grey or colour, of one size. Whole-number arithmetic: the same bytes everywhere. */
#ifndef NUDGE_READ_IMAGE_FIT_H
#define NUDGE_READ_IMAGE_FIT_H

#include "read/image.h"

/* What all images of a set become. */
struct image_form {
    size_t height, width;
    bool colour; /* [height][width][3], else [height][width] */
    bool invert; /* 255 - x */
};

size_t image_form_bytes(const struct image_form *form);

/* Writes the image in the form to out[image_form_bytes()]: grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601),
 * rounded; a side that becomes shorter is averaged by area, one that becomes longer interpolated between the centres of
 * pixels; proportions are not kept. The image's own pixels are used up. */
void image_fit(struct image *image, const struct image_form *form, uint8_t *out);

#endif
