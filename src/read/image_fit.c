/* See image_fit.h. Each side has weights that add up to a constant; a pixel is the sum of weight by weight, divided by
 * both constants and rounded. 64 bits suffice: sides are below 2^27, and pixels in all. */
#include "read/image_fit.h"

enum { WHITE = 255, RED = 299, GREEN = 587, BLUE = 114, PARTS = 1000, COLOURS = 3 };

size_t image_form_bytes(const struct image_form *form) {
    return form->height * form->width * (form->colour ? COLOURS : 1);
}

/* -- one side -- */

/* What `to` pixels are made from `from`. */
struct side {
    uint64_t from, to;
};

/* The pixels first .. last that one pixel is made from, and what their weights begin with. */
struct span {
    uint64_t first, last;
    uint64_t
        before; /* a pixel that is made longer: how far it lies behind the centre of `first`, in 2 * to */
};

static bool is_longer(struct side side) {
    return side.to > side.from;
}

static uint64_t total(struct side side) {
    return is_longer(side) ? 2 * side.to : side.from;
}

static struct span span_of(struct side side, uint64_t i) {
    if (!is_longer(side))
        return (struct span){i * side.from / side.to, ((i + 1) * side.from - 1) / side.to, 0};
    /* The centre of pixel i stands at (i + 1/2) from / to - 1/2; beyond the outermost centres is nothing. */
    uint64_t centre = (2 * i + 1) * side.from, unit = 2 * side.to;
    uint64_t place = centre > side.to ? centre - side.to : 0;
    if (place >= (side.from - 1) * unit) return (struct span){side.from - 1, side.from - 1, 0};
    return (struct span){place / unit, place / unit + 1, place % unit};
}

static uint64_t weight_of(struct side side, struct span span, uint64_t i, uint64_t k) {
    if (is_longer(side)) return k == span.first ? 2 * side.to - span.before : span.before;
    uint64_t low = i * side.from, high = low + side.from;
    uint64_t begin = k * side.to, end = begin + side.to;
    return (end < high ? end : high) - (begin > low ? begin : low);
}

/* -- the image -- */

static void make_grey(struct image *image) {
    size_t pixels = image->height * image->width;
    const uint8_t *from = image->pixels;
    for (size_t i = 0; i < pixels; i++, from += COLOURS)
        image->pixels[i] = (uint8_t)((RED * from[0] + GREEN * from[1] + BLUE * from[2] + PARTS / 2) / PARTS);
    image->channels = 1;
}

struct fit {
    const struct image *image;
    struct side down, across;
};

/* One channel of the pixel that stands at (y, x) afterwards. */
static uint8_t fitted(const struct fit *fit, uint64_t y, uint64_t x, size_t channel) {
    const struct image *image = fit->image;
    struct span rows = span_of(fit->down, y), columns = span_of(fit->across, x);
    uint64_t sum = 0, all = total(fit->down) * total(fit->across);
    for (uint64_t j = rows.first; j <= rows.last; j++) {
        const uint8_t *row = image->pixels + j * image->width * image->channels + channel;
        uint64_t part = 0;
        for (uint64_t k = columns.first; k <= columns.last; k++)
            part += weight_of(fit->across, columns, x, k) * row[k * image->channels];
        sum += part * weight_of(fit->down, rows, y, j);
    }
    return (uint8_t)((sum + all / 2) / all);
}

void image_fit(struct image *image, const struct image_form *form, uint8_t *out) {
    if (!form->colour && image->channels == COLOURS) make_grey(image);
    struct fit fit = {image, {image->height, form->height}, {image->width, form->width}};
    size_t channels = form->colour ? COLOURS : 1;
    for (size_t y = 0; y < form->height; y++)
        for (size_t x = 0; x < form->width; x++)
            for (size_t c = 0; c < channels; c++) {
                uint8_t value = fitted(&fit, y, x, image->channels == COLOURS ? c : 0);
                *out++ = form->invert ? (uint8_t)(WHITE - value) : value;
            }
}
