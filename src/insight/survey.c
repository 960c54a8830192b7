/* See nudge_survey_create in nudge.h. The first walk over the rows sums, counts and hashes; the second, which knows what
 * the columns are like, fills histograms and looks closer at columns that drew attention. */
#include "insight/survey.h"

#include "base/memory.h"
#include "base/options.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

enum {
    DISTINCT_BYTES = 96 << 20, /* for the different values of all columns */
    DISTINCT_SLOTS = 2048,
    DISTINCT_LEAST = 16,
    ROW_SLOTS = 1 << 22,  /* 32 MiB of hashes */
    WHOLE_MOST = 1 << 24, /* beyond, an f32 does not have all whole numbers */
    SEEN_MOST = 8         /* columns of whole numbers that are looked at closer: 4 MiB each */
};

/* A walk over one part. */
struct walk {
    struct nudge_survey *survey;
    nudge_part part;
    size_t row;
    float *numbers;        /* [features]: a row of bytes as floats */
    const float *features; /* of the row, */
    const float *targets;  /* NULL for classes */
    int32_t label;         /* -1: none */
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

/* -- hashes -- */

static uint64_t hash_add(uint64_t hash, uint32_t bits) {
    hash = (hash ^ bits) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

/* The same for -0 and 0, and for all NaN. */
static uint32_t number_bits(float x) {
    uint32_t bits;
    float sum = x + 0.0f;
    memcpy(&bits, &sum, sizeof bits);
    return x != x ? UINT32_MAX : bits;
}

/* Never 0. */
static uint64_t row_hash(const nudge_data *data, const void *values) {
    const float *numbers = values;
    const uint8_t *bytes = values;
    size_t count = data->features, whole = count / 4 * 4;
    uint64_t hash = 1;
    uint32_t four;
    for (size_t i = 0; data->type == NUDGE_TYPE_F32 && i < count; i++)
        hash = hash_add(hash, number_bits(numbers[i]));
    for (size_t i = 0; data->type == NUDGE_TYPE_U8 && i < whole; i += sizeof four) {
        memcpy(&four, bytes + i, sizeof four);
        hash = hash_add(hash, four);
    }
    for (size_t i = whole; data->type == NUDGE_TYPE_U8 && i < count; i++) hash = hash_add(hash, bytes[i]);
    return hash ? hash : 1;
}

static uint64_t *row_slot(struct survey_rows *rows, uint64_t hash) {
    size_t slot = (size_t)hash & (rows->slots - 1);
    while (rows->hashes[slot] && rows->hashes[slot] != hash) slot = (slot + 1) & (rows->slots - 1);
    return &rows->hashes[slot];
}

static void add_row(struct survey_rows *rows, nudge_part part, uint64_t hash) {
    if (!rows->hashes || part == NUDGE_PART_VALIDATION || (hash >> 40) % rows->every) return;
    uint64_t *slot = row_slot(rows, hash);
    if (part == NUDGE_PART_TEST) {
        rows->asked++;
        rows->shared += *slot != 0;
    } else if (*slot == 0 && rows->used < rows->slots / 8 * 7) {
        *slot = hash;
        rows->used++;
    }
}

/* -- the first walk -- */

static void add_number(struct survey_series *series, float number) {
    if (number != number) return;
    double x = (double)number, size = x < 0 ? -x : x;
    if (series->count++ == 0) series->first = series->low = series->high = x;
    double from_first = x - series->first;
    series->low = x < series->low ? x : series->low;
    series->high = x > series->high ? x : series->high;
    series->sum += from_first;
    series->squares += from_first * from_first;
    series->huge += size > 1e30;
    series->tiny += size < 1e-30 && size > 0;
}

/* Bytes need less care: their sums are exact. */
static void add_bytes(struct survey_series *series, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double x = bytes[i];
        series[i].low = series[i].count && series[i].low < x ? series[i].low : x;
        series[i].high = series[i].high > x ? series[i].high : x;
        series[i].sum += x;
        series[i].squares += x * x;
        series[i].count++;
    }
}

/* Rows of one value are of one class, or the column does not decide it. */
static void add_owner(struct survey_column *column, size_t value, int32_t label) {
    if (!column->decides || label < 0) return;
    if (column->owners[value] < 0) column->owners[value] = label;
    column->decides = column->owners[value] == label;
}

/* Where the number stands among the column's, or would. */
static size_t value_slot(const struct nudge_survey *survey, const struct survey_column *column,
                         float number) {
    size_t mask = survey->slots - 1, slot = (size_t)hash_add(1, number_bits(number)) & mask;
    while (column->values[slot] == column->values[slot] && column->values[slot] != number)
        slot = (slot + 1) & mask;
    return slot;
}

static void add_distinct(const struct nudge_survey *survey, struct survey_column *column, float number,
                         int32_t label) {
    if (column->more) return;
    size_t slot = value_slot(survey, column, number);
    if (column->values[slot] != number) {
        size_t most = survey->slots / 2 < NUDGE_SURVEY_DISTINCT ? survey->slots / 2 : NUDGE_SURVEY_DISTINCT;
        column->more = column->distinct == most;
        if (column->more) column->decides = false;
        if (column->more) return;
        column->values[slot] = number;
        column->codes[slot] = (uint32_t)++column->distinct;
    }
    column->code_hash = hash_add(column->code_hash, column->codes[slot]);
    add_owner(column, slot, label);
}

static void add_order(struct survey_column *column, float number) {
    column->whole =
        column->whole && number <= WHOLE_MOST && number >= -WHOLE_MOST && (float)(int32_t)number == number;
    if (column->begun) {
        column->rising = column->rising && number > column->previous;
        column->falling = column->falling && number < column->previous;
    }
    column->begun = true;
    column->previous = number;
}

static void look_at_number(const struct walk *walk, struct survey_column *column, float number) {
    column->hash = hash_add(column->hash, number_bits(number));
    if (number != number) {
        column->missing++;
        column->code_hash = hash_add(column->code_hash, 0);
        return;
    }
    add_distinct(walk->survey, column, number, walk->label);
    add_order(column, number);
}

/* Which category a row has; category_count: none. */
static size_t category_of(const struct walk *walk, const struct survey_column *column) {
    size_t i = 0, count = column->category_count;
    if (column->role == NUDGE_COLUMN_TARGET) return walk->label < 0 ? count : (size_t)walk->label;
    while (i < count && walk->features[column->first + i] == 0) i++;
    return i;
}

static void look_at_category(const struct walk *walk, struct survey_column *column) {
    size_t i = category_of(walk, column);
    if (i == column->category_count) {
        column->missing++;
        column->code_hash = hash_add(column->code_hash, 0);
        return;
    }
    if (column->counts[i]++ == 0) column->codes[i] = (uint32_t)++column->distinct;
    column->code_hash = hash_add(column->code_hash, column->codes[i]);
    if (column->role == NUDGE_COLUMN_FEATURE) add_owner(column, i, walk->label);
}

static float number_of(const struct walk *walk, const struct survey_column *column) {
    size_t features = walk->survey->features;
    return column->series < features ? walk->features[column->series]
                                     : walk->targets[column->series - features];
}

/* Pixels, which come before the targets, are not looked at one by one. */
static void look_at_columns(const struct walk *walk) {
    struct nudge_survey *survey = walk->survey;
    for (size_t c = survey->pixels ? survey->features : 0; c < survey->column_count; c++) {
        struct survey_column *column = &survey->columns[c];
        if (!column->kept) continue;
        if (column->kind == NUDGE_COLUMN_CATEGORY)
            look_at_category(walk, column);
        else
            look_at_number(walk, column, number_of(walk, column));
    }
}

static void add_pairings(const struct walk *walk) {
    struct nudge_survey *survey = walk->survey;
    for (size_t t = 0; t < survey->paired; t++) {
        double target = survey->classes ? walk->label : (double)walk->targets[t];
        if (target != target || (survey->classes && walk->label < 0)) continue;
        double y = survey->classes ? target : target - survey->series[survey->features + t].first;
        for (size_t i = 0; i < survey->features; i++) {
            struct survey_pairing *pairing = &survey->pairings[i * survey->paired + t];
            double x = (double)walk->features[i] - survey->series[i].first;
            if (x != x) continue;
            pairing->count++;
            pairing->x += x;
            pairing->y += y;
            pairing->xx += x * x;
            pairing->yy += y * y;
            pairing->xy += x * y;
        }
    }
}

static void add_label(struct nudge_survey *survey, nudge_part part, int32_t label) {
    if (label < 0) return;
    survey->class_rows[(size_t)part * survey->classes + (size_t)label]++;
    survey->odd_labels += label % 256 != 0;
    survey->large_labels += label >= 256;
}

/* The row's numbers, whatever type the set has. */
static void take_row(struct walk *walk, const void *values) {
    const nudge_data *data = walk->survey->data;
    const struct data_part *part = &data->parts[walk->part];
    size_t at = data_part_row(part, walk->row++);
    walk->features = values;
    walk->label = data->classes ? part->block->labels[at] : -1;
    walk->targets = data->classes ? NULL : part->block->targets + at * data->target_columns;
    if (data->type == NUDGE_TYPE_F32) return;
    const uint8_t *bytes = values;
    for (size_t i = 0; i < data->features; i++) walk->numbers[i] = bytes[i];
    walk->features = walk->numbers;
}

static void visit_first(void *user, const void *values) {
    struct walk *walk = user;
    struct nudge_survey *survey = walk->survey;
    take_row(walk, values);
    add_row(&survey->rows, walk->part, row_hash(survey->data, values));
    if (survey->classes) add_label(survey, walk->part, walk->label);
    if (survey->data->type == NUDGE_TYPE_U8) add_bytes(survey->series, values, survey->features);
    for (size_t i = 0; survey->data->type == NUDGE_TYPE_F32 && i < survey->features; i++)
        add_number(&survey->series[i], walk->features[i]);
    for (size_t j = 0; j < survey->target_columns; j++)
        add_number(&survey->series[survey->features + j], walk->targets[j]);
    look_at_columns(walk);
    add_pairings(walk);
}

/* -- between the walks -- */

/* Where the bins and the outliers begin. */
static void settle_series(struct nudge_survey *survey) {
    for (size_t i = 0; i < survey->features + survey->target_columns; i++) {
        struct survey_series *series = &survey->series[i];
        double width = series->high - series->low, far = SURVEY_OUTLIER * survey_deviation(series);
        series->bins_per_unit = width > 0 ? NUDGE_SURVEY_BINS / width : 0;
        series->near_low = far > 0 ? survey_mean(series) - far : series->low;
        series->near_high = far > 0 ? survey_mean(series) + far : series->high;
    }
}

/* Whether the column is known by the order in which its values came: then `a b a` is the same as `1 2 1`. With many
 * values that would be chance. */
static bool by_codes(const struct survey_column *column) {
    return column->kind == NUDGE_COLUMN_CATEGORY || (!column->more && 10 * column->distinct <= column->rows);
}

static uint64_t pair_hash(const struct survey_column *column) {
    return by_codes(column) ? column->code_hash : column->hash + 1;
}

/* Which columns may be the same; each with the first of its hash. `slots`: places of columns, from 1. */
static void pair_columns(struct nudge_survey *survey, uint32_t *slots, size_t count) {
    for (size_t c = 0; c < survey->column_count && survey->pair_count < SURVEY_PAIRS; c++) {
        const struct survey_column *column = &survey->columns[c];
        if (!column->kept || column->role != NUDGE_COLUMN_FEATURE || survey_constant(survey, column) ||
            (column->kind == NUDGE_COLUMN_CATEGORY && 2 * column->distinct > column->rows))
            continue;
        uint64_t hash = pair_hash(column);
        size_t slot = (size_t)hash & (count - 1);
        while (slots[slot] && pair_hash(&survey->columns[slots[slot] - 1]) != hash)
            slot = (slot + 1) & (count - 1);
        if (slots[slot])
            survey->pairs[survey->pair_count++] = (struct survey_pair){.a = slots[slot] - 1, .b = c};
        else
            slots[slot] = (uint32_t)c + 1;
    }
}

static nudge_status find_pairs(struct nudge_survey *survey, nudge_error *error) {
    size_t count = 16;
    while (count < 2 * survey->column_count) count *= 2;
    uint32_t *slots = memory_get_zeroed(&survey->allocator, count * sizeof *slots);
    if (!slots) return error_no_memory(error, count * sizeof *slots, "a survey");
    pair_columns(survey, slots, count);
    memory_release(&survey->allocator, slots, count * sizeof *slots);
    return NUDGE_OK;
}

static size_t seen_bytes(const struct nudge_survey *survey, const struct survey_column *column) {
    const struct survey_series *series = &survey->series[column->series];
    return ((size_t)(series->high - series->low) / 32 + 1) * sizeof(uint32_t);
}

/* Whole numbers that do not follow each other, yet may be all different where chance would have repeated some: so many
 * rows drawn from so wide a range share n² / (2 range) values. */
static bool may_be_id(const struct nudge_survey *survey, const struct survey_column *column) {
    const struct survey_series *series = &survey->series[column->series];
    double n = (double)series->count;
    return column->kept && column->role == NUDGE_COLUMN_FEATURE && column->kind == NUDGE_COLUMN_NUMBER &&
           column->whole && !column->rising && !column->falling && n >= SURVEY_LEAST_ROWS &&
           (column->more || column->distinct == series->count) && series->high - series->low + 1 >= n &&
           n * n >= 10 * (series->high - series->low);
}

static nudge_status find_candidates(struct nudge_survey *survey, nudge_error *error) {
    size_t count = 0;
    for (size_t c = 0; c < survey->column_count && count < SEEN_MOST; c++) {
        struct survey_column *column = &survey->columns[c];
        if (!may_be_id(survey, column)) continue;
        column->seen = memory_get_zeroed(&survey->allocator, seen_bytes(survey, column));
        if (!column->seen) return error_no_memory(error, seen_bytes(survey, column), "a survey");
        count++;
    }
    return NUDGE_OK;
}

/* -- the second walk -- */

static void bin_number(struct survey_series *series, float number) {
    if (number != number) return;
    size_t bin = (size_t)(((double)number - series->low) * series->bins_per_unit);
    series->bins[bin < NUDGE_SURVEY_BINS ? bin : NUDGE_SURVEY_BINS - 1]++;
}

static void look_closer(const struct walk *walk, struct survey_column *column) {
    struct survey_series *series = &walk->survey->series[column->series];
    float number = number_of(walk, column);
    series->outliers += number < series->near_low || number > series->near_high;
    if (!column->seen || number != number) return;
    size_t bit = (size_t)((double)number - series->low);
    uint32_t mask = (uint32_t)1 << bit % 32;
    column->repeated |= (column->seen[bit / 32] & mask) != 0;
    column->seen[bit / 32] |= mask;
}

/* In which place the row's value came; 0: it has none. */
static uint32_t code_of(const struct walk *walk, const struct survey_column *column) {
    if (column->kind == NUDGE_COLUMN_CATEGORY) {
        size_t i = category_of(walk, column);
        return i < column->category_count ? column->codes[i] : 0;
    }
    float number = number_of(walk, column);
    return number == number ? column->codes[value_slot(walk->survey, column, number)] : 0;
}

static void compare_pair(const struct walk *walk, struct survey_pair *pair) {
    const struct survey_column *a = &walk->survey->columns[pair->a], *b = &walk->survey->columns[pair->b];
    bool numbers = a->kind == NUDGE_COLUMN_NUMBER && b->kind == NUDGE_COLUMN_NUMBER;
    if (pair->differs) return;
    if (!numbers || number_bits(number_of(walk, a)) != number_bits(number_of(walk, b)))
        pair->in_other_words = true;
    if (pair->in_other_words)
        pair->differs = !by_codes(a) || !by_codes(b) || code_of(walk, a) != code_of(walk, b);
}

static void visit_second(void *user, const void *values) {
    struct walk *walk = user;
    struct nudge_survey *survey = walk->survey;
    take_row(walk, values);
    for (size_t i = 0; i < survey->features; i++) bin_number(&survey->series[i], walk->features[i]);
    for (size_t j = 0; j < survey->target_columns; j++)
        bin_number(&survey->series[survey->features + j], walk->targets[j]);
    for (size_t c = survey->pixels ? survey->features : 0; c < survey->column_count; c++)
        if (survey->columns[c].kept && survey->columns[c].kind == NUDGE_COLUMN_NUMBER)
            look_closer(walk, &survey->columns[c]);
    for (size_t p = 0; p < survey->pair_count; p++) compare_pair(walk, &survey->pairs[p]);
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

static size_t count_columns(const nudge_data *data) {
    return data->columns ? data->columns->count : data->features + (data->classes ? 1 : data->target_columns);
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
        uint64_t *counts = categories ? arena_carve(arena, own, sizeof *counts) : NULL;
        uint32_t *codes = own ? arena_carve(arena, own, sizeof *codes) : NULL;
        int32_t *owners = own && column->decides ? arena_carve(arena, own, sizeof *owners) : NULL;
        if (!filled) continue;
        column->values = numbers;
        column->counts = counts;
        column->codes = codes;
        column->owners = owners;
        if (numbers) memset(numbers, 0xFF, own * sizeof *numbers); /* NaN */
        if (owners) memset(owners, 0xFF, own * sizeof *owners);    /* -1 */
    }
}

/* How many of the columns' different values are kept. */
static void choose_slots(struct nudge_survey *survey) {
    size_t count = 0;
    for (size_t c = 0; c < survey->column_count; c++) count += has_values(survey, &survey->columns[c]);
    survey->slots = DISTINCT_SLOTS;
    while (survey->slots > DISTINCT_LEAST && count > DISTINCT_BYTES / 3 / sizeof(float) / survey->slots)
        survey->slots /= 2;
}

static nudge_status carve(struct nudge_survey *survey, nudge_error *error) {
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

static nudge_status prepare(struct nudge_survey *survey, nudge_error *error) {
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
    size_t count = count_columns(data), bytes;
    if (!size_multiply(&bytes, count, sizeof *survey->columns))
        return error_no_memory(error, count, "a survey");
    survey->columns = memory_get(&survey->allocator, bytes);
    if (!survey->columns) return error_no_memory(error, bytes, "a survey");
    survey->column_count = count;
    describe_columns(survey);
    choose_slots(survey);
    nudge_status status = carve(survey, error);
    return status ? status : make_rows(survey, error);
}

/* -- all of it -- */

static nudge_status walk_rows(struct nudge_survey *survey, float *numbers, data_visit *visit,
                              nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t p = 0; !status && p < DATA_PARTS; p++) {
        struct walk walk = {.survey = survey, .part = (nudge_part)p, .numbers = numbers};
        for (size_t c = 0; c < survey->column_count; c++) survey->columns[c].begun = false;
        status = data_visit_rows(survey->data, (nudge_part)p, visit, &walk, error);
    }
    return status;
}

static nudge_status walk_twice(struct nudge_survey *survey, nudge_error *error) {
    size_t bytes = survey->features * sizeof(float);
    float *numbers = memory_get(&survey->allocator, bytes);
    if (!numbers) return error_no_memory(error, bytes, "a row");
    nudge_status status = walk_rows(survey, numbers, visit_first, error);
    if (!status) settle_series(survey);
    if (!status && !survey->pixels) status = find_pairs(survey, error);
    if (!status && !survey->pixels) status = find_candidates(survey, error);
    if (!status) status = walk_rows(survey, numbers, visit_second, error);
    memory_release(&survey->allocator, numbers, bytes);
    return status;
}

nudge_status nudge_survey_create(nudge_context *context, const nudge_data *data, nudge_survey **survey,
                                 nudge_error *error) {
    if (missing(error, context, data, survey)) return NUDGE_BAD_ARGUMENT;
    nudge_survey *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a survey");
    made->allocator = context->allocator;
    made->data = data;
    nudge_status status = prepare(made, error);
    if (!status) status = walk_twice(made, error);
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
            memory_release(&allocator, survey->columns[c].seen, seen_bytes(survey, &survey->columns[c]));
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
