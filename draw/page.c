/* See page.h. */
#include "draw/page.h"

#include "draw/cairo_calls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MARGIN = 16, PNG_SCALE = 2; /* PNG: two pixels to one, for sharp screens */

/* -- colours -- */

#define RGB(hex)                                                                                             \
    { ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0 }

static const struct theme themes[] = {
    [DRAW_LIGHT] = {.paper = RGB(0xFFFFFF),
                    .ink = RGB(0x1B1F24),
                    .soft = RGB(0x57606A),
                    .faint = RGB(0xD5DAE0),
                    .positive = RGB(0x0072B2),
                    .negative = RGB(0xD55E00),
                    .neutral = RGB(0xFFFFFF),
                    .series = {RGB(0x0072B2), RGB(0xD55E00), RGB(0x009E73), RGB(0xCC79A7), RGB(0x56B4E9),
                               RGB(0xB8860B), RGB(0x7A4FBF), RGB(0x4D4D4D)}},
    [DRAW_DARK] = {.paper = RGB(0x14171B),
                   .ink = RGB(0xE8EAED),
                   .soft = RGB(0x9AA4AF),
                   .faint = RGB(0x3A4149),
                   .positive = RGB(0x56B4E9),
                   .negative = RGB(0xF0883E),
                   .neutral = RGB(0x1F2429),
                   .series = {RGB(0x56B4E9), RGB(0xF0883E), RGB(0x2FC79A), RGB(0xE59AC6), RGB(0x9BD1F5),
                              RGB(0xE0C04A), RGB(0xB59CF0), RGB(0xBBBBBB)}},
};

struct colour colour_between(struct colour from, struct colour to, double share) {
    share = share > 0 ? (share < 1 ? share : 1) : 0;
    return (struct colour){from.red + share * (to.red - from.red),
                           from.green + share * (to.green - from.green),
                           from.blue + share * (to.blue - from.blue)};
}

struct colour colour_signed(const struct theme *theme, double value) {
    return colour_between(theme->neutral, value < 0 ? theme->negative : theme->positive, fabs(value));
}

/* Between colours whose lightness (CIE L*) is 15, 32, 49, 66, 83 and 96. */
struct colour colour_ramp(double value) {
    static const struct colour stops[] = {RGB(0x1B2052), RGB(0x254F83), RGB(0x247E93),
                                          RGB(0x3EAF8A), RGB(0xA3D97A), RGB(0xF9F7AE)};
    enum { STEPS = sizeof stops / sizeof *stops - 1 };
    double place = (value > 0 ? (value < 1 ? value : 1) : 0) * STEPS;
    size_t i = place < STEPS ? (size_t)place : STEPS - 1;
    return colour_between(stops[i], stops[i + 1], place - (double)i);
}

uint32_t colour_pixel(struct colour colour) {
    return 0xFF000000u | (uint32_t)(colour.red * 255 + 0.5) << 16 |
           (uint32_t)(colour.green * 255 + 0.5) << 8 | (uint32_t)(colour.blue * 255 + 0.5);
}

void page_colour(struct draw_page *page, struct colour colour) {
    lib.set_source_rgb(page->cairo, colour.red, colour.green, colour.blue);
}

void page_colour_faded(struct draw_page *page, struct colour colour, double opacity) {
    lib.set_source_rgba(page->cairo, colour.red, colour.green, colour.blue, opacity);
}

/* -- shapes -- */

void page_line(struct draw_page *page, double x0, double y0, double x1, double y1, double width,
               struct colour colour) {
    page_colour(page, colour);
    lib.set_line_width(page->cairo, width);
    lib.move_to(page->cairo, x0, y0);
    lib.line_to(page->cairo, x1, y1);
    lib.stroke(page->cairo);
}

void page_rectangle(struct draw_page *page, double x, double y, double width, double height,
                    struct colour colour) {
    page_colour(page, colour);
    lib.rectangle(page->cairo, x, y, width, height);
    lib.fill(page->cairo);
}

void page_frame(struct draw_page *page, double x, double y, double width, double height,
                struct colour colour) {
    page_colour(page, colour);
    lib.set_line_width(page->cairo, 1);
    lib.rectangle(page->cairo, x, y, width, height);
    lib.stroke(page->cairo);
}

void page_ring(struct draw_page *page, double x, double y, double radius, double width,
               struct colour colour) {
    page_colour(page, colour);
    lib.set_line_width(page->cairo, width);
    lib.new_sub_path(page->cairo);
    lib.arc(page->cairo, x, y, radius, 0, 2 * acos(-1));
    lib.stroke(page->cairo);
}

void page_disc(struct draw_page *page, double x, double y, double radius, struct colour colour) {
    page_colour(page, colour);
    lib.new_sub_path(page->cairo);
    lib.arc(page->cairo, x, y, radius, 0, 2 * acos(-1));
    lib.fill(page->cairo);
}

/* -- images -- */

static uint32_t pixel_of(const struct theme *theme, double value, double most, enum image_kind kind) {
    double share = most > 0 ? value / most : 0;
    double grey = share > 0 ? (share < 1 ? share : 1) : 0;
    struct colour colour =
        kind == IMAGE_GREYS ? (struct colour){grey, grey, grey} : colour_signed(theme, share);
    return colour_pixel(colour);
}

/* As a bitmap, as thousands of rectangles would make a large file; larger than the numbers are, so that no viewer
 * smooths the squares away. */
