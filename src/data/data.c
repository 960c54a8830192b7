/* Data sets: making, checking, reading rows. Invariant: see data.h. */
#include "data/data.h"

#include "base/finite.h"
#include "base/random.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"

#include <string.h>

enum { MOST_CLASSES = 65536, PORTION = 4096 /* values read at once */ };

size_t data_value_size(nudge_type type) {
    return type == NUDGE_TYPE_U8 ? sizeof(uint8_t) : sizeof(float);
}

const char *data_part_name(nudge_part part) {
    static const char *const names[DATA_PARTS] = {"train", "validation", "test"};
    return (unsigned)part < DATA_PARTS ? names[part] : "unknown";
}

size_t data_part_row(const struct data_part *part, size_t row) {
    return part->selection ? part->selection[row] : row;
}

/* -- making -- */

/* Bytes of the block's three arrays; false when they do not fit in a size_t. */
static bool block_sizes(const struct data_shape *shape, size_t rows, size_t sizes[3]) {
    size_t values, targets;
    bool fits = size_multiply(&values, rows, shape->features) &&
                size_multiply(&sizes[0], values, data_value_size(shape->type)) &&
                size_multiply(&sizes[1], rows, shape->classes ? sizeof(int32_t) : 0) &&
                size_multiply(&targets, rows, shape->classes ? 0 : shape->target_columns) &&
                size_multiply(&sizes[2], targets, sizeof(float));
    return fits;
}

static struct data_shape shape_of(const nudge_data *data) {
    return (struct data_shape){data->type,           data->features, data->classes,
                               data->target_columns, data->height,   data->width};
}

static nudge_status block_allocate(const nudge_data *data, struct data_block *block, struct data_room room,
                                   nudge_error *error) {
    const nudge_allocator *allocator = &data->context->allocator;
    struct data_shape shape = shape_of(data);
    size_t sizes[3];
    if (!block_sizes(&shape, room.rows, sizes))
        return error_set(error, NUDGE_BAD_INPUT, "%s: %zu rows of %zu features do not fit in memory",
                         data->name, room.rows, data->features);
    block->rows = room.rows;
    if (room.rows == 0) return NUDGE_OK;
    if (room.in_source)
        sizes[0] = 0;
    else
        block->values = memory_get(allocator, sizes[0]);
    if (shape.classes)
        block->labels = memory_get(allocator, sizes[1]);
    else
        block->targets = memory_get(allocator, sizes[2]);
    if (!(room.in_source || block->values) || !(block->labels || block->targets))
        return error_no_memory(error, sizes[0] + sizes[1] + sizes[2], data->name);
    return NUDGE_OK;
}

static void block_release(const nudge_data *data, struct data_block *block) {
    const nudge_allocator *allocator = &data->context->allocator;
    struct data_shape shape = shape_of(data);
    size_t sizes[3];
    if (block->source) block->source->close(block->source);
    if (!block_sizes(&shape, block->rows, sizes)) return; /* then nothing was allocated */
    memory_release(allocator, block->values, sizes[0]);
    memory_release(allocator, block->labels, sizes[1]);
    memory_release(allocator, block->targets, sizes[2]);
    memory_release(allocator, block->weights, block->rows * sizeof *block->weights);
    memory_release(allocator, block->ids, block->id_bytes);
    memory_release(allocator, block->id_places, block->rows * sizeof *block->id_places);
}

