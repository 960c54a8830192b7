/* Galleries: many small images, each with its caption, and where there are some, the shares of the classes beside. */
#include "draw/gallery.h"

#include <math.h>
#include <stdio.h>

enum { PAGE_WIDTH = 800, BARS = 96, BAR_ROW = 11, GAP = 14, MOST_NAME = 64, COLUMN = 15 };

static double tile_height(const struct draw_gallery *gallery, double width) {
    return width * (double)gallery->height / (double)gallery->width;
}

/* Class names stand between the image and the bars: as much room as the widest needs. */
static double name_room(draw_page *page, const struct draw_gallery *gallery) {
    double widest = 0;
    for (size_t c = 0; c < gallery->classes; c++) {
        double width = page_text_width(page, gallery->names[c], TEXT_SMALL - 1);
        widest = width > widest ? width : widest;
    }
    return (widest < MOST_NAME ? widest : MOST_NAME) + 14;
}

/* One bar a class, as long as its share. */
static void draw_shares(draw_page *page, double x, double y, double names, const struct draw_gallery *gallery,
                        const struct draw_tile *tile) {
    for (size_t c = 0; c < gallery->classes; c++, y += BAR_ROW) {
        double share = tile->shares[c] > 0 ? (tile->shares[c] < 1 ? tile->shares[c] : 1) : 0;
        struct colour colour = c != tile->truth          ? page->theme->soft
                               : gallery->truth_in_green ? page->theme->series[2]
                                                         : page->theme->positive;
        page_text(page, x + names - 4, y + 8,
                  page_fit(page, gallery->names[c], TEXT_SMALL - 1, false, MOST_NAME).text, TEXT_SMALL - 1,
                  ANCHOR_RIGHT, page->theme->soft);
        page_rectangle(page, x + names, y + 1, BARS - 30, BAR_ROW - 3, page->theme->faint);
        page_rectangle(page, x + names, y + 1, (BARS - 30) * share, BAR_ROW - 3, colour);
    }
}

/* As many as there is room for, but no fewer in the last row than need be: 16 are 8 and 8, not 9 and 7. */
static size_t columns_of(size_t count, double step) {
    size_t most = (size_t)((PAGE_WIDTH + GAP) / step);
    if (most < 1) most = 1;
    size_t rows = (count + most - 1) / most;
    return rows > 0 ? (count + rows - 1) / rows : 1;
}

/* Rows and columns of a matrix are counted at its sides, where there is room. */
static void draw_counts(draw_page *page, double x, double y, double width, double high,
                        const struct draw_gallery *gallery) {
    char text[24];
    double row = high / (double)gallery->height, column = width / (double)gallery->width;
    for (size_t r = 0; r < gallery->height && row >= 11; r++) {
        snprintf(text, sizeof text, "%zu", r);
        page_text(page, x + width + 5, y + ((double)r + 0.5) * row + 3.5, text, TEXT_SMALL - 1, ANCHOR_LEFT,
                  page->theme->soft);
    }
    for (size_t c = 0; c < gallery->width && column >= COLUMN; c++) {
        const char *name = gallery->columns ? gallery->columns[c] : text;
        snprintf(text, sizeof text, "%zu", c);
        if (gallery->columns)
            page_text_upright(page, x + ((double)c + 0.5) * column + 3.5, y + high + 6,
                              page_fit(page, name, TEXT_SMALL - 1, false, 140).text, TEXT_SMALL - 1,
                              ANCHOR_RIGHT, page->theme->soft);
        else
            page_text(page, x + ((double)c + 0.5) * column, y + high + 11, name, TEXT_SMALL - 1,
                      ANCHOR_MIDDLE, page->theme->soft);
    }
}

static double below_of(draw_page *page, const struct draw_gallery *gallery, double size) {
    double widest = 0;
    bool named = gallery->columns && size / (double)gallery->width >= COLUMN;
    for (size_t i = 0; i < gallery->count; i++)
        if (gallery->tiles[i].note[0]) return 38;
    for (size_t c = 0; named && c < gallery->width; c++) {
        double width = page_text_width(page, gallery->columns[c], TEXT_SMALL - 1);
        widest = width > widest ? width : widest;
    }
    return widest > 140 ? 160 : widest > 0 ? widest + 20 : 26;
}

static void draw_tile(draw_page *page, double x, double y, double size, const struct draw_gallery *gallery,
                      const struct draw_tile *tile) {
    double high = tile_height(gallery, size), bars = (double)gallery->classes * BAR_ROW;
    double names = gallery->classes ? name_room(page, gallery) : 0, below = y + (high > bars ? high : bars);
    double room = size + GAP - 4 + (gallery->classes ? names + BARS - 30 : 0);
    double most = gallery->most > 0 ? gallery->most : tile->most;
    page_image(page, x, y, size, high, tile->values, gallery->height, gallery->width, most,
               gallery->is_signed ? IMAGE_SIGNED : IMAGE_GREYS);
    page_text(page, x, below + 13, page_fit(page, tile->caption, TEXT_SMALL, false, room).text, TEXT_SMALL,
              ANCHOR_LEFT, page->theme->ink);
    page_text(page, x, below + 25, page_fit(page, tile->note, TEXT_SMALL - 1, false, room).text,
              TEXT_SMALL - 1, ANCHOR_LEFT, page->theme->soft);
    if (gallery->classes) draw_shares(page, x + size, y, names, gallery, tile);
    if (gallery->counted) draw_counts(page, x, y, size, high, gallery);
}

double gallery_draw(draw_page *page, double y, const struct draw_gallery *gallery, double title_size) {
    double size = gallery->tile > 0 ? gallery->tile : 96, high = tile_height(gallery, size);
    double beside = gallery->classes ? name_room(page, gallery) + BARS - 26 : 0;
    double bars = (double)gallery->classes * BAR_ROW, step = size + beside + GAP;
    size_t columns = columns_of(gallery->count, step);
    page_text_bold(page, 0, y, gallery->title, title_size, ANCHOR_LEFT, page->theme->ink);
    if (gallery->subtitle)
        page_text(page, 0, y += 20, gallery->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    y += gallery->subtitle ? 16 : 10;
    double row = (high > bars ? high : bars) + below_of(page, gallery, size);
    for (size_t i = 0; i < gallery->count; i++)
        draw_tile(page, (double)(i % columns) * step, y + (double)(i / columns) * row, size, gallery,
                  &gallery->tiles[i]);
    double end = y + (double)((gallery->count + columns - 1) / columns) * row;
    if (!gallery->is_signed || gallery->most <= 0) return end;
    page_signed_scale(page, 0, end + 8, 260, gallery->most, gallery->scale);
    return end + 28;
}

void draw_gallery(draw_page *page, const struct draw_gallery *gallery) {
    gallery_draw(page, TEXT_TITLE, gallery, TEXT_TITLE);
}
