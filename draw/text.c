/* Text on a page. cairo's own choice of a font draws what that font lacks as empty boxes; so Chinese, Japanese and Korean
 * characters, in labels of data as in words of nudge's own, are drawn from the first family below that has them. In SVG and
 * PDF all text becomes shapes: who looks at a picture needs none of the fonts. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char FONT[] = "DejaVu Sans";
static const char ELLIPSIS[] = "…";
static const char *const wide_families[] = {
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC",     "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "PingFang SC",      "Microsoft YaHei",    "Hiragino Sans GB", "Droid Sans Fallback", "AR PL UMing CN"};

/* -- fonts -- */

static void set_font(struct draw_page *page, const char *family, double size, bool bold) {
    lib.select_font_face(page->cairo, family, CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    lib.set_font_size(page->cairo, size);
}

/* Whether the font that cairo takes for this family has the text's first character: its glyph is not glyph 0. */
static bool has_glyph(struct draw_page *page, const char *family, const char *text) {
    cairo_glyph_t *glyphs = NULL;
    int count = 0;
    set_font(page, family, TEXT_NORMAL, false);
    cairo_scaled_font_t *font = lib.get_scaled_font(page->cairo);
    bool found = lib.scaled_font_text_to_glyphs(font, 0, 0, text, (int)strlen(text), &glyphs, &count, NULL,
                                                NULL, NULL) == CAIRO_STATUS_SUCCESS &&
                 count > 0 && glyphs[0].index != 0;
    lib.glyph_free(glyphs);
    return found;
}

/* NULL: no font here has Chinese characters. Looked for once a page. */
static const char *wide_family(struct draw_page *page) {
    size_t count = sizeof wide_families / sizeof *wide_families;
    for (size_t i = 0; !page->wide_known && i < count; i++)
        if (has_glyph(page, wide_families[i], "中")) {
            page->wide = wide_families[i];
            break;
        }
    page->wide_known = true;
    return page->wide;
}

bool draw_has_chinese(void) {
    if (!cairo_load()) return false;
    cairo_surface_t *surface = lib.image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    struct draw_page page = {.cairo = lib.create(surface)};
    bool found = wide_family(&page) != NULL;
    lib.destroy(page.cairo);
    lib.surface_destroy(surface);
    return found;
}

/* -- runs: what stands together in one font -- */

/* The character's bytes; its code point into *code. Whatever is no UTF-8 counts byte by byte. */
static size_t character(const char *text, unsigned *code) {
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    *code = length == 1 ? first : first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) return 1;
        *code = *code << 6 | ((unsigned char)text[i] & 0x3F);
    }
    return length;
}

static bool is_wide(unsigned code) {
    return (code >= 0x2E80 && code <= 0xD7FF) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0xFE30 && code <= 0xFE4F) || (code >= 0xFF00 && code <= 0xFFEF) || code >= 0x20000;
}

struct run {
    char text[256];
    bool wide;
};

/* The next run of *text, which goes on behind it; false at the end. */
static bool next_run(const char **text, struct run *run) {
    size_t used = 0;
    unsigned code;
    if (!**text) return false;
    character(*text, &code);
    run->wide = is_wide(code);
    while (**text) {
        size_t length = character(*text, &code);
        if (is_wide(code) != run->wide || used + length >= sizeof run->text) break;
        memcpy(run->text + used, *text, length);
        used += length;
        *text += length;
    }
    run->text[used] = 0;
    return true;
}

static void set_run_font(struct draw_page *page, const struct run *run, double size, bool bold) {
    const char *family = run->wide ? wide_family(page) : FONT;
    page->boxes = page->boxes || !family;
    set_font(page, family ? family : FONT, size, bold);
}

static double width_of(struct draw_page *page, const char *text, double size, bool bold) {
    double width = 0;
    struct run run;
    while (next_run(&text, &run)) {
        cairo_text_extents_t extents;
        set_run_font(page, &run, size, bold);
        lib.text_extents(page->cairo, run.text, &extents);
        width += extents.x_advance;
    }
    return width;
}

double page_text_width(struct draw_page *page, const char *text, double size) {
    return width_of(page, text, size, false);
}

/* -- showing -- */

static void show_text(struct draw_page *page, double x, double y, const char *text, double size,
                      enum anchor anchor, struct colour colour, bool bold) {
    struct run run;
    if (anchor == ANCHOR_MIDDLE) x -= width_of(page, text, size, bold) / 2;
    if (anchor == ANCHOR_RIGHT) x -= width_of(page, text, size, bold);
    page_colour(page, colour);
    lib.move_to(page->cairo, x, y);
    while (next_run(&text, &run)) { /* cairo goes on where a text ends */
        set_run_font(page, &run, size, bold);
        lib.show_text(page->cairo, run.text);
    }
}

void page_text(struct draw_page *page, double x, double y, const char *text, double size, enum anchor anchor,
               struct colour colour) {
    show_text(page, x, y, text, size, anchor, colour, false);
}

void page_text_bold(struct draw_page *page, double x, double y, const char *text, double size,
                    enum anchor anchor, struct colour colour) {
    show_text(page, x, y, text, size, anchor, colour, true);
}

void page_text_upright(struct draw_page *page, double x, double y, const char *text, double size,
                       enum anchor anchor, struct colour colour) {
    lib.save(page->cairo);
    lib.translate(page->cairo, x, y);
    lib.rotate(page->cairo, -acos(-1) / 2);
    show_text(page, 0, 0, text, size, anchor, colour, false);
    lib.restore(page->cairo);
}

struct fitted page_fit(struct draw_page *page, const char *text, double size, bool bold, double width) {
    struct fitted fitted = {""};
    size_t used = 0;
    unsigned code;
    if (strlen(text) < sizeof fitted.text && width_of(page, text, size, bold) <= width) {
        memcpy(fitted.text, text, strlen(text) + 1);
        return fitted;
    }
    while (text[used]) {
        size_t length = character(text + used, &code);
        if (used + length + sizeof ELLIPSIS > sizeof fitted.text) break;
        memcpy(fitted.text, text, used + length);
        memcpy(fitted.text + used + length, ELLIPSIS, sizeof ELLIPSIS);
        if (width_of(page, fitted.text, size, bold) > width) break;
        used += length;
    }
    memcpy(fitted.text, text, used);
    memcpy(fitted.text + used, ELLIPSIS, sizeof ELLIPSIS);
    return fitted;
}

const char *page_word(const struct draw_page *page, const char *english) {
    return page->words ? page->words(english) : english;
}

/* -- numbers -- */

static void raise_power(struct fitted *number, long power) {
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[24];
    size_t used = strlen(number->text);
    snprintf(digits, sizeof digits, "%ld", power);
    for (const char *c = digits; *c && used + 4 < sizeof number->text; c++) {
        const char *as = *c == '-' ? "⁻" : raised[*c - '0'];
        memcpy(number->text + used, as, strlen(as) + 1);
        used += strlen(as);
    }
}

struct fitted page_power(long power) {
    struct fitted number = {"10"};
    raise_power(&number, power);
    return number;
}

struct fitted page_number(double value, int digits) {
    struct fitted number = {""};
    char plain[40];
    snprintf(plain, sizeof plain, "%.*g", digits, value == 0 ? 0 : value); /* no -0 */
    char *e = strchr(plain, 'e');
    if (e) *e = 0;
    snprintf(number.text, sizeof number.text, e ? "%s×10" : "%s", plain);
    if (e) raise_power(&number, strtol(e + 1, NULL, 10));
    return number;
}
