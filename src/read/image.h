/* Image files as pixels: PNG, JPEG, PGM and PPM, told by their first bytes. Invariant: an image that is delivered is
 * whole, and no memory is taken on the word of a header that the file's own bytes cannot bear out. */
#ifndef NUDGE_READ_IMAGE_H
#define NUDGE_READ_IMAGE_H

#include "base/memory.h"

enum {
    IMAGE_MOST_PIXELS = 64 << 20,
    IMAGE_MOST_BYTES = 1 << 30, /* of a file */
    IMAGE_START = 16,           /* bytes that tell the kind */
};

/* Kinds behind IMAGE_PNM are known, so that they can be named, and refused. */
enum image_kind { IMAGE_NONE, IMAGE_PNG, IMAGE_JPEG, IMAGE_PNM, IMAGE_OTHER };

struct image {
    size_t height, width, channels; /* channels: 1 grey, 3 red, green, blue */
    uint8_t *pixels;                /* [height][width][channels] */
    size_t bytes;                   /* allocated at `pixels` */
};

/* What bytes are that begin like this; `count` may be less than IMAGE_START. */
enum image_kind image_kind(const unsigned char *bytes, size_t count);

/* Decodes the bytes of the file `path`, whose name stands in sentences alone. What shines through is laid on white; 16
 * bits are rounded to 8. On failure nothing is left to release.
 * Errors: NUDGE_BAD_INPUT for what is no image, damaged, cut short or too large; NUDGE_UNSUPPORTED for what this build
 * cannot decode. */
nudge_status image_decode(struct image *image, const nudge_allocator *allocator, const unsigned char *bytes,
                          size_t count, const char *path, nudge_error *error);

/* Reads the file whole and decodes it. */
nudge_status image_read(struct image *image, const nudge_allocator *allocator, const char *path,
                        nudge_error *error);

void image_release(struct image *image, const nudge_allocator *allocator);

/* Whether the file begins like an image, of a kind that can be decoded or not. */
nudge_status image_file_is(bool *is, const char *path, nudge_error *error);

/* -- for the decoders: image_png.c, image_jpeg.c, image_pnm.c -- */

nudge_status image_decode_png(struct image *image, const nudge_allocator *allocator,
                              const unsigned char *bytes, size_t count, const char *path, nudge_error *error);
nudge_status image_decode_jpeg(struct image *image, const nudge_allocator *allocator,
                               const unsigned char *bytes, size_t count, const char *path,
                               nudge_error *error);
nudge_status image_decode_pnm(struct image *image, const nudge_allocator *allocator,
                              const unsigned char *bytes, size_t count, const char *path, nudge_error *error);

/* Refuses sizes of 0, more than IMAGE_MOST_PIXELS, and more pixels than `most`, which is what the file's bytes can hold
 * at best. */
nudge_status image_check_size(uint64_t height, uint64_t width, uint64_t most, const char *path,
                              nudge_error *error);

/* Room for the pixels, of up to 4 channels; the sizes were checked. */
nudge_status image_allocate(struct image *image, const nudge_allocator *allocator, size_t height,
                            size_t width, size_t channels, const char *path, nudge_error *error);

#endif
