/* A cost surface: as a map with contours, and as a relief in light and shade, with the walkers' paths on both. */
#include "draw/chart.h"
#include "draw/relief.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAP = 360, LEVELS = 14, SHADES = 80 };

/* -- from cost to height -- */

/* The lowest cost of the surface at the paths' points. */
static double lowest_on_paths(const struct draw_surface *surface) {
    const struct scale plain = {.low = 0, .high = 1e300}; /* shares are tiny, and in proportion */
    double lowest = INFINITY;
    for (size_t p = 0; p < surface->path_count; p++)
        for (size_t i = 0; i < surface->paths[p].count; i++) {
            double x = (surface->paths[p].x[i] - surface->x_low) / (surface->x_high - surface->x_low);
            double y = (surface->paths[p].y[i] - surface->y_low) / (surface->y_high - surface->y_low);
            double cost = scale_between(surface, &plain, x, y) * plain.high;
            if (cost < lowest) lowest = cost;
        }
    return lowest;
}

/* Of costs far below what any path came by, a logarithm would make chasms as deep as all the rest is high, with jagged
 * walls between the grid's points: below half of the paths' lowest, everything is one level. */
struct scale scale_of(const struct draw_surface *surface) {
    struct scale scale = {.low = INFINITY, .high = -INFINITY};
    size_t count = surface->columns * surface->lines;
    for (size_t i = 0; i < count; i++) {
        double cost = surface->costs[i];
        if (!isfinite(cost)) continue;
        scale.low = cost < scale.low ? cost : scale.low;
        scale.high = cost > scale.high ? cost : scale.high;
    }
    if (scale.low > scale.high) scale.low = 0, scale.high = 1;
    double floor = lowest_on_paths(surface) / 2;
    if (isfinite(floor) && floor > scale.low && floor < scale.high && scale.high > 20 * floor) {
        scale.low = floor;
        scale.cut = true;
    }
    scale.logarithmic = scale.low > 0 && scale.high > 20 * scale.low;
    if (scale.logarithmic) scale.low = log(scale.low), scale.high = log(scale.high);
    if (scale.high - scale.low < 1e-12) scale.high = scale.low + 1;
    return scale;
}

double scale_share(const struct scale *scale, double cost) {
    if (!isfinite(cost)) return 1;
    double value = scale->logarithmic ? log(cost > 0 ? cost : 1e-300) : cost;
    double share = (value - scale->low) / (scale->high - scale->low);
    return share > 0 ? (share < 1 ? share : 1) : 0;
}

double scale_cost(const struct scale *scale, double share) {
    double value = scale->low + share * (scale->high - scale->low);
    return scale->logarithmic ? exp(value) : value;
}

