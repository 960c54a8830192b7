/* Data sets into IDX files. Invariant: all files are written beside their targets before the first of them
 * takes its name, so that a full disk leaves the folder as it was. */
#define _GNU_SOURCE /* stpcpy */
#include "base/file.h"
#include "base/status.h"
#include "data/data.h"
#include "read/idx.h"
#include "read/idx_names.h"

#include <string.h>
#include <unistd.h>

enum { PORTION = 4096 /* elements */, NAME_ROOM = 48 };

/* One file: what its header says, and where its elements come from. */
struct output {
    char name[NAME_ROOM];
    enum idx_code code;
    size_t rank, dimensions[IDX_RANK];
    const nudge_data *data;
    const struct data_block *block; /* features; NULL: */
    const void *elements;           /* targets, as in memory: i32 or f32 */
    bool narrow;                    /* i32 in memory, u8 in the file */
    nudge_file *writer;
};

struct outputs {
    struct output files[IDX_ROLES]; /* by role; rank 0: not written */
};

/* -- what is to be written -- */

static void name_output(struct output *output, const char *part, const char *role) {
    char *to = stpcpy(stpcpy(output->name, part), role);
    to = stpcpy(to, "-idx");
    *to++ = (char)('0' + output->rank);
    stpcpy(to, output->code == IDX_U8 ? "-ubyte" : output->code == IDX_I32 ? "-int" : "-float");
}

static struct output features_of(const nudge_data *data, const struct data_block *block, const char *part) {
    bool image = data->height > 0;
    struct output output = {
        .code = data->type == NUDGE_TYPE_U8 ? IDX_U8 : IDX_F32,
        .rank = image ? 3 : 2,
        .dimensions = {block->rows, image ? data->height : data->features, data->width},
        .data = data,
        .block = block,
    };
    name_output(&output, part, image ? "images" : "features");
    return output;
}

static struct output targets_of(const nudge_data *data, const struct data_block *block, const char *part) {
    struct output output = {.code = IDX_F32,
                            .rank = 2,
                            .dimensions = {block->rows, data->target_columns},
                            .elements = block->targets};
    if (data->classes) {
        bool narrow = data->classes <= UINT8_MAX + 1;
        output = (struct output){.code = narrow ? IDX_U8 : IDX_I32,
                                 .rank = 1,
                                 .dimensions = {block->rows},
                                 .elements = block->labels,
                                 .narrow = narrow};
    }
    name_output(&output, part, data->classes ? "labels" : "targets");
    return output;
}

/* Blocks and not parts: the validation rows stand among the training rows that they were chosen from. */
static struct outputs plan_outputs(const nudge_data *data) {
    struct outputs outputs = {0};
    if (data->train.rows) {
        outputs.files[IDX_TRAIN_FEATURES] = features_of(data, &data->train, "train-");
        outputs.files[IDX_TRAIN_TARGETS] = targets_of(data, &data->train, "train-");
    }
    if (data->test.rows) {
        outputs.files[IDX_TEST_FEATURES] = features_of(data, &data->test, "t10k-");
        outputs.files[IDX_TEST_TARGETS] = targets_of(data, &data->test, "t10k-");
    }
    return outputs;
}

/* -- writing one file -- */

static void put_u32(unsigned char *bytes, uint32_t value) {
    for (size_t i = 0; i < 4; i++) bytes[i] = (unsigned char)(value >> (24 - 8 * i));
}

static nudge_status write_header(const struct output *output, nudge_error *error) {
    unsigned char bytes[4 + 4 * IDX_RANK] = {0, 0, (unsigned char)output->code, (unsigned char)output->rank};
    for (size_t i = 0; i < output->rank; i++) {
        if (output->dimensions[i] > UINT32_MAX)
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "%s: %zu in one dimension, expected at most %u of an IDX file", output->name,
                             output->dimensions[i], UINT32_MAX);
        put_u32(bytes + 4 + 4 * i, (uint32_t)output->dimensions[i]);
    }
    return nudge_file_write(output->writer, bytes, 4 + 4 * output->rank, error);
}

