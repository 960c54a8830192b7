/* Data sets into text tables. Invariant: what is written reads back as the same rows, and the table takes its name only when
 * it is complete. */
#include "base/status.h"
#include "base/text.h"
#include "data/data.h"
#include "table/csv_table.h"

#include <string.h>

enum {
    BUFFER = 1 << 20,
    ROOM = 48,           /* bytes that a number takes at most, and what stands beside it */
    WHOLE_MOST = 9999999 /* what is below is written digit by digit */
};

/* The table on its way. An error stays. */
struct csv_output {
    const nudge_data *data;
    nudge_file *file;
    char *buffer; /* [BUFFER] */
    size_t used;
    bool first; /* of its line */
    /* of the part that is written */
    const struct data_part *part;
    const char *split; /* its name, where the rows say it; else NULL */
    size_t row;
    nudge_status status;
    nudge_error *error;
};

/* -- bytes -- */

static void flush(struct csv_output *output) {
    if (!output->status && output->used)
        output->status = nudge_file_write(output->file, output->buffer, output->used, output->error);
    output->used = 0;
}

static inline char *room_for(struct csv_output *output, size_t count) {
    if (BUFFER - output->used < count) flush(output);
    return output->buffer + output->used;
}

static void put_bytes(struct csv_output *output, const char *bytes, size_t count) {
    while (count > 0) {
        if (output->used == BUFFER) flush(output);
        size_t now = count < BUFFER - output->used ? count : BUFFER - output->used;
        memcpy(output->buffer + output->used, bytes, now);
        output->used += now;
        bytes += now;
        count -= now;
    }
}

static void begin_cell(struct csv_output *output) {
    if (!output->first) put_bytes(output, ",", 1);
    output->first = false;
}

static void end_line(struct csv_output *output) {
    put_bytes(output, "\n", 1);
    output->first = true;
}

/* -- cells -- */

/* Where the text would read back as another cell, or as two: separators, blanks at the ends, what says "missing". */
static bool needs_quotes(const char *text, size_t length) {
    if (csv_is_missing(text, length)) return true;
    return strpbrk(text, ",;|\t\"\r\n ") != NULL || strncmp(text, "\xEF\xBB\xBF", 3) == 0;
}

static void put_text(struct csv_output *output, const char *text) {
    size_t length = strlen(text);
    begin_cell(output);
    if (!needs_quotes(text, length)) {
        put_bytes(output, text, length);
        return;
    }
    put_bytes(output, "\"", 1);
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        put_bytes(output, text, (size_t)(quote - text) + 1);
        put_bytes(output, "\"", 1);
    }
    put_bytes(output, text, strlen(text));
    put_bytes(output, "\"", 1);
}

/* From 0 to WHOLE_MOST; returns behind it. */
static inline char *write_whole(char *to, uint32_t number) {
    char digits[8];
    size_t count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count > 0) *to++ = digits[--count];
    return to;
}

/* The shortest text that reads back the same; a number that is missing is nothing. */
static char *write_number(char *to, float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    bool positive = bits >> 31 == 0;
    if (positive && number <= WHOLE_MOST && (float)(uint32_t)number == number)
        return write_whole(to, (uint32_t)number);
    if (number != number) return to;
    struct text_number text = text_float(number);
    size_t length = strlen(text.text);
    memcpy(to, text.text, length);
    return to + length;
}

static void put_numbers(struct csv_output *output, const float *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *to = room_for(output, ROOM), *from = to;
        if (!output->first) *to++ = ',';
        output->first = false;
        to = write_number(to, numbers[i]);
        output->used += (size_t)(to - from);
    }
}

static void put_pixels(struct csv_output *output, const uint8_t *pixels, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *to = room_for(output, ROOM), *from = to;
        if (!output->first) *to++ = ',';
        output->first = false;
        to = write_whole(to, pixels[i]);
        output->used += (size_t)(to - from);
    }
}

/* -- columns -- */

static const struct column *column_of_role(const nudge_data *data, nudge_column_role role, size_t i) {
    const struct columns *columns = data->columns;
    for (size_t c = 0; columns && c < columns->count; c++)
        if (columns->items[c].role == role && i-- == 0) return &columns->items[c];
    return NULL;
}

static bool is_feature_called(const nudge_data *data, const char *name) {
    const struct column *column;
    for (size_t i = 0; (column = column_of_role(data, NUDGE_COLUMN_FEATURE, i)); i++)
        if (strcmp(column->name, name) == 0) return true;
    return false;
}

/* A header of numbers would read back as a row. */
static void put_name(struct csv_output *output, const char *name) {
    double number;
    if (csv_number(name, strlen(name), &number)) {
        begin_cell(output);
        put_bytes(output, "column", 6);
        put_bytes(output, name, strlen(name));
        return;
    }
    put_text(output, name);
}

static void put_numbered(struct csv_output *output, const char *word, size_t count) {
    char name[ROOM];
    for (size_t i = 0; i < count; i++) {
        text_append(name, sizeof name, 0, "%s%zu", word, i);
        put_text(output, name);
    }
}

