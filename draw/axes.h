/* Axes: from numbers to places on the page, with ticks at round numbers. Of draw/ alone. */
#ifndef NUDGE_DRAW_AXES_H
#define NUDGE_DRAW_AXES_H

#include "draw/page.h"

struct axis {
    double low, high;                                          /* low > high: nothing was taken in yet */
    bool logarithmic;                                          /* takes only what is above 0 */
    bool whole;                                                /* ticks are whole numbers, as of epochs */
    enum ticks { TICKS_EVEN, TICKS_125, TICKS_DECADES } ticks; /* of a logarithmic axis; by axis_round */
};

#define AXIS_EMPTY(log)                                                                                      \
    { .low = 1, .high = 0, .logarithmic = log }

struct axes {
    double left, top, width, height;
    struct axis across, up;
    const char *title, *x_label, *y_label; /* each may be NULL */
};

/* Whether the number has a place on an axis of this kind. */
bool axis_fits(const struct axis *axis, double value);
/* Widens the axis so that the number lies within; one that does not fit is left out. */
void axis_take(struct axis *axis, double value);
/* Makes the ends round; an axis that took nothing goes from 0 to 1. */
void axis_round(struct axis *axis);

/* Frame, grid, ticks and labels. Labels stand outside: some 60 pixels to the left, 40 below, 20 above. */
void axes_draw(struct draw_page *page, const struct axes *axes);
double axes_x(const struct axes *axes, double value);
double axes_y(const struct axes *axes, double value);

/* A line through the points; it breaks where a number is missing, and stays inside the frame. */
void axes_line(struct draw_page *page, const struct axes *axes, const double *x, const double *y,
               size_t count, struct colour colour, double width, enum draw_style style);

#endif
