/* See tensors.h. The file of a network "2 relu, 2 softmax" on 2 inputs, as nudge train xor --hidden 2 makes it, byte by byte:
 *
 *        0  8 bytes: N, here 952, little-endian
 *        8  N bytes of JSON, blanks at its end: the header; of each tensor type, shape and data_offsets
 *      960  layers.1.weight, F32 [2][2]: data_offsets [0, 16], counted from here, a multiple of 64
 *      976  layers.1.bias, F32 [2]
 *      984  layers.2.weight, F32 [2][2]
 *     1000  layers.2.bias, F32 [2]; the file ends at 1008 */
#include "model/tensors.h"

#include "base/status.h"
#include "base/text.h"

#include <string.h>

enum { PORTION = 8192 /* bytes that pass through at once */ };

/* -- a tensor's numbers, as bytes and back -- */

static size_t element_of(const struct file_tensor *tensor) {
    return strcmp(tensor->dtype, "F32") == 0 ? 4 : 8;
}

static uint64_t count_of(const struct file_tensor *tensor) {
    uint64_t count = 1;
    for (size_t d = 0; d < tensor->dimensions; d++) count *= tensor->shape[d];
    return count;
}

/* Where the next number stands: number `number` of the net's tensor `tensor`; or of all. */
struct place {
    size_t tensor, number;
};

/* Numbers that follow each other at equal distances, in elements of the tensor. */
struct run {
    unsigned char *first;
    size_t stride, length;
};

/* The run at `place`, at most `most` numbers long, within one row; steps over it. In the file a weight's rows follow each
 * other, w[0][0] w[0][1] .. w[1][0] ..; in the block P = weight_panel(outputs) rows stand side by side, w[0][0] w[1][0] ..,
 * so that a row's numbers are P apart (weight_index in engine/engine.h). */
static struct run next_run(const struct file_tensor *tensor, struct place *place, size_t most) {
    size_t element = element_of(tensor);
    unsigned char *numbers = tensor->numbers;
    if (!tensor->net) {
        struct run run = {numbers + place->number * element, 1, most};
        place->number += most;
        return run;
    }
    const struct net_tensor *in = &tensor->net->tensors[place->tensor];
    size_t row_length = in->inputs ? in->inputs : in->outputs, left = row_length - place->number % row_length;
    struct run run = {numbers + tensor_place(in, place->number) * element,
                      in->inputs ? weight_panel(in->outputs) : 1, left < most ? left : most};
    place->number += run.length;
    if (place->number == in->count) *place = (struct place){place->tensor + 1, 0};
    return run;
}

static void to_bytes(const unsigned char *number, size_t element, unsigned char *bytes) {
    uint64_t wide = 0;
    uint32_t narrow = 0;
    if (element == sizeof wide)
        memcpy(&wide, number, sizeof wide);
    else
        memcpy(&narrow, number, sizeof narrow), wide = narrow;
    for (size_t b = 0; b < element; b++) bytes[b] = (unsigned char)(wide >> (8 * b));
}

static void from_bytes(unsigned char *number, size_t element, const unsigned char *bytes) {
    uint64_t wide = 0;
    for (size_t b = 0; b < element; b++) wide |= (uint64_t)bytes[b] << (8 * b);
    uint32_t narrow = (uint32_t)wide;
    if (element == sizeof wide)
        memcpy(number, &wide, sizeof wide);
    else
        memcpy(number, &narrow, sizeof narrow);
}

/* The next `count` numbers; `in`: bytes become numbers. */
static void pass(const struct file_tensor *tensor, struct place *place, size_t count, unsigned char *bytes,
                 bool in) {
    size_t element = element_of(tensor);
    while (count > 0) {
        struct run run = next_run(tensor, place, count);
        for (size_t i = 0; i < run.length; i++, bytes += element) {
            unsigned char *number = run.first + i * run.stride * element;
            if (in)
                from_bytes(number, element, bytes);
            else
                to_bytes(number, element, bytes);
        }
        count -= run.length;
    }
}

/* -- lists -- */

