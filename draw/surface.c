/* A cost surface: as a map with contours, and as a relief in light and shade, with the walkers' paths on both. */
#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAP = 360, RELIEF = 400, LEVELS = 14, MESH = 160, SHADES = 80 };

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

/* Between the grid's points, x and y from 0 to 1 over the plane. */
static double share_between(const struct draw_surface *surface, const struct scale *scale, double x,
                            double y) {
    double column = x * (double)(surface->columns - 1), line = y * (double)(surface->lines - 1), value = 0;
    size_t c = column > 0 ? (size_t)column : 0, r = line > 0 ? (size_t)line : 0;
    if (c > surface->columns - 2) c = surface->columns - 2;
    if (r > surface->lines - 2) r = surface->lines - 2;
    double s = column - (double)c, t = line - (double)r;
    for (size_t i = 0; i < 4; i++)
        value += (i % 2 ? s : 1 - s) * (i / 2 ? t : 1 - t) *
                 share_of(scale, surface->costs[(r + i / 2) * surface->columns + c + i % 2]);
    return value;
}

/* -- the map -- */

/* Every pixel by itself, so that no viewer has to smooth. */
static void draw_raster(draw_page *page, const struct axes *axes, const struct draw_surface *surface,
                        const struct scale *scale) {
    cairo_surface_t *bitmap = lib.image_surface_create(CAIRO_FORMAT_RGB24, MAP, MAP);
    if (lib.surface_status(bitmap) == CAIRO_STATUS_SUCCESS) {
        unsigned char *pixels = lib.image_surface_get_data(bitmap);
        size_t stride = (size_t)lib.image_surface_get_stride(bitmap);
        for (size_t r = 0; r < MAP; r++)
            for (size_t c = 0; c < MAP; c++) {
                double share =
                    share_between(surface, scale, ((double)c + 0.5) / MAP, 1 - ((double)r + 0.5) / MAP);
                uint32_t pixel = colour_pixel(colour_ramp(round(share * SHADES) / SHADES));
                memcpy(pixels + r * stride + c * sizeof pixel, &pixel, sizeof pixel);
            }
        lib.surface_mark_dirty(bitmap);
        lib.set_source_surface(page->cairo, bitmap, axes->left, axes->top);
        lib.rectangle(page->cairo, axes->left, axes->top, axes->width, axes->height);
        lib.fill(page->cairo);
    }
    lib.surface_destroy(bitmap);
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
        lib.move_to(cairo, x[from], y[from]);
        lib.line_to(cairo, x[to], y[to]);
    }
}

static void draw_contours(draw_page *page, const struct axes *axes, const struct draw_surface *surface,
                          const struct scale *scale) {
    static const struct colour white = {1, 1, 1};
    page_colour_faded(page, white, 0.5);
    lib.set_line_width(page->cairo, 0.8);
    for (size_t level = 1; level < LEVELS; level++) {
        for (size_t r = 0; r + 1 < surface->lines; r++)
            for (size_t c = 0; c + 1 < surface->columns; c++)
                contour_cell(page->cairo, axes, surface, scale, c, r, (double)level / LEVELS);
        lib.stroke(page->cairo);
    }
}

