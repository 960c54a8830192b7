/* PNG by libpng. Its memory comes from the context's allocator; it ends by longjmp when it fails, and what must outlive
 * that stands in struct png_work. Chunks that do not say what the pixels are (text, times, colour profiles) are passed
 * over unread, so that none of them can cost anything. */
#include "base/library.h"
#include "base/show.h"
#include "base/status.h"
#include "read/image.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

/* The library's functions that are called here: see base/library.h. */
#define PNG_CALLS(CALL)                                                                                      \
    CALL(create_info_struct)                                                                                 \
    CALL(create_read_struct_2)                                                                               \
    CALL(destroy_read_struct)                                                                                \
    CALL(error)                                                                                              \
    CALL(get_IHDR) CALL(get_channels) CALL(get_error_ptr) CALL(get_image_height) CALL(get_image_width)       \
        CALL(get_io_ptr) CALL(get_mem_ptr) CALL(get_rowbytes) CALL(read_end) CALL(read_info) CALL(read_row)  \
            CALL(read_update_info) CALL(set_expand) CALL(set_interlace_handling)                             \
                CALL(set_keep_unknown_chunks) CALL(set_read_fn) CALL(set_scale_16) CALL(set_user_limits)
#define MEMBER(name) __typeof__(png_##name) *name;
#define NAME(name) "png_" #name,
static struct { PNG_CALLS(MEMBER) } lib;
static const char *const names[] = {PNG_CALLS(NAME)};
static struct library library = {NUDGE_PNG, names, sizeof names / sizeof *names, &lib, 0};

enum { DEFLATE_RATIO = 1032, FULL = 255, MOST_SIDE = 0x7FFFFFFF };

struct png_work {
    jmp_buf failed;
    const nudge_allocator *allocator;
    const unsigned char *bytes;
    size_t at, count;
    const char *path;
    struct image *image;
    png_structp png;
    png_infop info;
    int passes; /* of an interlaced image */
    bool no_memory;
    nudge_status status; /* of a failure that has its sentence */
    nudge_error *error;
};

/* -- what libpng asks for -- */

/* The size of a block stands in front of it, as libpng does not say it when it gives one back. */
static png_voidp allocate(png_structp png, png_alloc_size_t wanted) {
    struct png_work *work = lib.get_mem_ptr(png);
    size_t bytes;
    unsigned char *block =
        size_add(&bytes, wanted, MEMORY_ALIGNMENT) ? memory_get(work->allocator, bytes) : NULL;
    if (!block) {
        work->no_memory = true;
        return NULL;
    }
    memcpy(block, &bytes, sizeof bytes);
    return block + MEMORY_ALIGNMENT;
}

static void release_png(png_structp png, png_voidp memory) {
    struct png_work *work = lib.get_mem_ptr(png);
    size_t bytes;
    if (!memory) return;
    unsigned char *block = (unsigned char *)memory - MEMORY_ALIGNMENT;
    memcpy(&bytes, block, sizeof bytes);
    memory_release(work->allocator, block, bytes);
}

static void fail(png_structp png, png_const_charp sentence) {
    struct png_work *work = lib.get_error_ptr(png);
    if (work->no_memory)
        work->status = error_no_memory(work->error, work->count, "decoding PNG");
    else if (!work->status)
        work->status = error_set(work->error, NUDGE_BAD_INPUT, "%s: the PNG data are damaged: %s",
                                 shown(work->path).text, shown(sentence).text);
    longjmp(work->failed, 1);
}

static void ignore_warning(png_structp png, png_const_charp sentence) {
    (void)png;
    (void)sentence;
}

static void deliver(png_structp png, png_bytep bytes, size_t count) {
    struct png_work *work = lib.get_io_ptr(png);
    if (count > work->count - work->at) {
        work->status = error_set(work->error, NUDGE_BAD_INPUT, "%s: the PNG data are cut short at byte %zu",
                                 shown(work->path).text, work->count);
        longjmp(work->failed, 1);
    }
    memcpy(bytes, work->bytes + work->at, count);
    work->at += count;
}

/* -- the steps, each of which may end by longjmp -- */

static void start_png(struct png_work *work) {
    work->png = lib.create_read_struct_2(PNG_LIBPNG_VER_STRING, work, fail, ignore_warning, work, allocate,
                                         release_png);
    if (work->png) work->info = lib.create_info_struct(work->png);
    if (!work->info) {
        work->status = error_no_memory(work->error, sizeof(struct png_work), "decoding PNG");
        longjmp(work->failed, 1);
    }
    lib.set_read_fn(work->png, work, deliver);
    lib.set_user_limits(work->png, MOST_SIDE, MOST_SIDE);
    lib.set_keep_unknown_chunks(work->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

static void check_png(struct png_work *work) {
    png_uint_32 width, height;
    int depth, colour;
    lib.read_info(work->png, work->info);
    lib.get_IHDR(work->png, work->info, &width, &height, &depth, &colour, NULL, NULL, NULL);
    uint64_t bits = (uint64_t)work->count * DEFLATE_RATIO * 8;
    uint64_t pixel = (uint64_t)depth * lib.get_channels(work->png, work->info);
    work->status = image_check_size(height, width, bits / pixel, work->path, work->error);
    if (work->status) longjmp(work->failed, 1);
}

static void read_pixels(struct png_work *work) {
    size_t height = lib.get_image_height(work->png, work->info),
           width = lib.get_image_width(work->png, work->info),
           channels = lib.get_channels(work->png, work->info);
    if (lib.get_rowbytes(work->png, work->info) != width * channels)
        lib.error(work->png, "rows of another length");
    work->status =
        image_allocate(work->image, work->allocator, height, width, channels, work->path, work->error);
    if (work->status) longjmp(work->failed, 1);
    for (int pass = 0; pass < work->passes; pass++)
        for (size_t y = 0; y < height; y++)
            lib.read_row(work->png, work->image->pixels + y * width * channels, NULL);
    lib.read_end(work->png, NULL);
}

static void decode_png(struct png_work *work) {
    if (setjmp(work->failed)) return;
    start_png(work);
    check_png(work);
    /* every pixel becomes 8 bits of grey, grey and alpha, colour, or colour and alpha */
    lib.set_expand(work->png);
    lib.set_scale_16(work->png);
    work->passes = lib.set_interlace_handling(work->png);
    lib.read_update_info(work->png, work->info);
    read_pixels(work);
}

/* -- alpha -- */

/* Lays what shines through on white; in place, as pixels only become shorter. */
static void compose(struct image *image) {
    size_t colours = image->channels - 1, pixels = image->height * image->width;
    const uint8_t *from = image->pixels;
    uint8_t *to = image->pixels;
    for (size_t i = 0; i < pixels; i++, from += colours + 1) {
        unsigned alpha = from[colours];
        for (size_t c = 0; c < colours; c++)
            *to++ = (uint8_t)((from[c] * alpha + FULL * (FULL - alpha) + FULL / 2) / FULL);
    }
    image->channels = colours;
}

nudge_status image_decode_png(struct image *image, const nudge_allocator *allocator,
                              const unsigned char *bytes, size_t count, const char *path,
                              nudge_error *error) {
    nudge_status status = library_load(&library, path, error);
    if (status) return status;
    struct png_work work = {
        .allocator = allocator, .bytes = bytes, .count = count, .path = path, .image = image, .error = error};
    decode_png(&work);
    lib.destroy_read_struct(&work.png, &work.info, NULL);
    if (!work.status && image->channels % 2 == 0) compose(image);
    return work.status;
}
