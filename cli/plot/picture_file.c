/* See picture_file.h. */
#include "cli/plot/picture_file.h"

#include "cli/tell/files.h"
#include "cli/tell/output.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <string.h>

#ifdef NUDGE_PICTURES
static const char no_font[] = "no font with Chinese characters is installed (Debian: fonts-noto-cjk)";
#endif

static bool kind_of(const char *path, enum draw_kind *kind) {
    static const char *const endings[] = {[DRAW_SVG] = ".svg", [DRAW_PDF] = ".pdf", [DRAW_PNG] = ".png"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (length > 4 && strcmp(path + length - 4, endings[i]) == 0) {
            *kind = (enum draw_kind)i;
            return true;
        }
    return false;
}

int picture_file_check(const char *path) {
    enum draw_kind kind;
    if (!kind_of(path, &kind)) return say_usage("%s: a picture's name ends in .svg, .png or .pdf", path);
#ifndef NUDGE_PICTURES
    return say_usage("%s: this nudge was built without pictures; build it with cairo (Debian: libcairo2-dev)",
                     path);
#else
    if (words_language() == LANGUAGE_CHINESE && !draw_has_chinese()) {
        fprintf(stderr, "nudge: %s: in English\n", no_font);
        words_choose_pictures(LANGUAGE_ENGLISH);
    }
    return files_write(path);
#endif
}

error_t option_theme(struct options *options, const char *word, enum draw_theme *theme) {
    static const char *const names[] = {"light", "dark", NULL};
    int chosen = 0;
    error_t failed = option_choice(options, "--theme", word, names, &chosen);
    if (!failed) *theme = (enum draw_theme)chosen;
    options->theme_given = true;
    return failed;
}

#ifdef NUDGE_PICTURES

static const char *translate(const char *english) {
    return word(english);
}

static bool write_bytes(void *user, const unsigned char *bytes, size_t count) {
    return fwrite(bytes, 1, count, user) == count;
}

int picture_file_write(const char *path, enum draw_theme theme, draw_picture *draw, const void *picture) {
    struct output output;
    enum draw_kind kind = DRAW_SVG;
    kind_of(path, &kind);
    int status = output_open(&output, path);
    if (status) return status;
    static bool told; /* once, however many pictures there are */
    bool boxes = false;
    const struct draw_look look = {kind, theme, translate, &boxes};
    const char *wrong = draw_write(&look, draw, picture, write_bytes, output.stream);
    bool no_memory = wrong && strcmp(wrong, "out of memory") == 0; /* cairo's words */
    status = no_memory                         ? say_failure("not enough memory: to draw %s", path)
             : wrong && !ferror(output.stream) ? say_failure("%s: cannot be drawn: %s", path, wrong)
                                               : output_commit(&output);
    output_abandon(&output);
    if (!status && boxes && !told)
        fprintf(stderr, "nudge: %s: %s: names in Chinese are drawn as boxes\n", safe(path).text, no_font);
    told = told || boxes;
    return status;
}

#else

int picture_file_write(const char *path, enum draw_theme theme, draw_picture *draw, const void *picture) {
    (void)theme, (void)draw, (void)picture;
    return picture_file_check(path);
}

#endif
