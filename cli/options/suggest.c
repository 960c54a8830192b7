/* See suggest.h. */
#include "cli/options/suggest.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Letters inserted, left out, replaced or swapped with their neighbour (Damerau 1964, Levenshtein 1966). Row
 * i of the table is about the first i letters of a. */
static size_t distance(const char *a, const char *b) {
    size_t rows[LONGEST + 1][LONGEST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) return SIZE_MAX;
    for (size_t i = 0; i <= n; i++) rows[i][0] = i;
    for (size_t j = 0; j <= m; j++) rows[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            rows[i][j] = least(replaced, 1 + least(rows[i - 1][j], rows[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[n][m];
}

struct suggestion suggestion_for(const char *word) {
    return (struct suggestion){word, NULL, SIZE_MAX};
}

void suggestion_consider(struct suggestion *suggestion, const char *name) {
    size_t found = distance(suggestion->word, name);
    if (found >= suggestion->distance) return;
    suggestion->distance = found;
    suggestion->nearest = name;
}

const char *suggestion_made(const struct suggestion *suggestion) {
    size_t length = strlen(suggestion->word);
    size_t allowed = length < 4 ? 1 : length < 8 ? 2 : 3;
    return suggestion->distance <= allowed ? suggestion->nearest : NULL;
}
