/* See idx.h. Elements are unpacked in portions straight into the destination: there is never a second copy of
 * them. */
#define _GNU_SOURCE /* stpcpy */
#include "read/idx.h"

#include "base/status.h"
#include "base/text.h"
#include "read/kind.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { HEADER_START = 4, DIMENSION_SIZE = 4, LARGEST_ELEMENT = 8, PORTION = 2048 /* elements */ };

static const struct idx_type types[] = {
    {IDX_U8, "u8", 1, true},   {IDX_I8, "i8", 1, true},    {IDX_I16, "i16", 2, true},
    {IDX_I32, "i32", 4, true}, {IDX_F32, "f32", 4, false}, {IDX_F64, "f64", 8, false},
};

static const struct idx_type *find_type(unsigned char code) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code) return &types[i];
    return NULL;
}

/* -- the header -- */

static uint64_t big_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

static size_t header_size(const struct idx *idx) {
    return HEADER_START + idx->rank * DIMENSION_SIZE;
}

static unsigned long long file_size(const struct idx *idx) {
    return header_size(idx) + (unsigned long long)idx->rows * idx->columns * idx->type->size;
}

static struct idx_shape dimensions_text(const struct idx *idx, size_t first) {
    struct idx_shape out = {{0}};
    char *to = out.text;
    for (size_t i = first; i < idx->rank; i++) {
        struct text_number number = text_number((double)idx->dimensions[i], 10); /* u32: at most 10 digits */
        if (i > first) to = stpcpy(to, " x ");
        to = stpcpy(to, number.text);
    }
    return out;
}

struct idx_shape idx_shape(const struct idx *idx) {
    struct idx_shape out = dimensions_text(idx, 0);
    stpcpy(stpcpy(out.text + strlen(out.text), " "), idx->type->name);
    return out;
}

struct idx_shape idx_row_shape(const struct idx *idx) {
    struct idx_shape out = dimensions_text(idx, 1);
    if (idx->rank == 1) out.text[0] = '1';
    return out;
}

static nudge_status read_header_bytes(struct idx *idx, unsigned char *bytes, size_t count,
                                      nudge_error *error) {
    size_t got;
    nudge_status status = stream_read(&idx->stream, bytes, count, &got, error);
    if (!status && got < count)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: ends at byte %llu, within its header; expected an IDX file",
                         shown(idx->path).text, (unsigned long long)idx->stream.position);
    return status;
}

static nudge_status check_start(struct idx *idx, const unsigned char *bytes, nudge_error *error) {
    if (bytes[0] || bytes[1]) {
        const char *kind = file_kind(idx->stream.start, idx->stream.started);
        if (kind) return error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(idx->path).text, kind);
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: begins with the bytes %02x %02x, expected 00 00 of an IDX file",
                         shown(idx->path).text, bytes[0], bytes[1]);
    }
    idx->type = find_type(bytes[2]);
    if (!idx->type)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: element type %02x at byte 2, expected 08 (u8), 09 (i8), 0b (i16), 0c (i32), 0d (f32) "
            "or 0e (f64)",
            shown(idx->path).text, bytes[2]);
    idx->rank = bytes[3];
    if (idx->rank < 1 || idx->rank > IDX_RANK)
        return error_set(error, NUDGE_BAD_INPUT, "%s: %zu dimensions at byte 3, expected 1 to %d",
                         shown(idx->path).text, idx->rank, IDX_RANK);
    return NUDGE_OK;
}

static nudge_status check_sizes(struct idx *idx, const unsigned char *bytes, nudge_error *error) {
    idx->columns = 1;
    bool fits = true;
    for (size_t i = 0; i < idx->rank; i++) {
        idx->dimensions[i] = (size_t)big_endian(bytes + i * DIMENSION_SIZE, DIMENSION_SIZE);
        if (idx->dimensions[i] == 0)
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: dimension %zu of %zu is 0 at byte %zu, expected at least 1",
                             shown(idx->path).text, i + 1, idx->rank, HEADER_START + i * DIMENSION_SIZE);
        if (i > 0) fits = fits && size_multiply(&idx->columns, idx->columns, idx->dimensions[i]);
    }
    idx->rows = idx->dimensions[0];
    size_t elements = 0, bytes_in_memory;
    fits = fits && size_multiply(&elements, idx->rows, idx->columns) &&
           size_multiply(&bytes_in_memory, elements, LARGEST_ELEMENT) && bytes_in_memory <= SIZE_MAX / 2;
    if (!fits)
        return error_set(error, NUDGE_BAD_INPUT, "%s: its header announces %s, which no memory can hold",
                         shown(idx->path).text, idx_shape(idx).text);
    return NUDGE_OK;
}