/* Elements of 4 bytes to big-endian ones or to their last byte. Returns the bytes made. */
static size_t encode(const struct output *output, unsigned char *bytes, const void *elements, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, (const unsigned char *)elements + i * sizeof bits, sizeof bits);
        if (output->narrow)
            bytes[i] = (unsigned char)bits;
        else
            put_u32(bytes + 4 * i, bits);
    }
    return output->narrow ? count : 4 * count;
}

/* Elements first .. first+count-1 as they are in the file. */
static nudge_status write_portion(const struct output *output, size_t first, size_t count,
                                  nudge_error *error) {
    float values[PORTION]; /* or as many u8 or i32 */
    unsigned char bytes[PORTION * 4];
    nudge_status status = NUDGE_OK;
    if (output->block)
        status = data_read(output->data, output->block, first, count, values, error);
    else
        memcpy(values, (const unsigned char *)output->elements + first * sizeof *values,
               count * sizeof *values);
    if (status) return status;
    if (output->block && output->code == IDX_U8)
        return nudge_file_write(output->writer, values, count, error);
    return nudge_file_write(output->writer, bytes, encode(output, bytes, values, count), error);
}

static nudge_status write_output(const struct output *output, nudge_error *error) {
    nudge_status status = write_header(output, error);
    size_t total = 1;
    for (size_t i = 0; i < output->rank; i++) total *= output->dimensions[i];
    for (size_t done = 0; !status && done < total; done += PORTION)
        status = write_portion(output, done, total - done < PORTION ? total - done : PORTION, error);
    return status;
}

/* -- all files -- */

static nudge_status open_output(struct output *output, const nudge_context *context, const char *folder,
                                nudge_error *error) {
    const nudge_allocator *allocator = &context->allocator;
    char *path = file_path_join(allocator, folder, output->name);
    if (!path) return error_no_memory(error, strlen(folder) + NAME_ROOM, "a file's name");
    nudge_status status = nudge_file_create(context, path, &output->writer, error);
    memory_release_text(allocator, path);
    return status;
}

static nudge_status write_all(struct outputs *outputs, const nudge_context *context, const char *folder,
                              nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < IDX_ROLES; i++) {
        struct output *output = &outputs->files[i];
        if (output->rank == 0) continue;
        status = open_output(output, context, folder, error);
        if (!status) status = write_output(output, error);
    }
    for (size_t i = 0; i < IDX_ROLES; i++) {
        nudge_file *writer = outputs->files[i].writer;
        if (!writer) continue;
        if (status)
            nudge_file_abandon(writer);
        else
            status = nudge_file_commit(writer, error);
    }
    return status;
}

bool nudge_data_idx_name(const nudge_data *data, size_t i, char name[NAME_ROOM]) {
    if (!data) return false;
    struct outputs outputs = plan_outputs(data);
    for (size_t role = 0; role < IDX_ROLES; role++) {
        if (outputs.files[role].rank == 0 || i-- > 0) continue;
        memcpy(name, outputs.files[role].name, NAME_ROOM);
        return true;
    }
    return false;
}

nudge_status nudge_data_write_idx(const nudge_data *data, const char *folder, nudge_error *error) {
    if (missing(error, data, folder)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = data_check_whole(data, error);
    if (status) return status;
    if (data->unlabelled)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has rows without a target, expected one in each",
                         data->name);
    const nudge_allocator *allocator = &data->context->allocator;
    struct outputs outputs = plan_outputs(data);
    const char *names[IDX_ROLES];
    for (size_t i = 0; i < IDX_ROLES; i++) names[i] = outputs.files[i].rank ? outputs.files[i].name : NULL;
    bool made = false;
    status = data_refuse_gaps(data, "IDX", error);
    if (status) return status;
    status = file_folder_make(allocator, folder, &made, error);
    if (!status && !made) status = idx_folder_refuse_others(allocator, folder, names, error);
    if (!status) status = write_all(&outputs, data->context, folder, error);
    if (status && made) rmdir(folder);
    return status;
}
