/* See pictures.h. */
#include "cli/tell/pictures.h"

#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"

#include <math.h>

size_t pictures_columns(size_t abreast) {
    size_t columns = terminal_columns(stdout), taken = PICTURES_MARGIN + (abreast - 1) * PICTURES_GAP;
    return columns >= taken + abreast ? (columns - taken) / abreast : 1;
}

size_t pictures_abreast(size_t width) {
    size_t columns = pictures_columns(1);
    size_t abreast = (columns + PICTURES_GAP) / (width + PICTURES_GAP);
    return abreast < 1 ? 1 : abreast > PICTURES_MOST ? PICTURES_MOST : abreast;
}

bool pictures_take(struct picture *picture, const nudge_data *data, const float *features, size_t columns) {
    size_t height, width, count = nudge_data_features(data);
    float low = 0, high = 255;
    nudge_data_image(data, &height, &width);
    if (nudge_data_type(data) != NUDGE_TYPE_U8) {
        low = INFINITY;
        high = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            if (features[i] < low) low = features[i];
            if (features[i] > high) high = features[i];
        }
    }
    return picture_make(picture, features, height, width, low, high, columns);
}

void pictures_print(struct captioned *pictures, size_t count, enum shades shades) {
    for (size_t line = 0; line < picture_lines(&pictures[0].picture); line++) {
        for (size_t i = 0; i < count; i++) {
            printf("%*s", i ? PICTURES_GAP : PICTURES_MARGIN, "");
            picture_line(&pictures[i].picture, line, shades, stdout);
        }
        putchar('\n');
    }
    for (size_t i = 0; i < count; i++) { /* a caption that is wider than its picture shifts the others */
        size_t width = pictures[0].picture.width, taken = safe_columns(pictures[i].caption);
        printf("%*s%s%*s", i ? PICTURES_GAP : PICTURES_MARGIN, "", pictures[i].caption,
               taken < width ? (int)(width - taken) : 0, "");
    }
    putchar('\n');
    for (size_t i = 0; i < count; i++) picture_free(&pictures[i].picture);
}
