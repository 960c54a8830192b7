/* A cost surface: as a map with contours, and as a relief in light and shade, with the walkers' paths on both. */
#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAP = 360, RELIEF = 400, LEVELS = 14 };

/* Costs are shown by their logarithm where they span more than a factor of 20: valleys have their contours, too. */
struct scale {
    bool logarithmic;
    double low, high;
};

static struct scale scale_of(const struct draw_surface *surface) {
    struct scale scale = {false, INFINITY, -INFINITY};
    size_t count = surface->columns * surface->lines;
    for (size_t i = 0; i < count; i++) {
        double cost = surface->costs[i];
        if (!isfinite(cost)) continue;
        scale.low = cost < scale.low ? cost : scale.low;
        scale.high = cost > scale.high ? cost : scale.high;
    }
    if (scale.low > scale.high) scale.low = 0, scale.high = 1;
    scale.logarithmic = scale.low > 0 && scale.high > 20 * scale.low;
    if (scale.logarithmic) scale.low = log(scale.low), scale.high = log(scale.high);
    if (scale.high - scale.low < 1e-12) scale.high = scale.low + 1;
    return scale;
}

/* From 0, the lowest cost, to 1. */
static double share_of(const struct scale *scale, double cost) {
    if (!isfinite(cost)) return 1;
    double value = scale->logarithmic ? log(cost > 0 ? cost : 1e-300) : cost;
    double share = (value - scale->low) / (scale->high - scale->low);
    return share > 0 ? (share < 1 ? share : 1) : 0;
}

static double cost_at(const struct scale *scale, double share) {
    double value = scale->low + share * (scale->high - scale->low);
    return scale->logarithmic ? exp(value) : value;
}

/* -- the map -- */

static void draw_raster(draw_page *page, const struct axes *axes, const struct draw_surface *surface,
                        const struct scale *scale) {
    int columns = (int)surface->columns, lines = (int)surface->lines;
    cairo_surface_t *bitmap = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, lines);
    if (cairo_surface_status(bitmap) == CAIRO_STATUS_SUCCESS) {
        unsigned char *pixels = cairo_image_surface_get_data(bitmap);
        size_t stride = (size_t)cairo_image_surface_get_stride(bitmap);
        for (size_t r = 0; r < surface->lines; r++)
            for (size_t c = 0; c < surface->columns; c++) {
                double cost = surface->costs[(surface->lines - 1 - r) * surface->columns + c];
                struct colour colour = colour_ramp(share_of(scale, cost));
                uint32_t pixel = 0xFF000000u | (uint32_t)(colour.red * 255 + 0.5) << 16 |
                                 (uint32_t)(colour.green * 255 + 0.5) << 8 |
                                 (uint32_t)(colour.blue * 255 + 0.5);
                memcpy(pixels + r * stride + c * sizeof pixel, &pixel, sizeof pixel);
            }
        cairo_surface_mark_dirty(bitmap);
        cairo_save(page->cairo);
        cairo_rectangle(page->cairo, axes->left, axes->top, axes->width, axes->height);
        cairo_clip(page->cairo);
        /* the middle of the first and last pixels stands on the frame */
        double across = axes->width / (columns - 1), up = axes->height / (lines - 1);
        cairo_translate(page->cairo, axes->left - across / 2, axes->top - up / 2);
        cairo_scale(page->cairo, across, up);
        cairo_set_source_surface(page->cairo, bitmap, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(page->cairo), CAIRO_FILTER_GOOD);
        cairo_pattern_set_extend(cairo_get_source(page->cairo), CAIRO_EXTEND_PAD);
        cairo_paint(page->cairo);
        cairo_restore(page->cairo);
    }
    cairo_surface_destroy(bitmap);
}

/* Where the level crosses between two neighbours. */
static double crossing(double from, double to, double level) {
    return to != from ? (level - from) / (to - from) : 0.5;
}

/* The pieces of one contour in the cell whose lower left corner is (c, r): marching squares; a saddle is cut by the
 * mean of its corners. */
