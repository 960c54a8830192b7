/* See recipe.h. Invariant: a line's words are cut out of the text in place; nothing is allocated but the
 * text. */
#include "cli/options/recipe.h"

#include "cli/tell/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 16 };

/* -- the file -- */

static int read_text(FILE *file, const char *path, char *text) {
    size_t length = fread(text, 1, MOST_BYTES + 1, file);
    if (ferror(file)) return say_usage("%s: cannot be read: %s", path, strerror(errno));
    if (length > MOST_BYTES)
        return say_usage("%s: longer than %d bytes, expected a recipe: one option a line", path, MOST_BYTES);
    text[length] = 0;
    return memchr(text, 0, length)
               ? say_usage("%s: has a byte 0, expected a recipe: text with one option a line", path)
               : EXIT_DONE;
}

int recipe_read(const char *path, char **text) {
    FILE *file = fopen(path, "re");
    if (!file) return say_unreadable(path, errno);
    *text = malloc(MOST_BYTES + 2);
    int status = *text ? read_text(file, path, *text)
                       : say_failure("%s: not enough memory: %d bytes for a recipe", path, MOST_BYTES + 2);
    fclose(file);
    if (!status) return EXIT_DONE;
    free(*text);
    *text = NULL;
    return status;
}

/* -- a line -- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts off a comment (a # at the line's beginning or after a blank) and blanks at both ends. */
static char *trim(char *line) {
    while (is_blank(*line)) line++;
    for (char *c = line; *c; c++)
        if (*c == '#' && (c == line || is_blank(c[-1]))) {
            *c = 0;
            break;
        }
    size_t length = strlen(line);
    while (length > 0 && is_blank(line[length - 1])) line[--length] = 0;
    return line;
}

/* "…" and '…' around a whole value are the shell's, not the value's. */
static char *unquote(char *value) {
    size_t length = strlen(value);
    bool quoted = length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0];
    if (!quoted) return value;
    value[length - 1] = 0;
    return value + 1;
}

/* "--lr 1.5" becomes the word "--lr=1.5"; "-o FILE" two words; the value is the rest of the line. */
static error_t take_line_words(char *line, size_t number, recipe_line_taker *take_line, void *user) {
    char nobody[] = "";
    char *words[] = {nobody, line, NULL, NULL};
    size_t name = strcspn(line, line[0] == '-' ? " \t=" : "");
    if (!line[name]) return take_line(user, number, 2, words);
    char *value = line + name;
    *value++ = 0;
    while (is_blank(*value)) value++;
    value = unquote(value);
    if (strncmp(line, "--", 2) == 0) {
        line[name] = '=';
        memmove(line + name + 1, value, strlen(value) + 1);
        return take_line(user, number, 2, words);
    }
    words[2] = value;
    return take_line(user, number, 3, words);
}

error_t recipe_each_line(char *text, recipe_line_taker *take_line, void *user) {
    size_t number = 0;
    error_t result = 0;
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3; /* a mark that some editors put before UTF-8 */
    for (char *line = text; line && !result;) {
        char *end = strchr(line, '\n');
        if (end) *end = 0;
        number++;
        char *trimmed = trim(line);
        if (*trimmed) result = take_line_words(trimmed, number, take_line, user);
        line = end ? end + 1 : NULL;
    }
    return result;
}
