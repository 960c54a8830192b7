/* See nudge_survey_create in nudge.h: what there is to be looked at, the memory for it, and what is told. */
#include "insight/survey.h"

#include "base/memory.h"
#include "base/status.h"
#include "base/struct_size.h"

#include <math.h>
#include <string.h>

enum {
    DISTINCT_BYTES = 96 << 20, /* for the different values of all columns, with codes and owners */
    DISTINCT_SLOTS = 2048,
    DISTINCT_LEAST = 16,
    ROW_SLOTS = 1 << 22 /* 32 MiB of hashes */
};

/* -- figures -- */

double survey_mean(const struct survey_series *series) {
    return series->count ? series->first + series->sum / (double)series->count : NAN;
}

double survey_deviation(const struct survey_series *series) {
    double n = (double)series->count, mean = series->sum / n;
    double spread = series->squares / n - mean * mean;
    return series->count == 0 ? NAN : series->low < series->high && spread > 0 ? sqrt(spread) : 0;
}

double survey_correlation(const struct survey_pairing *p) {
    double x = p->xx - p->x * p->x / p->count, y = p->yy - p->y * p->y / p->count;
    /* Of spreads that are no more than rounding nothing can be said. */
    if (p->count < 2 || !(x > 1e-12 * p->xx) || !(y > 1e-12 * p->yy)) return 0;
    return (p->xy - p->x * p->y / p->count) / sqrt(x * y);
}

bool survey_constant(const struct nudge_survey *survey, const struct survey_column *column) {
    if (!column->kept || column->missing || column->rows == 0) return false;
    if (column->kind == NUDGE_COLUMN_NUMBER)
        return survey->series[column->series].low == survey->series[column->series].high;
    for (size_t i = 0; i < column->category_count; i++)
        if (column->counts[i] == column->rows) return true;
    return false;
}

size_t survey_seen_bytes(const struct nudge_survey *survey, const struct survey_column *column) {
    const struct survey_series *series = &survey->series[column->series];
    return ((size_t)(series->high - series->low) / 32 + 1) * sizeof(uint32_t);
}

/* -- what there is -- */

static void describe_column(struct survey_column *column, const struct column *from, size_t *targets) {
    column->column = from;
    column->role = from->role;
    column->kind = from->kind;
    column->first = from->first;
    column->inputs = from->inputs;
    column->flag = from->flag;
    column->series = from->first;
    column->kept = from->role == NUDGE_COLUMN_TARGET || from->inputs > 0;
    column->category_count = from->category_count;
    if (from->role == NUDGE_COLUMN_TARGET && from->kind == NUDGE_COLUMN_NUMBER) column->series = (*targets)++;
}

static void describe_columns(struct nudge_survey *survey) {
    const nudge_data *data = survey->data;
    size_t targets = survey->features;
    for (size_t c = 0; c < survey->column_count; c++) {
        struct survey_column *column = &survey->columns[c];
        *column = (struct survey_column){.kept = true, .series = c, .first = c, .inputs = 1};
        if (data->columns) {
            describe_column(column, &data->columns->items[c], &targets);
        } else if (c >= data->features) {
            column->role = NUDGE_COLUMN_TARGET;
            column->kind = data->classes ? NUDGE_COLUMN_CATEGORY : NUDGE_COLUMN_NUMBER;
            column->category_count = data->classes;
            column->first = column->inputs = 0;
        }
        for (size_t p = 0; column->kept && p < DATA_PARTS; p++) column->rows += survey->part_rows[p];
        column->hash = column->code_hash = 1;
        column->whole = column->rising = column->falling = true;
        column->decides = data->classes > 0 && column->kept && column->role == NUDGE_COLUMN_FEATURE;
    }
}

static bool has_values(const struct nudge_survey *survey, const struct survey_column *column) {
    return column->kept && column->kind == NUDGE_COLUMN_NUMBER &&
           (!survey->pixels || column->role == NUDGE_COLUMN_TARGET);
}