static void contour_cell(cairo_t *cairo, const struct axes *axes, const struct draw_surface *surface,
                         const struct scale *scale, size_t c, size_t r, double level) {
    static const size_t step_x[] = {0, 1, 1, 0}, step_y[] = {0, 0, 1, 1};
    double corner[4], mean = 0, x[4], y[4];
    size_t count = 0;
    for (size_t i = 0; i < 4; i++) {
        corner[i] = share_of(scale, surface->costs[(r + step_y[i]) * surface->columns + c + step_x[i]]);
        mean += corner[i] / 4;
    }
    for (size_t i = 0; i < 4; i++) {
        size_t j = (i + 1) % 4;
        if ((corner[i] < level) == (corner[j] < level)) continue;
        double t = crossing(corner[i], corner[j], level);
        double gx = (double)c + (double)step_x[i] + t * ((double)step_x[j] - (double)step_x[i]);
        double gy = (double)r + (double)step_y[i] + t * ((double)step_y[j] - (double)step_y[i]);
        x[count] = axes->left + axes->width * gx / (double)(surface->columns - 1);
        y[count] = axes->top + axes->height * (1 - gy / (double)(surface->lines - 1));
        count++;
    }
    if (count < 2) return;
    bool turned = count == 4 && (corner[0] < level) != (mean < level);
    for (size_t i = 0; i + 1 < count; i += 2) {
        size_t from = turned ? (i + 3) % 4 : i, to = turned ? i : i + 1;
        cairo_move_to(cairo, x[from], y[from]);
        cairo_line_to(cairo, x[to], y[to]);
    }
}

static void draw_contours(draw_page *page, const struct axes *axes, const struct draw_surface *surface,
                          const struct scale *scale) {
    static const struct colour white = {1, 1, 1};
    page_colour_faded(page, white, 0.5);
    cairo_set_line_width(page->cairo, 0.8);
    for (size_t level = 1; level < LEVELS; level++) {
        for (size_t r = 0; r + 1 < surface->lines; r++)
            for (size_t c = 0; c + 1 < surface->columns; c++)
                contour_cell(page->cairo, axes, surface, scale, c, r, (double)level / LEVELS);
        cairo_stroke(page->cairo);
    }
}

/* A line with an outline, so that it shows on any ground; a ring where it begins, a disc where it ends. */
static void draw_trail(draw_page *page, const double *x, const double *y, size_t count,
                       struct colour colour) {
    static const struct colour white = {1, 1, 1}, black = {0, 0, 0};
    if (count == 0) return;
    for (int outline = 1; outline >= 0; outline--) {
        page_colour_faded(page, outline ? white : colour, outline ? 0.75 : 1);
        cairo_set_line_width(page->cairo, outline ? 3.4 : 1.7);
        cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
        cairo_move_to(page->cairo, x[0], y[0]);
        for (size_t i = 1; i < count; i++) cairo_line_to(page->cairo, x[i], y[i]);
        cairo_stroke(page->cairo);
    }
    page_disc(page, x[0], y[0], 5, black);
    page_disc(page, x[0], y[0], 3.6, white);
    page_disc(page, x[count - 1], y[count - 1], 5, white);
    page_disc(page, x[count - 1], y[count - 1], 3.8, colour);
}

static struct colour path_colour(const draw_page *page, const struct draw_path *path) {
    return page->theme->series[path->series % DRAW_SERIES];
}

static void draw_paths(draw_page *page, const struct axes *axes, const struct draw_surface *surface) {
    cairo_save(page->cairo);
    cairo_rectangle(page->cairo, axes->left, axes->top, axes->width, axes->height);
    cairo_clip(page->cairo);
    for (size_t p = 0; p < surface->path_count; p++) {
        const struct draw_path *path = &surface->paths[p];
        double *x = calloc(path->count, sizeof *x), *y = calloc(path->count, sizeof *y);
        for (size_t i = 0; x && y && i < path->count; i++) {
            x[i] = axes_x(axes, path->x[i]);
            y[i] = axes_y(axes, path->y[i]);
        }
        if (x && y) draw_trail(page, x, y, path->count, path_colour(page, path));
        free(x);
        free(y);
    }
    cairo_restore(page->cairo);
}

