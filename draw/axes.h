/* Axes: from numbers to places on the page, with ticks at round numbers. Of draw/ alone. */
#ifndef NUDGE_DRAW_AXES_H
#define NUDGE_DRAW_AXES_H

#include "draw/page.h"

struct axis {
    double low, high; /* low > high: nothing was taken in yet */
    bool logarithmic; /* takes only what is above 0 */
};

#define AXIS_EMPTY(log)                                                                                      \
    { 1, 0, log }

struct axes {
    double left, top, width, height;
    struct axis across, up;
    const char *title, *x_label, *y_label; /* each may be NULL */
};

/* Widens the axis so that the numbers lie within; NaN and infinity are left out. */
void axis_take(struct axis *axis, const double *values, size_t count);
/* Makes the ends round; an axis that took nothing goes from 0 to 1. */
void axis_round(struct axis *axis);

/* Frame, grid, ticks and labels. Labels stand outside: 56 pixels to the left, 40 below, 20 above at most. */
void axes_draw(struct draw_page *page, const struct axes *axes);
double axes_x(const struct axes *axes, double value);
double axes_y(const struct axes *axes, double value);

/* A line through the points; it breaks where a number is missing, and stays inside the frame. */
void axes_line(struct draw_page *page, const struct axes *axes, const double *x, const double *y,
               size_t count, struct colour colour, double width, enum draw_style style);

#endif
