/* A confusion table: rows are the true classes, columns the answers; right answers and wrong ones have a colour each, as
 * strong as their share of the row. */
#include "draw/page.h"

enum { MOST_NAME = 150 }; /* width of a class' name */

/* Where the table begins: the names stand before it and above it. */
struct layout {
    double cell, left, top;
    bool upright; /* the names above, where they are wider than a cell */
    bool named;   /* columns, too */
};

static double widest_name(draw_page *page, const struct draw_confusion *confusion) {
    double widest = 0;
    for (size_t c = 0; c < confusion->classes; c++) {
        double width = page_text_width(page, confusion->names[c], TEXT_SMALL);
        widest = width > widest ? width : widest;
    }
    return widest < MOST_NAME ? widest : MOST_NAME;
}

static struct layout layout_of(draw_page *page, const struct draw_confusion *confusion) {
    size_t n = confusion->classes;
    double widest = widest_name(page, confusion);
    struct layout layout = {.cell = n <= 12 ? 44 : n <= 30 ? 24 : 600.0 / (double)n};
    layout.named = layout.cell >= 20;
    layout.upright = layout.named && widest > layout.cell - 6;
    layout.left = 34 + widest;
    layout.top = TEXT_TITLE + 20 + 38 + (layout.upright ? widest + 8 : layout.named ? 20 : 0);
    return layout;
}

static void draw_names(draw_page *page, const struct draw_confusion *confusion, const struct layout *layout) {
    size_t n = confusion->classes;
    double cell = layout->cell, middle = cell * (double)n / 2;
    page_text(page, layout->left + middle, TEXT_TITLE + 20 + 30, page_word(page, "answered"), TEXT_NORMAL,
              ANCHOR_MIDDLE, page->theme->ink);
    page_text_upright(page, 10, layout->top + middle, page_word(page, "true class"), TEXT_NORMAL,
                      ANCHOR_MIDDLE, page->theme->ink);
    for (size_t c = 0; c < n; c++) {
        double at = ((double)c + 0.5) * cell;
        struct fitted name = page_fit(page, confusion->names[c], TEXT_SMALL, false, MOST_NAME);
        page_text(page, layout->left - 8, layout->top + at + 4, name.text, TEXT_SMALL, ANCHOR_RIGHT,
                  page->theme->ink);
        if (layout->upright)
            page_text_upright(page, layout->left + at + 4, layout->top - 8, name.text, TEXT_SMALL,
                              ANCHOR_LEFT, page->theme->ink);
        else if (layout->named)
            page_text(page, layout->left + at, layout->top - 8, name.text, TEXT_SMALL, ANCHOR_MIDDLE,
                      page->theme->ink);
    }
}

/* Wrong answers are rare: a tenth of the row has full strength. */
static void draw_cell(draw_page *page, double x, double y, double cell, double count, double share,
                      bool right) {
    double strength = right ? share : share * 10 < 1 ? share * 10 : 1;
    struct colour to = right ? page->theme->positive : page->theme->negative;
    page_rectangle(page, x, y, cell, cell, colour_between(page->theme->neutral, to, strength));
    page_frame(page, x, y, cell, cell, page->theme->faint);
    if (count > 0 && cell >= 20)
        page_text(page, x + cell / 2, y + cell / 2 + 4, page_number(count, 6).text,
                  cell > 30 ? TEXT_SMALL + 1 : TEXT_SMALL - 2, ANCHOR_MIDDLE,
                  strength > 0.55 ? page->theme->paper : page->theme->ink);
}

void draw_confusion(draw_page *page, const struct draw_confusion *confusion) {
    struct layout layout = layout_of(page, confusion);
    size_t n = confusion->classes;
    page_text_bold(page, 0, TEXT_TITLE, confusion->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, confusion->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    draw_names(page, confusion, &layout);
    for (size_t r = 0; r < n; r++) {
        double all = 0;
        for (size_t c = 0; c < n; c++) all += (double)confusion->counts[r * n + c];
        for (size_t c = 0; c < n; c++) {
            double count = (double)confusion->counts[r * n + c];
            draw_cell(page, layout.left + (double)c * layout.cell, layout.top + (double)r * layout.cell,
                      layout.cell, count, all > 0 ? count / all : 0, r == c);
        }
    }
    page_text(page, 0, layout.top + layout.cell * (double)n + 22,
              page_word(page, "right answers as their share of the class, wrong ones ten times as strong"),
              TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
}