static void put_target_names(struct csv_output *output) {
    const nudge_data *data = output->data;
    const struct column *column = column_of_role(data, NUDGE_COLUMN_TARGET, 0);
    if (!column && data->target_columns == 1) put_text(output, "target");
    if (!column && data->target_columns > 1) put_numbered(output, "target", data->target_columns);
    for (size_t i = 0; (column = column_of_role(data, NUDGE_COLUMN_TARGET, i)); i++)
        put_name(output, column->name);
}

static const char *role_name(const nudge_data *data, nudge_column_role role, const char *otherwise) {
    const struct column *column = column_of_role(data, role, 0);
    return column ? column->name : otherwise;
}

static void put_header(struct csv_output *output, bool split) {
    const nudge_data *data = output->data;
    const struct data_block *block = data->train.rows ? &data->train : &data->test;
    const struct column *column;
    if (data->classes)
        put_name(output,
                 is_feature_called(data, "label") ? role_name(data, NUDGE_COLUMN_TARGET, "label") : "label");
    if (block->ids) put_name(output, role_name(data, NUDGE_COLUMN_ID, "id"));
    for (size_t i = 0; (column = column_of_role(data, NUDGE_COLUMN_FEATURE, i)); i++)
        put_name(output, column->name);
    if (!data->columns) put_numbered(output, data->height ? "pixel" : "x", data->features);
    if (block->weights) put_name(output, role_name(data, NUDGE_COLUMN_WEIGHT, "weight"));
    if (!data->classes) put_target_names(output);
    if (split) put_text(output, is_feature_called(data, "split") ? "nudge_split" : "split");
    end_line(output);
}

/* -- rows -- */

/* The category whose input is 1; nothing where none is. */
static void put_category(struct csv_output *output, const struct column *column, const float *inputs) {
    for (size_t i = 0; i < column->category_count; i++)
        if (inputs[i] == 1) {
            put_text(output, column->categories[i]);
            return;
        }
    begin_cell(output);
}

static void put_features(struct csv_output *output, const void *values) {
    const nudge_data *data = output->data;
    const struct columns *columns = data->columns;
    if (data->type == NUDGE_TYPE_U8) {
        put_pixels(output, values, data->features);
        return;
    }
    if (!columns) put_numbers(output, values, data->features);
    for (size_t c = 0; columns && c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        const float *inputs = (const float *)values + column->first;
        if (column->role != NUDGE_COLUMN_FEATURE) continue;
        if (column->kind == NUDGE_COLUMN_CATEGORY)
            put_category(output, column, inputs);
        else
            put_numbers(output, inputs, 1);
    }
}

static void put_label(struct csv_output *output, int32_t label) {
    const char *name = label >= 0 ? nudge_data_label_name(output->data, (size_t)label) : NULL;
    if (name) {
        put_text(output, name);
        return;
    }
    begin_cell(output);
    char *to = room_for(output, ROOM);
    if (label >= 0) output->used += (size_t)(write_whole(to, (uint32_t)label) - to);
}

static void put_row(void *user, const void *values) {
    struct csv_output *output = user;
    const nudge_data *data = output->data;
    const struct data_block *block = output->part->block;
    if (output->status) return;
    size_t row = data_part_row(output->part, output->row++);
    if (data->classes) put_label(output, block->labels[row]);
    if (block->ids) put_text(output, block->ids + block->id_places[row]);
    put_features(output, values);
    if (block->weights) put_numbers(output, &block->weights[row], 1);
    if (!data->classes)
        put_numbers(output, block->targets + row * data->target_columns, data->target_columns);
    if (output->split) put_text(output, output->split);
    end_line(output);
}

/* -- the table -- */

static nudge_status put_parts(struct csv_output *output, const nudge_part *part) {
    static const char *const names[DATA_PARTS] = {"train", "val", "test"};
    const nudge_data *data = output->data;
    size_t parts = 0;
    for (size_t p = 0; p < DATA_PARTS; p++) parts += data->parts[p].rows > 0;
    bool split = !part && parts > 1;
    put_header(output, split);
    nudge_status status = NUDGE_OK;
    for (size_t p = 0; !status && p < DATA_PARTS; p++) {
        if (data->parts[p].rows == 0 || (part && *part != (nudge_part)p)) continue;
        output->part = &data->parts[p];
        output->split = split ? names[p] : NULL;
        output->row = 0;
        status = data_visit_rows(data, (nudge_part)p, put_row, output, output->error);
    }
    flush(output);
    return status ? status : output->status;
}

nudge_status nudge_data_write_csv(const nudge_data *data, const char *path, const nudge_part *part,
                                  nudge_error *error) {
    if (missing(error, data, path)) return NUDGE_BAD_ARGUMENT;
    if (part && nudge_data_rows(data, *part) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: has no %s part", data->name,
                         (unsigned)*part < DATA_PARTS ? data_part_name(*part) : "such");
    struct csv_output output = {.data = data, .first = true, .error = error};
    output.buffer = memory_get(&data->context->allocator, BUFFER);
    if (!output.buffer) return error_no_memory(error, BUFFER, "a table's text");
    nudge_status status = nudge_file_create(data->context, path, &output.file, error);
    bool created = !status;
    if (!status) status = put_parts(&output, part);
    if (!status)
        status = nudge_file_commit(output.file, error);
    else if (created)
        nudge_file_abandon(output.file);
    memory_release(&data->context->allocator, output.buffer, BUFFER);
    return status;
}