/* The ramp with costs at some levels. */
static void draw_key(draw_page *page, double x, double y, double width, const struct scale *scale) {
    enum { STEPS = 60, TICKS = 4 };
    char text[32];
    for (size_t i = 0; i < STEPS; i++)
        page_rectangle(page, x + width * (double)i / STEPS, y, width / STEPS + 0.5, 9,
                       colour_ramp(((double)i + 0.5) / STEPS));
    for (size_t i = 0; i < TICKS; i++) {
        double share = (double)i / (TICKS - 1);
        snprintf(text, sizeof text, "%.2g", cost_at(scale, share));
        page_text(page, x + width * share, y + 22, text, TEXT_SMALL,
                  i == 0           ? ANCHOR_LEFT
                  : i == TICKS - 1 ? ANCHOR_RIGHT
                                   : ANCHOR_MIDDLE,
                  page->theme->soft);
    }
    page_text(page, x, y - 6, "cost C", TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
}

/* -- the relief -- */

/* Seen from one of four sides, the one from which the highest side is at the back. */
struct view {
    const struct draw_surface *surface;
    const struct scale *scale;
    int turns; /* quarters */
    size_t columns, lines;
};

/* The height at a node of the turned grid. */
static double height_at(const struct view *view, size_t column, size_t line) {
    size_t last_column = view->surface->columns - 1, last_line = view->surface->lines - 1, c = column,
           r = line;
    if (view->turns == 1) c = last_column - line, r = column;
    if (view->turns == 2) c = last_column - column, r = last_line - line;
    if (view->turns == 3) c = line, r = last_line - column;
    return share_of(view->scale, view->surface->costs[r * view->surface->columns + c]);
}

static struct view view_from(const struct draw_surface *surface, const struct scale *scale, int turns) {
    bool across = turns % 2;
    return (struct view){surface, scale, turns, across ? surface->lines : surface->columns,
                         across ? surface->columns : surface->lines};
}

static struct view best_view(const struct draw_surface *surface, const struct scale *scale) {
    int best = 0;
    double most = -INFINITY;
    for (int turns = 0; turns < 4; turns++) {
        struct view view = view_from(surface, scale, turns);
        double back = 0, front = 0;
        for (size_t c = 0; c < view.columns; c++) {
            back += height_at(&view, c, view.lines - 1) / (double)view.columns;
            front += height_at(&view, c, 0) / (double)view.columns;
        }
        if (back - front > most) most = back - front, best = turns;
    }
    return view_from(surface, scale, best);
}

/* From above: u goes to the right, v to the back and somewhat right, cost up. */
static void project(const struct view *view, double column, double line, double height, double *x,
                    double *y) {
    double u = column / (double)(view->columns - 1), v = line / (double)(view->lines - 1);
    *x = RELIEF * (0.78 * u + 0.28 * v);
    *y = RELIEF * (1 - 0.44 * v - 0.36 * height);
}

/* Between the nodes. */
static double height_between(const struct view *view, double column, double line) {
    size_t c = (size_t)column, r = (size_t)line;
    if (c > view->columns - 2) c = view->columns - 2;
    if (r > view->lines - 2) r = view->lines - 2;
    double s = column - (double)c, t = line - (double)r, value = 0;
    for (size_t i = 0; i < 4; i++)
        value += (i % 2 ? s : 1 - s) * (i / 2 ? t : 1 - t) * height_at(view, c + i % 2, r + i / 2);
    return value;
}

/* Light from the front left: slopes that face it are brighter. */
static struct colour shaded(double height, double slope_u, double slope_v) {
    static const struct colour black = {0, 0, 0}, white = {1, 1, 1};
    double nu = -0.45 * slope_u, nv = -0.45 * slope_v;
    double light = (-0.42 * nu - 0.38 * nv + 0.82) / sqrt(nu * nu + nv * nv + 1);
    struct colour colour = colour_ramp(height);
    if (light < 0.8) return colour_between(colour, black, (0.8 - light) * 0.6);
    return colour_between(colour, white, (light - 0.8) * 0.9);
}

static void draw_quad(draw_page *page, const struct view *view, size_t c, size_t r, size_t step_c,
                      size_t step_r) {
    size_t corners[4][2] = {{c, r}, {c + step_c, r}, {c + step_c, r + step_r}, {c, r + step_r}};
    double height[4], mean = 0;
    for (size_t i = 0; i < 4; i++) {
        double x, y;
        height[i] = height_at(view, corners[i][0], corners[i][1]);
        mean += height[i] / 4;
        project(view, (double)corners[i][0], (double)corners[i][1], height[i], &x, &y);
        if (i == 0)
            cairo_move_to(page->cairo, x, y);
        else
            cairo_line_to(page->cairo, x, y);
    }
    cairo_close_path(page->cairo);
    double du = (double)step_c / (double)(view->columns - 1), dv = (double)step_r / (double)(view->lines - 1);
    page_colour(page, shaded(mean, (height[1] + height[2] - height[0] - height[3]) / 2 / du,
                             (height[3] + height[2] - height[0] - height[1]) / 2 / dv));
    cairo_fill_preserve(page->cairo);
    cairo_set_line_width(page->cairo, 0.35); /* no gaps between neighbours */
    cairo_stroke(page->cairo);
}

/* A place in the plane as one on the turned grid; false outside. */
static bool place_on(const struct view *view, double x, double y, double *column, double *line) {
    const struct draw_surface *surface = view->surface;
    double u = (x - surface->x_low) / (surface->x_high - surface->x_low);
    double v = (y - surface->y_low) / (surface->y_high - surface->y_low);
    double turned_u = view->turns == 0 ? u : view->turns == 1 ? v : view->turns == 2 ? 1 - u : 1 - v;
    double turned_v = view->turns == 0 ? v : view->turns == 1 ? 1 - u : view->turns == 2 ? 1 - v : u;
    *column = turned_u * (double)(view->columns - 1);
    *line = turned_v * (double)(view->lines - 1);
    return u >= 0 && u <= 1 && v >= 0 && v <= 1;
}

static void draw_relief_path(draw_page *page, const struct view *view, const struct draw_path *path) {
    double *x = calloc(path->count, sizeof *x), *y = calloc(path->count, sizeof *y);
    size_t used = 0;
    for (size_t i = 0; x && y && i < path->count; i++) {
        double column, line;
        if (!place_on(view, path->x[i], path->y[i], &column, &line)) continue;
        project(view, column, line, height_between(view, column, line), &x[used], &y[used]);
        used++;
    }
    if (x && y) draw_trail(page, x, y, used, path_colour(page, path));
    free(x);
    free(y);
}

static void draw_relief(draw_page *page, double left, double top, const struct draw_surface *surface,
                        const struct scale *scale) {
    struct view view = best_view(surface, scale);
    size_t step_c = (view.columns + 79) / 80, step_r = (view.lines + 79) / 80;
    size_t columns = (view.columns - 1) / step_c, lines = (view.lines - 1) / step_r;
    cairo_save(page->cairo);
    cairo_translate(page->cairo, left, top);
    for (size_t r = lines; r-- > 0;) /* from the back */
        for (size_t c = 0; c < columns; c++) draw_quad(page, &view, c * step_c, r * step_r, step_c, step_r);
    for (size_t p = 0; p < surface->path_count; p++) draw_relief_path(page, &view, &surface->paths[p]);
    cairo_restore(page->cairo);
}

/* -- all of it -- */

static void draw_legend(draw_page *page, double x, double y, const struct draw_surface *surface) {
    for (size_t p = 0; p < surface->path_count; p++, y += 17) {
        page_line(page, x, y - 4, x + 22, y - 4, 2.4, path_colour(page, &surface->paths[p]));
        page_text(page, x + 29, y, surface->paths[p].name, TEXT_SMALL + 1, ANCHOR_LEFT, page->theme->ink);
    }
    page_text(page, x, y + 2, "ring: the common start; disc: the end", TEXT_SMALL, ANCHOR_LEFT,
              page->theme->soft);
}

void draw_surface(draw_page *page, const struct draw_surface *surface) {
    struct scale scale = scale_of(surface);
    struct axes axes = {56,
                        TEXT_TITLE + 58,
                        MAP,
                        MAP,
                        {surface->x_low, surface->x_high, false},
                        {surface->y_low, surface->y_high, false},
                        "from above",
                        surface->x_label,
                        surface->y_label};
    page_text_bold(page, 0, TEXT_TITLE, surface->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, surface->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    axes_draw(page, &axes);
    draw_raster(page, &axes, surface, &scale);
    draw_contours(page, &axes, surface, &scale);
    draw_paths(page, &axes, surface);
    page_frame(page, axes.left, axes.top, axes.width, axes.height, page->theme->soft);
    draw_relief(page, axes.left + MAP + 40, axes.top - 64, surface, &scale);
    draw_key(page, axes.left + MAP + 84, axes.top + MAP + 6, 250, &scale);
    draw_legend(page, axes.left, axes.top + MAP + 58, surface);
    double top = axes.top + MAP + 130 + 17 * (double)surface->path_count;
    for (size_t i = 0; i < surface->chart_count; i++)
        chart_draw(page, 56 + (double)i * CHART_STEP, top, &surface->charts[i]);
}
