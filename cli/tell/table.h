/* Lines and tables of text with formulas in them: columns are counted in characters, not bytes, and where
 * people do not read UTF-8 the formulas' letters are spelt out: d for ∂, delta for δ. */
#ifndef NUDGE_CLI_TELL_TABLE_H
#define NUDGE_CLI_TELL_TABLE_H

#include <stddef.h>

/* printf to standard output, in the language of text (words.h). */
void table_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line: a cell a column, two blanks in front. A width > 0 aligns to the right, < 0 to the left; blanks at
 * the end are left out. A cell that is too long pushes the rest; between two there is always a blank. */
void table_row(const int *widths, size_t count, const char *const *cells);

/* The same of headings, which are in English: in the language of text. */
void table_head(const int *widths, size_t count, const char *const *headings);

#define TABLE_HEAD(widths, ...)                                                                              \
    table_head(widths, sizeof(widths) / sizeof *(widths), (const char *const[]){__VA_ARGS__})
#define TABLE_ROW(widths, ...)                                                                               \
    table_row(widths, sizeof(widths) / sizeof *(widths), (const char *const[]){__VA_ARGS__})

#endif
