/* Image files as pixels: PNG, JPEG, PGM and PPM, right and wrong; and images made alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/image_fit.h"
#include "support/files.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct accounts accounts;
static nudge_allocator allocator;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    allocator = counting_allocator(&accounts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* Decodes a copy of exactly these bytes. A build without the library has its sentence, and skips the test. */
static nudge_status decode(struct image *image, const void *bytes, size_t count, nudge_error *error) {
    unsigned char *exact = malloc(count ? count : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, count);
    nudge_status status = image_decode(image, &allocator, exact, count, "a\nb", error);
    free(exact);
    if (status == NUDGE_UNSUPPORTED && strstr(error->message, "was built without lib")) skip();
    return status;
}

static void expect_pixels(const void *bytes, size_t count, size_t height, size_t width, size_t channels,
                          const uint8_t *pixels) {
    struct image image;
    nudge_error error = {0};
    if (decode(&image, bytes, count, &error)) fail_msg("%s", error.message);
    assert_int_equal(image.height, height);
    assert_int_equal(image.width, width);
    assert_int_equal(image.channels, channels);
    if (pixels) assert_memory_equal(image.pixels, pixels, height * width * channels);
    image_release(&image, &allocator);
}

static void expect_refused(const void *bytes, size_t count, const char *fact) {
    struct image image;
    nudge_error error = {0};
    expect_error(decode(&image, bytes, count, &error), NUDGE_BAD_INPUT, &error, "a\\nb: ", fact, NULL);
    assert_null(image.pixels);
}

static void refuse_text(const char *text, const char *fact) {
    expect_refused(text, strlen(text), fact);
}

#define PIXELS(...) ((const uint8_t[]){__VA_ARGS__})

/* -- PGM and PPM -- */

static void text_is_read(void **state) {
    (void)state;
    static const char grey[] = "P2 # a comment\n3#and\n2\n7\n0 1 2\n3 # not 9\n4 7\n";
    expect_pixels(grey, sizeof grey - 1, 2, 3, 1, PIXELS(0, 36, 73, 109, 146, 255));
    static const char colour[] = "P3\n1 2\n255\n255 0 1\n0 255 9";
    expect_pixels(colour, sizeof colour - 1, 2, 1, 3, PIXELS(255, 0, 1, 0, 255, 9));
}

static void bytes_are_read(void **state) {
    (void)state;
    expect_pixels("P5\n2 2\n255\nabcd", 15, 2, 2, 1, (const uint8_t *)"abcd");
    expect_pixels("P5 2 1 255 #\n", 13, 1, 2, 1, (const uint8_t *)"#\n"); /* pixels are no comment */
    expect_pixels("P5 2 1 3 \1\3\n\n", 13, 1, 2, 1, PIXELS(85, 255));
    expect_pixels("P6 1 1 65535\n\x80\x00\xFF\xFF\x00\x7F", 19, 1, 1, 3, PIXELS(128, 255, 0));
}

