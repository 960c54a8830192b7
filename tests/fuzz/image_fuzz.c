/* Fuzzes the image decoders, each by the bytes that a file begins with: any bytes become a whole image or are refused with
 * a sentence; memory is all given back and bounded by the number of bytes; the same bytes give the same pixels; an image
 * fits into any form. */
#include "fuzz/fuzz.h"
#include "read/image_fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { OWN = 16 << 20, A_BYTE = 40000 /* pixels of 4 channels of 1 bit, packed 1032 times */ };

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

struct accounts {
    size_t live, peak;
};

static void *take(void *user, size_t bytes) {
    struct accounts *accounts = user;
    accounts->live += bytes;
    if (accounts->live > accounts->peak) accounts->peak = accounts->live;
    return malloc(bytes);
}

static void give(void *user, void *memory, size_t bytes) {
    struct accounts *accounts = user;
    accounts->live -= bytes;
    free(memory);
}

static uint32_t sum_of(const uint8_t *bytes, size_t count) {
    uint32_t sum = 1;
    for (size_t i = 0; i < count; i++) sum = sum * 31 + bytes[i];
    return sum;
}

static void fit(struct image *image, size_t height, size_t width, bool colour) {
    struct image_form form = {height, width, colour, false};
    size_t count = image_form_bytes(&form);
    uint8_t *out = malloc(count);
    require(out != NULL, "there is memory");
    bool same = image->channels == (colour ? 3 : 1) && image->height == height && image->width == width;
    image_fit(image, &form, out);
    require(!same || memcmp(out, image->pixels, count) == 0, "an image that has the form stays as it is");
    free(out);
}