/* The arrays of the columns, which are described; only measures where `filled` is false. */
static void carve_columns(struct nudge_survey *survey, struct arena *arena, bool filled) {
    for (size_t c = 0; c < survey->column_count; c++) {
        struct survey_column *column = &survey->columns[c];
        bool values = has_values(survey, column);
        bool categories = column->kept && column->kind == NUDGE_COLUMN_CATEGORY;
        size_t own = values ? survey->slots : categories ? column->category_count : 0;
        float *numbers = values ? arena_carve(arena, own, sizeof *numbers) : NULL;
        float *sample = values ? arena_carve(arena, survey->sample.room, sizeof *sample) : NULL;
        uint64_t *counts = categories ? arena_carve(arena, own, sizeof *counts) : NULL;
        uint32_t *codes = own ? arena_carve(arena, own, sizeof *codes) : NULL;
        int32_t *owners = own && column->decides ? arena_carve(arena, own, sizeof *owners) : NULL;
        if (!filled) continue;
        column->values = numbers;
        column->sample = survey->sample.room ? sample : NULL;
        column->counts = counts;
        column->codes = codes;
        column->owners = owners;
        if (numbers) memset(numbers, 0xFF, own * sizeof *numbers); /* NaN */
        if (owners) memset(owners, 0xFF, own * sizeof *owners);    /* -1 */
    }
}

/* How many of the columns' different values are kept, and how many rows. */
static void choose_slots(struct nudge_survey *survey) {
    uint64_t rows = 0;
    size_t count = 0;
    for (size_t c = 0; c < survey->column_count; c++) count += has_values(survey, &survey->columns[c]);
    survey->slots = DISTINCT_SLOTS;
    while (survey->slots > DISTINCT_LEAST && count > DISTINCT_BYTES / 3 / sizeof(float) / survey->slots)
        survey->slots /= 2;
    survey->sample.room = survey->slots < DISTINCT_SLOTS / 8 ? 0 : survey->slots / 4;
    survey->sample.step = 1;
    for (size_t p = 0; p < DATA_PARTS; p++) rows += survey->part_rows[p];
    while (survey->slots > DISTINCT_LEAST && survey->slots / 4 >= rows) survey->slots /= 2;
    while (survey->sample.room > DISTINCT_LEAST && survey->sample.room / 2 >= rows) survey->sample.room /= 2;
}

static nudge_status carve_survey(struct nudge_survey *survey, nudge_error *error) {
    for (int filled = 0; filled < 2; filled++) {
        struct arena arena = {.block = survey->memory};
        size_t all = survey->features + survey->target_columns;
        survey->series = arena_carve(&arena, all, sizeof *survey->series);
        survey->pairings = arena_carve(&arena, survey->features * survey->paired, sizeof *survey->pairings);
        survey->class_rows = arena_carve(&arena, survey->classes * DATA_PARTS, sizeof *survey->class_rows);
        carve_columns(survey, &arena, filled);
        if (filled) break;
        survey->bytes = arena.overflow ? SIZE_MAX : arena.used;
        survey->memory = arena.overflow ? NULL : memory_get_zeroed(&survey->allocator, survey->bytes);
        if (!survey->memory) return error_no_memory(error, survey->bytes, "a survey");
    }
    return NUDGE_OK;
}

/* Room for the training rows' hashes, where there is a test part to look for them. */
static nudge_status make_rows(struct nudge_survey *survey, nudge_error *error) {
    struct survey_rows *rows = &survey->rows;
    uint64_t training = survey->part_rows[NUDGE_PART_TRAIN];
    if (training == 0 || survey->part_rows[NUDGE_PART_TEST] == 0) return NUDGE_OK;
    rows->slots = 64;
    while (rows->slots < ROW_SLOTS && rows->slots < 2 * training) rows->slots *= 2;
    rows->every = 1 + training / (rows->slots / 4 * 3);
    rows->hashes = memory_get_zeroed(&survey->allocator, rows->slots * sizeof *rows->hashes);
    if (rows->hashes) return NUDGE_OK;
    return error_no_memory(error, rows->slots * sizeof *rows->hashes, "the rows' hashes");
}

static bool holds_pixels(const nudge_data *data) {
    enum { PIXELS = 64 };
    return data->height > 0 || (data->type == NUDGE_TYPE_U8 && data->features >= PIXELS);
}

static nudge_status prepare_survey(struct nudge_survey *survey, nudge_error *error) {
    const nudge_data *data = survey->data;
    survey->pixels = holds_pixels(data);
    survey->table = data->columns != NULL;
    survey->features = data->features;
    survey->classes = data->classes;
    survey->target_columns = data->classes ? 0 : data->target_columns;
    survey->paired = data->classes == 2 ? 1 : survey->target_columns;
    if (survey->paired > SURVEY_TARGETS) survey->paired = SURVEY_TARGETS;
    if (survey->pixels) survey->paired = 0;
    for (size_t p = 0; p < DATA_PARTS; p++) survey->part_rows[p] = data->parts[p].rows;
    size_t targets = data->classes ? 1 : data->target_columns, bytes,
           count = data->columns ? data->columns->count : data->features + targets;
    if (!size_multiply(&bytes, count, sizeof *survey->columns))
        return error_no_memory(error, count, "a survey");
    survey->columns = memory_get(&survey->allocator, bytes);
    if (!survey->columns) return error_no_memory(error, bytes, "a survey");
    survey->column_count = count;
    describe_columns(survey);
    choose_slots(survey);
    nudge_status status = carve_survey(survey, error);
    return status ? status : make_rows(survey, error);
}