/* What the header announces against what the file has: before anything is allocated for it. */
static nudge_status check_length(const struct idx *idx, nudge_error *error) {
    unsigned long long expected = file_size(idx), size = idx->stream.file.size;
    if (!idx->stream.gzip && expected != size)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has %llu bytes, expected %llu: its header announces %s",
                         shown(idx->path).text, size, expected, idx_shape(idx).text);
    if (expected > stream_most(&idx->stream))
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: its header announces %s, %llu bytes, more than its %llu bytes of gzip can hold",
                         shown(idx->path).text, idx_shape(idx).text, expected, size);
    return NUDGE_OK;
}

nudge_status idx_open(struct idx *idx, const nudge_allocator *allocator, const char *path,
                      nudge_error *error) {
    *idx = (struct idx){.path = path};
    unsigned char start[HEADER_START], sizes[IDX_RANK * DIMENSION_SIZE];
    nudge_status status = stream_open(&idx->stream, allocator, path, error);
    if (!status) status = read_header_bytes(idx, start, sizeof start, error);
    if (!status) status = check_start(idx, start, error);
    if (!status) status = read_header_bytes(idx, sizes, idx->rank * DIMENSION_SIZE, error);
    if (!status) status = check_sizes(idx, sizes, error);
    if (!status) status = check_length(idx, error);
    if (status) idx_close(idx);
    return status;
}

void idx_close(struct idx *idx) {
    stream_close(&idx->stream);
    *idx = (struct idx){0};
}

/* -- the elements -- */

/* Every type's values are exact in f64. */
static double element(enum idx_code code, const unsigned char *bytes) {
    switch (code) {
    case IDX_U8: return bytes[0];
    case IDX_I8: return (int8_t)bytes[0];
    case IDX_I16: return (int16_t)big_endian(bytes, 2);
    case IDX_I32: return (int32_t)big_endian(bytes, 4);
    case IDX_F32: {
        uint32_t bits = (uint32_t)big_endian(bytes, 4);
        float value;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    case IDX_F64: break;
    }
    uint64_t bits = big_endian(bytes, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static nudge_status read_elements(struct idx *idx, void *bytes, size_t count, nudge_error *error) {
    size_t got;
    nudge_status status = stream_read(&idx->stream, bytes, count * idx->type->size, &got, error);
    if (status || got == count * idx->type->size) return status;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: ends after %llu %sbytes, expected %llu: its header announces %s",
                     shown(idx->path).text, (unsigned long long)idx->stream.position,
                     idx->stream.gzip ? "unpacked " : "", file_size(idx), idx_shape(idx).text);
}

/* Reading on by one byte also makes gzip check the sum at its end. */
static nudge_status expect_end(struct idx *idx, nudge_error *error) {
    unsigned char more;
    size_t got;
    nudge_status status = stream_read(&idx->stream, &more, 1, &got, error);
    if (!status && got)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: goes on after %llu %sbytes, expected its end: its header announces %s",
                         shown(idx->path).text, file_size(idx), idx->stream.gzip ? "unpacked " : "",
                         idx_shape(idx).text);
    return status;
}

nudge_status idx_read_u8(struct idx *idx, uint8_t *values, nudge_error *error) {
    nudge_status status = read_elements(idx, values, idx->rows * idx->columns, error);
    return status ? status : expect_end(idx, error);
}

/* Elements first .. first+count-1 as f32. */
static nudge_status take_numbers(const struct idx *idx, const unsigned char *bytes, size_t first,
                                 size_t count, float *values, nudge_error *error) {
    for (size_t i = 0; i < count; i++) {
        double value = element(idx->type->code, bytes + i * idx->type->size);
        if (!(value >= -(double)FLT_MAX && value <= (double)FLT_MAX))
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: row %zu, column %zu is %s, expected a finite number of f32",
                             shown(idx->path).text, (first + i) / idx->columns, (first + i) % idx->columns,
                             text_number(value, 6).text);
        values[i] = (float)value;
    }
    return NUDGE_OK;
}

nudge_status idx_read_f32(struct idx *idx, float *values, nudge_error *error) {
    unsigned char bytes[PORTION * LARGEST_ELEMENT];
    size_t total = idx->rows * idx->columns;
    for (size_t done = 0; done < total; done += PORTION) {
        size_t count = total - done < PORTION ? total - done : PORTION;
        nudge_status status = read_elements(idx, bytes, count, error);
        if (!status) status = take_numbers(idx, bytes, done, count, values + done, error);
        if (status) return status;
    }
    return expect_end(idx, error);
}

static bool is_label(double value) {
    return value >= 0 && value < IDX_CLASSES && value == floor(value);
}

