/* See table.h. */
#include "cli/tell/table.h"

#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct letter {
    const char *utf8, *ascii;
} letters[] = {{"∂", "d"}, {"δ", "delta"}, {"Δ", "D"},  {"σ", "sigma"}, {"Σ", "sum "}, {"·", "*"},
               {"×", "x"}, {"→", "->"},    {"²", "^2"}, {"½", "1/2 "},  {"η", "eta"}};

/* The letter that `text` begins with, or NULL. */
static const struct letter *letter_at(const char *text) {
    if ((unsigned char)*text < 0x80) return NULL;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strncmp(text, letters[i].utf8, strlen(letters[i].utf8)) == 0) return &letters[i];
    return NULL;
}

/* Characters that the text takes where people read UTF-8, or do not. */
static size_t columns_of(const char *text, bool utf8) {
    size_t columns = 0;
    if (utf8) return safe_columns(text);
    while (*text) {
        const struct letter *letter = letter_at(text);
        columns += letter ? strlen(letter->ascii) : ((unsigned char)*text & 0xC0) != 0x80;
        text += letter ? strlen(letter->utf8) : 1;
    }
    return columns;
}

static void put_text(const char *text, bool utf8) {
    while (*text) {
        const struct letter *letter = utf8 ? NULL : letter_at(text);
        if (letter)
            fputs(letter->ascii, stdout);
        else
            putchar(*text);
        text += letter ? strlen(letter->utf8) : 1;
    }
}

void table_text(const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    format_text_list(text, sizeof text, text_word(format), arguments);
    va_end(arguments);
    put_text(text, terminal_utf8());
}

void table_row(const int *widths, size_t count, const char *const *cells) {
    bool utf8 = terminal_utf8();
    size_t owed = 2; /* blanks before the next text */
    for (size_t i = 0; i < count; i++) {
        size_t width = (size_t)abs(widths[i]), columns = columns_of(cells[i], utf8);
        size_t missing = width > columns ? width - columns : 0;
        if (widths[i] > 0) owed += missing;
        if (owed == 0 && cells[i][0] != ' ') owed = 1; /* cells that fill their columns stay apart */
        if (columns > 0) {
            printf("%*s", (int)owed, "");
            put_text(cells[i], utf8);
            owed = 0;
        } else if (widths[i] > 0)
            continue;
        if (widths[i] < 0) owed += missing;
    }
    putchar('\n');
}

void table_head(const int *widths, size_t count, const char *const *headings) {
    enum { MOST = 12 };
    const char *translated[MOST];
    for (size_t i = 0; i < count && i < MOST; i++) translated[i] = text_word(headings[i]);
    table_row(widths, count < MOST ? count : MOST, translated);
}
