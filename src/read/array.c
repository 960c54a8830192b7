/* See array.h. Elements are unpacked in portions straight into the destination. */
#include "read/array.h"

#include "base/status.h"
#include "base/text.h"
#include "read/kind.h"

#include <string.h>

enum { PORTION = 2048 /* elements */ };

static nudge_status take_bytes(struct array *array, void *bytes, size_t count, size_t *got,
                               nudge_error *error) {
    nudge_status status = array->in_zip ? zip_stream_read(&array->member, bytes, count, got, error)
                                        : stream_read(&array->file, bytes, count, got, error);
    if (!status) array->position += *got;
    return status;
}

/* -- opening -- */

static nudge_status read_header(struct array *array, nudge_error *error) {
    unsigned char bytes[NPY_HEADER];
    size_t got, more = 0, size;
    const char *kind =
        array->in_zip ? NULL : file_kind(array->file.start, array->file.started); /* a web page, say */
    if (kind) return error_set(error, NUDGE_BAD_INPUT, "%s: %s", array->name, kind);
    nudge_status status = take_bytes(array, bytes, NPY_START, &got, error);
    if (!status) status = npy_measure(bytes, got, array->name, &size, error);
    if (status) return status;
    if (size > got) status = take_bytes(array, bytes + got, size - got, &more, error);
    if (status) return status;
    if (got + more < size)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: ends at byte %zu, within its header; expected %zu bytes of it", array->name,
                         got + more, size);
    return npy_read_header(&array->npy, bytes, size, array->name, error);
}

static unsigned long long announced(const struct array *array) {
    const struct npy *npy = &array->npy;
    return npy->begins + (unsigned long long)npy->rows * npy->columns * npy->size;
}

/* What the header announces against what there is: before anything is allocated for it. */
static nudge_status check_length(const struct array *array, nudge_error *error) {
    unsigned long long expected = announced(array);
    bool packed = !array->in_zip && array->file.gzip;
    unsigned long long size = array->in_zip ? array->member.member->size : array->file.file.size;
    if (!packed && expected != size)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has %llu bytes, expected %llu: its header announces %s",
                         array->name, size, expected, npy_shape(&array->npy).text);
    if (packed && expected > stream_most(&array->file))
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: its header announces %s, %llu bytes, more than its %llu bytes of gzip can hold",
                         array->name, npy_shape(&array->npy).text, expected, size);
    return NUDGE_OK;
}

static nudge_status open_header(struct array *array, nudge_error *error) {
    nudge_status status = read_header(array, error);
    if (!status) status = check_length(array, error);
    if (status) array_close(array);
    return status;
}

nudge_status array_open_file(struct array *array, const nudge_allocator *allocator, const char *path,
                             nudge_error *error) {
    *array = (struct array){.in_zip = false};
    text_append(array->name, sizeof array->name, 0, "%s", shown(path).text);
    nudge_status status = stream_open(&array->file, allocator, path, error);
    return status ? status : open_header(array, error);
}

nudge_status array_open_member(struct array *array, const struct zip *zip, size_t member, const char *name,
                               nudge_error *error) {
    *array = (struct array){.in_zip = true};
    text_append(array->name, sizeof array->name, 0, "%s: %s", shown(zip->file.path).text, shown(name).text);
    nudge_status status = zip_stream_open(&array->member, zip, member, error);
    return status ? status : open_header(array, error);
}

void array_close(struct array *array) {
    stream_close(&array->file);
    zip_stream_close(&array->member);
}

/* -- reading -- */

static nudge_status take_elements(struct array *array, unsigned char *bytes, size_t count,
                                  nudge_error *error) {
    size_t got, size = count * array->npy.size;
    nudge_status status = take_bytes(array, bytes, size, &got, error);
    if (status || got == size) return status;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: ends after %llu bytes, expected %llu: its header announces %s", array->name,
                     (unsigned long long)array->position, announced(array), npy_shape(&array->npy).text);
}

/* Reading on by one byte also checks the sum at the end of packed data. */
static nudge_status expect_end(struct array *array, nudge_error *error) {
    unsigned char more;
    size_t got;
    nudge_status status = take_bytes(array, &more, 1, &got, error);
    if (!status && got)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: goes on after %llu bytes, expected its end: its header announces %s",
                         array->name, announced(array), npy_shape(&array->npy).text);
    return status;
}

enum element_use { AS_U8, AS_F32, AS_F64 };

static nudge_status place_elements(const struct array *array, const unsigned char *bytes, size_t first,
                                   size_t count, enum element_use use, void *values, nudge_error *error) {
    if (use == AS_F32) return npy_take_f32(&array->npy, bytes, first, count, values, array->name, error);
    if (use == AS_F64) return npy_take_f64(&array->npy, bytes, first, count, values, array->name, error);
    npy_take_u8(&array->npy, bytes, first, count, values);
    return NUDGE_OK;
}

static nudge_status read_all(struct array *array, enum element_use use, void *values, nudge_error *error) {
    unsigned char bytes[PORTION * NPY_ELEMENT];
    size_t total = array->npy.rows * array->npy.columns;
    for (size_t done = 0; done < total; done += PORTION) {
        size_t count = total - done < PORTION ? total - done : PORTION;
        nudge_status status = take_elements(array, bytes, count, error);
        if (!status) status = place_elements(array, bytes, done, count, use, values, error);
        if (status) return status;
    }
    return expect_end(array, error);
}

nudge_status array_read_u8(struct array *array, uint8_t *values, nudge_error *error) {
    return read_all(array, AS_U8, values, error);
}

nudge_status array_read_f32(struct array *array, float *values, nudge_error *error) {
    return read_all(array, AS_F32, values, error);
}

nudge_status array_read_f64(struct array *array, double *values, nudge_error *error) {
    return read_all(array, AS_F64, values, error);
}
