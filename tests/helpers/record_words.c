/* Linked into a second nudge, nudge-words: appends every text that it draws to the file $NUDGE_WORDS, a line each, and has a
 * font with every character or, with NUDGE_FONTS=none, without any: what is tested does not depend on the fonts that are
 * installed. Before main it checks the table of translations. */
#include "cli/tell/words.h"
#include "draw/cairo_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __typeof__(cairo_show_text) *shown;

static void record(cairo_t *cairo, const char *text) {
    const char *path = getenv("NUDGE_WORDS");
    FILE *file = path ? fopen(path, "ae") : NULL;
    if (file) {
        fprintf(file, "%s\n", text);
        fclose(file);
    }
    shown(cairo, text);
}

static cairo_status_t find_glyphs(cairo_scaled_font_t *font, double x, double y, const char *text, int length,
                                  cairo_glyph_t **glyphs, int *count, cairo_text_cluster_t **clusters,
                                  int *cluster_count, cairo_text_cluster_flags_t *flags) {
    const char *fonts = getenv("NUDGE_FONTS");
    static cairo_glyph_t glyph;
    (void)font, (void)x, (void)y, (void)text, (void)length, (void)clusters, (void)cluster_count, (void)flags;
    glyph.index = fonts && strcmp(fonts, "none") == 0 ? 0 : 1;
    *glyphs = &glyph;
    *count = 1;
    return CAIRO_STATUS_SUCCESS;
}

static void keep_glyph(cairo_glyph_t *glyph) {
    (void)glyph;
}

/* The next conversion of a format, as "%zu"; false at its end. */
static bool conversion(const char **format, char *text, size_t room) {
    const char *at = strchr(*format, '%');
    if (!at) return false;
    size_t length = at[1] == '%' ? 2 : 1 + strcspn(at + 1, "sdugfe") + 1;
    if (length >= room) length = room - 1;
    memcpy(text, at, length);
    text[length] = 0;
    *format = at + length;
    return true;
}

/* The i-th argument's conversion in a format, which may name it: "%s" of "%2$s" is the second's. */
static bool conversion_of(const char *format, size_t i, char *text, size_t room) {
    size_t next = 0, at;
    char found[24];
    while (conversion(&format, found, sizeof found)) {
        const char *dollar = strchr(found, '$');
        if (strcmp(found, "%%") == 0) continue;
        at = dollar ? strtoul(found + 1, NULL, 10) - 1 : next++;
        snprintf(text, room, "%%%s", dollar ? dollar + 1 : found + 1);
        if (at == i) return true;
    }
    return false;
}

/* Every argument is said, as what it is, and no other; all by their order, or all by their numbers. */
static bool same_conversions(const char *english, const char *chinese) {
    char a[24] = "", b[24] = "";
    size_t arguments = 0, said = 0;
    for (const char *rest = chinese; conversion(&rest, b, sizeof b);) said += strcmp(b, "%%") != 0;
    for (; conversion_of(english, arguments, a, sizeof a); arguments++)
        if (!conversion_of(chinese, arguments, b, sizeof b) || strcmp(a, b) != 0) return false;
    return arguments == said;
}

static void check_table(void) {
    const char *english, *chinese, *other, *its;
    for (size_t i = 0; words_pair(i, &english, &chinese); i++) {
        bool twice = false;
        for (size_t k = 0; k < i && words_pair(k, &other, &its); k++) twice |= strcmp(other, english) == 0;
        /* "..., %" of an axis is no format */
        bool format = strstr(english, "%s") || strstr(english, "%z") || strstr(english, "%.");
        if (twice || !chinese[0] || (format && !same_conversions(english, chinese))) {
            fprintf(stderr, "words: \"%s\": %s\n", english,
                    twice ? "stands there twice" : "its Chinese does not fit");
            exit(3);
        }
    }
}

__attribute__((constructor)) static void begin(void) {
    check_table();
    if (!cairo_load()) return;
    shown = lib.show_text;
    lib.show_text = record;
    lib.scaled_font_text_to_glyphs = find_glyphs;
    lib.glyph_free = keep_glyph;
}
