/* The picture of one parameter: the tree from it to the cost with its factors, charts of what nudging it does and of its
 * gradient over many examples, and the examples that push it most. */
#include "draw/chart.h"
#include "draw/gallery.h"

#include <math.h>

enum { BOX = 128, BOX_HEIGHT = 46, ARROW = 96 };

static void draw_box(draw_page *page, double x, double y, const struct draw_link *link) {
    page_frame(page, x, y, BOX, BOX_HEIGHT, page->theme->soft);
    page_text_bold(page, x + BOX / 2.0, y + 19, link->from, TEXT_NORMAL, ANCHOR_MIDDLE, page->theme->ink);
    page_text(page, x + BOX / 2.0, y + 36, link->value, TEXT_NORMAL, ANCHOR_MIDDLE, page->theme->soft);
}

static void draw_arrow(draw_page *page, double x, double y, const struct draw_link *link) {
    double end = x + ARROW - 6, middle = x + ARROW / 2.0;
    page_line(page, x + 6, y, end, y, 1.6, page->theme->ink);
    page_line(page, end - 7, y - 4, end, y, 1.6, page->theme->ink);
    page_line(page, end - 7, y + 4, end, y, 1.6, page->theme->ink);
    page_text(page, middle, y - 9, link->times, TEXT_NORMAL, ANCHOR_MIDDLE, page->theme->positive);
    page_text(page, middle, y + 18, link->factor, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
}

/* Returns where it ends. */
static double draw_tree(draw_page *page, double y, const struct draw_parameter *parameter) {
    if (parameter->link_count == 0) return y - 34;
    for (size_t i = 0; i < parameter->link_count; i++) {
        double x = (double)i * (BOX + ARROW);
        draw_box(page, x, y, &parameter->links[i]);
        if (i + 1 < parameter->link_count)
            draw_arrow(page, x + BOX, y + BOX_HEIGHT / 2.0, &parameter->links[i]);
    }
    page_text(page, 0, y + BOX_HEIGHT + 24, parameter->product, TEXT_NORMAL, ANCHOR_LEFT, page->theme->ink);
    return y + BOX_HEIGHT + 34;
}

void draw_parameter(draw_page *page, const struct draw_parameter *parameter) {
    double y = TEXT_TITLE + 20, bottom;
    page_text_bold(page, 0, TEXT_TITLE, parameter->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, y, parameter->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    bottom = draw_tree(page, y + 24, parameter);
    bottom = charts_in_rows(page, bottom + 48, parameter->charts, parameter->chart_count);
    for (size_t i = 0; i < parameter->gallery_count; i++)
        bottom = gallery_draw(page, bottom + (i == 0 ? 36 : 22), &parameter->galleries[i], TEXT_NORMAL);
}
