/* One image file as a row: nudge_image_read, and a set of this row alone. */
#include "base/context.h"
#include "base/show.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "data/data.h"
#include "net/net.h"
#include "read/image_fit.h"
#include "read/image_set.h"

#include <string.h>

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

/* -- a set of one row -- */

bool image_side_of_net(const nudge_net *net, bool colour, size_t *side) {
    size_t pixels = net ? net->inputs / (colour ? 3 : 1) : 0, root = 0;
    while (root * root < pixels) root++;
    if (!pixels || root * root != pixels) return false;
    *side = root;
    return true;
}

/* The class that options->truth names, of the net's labels, or a number; -1: none is given. */
static nudge_status find_truth(const nudge_data_options *options, size_t classes, int32_t *label,
                               nudge_error *error) {
    uint64_t number;
    *label = -1;
    if (!options->truth) return NUDGE_OK;
    for (size_t c = 0; options->net && c < options->net->label_count; c++)
        if (strcmp(options->net->labels[c], options->truth) == 0) *label = (int32_t)c;
    const char *end = text_parse_count(options->truth, classes - 1, &number);
    if (*label < 0 && end && *end == 0) *label = (int32_t)number;
    if (*label >= 0) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT,
                     "class \"%s\": expected one of the network's, or a number from 0 to %zu",
                     shown(options->truth).text, classes - 1);
}

nudge_status image_file_open(nudge_context *context, const char *path, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    const nudge_net *net = options->net;
    size_t classes = net && net->label_count ? net->label_count : 2;
    struct image_form form = {options->height, options->width, options->colour, options->invert};
    struct image image;
    int32_t label;
    nudge_status status = find_truth(options, classes, &label, error);
    if (!status && label < 0 && !options->unlabelled)
        status = error_set(
            error, NUDGE_BAD_INPUT,
            "%s: an image alone does not say its class: give it (--truth CLASS), or a folder of images "
            "for each class",
            shown(path).text);
    if (!status) status = image_read(&image, &context->allocator, path, error);
    if (status) return status;
    if (!form.height && image_side_of_net(net, form.colour, &form.height)) form.width = form.height;
    if (!form.height) form.height = image.height, form.width = image.width;
    struct data_shape shape = {
        .type = NUDGE_TYPE_U8, .features = image_form_bytes(&form), .classes = classes};
    if (!form.colour) shape.height = form.height, shape.width = form.width;
    nudge_data *made = NULL;
    status = data_allocate(context, &shape, (struct data_room){1, false}, (struct data_room){0, false},
                           shown(name).text, &made, error);
    if (!status) {
        image_fit(&image, &form, made->train.values);
        made->train.labels[0] = label;
        made->unlabelled = label < 0;
        status = data_add_file(made, path, error);
    }
    if (!status) status = data_finish(made, error);
    image_release(&image, &context->allocator);
    if (status)
        nudge_data_free(made);
    else
        *data = made;
    return status;
}
