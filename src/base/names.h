/* Names of things that stand in a table: finding one, and saying all of them where it is none. */
#ifndef NUDGE_BASE_NAMES_H
#define NUDGE_BASE_NAMES_H

#include <nudge.h>

/* The names in a table's rows: `first` is that of row 0, the others follow at every `stride` bytes. */
struct names {
    const char *const *first;
    size_t stride, count;
};

/* Of an array of structs with a member `name`, or of an array of texts. */
#define NAMES_OF(rows, row_count) ((struct names){&(rows)[0].name, sizeof *(rows), (row_count)})
#define NAMES_IN(texts, text_count) ((struct names){(texts), sizeof *(texts), (text_count)})

/* "a, b or c", cut where there are too many. */
struct names_text {
    char text[512];
};
struct names_text names_text(struct names names);

/* The row that has `name`. Errors: NUDGE_BAD_ARGUMENT `what "name", expected a, b or c`. */
nudge_status names_find(size_t *row, struct names names, const char *name, const char *what,
                        nudge_error *error);

#endif
