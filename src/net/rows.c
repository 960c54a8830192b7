/* See rows.h. Invariant: only the neurons' places are written; padding stays zero. */
#include "net/rows.h"

size_t rows_place(const struct row_source *source, size_t r) {
    size_t place = source->first + r;
    if (source->order) place = source->order[place];
    if (source->indices) place = source->indices[place];
    return data_part_row(&source->data->parts[source->part], place);
}

static nudge_type type_of(const struct row_source *source) {
    return source->features ? NUDGE_TYPE_F32 : source->data->type;
}

static void put_row(const struct plan *plan, void *x, size_t row, nudge_type type, const void *values,
                    size_t first, size_t end) {
    void *to = (unsigned char *)x + (row * plan->input_stride + first) * plan->verbs->element_size;
    transform_apply(&plan->net->inputs_transform, plan->verbs, to, type, values, first, end - first);
}

/* The values of row r of the batch, or of the next one behind it. */
static const unsigned char *values_of(const struct row_source *source, const struct plan *plan, size_t r) {
    if (source->features)
        return (const unsigned char *)(source->features + (source->first + r) * plan->net->inputs);
    if (source->feed) return feed_row(source->feed, source->first + r);
    const unsigned char *values = source->data->parts[source->part].block->values;
    return values + rows_place(source, r) * source->data->features * data_value_size(source->data->type);
}

/* Into L2: the few places for lines on their way to the nearest cache are for the products. */
static void fetch(const unsigned char *from, const unsigned char *end) {
    enum { CACHE_LINE = 64, INTO_L2 = 2 };
    for (; from < end; from += CACHE_LINE) __builtin_prefetch(from, 0, INTO_L2);
    __builtin_prefetch(end - 1, 0, INTO_L2);
}

void rows_inputs(const void *argument, const struct plan *plan, void *x, size_t first, size_t rows,
                 size_t first_input, size_t end_input) {
    enum { MOST_BYTES = 1 << 18 }; /* to fetch: more would not stay */
    const struct row_source *source = argument;
    nudge_type type = type_of(source);
    size_t begin = first_input * data_value_size(type), end = end_input * data_value_size(type);
    for (size_t r = first; r < first + rows; r++)
        put_row(plan, x, r, type, values_of(source, plan, r) + begin, first_input, end_input);
    if (rows * (end - begin) > MOST_BYTES) return;
    for (size_t r = first; r < first + rows && r < source->next; r++) {
        const unsigned char *next = values_of(source, plan, source->rows + r);
        fetch(next + begin, next + end);
    }
}

/* A row of a file, through a small buffer. */
static nudge_status read_row(struct plan *plan, const struct row_source *source, size_t r,
                             nudge_error *error) {
    enum { PORTION = 1024 };
    float values[PORTION]; /* or as many u8 */
    const nudge_data *data = source->data;
    size_t at = rows_place(source, r), features = data->features;
    for (size_t first = 0; first < features; first += PORTION) {
        size_t end = features - first < PORTION ? features : first + PORTION;
        nudge_status status = data_read(data, data->parts[source->part].block, at * features + first,
                                        end - first, values, error);
        if (status) return status;
        put_row(plan, plan->x, r, data->type, values, first, end);
    }
    return NUDGE_OK;
}

nudge_status rows_take(struct plan *plan, const struct row_source *source, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    if (source->features || source->feed || nudge_data_in_memory(source->data, source->part))
        rows_inputs(source, plan, plan->x, 0, source->rows, 0, plan->net->inputs);
    else
        for (size_t r = 0; !status && r < source->rows; r++) status = read_row(plan, source, r, error);
    return status;
}
