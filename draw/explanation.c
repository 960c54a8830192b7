/* The picture of one example: the input and what is wished of it, the outputs against their targets, and the strongest
 * entries of the lists that the text has. */
#include "draw/page.h"

#include <math.h>

enum { IMAGE = 220, GAP = 36, COLUMN = 368, ROW = 19, MOST_NAME = 104 };

static double largest_of(const double *values, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fabs(values[i]) > largest ? fabs(values[i]) : largest;
    return largest;
}

/* -- images -- */

/* Images are squeezed into a square of side IMAGE. */
static double image_height(const struct draw_explanation *explanation) {
    double aspect = (double)explanation->height / (double)explanation->width;
    return aspect > 1 ? IMAGE : IMAGE * aspect;
}

static void image_at(draw_page *page, double x, double y, const char *title,
                     const struct draw_explanation *explanation, const double *values, enum image_kind kind,
                     const char *scale) {
    size_t count = explanation->height * explanation->width;
    double height = image_height(explanation),
           width = height * (double)explanation->width / (double)explanation->height;
    double most = largest_of(values, count);
    page_text_bold(page, x, y, page_fit(page, title, TEXT_NORMAL, true, IMAGE + GAP - 8).text, TEXT_NORMAL,
                   ANCHOR_LEFT, page->theme->ink);
    page_image(page, x, y + 8, width, height, values, explanation->height, explanation->width, most, kind);
    if (kind == IMAGE_SIGNED) page_signed_scale(page, x, y + height + 18, width, most, scale);
}

static double draw_images(draw_page *page, double y, const struct draw_explanation *explanation) {
    double step = IMAGE + GAP;
    image_at(page, 0, y, page_word(page, "the input"), explanation, explanation->input, IMAGE_GREYS, NULL);
    image_at(page, step, y, page_word(page, "what is wished of it"), explanation, explanation->wishes,
             IMAGE_SIGNED, page_word(page, "darker   brighter"));
    image_at(page, 2 * step, y, explanation->reasons_title, explanation, explanation->reasons, IMAGE_SIGNED,
             page_word(page, "against   for"));
    if (explanation->wishes_left_out)
        page_text(page, step, y + image_height(explanation) + 52,
                  page_word(page, "black cannot get darker, nor white brighter"), TEXT_SMALL - 1, ANCHOR_LEFT,
                  page->theme->soft);
    return y + image_height(explanation) + 78;
}

/* -- bars -- */

/* A bar from the middle of its field: positive to the right, negative to the left. */
static void signed_bar(draw_page *page, double x, double y, double width, double value, double most) {
    double middle = x + width / 2, length = most > 0 && isfinite(value) ? value / most * width / 2 : 0;
    struct colour colour = value < 0 ? page->theme->negative : page->theme->positive;
    page_rectangle(page, length < 0 ? middle + length : middle, y - 9, fabs(length), 11, colour);
    page_line(page, middle, y - 12, middle, y + 5, 1, page->theme->faint);
}

static void number_at(draw_page *page, double x, double y, double value) {
    page_text(page, x, y, page_number(value, 3).text, TEXT_SMALL, ANCHOR_RIGHT, page->theme->soft);
}

static double draw_list(draw_page *page, double x, double y, const struct draw_list *list) {
    double most = 0;
    for (size_t i = 0; i < list->count; i++)
        most = fabs(list->bars[i].value) > most ? fabs(list->bars[i].value) : most;
    double room = COLUMN - page_text_width(page, list->unit, TEXT_SMALL) - 8;
    page_text_bold(page, x, y, page_fit(page, list->title, TEXT_NORMAL, true, room).text, TEXT_NORMAL,
                   ANCHOR_LEFT, page->theme->ink);
    page_text(page, x + COLUMN, y, list->unit, TEXT_SMALL, ANCHOR_RIGHT, page->theme->soft);
    y += ROW + 4;
    for (size_t i = 0; i < list->count; i++, y += ROW) {
        page_text(page, x, y, page_fit(page, list->bars[i].name, TEXT_SMALL, false, 160).text, TEXT_SMALL,
                  ANCHOR_LEFT, page->theme->ink);
        signed_bar(page, x + 168, y, 130, list->bars[i].value, most);
        number_at(page, x + COLUMN, y, list->bars[i].value);
    }
    return y;
}

/* -- outputs -- */

static double name_room(draw_page *page, const struct draw_explanation *explanation) {
    double widest = 24;
    for (size_t j = 0; j < explanation->outputs; j++) {
        double width = page_text_width(page, explanation->names[j], TEXT_SMALL);
        widest = width > widest ? width : widest;
    }
    return (widest < MOST_NAME ? widest : MOST_NAME) + 10;
}

static double draw_outputs(draw_page *page, double x, double y, const struct draw_explanation *explanation) {
    double reach = largest_of(explanation->activations, explanation->outputs);
    double wishes = largest_of(explanation->output_wishes, explanation->outputs);
    double targets = largest_of(explanation->targets, explanation->outputs);
    const double bars = x + name_room(page, explanation), width = 184 - (bars - x);
    if (targets > reach) reach = targets;
    page_text_bold(page, x, y, page_word(page, "outputs"), TEXT_NORMAL, ANCHOR_LEFT, page->theme->ink);
    page_text(page, bars + width, y, page_word(page, "a, and its target |"), TEXT_SMALL, ANCHOR_RIGHT,
              page->theme->soft);
    page_text(page, x + COLUMN, y, page_word(page, "wish for z: -δ"), TEXT_SMALL, ANCHOR_RIGHT,
              page->theme->soft);
    y += ROW + 4;
    for (size_t j = 0; j < explanation->outputs; j++, y += ROW) {
        double a = explanation->activations[j], target = explanation->targets[j];
        bool negative = a < 0 || target < 0;
        page_text(page, x, y, page_fit(page, explanation->names[j], TEXT_SMALL, false, MOST_NAME).text,
                  TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
        page_rectangle(page, bars, y - 9, width, 11, page->theme->faint);
        double from = negative ? width / 2 : 0,
               scale = (negative ? width / 2 : width) / (reach > 0 ? reach : 1);
        page_rectangle(page, bars + from + (a < 0 ? a * scale : 0), y - 9, fabs(a) * scale, 11,
                       page->theme->soft);
        page_line(page, bars + from + target * scale, y - 12, bars + from + target * scale, y + 5, 2,
                  page->theme->ink);
        signed_bar(page, x + 198, y, 110, explanation->output_wishes[j], wishes);
        number_at(page, x + COLUMN, y, explanation->output_wishes[j]);
    }
    return y;
}

/* Outputs and lists in two columns, each next one below the shorter. */
static void draw_columns(draw_page *page, double y, const struct draw_explanation *explanation) {
    double left = draw_outputs(page, 0, y, explanation) + 24, right = y;
    for (size_t i = 0; i < explanation->list_count; i++) {
        if (explanation->lists[i].count == 0) continue;
        if (right <= left)
            right = draw_list(page, COLUMN + GAP, right, &explanation->lists[i]) + 24;
        else
            left = draw_list(page, 0, left, &explanation->lists[i]) + 24;
    }
}

void draw_explanation(draw_page *page, const struct draw_explanation *explanation) {
    double y = TEXT_TITLE;
    page_text_bold(page, 0, y, explanation->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, y + 20, explanation->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    y += 54;
    if (explanation->height > 0) y = draw_images(page, y, explanation);
    draw_columns(page, y, explanation);
}
