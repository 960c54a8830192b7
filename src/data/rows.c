/* The caller's rows: copied from arrays, or read from the caller as they are needed. */
#include "data/data.h"

#include "base/finite.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"

#include <string.h>

/* -- what the caller reads -- */

struct rows_source {
    struct data_source source;
    nudge_allocator allocator;
    nudge_rows rows;
};

static nudge_status read_source(const struct data_source *source, size_t first, size_t count, void *values,
                                nudge_error *error) {
    const struct rows_source *from = (const struct rows_source *)source;
    const size_t features = from->rows.features;
    if (!from->rows.read(from->rows.user, first, count, values))
        return error_set(error, NUDGE_IO, "rows: row %zu and on could not be read", first / features);
    for (size_t i = 0; from->rows.type == NUDGE_TYPE_F32 && i < count; i++)
        if (!finite_f32(((const float *)values)[i]))
            return error_set(error, NUDGE_BAD_INPUT,
                             "rows: row %zu, feature %zu is %s, expected a finite number",
                             (first + i) / features, (first + i) % features,
                             text_number(((const float *)values)[i], 6).text);
    return NUDGE_OK;
}

static void close_source(struct data_source *source) {
    struct rows_source *from = (struct rows_source *)source;
    memory_release(&from->allocator, from, sizeof *from);
}

static nudge_status open_source(const nudge_data *data, struct data_block *block, const nudge_rows *rows,
                                nudge_error *error) {
    struct rows_source *made = memory_get(&data->context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, data->name);
    *made = (struct rows_source){{read_source, close_source}, data->context->allocator, *rows};
    block->source = &made->source;
    return NUDGE_OK;
}

/* -- making -- */

static nudge_status block_copy(const nudge_data *data, struct data_block *block, const nudge_rows *rows,
                               nudge_error *error) {
    if (block->rows == 0) return NUDGE_OK;
    if (rows->read) {
        nudge_status status = open_source(data, block, rows, error);
        if (status) return status;
    } else
        memcpy(block->values, rows->values, rows->rows * rows->features * data_value_size(data->type));
    if (data->classes)
        memcpy(block->labels, rows->labels, rows->rows * sizeof *rows->labels);
    else
        memcpy(block->targets, rows->targets, rows->rows * rows->target_columns * sizeof *rows->targets);
    if (!rows->weights) return NUDGE_OK;
    for (size_t r = 0; r < rows->rows; r++)
        if (!finite_f32(rows->weights[r]) || rows->weights[r] < 0)
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: weight of row %zu is %s, expected a number from 0 on", data->name, r,
                             text_number(rows->weights[r], 6).text);
    block->weights = memory_get(&data->context->allocator, rows->rows * sizeof *block->weights);
    if (!block->weights) return error_no_memory(error, rows->rows * sizeof *block->weights, data->name);
    memcpy(block->weights, rows->weights, rows->rows * sizeof *block->weights);
    return NUDGE_OK;
}

static nudge_status take_rows(nudge_rows *rows, const nudge_rows *given, const char *part,
                              nudge_error *error) {
    if (!options_take(rows, sizeof *rows, given))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s rows: struct_size is not set; begin with NUDGE_ROWS",
                         part);
    if (rows->type != NUDGE_TYPE_U8 && rows->type != NUDGE_TYPE_F32)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s rows: type %d, expected NUDGE_TYPE_U8 or NUDGE_TYPE_F32", part, (int)rows->type);
    if (rows->rows == 0 || (!rows->values && !rows->read))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s rows: there are none", part);
    if (rows->values && rows->read)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s rows: expected either values or read", part);
    if (!rows->labels == !rows->targets)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s rows: expected either labels or targets", part);
    if (rows->labels)
        rows->target_columns = 0;
    else
        rows->classes = 0;
    return NUDGE_OK;
}

nudge_status nudge_data_create(nudge_context *context, const nudge_rows *train, const nudge_rows *test,
                               nudge_data **data, nudge_error *error) {
    if (missing(error, context, train, data)) return NUDGE_BAD_ARGUMENT;
    nudge_rows first = NUDGE_ROWS, second = NUDGE_ROWS;
    nudge_status status = take_rows(&first, train, "train", error);
    if (!status && test) status = take_rows(&second, test, "test", error);
    if (status) return status;
    if (test && (first.features != second.features || first.type != second.type ||
                 first.classes != second.classes || first.target_columns != second.target_columns))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "train and test rows differ in type, features, classes or targets");
    struct data_shape shape = {first.type,           first.features, first.classes,
                               first.target_columns, first.height,   first.width};
    nudge_data *made;
    struct data_room train_room = {first.rows, first.read != NULL},
                     test_room = {second.rows, second.read != NULL};
    status = data_allocate(context, &shape, train_room, test_room, "rows", &made, error);
    if (status) return status;
    made->scale = first.scale;
    status = block_copy(made, &made->train, &first, error);
    if (!status) status = block_copy(made, &made->test, &second, error);
    if (!status) status = data_finish(made, error);
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *data = made;
    return NUDGE_OK;
}