static nudge_status shape_check(const struct data_shape *shape, const char *name, nudge_error *error) {
    if (shape->features == 0) return error_set(error, NUDGE_BAD_INPUT, "%s: rows have no features", name);
    if (shape->classes == 0 && shape->target_columns == 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: rows have neither classes nor target columns", name);
    if (shape->classes > 0 && shape->target_columns > 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: rows have both classes and target columns, expected one of them", name);
    if (shape->classes > MOST_CLASSES)
        return error_set(error, NUDGE_BAD_INPUT, "%s: %zu classes, expected at most %d", name, shape->classes,
                         MOST_CLASSES);
    size_t pixels;
    bool image = shape->height || shape->width;
    if (image && (!size_multiply(&pixels, shape->height, shape->width) || pixels != shape->features))
        return error_set(error, NUDGE_BAD_INPUT, "%s: images of %zu by %zu, but %zu features", name,
                         shape->height, shape->width, shape->features);
    return NUDGE_OK;
}

nudge_status data_allocate(nudge_context *context, const struct data_shape *shape, struct data_room train,
                           struct data_room test, const char *name, nudge_data **data, nudge_error *error) {
    nudge_status status = shape_check(shape, name, error);
    if (status) return status;
    if (train.rows > UINT32_MAX || test.rows > UINT32_MAX)
        return error_set(error, NUDGE_BAD_INPUT, "%s: %zu rows, expected at most %u", name,
                         train.rows > test.rows ? train.rows : test.rows, UINT32_MAX);
    nudge_data *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, name);
    made->context = context;
    size_t length = strlen(name) < DATA_NAME_LENGTH - 1 ? strlen(name) : DATA_NAME_LENGTH - 1;
    memcpy(made->name, name, length);
    made->type = shape->type;
    made->features = shape->features;
    made->classes = shape->classes;
    made->target_columns = shape->target_columns;
    made->height = shape->height;
    made->width = shape->width;
    status = block_allocate(made, &made->train, train, error);
    if (!status) status = block_allocate(made, &made->test, test, error);
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *data = made;
    return NUDGE_OK;
}

/* `may_miss` [columns]: where NaN stands for a number that is missing; NULL: nowhere. */
static nudge_status check_numbers(const nudge_data *data, const char *part, const char *what,
                                  const float *numbers, size_t rows, size_t columns, const bool *may_miss,
                                  nudge_error *error) {
    for (size_t i = 0, all = rows * columns; i < all; i++)
        if (!finite_f32(numbers[i]) && !(numbers[i] != numbers[i] && may_miss && may_miss[i % columns]))
            return error_set(error, NUDGE_BAD_INPUT, "%s: %s row %zu, %s %zu is %s, expected a finite number",
                             data->name, part, i / columns, what, i % columns,
                             text_number(numbers[i], 6).text);
    return NUDGE_OK;
}

/* A table's numbers may be missing in the inputs of its columns of numbers, and in targets that are to be predicted. */
static nudge_status check_values(const nudge_data *data, const struct data_block *block, const char *part,
                                 nudge_error *error) {
    const nudge_allocator *allocator = &data->context->allocator;
    size_t most = data->features > data->target_columns ? data->features : data->target_columns;
    bool gaps = data->columns || data->unlabelled;
    bool *may_miss = gaps ? memory_get_zeroed(allocator, most * sizeof *may_miss) : NULL;
    if (gaps && !may_miss) return error_no_memory(error, most * sizeof *may_miss, data->name);
    for (size_t c = 0; data->columns && c < data->columns->count; c++) {
        const struct column *column = &data->columns->items[c];
        if (column->inputs && column->kind == NUDGE_COLUMN_NUMBER) may_miss[column->first] = true;
    }
    nudge_status status = NUDGE_OK;
    if (!block->source && data->type == NUDGE_TYPE_F32)
        status =
            check_numbers(data, part, "feature", block->values, block->rows, data->features, may_miss, error);
    for (size_t j = 0; data->unlabelled && may_miss && j < most; j++) may_miss[j] = true;
    if (!status && !data->classes)
        status = check_numbers(data, part, "target", block->targets, block->rows, data->target_columns,
                               data->unlabelled ? may_miss : NULL, error);
    memory_release(allocator, may_miss, most * sizeof *may_miss);
    return status;
}

/* A source refuses numbers that are not finite itself; bytes are all right. */
static nudge_status check_source(const nudge_data *data, const struct data_block *block, nudge_error *error) {
    float values[PORTION];
    nudge_status status = NUDGE_OK;
    size_t all = block->rows * data->features;
    for (size_t done = 0; !status && data->type == NUDGE_TYPE_F32 && done < all; done += PORTION)
        status = data_read(data, block, done, all - done < PORTION ? all - done : PORTION, values, error);
    return status;
}

static nudge_status check_block(const nudge_data *data, const struct data_block *block, nudge_part part,
                                nudge_error *error) {
    const char *name = data_part_name(part);
    for (size_t r = 0; data->classes && r < block->rows; r++)
        if (block->labels[r] < -(int32_t)data->unlabelled ||
            (block->labels[r] >= 0 && (size_t)block->labels[r] >= data->classes))
            return error_set(error, NUDGE_BAD_INPUT, "%s: %s row %zu has label %d, expected 0 to %zu",
                             data->name, name, r, (int)block->labels[r], data->classes - 1);
    nudge_status status = block->source ? check_source(data, block, error) : NUDGE_OK;
    return status ? status : check_values(data, block, name, error);
}

nudge_status data_finish(nudge_data *data, nudge_error *error) {
    nudge_status status = check_block(data, &data->train, NUDGE_PART_TRAIN, error);
    if (!status) status = check_block(data, &data->test, NUDGE_PART_TEST, error);
    if (status) return status;
    data->parts[NUDGE_PART_TRAIN] = (struct data_part){&data->train, data->train.rows, NULL};
    data->parts[NUDGE_PART_VALIDATION] = (struct data_part){&data->train, 0, NULL};
    data->parts[NUDGE_PART_TEST] = (struct data_part){&data->test, data->test.rows, NULL};
    return NUDGE_OK;
}

static void release_selection(nudge_data *data, nudge_part part) {
    struct data_part *p = &data->parts[part];
    if (p->selection) memory_release(&data->context->allocator, p->selection, p->rows * sizeof *p->selection);
    p->selection = NULL;
}

/* Room for a list of texts: so many that one of many texts is not copied again and again. */
static size_t text_room(size_t count) {
    size_t room = count > 0;
    while (room < count) room *= 2;
    return room;
}

static void release_texts(const nudge_allocator *allocator, char **texts, size_t count) {
    for (size_t i = 0; texts && i < count; i++) memory_release_text(allocator, texts[i]);
    memory_release(allocator, texts, text_room(count) * sizeof *texts);
}

void nudge_data_free(nudge_data *data) {
    if (!data) return;
    release_selection(data, NUDGE_PART_TRAIN);
    release_selection(data, NUDGE_PART_VALIDATION);
    release_selection(data, NUDGE_PART_TEST);
    nudge_allocator allocator = data->context->allocator;
    if (data->of) { /* everything else is the other's */
        memory_release(&allocator, data, sizeof *data);
        return;
    }
    block_release(data, &data->train);
    block_release(data, &data->test);
    release_texts(&allocator, data->files, data->file_count);
    release_texts(&allocator, data->remarks, data->remark_count);
    for (size_t c = 0; data->class_names && c < data->classes; c++)
        memory_release_text(&allocator, data->class_names[c]);
    memory_release(&allocator, data->class_names, data->classes * sizeof *data->class_names);
    columns_free(data->columns);
    memory_release(&allocator, data, sizeof *data);
}

/* -- the files behind it, and what is to be said of it -- */

/* A list of texts gets one more. */
static nudge_status add_text(const nudge_allocator *allocator, char ***texts, size_t *count, const char *text,
                             nudge_error *error) {
    size_t room = text_room(*count), wanted = text_room(*count + 1);
    char *copy = memory_copy_text(allocator, text), **longer = *texts;
    if (copy && wanted > room) longer = memory_get(allocator, wanted * sizeof *longer);
    if (!copy || !longer) {
        memory_release_text(allocator, copy);
        return error_no_memory(error, strlen(text) + 1, "a data set's texts");
    }
    if (longer != *texts) {
        for (size_t i = 0; i < *count; i++) longer[i] = (*texts)[i];
        memory_release(allocator, *texts, room * sizeof **texts);
        *texts = longer;
    }
    longer[(*count)++] = copy;
    return NUDGE_OK;
}

nudge_status data_add_file(nudge_data *data, const char *path, nudge_error *error) {
    return add_text(&data->context->allocator, &data->files, &data->file_count, path, error);
}

nudge_status data_add_remark(nudge_data *data, const char *sentence, nudge_error *error) {
    return add_text(&data->context->allocator, &data->remarks, &data->remark_count, sentence, error);
}

const char *nudge_data_remark(const nudge_data *data, size_t i) {
    return i < data->remark_count ? data->remarks[i] : NULL;
}

const char *nudge_data_file(const nudge_data *data, size_t i) {
    return i < data->file_count ? data->files[i] : NULL;
}

/* -- the validation split -- */

/* Draws `chosen` of the part's rows without replacement (Fan, Muller and Rezucha 1962: a row is taken with
 * probability still-wanted / still-to-come), so that both lists come out in order. */
static void select_rows(uint32_t *kept, uint32_t *validation, const struct data_part *part, size_t chosen,
                        uint64_t seed) {
    struct random_stream stream = random_stream_make(seed, RANDOM_SPLIT, 0, 0, 0);
    size_t wanted = chosen;
    for (size_t row = 0; row < part->rows; row++) {
        uint32_t at = (uint32_t)data_part_row(part, row);
        if (random_below(&stream, (uint32_t)(part->rows - row)) < wanted) {
            *validation++ = at;
            wanted--;
        } else {
            *kept++ = at;
        }
    }
}

/* Room for both lists. */
static nudge_status selections_get(nudge_data *data, size_t kept, size_t chosen, uint32_t *lists[2],
                                   nudge_error *error) {
    const nudge_allocator *allocator = &data->context->allocator;
    lists[0] = memory_get(allocator, kept * sizeof **lists);
    lists[1] = memory_get(allocator, chosen * sizeof **lists);
    if (lists[0] && lists[1]) return NUDGE_OK;
    memory_release(allocator, lists[0], kept * sizeof **lists);
    memory_release(allocator, lists[1], chosen * sizeof **lists);
    return error_no_memory(error, (kept + chosen) * sizeof **lists, "the validation split");
}

static void selections_set(nudge_data *data, size_t kept, size_t chosen, uint32_t *const lists[2]) {
    release_selection(data, NUDGE_PART_TRAIN); /* a fold has one already */
    data->parts[NUDGE_PART_TRAIN] = (struct data_part){&data->train, kept, lists[0]};
    data->parts[NUDGE_PART_VALIDATION] = (struct data_part){&data->train, chosen, lists[1]};
}

nudge_status nudge_data_split(nudge_data *data, double fraction, uint64_t seed, nudge_error *error) {
    if (missing(error, data)) return NUDGE_BAD_ARGUMENT;
    size_t rows = data->parts[NUDGE_PART_TRAIN].rows;
    if (data->parts[NUDGE_PART_VALIDATION].rows)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: has a validation part already", data->name);
    if (!(fraction > 0 && fraction < 1))
        return error_set(error, NUDGE_BAD_ARGUMENT, "validation fraction %s, expected above 0 and below 1",
                         text_number(fraction, 6).text);
    if (rows < 2)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: %zu training row, at least 2 are needed for a validation part", data->name,
                         rows);
    size_t chosen = (size_t)((double)rows * fraction + 0.5);
    chosen = chosen < 1 ? 1 : chosen > rows - 1 ? rows - 1 : chosen;
    uint32_t *lists[2];
    nudge_status status = selections_get(data, rows - chosen, chosen, lists, error);
    if (status) return status;
    select_rows(lists[0], lists[1], &data->parts[NUDGE_PART_TRAIN], chosen, seed);
    selections_set(data, rows - chosen, chosen, lists);
    return NUDGE_OK;
}

