/* See npy.h. The dict is read by a grammar that allows what NumPy writes and no more: three keys in any order, each once,
 * white space between the words, a comma behind the last. Nothing is evaluated. */
#include "table/npy.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <float.h>
#include <string.h>

enum { MAGIC = 6, ALIGNMENT = 64, KEYS = 3 };

static const unsigned char magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* -- where the header ends -- */

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static nudge_status refuse_short(const char *name, size_t count, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: ends at byte %zu, within its header; expected an array of NumPy (.npy)", name,
                     count);
}

nudge_status npy_measure(const unsigned char *bytes, size_t count, const char *name, size_t *size,
                         nudge_error *error) {
    size_t compared = count < MAGIC ? count : MAGIC;
    if (memcmp(bytes, magic, compared) != 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: does not begin with the bytes 93 \"NUMPY\", expected an array of NumPy (.npy)",
                         name);
    if (count < MAGIC + 2) return refuse_short(name, count, error);
    unsigned major = bytes[6], minor = bytes[7];
    if (major < 1 || major > 3 || minor != 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: version %u.%u of NumPy's format, expected 1.0, 2.0 or 3.0", name, major, minor);
    size_t before = major == 1 ? MAGIC + 4 : MAGIC + 6;
    if (count < before) return refuse_short(name, count, error);
    uint64_t length = little_endian(bytes + MAGIC + 2, before - MAGIC - 2);
    if (length > NPY_HEADER - before)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: a header of %llu bytes at byte %d, expected at most %zu", name,
                         (unsigned long long)length, MAGIC + 2, NPY_HEADER - before);
    *size = before + (size_t)length;
    return NUDGE_OK;
}

/* -- the header's words -- */

struct header {
    const unsigned char *bytes;
    size_t at, size;
    const char *name;
    nudge_error *error;
};

static void skip_space(struct header *header) {
    while (header->at < header->size && strchr(" \t\n\r", header->bytes[header->at]) &&
           header->bytes[header->at])
        header->at++;
}

static nudge_status refuse_word(const struct header *header, const char *expected) {
    if (header->at >= header->size)
        return error_set(header->error, NUDGE_BAD_INPUT, "%s: its header ends at byte %zu, expected %s",
                         header->name, header->at, expected);
    size_t left = header->size - header->at, length = 1;
    while (length < left && length < 12 && header->bytes[header->at + length] > ' ') length++;
    return error_set(header->error, NUDGE_BAD_INPUT, "%s: byte %zu of its header: found \"%s\", expected %s",
                     header->name, header->at,
                     shown_start((const char *)header->bytes + header->at, length).text, expected);
}

/* Steps over the text, and the white space behind it, if it stands here. */
static bool take_text(struct header *header, const char *text) {
    size_t length = strlen(text);
    if (header->size - header->at < length || memcmp(header->bytes + header->at, text, length) != 0)
        return false;
    header->at += length;
    skip_space(header);
    return true;
}

/* 'text' or "text"; without escapes, as no word here has one. */
static nudge_status take_string(struct header *header, const char *expected, const char **text,
                                size_t *length) {
    unsigned char quote = header->at < header->size ? header->bytes[header->at] : 0;
    if (quote != '\'' && quote != '"') return refuse_word(header, expected);
    const unsigned char *begin = header->bytes + header->at + 1;
    const unsigned char *end = memchr(begin, quote, header->size - header->at - 1);
    if (!end) return refuse_word(header, "a text that is closed");
    *text = (const char *)begin;
    *length = (size_t)(end - begin);
    header->at += *length + 2;
    skip_space(header);
    return NUDGE_OK;
}

/* -- 'descr' -- */

static const struct refused_type {
    char letter;
    const char *sentence;
} refused_types[] = {
    {'O', "object arrays hold Python code: save numbers, e.g. x.astype('float32')"},
    {'S', "an array of byte strings, expected numbers: number the texts, e.g. "
          "numpy.unique(y, return_inverse=True)[1]"},
    {'a', "an array of byte strings, expected numbers: number the texts, e.g. "
          "numpy.unique(y, return_inverse=True)[1]"},
    {'U', "an array of strings, expected numbers: number the texts, e.g. "
          "numpy.unique(y, return_inverse=True)[1]"},
    {'c', "an array of complex numbers, expected real ones: save x.real and x.imag, or abs(x)"},
    {'M', "an array of dates (datetime64), expected numbers: save e.g. x.astype('int64')"},
    {'m', "an array of durations (timedelta64), expected numbers: save e.g. x.astype('int64')"},
    {'V', "an array of raw bytes (void), expected numbers: save e.g. x.view('uint8')"},
};