/* -- all of it -- */

nudge_status nudge_survey_create(nudge_context *context, const nudge_data *data, nudge_survey **survey,
                                 nudge_error *error) {
    if (missing(error, context, data, survey)) return NUDGE_BAD_ARGUMENT;
    nudge_survey *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a survey");
    made->allocator = context->allocator;
    made->data = data;
    nudge_status status = prepare_survey(made, error);
    if (!status) status = survey_walk(made, error);
    if (!status) status = survey_find(made, error);
    if (status)
        nudge_survey_free(made);
    else
        *survey = made;
    return status;
}

void nudge_survey_free(nudge_survey *survey) {
    if (!survey) return;
    nudge_allocator allocator = survey->allocator;
    for (size_t c = 0; c < survey->column_count; c++)
        if (survey->columns[c].seen)
            memory_release(&allocator, survey->columns[c].seen,
                           survey_seen_bytes(survey, &survey->columns[c]));
    memory_release(&allocator, survey->columns, survey->column_count * sizeof *survey->columns);
    memory_release(&allocator, survey->rows.hashes, survey->rows.slots * sizeof *survey->rows.hashes);
    memory_release(&allocator, survey->findings, survey->finding_room * sizeof *survey->findings);
    memory_release(&allocator, survey->memory, survey->bytes);
    memory_release(&allocator, survey, sizeof *survey);
}

/* -- asking it -- */

static void give_numbers(const nudge_survey *survey, const struct survey_column *from,
                         nudge_survey_column *column) {
    const struct survey_series *series = &survey->series[from->series];
    column->low = series->count ? series->low : NAN;
    column->high = series->count ? series->high : NAN;
    column->mean = survey_mean(series);
    column->deviation = survey_deviation(series);
    memcpy(column->bins, series->bins, sizeof column->bins);
    column->distinct = from->distinct;
    column->more = from->more || !from->values;
}

static void give_categories(const nudge_survey *survey, const struct survey_column *from,
                            nudge_survey_column *column) {
    column->category_count = from->category_count;
    column->counts = from->counts;
    if (from->column)
        column->categories = (const char *const *)from->column->categories;
    else
        column->categories = (const char *const *)survey->data->class_names;
    for (size_t i = 0; i < from->category_count; i++) {
        bool stands_for_none = from->column && from->role == NUDGE_COLUMN_FEATURE &&
                               strcmp(from->column->categories[i], "missing") == 0;
        column->distinct += from->counts[i] > 0;
        column->missing += stands_for_none ? from->counts[i] : 0;
    }
}

bool nudge_survey_columns(const nudge_survey *survey, size_t i, nudge_survey_column *column) {
    if (i >= survey->column_count) return false;
    const struct survey_column *from = &survey->columns[i];
    nudge_survey_column out = NUDGE_SURVEY_COLUMN;
    out.name = from->column ? from->column->name : NULL;
    out.role = from->role;
    out.kind = from->kind;
    out.first = from->first;
    out.inputs = from->inputs;
    out.kept = from->kept;
    out.rows = from->rows;
    out.missing = from->missing;
    out.constant = survey_constant(survey, from);
    if (from->kept && from->kind == NUDGE_COLUMN_NUMBER) give_numbers(survey, from, &out);
    if (from->kept && from->kind == NUDGE_COLUMN_CATEGORY) give_categories(survey, from, &out);
    return options_give(column, &out, sizeof out);
}

uint64_t nudge_survey_class_rows(const nudge_survey *survey, nudge_part part, size_t class_index) {
    if ((unsigned)part >= DATA_PARTS || class_index >= survey->classes) return 0;
    return survey->class_rows[(size_t)part * survey->classes + class_index];
}

bool nudge_survey_finding(const nudge_survey *survey, size_t i, nudge_finding *finding) {
    return i < survey->finding_count && options_give(finding, &survey->findings[i], sizeof *finding);
}
