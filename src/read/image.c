/* See image.h: which decoder it is for, the limits, and reading files. */
#include "read/image.h"

#include "base/file.h"
#include "base/status.h"
#include "read/kind.h"

#include <string.h>

/* -- kinds -- */

static const struct image_start {
    const char *bytes;
    size_t skipped, length; /* bytes before it that may be anything; its own */
    enum image_kind kind;
    const char *name;
} starts[] = {
    {"\x89PNG\r\n\x1A\n", 0, 8, IMAGE_PNG, "PNG"},
    {"\xFF\xD8\xFF", 0, 3, IMAGE_JPEG, "JPEG"},
    {"P2", 0, 2, IMAGE_PNM, "PGM"},
    {"P3", 0, 2, IMAGE_PNM, "PPM"},
    {"P5", 0, 2, IMAGE_PNM, "PGM"},
    {"P6", 0, 2, IMAGE_PNM, "PPM"},
    {"P1", 0, 2, IMAGE_OTHER, "PBM"},
    {"P4", 0, 2, IMAGE_OTHER, "PBM"},
    {"P7\nWIDTH", 0, 8, IMAGE_OTHER, "PAM"},
    {"GIF8", 0, 4, IMAGE_OTHER, "GIF"},
    {"WEBP", 8, 4, IMAGE_OTHER, "WebP"},
    {"II*\0", 0, 4, IMAGE_OTHER, "TIFF"},
    {"MM\0*", 0, 4, IMAGE_OTHER, "TIFF"},
    {"\0\0\0\0", 6, 4, IMAGE_OTHER, "BMP"}, /* behind "BM" and the file's size */
    {"ftypavif", 4, 8, IMAGE_OTHER, "AVIF"},
    {"ftypheic", 4, 8, IMAGE_OTHER, "HEIC"},
};

static bool is_space(unsigned char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* "P5" may begin any text, but not with a blank or a comment behind it; "BM" begins words, too. */
static bool begins_like(const struct image_start *start, const unsigned char *bytes, size_t count) {
    if (count < start->skipped + start->length ||
        memcmp(bytes + start->skipped, start->bytes, start->length) != 0)
        return false;
    if (start->length == 2) return count > 2 && (is_space(bytes[2]) || bytes[2] == '#');
    return start->skipped != 6 || memcmp(bytes, "BM", 2) == 0;
}

static const struct image_start *find_start(const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (begins_like(&starts[i], bytes, count)) return &starts[i];
    return NULL;
}

enum image_kind image_kind(const unsigned char *bytes, size_t count) {
    const struct image_start *start = find_start(bytes, count);
    return start ? start->kind : IMAGE_NONE;
}

/* What it may be that is no image that can be read here. */
static nudge_status refuse_kind(const unsigned char *bytes, size_t count, const char *path,
                                nudge_error *error) {
    const struct image_start *start = find_start(bytes, count);
    const char *kind = count == 0 ? "is empty" : file_kind(bytes, count);
    if (start)
        return error_set(error, NUDGE_BAD_INPUT, "%s: is a %s image, expected PNG, JPEG, PGM or PPM",
                         shown(path).text, start->name);
    if (kind) return error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(path).text, kind);
    return error_set(error, NUDGE_BAD_INPUT, "%s: is no image: expected PNG, JPEG, PGM or PPM",
                     shown(path).text);
}

/* -- limits -- */

nudge_status image_check_size(uint64_t height, uint64_t width, uint64_t most, const char *path,
                              nudge_error *error) {
    if (height == 0 || width == 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: an image of %llux%llu pixels, expected at least 1x1",
                         shown(path).text, (unsigned long long)height, (unsigned long long)width);
    if (height > IMAGE_MOST_PIXELS / width)
        return error_set(
            error, NUDGE_BAD_INPUT, "%s: an image of %llux%llu pixels, expected at most %d pixels in all",
            shown(path).text, (unsigned long long)height, (unsigned long long)width, IMAGE_MOST_PIXELS);
    if (height * width > most)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: is cut short: its bytes hold at most %llu pixels, expected %llux%llu",
                         shown(path).text, (unsigned long long)most, (unsigned long long)height,
                         (unsigned long long)width);
    return NUDGE_OK;
}

