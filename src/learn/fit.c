/* See nudge_net_fit in nudge.h. One pass over the training rows gives every column's mean, deviation and range; quantiles
 * take another. Invariant: the same rows give the same numbers, wherever they are: sums are in double precision and in
 * the rows' order, on one thread. */
#include "learn/fit.h"

#include "base/elementary.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one pass finds of a column. Sums are about its first value, which keeps their digits where all are large. */
struct column_sums {
    double first, sum, squares;
    uint64_t count; /* values that are not missing */
    float low, high;
    bool whole; /* all are */
    bool bits;  /* all are 0 or 1 */
};

struct fitting {
    const nudge_data *data;
    nudge_net *net;
    nudge_scale scale;
    struct column_sums *columns;
    float *sample; /* [features][sampled], for quantiles; NULL: none are wanted */
    size_t sampled, every, rows;
    size_t column; /* that the present input comes from */
};

/* -- the passes -- */

static void add_value(struct column_sums *c, float x) {
    if (x != x) return;
    if (c->count++ == 0) *c = (struct column_sums){(double)x, 0, 0, 1, x, x, true, true};
    double away = (double)x - c->first;
    c->sum += away;
    c->squares += away * away;
    c->low = x < c->low ? x : c->low;
    c->high = x > c->high ? x : c->high;
    c->whole &= floorf(x) == x;
    c->bits &= x == 0 || x == 1;
}

static void add_row(void *user, const void *values) {
    struct fitting *fitting = user;
    size_t features = fitting->data->features;
    const float *numbers = values;
    const uint8_t *bytes = values;
    if (fitting->data->type == NUDGE_TYPE_U8)
        for (size_t i = 0; i < features; i++) add_value(&fitting->columns[i], bytes[i]);
    else
        for (size_t i = 0; i < features; i++) add_value(&fitting->columns[i], numbers[i]);
}

static void sample_row(void *user, const void *values) {
    struct fitting *fitting = user;
    size_t features = fitting->data->features, row = fitting->rows++;
    if (row % fitting->every || row / fitting->every >= fitting->sampled) return;
    for (size_t i = 0; i < features; i++)
        fitting->sample[i * fitting->sampled + row / fitting->every] =
            fitting->data->type == NUDGE_TYPE_U8 ? ((const uint8_t *)values)[i] : ((const float *)values)[i];
}

/* Lowest and highest byte so far: all that most images need. */
static void add_bytes(void *user, const void *values) {
    struct fitting *fitting = user;
    const uint8_t *bytes = values;
    uint8_t low = 255, high = 0;
    for (size_t i = 0; i < fitting->data->features; i++) {
        low = bytes[i] < low ? bytes[i] : low;
        high = bytes[i] > high ? bytes[i] : high;
    }
    struct column_sums *all = &fitting->columns[0];
    if (all->count++ == 0) *all = (struct column_sums){.low = low, .high = high, .count = 1, .whole = true};
    all->low = low < all->low ? low : all->low;
    all->high = high > all->high ? high : all->high;
}

/* -- a column's numbers -- */

static double mean_of(const struct column_sums *c) {
    return c->count ? c->first + c->sum / (double)c->count : 0;
}

/* √(Σ (x - mean)² / n) */
static double deviation_of(const struct column_sums *c) {
    if (c->count == 0) return 0;
    double mean = c->sum / (double)c->count, variance = c->squares / (double)c->count - mean * mean;
    return variance > 0 && c->low < c->high ? sqrt(variance) : 0;
}

