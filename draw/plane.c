/* The plane of two features, coloured by the network's answer, as strongly as it is sure; the data's points on top.
 * Several stages of a training stand side by side. */
#include "draw/axes.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = 230, STEP = 300, ABREAST = 3, LEFT = 60, LEGEND_ROW = 15, MOST_NAMES = 32 };

static uint32_t pixel_of(const struct theme *theme, unsigned class_index, double sureness) {
    struct colour colour =
        colour_between(theme->neutral, theme->series[class_index % DRAW_SERIES], 0.12 + 0.6 * sureness);
    return colour_pixel(colour);
}

static void draw_answers(draw_page *page, const struct axes *axes, const struct draw_plane *plane) {
    int side = (int)plane->side;
    cairo_surface_t *bitmap = lib.image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    if (lib.surface_status(bitmap) == CAIRO_STATUS_SUCCESS) {
        unsigned char *pixels = lib.image_surface_get_data(bitmap);
        size_t stride = (size_t)lib.image_surface_get_stride(bitmap);
        for (size_t r = 0; r < plane->side; r++)
            for (size_t c = 0; c < plane->side; c++) {
                size_t at = r * plane->side + c;
                uint32_t pixel = pixel_of(page->theme, plane->classes[at], plane->sureness[at]);
                memcpy(pixels + r * stride + c * sizeof pixel, &pixel, sizeof pixel);
            }
        lib.surface_mark_dirty(bitmap);
        lib.save(page->cairo);
        lib.translate(page->cairo, axes->left, axes->top);
        lib.scale(page->cairo, axes->width / side, axes->height / side);
        lib.set_source_surface(page->cairo, bitmap, 0, 0);
        lib.pattern_set_filter(lib.get_source(page->cairo), CAIRO_FILTER_GOOD);
        lib.rectangle(page->cairo, 0, 0, side, side);
        lib.fill(page->cairo);
        lib.restore(page->cairo);
    }
    lib.surface_destroy(bitmap);
}

/* All points of a class, or of every class, as one stroke of dots: in a file that is a tenth of as many circles. */
static void draw_dots(draw_page *page, const struct axes *axes, const struct draw_planes *planes,
                      size_t class_index, double diameter, struct colour colour) {
    page_colour(page, colour);
    lib.save(page->cairo);
    lib.set_line_cap(page->cairo, CAIRO_LINE_CAP_ROUND);
    lib.set_line_width(page->cairo, diameter);
    for (size_t i = 0; i < planes->point_count; i++) {
        double x = axes_x(axes, planes->points[2 * i]), y = axes_y(axes, planes->points[2 * i + 1]);
        if (class_index < planes->classes && planes->point_classes[i] != class_index) continue;
        lib.move_to(page->cairo, x, y);
        lib.line_to(page->cairo, x, y);
    }
    lib.stroke(page->cairo);
    lib.restore(page->cairo);
}

static void draw_points(draw_page *page, const struct axes *axes, const struct draw_planes *planes) {
    draw_dots(page, axes, planes, SIZE_MAX, 5.2, page->theme->paper);
    for (size_t c = 0; c < planes->classes; c++)
        draw_dots(page, axes, planes, c, 3.8, page->theme->series[c % DRAW_SERIES]);
}

static void draw_legend(draw_page *page, double y, const struct draw_planes *planes) {
    size_t abreast = planes->count < ABREAST ? planes->count : ABREAST;
    double x = LEFT, end = LEFT + (double)(abreast - 1) * STEP + SIDE + 30;
    for (size_t c = 0; c < planes->classes && c < MOST_NAMES; c++) {
        struct fitted name = page_fit(page, planes->names[c], TEXT_SMALL, false, SIDE);
        double width = page_text_width(page, name.text, TEXT_SMALL) + 27;
        if (x > LEFT && x + width > end) x = LEFT, y += LEGEND_ROW;
        page_disc(page, x + 4, y - 4, 4, page->theme->series[c % DRAW_SERIES]);
        page_text(page, x + 13, y, name.text, TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
        x += width;
    }
    if (planes->classes > DRAW_SERIES)
        page_text(page, LEFT, y + LEGEND_ROW + 3, page_word(page, "every eighth class has the same colour"),
                  TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
}

void draw_planes(draw_page *page, const struct draw_planes *planes) {
    double top = TEXT_TITLE + 66, bottom = top;
    page_text_bold(page, 0, TEXT_TITLE, planes->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, planes->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    for (size_t i = 0; i < planes->count; i++) {
        struct fitted title = page_fit(page, planes->planes[i].caption, TEXT_NORMAL, true, SIDE + 40),
                      x_label = page_fit(page, planes->x_label, TEXT_SMALL + 1, false, SIDE),
                      y_label = page_fit(page, planes->y_label, TEXT_SMALL + 1, false, SIDE);
        struct axes axes = {.left = LEFT + (double)(i % ABREAST) * STEP,
                            .top = top + (double)(i / ABREAST) * (SIDE + 76),
                            .width = SIDE,
                            .height = SIDE,
                            .across = {.low = planes->x_low, .high = planes->x_high},
                            .up = {.low = planes->y_low, .high = planes->y_high},
                            .title = title.text,
                            .x_label = x_label.text,
                            .y_label = i % ABREAST ? NULL : y_label.text};
        axes_draw(page, &axes);
        draw_answers(page, &axes, &planes->planes[i]);
        page_frame(page, axes.left, axes.top, axes.width, axes.height, page->theme->soft);
        draw_points(page, &axes, planes);
        bottom = axes.top + SIDE + 56;
    }
    draw_legend(page, bottom, planes);
}
