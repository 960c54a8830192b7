/* One chart, for pictures that have some beside other things. Of draw/ alone. */
#ifndef NUDGE_DRAW_CHART_H
#define NUDGE_DRAW_CHART_H

#include "draw/axes.h"

enum {
    CHART_WIDTH = 340,
    CHART_HEIGHT = 220,
    CHART_STEP = 440
}; /* of the field inside the axes; from one to the next */

/* Draws a chart whose field begins there; returns where its legend ends. */
double chart_draw(struct draw_page *page, double left, double top, const struct draw_chart *chart);

#endif
