/* See text_lines.h. */
#include "table/text_lines.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/csv.h"

#include <math.h>
#include <string.h>

/* -- lines -- */

struct text_lines text_lines_begin(const nudge_allocator *allocator, struct text_source *source) {
    return (struct text_lines){.allocator = *allocator, .source = source};
}

void text_lines_end(struct text_lines *lines) {
    memory_release(&lines->allocator, lines->buffer, lines->room);
    if (lines->source) lines->source->close(lines->source);
    lines->buffer = NULL;
    lines->source = NULL;
}

nudge_status text_lines_rewind(struct text_lines *lines, nudge_error *error) {
    lines->at = lines->filled = 0;
    lines->line = 0;
    lines->ended = lines->after_return = false;
    return lines->source->rewind(lines->source, error);
}

nudge_status text_lines_place(const struct text_lines *lines, size_t at, nudge_error *error,
                              nudge_status code) {
    struct shown_text name = shown(lines->source->name);
    char prefix[sizeof name.text + 64];
    text_append(prefix, sizeof prefix, 0, "%s: line %llu, column %llu: ", name.text,
                (unsigned long long)lines->line, (unsigned long long)at + 1);
    return error_prefix(error, code, prefix);
}

/* Twice the room, or the first. One byte is kept for the 0 behind the text's last line. */
static nudge_status grow(struct text_lines *lines, nudge_error *error) {
    size_t room = lines->room ? 2 * lines->room : TEXT_FIRST_ROOM;
    if (room > TEXT_MOST_LINE)
        return error_set(error, NUDGE_BAD_INPUT, "%s: line %llu: is longer than %d bytes",
                         shown(lines->source->name).text, (unsigned long long)lines->line + 1,
                         TEXT_MOST_LINE - 1);
    char *buffer = memory_get(&lines->allocator, room);
    if (!buffer) return error_no_memory(error, room, "a line of text");
    if (lines->filled > 0) memcpy(buffer, lines->buffer, lines->filled);
    memory_release(&lines->allocator, lines->buffer, lines->room);
    lines->buffer = buffer;
    lines->room = room;
    return NUDGE_OK;
}

/* More bytes behind those that are there, which move to the buffer's beginning. */
static nudge_status fill(struct text_lines *lines, nudge_error *error) {
    size_t got = 0;
    bool first = lines->line == 0 && lines->filled == 0;
    if (lines->at > 0) memmove(lines->buffer, lines->buffer + lines->at, lines->filled - lines->at);
    lines->filled -= lines->at;
    lines->at = 0;
    nudge_status status = lines->filled + 1 < lines->room ? NUDGE_OK : grow(lines, error);
    if (status) return status;
    size_t wanted = lines->room - 1 - lines->filled;
    status = lines->source->read(lines->source, lines->buffer + lines->filled, wanted, &got, error);
    if (status) return status;
    lines->filled += got;
    lines->ended = got < wanted;
    bool wide = false;
    if (first) lines->at = csv_skip_mark(lines->buffer, lines->filled, &wide);
    if (wide)
        return error_set(error, NUDGE_BAD_INPUT, "%s: is text in UTF-16 or UTF-32, expected UTF-8",
                         shown(lines->source->name).text);
    return NUDGE_OK;
}

/* The bytes before the end of the line that begins at text; `size` when it is not there. */
static size_t find_end(const char *text, size_t size) {
    const char *end = size ? memchr(text, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - text) : size;
    end = length ? memchr(text, '\r', length) : NULL;
    return end ? (size_t)(end - text) : length;
}

/* A \n right behind a \r is the same end. */
static void pass_newline(struct text_lines *lines) {
    if (!lines->after_return || lines->at == lines->filled) return;
    if (lines->buffer[lines->at] == '\n') lines->at++;
    lines->after_return = false;
}

nudge_status text_lines_next(struct text_lines *lines, char **text, size_t *length, nudge_error *error) {
    *text = NULL;
    size_t end;
    for (;;) {
        pass_newline(lines);
        size_t left = lines->filled - lines->at;
        end = find_end(left ? lines->buffer + lines->at : "", left);
        if (end < left) break;
        if (lines->ended && left == 0) return NUDGE_OK;
        if (lines->ended) break;
        nudge_status status = fill(lines, error);
        if (status) return status;
    }
    char *begin = lines->buffer + lines->at;
    bool whole = lines->at + end < lines->filled;
    lines->after_return = whole && begin[end] == '\r';
    lines->at += end + whole;
    lines->line++;
    const char *zero = memchr(begin, 0, end);
    if (zero)
        return text_lines_place(lines, (size_t)(zero - begin), error,
                                error_set(error, NUDGE_BAD_INPUT, "a byte 0, expected text"));
    begin[end] = 0;
    *text = begin;
    *length = end;
    return NUDGE_OK;
}

/* -- numbers -- */

bool text_is_number(const char *text, size_t length, double *value) {
    for (size_t i = 0; i < length; i++) /* no inf, nan, or hexadecimal */
        if (!memchr("0123456789+-.eE", text[i], 15)) return false;
    const char *end = length ? text_parse_number(text, value) : NULL;
    return end == text + length && isfinite(*value);
}

/* -- looking at a beginning -- */

bool text_looks_number(const char *bytes, size_t length) {
    char copy[TEXT_LOOK_NUMBER + 1];
    double value;
    if (length > TEXT_LOOK_NUMBER) return false;
    memcpy(copy, bytes, length);
    copy[length] = 0;
    return text_is_number(copy, length, &value);
}

size_t text_whole_lines(const char *bytes, size_t size) {
    if (size < TEXT_LOOK) return size;
    size_t word = 0;
    for (size_t i = size; i > 0; i--) {
        char c = bytes[i - 1];
        if (c == '\n' || c == '\r') return i;
        if (word == 0 && text_is_blank(c)) word = i;
    }
    return word;
}

bool text_take_line(const char *bytes, size_t size, size_t *at, const char **line, size_t *length) {
    bool wide;
    if (*at == 0) *at = csv_skip_mark(bytes, size, &wide);
    if (*at >= size) return false;
    *line = bytes + *at;
    *length = find_end(*line, size - *at);
    *at += *length;
    if (*at < size) *at += *at + 1 < size && bytes[*at] == '\r' && bytes[*at + 1] == '\n' ? 2 : 1;
    return true;
}