static void wrong_text_is_refused(void **state) {
    (void)state;
    refuse_text("P5 ", "is cut short: it ends before its width");
    refuse_text("P5 3", "is cut short: it ends before its height");
    refuse_text("P5 3 3 255", "is cut short: it ends before its pixels");
    refuse_text("P5 3 3 255\nabc", "is cut short: its bytes hold at most 3 pixels, expected 3x3");
    refuse_text("P5 3 3 65535\nabcdefgh", "is cut short: its bytes hold at most 4 pixels, expected 3x3");
    refuse_text("P6 1 1 255\nab", "is cut short: its bytes hold at most 0 pixels, expected 1x1");
    refuse_text("P2 2 2 9\n1 2 3    ", "is cut short: it ends before its pixel value");
    refuse_text("P2 2 2 9\n1 2 3 12", "byte 15: pixel value \"12\", expected a number up to 9");
    refuse_text("P2 2 2 9\n1 2 -3 1", "byte 13: pixel value \"-\", expected a number up to 9");
    refuse_text("P2 1 1 9 3 4", "1 bytes follow its 1x1 pixels, expected one image alone");
    refuse_text("P2 1 1 9x3", "byte 8: \"x\", expected a blank behind the header");
    refuse_text("P2 x 1 9 3", "byte 3: width \"x\", expected a number up to 2147483647");
    refuse_text("P2 1 99999999999999999999 9 3", "height \"99999999999999999999\", expected a number");
    refuse_text("P2 1 0 9 3", "an image of 0x1 pixels, expected at least 1x1");
    refuse_text("P2 1 1 0 3", "its largest value is 0, expected 1 to 65535");
    refuse_text("P2 1 1 65536 3", "largest value \"65536\", expected a number up to 65535");
    refuse_text("P5 1 1 9\nz", "byte 9: pixel value 122, expected at most 9");
    refuse_text("P5 65537 1024 9\nz", "1024x65537 pixels, expected at most 67108864 pixels in all");
    refuse_text("P5 2147483647 2147483647 9\nz", "expected at most 67108864 pixels in all");
}

/* -- what is none -- */

static void other_kinds_are_named(void **state) {
    (void)state;
    expect_refused("", 0, "is empty");
    refuse_text("GIF89a......", "is a GIF image, expected PNG, JPEG, PGM or PPM");
    refuse_text("RIFF1234WEBPVP8 ", "is a WebP image");
    expect_refused("BM\1\1\1\1\0\0\0\0....", 14, "is a BMP image");
    refuse_text("P4\n1 1\n1", "is a PBM image");
    refuse_text("<!DOCTYPE html>", "looks like a web page");
    refuse_text("P5abc", "is no image: expected PNG, JPEG, PGM or PPM");
    refuse_text("BMX drivers", "is no image");
    refuse_text("P", "is no image");
}

/* -- PNG -- */

struct png {
    unsigned char bytes[4096];
    size_t count;
};

static void put_number(unsigned char *at, uint32_t number) {
    for (unsigned i = 0; i < 4; i++) at[i] = (unsigned char)(number >> (24 - 8 * i));
}

static void add_chunk(struct png *png, const char *kind, const void *data, size_t count) {
    unsigned char *at = png->bytes + png->count;
    put_number(at, (uint32_t)count);
    memcpy(at + 4, kind, 4);
    if (count) memcpy(at + 8, data, count);
    put_number(at + 8 + count, (uint32_t)crc32(0, at + 4, (uInt)count + 4));
    png->count += 12 + count;
}

static struct png png_begin(uint32_t height, uint32_t width, int depth, int colour, int interlaced) {
    struct png png = {"\x89PNG\r\n\x1A\n", 8};
    unsigned char header[13] = {0};
    put_number(header, width);
    put_number(header + 4, height);
    header[8] = (unsigned char)depth;
    header[9] = (unsigned char)colour;
    header[12] = (unsigned char)interlaced;
    add_chunk(&png, "IHDR", header, sizeof header);
    return png;
}

static void png_end(struct png *png, const void *rows, size_t count) {
    unsigned char packed[1024];
    uLongf size = sizeof packed;
    assert_int_equal(compress(packed, &size, rows, (uLong)count), Z_OK);
    add_chunk(png, "IDAT", packed, size);
    add_chunk(png, "IEND", NULL, 0);
}

static void expect_png(struct png png, const void *rows, size_t count, size_t height, size_t width,
                       size_t channels, const uint8_t *pixels) {
    png_end(&png, rows, count);
    expect_pixels(png.bytes, png.count, height, width, channels, pixels);
    for (size_t cut = 0; cut < png.count; cut++) {
        struct image image;
        nudge_error error = {0};
        expect_error(decode(&image, png.bytes, cut, &error), NUDGE_BAD_INPUT, &error,
                     cut == 0                ? "is empty"
                     : cut < 8               ? "is no image"
                     : cut >= png.count - 12 ? "are cut short"
                                             : "",
                     NULL);
    }
}