static bool tensor_of_net(const void *of, size_t i, struct file_tensor *tensor) {
    const nudge_net *net = of;
    if (i >= net->tensor_count) return false;
    const struct net_tensor *is = &net->tensors[i];
    *tensor = (struct file_tensor){.dtype = "F32",
                                   .dimensions = is->inputs ? 2 : 1,
                                   .shape = {is->outputs, is->inputs},
                                   .numbers = net->parameters,
                                   .net = net,
                                   .first = i,
                                   .end = i + 1};
    text_append(tensor->name, sizeof tensor->name, 0, "%s", tensor_name(is).text);
    return true;
}

struct tensors tensors_of_net(const nudge_net *net) {
    return (struct tensors){tensor_of_net, net};
}

struct file_tensor tensor_of_block(const nudge_net *net, const char *name, float *block) {
    struct file_tensor tensor = {.dtype = "F32",
                                 .dimensions = 1,
                                 .shape = {net->parameter_count + net->state_count},
                                 .numbers = block,
                                 .net = net,
                                 .end = net->tensor_count};
    text_append(tensor.name, sizeof tensor.name, 0, "%s", name);
    return tensor;
}

/* -- saving -- */

/* Into the hash, the file or the memory. */
struct sink {
    struct sha256_ctx *hash;
    nudge_file *file;
    unsigned char *memory;
};

static nudge_status put_bytes(struct sink *sink, const unsigned char *bytes, size_t count,
                              nudge_error *error) {
    if (sink->hash) sha256_update(sink->hash, count, bytes);
    if (sink->memory) {
        memcpy(sink->memory, bytes, count);
        sink->memory += count;
    }
    return sink->file ? nudge_file_write(sink->file, bytes, count, error) : NUDGE_OK;
}

static nudge_status put_tensors(const struct tensors *tensors, struct sink *sink, nudge_error *error) {
    unsigned char bytes[PORTION];
    struct file_tensor tensor;
    for (size_t i = 0; tensors->at(tensors->of, i, &tensor); i++) {
        struct place place = {tensor.first, 0};
        size_t element = element_of(&tensor), count;
        for (uint64_t left = count_of(&tensor); left > 0; left -= count) {
            count = left < PORTION / element ? (size_t)left : PORTION / element;
            pass(&tensor, &place, count, bytes, false);
            nudge_status status = put_bytes(sink, bytes, count * element, error);
            if (status) return status;
        }
    }
    return NUDGE_OK;
}

void tensors_hash(const struct tensors *tensors, struct sha256_ctx *hash) {
    put_tensors(tensors, &(struct sink){.hash = hash}, NULL);
}

static bool append_number(json_t *array, uint64_t number) {
    return json_array_append_new(array, json_integer((json_int_t)number)) == 0;
}

static bool put_tensor(json_t *root, const struct file_tensor *tensor, uint64_t *offset) {
    uint64_t end = *offset + count_of(tensor) * element_of(tensor);
    json_t *entry = json_object(), *sizes = json_array(), *offsets = json_array();
    bool fits = entry && sizes && offsets && append_number(offsets, *offset) && append_number(offsets, end);
    for (size_t i = 0; fits && i < tensor->dimensions; i++) fits = append_number(sizes, tensor->shape[i]);
    fits = fits && header_put_text(entry, "dtype", tensor->dtype) &&
           json_object_set(entry, "shape", sizes) == 0 &&
           json_object_set(entry, "data_offsets", offsets) == 0 &&
           json_object_set(root, tensor->name, entry) == 0;
    json_decref(sizes);
    json_decref(offsets);
    json_decref(entry);
    *offset = end;
    return fits;
}

/* The header with its file_digest, and the size if it grows, all zeros; *bytes: of the tensors behind it. */
static nudge_status make_header(struct header *header, const struct tensors *tensors,
                                json_t *metadata_of(const void *of), bool grows,
                                const nudge_allocator *allocator, uint64_t *bytes, nudge_error *error) {
    struct json_memory memory;
    json_memory_begin(&memory, allocator);
    json_t *root = json_object(), *metadata = metadata_of(tensors->of);
    bool fits = root && metadata && (!grows || header_put_text(metadata, "grows_after", HEADER_NO_SIZE)) &&
                header_put_text(metadata, "file_digest", HEADER_NO_DIGEST) &&
                json_object_set(root, "__metadata__", metadata) == 0;
    struct file_tensor tensor;
    *bytes = 0;
    for (size_t i = 0; fits && tensors->at(tensors->of, i, &tensor); i++)
        fits = put_tensor(root, &tensor, bytes);
    nudge_status status = fits ? header_print(header, root, allocator, error)
                               : error_no_memory(error, HEADER_ALIGNMENT, "the file's header");
    json_decref(metadata);
    json_decref(root);
    json_memory_end(&memory);
    return status;
}

