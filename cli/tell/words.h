/* The language of pictures, and of what explain prints. English stands in the code; the Chinese of each text stands in one
 * table, words.c, found by the English. For one further language and some hundred texts this does what gettext would, without
 * a dependency, catalogues to install and a tool to build them; a text without Chinese is found by tests/cli/language.sh. */
#ifndef NUDGE_CLI_TELL_WORDS_H
#define NUDGE_CLI_TELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum language { LANGUAGE_ENGLISH, LANGUAGE_CHINESE };

/* From LC_ALL, else LC_MESSAGES, else LANG, whichever is set first: zh.. is Chinese, all else English. */
enum language words_of_locale(void);
/* From now on word() answers in this language; before, in English. */
void words_choose(enum language language);
enum language words_language(void);

/* The text in the chosen language; one that is not in the table stays as it is. May be a format: then the translation takes
 * the same arguments in the same order. */
const char *word(const char *english) __attribute__((format_arg(1)));

/* The i-th pair of the table; false after the last. */
bool words_pair(size_t i, const char **english, const char **chinese);

#endif