static void png_of_every_kind_is_read(void **state) {
    (void)state;
    expect_png(png_begin(2, 2, 8, 0, 0), "\0ab\0cd", 6, 2, 2, 1, (const uint8_t *)"abcd");
    expect_png(png_begin(1, 4, 2, 0, 0), "\0\x1B", 2, 1, 4, 1, PIXELS(0, 85, 170, 255));
    expect_png(png_begin(1, 3, 1, 0, 0), "\0\xA0", 2, 1, 3, 1, PIXELS(255, 0, 255));
    expect_png(png_begin(1, 2, 8, 2, 0), "\0abcdef", 7, 1, 2, 3, (const uint8_t *)"abcdef");
    expect_png(png_begin(1, 2, 16, 0, 0), "\0\x80\x00\xFF\x80", 5, 1, 2, 1, PIXELS(128, 255));
    expect_png(png_begin(1, 1, 16, 2, 1), "\0\x80\x00\xFF\xFF\x00\x7F", 7, 1, 1, 3, PIXELS(128, 255, 0));
}

static void what_shines_through_lies_on_white(void **state) {
    (void)state;
    expect_png(png_begin(1, 3, 8, 4, 0), "\0\x0A\xFF\x0A\x00\x00\x80", 7, 1, 3, 1, PIXELS(10, 255, 127));
    expect_png(png_begin(1, 1, 8, 6, 0), "\0\x0A\x00\xFF\x33", 5, 1, 1, 3, PIXELS(206, 204, 255));
    struct png grey = png_begin(1, 2, 8, 0, 0);
    add_chunk(&grey, "tRNS", "\0b", 2);
    expect_png(grey, "\0ab", 3, 1, 2, 1, PIXELS('a', 255));
}

static void palettes_are_read(void **state) {
    (void)state;
    struct png png = png_begin(1, 4, 4, 3, 0);
    add_chunk(&png, "PLTE", "\xFF\0\0\0\xFF\0\0\0\xFF", 9);
    add_chunk(&png, "tRNS", "\xFF\0", 2);
    expect_png(png, "\0\x01\x22", 3, 1, 4, 3, PIXELS(255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 0, 255));
}

/* Chunks that say nothing about pixels cost nothing, whatever they hold. */
static void other_chunks_are_passed_over(void **state) {
    (void)state;
    struct png png = png_begin(1, 1, 8, 0, 0);
    add_chunk(&png, "iCCP", "broken", 6);
    add_chunk(&png, "zTXt", "key\0\0broken", 11);
    expect_png(png, "\0a", 2, 1, 1, 1, (const uint8_t *)"a");
}

static void wrong_png_is_refused(void **state) {
    (void)state;
    struct png png = png_begin(1, 2, 8, 0, 0);
    png_end(&png, "\0ab", 3);
    png.bytes[png.count - 20] ^= 1;
    expect_refused(png.bytes, png.count, "the PNG data are damaged: ");
    png = png_begin(2, 2, 8, 0, 0);
    png_end(&png, "\0ab", 3);
    expect_refused(png.bytes, png.count, "the PNG data are damaged: Not enough image data");
    png = png_begin(65536, 1025, 8, 0, 0);
    png_end(&png, "\0ab", 3);
    expect_refused(png.bytes, png.count, "65536x1025 pixels, expected at most 67108864 pixels in all");
    png = png_begin(1000, 1000, 8, 2, 0);
    png_end(&png, "\0ab", 3);
    expect_refused(png.bytes, png.count, "is cut short: its bytes hold at most ");
    png = png_begin(0, 1, 8, 0, 0);
    png_end(&png, "\0ab", 3);
    expect_refused(png.bytes, png.count, "the PNG data are damaged: ");
}