/* file_digest: the whole file's digest, computed while its own digits are zeros. `size`: of the whole file. */
static void set_digits(struct header *header, const struct tensors *tensors, uint64_t size) {
    for (size_t i = strlen(HEADER_NO_SIZE); header->grows && i-- > 0; size /= 10)
        header->grows[i] = (unsigned char)('0' + size % 10);
    char hex[DIGEST_DIGITS + 1];
    struct sha256_ctx hash;
    sha256_init(&hash);
    sha256_update(&hash, header->size, header->bytes);
    tensors_hash(tensors, &hash);
    digest_hex(&hash, hex);
    memcpy(header->digest, hex, DIGEST_DIGITS);
}

static nudge_status save_file(nudge_context *context, const struct tensors *tensors,
                              const struct header *header, const struct tensors_target *target,
                              nudge_error *error) {
    struct sink sink = {0};
    nudge_status status = nudge_file_create(context, target->path, &sink.file, error);
    if (status) return status;
    status = put_bytes(&sink, header->bytes, header->size, error);
    if (!status) status = put_tensors(tensors, &sink, error);
    if (!status && !target->grows) return nudge_file_commit(sink.file, error);
    if (!status) status = file_settle(sink.file, error);
    if (!status) *target->grows = sink.file;
    if (!status) return NUDGE_OK;
    nudge_file_abandon(sink.file);
    return status;
}

nudge_status tensors_save(nudge_context *context, const struct tensors *tensors,
                          json_t *metadata(const void *of), struct tensors_target *target,
                          nudge_error *error) {
    struct header header = {0};
    uint64_t bytes;
    nudge_status status =
        make_header(&header, tensors, metadata, target->grows, &context->allocator, &bytes, error);
    if (status) return target->path ? error_in_file(error, status, target->path) : status;
    target->size = header.size + (size_t)bytes;
    if (target->path || (target->memory && target->size <= target->room))
        set_digits(&header, tensors, target->size);
    if (target->path) {
        status = save_file(context, tensors, &header, target, error);
    } else if (target->memory && target->size <= target->room) {
        struct sink sink = {.memory = target->memory};
        put_bytes(&sink, header.bytes, header.size, error);
        put_tensors(tensors, &sink, error);
    }
    header_release(&header, &context->allocator);
    return status;
}

nudge_status tensors_append(nudge_file *file, const struct tensors *tensors, nudge_error *error) {
    struct sha256_ctx hash;
    uint8_t digest[TENSORS_DIGEST];
    sha256_init(&hash);
    nudge_status status = put_tensors(tensors, &(struct sink){.hash = &hash, .file = file}, error);
    sha256_digest(&hash, sizeof digest, digest);
    if (!status) status = nudge_file_write(file, digest, sizeof digest, error);
    return status ? status : file_settle(file, error);
}

/* -- loading -- */

nudge_status tensors_open(struct tensors_file *file, const char *path, const void *memory, size_t size,
                          const char *format, nudge_context *context, nudge_error *error) {
    *file = (struct tensors_file){.named = true, .parse = {.context = context, .error = error}};
    nudge_status status = NUDGE_OK;
    if (path)
        status = file_reader_open(&file->reader, path, error);
    else
        file_reader_open_memory(&file->reader, memory, size);
    if (!status) status = header_read(&file->header, &file->reader, &context->allocator, error);
    if (strcmp(format, HEADER_FORMAT_JOURNAL)) file->header.grows = NULL; /* what follows is damage */
    if (!status) status = header_check_digest(&file->header, &file->reader, error);
    if (status) return status;
    file->named = false;
    return header_net_open(&file->parse, &file->header, format, context, error);
}

