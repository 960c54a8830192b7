/* Charts: curves, points and histograms over axes, several side by side, each with its legend. */
#include "draw/chart.h"

#include <math.h>

enum { LEGEND_ROW = 15 };

static struct colour colour_of(const struct draw_page *page, const struct draw_curve *curve) {
    return page->theme->series[curve->series % DRAW_SERIES];
}

static void draw_points(draw_page *page, const struct axes *axes, const struct draw_curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        if (axis_fits(&axes->across, curve->x[i]) && axis_fits(&axes->up, curve->y[i]))
            page_disc(page, axes_x(axes, curve->x[i]), axes_y(axes, curve->y[i]), 2.4,
                      colour_of(page, curve));
}

/* Bars from 0, or from a logarithmic axis' beginning: x are their left edges, one more than y. */
static void draw_bars(draw_page *page, const struct axes *axes, const struct draw_curve *curve) {
    const struct axis *up = &axes->up;
    double base = up->logarithmic || up->low > 0 ? up->low : up->high < 0 ? up->high : 0;
    double ground = axes_y(axes, base);
    for (size_t i = 0; i < curve->count; i++) {
        double left = axes_x(axes, curve->x[i]), right = axes_x(axes, curve->x[i + 1]), y = curve->y[i];
        if (up->logarithmic ? y < up->low : y == 0) continue;
        double top = axes_y(axes, y), gap = right - left > 4 ? 0.5 : 0;
        if (y >= base && top > ground - 2) top = ground - 2; /* what is small beside the others shows, too */
        if (y < base && top < ground + 2) top = ground + 2;
        struct colour colour = y < 0 ? page->theme->negative : colour_of(page, curve);
        page_rectangle(page, left + gap, top < ground ? top : ground, right - left - 2 * gap,
                       fabs(ground - top), colour);
    }
    if (base == 0 && up->low < 0)
        page_line(page, axes->left, ground, axes->left + axes->width, ground, 1, page->theme->soft);
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
    struct axes field = {
        .left = x, .top = y - 8, .width = 22, .height = 8, .across = {.high = 1}, .up = {.high = 1}};
    static const double across[] = {0, 1}, middle[] = {0.5, 0.5};
    if (curve->style == DRAW_BARS)
        page_rectangle(page, x + 4, y - 9, 14, 9, colour_of(page, curve));
    else if (curve->style == DRAW_POINTS)
        page_disc(page, x + 11, y - 4, 3, colour_of(page, curve));
    else
        axes_line(page, &field, across, middle, 2, colour_of(page, curve), 1.8, curve->style);
}

/* Below the axis' label, in as many columns as there is room for, and the note below; returns where it ends. */
static double draw_legend(draw_page *page, const struct axes *axes, const struct draw_chart *chart) {
    double x = axes->left, y = axes->top + axes->height + 50, room = axes->width + 26;
    bool any = false;
    for (size_t i = 0; i < chart->count; i++) {
        const struct draw_curve *curve = &chart->curves[i];
        if (!curve->name) continue;
        struct fitted name = page_fit(page, curve->name, TEXT_SMALL, false, room - 40);
        double width = page_text_width(page, name.text, TEXT_SMALL) + 40;
        any = true;
        if (x > axes->left && x + width > axes->left + room) {
            x = axes->left;
            y += LEGEND_ROW;
        }
        draw_sample(page, x, y, curve);
        page_text(page, x + 27, y, name.text, TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
        x += width;
    }
    if (chart->note) {
        y += any ? LEGEND_ROW + 3 : 0;
        page_text(page, axes->left, y, page_fit(page, chart->note, TEXT_SMALL, false, room + 20).text,
                  TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
    }
    return any || chart->note ? y : axes->top + axes->height + 31;
}

/* A place on the x axis that the picture is about. */
static void draw_mark(draw_page *page, const struct axes *axes, const struct draw_chart *chart) {
    double x = axes_x(axes, chart->mark_x), width = page_text_width(page, chart->mark, TEXT_SMALL);
    bool right = x + width + 6 < axes->left + axes->width;
    static const double ends[] = {0, 1};
    double at[] = {chart->mark_x, chart->mark_x};
    struct axes field = *axes;
    field.up = (struct axis){.high = 1};
    axes_line(page, &field, at, ends, 2, page->theme->ink, 1.2, DRAW_DASHED);
    page_text(page, right ? x + 5 : x - 5, axes->top + 13, chart->mark, TEXT_SMALL,
              right ? ANCHOR_LEFT : ANCHOR_RIGHT, page->theme->ink);
}

/* The axes hold every point that has a place on both, and of bars their ground. */
static void take_curve(struct axes *axes, const struct draw_curve *curve) {
    bool bars = curve->style == DRAW_BARS;
    for (size_t i = 0; i < curve->count; i++) {
        if (!axis_fits(&axes->across, curve->x[i]) || !axis_fits(&axes->up, curve->y[i])) continue;
        axis_take(&axes->across, curve->x[i]);
        axis_take(&axes->up, curve->y[i]);
    }
    if (bars) axis_take(&axes->across, curve->x[0]), axis_take(&axes->across, curve->x[curve->count]);
    if (bars) axis_take(&axes->up, axes->up.logarithmic ? 1 : 0);
}

double chart_draw(draw_page *page, double left, double top, double width, const struct draw_chart *chart) {
    struct axes axes = {.left = left,
                        .top = top,
                        .width = width,
                        .height = CHART_HEIGHT,
                        .across = AXIS_EMPTY(chart->x_log),
                        .up = AXIS_EMPTY(chart->y_log),
                        .x_label = chart->x_label,
                        .y_label = chart->y_label};
    struct fitted title = page_fit(page, chart->title, TEXT_NORMAL, true, width + 40);
    axes.title = title.text;
    axes.across.whole = chart->x_whole;
    axes.up.whole = chart->y_whole;
    for (size_t i = 0; i < chart->count; i++) take_curve(&axes, &chart->curves[i]);
    if (chart->mark) axis_take(&axes.across, chart->mark_x);
    axis_round(&axes.across);
    axis_round(&axes.up);
    axes_draw(page, &axes);
    for (size_t i = 0; i < chart->count; i++) draw_curve(page, &axes, &chart->curves[i]);
    if (chart->mark) draw_mark(page, &axes, chart);
    return draw_legend(page, &axes, chart);
}

double charts_in_rows(draw_page *page, double top, const struct draw_chart *charts, size_t count) {
    double bottom = top, y = top;
    for (size_t i = 0; i < count; i++) {
        size_t column = i % 2;
        bool alone = column == 0 && i + 1 == count;
        if (i > 0 && column == 0) y = bottom + 46;
        double end = chart_draw(page, 56 + (double)column * CHART_STEP, y, alone ? CHART_WIDE : CHART_WIDTH,
                                &charts[i]);
        bottom = end > bottom ? end : bottom;
    }
    return bottom;
}

void draw_charts(draw_page *page, const struct draw_charts *charts) {
    double y = TEXT_TITLE;
    page_text_bold(page, 0, y, charts->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    if (charts->subtitle)
        page_text(page, 0, y += 20, charts->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    charts_in_rows(page, y + 44, charts->charts, charts->count);
}
