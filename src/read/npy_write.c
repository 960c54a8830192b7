/* Data sets into .npz archives. A member's header has its checksum: an array is gone through twice, first for the sum,
 * then for the bytes. Invariant: the archive takes its name only when it is complete. */
#include "read/npy_write.h"

#include "base/status.h"
#include "read/zip_write.h"
#include "table/npy.h"

#include <string.h>
#include <zlib.h>

enum { PORTION = 4096 /* elements */, ARRAYS = 4, WIDTH = 4 /* bytes of i4 and f4 */ };

/* -- one array -- */

/* Elements of 4 bytes to little-endian ones, in place. */
static void encode(unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++, bytes += WIDTH) {
        uint32_t bits;
        memcpy(&bits, bytes, sizeof bits);
        for (size_t j = 0; j < WIDTH; j++) bytes[j] = (unsigned char)(bits >> (8 * j));
    }
}

/* Elements first .. first+count-1 as they are in the file; *size = their bytes. */
static nudge_status read_portion(const struct npy_output *output, size_t first, size_t count,
                                 unsigned char *bytes, size_t *size, nudge_error *error) {
    bool narrow = output->block && output->data->type == NUDGE_TYPE_U8;
    nudge_status status = NUDGE_OK;
    *size = narrow ? count : count * WIDTH;
    if (output->block)
        status = data_read(output->data, output->block, first, count, bytes, error);
    else
        memcpy(bytes, (const unsigned char *)output->elements + first * WIDTH, count * WIDTH);
    if (!status && !narrow) encode(bytes, count);
    return status;
}

nudge_status npy_write(const struct npy_output *output,
                       nudge_status (*take)(void *user, const void *bytes, size_t count, nudge_error *error),
                       void *user, nudge_error *error) {
    unsigned char header[NPY_MADE];
    float values[PORTION]; /* or their bytes */
    size_t total = 1, size;
    for (size_t i = 0; i < output->rank; i++) total *= output->dimensions[i];
    nudge_status status =
        take(user, header, npy_make_header(header, output->type, output->rank, output->dimensions), error);
    for (size_t done = 0; !status && done < total; done += PORTION) {
        size_t count = total - done < PORTION ? total - done : PORTION;
        status = read_portion(output, done, count, (unsigned char *)values, &size, error);
        if (!status) status = take(user, values, size, error);
    }
    return status;
}

/* -- what is to be written -- */

static struct npy_output features_output(const nudge_data *data, const struct data_block *block,
                                         const char *name) {
    bool image = data->height > 0;
    return (struct npy_output){
        .name = name,
        .type = data->type == NUDGE_TYPE_U8 ? "|u1" : "<f4",
        .rank = image ? 3 : 2,
        .dimensions = {block->rows, image ? data->height : data->features, data->width},
        .data = data,
        .block = block,
    };
}

static struct npy_output targets_output(const nudge_data *data, const struct data_block *block,
                                        const char *name) {
    bool classes = data->classes > 0;
    return (struct npy_output){
        .name = name,
        .type = classes ? "<i4" : "<f4",
        .rank = classes ? 1 : 2,
        .dimensions = {block->rows, data->target_columns},
        .data = data,
        .elements = classes ? (const void *)block->labels : (const void *)block->targets,
    };
}

/* Blocks and not parts: the validation rows stand among the training rows. Returns how many there are. */
static size_t plan_arrays(const nudge_data *data, struct npy_output outputs[ARRAYS]) {
    size_t count = 0;
    if (data->train.rows) {
        outputs[count++] = features_output(data, &data->train, "x_train.npy");
        outputs[count++] = targets_output(data, &data->train, "y_train.npy");
    }
    if (data->test.rows) {
        outputs[count++] = features_output(data, &data->test, "x_test.npy");
        outputs[count++] = targets_output(data, &data->test, "y_test.npy");
    }
    return count;
}

/* -- the archive -- */

struct sum {
    uint64_t size;
    uint32_t crc;
    struct zip_writer *writer; /* NULL: nothing is written yet */
};

static nudge_status take_bytes(void *user, const void *bytes, size_t count, nudge_error *error) {
    struct sum *sum = user;
    sum->size += count;
    sum->crc = (uint32_t)crc32_z(sum->crc, bytes, count);
    return sum->writer ? zip_write_bytes(sum->writer, bytes, count, error) : NUDGE_OK;
}

static nudge_status write_member(struct zip_writer *writer, const struct npy_output *output,
                                 nudge_error *error) {
    struct sum first = {0}, second = {.writer = writer};
    nudge_status status = npy_write(output, take_bytes, &first, error);
    if (!status) status = zip_write_member(writer, output->name, first.size, first.crc, error);
    if (!status) status = npy_write(output, take_bytes, &second, error);
    if (!status && first.crc != second.crc)
        status = error_set(error, NUDGE_IO, "%s: its rows changed in their file while they were written",
                           output->data->name);
    return status;
}

nudge_status nudge_data_write_npz(const nudge_data *data, const char *path, nudge_error *error) {
    if (missing(error, data, path)) return NUDGE_BAD_ARGUMENT;
    struct npy_output outputs[ARRAYS];
    size_t count = plan_arrays(data, outputs);
    nudge_file *file;
    nudge_status status = data_check_whole(data, error);
    if (!status) status = data_refuse_gaps(data, "a NumPy array of nudge's", error);
    if (!status) status = nudge_file_create(data->context, path, &file, error);
    if (status) return status;
    struct zip_writer writer = zip_writer_begin(file);
    for (size_t i = 0; !status && i < count; i++) status = write_member(&writer, &outputs[i], error);
    if (!status) status = zip_write_end(&writer, error);
    if (!status) return nudge_file_commit(file, error);
    nudge_file_abandon(file);
    return status;
}