nudge_status tensors_expect(const struct tensors_file *file, size_t count, uint64_t bytes) {
    const struct header_net *parse = &file->parse;
    size_t found = json_object_size(parse->root) - 1;
    uint64_t end = header_end(&file->header), size = file->reader.size,
             there = (end < size ? end : size) - file->header.size;
    if (found != count)
        return error_set(parse->error, NUDGE_BAD_INPUT, "has %zu tensors, expected %zu for %zu layers", found,
                         count, parse->chain[parse->op_count - 1].layer);
    if (there != bytes)
        return error_set(parse->error, NUDGE_BAD_INPUT, "has %llu bytes of tensors, expected %llu",
                         (unsigned long long)there, (unsigned long long)bytes);
    return NUDGE_OK;
}

static nudge_status read_tensor(struct tensors_file *file, const struct file_tensor *tensor) {
    unsigned char bytes[PORTION];
    struct place place = {tensor->first, 0};
    size_t element = element_of(tensor), count, got;
    for (uint64_t left = count_of(tensor); left > 0; left -= count) {
        count = left < PORTION / element ? (size_t)left : PORTION / element;
        nudge_status status =
            file_reader_read(&file->reader, bytes, count * element, &got, file->parse.error);
        if (!status && got < count * element)
            status = error_set(file->parse.error, NUDGE_BAD_INPUT, "%s: ended at byte %llu while it was read",
                               shown(file->reader.path).text, (unsigned long long)file->reader.position);
        if (status) return status;
        pass(tensor, &place, count, bytes, true);
    }
    return NUDGE_OK;
}

nudge_status tensors_read(struct tensors_file *file, const struct tensors *tensors) {
    struct file_tensor tensor;
    uint64_t offset = 0;
    for (size_t i = 0; tensors->at(tensors->of, i, &tensor); i++) {
        nudge_status status =
            header_net_tensor(&file->parse, tensor.name, tensor.dtype, tensor.shape, tensor.dimensions,
                              count_of(&tensor) * element_of(&tensor), &offset);
        if (status) return status;
    }
    file->named = true;
    nudge_status status = header_seek_tensors(&file->header, &file->reader, file->parse.error);
    for (size_t i = 0; !status && tensors->at(tensors->of, i, &tensor); i++)
        status = read_tensor(file, &tensor);
    if (!status) file->named = false;
    return status;
}

nudge_status tensors_check_block(struct tensors_file *file, uint64_t position, uint64_t bytes, bool *whole) {
    unsigned char portion[PORTION], stated[TENSORS_DIGEST], found[TENSORS_DIGEST];
    struct sha256_ctx hash;
    size_t count, got;
    file->named = true;
    sha256_init(&hash);
    for (uint64_t left = bytes - TENSORS_DIGEST; left > 0; left -= count, position += count) {
        count = left < PORTION ? (size_t)left : PORTION;
        nudge_status status =
            file_reader_read_at(&file->reader, position, portion, count, &got, file->parse.error);
        if (status) return status;
        sha256_update(&hash, got, portion);
    }
    sha256_digest(&hash, sizeof found, found);
    nudge_status status =
        file_reader_read_at(&file->reader, position, stated, sizeof stated, &got, file->parse.error);
    if (status) return status;
    *whole = got == sizeof stated && memcmp(found, stated, sizeof found) == 0;
    file->named = false;
    return NUDGE_OK;
}

nudge_status tensors_read_block(struct tensors_file *file, uint64_t position, const struct tensors *tensors) {
    struct file_tensor tensor;
    file->named = true;
    nudge_status status = file_reader_seek(&file->reader, position, file->parse.error);
    for (size_t i = 0; !status && tensors->at(tensors->of, i, &tensor); i++)
        status = read_tensor(file, &tensor);
    if (!status) file->named = false;
    return status;
}

nudge_status tensors_close(struct tensors_file *file, nudge_status status) {
    const nudge_allocator *allocator = &file->parse.context->allocator;
    nudge_error *error = file->parse.error;
    status = header_net_close(&file->parse, status);
    if (status && !file->named) status = error_in_file(error, status, file->reader.path);
    header_release(&file->header, allocator);
    file_reader_close(&file->reader);
    return status;
}
