/* PGM and PPM, as text (P2, P3) or bytes (P5, P6): netpbm's manual says how they are written. */
#include "base/show.h"
#include "base/status.h"
#include "read/image.h"

enum { MOST_VALUE = 65535 };

struct pnm {
    const unsigned char *bytes;
    size_t at, count;
    const char *path;
    size_t channels;
    bool text;
    uint32_t height, width, largest; /* largest: the value that is full brightness */
};

static bool is_space(unsigned char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space, and comments from # to the line's end. */
static void skip_space(struct pnm *pnm) {
    bool comment = false;
    for (; pnm->at < pnm->count; pnm->at++) {
        unsigned char c = pnm->bytes[pnm->at];
        if (c == '#') comment = true;
        if (!comment && !is_space(c)) return;
        if (c == '\n' || c == '\r') comment = false;
    }
}

/* A number of up to `most` after white space. */
static nudge_status read_number(struct pnm *pnm, const char *what, uint32_t most, uint32_t *number,
                                nudge_error *error) {
    skip_space(pnm);
    size_t from = pnm->at;
    uint64_t value = 0;
    for (; pnm->at < pnm->count && pnm->bytes[pnm->at] >= '0' && pnm->bytes[pnm->at] <= '9'; pnm->at++)
        if (value <= most) value = 10 * value + (uint64_t)(pnm->bytes[pnm->at] - '0');
    if (pnm->at == from && from == pnm->count)
        return error_set(error, NUDGE_BAD_INPUT, "%s: is cut short: it ends before its %s",
                         shown(pnm->path).text, what);
    size_t length = pnm->at > from ? pnm->at - from : 1;
    if (pnm->at == from || value > most)
        return error_set(error, NUDGE_BAD_INPUT, "%s: byte %zu: %s \"%s\", expected a number up to %u",
                         shown(pnm->path).text, from, what,
                         shown_start((const char *)pnm->bytes + from, length).text, most);
    *number = (uint32_t)value;
    return NUDGE_OK;
}

/* Bytes begin one white space character behind the header; of text there must be some. */
static nudge_status end_header(struct pnm *pnm, nudge_error *error) {
    if (pnm->at == pnm->count)
        return error_set(error, NUDGE_BAD_INPUT, "%s: is cut short: it ends before its pixels",
                         shown(pnm->path).text);
    if (!is_space(pnm->bytes[pnm->at]) && !(pnm->text && pnm->bytes[pnm->at] == '#'))
        return error_set(error, NUDGE_BAD_INPUT, "%s: byte %zu: \"%s\", expected a blank behind the header",
                         shown(pnm->path).text, pnm->at,
                         shown_start((const char *)pnm->bytes + pnm->at, 1).text);
    if (!pnm->text) pnm->at++;
    return NUDGE_OK;
}

static nudge_status read_header(struct pnm *pnm, nudge_error *error) {
    nudge_status status = read_number(pnm, "width", INT32_MAX, &pnm->width, error);
    if (!status) status = read_number(pnm, "height", INT32_MAX, &pnm->height, error);
    if (!status) status = read_number(pnm, "largest value", MOST_VALUE, &pnm->largest, error);
    if (!status && pnm->largest == 0)
        status = error_set(error, NUDGE_BAD_INPUT, "%s: its largest value is 0, expected 1 to %d",
                           shown(pnm->path).text, MOST_VALUE);
    if (!status) status = end_header(pnm, error);
    if (status) return status;
    /* A value in text takes a blank and a digit. */
    size_t sample = pnm->text || pnm->largest > UINT8_MAX ? 2 : 1;
    size_t most = (pnm->count - pnm->at) / (sample * pnm->channels);
    return image_check_size(pnm->height, pnm->width, most, pnm->path, error);
}

static nudge_status read_value(struct pnm *pnm, uint32_t *value, nudge_error *error) {
    if (pnm->text) return read_number(pnm, "pixel value", pnm->largest, value, error);
    const unsigned char *at = pnm->bytes + pnm->at;
    bool wide = pnm->largest > UINT8_MAX;
    *value = wide ? (uint32_t)at[0] << 8 | at[1] : at[0];
    if (*value > pnm->largest)
        return error_set(error, NUDGE_BAD_INPUT, "%s: byte %zu: pixel value %u, expected at most %u",
                         shown(pnm->path).text, pnm->at, *value, pnm->largest);
    pnm->at += wide ? 2 : 1;
    return NUDGE_OK;
}

static nudge_status read_pixels(struct pnm *pnm, struct image *image, nudge_error *error) {
    size_t samples = image->height * image->width * image->channels;
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < samples; i++) {
        uint32_t value = 0;
        status = read_value(pnm, &value, error);
        image->pixels[i] = (uint8_t)((value * UINT8_MAX + pnm->largest / 2) / pnm->largest);
    }
    if (status) return status;
    while (pnm->at < pnm->count && is_space(pnm->bytes[pnm->at])) pnm->at++;
    if (pnm->at < pnm->count)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: %zu bytes follow its %ux%u pixels, expected one image alone",
                         shown(pnm->path).text, pnm->count - pnm->at, pnm->height, pnm->width);
    return NUDGE_OK;
}

nudge_status image_decode_pnm(struct image *image, const nudge_allocator *allocator,
                              const unsigned char *bytes, size_t count, const char *path,
                              nudge_error *error) {
    unsigned char digit = bytes[1];
    struct pnm pnm = {.bytes = bytes,
                      .at = 2,
                      .count = count,
                      .path = path,
                      .channels = digit == '3' || digit == '6' ? 3 : 1,
                      .text = digit == '2' || digit == '3'};
    nudge_status status = read_header(&pnm, error);
    if (!status) status = image_allocate(image, allocator, pnm.height, pnm.width, pnm.channels, path, error);
    return status ? status : read_pixels(&pnm, image, error);
}