static int compare_floats(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Sorts the column's sample; returns how many values are not missing. */
static size_t sort_sample(struct fitting *fitting, size_t i) {
    float *values = fitting->sample + i * fitting->sampled;
    size_t count = 0;
    for (size_t r = 0; r < fitting->sampled; r++)
        if (values[r] == values[r]) values[count++] = values[r];
    qsort(values, count, sizeof *values, compare_floats);
    for (size_t r = count; r < fitting->sampled; r++) values[r] = __builtin_nanf("");
    return count;
}

/* Between the two values that it lies between. */
static double quantile(const float *sorted, size_t count, double share) {
    if (count == 0) return 0;
    double place = share * (double)(count - 1);
    size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
    return (double)sorted[below] + (place - (double)below) * ((double)sorted[above] - (double)sorted[below]);
}

/* -- one input -- */

static void set_column(struct transform *t, size_t i, nudge_scale scale, double shift, double spread,
                       const struct column_sums *c) {
    float factor = spread > 0 ? (float)(1 / spread) : 0;
    float below = (c->low - (float)shift) * factor, above = (c->high - (float)shift) * factor;
    bool fits = below - below == 0 && above - above == 0 && !(spread > 0 && factor == 0);
    if (!fits) { /* numbers at the ends of f32's range: by their size alone */
        float size = -c->low > c->high ? -c->low : c->high;
        shift = 0;
        factor = size > 0 && 1 / size > 0 && 1 / size - 1 / size == 0 ? 1 / size : 1;
    }
    t->scale[i] = (uint8_t)scale;
    t->shift[i] = (float)shift;
    t->factor[i] = factor;
    t->low[i] = c->low;
    t->high[i] = c->high;
}

/* Asked from input 0 on, one after the other: `fitting->column` goes along. */
static bool is_number(struct fitting *fitting, size_t input) {
    const struct columns *columns = fitting->data->columns;
    if (!columns) return true;
    while (fitting->column < columns->count &&
           !(input >= columns->items[fitting->column].first &&
             input - columns->items[fitting->column].first < columns->items[fitting->column].inputs))
        fitting->column++;
    if (fitting->column == columns->count) return false;
    const struct column *column = &columns->items[fitting->column];
    return column->kind == NUDGE_COLUMN_NUMBER && input == column->first;
}

/* Log columns were summed as they are: their logs' sums come from the sample, which then has all rows or many. */
static void set_log(struct fitting *fitting, struct transform *t, size_t i) {
    const float *values = fitting->sample + i * fitting->sampled;
    size_t count = sort_sample(fitting, i);
    struct column_sums logs = {0};
    for (size_t r = 0; r < count; r++) {
        float size = f32_log1p(f32_abs(values[r]));
        add_value(&logs, values[r] < 0 ? -size : size);
    }
    set_column(t, i, NUDGE_SCALE_LOG, mean_of(&logs), deviation_of(&logs), &fitting->columns[i]);
    t->log[i] = 1;
}

static void set_input(struct fitting *fitting, struct transform *t, size_t i) {
    const struct column_sums *c = &fitting->columns[i];
    bool number = is_number(fitting, i), constant = !(c->low < c->high);
    nudge_scale scale = fitting->scale;
    if (scale == NUDGE_SCALE_AUTO) scale = c->bits ? NUDGE_SCALE_NONE : NUDGE_SCALE_STANDARD;
    if (!number) scale = NUDGE_SCALE_NONE;
    if (constant && (fitting->scale != NUDGE_SCALE_NONE || !number)) {
        set_column(t, i, scale, c->count ? (double)c->low : 0, 0, c);
    } else if (scale == NUDGE_SCALE_NONE) {
        set_column(t, i, scale, 0, 1, c);
    } else if (scale == NUDGE_SCALE_PIXEL) {
        set_column(t, i, scale, 0, 255, c);
    } else if (scale == NUDGE_SCALE_RANGE) {
        set_column(t, i, scale, (double)c->low, (double)c->high - (double)c->low, c);
    } else if (scale == NUDGE_SCALE_LOG) {
        set_log(fitting, t, i);
    } else if (scale == NUDGE_SCALE_ROBUST) {
        size_t count = sort_sample(fitting, i);
        const float *values = fitting->sample + i * fitting->sampled;
        double spread = quantile(values, count, 0.75) - quantile(values, count, 0.25);
        set_column(t, i, scale, quantile(values, count, 0.5), spread > 0 ? spread : deviation_of(c), c);
    } else {
        set_column(t, i, NUDGE_SCALE_STANDARD, mean_of(c), deviation_of(c), c);
    }
    if (!fitting->data->columns || !number) return;
    nudge_missing missing = fitting->data->columns->missing;
    t->fill[i] = missing == NUDGE_MISSING_ZERO ? 0 : (float)mean_of(c);
    if (missing == NUDGE_MISSING_MEDIAN) {
        size_t count = sort_sample(fitting, i);
        t->fill[i] = (float)quantile(fitting->sample + i * fitting->sampled, count, 0.5);
    }
}

/* -- images, and tables that are images -- */

static void set_all(struct transform *t, nudge_scale scale, double shift, double spread,
                    const struct column_sums *all) {
    for (size_t i = 0; i < t->count; i++) set_column(t, i, scale, shift, spread, all);
}

/* All columns as one. */
static struct column_sums sum_all(const struct fitting *fitting) {
    struct column_sums all = fitting->columns[0];
    for (size_t i = 1; i < fitting->data->features; i++) {
        const struct column_sums *c = &fitting->columns[i];
        double away = c->first - all.first, count = (double)c->count;
        all.sum += c->sum + count * away;
        all.squares += c->squares + 2 * away * c->sum + count * away * away;
        all.count += c->count;
        all.low = c->low < all.low ? c->low : all.low;
        all.high = c->high > all.high ? c->high : all.high;
        all.whole &= c->whole;
    }
    return all;
}

enum { MOST_COLOURS = 255, LEAST_BRIGHT = 128, LEAST_COLUMNS = 64 };

static bool is_bright(const struct column_sums *all) {
    return all->low >= 0 && all->high >= LEAST_BRIGHT && all->high <= MOST_COLOURS;
}

/* A table whose rows are images: many columns, all of them whole numbers 0 to 255, and none missing. */
static bool is_pixel_table(const nudge_data *data, const struct column_sums *all) {
    const struct columns *columns = data->columns;
    uint64_t values = (uint64_t)data->features * nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (!columns || data->features < LEAST_COLUMNS || !all->whole || !is_bright(all) || all->count < values)
        return false;
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        bool plain = column->kind == NUDGE_COLUMN_NUMBER && column->inputs == 1;
        if (column->role == NUDGE_COLUMN_FEATURE && !plain) return false;
    }
    return true;
}

