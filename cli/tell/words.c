/* See words.h. */
#include "cli/tell/words.h"

#include "cli/tell/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static enum language pictures_language = LANGUAGE_ENGLISH, text_language = LANGUAGE_ENGLISH;

/* A charset that has Chinese of its own, as GB18030. "C", and a locale that is not installed, have ASCII. */
static bool is_other_charset(void) {
    const char *codes = nl_langinfo(CODESET);
    return !terminal_utf8() && strcmp(codes, "ANSI_X3.4-1968") != 0 && strcmp(codes, "ASCII") != 0;
}

enum language words_of_locale(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return strncmp(value, "zh", 2) == 0 && !is_other_charset() ? LANGUAGE_CHINESE : LANGUAGE_ENGLISH;
    }
    return LANGUAGE_ENGLISH;
}

void words_choose(enum language language) {
    words_choose_pictures(language);
    words_choose_text(language);
    if (language == LANGUAGE_CHINESE && !terminal_utf8()) setlocale(LC_CTYPE, "C.UTF-8");
}

void words_choose_pictures(enum language language) {
    pictures_language = language;
}

void words_choose_text(enum language language) {
    text_language = language;
}

enum language words_language(void) {
    return pictures_language;
}

bool words_pair(size_t i, const char **english, const char **chinese) {
    const char *const *pair = i < words_picture_count ? words_pictures[i]
                              : i - words_picture_count < words_text_count
                                  ? words_texts[i - words_picture_count]
                                  : NULL;
    if (!pair) return false;
    *english = pair[0];
    *chinese = pair[1];
    return true;
}

static const char *find(const char *english, enum language language) __attribute__((format_arg(1)));
static const char *find(const char *english, enum language language) {
    const char *found, *chinese;
    if (language == LANGUAGE_ENGLISH) return english;
    for (size_t i = 0; words_pair(i, &found, &chinese); i++)
        if (strcmp(found, english) == 0) return chinese;
    return english;
}

const char *word(const char *english) {
    return find(english, pictures_language);
}

const char *text_word(const char *english) {
    return find(english, text_language);
}
