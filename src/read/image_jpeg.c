/* JPEG by libjpeg, which says its failures through struct jpeg_error_mgr and ends by longjmp; what must outlive that
 * stands in struct jpeg_work. What it only warns of but costs pixels (data that end early or are damaged) is a failure
 * here. libjpeg takes its own memory, up to a limit that follows from the image's size. */
#include "base/library.h"
#include "base/show.h"
#include "base/status.h"
#include "read/image.h"

#include <setjmp.h>
#include <stdio.h> /* for jpeglib.h */
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* The library's functions that are called here: see base/library.h. */
#define JPEG_CALLS(CALL)                                                                                     \
    CALL(CreateDecompress)                                                                                   \
    CALL(destroy_decompress)                                                                                 \
    CALL(finish_decompress)                                                                                  \
    CALL(mem_src) CALL(read_header) CALL(read_scanlines) CALL(start_decompress) CALL(std_error)
#define MEMBER(name) __typeof__(jpeg_##name) *name;
#define NAME(name) "jpeg_" #name,
static struct { JPEG_CALLS(MEMBER) } lib;
static const char *const names[] = {JPEG_CALLS(NAME)};
static struct library library = {NUDGE_JPEG, names, sizeof names / sizeof *names, &lib, 0};

enum {
    /* Huffman codes have a bit at least, a block 8x8 pixels or, with the coarsest sampling, 4 times as many. */
    MOST_PIXELS_A_BYTE = 8 * 64 * 4,
    MOST_SCANS = 100,     /* files that are made to keep a reader busy have thousands */
    SAMPLE_BYTES = 2 * 4, /* a progressive image is held whole: 2 bytes a coefficient, up to 4 components */
    OWN_BYTES = 16 << 20, /* tables and rows */
    COLOUR_CHANNELS = 3,
};

struct jpeg_work {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    const nudge_allocator *allocator;
    const unsigned char *bytes;
    size_t count;
    const char *path;
    struct image *image;
    nudge_status status;
    nudge_error *error;
};

/* -- what libjpeg says -- */

static void fail(j_common_ptr jpeg) {
    struct jpeg_work *work = jpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    int code = jpeg->err->msg_code;
    jpeg->err->format_message(jpeg, text);
    if (code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE)
        work->status = error_no_memory(work->error, work->count, "decoding JPEG");
    else if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JERR_INPUT_EOF ||
             code == JERR_INPUT_EMPTY)
        work->status = error_set(work->error, NUDGE_BAD_INPUT, "%s: the JPEG data are cut short",
                                 shown(work->path).text);
    else
        work->status = error_set(work->error, NUDGE_BAD_INPUT, "%s: the JPEG data are damaged: %s",
                                 shown(work->path).text, shown(text).text);
    longjmp(work->failed, 1);
}

/* Cameras write bytes between the markers, and applications notes of their own, which cost no pixel. */
static bool is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
}

static void hear(j_common_ptr jpeg, int level) {
    if (level < 0 && !is_harmless(jpeg->err->msg_code)) fail(jpeg);
}

static void keep_quiet(j_common_ptr jpeg) {
    (void)jpeg;
}

static void refuse_jpeg(struct jpeg_work *work, nudge_status status, const char *what) {
    work->status = error_set(work->error, status, "%s: %s", shown(work->path).text, what);
    longjmp(work->failed, 1);
}

static void count_scans(j_common_ptr jpeg) {
    struct jpeg_work *work = jpeg->client_data;
    if (work->jpeg.input_scan_number > MOST_SCANS)
        refuse_jpeg(work, NUDGE_BAD_INPUT, "the JPEG data have more than 100 scans, expected one image");
}

/* -- the steps, each of which may end by longjmp -- */

static void check_jpeg(struct jpeg_work *work) {
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    lib.read_header(jpeg, TRUE);
    if (jpeg->arith_code) refuse_jpeg(work, NUDGE_UNSUPPORTED, "a JPEG with arithmetic coding is not read");
    bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE,
         colour = jpeg->jpeg_color_space == JCS_YCbCr || jpeg->jpeg_color_space == JCS_RGB;
    if (!grey && !colour)
        refuse_jpeg(work, NUDGE_UNSUPPORTED, "a JPEG in neither grey nor RGB, as CMYK for printing is");
    uint64_t most = (uint64_t)work->count * MOST_PIXELS_A_BYTE;
    work->status = image_check_size(jpeg->image_height, jpeg->image_width, most, work->path, work->error);
    if (work->status) longjmp(work->failed, 1);
    jpeg->mem->max_memory_to_use =
        (long)jpeg->image_height * (long)jpeg->image_width * SAMPLE_BYTES + OWN_BYTES;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW; /* whole numbers: the same pixels everywhere */
}

static void read_pixels(struct jpeg_work *work) {
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    size_t channels = jpeg->out_color_space == JCS_RGB ? COLOUR_CHANNELS : 1;
    work->status = image_allocate(work->image, work->allocator, jpeg->image_height, jpeg->image_width,
                                  channels, work->path, work->error);
    if (work->status) longjmp(work->failed, 1);
    lib.start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = work->image->pixels + jpeg->output_scanline * work->image->width * channels;
        lib.read_scanlines(jpeg, &row, 1);
    }
    lib.finish_decompress(jpeg);
}

static void decode_jpeg(struct jpeg_work *work) {
    if (setjmp(work->failed)) return;
    lib.CreateDecompress(&work->jpeg, JPEG_LIB_VERSION, sizeof work->jpeg);
    work->jpeg.client_data = work;
    work->jpeg.progress = &work->progress;
    lib.mem_src(&work->jpeg, work->bytes, work->count);
    check_jpeg(work);
    read_pixels(work);
}

nudge_status image_decode_jpeg(struct image *image, const nudge_allocator *allocator,
                               const unsigned char *bytes, size_t count, const char *path,
                               nudge_error *error) {
    nudge_status status = library_load(&library, path, error);
    if (status) return status;
    struct jpeg_work work = {.allocator = allocator,
                             .bytes = bytes,
                             .count = count,
                             .path = path,
                             .image = image,
                             .error = error,
                             .progress.progress_monitor = count_scans};
    work.jpeg.err = lib.std_error(&work.errors);
    work.jpeg.client_data = &work; /* jpeg_create_decompress keeps it */
    work.errors.error_exit = fail;
    work.errors.emit_message = hear;
    work.errors.output_message = keep_quiet;
    decode_jpeg(&work);
    lib.destroy_decompress(&work.jpeg);
    return work.status;
}