/* -- JPEG: 9x10 pixels of about 20 y + 6 x, in colour about 20 y + 18 x, + 6, + 12 -- */

static const uint8_t grey_jpeg[] = {
    255, 216, 255, 224, 0,   16,  74,  70, 73,  70, 0,   1,  1,   0,   0,   1,   0,   1,   0,   0,   255, 219,
    0,   67,  0,   6,   4,   5,   6,   5,  4,   6,  6,   5,  6,   7,   7,   6,   8,   10,  16,  10,  10,  9,
    9,   10,  20,  14,  15,  12,  16,  23, 20,  24, 24,  23, 20,  22,  22,  26,  29,  37,  31,  26,  27,  35,
    28,  22,  22,  32,  44,  32,  35,  38, 39,  41, 42,  41, 25,  31,  45,  48,  45,  40,  48,  37,  40,  41,
    40,  255, 192, 0,   11,  8,   0,   9,  0,   10, 1,   1,  17,  0,   255, 196, 0,   21,  0,   1,   1,   0,
    0,   0,   0,   0,   0,   0,   0,   0,  0,   0,  0,   0,  0,   6,   7,   255, 196, 0,   32,  16,  0,   1,
    2,   5,   5,   0,   0,   0,   0,   0,  0,   0,  0,   0,  0,   0,   0,   1,   2,   5,   7,   34,  35,  50,
    65,  66,  81,  113, 161, 255, 218, 0,  8,   1,  1,   0,  0,   63,  0,   29,  4,   150, 216, 217, 240, 86,
    217, 109, 74,  89,  211, 130, 155, 4,  218, 43, 110, 41, 209, 255, 217};
static const uint8_t colour_jpeg[] = {
    255, 216, 255, 224, 0,   16,  74,  70,  73,  70,  0,   1,   1,   0,   0,   1,   0,   1,   0,   0,
    255, 219, 0,   67,  0,   6,   4,   5,   6,   5,   4,   6,   6,   5,   6,   7,   7,   6,   8,   10,
    16,  10,  10,  9,   9,   10,  20,  14,  15,  12,  16,  23,  20,  24,  24,  23,  20,  22,  22,  26,
    29,  37,  31,  26,  27,  35,  28,  22,  22,  32,  44,  32,  35,  38,  39,  41,  42,  41,  25,  31,
    45,  48,  45,  40,  48,  37,  40,  41,  40,  255, 219, 0,   67,  1,   7,   7,   7,   10,  8,   10,
    19,  10,  10,  19,  40,  26,  22,  26,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,
    40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,
    40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  255, 192,
    0,   17,  8,   0,   9,   0,   10,  3,   1,   34,  0,   2,   17,  1,   3,   17,  1,   255, 196, 0,
    23,  0,   0,   3,   1,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   1,   3,
    4,   7,   255, 196, 0,   39,  16,  0,   2,   2,   0,   4,   3,   9,   0,   0,   0,   0,   0,   0,
    0,   0,   0,   1,   2,   3,   4,   0,   6,   7,   17,  5,   18,  33,  19,  49,  51,  55,  65,  81,
    114, 117, 178, 255, 196, 0,   20,  1,   1,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   1,   255, 196, 0,   30,  17,  1,   0,   0,   5,   5,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   1,   0,   2,   3,   17,  240, 18,  81,  82,  161, 193, 255, 218, 0,
    12,  3,   1,   0,   2,   17,  3,   17,  0,   63,  0,   126, 157, 100, 26,  244, 41,  155, 119, 123,
    42,  245, 96,  67,  36,  179, 74,  66,  162, 40,  27,  150, 36,  244, 0,   15,  92,  89,  38,  175,
    100, 88,  93,  162, 143, 133, 102, 27,  8,   132, 170, 205, 29,  88,  130, 200, 7,   64,  203, 205,
    40,  109, 143, 120, 220, 3,   238, 6,   6,   186, 249, 67,  91,  236, 160, 252, 190, 49,  232, 124,
    24,  254, 35,  8,   172, 206, 198, 102, 89,  169, 79,  68,  178, 188, 139, 246, 158, 71,  255, 217};
