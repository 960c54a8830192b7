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

/* A number stays with its %. */
void print_wrapped(FILE *stream, const char *text, size_t column, size_t indent) {
    size_t width = wrap_columns(stream);
    bool first = true;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (text[length] == ' ' && text[length + 1] == '%') length += 1 + strcspn(text + length + 1, " ");
        if (!first && column + 1 + length > width) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            putc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)length, text);
        column += length;
        first = false;
        text += length + strspn(text + length, " ");
    }
    putc('\n', stream);
}