static nudge_status refuse_type(const struct header *header, const char *text, size_t length) {
    size_t at = length > 0 && strchr("<>|=", text[0]) ? 1 : 0;
    for (size_t i = 0; at < length && i < sizeof refused_types / sizeof *refused_types; i++)
        if (text[at] == refused_types[i].letter)
            return error_set(header->error, NUDGE_BAD_INPUT, "%s: %s", header->name,
                             refused_types[i].sentence);
    return error_set(header->error, NUDGE_BAD_INPUT,
                     "%s: elements of type \"%s\", expected b1, u1, u2, u4, u8, i1, i2, i4, i8, f2, f4 or f8",
                     header->name, shown_start(text, length).text);
}

static bool big_endian_mark(char mark) {
    if (mark == '=' || mark == '|') return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return mark == '>';
}

static nudge_status take_descr(struct header *header, struct npy *npy) {
    static const char *const types[] = {"b1", "u1", "u2", "u4", "u8", "i1",
                                        "i2", "i4", "i8", "f2", "f4", "f8"};
    const char *text = "";
    size_t length = 0;
    if (header->at < header->size && header->bytes[header->at] == '[')
        return error_set(
            header->error, NUDGE_BAD_INPUT,
            "%s: a structured array (of several fields), expected one of plain numbers: save e.g. "
            "numpy.lib.recfunctions.structured_to_unstructured(x)",
            header->name);
    nudge_status status = take_string(header, "a type like '<f4'", &text, &length);
    if (status) return status;
    if (length != 3 || !strchr("<>|=", text[0])) return refuse_type(header, text, length);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (memcmp(types[i], text + 1, 2) != 0) continue;
        memcpy(npy->type, types[i], sizeof npy->type);
        npy->kind = text[1] == 'b'   ? NPY_BOOL
                    : text[1] == 'u' ? NPY_UNSIGNED
                    : text[1] == 'i' ? NPY_SIGNED
                                     : NPY_FLOAT;
        npy->size = (size_t)(text[2] - '0');
        npy->big = big_endian_mark(text[0]);
        return NUDGE_OK;
    }
    return refuse_type(header, text, length);
}

/* -- 'fortran_order' and 'shape' -- */

static nudge_status take_order(struct header *header, struct npy *npy) {
    npy->fortran = take_text(header, "True");
    return npy->fortran || take_text(header, "False") ? NUDGE_OK : refuse_word(header, "True or False");
}

static nudge_status take_dimension(struct header *header, size_t *dimension) {
    size_t begin = header->at, value = 0;
    for (; header->at < header->size; header->at++) {
        unsigned char c = header->bytes[header->at];
        if (c < '0' || c > '9') break;
        if (!size_multiply(&value, value, 10) || !size_add(&value, value, c - '0')) {
            header->at = begin;
            return refuse_word(header, "a dimension that memory can hold");
        }
    }
    if (header->at == begin) return refuse_word(header, "a dimension, or \")\"");
    take_text(header, "L"); /* Python 2's long */
    skip_space(header);
    *dimension = value;
    return NUDGE_OK;
}

static nudge_status take_shape(struct header *header, struct npy *npy) {
    if (!take_text(header, "(")) return refuse_word(header, "a shape like (60000, 784)");
    bool comma = true;
    for (npy->rank = 0; !take_text(header, ")"); npy->rank++) {
        if (!comma) return refuse_word(header, "\",\" or \")\"");
        if (npy->rank == NPY_RANK)
            return error_set(header->error, NUDGE_BAD_INPUT, "%s: more than %d dimensions, expected 1 to %d",
                             header->name, NPY_RANK, NPY_RANK);
        nudge_status status = take_dimension(header, &npy->dimensions[npy->rank]);
        if (status) return status;
        comma = take_text(header, ",");
    }
    /* "(3)" is no tuple in Python, and NumPy writes "(3,)". */
    if (npy->rank == 1 && !comma) return refuse_word(header, "a shape of one dimension to end in \",)\"");
    return NUDGE_OK;
}

/* -- the dict -- */

static const struct key {
    const char *name;
    nudge_status (*take)(struct header *header, struct npy *npy);
} keys[KEYS] = {{"descr", take_descr}, {"fortran_order", take_order}, {"shape", take_shape}};

