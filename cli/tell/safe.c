/* See safe.h. */
#define _GNU_SOURCE /* wcwidth */
#include "cli/tell/safe.h"

#include <nudge.h>

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* The length of the character at `text`, which is UTF-8. */
static size_t character_length(const char *text) {
    size_t length = 1;
    while (((unsigned char)text[length] & 0xC0) == 0x80) length++;
    return length;
}

/* Its columns: as the C library knows them in a UTF-8 locale; in another, which cannot show it, one. */
static size_t character_columns(const char *text, size_t length) {
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (length == 1 || length > 4) return 1;
    uint32_t point = (unsigned char)text[0] & masks[length];
    for (size_t i = 1; i < length; i++) point = point << 6 | ((unsigned char)text[i] & 0x3F);
    int columns = wcwidth((wchar_t)point);
    return columns < 0 ? 1 : (size_t)columns;
}

/* The bytes of the text's beginning that takes at most so many columns; *used: how many it takes. */
static size_t fitting(const char *text, size_t columns, size_t *used) {
    size_t bytes = 0;
    *used = 0;
    while (text[bytes]) {
        size_t length = character_length(text + bytes), more = character_columns(text + bytes, length);
        if (*used + more > columns) break;
        *used += more;
        bytes += length;
    }
    return bytes;
}

struct safe_text safe(const char *text) {
    struct safe_text out;
    nudge_text_show(text, out.text, sizeof out.text);
    return out;
}

struct safe_text safe_short(const char *text, size_t columns) {
    struct safe_text out = safe(text);
    size_t used;
    out.text[fitting(out.text, columns, &used)] = 0;
    return out;
}

size_t safe_columns(const char *text) {
    size_t used;
    fitting(text, SIZE_MAX, &used);
    return used;
}

void print_cell(FILE *stream, const char *text, int columns) {
    size_t width = columns < 0 ? (size_t)-columns : (size_t)columns, used;
    struct safe_text out = safe(text);
    size_t bytes = fitting(out.text, width, &used);
    int padding = (int)(width - used);
    if (columns > 0) fprintf(stream, "%*s", padding, "");
    fprintf(stream, "%.*s", (int)bytes, out.text);
    if (columns < 0) fprintf(stream, "%*s", padding, "");
}

void format_text(char *text, size_t room, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_text_list(text, room, format, arguments);
    va_end(arguments);
}

void format_text_list(char *text, size_t room, const char *format, va_list arguments) {
    int length = vsnprintf(text, room, format, arguments);
    if (length < 0 || (size_t)length < room) return;
    /* The last character may be there in part: it goes, and comes back if it is whole. */
    size_t last = strlen(text);
    while (last > 0 && ((unsigned char)text[last - 1] & 0xC0) == 0x80) last--;
    if (last == 0) return;
    unsigned char lead = (unsigned char)text[last - 1];
    size_t whole = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (strlen(text + last - 1) < whole) text[last - 1] = 0;
}
