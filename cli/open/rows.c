/* See rows.h. Invariant: between two letters, everything known about the line so far is in the struct; a
 * row's numbers stand in the caller's array as soon as they are read. */
#include "cli/open/rows.h"

#include "cli/tell/numbers.h"
#include "cli/tell/say.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

void rows_begin(struct rows *rows, int descriptor, const char *name, size_t columns) {
    memset(rows, 0, sizeof *rows);
    rows->descriptor = descriptor;
    rows->name = name;
    rows->columns = columns;
    rows->line = 1;
}

static int expected_number(const struct rows *rows, const char *found) {
    return say_usage("%s: line %zu, column %zu: found %s, expected a finite number", rows->name, rows->line,
                     rows->filled + 1, found);
}

/* A word has ended: it must be a number of this row. */
static int end_word(struct rows *rows, float *row) {
    if (rows->letters == 0) return EXIT_DONE;
    double value;
    char quoted[ROWS_WORD + 8];
    rows->word[rows->letters] = 0;
    snprintf(quoted, sizeof quoted, "\"%s\"", rows->word);
    if (!number_parse(rows->word, &value) || fabs(value) > (double)FLT_MAX)
        return expected_number(rows, quoted);
    if (rows->filled == rows->columns)
        return say_usage("%s: line %zu: more than %zu numbers, expected %zu as the model has inputs",
                         rows->name, rows->line, rows->columns, rows->columns);
    row[rows->filled++] = (float)value;
    rows->letters = 0;
    rows->after_comma = false;
    rows->since_comma = true;
    return EXIT_DONE;
}

static int end_line(struct rows *rows, bool *complete) {
    bool empty = rows->filled == 0 && !rows->after_comma;
    if (rows->after_comma) return expected_number(rows, "nothing after the comma");
    if (!empty && rows->filled < rows->columns)
        return say_usage("%s: line %zu: %zu number%s, expected %zu as the model has inputs", rows->name,
                         rows->line, rows->filled, rows->filled == 1 ? "" : "s", rows->columns);
    *complete = !empty;
    rows->line++;
    rows->filled = 0;
    rows->since_comma = false;
    return EXIT_DONE;
}

static int take_letter(struct rows *rows, char letter) {
    if (letter == 0) return expected_number(rows, "a byte 0");
    if (rows->letters == ROWS_WORD - 1) return expected_number(rows, "a word that is too long");
    rows->word[rows->letters++] = letter;
    return EXIT_DONE;
}

static int take(struct rows *rows, char letter, float *row, bool *complete) {
    int status;
    switch (letter) {
    case ' ':
    case '\t':
    case '\r': return end_word(rows, row);
    case ',':
        status = end_word(rows, row);
        if (!status && !rows->since_comma) status = expected_number(rows, "a comma");
        rows->after_comma = true;
        rows->since_comma = false;
        return status;
    case '\n': status = end_word(rows, row); return status ? status : end_line(rows, complete);
    default: return take_letter(rows, letter);
    }
}

/* A last line may end without a newline. */
static int refill(struct rows *rows) {
    ssize_t length;
    do length = read(rows->descriptor, rows->buffer, sizeof rows->buffer);
    while (length < 0 && errno == EINTR);
    if (length < 0) return say_failure("%s: cannot be read: %s", rows->name, strerror(errno));
    rows->at = 0;
    rows->end = (size_t)length;
    if (length > 0) return EXIT_DONE;
    rows->ended = true;
    rows->buffer[rows->end++] = '\n';
    return EXIT_DONE;
}

int rows_read(struct rows *rows, float *values, size_t most, size_t *count) {
    *count = 0;
    while (*count < most) {
        int status = EXIT_DONE;
        if (rows->at == rows->end) {
            if (rows->ended || (*count > 0 && rows->filled == 0 && rows->letters == 0)) return EXIT_DONE;
            status = refill(rows);
        }
        bool complete = false;
        while (!status && !complete && rows->at < rows->end)
            status = take(rows, rows->buffer[rows->at++], values + *count * rows->columns, &complete);
        if (status) return status;
        *count += complete;
    }
    return EXIT_DONE;
}