static nudge_status take_pair(struct header *header, struct npy *npy, bool given[KEYS]) {
    const char *text = "";
    size_t length = 0, key = 0, begin = header->at;
    nudge_status status = take_string(header, "a key in quotes", &text, &length);
    if (status) return status;
    while (key < KEYS && !(strlen(keys[key].name) == length && memcmp(keys[key].name, text, length) == 0))
        key++;
    if (key == KEYS || given[key]) {
        header->at = begin;
        return refuse_word(header, "the keys 'descr', 'fortran_order' and 'shape', each once");
    }
    given[key] = true;
    if (!take_text(header, ":")) return refuse_word(header, "\":\"");
    return keys[key].take(header, npy);
}

static nudge_status take_dict(struct header *header, struct npy *npy) {
    bool given[KEYS] = {false}, comma = true;
    skip_space(header);
    if (!take_text(header, "{")) return refuse_word(header, "\"{\"");
    while (!take_text(header, "}")) {
        if (!comma) return refuse_word(header, "\",\" or \"}\"");
        nudge_status status = take_pair(header, npy, given);
        if (status) return status;
        comma = take_text(header, ",");
    }
    for (size_t i = 0; i < KEYS; i++)
        if (!given[i])
            return error_set(header->error, NUDGE_BAD_INPUT, "%s: its header has no '%s'", header->name,
                             keys[i].name);
    return header->at < header->size ? refuse_word(header, "nothing behind the \"}\"") : NUDGE_OK;
}

static nudge_status check_sizes(struct npy *npy, const char *name, nudge_error *error) {
    if (npy->rank == 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: a single number (shape ()), expected an array of rows",
                         name);
    npy->rows = npy->dimensions[0];
    npy->columns = 1;
    bool fits = true;
    for (size_t i = 0; i < npy->rank; i++) {
        if (npy->dimensions[i] == 0)
            return error_set(error, NUDGE_BAD_INPUT, "%s: dimension %zu of %zu is 0, expected at least 1",
                             name, i + 1, npy->rank);
        if (i > 0) fits = fits && size_multiply(&npy->columns, npy->columns, npy->dimensions[i]);
    }
    size_t elements = 0, bytes;
    fits = fits && size_multiply(&elements, npy->rows, npy->columns) &&
           size_multiply(&bytes, elements, NPY_ELEMENT) && bytes <= SIZE_MAX / 2;
    if (!fits)
        return error_set(error, NUDGE_BAD_INPUT, "%s: its header announces %s, which no memory can hold",
                         name, npy_shape(npy).text);
    return NUDGE_OK;
}

nudge_status npy_read_header(struct npy *npy, const unsigned char *bytes, size_t size, const char *name,
                             nudge_error *error) {
    struct header header = {bytes, bytes[6] == 1 ? MAGIC + 4 : MAGIC + 6, size, name, error};
    struct npy found = {.begins = size};
    nudge_status status = take_dict(&header, &found);
    if (!status) status = check_sizes(&found, name, error);
    if (!status) *npy = found;
    return status;
}

bool npy_is_bytes(const struct npy *npy) {
    return npy->kind == NPY_UNSIGNED && npy->size == 1;
}

bool npy_is_whole(const struct npy *npy) {
    return npy->kind != NPY_FLOAT;
}

/* -- shapes for sentences -- */

static size_t append_dimensions(struct npy_shape *shape, const struct npy *npy, size_t first) {
    size_t used = 0;
    for (size_t i = first; i < npy->rank; i++)
        used = text_append(shape->text, sizeof shape->text, used, "%s%zu", i > first ? " x " : "",
                           npy->dimensions[i]);
    return used;
}

struct npy_shape npy_shape(const struct npy *npy) {
    struct npy_shape shape = {{0}};
    size_t used = append_dimensions(&shape, npy, 0);
    text_append(shape.text, sizeof shape.text, used, " %s", npy->type);
    return shape;
}

struct npy_shape npy_row_shape(const struct npy *npy) {
    struct npy_shape shape = {{0}};
    if (append_dimensions(&shape, npy, 1) == 0) shape.text[0] = '1';
    return shape;
}

/* -- elements -- */

static uint64_t element_bits(const struct npy *npy, const unsigned char *element) {
    uint64_t bits = 0;
    if (!npy->big) return little_endian(element, npy->size);
    for (size_t i = 0; i < npy->size; i++) bits = bits << 8 | element[i];
    return bits;
}