static const uint8_t progressive_jpeg[] = {
    255, 216, 255, 224, 0,   16,  74,  70,  73,  70,  0,   1,   1,   0,   0,   1,   0,   1,   0,   0,   255,
    219, 0,   67,  0,   6,   4,   5,   6,   5,   4,   6,   6,   5,   6,   7,   7,   6,   8,   10,  16,  10,
    10,  9,   9,   10,  20,  14,  15,  12,  16,  23,  20,  24,  24,  23,  20,  22,  22,  26,  29,  37,  31,
    26,  27,  35,  28,  22,  22,  32,  44,  32,  35,  38,  39,  41,  42,  41,  25,  31,  45,  48,  45,  40,
    48,  37,  40,  41,  40,  255, 219, 0,   67,  1,   7,   7,   7,   10,  8,   10,  19,  10,  10,  19,  40,
    26,  22,  26,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,
    40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,
    40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  40,  255, 194, 0,   17,  8,   0,   9,   0,   10,  3,
    1,   34,  0,   2,   17,  1,   3,   17,  1,   255, 196, 0,   23,  0,   0,   3,   1,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   2,   3,   6,   255, 196, 0,   20,  1,   1,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255, 218, 0,   12,  3,   1,   0,
    2,   16,  3,   16,  0,   0,   1,   123, 24,  227, 255, 196, 0,   26,  16,  0,   2,   2,   3,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   1,   2,   4,   5,   0,   49,  53,  255, 218, 0,   8,
    1,   1,   0,   1,   5,   2,   174, 128, 168, 134, 222, 8,   203, 222, 64,  215, 255, 196, 0,   24,  17,
    0,   2,   3,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   1,   2,   0,   17,  97,
    255, 218, 0,   8,   1,   3,   1,   1,   63,  1,   101, 160, 54,  127, 255, 196, 0,   21,  17,  1,   1,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   65,  255, 218, 0,   8,   1,
    2,   1,   1,   63,  1,   175, 255, 196, 0,   30,  16,  0,   2,   1,   3,   5,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   1,   2,   0,   3,   17,  33,  4,   18,  97,  115, 161, 255, 218, 0,   8,
    1,   1,   0,   6,   63,  2,   220, 246, 85,  25,  36,  203, 10,  90,  134, 228, 40,  207, 177, 123, 4,
    19,  255, 196, 0,   28,  16,  1,   0,   2,   2,   3,   1,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    0,   1,   0,   17,  33,  81,  49,  97,  161, 240, 255, 218, 0,   8,   1,   1,   0,   1,   63,  33,  194,
    163, 224, 128, 220, 93,  0,   96,  170, 236, 93,  167, 203, 211, 60,  211, 255, 218, 0,   12,  3,   1,
    0,   2,   0,   3,   0,   0,   0,   16,  223, 255, 196, 0,   25,  17,  0,   2,   3,   1,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   1,   17,  0,   81,  161, 193, 255, 218, 0,   8,   1,   3,
    1,   1,   63,  16,  100, 163, 210, 57,  63,  255, 196, 0,   23,  17,  1,   1,   1,   1,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   1,   240, 17,  81,  255, 218, 0,   8,   1,   2,   1,   1,
    63,  16,  21,  92,  42,  207, 255, 196, 0,   28,  16,  1,   0,   2,   1,   5,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   1,   0,   17,  33,  16,  49,  65,  81,  161, 255, 218, 0,   8,   1,   1,
    0,   1,   63,  16,  101, 124, 213, 6,   45,  75,  128, 14,  98,  21,  180, 4,   12,  20,  52,  119, 44,
    30,  195, 74,  190, 4,   255, 217};

