/* See axes.h. */
#include "draw/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* -- scales -- */

bool axis_fits(const struct axis *axis, double value) {
    return isfinite(value) && !(axis->logarithmic && value <= 0);
}

void axis_take(struct axis *axis, double value) {
    if (!axis_fits(axis, value)) return;
    if (axis->low > axis->high) axis->low = axis->high = value;
    if (value < axis->low) axis->low = value;
    if (value > axis->high) axis->high = value;
}

/* 1, 2 or 5 times a power of ten: some five steps to the range. */
static double round_step(const struct axis *axis) {
    double raw = (axis->high - axis->low) / 5, power = pow(10, floor(log10(raw))), share = raw / power;
    double step = power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
    return axis->whole && step < 1 ? 1 : step;
}

static void round_even(struct axis *axis) {
    if (axis->high - axis->low <= 1e-12 * fabs(axis->high)) {
        double room = axis->whole ? 1 : axis->high != 0 ? fabs(axis->high) / 2 : 0.5;
        axis->low -= room;
        axis->high += room;
    }
    double step = round_step(axis), low = floor(axis->low / step + 1e-9) * step;
    axis->low = axis->logarithmic && low <= 0 ? axis->low : low;
    axis->high = ceil(axis->high / step - 1e-9) * step;
}

/* Down, or up, to 1, 2 or 5 times a power of ten. */
static double round_125(double value, bool up) {
    static const double marks[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(value) + 1e-9)), share = value / power;
    size_t i = 0;
    if (up)
        while (i < 3 && marks[i] < share * (1 - 1e-9)) i++;
    else
        while (i < 3 && marks[i + 1] <= share * (1 + 1e-9)) i++;
    return power * marks[i];
}

/* Logarithmic: even ticks where the numbers lie close together, else ends at 1, 2 or 5, so that little stays empty. */
void axis_round(struct axis *axis) {
    if (axis->low > axis->high) {
        axis->low = axis->logarithmic ? 0.1 : 0;
        axis->high = 1;
    }
    axis->ticks = TICKS_EVEN;
    if (axis->logarithmic && axis->high > 4 * axis->low) {
        axis->low = round_125(axis->low, false);
        axis->high = round_125(axis->high, true);
        bool far = axis->low < 0.9e-4 && axis->high > 50 * axis->low; /* 2×10⁻⁵ needs more room than 10⁻⁵ */
        axis->ticks = far || axis->high > 2000 * axis->low ? TICKS_DECADES : TICKS_125;
    } else
        round_even(axis);
}

/* Differences of logarithms: a quotient may be beyond what numbers there are. */
static double share_of(const struct axis *axis, double value) {
    if (axis->logarithmic) return (log(value) - log(axis->low)) / (log(axis->high) - log(axis->low));
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
    static const double marks[] = {1, 2, 5};
    double step = round_step(axis), power = ceil(log10(axis->low) - 1e-9), first = pow(10, power);
    double every = ceil((log10(axis->high) - log10(axis->low)) / 8 - 0.1);
    if (axis->ticks == TICKS_DECADES) {
        *value = pow(10, power + every * (double)i);
        return *value <= axis->high * 1.0001;
    }
    if (axis->ticks == TICKS_125) {
        size_t skipped = 0; /* of the decade in which the axis begins */
        while (first / 10 * marks[skipped % 3] * (skipped < 3 ? 1 : 10) < axis->low * 0.9999) skipped++;
        i += skipped;
        *value = first / 10 * pow(10, (double)(i / 3)) * marks[i % 3];
        return *value <= axis->high * 1.0001;
    }
    *value = (ceil(axis->low / step - 1e-9) + (double)i) * step;
    if (fabs(*value) < step * 1e-6) *value = 0;
    return *value <= axis->high + step * 1e-9;
}

/* Far apart powers of ten all as such: 10⁻⁵, .., 1, and not 0.01 beside 10⁻⁵. */
static struct fitted tick_text(const struct axis *axis, double value) {
    struct fitted text = page_number(value, 6);
    bool far = axis->low < 0.9e-4 || axis->high > 1.1e6;
    if (axis->ticks == TICKS_DECADES && far && (value < 0.9 || value > 1.1))
        text = page_power(lround(log10(value)));
    return text;
}

static void draw_across(struct draw_page *page, const struct axes *axes) {
    double value, bottom = axes->top + axes->height, taken = -1e9;
    for (size_t i = 0; tick_at(&axes->across, i, &value); i++) {
        double x = axes_x(axes, value);
        page_line(page, x, axes->top, x, bottom, 0.7, page->theme->faint);
        struct fitted text = tick_text(&axes->across, value);
        double half = page_text_width(page, text.text, TEXT_SMALL) / 2;
        if (x - half < taken) continue; /* no room for it beside the one before */
        taken = x + half + 5;
        page_text(page, x, bottom + 14, text.text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    }
    if (axes->x_label)
        page_text(page, axes->left + axes->width / 2, bottom + 31, axes->x_label, TEXT_SMALL + 1,
                  ANCHOR_MIDDLE, page->theme->ink);
}

static void draw_up(struct draw_page *page, const struct axes *axes) {
    double value, widest = 0;
    for (size_t i = 0; tick_at(&axes->up, i, &value); i++) {
        double y = axes_y(axes, value);
        page_line(page, axes->left, y, axes->left + axes->width, y, 0.7, page->theme->faint);
        struct fitted text = tick_text(&axes->up, value);
        double width = page_text_width(page, text.text, TEXT_SMALL);
        widest = width > widest ? width : widest;
        page_text(page, axes->left - 6, y + 3.5, text.text, TEXT_SMALL, ANCHOR_RIGHT, page->theme->soft);
    }
    if (axes->y_label)
        page_text_upright(page, axes->left - (widest > 32 ? widest + 14 : 46), axes->top + axes->height / 2,
                          axes->y_label, TEXT_SMALL + 1, ANCHOR_MIDDLE, page->theme->ink);
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
        bool good = axis_fits(&axes->across, x[i]) && axis_fits(&axes->up, y[i]);
        if (good && drawing)
            lib.line_to(cairo, axes_x(axes, x[i]), axes_y(axes, y[i]));
        else if (good)
            lib.move_to(cairo, axes_x(axes, x[i]), axes_y(axes, y[i]));
        drawing = good;
    }
    lib.stroke(cairo);
    lib.restore(cairo);
}