/* Pixels are alike, and are scaled alike. False: the columns are not pixels. `bytes`: only their range is known. */
static bool set_pixels(struct transform *t, const nudge_data *data, const struct column_sums *all,
                       bool bytes) {
    bool image = data->height > 0, bright = is_bright(all);
    if (!image && (data->columns || data->features < LEAST_COLUMNS || !all->whole || !bright)) return false;
    if (bright)
        set_all(t, NUDGE_SCALE_PIXEL, 0, MOST_COLOURS, all);
    else if (all->low >= 0 && all->high <= 1)
        set_all(t, NUDGE_SCALE_NONE, 0, 1, all);
    else if (bytes)
        return false;
    else
        set_all(t, NUDGE_SCALE_STANDARD, mean_of(all), deviation_of(all), all);
    return true;
}

/* -- all inputs -- */

static nudge_status take_sample(struct fitting *fitting, nudge_error *error) {
    enum { MOST_VALUES = 1 << 24, LEAST_ROWS = 4096 };
    const nudge_data *data = fitting->data;
    size_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN), room = MOST_VALUES / data->features, values, bytes;
    if (room < LEAST_ROWS) room = LEAST_ROWS;
    fitting->every = (rows + room - 1) / room;
    fitting->sampled = (rows + fitting->every - 1) / fitting->every;
    bool fits = size_multiply(&values, fitting->sampled, data->features) &&
                size_multiply(&bytes, values, sizeof *fitting->sample);
    fitting->sample = fits ? memory_get(&fitting->net->context->allocator, bytes) : NULL;
    if (!fitting->sample) return error_no_memory(error, fits ? bytes : SIZE_MAX, "the columns' quantiles");
    return data_visit_rows(data, NUDGE_PART_TRAIN, sample_row, fitting, error);
}

static bool wants_sample(const struct fitting *fitting) {
    return fitting->scale == NUDGE_SCALE_ROBUST || fitting->scale == NUDGE_SCALE_LOG ||
           (fitting->data->columns && fitting->data->columns->missing == NUDGE_MISSING_MEDIAN);
}

static nudge_status fit_columns(struct fitting *fitting, struct transform *t, nudge_error *error) {
    const nudge_data *data = fitting->data;
    nudge_status status = NUDGE_OK;
    if (data->type == NUDGE_TYPE_U8 && data->height && fitting->scale == NUDGE_SCALE_AUTO) {
        status = data_visit_rows(data, NUDGE_PART_TRAIN, add_bytes, fitting, error);
        if (status || set_pixels(t, data, &fitting->columns[0], true)) return status;
        fitting->columns[0] = (struct column_sums){0};
    }
    status = data_visit_rows(data, NUDGE_PART_TRAIN, add_row, fitting, error);
    if (!status && wants_sample(fitting)) status = take_sample(fitting, error);
    if (status) return status;
    struct column_sums all = sum_all(fitting);
    if (fitting->scale == NUDGE_SCALE_AUTO && set_pixels(t, data, &all, false)) return status;
    if (fitting->scale == NUDGE_SCALE_AUTO && is_pixel_table(data, &all)) fitting->scale = NUDGE_SCALE_PIXEL;
    for (size_t i = 0; i < t->count; i++) set_input(fitting, t, i);
    return status;
}