static void check_jpeg(const uint8_t *bytes, size_t count, size_t channels) {
    struct image image;
    nudge_error error = {0};
    if (decode(&image, bytes, count, &error)) fail_msg("%s", error.message);
    assert_true(image.height == 9 && image.width == 10 && image.channels == channels);
    for (size_t y = 0; y < 9; y++)
        for (size_t x = 0; x < 10; x++)
            for (size_t c = 0; c < channels; c++) {
                int expected = (int)(uint8_t)(20 * y + 6 * (x * channels + c));
                if (20 * y + 6 * (x * channels + c) > 200) continue; /* where it jumps back to 0, it rings */
                assert_in_range(image.pixels[(y * 10 + x) * channels + c] + 40 - expected, 0, 80);
            }
    image_release(&image, &allocator);
    for (size_t cut = 3; cut < count; cut++) {
        error = (nudge_error){0};
        nudge_status status = decode(&image, bytes, cut, &error);
        if (cut < count - 2 || status) expect_error(status, NUDGE_BAD_INPUT, &error, "", NULL);
        if (status && cut > count - 20 && !strstr(error.message, "are cut short"))
            fail_msg("%s", error.message);
        image_release(&image, &allocator);
    }
}

static void jpeg_is_read(void **state) {
    (void)state;
    check_jpeg(grey_jpeg, sizeof grey_jpeg, 1);
    check_jpeg(colour_jpeg, sizeof colour_jpeg, 3);
    check_jpeg(progressive_jpeg, sizeof progressive_jpeg, 3);
}

/* Where the frame's header stands: marker, length, depth, height, width. */
static size_t frame_of(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i + 9 < count; i++)
        if (bytes[i] == 0xFF && bytes[i + 1] == 0xC0) return i;
    fail_msg("no frame");
    return 0;
}

static void wrong_jpeg_is_refused(void **state) {
    (void)state;
    uint8_t bytes[sizeof grey_jpeg];
    memcpy(bytes, grey_jpeg, sizeof bytes);
    size_t frame = frame_of(bytes, sizeof bytes);
    bytes[frame + 5] = bytes[frame + 7] = 0xFF;
    expect_refused(bytes, sizeof bytes, "expected at most 67108864 pixels in all");
    bytes[frame + 5] = bytes[frame + 7] = 0x04;
    expect_refused(bytes, sizeof bytes, "is cut short: its bytes hold at most ");
    bytes[frame + 5] = bytes[frame + 7] = 0x01;
    expect_refused(bytes, sizeof bytes, "the JPEG data are cut short");
    bytes[frame + 5] = bytes[frame + 6] = 0;
    expect_refused(bytes, sizeof bytes, "the JPEG data are damaged: ");
    expect_refused("\xFF\xD8\xFF\xD9", 4, "the JPEG data are damaged: ");
}