nudge_status image_allocate(struct image *image, const nudge_allocator *allocator, size_t height,
                            size_t width, size_t channels, const char *path, nudge_error *error) {
    size_t pixels, bytes;
    if (!size_multiply(&pixels, height, width) || !size_multiply(&bytes, pixels, channels)) bytes = SIZE_MAX;
    *image = (struct image){height, width, channels, bytes < SIZE_MAX ? memory_get(allocator, bytes) : NULL,
                            bytes};
    return image->pixels ? NUDGE_OK : error_no_memory(error, bytes, shown(path).text);
}

void image_release(struct image *image, const nudge_allocator *allocator) {
    memory_release(allocator, image->pixels, image->bytes);
    *image = (struct image){0};
}

/* -- decoding -- */

#if !defined NUDGE_PNG || !defined NUDGE_JPEG
static nudge_status refuse_library(const char *library, const char *path, nudge_error *error) {
    return error_set(error, NUDGE_UNSUPPORTED, "%s: cannot be read: this nudge was built without %s",
                     shown(path).text, library);
}
#endif

static nudge_status decode_kind(struct image *image, const nudge_allocator *allocator,
                                const unsigned char *bytes, size_t count, const char *path,
                                nudge_error *error) {
    switch (image_kind(bytes, count)) {
#ifdef NUDGE_PNG
    case IMAGE_PNG: return image_decode_png(image, allocator, bytes, count, path, error);
#else
    case IMAGE_PNG: return refuse_library("libpng", path, error);
#endif
#ifdef NUDGE_JPEG
    case IMAGE_JPEG: return image_decode_jpeg(image, allocator, bytes, count, path, error);
#else
    case IMAGE_JPEG: return refuse_library("libjpeg", path, error);
#endif
    case IMAGE_PNM: return image_decode_pnm(image, allocator, bytes, count, path, error);
    default: return refuse_kind(bytes, count, path, error);
    }
}

nudge_status image_decode(struct image *image, const nudge_allocator *allocator, const unsigned char *bytes,
                          size_t count, const char *path, nudge_error *error) {
    *image = (struct image){0};
    nudge_status status = decode_kind(image, allocator, bytes, count, path, error);
    if (status) image_release(image, allocator);
    return status;
}

/* -- files -- */

/* The rest of a file behind its first `have` bytes, which are in `bytes` already. */
static nudge_status read_rest(struct file_reader *file, unsigned char *bytes, size_t have, size_t size,
                              nudge_error *error) {
    size_t got;
    nudge_status status = file_reader_read(file, bytes + have, size - have, &got, error);
    if (!status && have + got < size)
        status =
            error_set(error, NUDGE_BAD_INPUT, "%s: became shorter while it was read: %zu bytes, expected %zu",
                      shown(file->path).text, have + got, size);
    return status;
}

static nudge_status read_open(struct image *image, const nudge_allocator *allocator, struct file_reader *file,
                              nudge_error *error) {
    unsigned char start[IMAGE_START];
    size_t have;
    nudge_status status = file_reader_read(file, start, sizeof start, &have, error);
    if (status) return status;
    enum image_kind kind = image_kind(start, have);
    if (kind == IMAGE_NONE || kind == IMAGE_OTHER) return refuse_kind(start, have, file->path, error);
    if (file->size > IMAGE_MOST_BYTES)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has %llu bytes, expected at most %d of an image file",
                         shown(file->path).text, (unsigned long long)file->size, IMAGE_MOST_BYTES);
    size_t size = file->size > have ? (size_t)file->size : have;
    unsigned char *bytes = memory_get(allocator, size);
    if (!bytes) return error_no_memory(error, size, shown(file->path).text);
    memcpy(bytes, start, have);
    status = read_rest(file, bytes, have, size, error);
    if (!status) status = image_decode(image, allocator, bytes, size, file->path, error);
    memory_release(allocator, bytes, size);
    return status;
}

nudge_status image_read(struct image *image, const nudge_allocator *allocator, const char *path,
                        nudge_error *error) {
    struct file_reader file;
    *image = (struct image){0};
    nudge_status status = file_reader_open(&file, path, error);
    if (status) return status;
    status = read_open(image, allocator, &file, error);
    file_reader_close(&file);
    return status;
}

nudge_status image_file_is(bool *is, const char *path, nudge_error *error) {
    struct file_reader file;
    unsigned char start[IMAGE_START];
    size_t have = 0;
    *is = false;
    nudge_status status = file_reader_open(&file, path, error);
    if (status) return status;
    status = file_reader_read(&file, start, sizeof start, &have, error);
    file_reader_close(&file);
    *is = !status && image_kind(start, have) != IMAGE_NONE;
    return status;
}
