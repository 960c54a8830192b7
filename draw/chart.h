/* One chart, for pictures that have some beside other things. Of draw/ alone. */
#ifndef NUDGE_DRAW_CHART_H
#define NUDGE_DRAW_CHART_H

#include "draw/axes.h"

enum {
    CHART_WIDTH = 340,
    CHART_HEIGHT = 220,
    CHART_STEP = 440,
    CHART_WIDE = CHART_STEP + CHART_WIDTH
}; /* of the field inside the axes; from one to the next; of one that has a row for itself */

/* Draws a chart whose field begins there, so wide; returns where its legend ends. */
double chart_draw(struct draw_page *page, double left, double top, double width,
                  const struct draw_chart *chart);
/* In rows of two, a last one alone over the whole row; returns where they end. */
double charts_in_rows(struct draw_page *page, double top, const struct draw_chart *charts, size_t count);

#endif