nudge_status data_select(nudge_data *data, const unsigned char *validation, nudge_error *error) {
    size_t rows = data->train.rows, chosen = 0, to[2] = {0};
    for (size_t r = 0; r < rows; r++) chosen += validation[r] != 0;
    if (chosen == 0) return NUDGE_OK;
    uint32_t *lists[2];
    nudge_status status = selections_get(data, rows - chosen, chosen, lists, error);
    if (status) return status;
    for (size_t r = 0; r < rows; r++) {
        size_t list = validation[r] != 0;
        lists[list][to[list]++] = (uint32_t)r;
    }
    selections_set(data, rows - chosen, chosen, lists);
    return NUDGE_OK;
}

/* -- reading -- */

nudge_status data_check_whole(const nudge_data *data, nudge_error *error) {
    return data->of ? error_set(error, NUDGE_BAD_ARGUMENT,
                                "%s: a fold of it cannot be written, only the whole set", data->name)
                    : NUDGE_OK;
}

nudge_status data_read(const nudge_data *data, const struct data_block *block, size_t first, size_t count,
                       void *values, nudge_error *error) {
    if (block->source) return block->source->read(block->source, first, count, values, error);
    size_t size = data_value_size(data->type);
    memcpy(values, (const unsigned char *)block->values + first * size, count * size);
    return NUDGE_OK;
}

