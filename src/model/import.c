/* Networks that another program trained: see nudge_net_import in nudge.h. Invariant: the file's header is checked as a whole
 * (import_header.h) before memory is taken for what it promises. */
#include "model/import_header.h"

#include "base/status.h"
#include "base/text.h"

#include <string.h>

enum { PORTION = 8192 /* bytes that are converted at once */ };

/* -- numbers, little-endian, of any type, as f32 -- */

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* sign 1, exponent 5 (bias 15), fraction 10: as f32 exactly. Numbers below 2^-14 are fraction 2^-24. */
static float half(uint32_t bits) {
    uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;
    if (exponent == 0) return (sign ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
    exponent = exponent == 31 ? 255 : exponent - 15 + 127;
    return float_of(sign | exponent << 23 | fraction << 13);
}

static float number_at(enum import_type type, const unsigned char *bytes) {
    uint64_t bits = little_endian(bytes, import_element(type));
    double wide;
    switch (type) {
    case IMPORT_F64: memcpy(&wide, &bits, sizeof wide); return (float)wide;
    case IMPORT_F16: return half((uint32_t)bits);
    case IMPORT_BF16: return float_of((uint32_t)bits << 16);
    default: return float_of((uint32_t)bits);
    }
}

static nudge_status read_tensor(struct file_reader *file, const struct import_tensor *tensor, nudge_net *net,
                                const struct net_tensor *to, nudge_error *error) {
    unsigned char bytes[PORTION];
    size_t element = import_element(tensor->type), got, done = 0, now;
    nudge_status status = file_reader_seek(file, tensor->begin, error);
    for (; !status && done < to->count; done += now) {
        now = to->count - done < PORTION / element ? to->count - done : PORTION / element;
        status = file_reader_read(file, bytes, now * element, &got, error);
        if (!status && got < now * element)
            status = error_set(error, NUDGE_BAD_INPUT, "%s: ended at byte %llu while it was read",
                               shown(file->path).text, (unsigned long long)file->position);
        for (size_t i = 0; !status && i < now; i++)
            net->parameters[tensor_place(to, done + i)] = number_at(tensor->type, bytes + i * element);
    }
    return status;
}

/* -- what is said -- */

static void remark(const nudge_context *context, const char *path, const char *sentence) {
    char text[512];
    if (!context->on_remark) return;
    text_append(text, sizeof text, 0, "%s: %s", shown(path).text, sentence);
    context->on_remark(context->user, text);
}

static void remark_on(const struct import_header *import, const nudge_context *context) {
    size_t biases = 0, linear = 0, of_type[IMPORT_TYPES] = {0}, left = import->tensors - import->taken;
    char text[256];
    for (size_t l = 0; l < import->count; l++) {
        const struct import_layer *layer = &import->layers[l];
        if (layer->normalises) continue;
        linear++;
        biases += layer->has[IMPORT_BIAS];
        of_type[layer->tensors[IMPORT_WEIGHT].type]++;
    }
    for (size_t t = IMPORT_F32 + 1; t < IMPORT_TYPES; t++) {
        if (!of_type[t]) continue;
        text_append(text, sizeof text, 0, "%zu of %zu layers are %s, and f32 here", of_type[t], linear,
                    import_type_name((enum import_type)t));
        remark(context, import->file->path, text);
    }
    if (biases < linear) {
        text_append(text, sizeof text, 0, "%zu of %zu layers have no biases: they begin with 0",
                    linear - biases, linear);
        remark(context, import->file->path, text);
    }
    if (left == 0 || left > import->tensors) return; /* a map may name one twice */
    text_append(text, sizeof text, 0, "%zu of %zu tensors are not in the map, and left out", left,
                import->tensors);
    remark(context, import->file->path, text);
}

/* -- the net -- */

/* "128, batch-norm, 10": linear layers. */
static nudge_status make_net(const struct import_header *import, nudge_context *context, nudge_net **net) {
    static const char normalised[] = ", batch-norm, identity"; /* longer than any number of neurons */
    size_t room = import->count * sizeof normalised + 1, used = 0;
    char *text = memory_get(import->allocator, room);
    if (!text) return error_no_memory(import->error, room, "the network's text");
    for (size_t l = 0; l < import->count; l++)
        used = import->layers[l].normalises ? text_append(text, room, used, "%s", normalised)
                                            : text_append(text, room, used, "%s%zu", l ? ", " : "",
                                                          import->layers[l].tensors[IMPORT_WEIGHT].outputs);
    nudge_status status =
        net_from_text(context, import->layers[0].tensors[IMPORT_WEIGHT].inputs, text, net, import->error);
    memory_release(import->allocator, text, room);
    return status;
}

/* Tensors stand in the net as they do in the list: weights, biases, and of a normalisation scale, shift, mean, variance. */
static nudge_status read_net(struct import_header *import, nudge_net *net) {
    struct file_reader *file = import->file;
    nudge_status status = NUDGE_OK;
    for (size_t l = 0, t = 0; !status && l < import->count; l++) {
        const struct import_layer *layer = &import->layers[l];
        size_t count = layer->normalises ? IMPORT_TENSORS : IMPORT_MEAN;
        for (size_t i = 0; !status && i < count; i++, t++)
            if (layer->has[i])
                status = read_tensor(file, &layer->tensors[i], net, &net->tensors[t], import->error);
    }
    if (status) return status;
    status = parameters_check(net, NUDGE_BAD_INPUT, import->error);
    return status ? error_in_file(import->error, status, file->path) : status;
}

static nudge_status take_tensors(struct import_header *import, nudge_context *context, const char *map,
                                 nudge_net **net) {
    nudge_status status = import_header_layers(import, map);
    if (!status) status = make_net(import, context, net);
    if (status) return error_in_file(import->error, status, import->file->path);
    status = read_net(import, *net);
    if (!status) {
        remark_on(import, context);
        return status;
    }
    nudge_net_free(*net);
    return status;
}

nudge_status nudge_net_import(nudge_context *context, const char *path, const char *map, nudge_net **net,
                              nudge_error *error) {
    if (missing(error, context, path, net)) return NUDGE_BAD_ARGUMENT;
    struct file_reader file;
    struct import_header import = {.allocator = NULL};
    nudge_net *made = NULL;
    nudge_status status = file_reader_open(&file, path, error);
    if (status) return status;
    if (header_has(&file, NULL) && !import_header_is(&file))
        status = error_set(error, NUDGE_BAD_INPUT,
                           "%s: is a file of nudge, expected a safetensors file of another program",
                           shown(path).text);
    if (!status) status = file_reader_seek(&file, 0, error);
    if (!status) status = import_header_open(&import, &file, &context->allocator, error);
    if (!status) status = take_tensors(&import, context, map, &made);
    import_header_close(&import);
    file_reader_close(&file);
    if (!status) *net = made;
    return status;
}

bool nudge_import_is(nudge_context *context, const char *path) {
    struct file_reader file;
    if (!context || !path || file_reader_open(&file, path, NULL)) return false;
    bool is = import_header_is(&file);
    file_reader_close(&file);
    return is;
}
