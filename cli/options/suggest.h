/* The name that a mistyped word was probably meant to be. */
#ifndef NUDGE_CLI_OPTIONS_SUGGEST_H
#define NUDGE_CLI_OPTIONS_SUGGEST_H

#include <stddef.h>

struct suggestion {
    const char *word, *nearest;
    size_t distance;
};

struct suggestion suggestion_for(const char *word);
void suggestion_consider(struct suggestion *suggestion, const char *name);
/* The nearest name considered, or NULL when none is near enough to be meant. */
const char *suggestion_made(const struct suggestion *suggestion);

#endif
