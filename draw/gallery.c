/* Galleries: many small images, each with its caption, and where there are some, the shares of the classes beside. */
#include "draw/gallery.h"

#include <math.h>
#include <stdio.h>

enum { PAGE_WIDTH = 800, BARS = 96, BAR_ROW = 11 };

static double tile_height(const struct draw_gallery *gallery, double width) {
    return width * (double)gallery->height / (double)gallery->width;
}

/* One bar a class, as long as its share. */
static void draw_shares(draw_page *page, double x, double y, const struct draw_gallery *gallery,
                        const struct draw_tile *tile) {
    for (size_t c = 0; c < gallery->classes; c++, y += BAR_ROW) {
        double share = tile->shares[c] > 0 ? (tile->shares[c] < 1 ? tile->shares[c] : 1) : 0;
        struct colour colour = c != tile->truth          ? page->theme->soft
                               : gallery->truth_in_green ? page->theme->series[2]
                                                         : page->theme->positive;
        page_text(page, x + 22, y + 8, gallery->names[c], TEXT_SMALL - 1, ANCHOR_RIGHT, page->theme->soft);
        page_rectangle(page, x + 26, y + 1, BARS - 30, BAR_ROW - 3, page->theme->faint);
        page_rectangle(page, x + 26, y + 1, (BARS - 30) * share, BAR_ROW - 3, colour);
    }
}

double gallery_draw(draw_page *page, double y, const struct draw_gallery *gallery, double title_size) {
    double size = gallery->tile > 0 ? gallery->tile : 96;
    double high = tile_height(gallery, size), beside = gallery->classes ? BARS : 0;
    double bars = (double)gallery->classes * BAR_ROW;
    size_t columns = (size_t)((PAGE_WIDTH + 14) / (size + beside + 14));
    if (columns == 0) columns = 1;
    page_text_bold(page, 0, y, gallery->title, title_size, ANCHOR_LEFT, page->theme->ink);
    if (gallery->subtitle)
        page_text(page, 0, y += 20, gallery->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    y += 16;
    double row = (high > bars ? high : bars) + 26;
    for (size_t i = 0; i < gallery->count; i++) {
        const struct draw_tile *tile = &gallery->tiles[i];
        double x = (double)(i % columns) * (size + beside + 14), top = y + (double)(i / columns) * row;
        double most = gallery->most > 0 ? gallery->most : tile->most;
        page_image(page, x, top, size, high, tile->values, gallery->height, gallery->width, most,
                   gallery->is_signed ? IMAGE_SIGNED : IMAGE_GREYS);
        page_text(page, x, top + (high > bars ? high : bars) + 13, tile->caption, TEXT_SMALL, ANCHOR_LEFT,
                  page->theme->ink);
        if (gallery->classes) draw_shares(page, x + size, top, gallery, tile);
    }
    double end = y + (double)((gallery->count + columns - 1) / columns) * row + 8;
    if (gallery->is_signed && gallery->most > 0)
        page_signed_scale(page, 0, end, 220, gallery->most, gallery->scale);
    return end;
}

void draw_gallery(draw_page *page, const struct draw_gallery *gallery) {
    gallery_draw(page, TEXT_TITLE, gallery, TEXT_TITLE);
}
