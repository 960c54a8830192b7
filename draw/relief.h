/* The cost surface as heights, and paths on it: what map and relief of surface.c share. Of draw/ alone. */
#ifndef NUDGE_DRAW_RELIEF_H
#define NUDGE_DRAW_RELIEF_H

#include "draw/page.h"

/* Costs are shown by their logarithm where they span more than a factor of 20: valleys have their contours, too. */
struct scale {
    bool logarithmic, cut; /* cut: there are lower costs than low */
    double low, high;      /* of the cost or its logarithm */
};

struct scale scale_of(const struct draw_surface *surface);
double scale_share(const struct scale *scale, double cost); /* from 0, the lowest cost, to 1 */
double scale_cost(const struct scale *scale, double share); /* back */
/* Between the grid's points, x and y from 0 to 1 over the plane. */
double scale_between(const struct draw_surface *surface, const struct scale *scale, double x, double y);

/* One path, as places on the page. */
struct trail {
    double *x, *y;
    size_t count;
    double length; /* in the plane; the shortest are drawn last, so that they show */
    struct colour colour;
};
/* Draws and frees them: lines with an outline, so that they show on any ground; a ring where they begin, a disc where each
 * ends. */
void trails_draw(struct draw_page *page, struct trail *trails, size_t count);
struct trail trail_new(const struct draw_page *page, const struct draw_path *path);

enum { RELIEF = 380 }; /* its side; with labels it is a quarter wider */
void relief_draw(struct draw_page *page, double left, double top, const struct draw_surface *surface,
                 const struct scale *scale);

#endif