/* 1x1 pixels: each component in a scan of its own; four inks. */
static const uint8_t scans_jpeg[] = {
    255, 216, 255, 219, 0,  67,  0,   8,  6,   6,   7,  6,  5,  8,  7,  7,  7,   9,   9,  8,  10, 12,
    20,  13,  12,  11,  11, 12,  25,  18, 19,  15,  20, 29, 26, 31, 30, 29, 26,  28,  28, 32, 36, 46,
    39,  32,  34,  44,  35, 28,  28,  40, 55,  41,  44, 48, 49, 52, 52, 52, 31,  39,  57, 61, 56, 50,
    60,  46,  51,  52,  50, 255, 219, 0,  67,  1,   9,  9,  9,  12, 11, 12, 24,  13,  13, 24, 50, 33,
    28,  33,  50,  50,  50, 50,  50,  50, 50,  50,  50, 50, 50, 50, 50, 50, 50,  50,  50, 50, 50, 50,
    50,  50,  50,  50,  50, 50,  50,  50, 50,  50,  50, 50, 50, 50, 50, 50, 50,  50,  50, 50, 50, 50,
    50,  50,  50,  50,  50, 50,  50,  50, 255, 192, 0,  17, 8,  0,  1,  0,  1,   3,   1,  34, 0,  2,
    17,  1,   3,   17,  1,  255, 196, 0,  20,  0,   1,  0,  0,  0,  0,  0,  0,   0,   0,  0,  0,  0,
    0,   0,   0,   0,   3,  255, 196, 0,  20,  16,  1,  0,  0,  0,  0,  0,  0,   0,   0,  0,  0,  0,
    0,   0,   0,   0,   0,  255, 218, 0,  8,   1,   1,  0,  0,  63, 0,  55, 255, 196, 0,  20, 1,  1,
    0,   0,   0,   0,   0,  0,   0,   0,  0,   0,   0,  0,  0,  0,  0,  6,  255, 196, 0,  20, 17, 1,
    0,   0,   0,   0,   0,  0,   0,   0,  0,   0,   0,  0,  0,  0,  0,  0,  255, 218, 0,  8,  1,  2,
    17,  0,   63,  0,   52, 255, 196, 0,  20,  1,   1,  0,  0,  0,  0,  0,  0,   0,   0,  0,  0,  0,
    0,   0,   0,   0,   6,  255, 196, 0,  20,  17,  1,  0,  0,  0,  0,  0,  0,   0,   0,  0,  0,  0,
    0,   0,   0,   0,   0,  255, 218, 0,  8,   1,   3,  17, 0,  63, 0,  96, 255, 217};
static const uint8_t cmyk_jpeg[] = {
    255, 216, 255, 238, 0,  14, 65, 100, 111, 98, 101, 0,  100, 0,   0,   0,   0,  0,   255, 219, 0,  67, 0,
    8,   6,   6,   7,   6,  5,  8,  7,   7,   7,  9,   9,  8,   10,  12,  20,  13, 12,  11,  11,  12, 25, 18,
    19,  15,  20,  29,  26, 31, 30, 29,  26,  28, 28,  32, 36,  46,  39,  32,  34, 44,  35,  28,  28, 40, 55,
    41,  44,  48,  49,  52, 52, 52, 31,  39,  57, 61,  56, 50,  60,  46,  51,  52, 50,  255, 192, 0,  20, 8,
    0,   1,   0,   1,   4,  67, 17, 0,   77,  17, 0,   89, 17,  0,   75,  17,  0,  255, 196, 0,   22, 0,  1,
    1,   1,   0,   0,   0,  0,  0,  0,   0,   0,  0,   0,  0,   0,   0,   7,   5,  8,   255, 196, 0,  20, 16,
    1,   0,   0,   0,   0,  0,  0,  0,   0,   0,  0,   0,  0,   0,   0,   0,   0,  255, 218, 0,   14, 4,  67,
    0,   77,  0,   89,  0,  75, 0,  0,   63,  0,  72,  67, 24,  179, 251, 255, 217};

/* Repeats the last scan: a file that keeps its reader busy. */
static void scans_are_counted(void **state) {
    (void)state;
    uint8_t bytes[8192];
    size_t last = sizeof scans_jpeg - 1, count;
    while (scans_jpeg[last - 1] != 0xFF || scans_jpeg[last] != 0xDA) last--;
    size_t scan = sizeof scans_jpeg - 2 - --last; /* without the end of the image */
    memcpy(bytes, scans_jpeg, last);
    count = last;
    for (size_t i = 0; i < 98; i++, count += scan) memcpy(bytes + count, scans_jpeg + last, scan);
    memcpy(bytes + count, "\xFF\xD9", 2);
    expect_pixels(bytes, count + 2, 1, 1, 3, NULL);
    for (size_t i = 0; i < 3; i++, count += scan) memcpy(bytes + count, scans_jpeg + last, scan);
    memcpy(bytes + count, "\xFF\xD9", 2);
    expect_refused(bytes, count + 2, "the JPEG data have more than 100 scans, expected one image");
}

