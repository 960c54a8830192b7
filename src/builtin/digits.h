/* The built-in data set `digits`: handwriting that nudge draws itself, so that a first network can learn to
 * read without any download. Each example is drawn from a stroke model of its digit (digits_strokes.h), then
 * brought into MNIST's form (LeCun, Cortes and Burges 1998): the ink fills a 20x20 box, keeping its aspect,
 * and its centre of mass lies in the pixel right of and below the middle of 28x28 pixels.
 *
 * An example is a pure function of (seed, part, index), with the same bits on every machine: any of them can
 * be drawn at any time, in any order, by any thread. */
#ifndef NUDGE_BUILTIN_DIGITS_H
#define NUDGE_BUILTIN_DIGITS_H

#include <stdint.h>

enum { DIGITS_SIDE = 28, DIGITS_PIXELS = 784, DIGITS_CLASSES = 10 };

/* Draws example `index` of part `part` (0 train, 1 test) of the set with `seed`; returns its label 0..9.
 * image   [28][28], row by row from the top; 0 is background, 255 full ink, and both occur. */
int digits_draw(uint8_t image[DIGITS_PIXELS], uint64_t seed, uint32_t part, uint32_t index);

#endif