/* IEEE 754's binary16 as binary32: the exponent's bias grows from 15 to 127. */
static float half(uint32_t bits) {
    uint32_t sign = bits >> 15 << 31, exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    uint32_t wide = sign | (exponent == 0x1F ? 0xFFu : exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static double float_value(size_t size, uint64_t bits) {
    if (size == 2) return (double)half((uint32_t)bits);
    if (size == 4) {
        uint32_t narrow = (uint32_t)bits;
        float value;
        memcpy(&value, &narrow, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Two's complement of `size` bytes. */
static int64_t signed_value(size_t size, uint64_t bits) {
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    return (int64_t)((bits ^ sign) - sign);
}

double npy_value(const struct npy *npy, const unsigned char *element) {
    uint64_t bits = element_bits(npy, element);
    switch (npy->kind) {
    case NPY_BOOL: return bits != 0;
    case NPY_UNSIGNED: return (double)bits;
    case NPY_SIGNED: return (double)signed_value(npy->size, bits);
    case NPY_FLOAT: break;
    }
    return float_value(npy->size, bits);
}

/* Rounded once: an 8-byte integer does not go by way of a double. */
static float value_f32(const struct npy *npy, const unsigned char *element) {
    if (npy->kind == NPY_UNSIGNED) return (float)element_bits(npy, element);
    if (npy->kind == NPY_SIGNED) return (float)signed_value(npy->size, element_bits(npy, element));
    return (float)npy_value(npy, element);
}

size_t npy_place(const struct npy *npy, size_t i) {
    if (!npy->fortran || npy->rank < 2) return i;
    size_t place = 0, step = npy->rows * npy->columns;
    for (size_t d = 0; d < npy->rank; d++) {
        step /= npy->dimensions[d];
        place += i % npy->dimensions[d] * step;
        i /= npy->dimensions[d];
    }
    return place;
}

static bool in_range(double value) {
    return value >= -(double)FLT_MAX && value <= (double)FLT_MAX;
}

static nudge_status refuse_number(const struct npy *npy, size_t place, double value, const char *name,
                                  nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT, "%s: row %zu, column %zu is %s, expected a finite number of f32",
                     name, place / npy->columns, place % npy->columns, text_number(value, 6).text);
}

nudge_status npy_take_f32(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                          float *values, const char *name, nudge_error *error) {
    for (size_t i = 0; i < count; i++) {
        const unsigned char *element = bytes + i * npy->size;
        size_t place = npy_place(npy, first + i);
        if (npy->kind == NPY_FLOAT && !in_range(npy_value(npy, element)))
            return refuse_number(npy, place, npy_value(npy, element), name, error);
        values[place] = value_f32(npy, element);
    }
    return NUDGE_OK;
}

nudge_status npy_take_f64(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                          double *values, const char *name, nudge_error *error) {
    for (size_t i = 0; i < count; i++) {
        double value = npy_value(npy, bytes + i * npy->size);
        size_t place = npy_place(npy, first + i);
        if (!in_range(value)) return refuse_number(npy, place, value, name, error);
        values[place] = value;
    }
    return NUDGE_OK;
}

void npy_take_u8(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                 uint8_t *values) {
    for (size_t i = 0; i < count; i++) values[npy_place(npy, first + i)] = bytes[i];
}

/* -- writing -- */

size_t npy_make_header(unsigned char bytes[NPY_MADE], const char *type, size_t rank,
                       const size_t *dimensions) {
    char text[NPY_MADE];
    size_t used =
        text_append(text, sizeof text, 0, "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
    for (size_t i = 0; i < rank; i++)
        used =
            text_append(text, sizeof text, used, i + 1 < rank || rank == 1 ? "%zu, " : "%zu", dimensions[i]);
    if (rank == 1) used--;
    used = text_append(text, sizeof text, used, "), }");
    size_t before = MAGIC + 4, size = size_round_up(before + used + 1, ALIGNMENT);
    memcpy(bytes, magic, MAGIC);
    bytes[6] = 1;
    bytes[7] = 0;
    bytes[8] = (unsigned char)(size - before);
    bytes[9] = (unsigned char)((size - before) >> 8);
    memset(bytes + before, ' ', size - before - 1);
    memcpy(bytes + before, text, used);
    bytes[size - 1] = '\n';
    return size;
}