static void rare_jpeg_is_not_supported(void **state) {
    (void)state;
    struct image image;
    nudge_error error = {0};
    expect_error(decode(&image, cmyk_jpeg, sizeof cmyk_jpeg, &error), NUDGE_UNSUPPORTED, &error,
                 "a JPEG in neither grey nor RGB, as CMYK for printing is", NULL);
    uint8_t arithmetic[sizeof grey_jpeg];
    memcpy(arithmetic, grey_jpeg, sizeof arithmetic);
    arithmetic[frame_of(arithmetic, sizeof arithmetic) + 1] = 0xC9;
    error = (nudge_error){0};
    expect_error(decode(&image, arithmetic, sizeof arithmetic, &error), NUDGE_UNSUPPORTED, &error,
                 "a JPEG with arithmetic coding is not read", NULL);
}

/* -- memory -- */

static void every_failing_allocation_is_told(void **state) {
    (void)state;
    struct png png = png_begin(1, 2, 8, 4, 0);
    png_end(&png, "\0abcd", 5);
    nudge_status status = NUDGE_NO_MEMORY;
    for (size_t at = 1; status; at++) {
        struct image image;
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = at;
        status = decode(&image, png.bytes, png.count, &error);
        if (status) expect_error(status, NUDGE_NO_MEMORY, &error, "", NULL);
        if (!status) assert_true(at > 3);
        image_release(&image, &allocator);
        assert_int_equal(accounts.live_blocks, 0);
    }
}

/* -- images made alike -- */

static void expect_fit(size_t height, size_t width, size_t channels, const uint8_t *pixels,
                       struct image_form form, const uint8_t *expected) {
    uint8_t copy[64], out[64];
    memcpy(copy, pixels, height * width * channels);
    struct image image = {height, width, channels, copy, 0};
    image_fit(&image, &form, out);
    assert_memory_equal(out, expected, image_form_bytes(&form));
}

static void grey_is_luma(void **state) {
    (void)state;
    struct image_form grey = {1, 4, false, false}, colour = {1, 2, true, true};
    expect_fit(1, 4, 3, PIXELS(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255), grey,
               PIXELS(76, 150, 29, 255));
    expect_fit(1, 2, 1, PIXELS(0, 200), colour, PIXELS(255, 255, 255, 55, 55, 55));
}

static void shorter_sides_are_averaged(void **state) {
    (void)state;
    struct image_form half = {1, 2, false, false}, odd = {1, 2, false, false};
    expect_fit(2, 4, 1, PIXELS(0, 10, 100, 100, 20, 30, 100, 101), half, PIXELS(15, 100));
    /* 3 to 2: a pixel and a half each */
    expect_fit(1, 3, 1, PIXELS(30, 60, 90), odd, PIXELS(40, 80));
}

static void longer_sides_are_interpolated(void **state) {
    (void)state;
    struct image_form twice = {1, 4, false, false}, tall = {4, 1, false, false}, both = {2, 1, false, true};
    expect_fit(1, 2, 1, PIXELS(0, 100), twice, PIXELS(0, 25, 75, 100));
    expect_fit(1, 1, 1, PIXELS(7), tall, PIXELS(7, 7, 7, 7));
    expect_fit(1, 2, 1, PIXELS(10, 20), both, PIXELS(240, 240));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_text_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_kinds_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(png_of_every_kind_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_shines_through_lies_on_white, set_up, tear_down),
        cmocka_unit_test_setup_teardown(palettes_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_chunks_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_png_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_jpeg_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scans_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rare_jpeg_is_not_supported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_failing_allocation_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(grey_is_luma, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shorter_sides_are_averaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(longer_sides_are_interpolated, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