nudge_status data_visit_rows(const nudge_data *data, nudge_part part, data_visit *visit, void *user,
                             nudge_error *error) {
    enum { CHUNK_BYTES = 1 << 18 };
    const struct data_part *p = &data->parts[part];
    size_t row_bytes = data->features * data_value_size(data->type),
           chunk_rows = row_bytes < CHUNK_BYTES ? CHUNK_BYTES / row_bytes : 1;
    const nudge_allocator *allocator = &data->context->allocator;
    const unsigned char *values = p->block->values;
    unsigned char *chunk = p->block->source ? memory_get(allocator, chunk_rows * row_bytes) : NULL;
    if (p->block->source && !chunk) return error_no_memory(error, chunk_rows * row_bytes, data->name);
    nudge_status status = NUDGE_OK;
    size_t begin = 0, end = 0; /* the block's rows that are in the chunk */
    for (size_t r = 0; !status && r < p->rows; r++) {
        size_t at = data_part_row(p, r);
        if (chunk && at >= end) {
            begin = at;
            end = p->block->rows - at < chunk_rows ? p->block->rows : at + chunk_rows;
            status = data_read(data, p->block, begin * data->features, (end - begin) * data->features, chunk,
                               error);
        }
        if (!status) visit(user, chunk ? chunk + (at - begin) * row_bytes : values + at * row_bytes);
    }
    memory_release(allocator, chunk, chunk_rows * row_bytes);
    return status;
}

