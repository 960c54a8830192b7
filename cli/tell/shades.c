/* See shades.h. */
#include "cli/tell/shades.h"

#include "cli/tell/terminal.h"

#include <stdlib.h>

enum shades shades_for(FILE *stream) {
    if (!terminal_utf8()) return SHADES_ASCII;
    return terminal_colours(stream) ? SHADES_COLOURS : SHADES_UNICODE;
}

/* -- making -- */

static float brightness(float value, float low, float high) {
    float share = high > low ? (value - low) / (high - low) : 0;
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* The mean over a square of side `factor`, cut off at the image's edges. */
static float mean_of(const float *values, size_t height, size_t width, size_t y, size_t x, size_t factor) {
    size_t bottom = (y + 1) * factor < height ? (y + 1) * factor : height;
    size_t right = (x + 1) * factor < width ? (x + 1) * factor : width;
    float sum = 0;
    for (size_t i = y * factor; i < bottom; i++)
        for (size_t j = x * factor; j < right; j++) sum += values[i * width + j];
    return sum / (float)((bottom - y * factor) * (right - x * factor));
}

bool picture_make(struct picture *picture, const float *values, size_t height, size_t width, float low,
                  float high, size_t columns) {
    size_t factor = width > columns ? (width + columns - 1) / columns : 1;
    picture->height = (height + factor - 1) / factor;
    picture->width = (width + factor - 1) / factor;
    picture->pixels = malloc(picture->height * picture->width * sizeof *picture->pixels);
    if (!picture->pixels) return false;
    for (size_t y = 0; y < picture->height; y++)
        for (size_t x = 0; x < picture->width; x++)
            picture->pixels[y * picture->width + x] =
                brightness(mean_of(values, height, width, y, x, factor), low, high);
    return true;
}

void picture_free(struct picture *picture) {
    free(picture->pixels);
    picture->pixels = NULL;
}

/* -- drawing -- */

size_t picture_lines(const struct picture *picture) {
    return (picture->height + 1) / 2;
}

/* An edge between the two pixels is a half block, anything else a shade. */
static void draw_unicode(float above, float below, FILE *stream) {
    static const char *const ramp[] = {" ", "░", "▒", "▓", "█"};
    const float edge = 0.45f;
    float step = above - below;
    if (step > edge)
        fputs("▀", stream);
    else if (step < -edge)
        fputs("▄", stream);
    else
        fputs(ramp[(size_t)((above + below) / 2 * 4 + 0.5f)], stream);
}

/* The 256-colour codes have 24 greys, 232 to 255, besides black, 16. */
static int grey(float shade) {
    int level = (int)(shade * 24 + 0.5f);
    return level == 0 ? 16 : 231 + level;
}

static void draw_colours(const struct picture *picture, const float *above, const float *below,
                         FILE *stream) {
    int last_above = -1, last_below = -1;
    for (size_t x = 0; x < picture->width; x++) {
        int top = grey(above[x]), bottom = grey(below ? below[x] : 0);
        if (top != last_above) fprintf(stream, "\033[38;5;%dm", last_above = top);
        if (bottom != last_below) fprintf(stream, "\033[48;5;%dm", last_below = bottom);
        fputs("▀", stream);
    }
    fputs("\033[0m", stream);
}

void picture_line(const struct picture *picture, size_t line, enum shades shades, FILE *stream) {
    const float *above = picture->pixels + 2 * line * picture->width;
    const float *below = 2 * line + 1 < picture->height ? above + picture->width : NULL;
    if (shades == SHADES_COLOURS) {
        draw_colours(picture, above, below, stream);
        return;
    }
    for (size_t x = 0; x < picture->width; x++) {
        float lower = below ? below[x] : 0;
        if (shades == SHADES_UNICODE)
            draw_unicode(above[x], lower, stream);
        else
            fputc(" .:-=+*#%@"[(size_t)((above[x] + lower) / 2 * 9 + 0.5f)], stream);
    }
}
