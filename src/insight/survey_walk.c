/* The walks of a survey (nudge_survey_create). The first over the rows sums, counts and hashes; the second, which knows
 * what the columns are like, fills histograms and looks closer at columns that drew attention. Invariant: memory is read
 * and written inside its arrays also where a file has changed between the walks. */
#include "insight/survey.h"

#include "base/memory.h"
#include "base/status.h"

#include <string.h>

enum {
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

static void look_at_number(const struct walk *walk, struct survey_column *column, float number) {
    column->hash = hash_add(column->hash, number_bits(number));
    if (number != number) {
        column->missing++;
        column->code_hash = hash_add(column->code_hash, 0);
        return;
    }
    add_distinct(walk->survey, column, number, walk->label);
    column->whole =
        column->whole && number <= WHOLE_MOST && number >= -WHOLE_MOST && (float)(int32_t)number == number;
    if (column->begun) {
        column->rising = column->rising && number > column->previous;
        column->falling = column->falling && number < column->previous;
    }
    column->begun = true;
    column->previous = number;
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

/* Every so many rows one is kept of all columns of numbers; when there is no more room, every second is dropped. */
static void add_sample(const struct walk *walk) {
    struct nudge_survey *survey = walk->survey;
    struct survey_sample *sample = &survey->sample;
    bool full = sample->count == sample->room;
    if (sample->room == 0 || sample->rows++ % sample->step) return;
    for (size_t c = survey->pixels ? survey->features : 0; c < survey->column_count; c++) {
        struct survey_column *column = &survey->columns[c];
        if (!column->sample) continue;
        for (size_t i = 0; full && i < sample->room / 2; i++) column->sample[i] = column->sample[2 * i];
        column->sample[full ? sample->room / 2 : sample->count] = number_of(walk, column);
    }
    if (full) sample->step *= 2;
    sample->count = (full ? sample->room / 2 : sample->count) + 1;
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
    if (survey->classes && walk->label >= 0) {
        survey->class_rows[(size_t)walk->part * survey->classes + (size_t)walk->label]++;
        survey->odd_labels += walk->label % 256 != 0;
        survey->large_labels += walk->label >= 256;
    }
    if (survey->data->type == NUDGE_TYPE_U8) add_bytes(survey->series, values, survey->features);
    for (size_t i = 0; survey->data->type == NUDGE_TYPE_F32 && i < survey->features; i++)
        add_number(&survey->series[i], walk->features[i]);
    for (size_t j = 0; j < survey->target_columns; j++)
        add_number(&survey->series[survey->features + j], walk->targets[j]);
    look_at_columns(walk);
    add_sample(walk);
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

/* Sorts by Shell's method; returns how many are numbers, which come first. */
static size_t sort_sample(float *sample, size_t count) {
    size_t numbers = 0;
    for (size_t i = 0; i < count; i++)
        if (sample[i] == sample[i]) sample[numbers++] = sample[i];
    for (size_t gap = numbers / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < numbers; i++) {
            float number = sample[i];
            size_t k = i;
            for (; k >= gap && sample[k - gap] > number; k -= gap) sample[k] = sample[k - gap];
            sample[k] = number;
        }
    return numbers;
}

/* Several values far away hide each other in the standard deviation; the quartiles do not see them. */
static void settle_quartiles(struct nudge_survey *survey) {
    for (size_t c = 0; c < survey->column_count; c++) {
        struct survey_column *column = &survey->columns[c];
        if (!column->sample) continue;
        size_t count = sort_sample(column->sample, survey->sample.count);
        if (count < SURVEY_LEAST_ROWS) continue;
        struct survey_series *series = &survey->series[column->series];
        double middle = (double)column->sample[count / 2],
               far = SURVEY_FAR * ((double)column->sample[count * 3 / 4] - (double)column->sample[count / 4]);
        if (!(far > 0) || (middle - far <= series->near_low && middle + far >= series->near_high)) continue;
        series->by_quartiles = true;
        series->median = middle;
        series->near_low = middle - far;
        series->near_high = middle + far;
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
        column->seen = memory_get_zeroed(&survey->allocator, survey_seen_bytes(survey, column));
        if (!column->seen) return error_no_memory(error, survey_seen_bytes(survey, column), "a survey");
        count++;
    }
    return NUDGE_OK;
}

/* -- the second walk -- */

/* A file that is read again may have changed. */
static bool is_known(const struct survey_series *series, float number) {
    return number >= series->low && number <= series->high;
}

static void bin_number(struct survey_series *series, float number) {
    if (!is_known(series, number)) return;
    size_t bin = (size_t)(((double)number - series->low) * series->bins_per_unit);
    series->bins[bin < NUDGE_SURVEY_BINS ? bin : NUDGE_SURVEY_BINS - 1]++;
}

static void look_closer(const struct walk *walk, struct survey_column *column) {
    struct survey_series *series = &walk->survey->series[column->series];
    float number = number_of(walk, column);
    series->outliers += number < series->near_low || number > series->near_high;
    if (!column->seen || !is_known(series, number)) return;
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

nudge_status survey_walk(struct nudge_survey *survey, nudge_error *error) {
    size_t bytes = survey->features * sizeof(float);
    float *numbers = memory_get(&survey->allocator, bytes);
    if (!numbers) return error_no_memory(error, bytes, "a row");
    nudge_status status = walk_rows(survey, numbers, visit_first, error);
    settle_series(survey);
    settle_quartiles(survey);
    if (!status && !survey->pixels) status = find_pairs(survey, error);
    if (!status && !survey->pixels) status = find_candidates(survey, error);
    if (!status) status = walk_rows(survey, numbers, visit_second, error);
    memory_release(&survey->allocator, numbers, bytes);
    return status;
}
