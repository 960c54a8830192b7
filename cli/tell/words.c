/* See words.h. */
#include "cli/tell/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const pairs[][2] = {
    {"training", "训练"},
};

static enum language chosen = LANGUAGE_ENGLISH;

enum language words_of_locale(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) return strncmp(value, "zh", 2) == 0 ? LANGUAGE_CHINESE : LANGUAGE_ENGLISH;
    }
    return LANGUAGE_ENGLISH;
}

void words_choose(enum language language) {
    chosen = language;
}

enum language words_language(void) {
    return chosen;
}

bool words_pair(size_t i, const char **english, const char **chinese) {
    if (i >= sizeof pairs / sizeof *pairs) return false;
    *english = pairs[i][0];
    *chinese = pairs[i][1];
    return true;
}

const char *word(const char *english) {
    const char *found, *chinese;
    if (chosen == LANGUAGE_ENGLISH) return english;
    for (size_t i = 0; words_pair(i, &found, &chinese); i++)
        if (strcmp(found, english) == 0) return chinese;
    return english;
}
