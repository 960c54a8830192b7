/* See axes.h. */
#include "draw/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* -- scales -- */

static bool fits(const struct axis *axis, double value) {
    return isfinite(value) && !(axis->logarithmic && value <= 0);
}

void axis_take(struct axis *axis, const double *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!fits(axis, values[i])) continue;
        if (axis->low > axis->high) axis->low = axis->high = values[i];
        if (values[i] < axis->low) axis->low = values[i];
        if (values[i] > axis->high) axis->high = values[i];
    }
}

/* 1, 2 or 5 times a power of ten: some five steps to the range. */
static double round_step(double range) {
    double raw = range / 5, power = pow(10, floor(log10(raw))), share = raw / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

void axis_round(struct axis *axis) {
    if (axis->low > axis->high) {
        axis->low = axis->logarithmic ? 0.1 : 0;
        axis->high = 1;
    }
    if (axis->logarithmic) {
        axis->low = pow(10, floor(log10(axis->low) + 1e-9));
        axis->high = pow(10, ceil(log10(axis->high) - 1e-9));
        if (axis->low == axis->high) axis->high *= 10;
        return;
    }
    if (axis->high - axis->low <= 1e-12 * fabs(axis->high)) {
        double room = axis->high != 0 ? fabs(axis->high) / 2 : 0.5;
        axis->low -= room;
        axis->high += room;
    }
    double step = round_step(axis->high - axis->low);
    axis->low = floor(axis->low / step + 1e-9) * step;
    axis->high = ceil(axis->high / step - 1e-9) * step;
}

static double share_of(const struct axis *axis, double value) {
    if (axis->logarithmic) return log(value / axis->low) / log(axis->high / axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}

double axes_x(const struct axes *axes, double value) {
    return axes->left + axes->width * share_of(&axes->across, value);
}

double axes_y(const struct axes *axes, double value) {
    return axes->top + axes->height * (1 - share_of(&axes->up, value));
}

/* -- ticks -- */

/* The i-th tick; false after the last. Of many powers of ten only some get one. */
static bool tick_at(const struct axis *axis, size_t i, double *value) {
    if (axis->logarithmic) {
        double decades = round(log10(axis->high / axis->low)), every = ceil(decades / 8);
        *value = axis->low * pow(10, every * (double)i);
        return *value <= axis->high * 1.0001;
    }
    double step = round_step(axis->high - axis->low);
    *value = (ceil(axis->low / step - 1e-9) + (double)i) * step;
    return *value <= axis->high + step * 1e-9;
}

static void tick_text(const struct axis *axis, double value, char *text, size_t room) {
    double step = axis->logarithmic ? 0 : round_step(axis->high - axis->low);
    if (fabs(value) < step * 1e-6) value = 0;
    snprintf(text, room, "%.6g", value);
}

static void draw_across(struct draw_page *page, const struct axes *axes) {
    double value, bottom = axes->top + axes->height;
    char text[32];
    for (size_t i = 0; tick_at(&axes->across, i, &value); i++) {
        double x = axes_x(axes, value);
        page_line(page, x, axes->top, x, bottom, 0.7, page->theme->faint);
        tick_text(&axes->across, value, text, sizeof text);
        page_text(page, x, bottom + 14, text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    }
    if (axes->x_label)
        page_text(page, axes->left + axes->width / 2, bottom + 31, axes->x_label, TEXT_SMALL + 1,
                  ANCHOR_MIDDLE, page->theme->ink);
}

static void draw_up(struct draw_page *page, const struct axes *axes) {
    double value;
    char text[32];
    for (size_t i = 0; tick_at(&axes->up, i, &value); i++) {
        double y = axes_y(axes, value);
        page_line(page, axes->left, y, axes->left + axes->width, y, 0.7, page->theme->faint);
        tick_text(&axes->up, value, text, sizeof text);
        page_text(page, axes->left - 6, y + 3.5, text, TEXT_SMALL, ANCHOR_RIGHT, page->theme->soft);
    }
    if (axes->y_label)
        page_text_upright(page, axes->left - 46, axes->top + axes->height / 2, axes->y_label, TEXT_SMALL + 1,
                          page->theme->ink);
}

void axes_draw(struct draw_page *page, const struct axes *axes) {
    draw_across(page, axes);
    draw_up(page, axes);
    page_frame(page, axes->left, axes->top, axes->width, axes->height, page->theme->soft);
    if (axes->title)
        page_text_bold(page, axes->left, axes->top - 9, axes->title, TEXT_NORMAL, ANCHOR_LEFT,
                       page->theme->ink);
}

/* -- lines -- */

void axes_line(struct draw_page *page, const struct axes *axes, const double *x, const double *y,
               size_t count, struct colour colour, double width, enum draw_style style) {
    static const double dashes[] = {5, 3}, dots[] = {1.5, 2.5};
    cairo_t *cairo = page->cairo;
    bool drawing = false;
    lib.save(cairo);
    lib.rectangle(cairo, axes->left - 1, axes->top - 1, axes->width + 2, axes->height + 2);
    lib.clip(cairo);
    page_colour(page, colour);
    lib.set_line_width(cairo, width);
    lib.set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    if (style == DRAW_DASHED) lib.set_dash(cairo, dashes, 2, 0);
    if (style == DRAW_DOTTED) lib.set_dash(cairo, dots, 2, 0);
    for (size_t i = 0; i < count; i++) {
        bool good = fits(&axes->across, x[i]) && fits(&axes->up, y[i]);
        if (good && drawing)
            lib.line_to(cairo, axes_x(axes, x[i]), axes_y(axes, y[i]));
        else if (good)
            lib.move_to(cairo, axes_x(axes, x[i]), axes_y(axes, y[i]));
        drawing = good;
    }
    lib.stroke(cairo);
    lib.restore(cairo);
}