static nudge_status fit_inputs(struct fitting *fitting, struct transform *t, nudge_error *error) {
    const nudge_allocator *allocator = &fitting->net->context->allocator;
    size_t features = fitting->data->features, bytes = features * sizeof *fitting->columns;
    nudge_status status = transform_make(t, allocator, features, error);
    if (status) return status;
    fitting->columns = memory_get_zeroed(allocator, bytes);
    status = fitting->columns ? fit_columns(fitting, t, error)
                              : error_no_memory(error, bytes, "the columns' sums");
    memory_release(allocator, fitting->columns, bytes);
    if (fitting->sample)
        memory_release(allocator, fitting->sample, fitting->sampled * features * sizeof *fitting->sample);
    t->misses = fitting->data->columns != NULL;
    transform_settle(t);
    if (status) transform_release(t, allocator);
    return status;
}

/* -- targets -- */

/* They are in memory. A constant target is learnt as its distance from it. */
static nudge_status fit_targets(const struct fitting *fitting, nudge_scale scale, struct transform *t,
                                nudge_error *error) {
    const nudge_data *data = fitting->data;
    const struct data_part *part = &data->parts[NUDGE_PART_TRAIN];
    nudge_status status = transform_make(t, &fitting->net->context->allocator, data->target_columns, error);
    for (size_t j = 0; !status && j < data->target_columns; j++) {
        struct column_sums c = {0};
        for (size_t r = 0; r < part->rows; r++)
            add_value(&c, part->block->targets[data_part_row(part, r) * data->target_columns + j]);
        double spread = scale == NUDGE_SCALE_RANGE ? (double)c.high - (double)c.low : deviation_of(&c);
        set_column(t, j, scale, scale == NUDGE_SCALE_RANGE ? (double)c.low : mean_of(&c),
                   spread > 0 ? spread : 1, &c);
        if (t->factor[j] == 0)
            t->factor[j] = 1; /* the spread's inverse is no f32: then they stay as they are */
    }
    if (!status) transform_settle(t);
    return status;
}

static nudge_scale target_scale(const nudge_net *net, const nudge_data *data, nudge_scale asked) {
    if (data->classes) return NUDGE_SCALE_NONE;
    if (asked != NUDGE_SCALE_AUTO) return asked;
    if (data->scale != NUDGE_SCALE_AUTO) return data->scale;
    nudge_layer last = NUDGE_LAYER;
    bool linear = nudge_net_layer(net, net->layers, &last) && strcmp(last.activation, "identity") == 0;
    return linear ? NUDGE_SCALE_STANDARD : NUDGE_SCALE_NONE;
}

/* -- the net -- */

nudge_status nudge_net_fit(nudge_net *net, const nudge_data *data, nudge_scale scale, nudge_scale targets,
                           nudge_error *error) {
    if (missing(error, net, data)) return NUDGE_BAD_ARGUMENT;
    if (net->inputs != data->features)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the network has %zu inputs, but the rows of %s have %zu features", net->inputs,
                         data->name, data->features);
    if (!nudge_scale_name(scale) || !nudge_scale_name(targets))
        return error_set(error, NUDGE_BAD_ARGUMENT, "scale %d, targets %d: there is no such scale",
                         (int)scale, (int)targets);
    if (targets != NUDGE_SCALE_AUTO && targets != NUDGE_SCALE_NONE && targets != NUDGE_SCALE_STANDARD &&
        targets != NUDGE_SCALE_RANGE)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "targets cannot be scaled by %s, expected none, standard or range",
                         nudge_scale_name(targets));
    if (nudge_data_rows(data, NUDGE_PART_TRAIN) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no train part", data->name);
    const nudge_allocator *allocator = &net->context->allocator;
    struct fitting fitting = {.data = data, .net = net, .scale = scale ? scale : data->scale};
    struct transform inputs = {0}, outputs = {0};
    struct columns *columns = NULL;
    nudge_status status = fit_inputs(&fitting, &inputs, error);
    targets = target_scale(net, data, targets);
    if (!status && targets != NUDGE_SCALE_NONE && net->outputs == data->target_columns)
        status = fit_targets(&fitting, targets, &outputs, error);
    if (!status && data->columns) status = columns_copy(allocator, data->columns, &columns, error);
    if (status) {
        transform_release(&inputs, allocator);
        transform_release(&outputs, allocator);
        return status;
    }
    transform_release(&net->inputs_transform, allocator);
    transform_release(&net->targets_transform, allocator);
    columns_free(net->columns);
    net->inputs_transform = inputs;
    net->targets_transform = outputs;
    net->columns = columns;
    return NUDGE_OK;
}

nudge_status fit_if_new(nudge_net *net, const nudge_data *data, nudge_error *error) {
    if (net->inputs_transform.count || nudge_data_rows(data, NUDGE_PART_TRAIN) == 0) return NUDGE_OK;
    return nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error);
}
