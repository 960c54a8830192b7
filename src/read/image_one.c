/* One image file as a row: nudge_image_read. */
#include "base/context.h"
#include "base/options.h"
#include "base/show.h"
#include "base/status.h"
#include "read/image_fit.h"

nudge_status nudge_image_read(nudge_context *context, const char *path, const nudge_data_options *options,
                              size_t height, size_t width, float *pixels, nudge_error *error) {
    if (missing(error, context, path, pixels)) return NUDGE_BAD_ARGUMENT;
    nudge_data_options chosen = NUDGE_DATA_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "data options: struct_size is not set; begin with NUDGE_DATA_OPTIONS");
    if (!height || !width || height > IMAGE_MOST_PIXELS / width)
        return error_set(error, NUDGE_BAD_ARGUMENT, "an image of %zux%zu, expected 1x1 to %d pixels", height,
                         width, IMAGE_MOST_PIXELS);
    struct image_form form = {height, width, chosen.colour, chosen.invert};
    size_t count = image_form_bytes(&form);
    struct image image;
    nudge_status status = image_read(&image, &context->allocator, path, error);
    if (status) return status;
    uint8_t *bytes = memory_get(&context->allocator, count);
    if (bytes) {
        image_fit(&image, &form, bytes);
        for (size_t i = 0; i < count; i++) pixels[i] = bytes[i];
    } else {
        status = error_no_memory(error, count, shown(path).text);
    }
    memory_release(&context->allocator, bytes, count);
    image_release(&image, &context->allocator);
    return status;
}
