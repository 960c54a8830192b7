/* See show.h. */
#include "base/show.h"

#include <nudge.h>

#include <stdint.h>
#include <string.h>

/* -- UTF-8 -- */

size_t utf8_length(const char *text, size_t left) {
    const unsigned char *c = (const unsigned char *)text;
    size_t length = left == 0                     ? 0
                    : c[0] < 0x80                 ? 1
                    : c[0] >= 0xC2 && c[0] < 0xE0 ? 2
                    : c[0] >= 0xE0 && c[0] < 0xF0 ? 3
                    : c[0] >= 0xF0 && c[0] < 0xF5 ? 4
                                                  : 0;
    if (length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xC0) != 0x80) return 0;
    if (length < 3) return length;
    bool overlong = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xF0 && c[1] < 0x90);
    bool surrogate = c[0] == 0xED && c[1] > 0x9F, beyond = c[0] == 0xF4 && c[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

bool utf8_is(const char *text) {
    size_t left = strlen(text), length = 1;
    for (; left > 0 && length > 0; text += length, left -= length) length = utf8_length(text, left);
    return length > 0;
}

static uint32_t code_point(const char *text, size_t length) {
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = (unsigned char)text[0] & masks[length];
    for (size_t i = 1; i < length; i++) point = point << 6 | ((unsigned char)text[i] & 0x3F);
    return point;
}

/* -- escapes -- */

/* What a terminal or an editor obeys instead of showing: the controls C0, DEL and C1, the ends of lines and
 * paragraphs, and marks that turn the direction of what follows (Boucher and Anderson 2021: text that reads
 * as something else). */
static bool is_control(uint32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x61C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/* "\u202e": the backslash, the letter, so many hexadecimal digits. */
static size_t escape(char *out, char letter, uint32_t number, size_t digits) {
    out[0] = '\\';
    out[1] = letter;
    for (size_t i = 0; i < digits; i++) out[2 + i] = "0123456789abcdef"[number >> 4 * (digits - 1 - i) & 15];
    return 2 + digits;
}

enum { PIECE = 8 }; /* the longest: "\u202e" */

/* The next character as it is shown: *length bytes into `piece`. Returns how many bytes of the text it takes. */
static size_t show_character(const char *text, size_t left, char piece[PIECE], size_t *length) {
    size_t taken = utf8_length(text, left);
    if (taken == 0) {
        *length = escape(piece, 'x', (unsigned char)*text, 2);
        return 1;
    }
    uint32_t point = code_point(text, taken);
    if (!is_control(point))
        memcpy(piece, text, *length = taken);
    else if (point == '\n' || point == '\t' || point == '\r')
        *length = escape(piece, point == '\n' ? 'n' : point == '\t' ? 't' : 'r', 0, 0);
    else
        *length = escape(piece, 'u', point, 4);
    return taken;
}

size_t show_text(char *out, size_t room, const char *text, size_t length) {
    size_t whole = 0, kept = 0;
    while (length > 0) {
        char piece[PIECE];
        size_t bytes, taken = show_character(text, length, piece, &bytes);
        if (whole == kept && kept + bytes < room) {
            memcpy(out + kept, piece, bytes);
            kept += bytes;
        }
        whole += bytes;
        text += taken;
        length -= taken;
    }
    if (room > 0) out[kept] = 0;
    return whole;
}

size_t nudge_text_show(const char *text, char *shown, size_t room) {
    return show_text(shown, shown ? room : 0, text ? text : "", text ? strlen(text) : 0);
}

/* -- for sentences -- */

struct shown_text shown(const char *text) {
    struct shown_text out;
    size_t length = strlen(text), room = sizeof out.text;
    if (show_text(out.text, room, text, length) < room) return out;
    /* Less and less of its end, until that fits; and not from inside a character. */
    size_t left = length < room - 3 ? length : room - 3;
    while (show_text(NULL, 0, text + length - left, left) >= room - 3) left--;
    while (left > 0 && ((unsigned char)text[length - left] & 0xC0) == 0x80) left--;
    memcpy(out.text, "...", 3);
    show_text(out.text + 3, room - 3, text + length - left, left);
    return out;
}

struct shown_text shown_start(const char *text, size_t length) {
    struct shown_text out;
    if (show_text(out.text, sizeof out.text, text, length) >= sizeof out.text) {
        show_text(out.text, sizeof out.text - 3, text, length);
        strcat(out.text, "...");
    }
    return out;
}