/* A line with an outline, so that it shows on any ground; a ring where it begins, a disc where it ends. */
static void draw_trail(draw_page *page, const double *x, const double *y, size_t count,
                       struct colour colour) {
    static const struct colour white = {1, 1, 1}, black = {0, 0, 0};
    if (count == 0) return;
    for (int outline = 1; outline >= 0; outline--) {
        page_colour_faded(page, outline ? white : colour, outline ? 0.75 : 1);
        lib.set_line_width(page->cairo, outline ? 3.4 : 1.7);
        lib.set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
        lib.move_to(page->cairo, x[0], y[0]);
        for (size_t i = 1; i < count; i++) lib.line_to(page->cairo, x[i], y[i]);
        lib.stroke(page->cairo);
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
    lib.save(page->cairo);
    lib.rectangle(page->cairo, axes->left, axes->top, axes->width, axes->height);
    lib.clip(page->cairo);
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
    lib.restore(page->cairo);
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
};

/* The height at a place of the turned plane, u and v from 0 to 1. */
static double height_at(const struct view *view, double u, double v) {
    double x = view->turns == 0 ? u : view->turns == 1 ? 1 - v : view->turns == 2 ? 1 - u : v;
    double y = view->turns == 0 ? v : view->turns == 1 ? u : view->turns == 2 ? 1 - v : 1 - u;
    return share_between(view->surface, view->scale, x, y);
}

static struct view best_view(const struct draw_surface *surface, const struct scale *scale) {
    enum { SAMPLES = 32 };
    struct view best = {surface, scale, 0};
    double most = -INFINITY;
    for (int turns = 0; turns < 4; turns++) {
        struct view view = {surface, scale, turns};
        double rise = 0;
        for (size_t i = 0; i <= SAMPLES; i++)
            rise += height_at(&view, (double)i / SAMPLES, 1) - height_at(&view, (double)i / SAMPLES, 0);
        if (rise > most) most = rise, best = view;
    }
    return best;
}

/* From above: u goes to the right, v to the back and somewhat right, cost up. */
static void project(double u, double v, double height, double *x, double *y) {
    *x = RELIEF * (0.78 * u + 0.28 * v);
    *y = RELIEF * (1 - 0.44 * v - 0.36 * height);
}

/* Light from the front left: slopes that face it are brighter. */
static struct colour shaded(double height, double slope_u, double slope_v) {
    static const struct colour black = {0, 0, 0}, white = {1, 1, 1};
    double nu = -0.45 * slope_u, nv = -0.45 * slope_v;
    double light = (-0.42 * nu - 0.38 * nv + 0.82) / sqrt(nu * nu + nv * nv + 1);
    struct colour colour = colour_ramp(round(height * SHADES) / SHADES); /* few colours make a small file */
    light = round(light * SHADES / 2) / (SHADES / 2);
    if (light < 0.8) return colour_between(colour, black, (0.8 - light) * 0.6);
    return colour_between(colour, white, (light - 0.8) * 0.9);
}

/* The piece of side 1 / MESH whose front left corner is (c, r) / MESH. */
static void draw_quad(draw_page *page, const struct view *view, size_t c, size_t r) {
    static const double step_u[] = {0, 1, 1, 0}, step_v[] = {0, 0, 1, 1};
    double height[4], mean = 0;
    for (size_t i = 0; i < 4; i++) {
        double u = ((double)c + step_u[i]) / MESH, v = ((double)r + step_v[i]) / MESH, x, y;
        height[i] = height_at(view, u, v);
        mean += height[i] / 4;
        project(u, v, height[i], &x, &y);
        if (i == 0)
            lib.move_to(page->cairo, x, y);
        else
            lib.line_to(page->cairo, x, y);
    }
    lib.close_path(page->cairo);
    page_colour(page, shaded(mean, (height[1] + height[2] - height[0] - height[3]) / 2 * MESH,
                             (height[3] + height[2] - height[0] - height[1]) / 2 * MESH));
    lib.fill(page->cairo);
}

/* A place in the plane as one on the turned one; false outside. */
static bool place_on(const struct view *view, double x, double y, double *u, double *v) {
    const struct draw_surface *surface = view->surface;
    double s = (x - surface->x_low) / (surface->x_high - surface->x_low);
    double t = (y - surface->y_low) / (surface->y_high - surface->y_low);
    *u = view->turns == 0 ? s : view->turns == 1 ? t : view->turns == 2 ? 1 - s : 1 - t;
    *v = view->turns == 0 ? t : view->turns == 1 ? 1 - s : view->turns == 2 ? 1 - t : s;
    return s >= 0 && s <= 1 && t >= 0 && t <= 1;
}

static void draw_relief_path(draw_page *page, const struct view *view, const struct draw_path *path) {
    double *x = calloc(path->count, sizeof *x), *y = calloc(path->count, sizeof *y);
    size_t used = 0;
    for (size_t i = 0; x && y && i < path->count; i++) {
        double u, v;
        if (!place_on(view, path->x[i], path->y[i], &u, &v)) continue;
        project(u, v, height_at(view, u, v), &x[used], &y[used]);
        used++;
    }
    if (x && y) draw_trail(page, x, y, used, path_colour(page, path));
    free(x);
    free(y);
}

/* As a bitmap: as thousands of small areas a vector file would be several times as large. */
static void draw_ground(draw_page *page, const struct view *view) {
    static const double scale = 2, wide = 1.08, high = 1.02;
    cairo_surface_t *bitmap = lib.image_surface_create(CAIRO_FORMAT_ARGB32, (int)(RELIEF * wide * scale),
                                                       (int)(RELIEF * high * scale));
    draw_page on_bitmap = {.cairo = lib.create(bitmap), .theme = page->theme};
    lib.scale(on_bitmap.cairo, scale, scale);
    lib.set_antialias(on_bitmap.cairo,
                      CAIRO_ANTIALIAS_NONE); /* no gaps between neighbours, and few colours */
    for (size_t r = MESH; r-- > 0;)          /* from the back */
        for (size_t c = 0; c < MESH; c++) draw_quad(&on_bitmap, view, c, r);
    lib.destroy(on_bitmap.cairo);
    lib.save(page->cairo);
    lib.scale(page->cairo, 1 / scale, 1 / scale);
    lib.set_source_surface(page->cairo, bitmap, 0, 0);
    lib.paint(page->cairo);
    lib.restore(page->cairo);
    lib.surface_destroy(bitmap);
}

static void draw_relief(draw_page *page, double left, double top, const struct draw_surface *surface,
                        const struct scale *scale) {
    struct view view = best_view(surface, scale);
    lib.save(page->cairo);
    lib.translate(page->cairo, left, top);
    draw_ground(page, &view);
    for (size_t p = 0; p < surface->path_count; p++) draw_relief_path(page, &view, &surface->paths[p]);
    lib.restore(page->cairo);
}

/* -- all of it -- */

static void draw_legend(draw_page *page, double x, double y, const struct draw_surface *surface) {
    for (size_t p = 0; p < surface->path_count; p++, y += 17) {
        page_line(page, x, y - 4, x + 22, y - 4, 2.4, path_colour(page, &surface->paths[p]));
        page_text(page, x + 29, y, surface->paths[p].name, TEXT_SMALL + 1, ANCHOR_LEFT, page->theme->ink);
    }
    page_text(page, x, y + 2, "ring: the start; disc: the end", TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
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
