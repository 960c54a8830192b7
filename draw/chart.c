/* Charts: curves, points and histograms over axes, several side by side, each with its legend. */
#include "draw/chart.h"

#include <math.h>

enum { LEGEND_ROW = 15 };

static struct colour colour_of(const struct draw_page *page, const struct draw_curve *curve) {
    return page->theme->series[curve->series % DRAW_SERIES];
}

static void draw_points(draw_page *page, const struct axes *axes, const struct draw_curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        if (isfinite(curve->x[i]) && isfinite(curve->y[i]))
            page_disc(page, axes_x(axes, curve->x[i]), axes_y(axes, curve->y[i]), 2.4,
                      colour_of(page, curve));
}

/* Bars from the axis up: x are their left edges, one more than y. */
static void draw_bars(draw_page *page, const struct axes *axes, const struct draw_curve *curve) {
    for (size_t i = 0; i < curve->count; i++) {
        double left = axes_x(axes, curve->x[i]), right = axes_x(axes, curve->x[i + 1]);
        double bottom = axes->top + axes->height;
        if (axes->up.logarithmic ? curve->y[i] < axes->up.low : curve->y[i] == 0) continue;
        double top = axes_y(axes, curve->y[i]);
        if (top > bottom - 2) top = bottom - 2; /* what stands at the axis' beginning shows, too */
        page_rectangle(page, left + 0.5, top, right - left - 1, bottom - top, colour_of(page, curve));
    }
}

static void draw_curve(draw_page *page, const struct axes *axes, const struct draw_curve *curve) {
    if (curve->style == DRAW_BARS)
        draw_bars(page, axes, curve);
    else if (curve->style == DRAW_POINTS)
        draw_points(page, axes, curve);
    else
        axes_line(page, axes, curve->x, curve->y, curve->count, colour_of(page, curve), 1.8, curve->style);
    /* a line through one point is nothing to see */
    if (curve->style < DRAW_POINTS && curve->count == 1) draw_points(page, axes, curve);
}

static void draw_sample(draw_page *page, double x, double y, const struct draw_curve *curve) {
    struct axes field = {x, y - 8, 22, 8, {0, 1, false}, {0, 1, false}, NULL, NULL, NULL};
    static const double across[] = {0, 1}, middle[] = {0.5, 0.5};
    if (curve->style == DRAW_BARS)
        page_rectangle(page, x + 4, y - 9, 14, 9, colour_of(page, curve));
    else if (curve->style == DRAW_POINTS)
        page_disc(page, x + 11, y - 4, 3, colour_of(page, curve));
    else
        axes_line(page, &field, across, middle, 2, colour_of(page, curve), 1.8, curve->style);
}

/* Below the axis' label, in as many columns as there is room for. */
static double draw_legend(draw_page *page, const struct axes *axes, const struct draw_chart *chart) {
    double x = axes->left, y = axes->top + axes->height + 50;
    for (size_t i = 0; i < chart->count; i++) {
        const struct draw_curve *curve = &chart->curves[i];
        if (!curve->name) continue;
        double width = page_text_width(page, curve->name, TEXT_SMALL) + 40;
        if (x > axes->left && x + width > axes->left + axes->width + 30) {
            x = axes->left;
            y += LEGEND_ROW;
        }
        draw_sample(page, x, y, curve);
        page_text(page, x + 27, y, curve->name, TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
        x += width;
    }
    return y;
}

double chart_draw(draw_page *page, double left, double top, const struct draw_chart *chart) {
    struct axes axes = {left,
                        top,
                        CHART_WIDTH,
                        CHART_HEIGHT,
                        AXIS_EMPTY(chart->x_log),
                        AXIS_EMPTY(chart->y_log),
                        chart->title,
                        chart->x_label,
                        chart->y_label};
    bool whole = chart->x_low < chart->x_high;
    double zero = 0;
    for (size_t i = 0; i < chart->count; i++) {
        const struct draw_curve *curve = &chart->curves[i];
        bool bars = curve->style == DRAW_BARS;
        axis_take(&axes.across, curve->x, curve->count + bars);
        axis_take(&axes.up, curve->y, curve->count);
        if (bars && !chart->y_log) axis_take(&axes.up, &zero, 1);
    }
    if (whole) {
        axes.across.low = chart->x_low;
        axes.across.high = chart->x_high;
    } else
        axis_round(&axes.across);
    axis_round(&axes.up);
    axes_draw(page, &axes);
    for (size_t i = 0; i < chart->count; i++) draw_curve(page, &axes, &chart->curves[i]);
    return draw_legend(page, &axes, chart);
}

void draw_charts(draw_page *page, const struct draw_charts *charts) {
    double y = TEXT_TITLE, bottom = 0;
    page_text_bold(page, 0, y, charts->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    if (charts->subtitle)
        page_text(page, 0, y += 20, charts->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    y += 44;
    for (size_t i = 0; i < charts->count; i++) {
        size_t column = i % (charts->columns ? charts->columns : 2);
        if (i > 0 && column == 0) y = bottom + 50;
        double end = chart_draw(page, 56 + (double)column * CHART_STEP, y, &charts->charts[i]);
        bottom = end > bottom ? end : bottom;
    }
}
