/* See terminal.h. */
#include "cli/tell/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The variable's value when it is set and says something. */
static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool terminal_is(FILE *stream) {
    const char *kind = environment("TERM");
    return kind && strcmp(kind, "dumb") != 0 && isatty(fileno(stream));
}

size_t terminal_columns(FILE *stream) {
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

bool terminal_utf8(void) {
    const char *codes = nl_langinfo(CODESET);
    return strcmp(codes, "UTF-8") == 0 || strcmp(codes, "utf8") == 0;
}

bool terminal_colours(FILE *stream) {
    const char *kind = environment("TERM");
    if (environment("NO_COLOR") || !terminal_is(stream)) return false;
    return environment("COLORTERM") || (kind && strstr(kind, "256color"));
}

size_t wrap_columns(FILE *stream) {
    enum { LEAST = 24, MOST = 80 };
    size_t columns = terminal_columns(stream);
    return columns < LEAST ? LEAST : columns > MOST ? MOST : columns;
}

static size_t character_length(const char *text) {
    size_t length = 1;
    while (((unsigned char)text[length] & 0xC0) == 0x80) length++;
    return length;
}

/* A Chinese character or mark, of three bytes that begin with E3..E9 or EF; → and ∂ begin with E2. */
static bool is_chinese(const char *text) {
    unsigned char lead = (unsigned char)*text;
    return (lead >= 0xE3 && lead <= 0xE9) || lead == 0xEF;
}

/* A mark that no line begins with. */
static bool closes(const char *text) {
    static const char *const marks[] = {"，", "。", "；", "：", "、", "）"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0) return true;
    return false;
}

/* The bytes that stay together: a word, or a Chinese character with the marks behind it. A number stays with its %, and an
 * opening bracket with what follows. */
static size_t piece_length(const char *text) {
    size_t length = 0;
    if (strncmp(text, "（", strlen("（")) == 0) length = strlen("（");
    if (is_chinese(text + length))
        length += character_length(text + length);
    else {
        while (text[length] && text[length] != ' ' && !is_chinese(text + length)) length++;
        if (text[length] == ' ' && text[length + 1] == '%') {
            length += 2;
            while (text[length] && text[length] != ' ' && !is_chinese(text + length)) length++;
        }
    }
    while (closes(text + length)) length += character_length(text + length);
    return length;
}

static size_t piece_columns(const char *text, size_t length) {
    size_t columns = 0;
    for (size_t i = 0; i < length; i += character_length(text + i)) columns += is_chinese(text + i) ? 2 : 1;
    return columns;
}

void print_wrapped(FILE *stream, const char *text, size_t column, size_t indent) {
    size_t width = wrap_columns(stream);
    bool first = true;
    while (*text) {
        size_t blanks = strspn(text, " "), length = piece_length(text + blanks),
               columns = piece_columns(text + blanks, length), gap = blanks > 0 && !first;
        text += blanks;
        if (!*text) break;
        if (!first && column + gap + columns > width) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (gap) {
            putc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)length, text);
        column += columns;
        first = false;
        text += length;
    }
    putc('\n', stream);
}