nudge_status idx_read_whole(struct idx *idx, size_t most, bool *whole, nudge_error *error) {
    unsigned char bytes[PORTION * LARGEST_ELEMENT], seen[IDX_CLASSES / 8] = {0};
    size_t total = idx->rows * idx->columns, different = 0;
    *whole = true;
    for (size_t done = 0; *whole && done < total; done += PORTION) {
        size_t count = total - done < PORTION ? total - done : PORTION;
        nudge_status status = read_elements(idx, bytes, count, error);
        if (status) return status;
        for (size_t i = 0; *whole && i < count; i++) {
            double value = element(idx->type->code, bytes + i * idx->type->size);
            *whole = is_label(value);
            if (!*whole) break;
            unsigned label = (unsigned)value, bit = 1u << label % 8;
            different += !(seen[label / 8] & bit);
            seen[label / 8] = (unsigned char)(seen[label / 8] | bit);
            *whole = different <= most;
        }
    }
    return NUDGE_OK;
}

/* Some tools write a file's numbers in the order of their machine: 3 in two bytes becomes 768, in four 50331648. */
#define WRONG_ORDER "; its numbers seem to be little-endian, those of an IDX file are big-endian"

nudge_status idx_read_labels(struct idx *idx, int32_t *labels, int32_t *largest, nudge_error *error) {
    unsigned char bytes[PORTION * LARGEST_ELEMENT];
    size_t size = idx->type->size;
    int32_t highest = 0, low_bits = 0;
    for (size_t done = 0; done < idx->rows;) {
        size_t count = idx->rows - done < PORTION ? idx->rows - done : PORTION;
        nudge_status status = read_elements(idx, bytes, count, error);
        if (status) return status;
        for (size_t i = 0; i < count; i++) {
            double value = element(idx->type->code, bytes + i * size);
            if (!is_label(value))
                return error_set(error, NUDGE_BAD_INPUT, "%s: row %zu has label %s, expected 0 to %d%s",
                                 shown(idx->path).text, done + i, text_number(value, 9).text, IDX_CLASSES - 1,
                                 idx->type->code == IDX_I32 && fmod(value, 65536) == 0 ? WRONG_ORDER : "");
            int32_t label = (int32_t)value;
            if (label > highest) highest = label;
            low_bits |= label & 0xFF;
            labels[done + i] = label;
        }
        done += count;
    }
    if (highest > 0 && low_bits == 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: all labels are multiples of 256, up to %d" WRONG_ORDER,
                         shown(idx->path).text, (int)highest);
    if (highest > *largest) *largest = highest;
    return expect_end(idx, error);
}

/* -- elements at any place -- */

struct file_source {
    struct data_source source;
    const nudge_allocator *allocator;
    struct idx idx; /* of its stream the file alone */
    char *path;
};

static nudge_status read_at(const struct idx *idx, size_t first, void *bytes, size_t count,
                            nudge_error *error) {
    size_t size = idx->type->size, got;
    uint64_t position = header_size(idx) + (uint64_t)first * size;
    nudge_status status = file_reader_read_at(&idx->stream.file, position, bytes, count * size, &got, error);
    if (status || got == count * size) return status;
    return error_set(error, NUDGE_BAD_INPUT, "%s: has become shorter: no byte at %llu, expected %llu bytes",
                     shown(idx->path).text, (unsigned long long)(position + got), file_size(idx));
}

static nudge_status source_read(const struct data_source *source, size_t first, size_t count, void *values,
                                nudge_error *error) {
    const struct idx *idx = &((const struct file_source *)source)->idx;
    if (idx->type->code == IDX_U8) return read_at(idx, first, values, count, error);
    unsigned char bytes[PORTION * LARGEST_ELEMENT];
    nudge_status status = NUDGE_OK;
    for (size_t done = 0; !status && done < count; done += PORTION) {
        size_t portion = count - done < PORTION ? count - done : PORTION;
        status = read_at(idx, first + done, bytes, portion, error);
        if (!status) status = take_numbers(idx, bytes, first + done, portion, (float *)values + done, error);
    }
    return status;
}

static void source_close(struct data_source *source) {
    struct file_source *made = (struct file_source *)source;
    const nudge_allocator *allocator = made->allocator;
    file_reader_close(&made->idx.stream.file);
    memory_release_text(allocator, made->path);
    memory_release(allocator, made, sizeof *made);
}

nudge_status idx_source(struct idx *idx, const nudge_allocator *allocator, struct data_source **source,
                        nudge_error *error) {
    struct file_source *made = memory_get_zeroed(allocator, sizeof *made);
    char *path = memory_copy_text(allocator, idx->path);
    if (!made || !path) {
        memory_release(allocator, made, sizeof *made);
        memory_release_text(allocator, path);
        return error_no_memory(error, sizeof *made + strlen(idx->path), "a file's name");
    }
    made->source = (struct data_source){source_read, source_close};
    made->allocator = allocator;
    made->path = path;
    made->idx = *idx;
    made->idx.stream = (struct stream){.file = idx->stream.file};
    made->idx.path = made->idx.stream.file.path = path;
    idx->stream.file.descriptor = -1;
    *source = &made->source;
    return NUDGE_OK;
}
