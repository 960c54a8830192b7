/* A confusion table: rows are the true classes, columns the answers; right answers and wrong ones have a colour each, as
 * strong as their share of the row. */
#include "draw/page.h"

#include <stdio.h>

void draw_confusion(draw_page *page, const struct draw_confusion *confusion) {
    size_t n = confusion->classes;
    double cell = n <= 12 ? 44 : n <= 30 ? 24 : 600.0 / (double)n, left = 76, top = 96;
    char text[32];
    page_text_bold(page, 0, TEXT_TITLE, confusion->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, confusion->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    page_text(page, left + cell * (double)n / 2, top - 24, "answered", TEXT_NORMAL, ANCHOR_MIDDLE,
              page->theme->ink);
    page_text_upright(page, 14, top + cell * (double)n / 2, "true class", TEXT_NORMAL, page->theme->ink);
    for (size_t r = 0; r < n; r++) {
        double y = top + (double)r * cell, all = 0;
        for (size_t c = 0; c < n; c++) all += (double)confusion->counts[r * n + c];
        page_text(page, left - 8, y + cell / 2 + 4, confusion->names[r], TEXT_SMALL, ANCHOR_RIGHT,
                  page->theme->ink);
        if (cell >= 20)
            page_text(page, left + ((double)r + 0.5) * cell, top - 8, confusion->names[r], TEXT_SMALL,
                      ANCHOR_MIDDLE, page->theme->ink);
        for (size_t c = 0; c < n; c++) {
            double count = (double)confusion->counts[r * n + c], share = all > 0 ? count / all : 0,
                   x = left + (double)c * cell;
            /* wrong answers are rare: a tenth of the row has full strength */
            double strength = r == c ? share : share * 10 < 1 ? share * 10 : 1;
            struct colour to = r == c ? page->theme->positive : page->theme->negative;
            page_rectangle(page, x, y, cell, cell, colour_between(page->theme->neutral, to, strength));
            page_frame(page, x, y, cell, cell, page->theme->faint);
            snprintf(text, sizeof text, "%.0f", count);
            if (count > 0 && cell >= 20)
                page_text(page, x + cell / 2, y + cell / 2 + 4, text,
                          cell > 30 ? TEXT_SMALL + 1 : TEXT_SMALL - 2, ANCHOR_MIDDLE,
                          strength > 0.55 ? page->theme->paper : page->theme->ink);
        }
    }
    page_text(page, left, top + cell * (double)n + 20,
              "right answers as their share of the class, wrong ones ten times as strong", TEXT_SMALL,
              ANCHOR_LEFT, page->theme->soft);
}
