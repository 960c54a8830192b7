/* The language of pictures, and of the text that people read on standard output; errors stay English. English stands in the code; the Chinese of each text stands in
 * two tables, words_pictures.c and words_texts.c, found by the English. For one further language and some hundred texts this does what gettext would, without
 * a dependency, catalogues to install and a tool to build them; a text without Chinese is found by tests/cli/language.sh. */
#ifndef NUDGE_CLI_TELL_WORDS_H
#define NUDGE_CLI_TELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum language { LANGUAGE_ENGLISH, LANGUAGE_CHINESE };

/* From LC_ALL, else LC_MESSAGES, else LANG, whichever is set first: zh.. is Chinese, all else English, as is a locale of zh
 * in another charset than UTF-8. */
enum language words_of_locale(void);
/* From now on word() and text_word() answer in this language; before, in English. Chinese is UTF-8: where the locale's
 * charset is none, what is shown is UTF-8 from now on. */
void words_choose(enum language language);
/* Only one of them. */
void words_choose_pictures(enum language language);
void words_choose_text(enum language language);
enum language words_language(void); /* of pictures */

/* The text in the chosen language; one that is not in the table stays as it is. May be a format: then the translation takes
 * the same arguments, in the same order or by their numbers: %2$s. word is for pictures, text_word for standard output. */
const char *word(const char *english) __attribute__((format_arg(1)));
const char *text_word(const char *english) __attribute__((format_arg(1)));

/* English and Chinese. */
extern const char *const words_pictures[][2];
extern const char *const words_texts[][2];
extern const size_t words_picture_count, words_text_count;
/* The i-th pair of both; false after the last. */
bool words_pair(size_t i, const char **english, const char **chinese);

#endif
