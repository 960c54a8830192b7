/* Rows of numbers as text: one row a line, numbers apart by blanks, tabs or commas. Reads as the text comes,
 * in bounded memory. */
#ifndef NUDGE_CLI_OPEN_ROWS_H
#define NUDGE_CLI_OPEN_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum { ROWS_BUFFER = 1 << 16, ROWS_WORD = 64 };

struct rows {
    int descriptor;
    const char *name; /* for sentences */
    size_t columns;   /* numbers a row must have */
    size_t line;      /* being read, from 1 */
    /* of the line being read */
    size_t filled;    /* numbers so far */
    bool after_comma; /* a comma stands last */
    bool since_comma; /* a number stands after the last comma, or the beginning */
    char word[ROWS_WORD];
    size_t letters;
    /* what was read and not yet looked at */
    char buffer[ROWS_BUFFER];
    size_t at, end;
    bool ended;
};

void rows_begin(struct rows *rows, int descriptor, const char *name, size_t columns);

/* Fills `values` [most][columns] with up to `most` rows and *count. Returns with fewer as soon as waiting for
 * more would hold back rows that are complete; with 0 only at the end. Tells what is wrong; returns the exit
 * status. */
int rows_read(struct rows *rows, float *values, size_t most, size_t *count);

#endif