double scale_between(const struct draw_surface *surface, const struct scale *scale, double x, double y) {
    double column = x * (double)(surface->columns - 1), line = y * (double)(surface->lines - 1), value = 0;
    size_t c = column > 0 ? (size_t)column : 0, r = line > 0 ? (size_t)line : 0;
    if (c > surface->columns - 2) c = surface->columns - 2;
    if (r > surface->lines - 2) r = surface->lines - 2;
    double s = column - (double)c, t = line - (double)r;
    for (size_t i = 0; i < 4; i++)
        value += (i % 2 ? s : 1 - s) * (i / 2 ? t : 1 - t) *
                 scale_share(scale, surface->costs[(r + i / 2) * surface->columns + c + i % 2]);
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
                    scale_between(surface, scale, ((double)c + 0.5) / MAP, 1 - ((double)r + 0.5) / MAP);
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
        corner[i] = scale_share(scale, surface->costs[(r + step_y[i]) * surface->columns + c + step_x[i]]);
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

/* -- paths -- */

struct trail trail_new(const struct draw_page *page, const struct draw_path *path) {
    struct trail trail = {.x = calloc(path->count, sizeof *trail.x),
                          .y = calloc(path->count, sizeof *trail.y),
                          .colour = page->theme->series[path->series % DRAW_SERIES]};
    for (size_t i = 1; i < path->count; i++)
        trail.length += hypot(path->x[i] - path->x[i - 1], path->y[i] - path->y[i - 1]);
    return trail;
}

static int longer(const void *a, const void *b) {
    double x = ((const struct trail *)a)->length, y = ((const struct trail *)b)->length;
    return (x < y) - (x > y);
}

static void draw_line(draw_page *page, const struct trail *trail, double width) {
    lib.set_line_width(page->cairo, width);
    lib.set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
    lib.move_to(page->cairo, trail->x[0], trail->y[0]);
    for (size_t i = 1; i < trail->count; i++) lib.line_to(page->cairo, trail->x[i], trail->y[i]);
    lib.stroke(page->cairo);
}

/* The outlines first, so that none covers another path; rings are open, so that a short path shows within. */
void trails_draw(struct draw_page *page, struct trail *trails, size_t count) {
    static const struct colour white = {1, 1, 1}, black = {0, 0, 0};
    qsort(trails, count, sizeof *trails, longer);
    for (size_t t = 0; t < count; t++) {
        if (trails[t].count == 0) continue;
        page_colour_faded(page, white, 0.75);
        draw_line(page, &trails[t], 3.6);
        page_ring(page, trails[t].x[0], trails[t].y[0], 8, 3.4, white);
        page_ring(page, trails[t].x[0], trails[t].y[0], 8, 1.6, black);
    }
    for (size_t t = 0; t < count; t++) {
        if (trails[t].count == 0) continue;
        page_colour(page, trails[t].colour);
        draw_line(page, &trails[t], 1.8);
    }
    for (size_t t = 0; t < count; t++) {
        if (trails[t].count == 0) continue;
        page_disc(page, trails[t].x[trails[t].count - 1], trails[t].y[trails[t].count - 1], 4.8, white);
        page_disc(page, trails[t].x[trails[t].count - 1], trails[t].y[trails[t].count - 1], 3.6,
                  trails[t].colour);
    }
    for (size_t t = 0; t < count; t++) free(trails[t].x), free(trails[t].y);
}

static void draw_paths(draw_page *page, const struct axes *axes, const struct draw_surface *surface) {
    struct trail trails[DRAW_SERIES];
    size_t count = surface->path_count < DRAW_SERIES ? surface->path_count : DRAW_SERIES;
    for (size_t p = 0; p < count; p++) {
        const struct draw_path *path = &surface->paths[p];
        struct trail *trail = &trails[p];
        *trail = trail_new(page, path);
        for (size_t i = 0; trail->x && trail->y && i < path->count; i++, trail->count++) {
            trail->x[i] = axes_x(axes, path->x[i]);
            trail->y[i] = axes_y(axes, path->y[i]);
        }
    }
    lib.save(page->cairo);
    lib.rectangle(page->cairo, axes->left, axes->top, axes->width, axes->height);
    lib.clip(page->cairo);
    trails_draw(page, trails, count);
    lib.restore(page->cairo);
}

/* -- all of it -- */

/* The ramp with costs at some levels. */
static void draw_key(draw_page *page, double x, double y, double width, const struct scale *scale) {
    enum { STEPS = 60, TICKS = 4 };
    char text[sizeof(struct fitted) + 4];
    for (size_t i = 0; i < STEPS; i++)
        page_rectangle(page, x + width * (double)i / STEPS, y, width / STEPS + 0.5, 9,
                       colour_ramp(((double)i + 0.5) / STEPS));
    for (size_t i = 0; i < TICKS; i++) {
        double share = (double)i / (TICKS - 1);
        snprintf(text, sizeof text, "%s%s", i == 0 && scale->cut ? "≤ " : "",
                 page_number(scale_cost(scale, share), 2).text);
        page_text(page, x + width * share, y + 22, text, TEXT_SMALL,
                  i == 0           ? ANCHOR_LEFT
                  : i == TICKS - 1 ? ANCHOR_RIGHT
                                   : ANCHOR_MIDDLE,
                  page->theme->soft);
    }
    page_text(page, x, y - 6, page_word(page, scale->logarithmic ? "cost C (logarithmic)" : "cost C"),
              TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
}

static void draw_legend(draw_page *page, double x, double y, const struct draw_surface *surface) {
    for (size_t p = 0; p < surface->path_count; p++, y += 17) {
        page_line(page, x, y - 4, x + 22, y - 4, 2.4,
                  page->theme->series[surface->paths[p].series % DRAW_SERIES]);
        page_text(page, x + 29, y,
                  page_fit(page, surface->paths[p].name, TEXT_SMALL + 1, false, MAP + 20).text,
                  TEXT_SMALL + 1, ANCHOR_LEFT, page->theme->ink);
    }
    page_text(page, x, y + 2, page_word(page, "ring: the start; disc: the end"), TEXT_SMALL, ANCHOR_LEFT,
              page->theme->soft);
}

void draw_surface(draw_page *page, const struct draw_surface *surface) {
    struct scale scale = scale_of(surface);
    struct axes axes = {.left = 56,
                        .top = TEXT_TITLE + 58,
                        .width = MAP,
                        .height = MAP,
                        .across = {.low = surface->x_low, .high = surface->x_high},
                        .up = {.low = surface->y_low, .high = surface->y_high},
                        .title = page_word(page, "from above"),
                        .x_label = surface->x_label,
                        .y_label = surface->y_label};
    double right = axes.left + MAP + 76;
    page_text_bold(page, 0, TEXT_TITLE, surface->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, surface->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    axes_draw(page, &axes);
    draw_raster(page, &axes, surface, &scale);
    draw_contours(page, &axes, surface, &scale);
    draw_paths(page, &axes, surface);
    page_frame(page, axes.left, axes.top, axes.width, axes.height, page->theme->soft);
    page_text_bold(page, right, axes.top - 9,
                   page_word(page, "from the side: height and colour are the cost"), TEXT_NORMAL, ANCHOR_LEFT,
                   page->theme->ink);
    relief_draw(page, right, axes.top - 56, surface, &scale);
    draw_key(page, right, axes.top + MAP + 64, 280, &scale);
    draw_legend(page, axes.left, axes.top + MAP + 58, surface);
    double top = axes.top + MAP + 122 + 17 * (double)surface->path_count;
    charts_in_rows(page, top, surface->charts, surface->chart_count);
}