bool nudge_data_columns(const nudge_data *data, size_t i, nudge_column *column) {
    return columns_give(data->columns, i, column);
}
double nudge_data_test_share(const nudge_data *data) {
    return data->test_share;
}
const char *nudge_data_name(const nudge_data *data) {
    return data->name;
}
size_t nudge_data_rows(const nudge_data *data, nudge_part part) {
    return (unsigned)part < DATA_PARTS ? data->parts[part].rows : 0;
}
size_t nudge_data_features(const nudge_data *data) {
    return data->features;
}
size_t nudge_data_classes(const nudge_data *data) {
    return data->classes;
}
size_t nudge_data_targets(const nudge_data *data) {
    return data->classes ? data->classes : data->target_columns;
}
nudge_type nudge_data_type(const nudge_data *data) {
    return data->type;
}
bool nudge_data_in_memory(const nudge_data *data, nudge_part part) {
    return (unsigned)part >= DATA_PARTS || !data->parts[part].block->source;
}

bool nudge_data_image(const nudge_data *data, size_t *height, size_t *width) {
    if (height) *height = data->height;
    if (width) *width = data->width;
    return data->height > 0;
}

static nudge_status read_features(const nudge_data *data, const struct data_block *block, size_t row,
                                  float *features, nudge_error *error) {
    uint8_t bytes[PORTION];
    size_t n = data->features;
    nudge_status status = NUDGE_OK;
    if (data->type == NUDGE_TYPE_F32) return data_read(data, block, row * n, n, features, error);
    for (size_t done = 0; !status && done < n; done += PORTION) {
        size_t count = n - done < PORTION ? n - done : PORTION;
        status = data_read(data, block, row * n + done, count, bytes, error);
        for (size_t i = 0; !status && i < count; i++) features[done + i] = bytes[i];
    }
    return status;
}

nudge_status nudge_data_row(const nudge_data *data, nudge_part part, size_t row, float *features,
                            float *targets, nudge_error *error) {
    if (missing(error, data)) return NUDGE_BAD_ARGUMENT;
    size_t rows = nudge_data_rows(data, part);
    if (rows == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", data->name, data_part_name(part));
    if (row >= rows)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: %s row %zu, expected 0 to %zu", data->name,
                         data_part_name(part), row, rows - 1);
    const struct data_block *block = data->parts[part].block;
    size_t at = data_part_row(&data->parts[part], row);
    nudge_status status = features ? read_features(data, block, at, features, error) : NUDGE_OK;
    if (status) return status;
    for (size_t j = 0; targets && j < nudge_data_targets(data); j++)
        targets[j] = data->classes ? (float)((size_t)block->labels[at] == j)
                                   : block->targets[at * data->target_columns + j];
    return NUDGE_OK;
}

int32_t nudge_data_label(const nudge_data *data, nudge_part part, size_t row) {
    if (!data->classes || row >= nudge_data_rows(data, part)) return -1;
    return data->parts[part].block->labels[data_part_row(&data->parts[part], row)];
}

const char *nudge_data_label_name(const nudge_data *data, size_t label) {
    if (data->class_names && label < data->classes) return data->class_names[label];
    for (size_t c = 0; data->columns && data->classes && c < data->columns->count; c++) {
        const struct column *column = &data->columns->items[c];
        if (column->role == NUDGE_COLUMN_TARGET)
            return label < column->category_count ? column->categories[label] : NULL;
    }
    return NULL;
}

const char *nudge_data_id(const nudge_data *data, nudge_part part, size_t row) {
    if (row >= nudge_data_rows(data, part)) return NULL;
    const struct data_block *block = data->parts[part].block;
    return block->ids ? block->ids + block->id_places[data_part_row(&data->parts[part], row)] : NULL;
}
