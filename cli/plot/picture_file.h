/* Pictures into files: the kind by the file's ending. */
#ifndef NUDGE_CLI_PLOT_PICTURE_FILE_H
#define NUDGE_CLI_PLOT_PICTURE_FILE_H

#include "cli/options/options.h"
#include "draw/draw.h"

/* Whether a picture could be written to this path: its ending, whether this program draws at all, whether the
 * file can be written. Tells what is wrong; returns the exit status. */
int picture_file_check(const char *path);

/* Draws and writes the file durably. Returns the exit status. */
int picture_file_write(const char *path, enum draw_theme theme, draw_picture *draw, const void *picture);

/* Makes a draw_picture, NAME_picture, of draw_NAME. In a program without pictures it is never called:
 * picture_file_check has refused before. */
#ifdef NUDGE_PICTURES
#define PICTURE_DRAWING(name)                                                                                \
    static void name##_picture(draw_page *page, const void *picture) {                                       \
        draw_##name(page, picture);                                                                          \
    }
#else
#define PICTURE_DRAWING(name)                                                                                \
    static void name##_picture(draw_page *page, const void *picture) {                                       \
        (void)page;                                                                                          \
        (void)picture;                                                                                       \
    }
#endif

/* --theme light|dark */
#define OPTION_THEME_HELP "the picture's background: light or dark; default light"
error_t option_theme(struct options *options, const char *word, enum draw_theme *theme);

#endif
