/* See relief.h. The surface seen from above its front, in light and shade. */
#include "draw/relief.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESH = 200, SHADES = 80 };

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
    return scale_between(view->surface, view->scale, x, y);
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

/* A place on the surface, above the turned plane. */
static void project_on(const struct view *view, double u, double v, double *x, double *y) {
    project(u, v, height_at(view, u, v), x, y);
}

static struct trail relief_trail(draw_page *page, const struct view *view, const struct draw_path *path) {
    struct trail trail = trail_new(page, path);
    for (size_t i = 0; trail.x && trail.y && i < path->count; i++) {
        double u, v;
        if (!place_on(view, path->x[i], path->y[i], &u, &v)) continue;
        project_on(view, u, v, &trail.x[trail.count], &trail.y[trail.count]);
        trail.count++;
    }
    return trail;
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

/* -- its axes -- */

/* The plane's edges at height 0, and the corners up to the surface; what lies behind it is covered later. */
static void draw_box(draw_page *page, const struct view *view) {
    static const double corner_u[] = {0, 1, 1, 0}, corner_v[] = {0, 0, 1, 1};
    for (size_t i = 0; i < 4; i++) {
        size_t next = (i + 1) % 4;
        double x0, y0, x1, y1;
        project(corner_u[i], corner_v[i], 0, &x0, &y0);
        project(corner_u[next], corner_v[next], 0, &x1, &y1);
        page_line(page, x0, y0, x1, y1, 1, page->theme->faint);
        project_on(view, corner_u[i], corner_v[i], &x1, &y1);
        page_line(page, x0, y0, x1, y1, 1, page->theme->faint);
    }
}

/* What runs along the front edge (side 0) or back along the right one (side 1), and from which number to which. */
struct edge {
    const char *label;
    double begin, end;
};

/* "second (4.6 %)": here without what is added. */
static struct fitted short_label(draw_page *page, const char *label, double width) {
    char text[128];
    const char *added = strstr(label, " (");
    if (!added) added = strstr(label, "（");
    size_t length = added ? (size_t)(added - label) : strlen(label);
    snprintf(text, sizeof text, "%.*s", (int)length, label);
    return page_fit(page, text, TEXT_SMALL, false, width);
}

static struct edge edge_of(const struct view *view, int side) {
    const struct draw_surface *surface = view->surface;
    bool is_x = (view->turns + side) % 2 == 0;
    bool turned = side == 0 ? view->turns >= 2 : view->turns == 1 || view->turns == 2;
    double low = is_x ? surface->x_low : surface->y_low, high = is_x ? surface->x_high : surface->y_high;
    return (struct edge){is_x ? surface->x_label : surface->y_label, turned ? high : low,
                         turned ? low : high};
}

static void label_edges(draw_page *page, const struct view *view) {
    struct edge front = edge_of(view, 0), side = edge_of(view, 1);
    struct colour soft = page->theme->soft, ink = page->theme->ink;
    double x, y, wide = 0.78 * RELIEF;
    page_text(page, 0, RELIEF + 14, page_number(front.begin, 3).text, TEXT_SMALL, ANCHOR_LEFT, soft);
    page_text(page, wide, RELIEF + 14, page_number(front.end, 3).text, TEXT_SMALL, ANCHOR_RIGHT, soft);
    page_text(page, wide / 2, RELIEF + 29, short_label(page, front.label, wide).text, TEXT_SMALL,
              ANCHOR_MIDDLE, ink);
    project(1, 0, 0, &x, &y);
    page_text(page, x + 9, y - 1, page_number(side.begin, 3).text, TEXT_SMALL, ANCHOR_LEFT, soft);
    project(1, 1, 0, &x, &y);
    page_text(page, x + 9, y + 4, page_number(side.end, 3).text, TEXT_SMALL, ANCHOR_LEFT, soft);
    project(1, 0.5, 0, &x, &y);
    page_text(page, x + 9, y + 4, short_label(page, side.label, 140).text, TEXT_SMALL, ANCHOR_LEFT, ink);
}

/* Costs beside the front left corner. */
static void label_heights(draw_page *page, const struct scale *scale) {
    enum { TICKS = 4 };
    for (size_t i = 0; i < TICKS; i++) {
        double share = (double)i / (TICKS - 1), x, y;
        project(0, 0, share, &x, &y);
        page_line(page, x - 4, y, x, y, 1, page->theme->soft);
        page_text(page, x - 7, y + 3.5, page_number(scale_cost(scale, share), 2).text, TEXT_SMALL,
                  ANCHOR_RIGHT, page->theme->soft);
    }
    page_line(page, 0, RELIEF, 0, RELIEF * 0.64, 1, page->theme->soft);
    page_text(page, 4, RELIEF * 0.64 - 5, "C", TEXT_SMALL, ANCHOR_RIGHT, page->theme->ink);
}

void relief_draw(struct draw_page *page, double left, double top, const struct draw_surface *surface,
                 const struct scale *scale) {
    struct view view = best_view(surface, scale);
    struct trail trails[DRAW_SERIES];
    size_t count = surface->path_count < DRAW_SERIES ? surface->path_count : DRAW_SERIES;
    lib.save(page->cairo);
    lib.translate(page->cairo, left, top);
    draw_box(page, &view);
    draw_ground(page, &view);
    label_edges(page, &view);
    label_heights(page, scale);
    for (size_t p = 0; p < count; p++) trails[p] = relief_trail(page, &view, &surface->paths[p]);
    trails_draw(page, trails, count);
    lib.restore(page->cairo);
}
