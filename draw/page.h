/* A page to draw on: one visual language for all pictures. A picture is drawn twice: first it is seen how large it is,
 * then on a page of that size, with a margin, so that nothing is cut. Lengths are in pixels of a screen (1/96 inch), y
 * grows downwards. Of draw/ alone. */
#ifndef NUDGE_DRAW_PAGE_H
#define NUDGE_DRAW_PAGE_H

#include "draw/draw.h"

#include "draw/cairo_calls.h"

struct colour {
    double red, green, blue;
};

/* The colours by what they mean. Positive and negative (blue and vermilion), and the series, are told apart by colour-blind
 * readers, too (Okabe and Ito 2008). */
struct theme {
    struct colour paper, ink, soft, faint; /* soft: less important text; faint: grids and frames */
    struct colour positive, negative, neutral;
    struct colour series[DRAW_SERIES];
};

struct draw_page {
    cairo_t *cairo;
    const struct theme *theme;
    draw_words *words;
    const char *wide; /* the font family of Chinese characters, once it was looked for; NULL: there is none */
    bool wide_known, boxes; /* boxes: characters were drawn that no font has */
};

enum { TEXT_SMALL = 10, TEXT_NORMAL = 12, TEXT_TITLE = 15 };
enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT };

/* As cairo's bitmaps have it. */
uint32_t colour_pixel(struct colour colour);
void page_colour(struct draw_page *page, struct colour colour);
void page_colour_faded(struct draw_page *page, struct colour colour, double opacity);
struct colour colour_between(struct colour from, struct colour to, double share);
/* For a number from -1 to 1: negative .. neutral .. positive; beyond, the ends. */
struct colour colour_signed(const struct theme *theme, double value);
/* For a number from 0 to 1, dark to bright: perceived brightness grows evenly. */
struct colour colour_ramp(double value);

/* The text's baseline is at y. Texts are one line. */
void page_text(struct draw_page *page, double x, double y, const char *text, double size, enum anchor anchor,
               struct colour colour);
void page_text_bold(struct draw_page *page, double x, double y, const char *text, double size,
                    enum anchor anchor, struct colour colour);
/* Read from bottom to top; its beginning, middle or end at (x, y). */
void page_text_upright(struct draw_page *page, double x, double y, const char *text, double size,
                       enum anchor anchor, struct colour colour);
double page_text_width(struct draw_page *page, const char *text, double size);

/* Texts by value, as page_fit(..).text. */
struct fitted {
    char text[320];
};
/* The text, where it is wider than there is room for cut and with an ellipsis. */
struct fitted page_fit(struct draw_page *page, const char *text, double size, bool bold, double width);
/* So many significant digits, with powers of ten as 2×10⁻⁵; a power of ten, 10⁻⁵. */
struct fitted page_number(double value, int digits);
struct fitted page_power(long power);
/* A label of draw/'s own in the reader's language. */
const char *page_word(const struct draw_page *page, const char *english) __attribute__((format_arg(2)));

void page_line(struct draw_page *page, double x0, double y0, double x1, double y1, double width,
               struct colour colour);
void page_rectangle(struct draw_page *page, double x, double y, double width, double height,
                    struct colour colour);
void page_frame(struct draw_page *page, double x, double y, double width, double height,
                struct colour colour);
void page_ring(struct draw_page *page, double x, double y, double radius, double width, struct colour colour);
void page_disc(struct draw_page *page, double x, double y, double radius, struct colour colour);

/* A grid of numbers as an image, every pixel as a square. `most`: the number that has full strength. */
enum image_kind { IMAGE_GREYS, IMAGE_SIGNED };
void page_image(struct draw_page *page, double x, double y, double width, double height, const double *values,
                size_t rows, size_t columns, double most, enum image_kind kind);
/* The scale beside a signed image: from -most to most. */
void page_signed_scale(struct draw_page *page, double x, double y, double width, double most,
                       const char *what);

#endif