/* The sum of the pixels; 0 when the bytes are refused. */
static uint32_t decode(const uint8_t *bytes, size_t size, bool fits) {
    struct accounts accounts = {0};
    nudge_allocator allocator = {take, give, &accounts};
    struct image image;
    nudge_error error = {0};
    nudge_status status = image_decode(&image, &allocator, bytes, size, "fuzz", &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(accounts.peak <= OWN + size * A_BYTE, "memory is bounded by the bytes");
    uint32_t sum = 0;
    if (!status) {
        require(image.height > 0 && image.width > 0 && (image.channels == 1 || image.channels == 3) &&
                    image.height <= IMAGE_MOST_PIXELS / image.width,
                "sizes are in range");
        size_t count = image.height * image.width * image.channels;
        require(count <= image.bytes, "pixels lie in their block");
        sum = sum_of(image.pixels, count) | 1;
        if (fits && count < 10000) {
            fit(&image, image.height, image.width, true);
            fit(&image, 3, image.width + 1, true);
            fit(&image, image.height + 5, 2, false);
            fit(&image, image.height, image.width, false);
        }
    }
    image_release(&image, &allocator);
    require(accounts.live == 0, "all memory is given back");
    return sum;
}

static uint32_t number_at(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Makes the checksums of a PNG's chunks right, so that mutations come further. */
static void seal(uint8_t *bytes, size_t size) {
    size_t at = 8;
    while (at < size && size - at >= 12 && number_at(bytes + at) <= size - at - 12) {
        size_t count = number_at(bytes + at) + 4; /* the chunk's kind, too */
        uint32_t sum = (uint32_t)crc32(0, bytes + at + 4, (uInt)count);
        for (unsigned i = 0; i < 4; i++) bytes[at + 4 + count + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += 8 + count;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size ? size : 1); /* a step beyond the end is seen */
    require(exact != NULL, "there is memory");
    memcpy(exact, bytes, size);
    uint32_t sum = decode(exact, size, true);
    require(decode(exact, size, false) == sum, "the same bytes give the same pixels");
    if (image_kind(exact, size) == IMAGE_PNG) {
        seal(exact, size);
        decode(exact, size, true);
    }
    free(exact);
    return 0;
}

/* 4x4 pixels: grey, with alpha, with a palette of 4 bits, 16 bits interlaced; and a grey and a coloured JPEG. */
static const uint8_t grey_png[] = {
    137, 80, 78,  71,  13,  10, 26,  10,  0,   0,   0,   13,  73,  72,  68,  82,  0,   0,   0,   4,   0,   0,
    0,   4,  8,   0,   0,   0,  0,   140, 154, 193, 162, 0,   0,   0,   28,  73,  68,  65,  84,  120, 218, 99,
    96,  96, 100, 98,  102, 96, 97,  101, 99,  103, 224, 224, 228, 226, 102, 224, 225, 229, 227, 7,   0,   3,
    32,  0,  121, 149, 251, 3,  150, 0,   0,   0,   0,   73,  69,  78,  68,  174, 66,  96,  130};
static const uint8_t alpha_png[] = {
    137, 80,  78,  71,  13,  10,  26,  10,  0,   0,   0,   13,  73,  72,  68,  82, 0,   0,   0,   4,   0,
    0,   0,   4,   8,   6,   0,   0,   0,   169, 241, 158, 126, 0,   0,   0,   65, 73,  68,  65,  84,  120,
    218, 13,  200, 33,  1,   192, 48,  12,  69,  193, 71,  191, 135, 169, 24,  42, 136, 140, 74,  136, 128,
    194, 40,  137, 134, 10,  136, 188, 129, 125, 112, 228, 0,   241, 90,  90,  27, 132, 35,  244, 100, 104,
    117, 104, 67,  57,  74,  43,  75,  167, 75,  23,  198, 49,  218, 57,  186, 61, 250, 126, 87,  99,  14,
    209, 23,  100, 88,  156, 0,   0,   0,   0,   73,  69,  78,  68,  174, 66,  96, 130};
static const uint8_t palette_png[] = {
    137, 80,  78, 71,  13,  10,  26, 10,  0,   0,   0,   13,  73,  72,  68,  82, 0,   0,   0,   4,   0,  0,
    0,   4,   4,  3,   0,   0,   0,  91,  223, 131, 77,  0,   0,   0,   12,  80, 76,  84,  69,  255, 0,  0,
    0,   255, 0,  0,   0,   255, 9,  9,   9,   92,  113, 126, 134, 0,   0,   0,  2,   116, 82,  78,  83, 255,
    128, 8,   15, 179, 106, 0,   0,  0,   13,  73,  68,  65,  84,  120, 218, 99, 96,  84,  102, 128, 33, 0,
    3,   40,  0,  145, 210, 101, 86, 148, 0,   0,   0,   0,   73,  69,  78,  68, 174, 66,  96,  130};
static const uint8_t wide_png[] = {
    137, 80,  78,  71, 13,  10, 26,  10,  0,   0,   0,   13,  73,  72,  68,  82, 0,   0,   0,   2,
    0,   0,   0,   2,  16,  2,  0,   0,   1,   218, 67,  118, 166, 0,   0,   0,  23,  73,  68,  65,
    84,  120, 218, 99, 96,  96, 100, 98,  102, 97,  101, 64,  161, 216, 216, 57, 56,  185, 184, 1,
    3,   110, 0,   97, 128, 32, 58,  236, 0,   0,   0,   0,   73,  69,  78,  68, 174, 66,  96,  130};
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

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const struct {
        const void *bytes;
        size_t count;
    } seeds[] = {
        {grey_png, sizeof grey_png},
        {alpha_png, sizeof alpha_png},
        {palette_png, sizeof palette_png},
        {wide_png, sizeof wide_png},
        {grey_jpeg, sizeof grey_jpeg},
        {colour_jpeg, sizeof colour_jpeg},
        {progressive_jpeg, sizeof progressive_jpeg},
        {"P2 # text\n3 2\n7\n0 1 2\n3 4 7\n", 28},
        {"P3\n1 2\n255\n255 0 0\n0 255 9\n", 27},
        {"P5\n2 2\n255\nabcd", 15},
        {"P6 1 1 65535\nabcdef", 19},
    };
    if (i >= sizeof seeds / sizeof *seeds) return 0;
    memcpy(bytes, seeds[i].bytes, seeds[i].count);
    return seeds[i].count;
}
