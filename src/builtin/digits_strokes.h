/* The ways in which people write the ten digits, as strokes of a pen. Every way ("form") is drawn twice, by
 * two imagined hands: the points correspond one to one, and a writer's own shape lies somewhere between, or a
 * little beyond. So one form covers the whole range from an upright narrow 4 to a wide one, from an open 0 to
 * one whose ends overlap.
 *
 * Units: 100 is the digit's height; y points down, as the rows of an image do; x = 0 is about the left
 * edge. */
#ifndef NUDGE_BUILTIN_DIGITS_STROKES_H
#define NUDGE_BUILTIN_DIGITS_STROKES_H

#include "base/random.h"

#include <stdint.h>

enum digits_point_kind {
    DIGITS_SMOOTH = 0, /* the pen passes through without a stop */
    DIGITS_CORNER,     /* the pen may stop and change direction: sharp or round, as the writer likes */
    DIGITS_ANGLE,      /* always sharp: round, it would be another digit */
    DIGITS_LIFT,       /* the last point of a stroke */
};

struct digits_point {
    int8_t x, y;             /* as the first hand writes */
    int8_t other_x, other_y; /* as the second hand writes */
    uint8_t kind;
};

enum { DIGITS_FORM_POINTS = 24 }; /* no form has more points, all its strokes together */

struct digits_form {
    uint8_t digit;
    uint8_t weight; /* how many in a hundred (about) who write this digit write it so */
    uint8_t count;
    const struct digits_point *points; /* [count], the last of them a DIGITS_LIFT */
};

/* All forms; those of one digit stand together. */
extern const struct digits_form digits_forms[];
extern const unsigned digits_form_count;

/* Chooses a digit, all ten alike, and a form of it by weight. */
const struct digits_form *digits_form_choose(struct random_stream *stream);

#endif