void page_image(struct draw_page *page, double x, double y, double width, double height, const double *values,
                size_t rows, size_t columns, double most, enum image_kind kind) {
    size_t factor = (size_t)ceil(width / (double)columns);
    if (factor < 1) factor = 1;
    cairo_surface_t *bitmap =
        lib.image_surface_create(CAIRO_FORMAT_RGB24, (int)(columns * factor), (int)(rows * factor));
    if (lib.surface_status(bitmap) == CAIRO_STATUS_SUCCESS) {
        unsigned char *pixels = lib.image_surface_get_data(bitmap);
        size_t stride = (size_t)lib.image_surface_get_stride(bitmap);
        for (size_t r = 0; r < rows * factor; r++)
            for (size_t c = 0; c < columns * factor; c++) {
                double value = values[r / factor * columns + c / factor];
                uint32_t pixel = pixel_of(page->theme, value, most, kind);
                memcpy(pixels + r * stride + c * sizeof pixel, &pixel, sizeof pixel);
            }
        lib.surface_mark_dirty(bitmap);
        lib.save(page->cairo);
        lib.translate(page->cairo, x, y);
        lib.scale(page->cairo, width / (double)(columns * factor), height / (double)(rows * factor));
        lib.set_source_surface(page->cairo, bitmap, 0, 0);
        lib.pattern_set_filter(lib.get_source(page->cairo), CAIRO_FILTER_NEAREST);
        lib.rectangle(page->cairo, 0, 0, (double)(columns * factor), (double)(rows * factor));
        lib.fill(page->cairo);
        lib.restore(page->cairo);
    }
    lib.surface_destroy(bitmap);
    page_frame(page, x, y, width, height, page->theme->faint);
}

void page_signed_scale(struct draw_page *page, double x, double y, double width, double most,
                       const char *what) {
    enum { STEPS = 41 };
    double values[STEPS];
    for (size_t i = 0; i < STEPS; i++) values[i] = 2 * (double)i / (STEPS - 1) - 1;
    page_image(page, x, y, width, 8, values, 1, STEPS, 1, IMAGE_SIGNED);
    page_text(page, x, y + 20, page_number(-most, 2).text, TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
    page_text(page, x + width, y + 20, page_number(most, 2).text, TEXT_SMALL, ANCHOR_RIGHT,
              page->theme->soft);
    page_text(page, x + width / 2, y + 20, what, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
}

/* -- the whole page -- */

struct sink {
    draw_writer *write;
    void *user;
};

static cairo_status_t pass_on(void *closure, const unsigned char *bytes, unsigned int count) {
    struct sink *sink = closure;
    return sink->write(sink->user, bytes, count) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* Whole pixels, so that lines stay sharp. */
struct extent {
    double left, top, width, height;
};

/* Text has the same width on every kind of surface, so that what was measured is what is drawn. */
static void measure_alike(cairo_t *cairo) {
    cairo_font_options_t *options = lib.font_options_create();
    lib.font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    lib.font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    lib.set_font_options(cairo, options);
    lib.font_options_destroy(options);
}

static cairo_status_t draw_on(cairo_surface_t *surface, const struct draw_look *look,
                              const struct extent *extent, double scale, draw_picture *draw,
                              const void *picture) {
    draw_page page = {.cairo = lib.create(surface), .theme = &themes[look->theme], .words = look->words};
    measure_alike(page.cairo);
    if (extent) { /* for good */
        page_colour(&page, page.theme->paper);
        lib.paint(page.cairo);
        lib.scale(page.cairo, scale, scale);
        lib.translate(page.cairo, MARGIN - extent->left, MARGIN - extent->top);
    }
    draw(&page, picture);
    cairo_status_t status = lib.status(page.cairo);
    if (look->boxes && page.boxes) *look->boxes = true;
    lib.destroy(page.cairo);
    return status;
}

static cairo_status_t measure(const struct draw_look *look, draw_picture *draw, const void *picture,
                              struct extent *extent) {
    double x, y, width, height;
    cairo_surface_t *recorded = lib.recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    cairo_status_t status = draw_on(recorded, look, NULL, 1, draw, picture);
    lib.recording_surface_ink_extents(recorded, &x, &y, &width, &height);
    lib.surface_destroy(recorded);
    *extent = (struct extent){floor(x), floor(y), ceil(x + width) - floor(x), ceil(y + height) - floor(y)};
    return status;
}

static cairo_surface_t *surface_for(enum draw_kind kind, double width, double height, struct sink *sink) {
    if (kind == DRAW_PDF) return lib.pdf_surface_create_for_stream(pass_on, sink, width, height);
    if (kind == DRAW_PNG)
        return lib.image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * PNG_SCALE),
                                        (int)ceil(height * PNG_SCALE));
    cairo_surface_t *surface = lib.svg_surface_create_for_stream(pass_on, sink, width, height);
    lib.svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return surface;
}

const char *draw_write(const struct draw_look *look, draw_picture *draw, const void *picture,
                       draw_writer *write, void *user) {
    struct extent extent;
    struct sink sink = {write, user};
    if (!cairo_load()) return "cairo is not installed";
    cairo_status_t status = measure(look, draw, picture, &extent);
    if (status != CAIRO_STATUS_SUCCESS) return lib.status_to_string(status);
    cairo_surface_t *surface =
        surface_for(look->kind, extent.width + 2 * MARGIN, extent.height + 2 * MARGIN, &sink);
    status = draw_on(surface, look, &extent, look->kind == DRAW_PNG ? PNG_SCALE : 1, draw, picture);
    if (status == CAIRO_STATUS_SUCCESS && look->kind == DRAW_PNG)
        status = lib.surface_write_to_png_stream(surface, pass_on, &sink);
    lib.surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = lib.surface_status(surface);
    lib.surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ? NULL : lib.status_to_string(status);
}
