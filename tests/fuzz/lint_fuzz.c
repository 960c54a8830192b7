/* Fuzzes surveys of data: whatever numbers rows have, figures fit each other, histograms count every number, findings are
 * whole texts with names that there are, and all memory comes back. */
#include "fuzz/fuzz.h"

#include <nudge.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FEATURES = 6, MOST_ROWS = 1024 };

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static size_t live;

static void *allocate(void *user, size_t bytes) {
    (void)user;
    live++;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void release(void *user, void *memory, size_t bytes) {
    (void)user;
    (void)bytes;
    live -= memory != NULL;
    free(memory);
}

/* A number out of a byte: many that are alike, and those at the ends of what an f32 is. */
static float number_of(uint8_t byte) {
    static const float odd[] = {0,        -0.0f,    FLT_MAX, -FLT_MAX, FLT_MIN,    -FLT_MIN, 1e-45f,  1e-38f,
                                16777216, 16777214, 1e30f,   1e-30f,   2147483648, 0.1f,     -1e-45f, 3e38f};
    return byte < 128 ? (float)byte : byte < 192 ? (float)(byte - 160) * 0.25f : odd[byte % 16];
}

static void check_column(const nudge_survey_column *column, uint64_t rows) {
    uint64_t sum = 0;
    require(column->kept && column->rows == rows && column->missing == 0, "every row is there");
    for (size_t i = 0; i < column->category_count; i++) sum += column->counts[i];
    require(column->kind == NUDGE_COLUMN_NUMBER || sum == rows, "classes are counted");
    if (column->kind == NUDGE_COLUMN_CATEGORY) return;
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++) sum += column->bins[b];
    require(sum == rows, "the histogram has every row");
    require(column->low <= column->high && isfinite(column->low) && isfinite(column->high),
            "there is a range");
    double slack = 1e-9 * fmax(fabs(column->low), fabs(column->high));
    require(column->mean >= column->low - slack && column->mean <= column->high + slack,
            "the mean lies in it");
    require(column->deviation >= 0 && column->deviation <= column->high - column->low + slack,
            "so does the spread");
    require(column->constant == (column->low == column->high), "a constant has one value");
    require(column->distinct >= 1 && column->distinct <= NUDGE_SURVEY_DISTINCT, "there is a value");
    require(column->more || (column->distinct == 1) == column->constant, "and of a constant one");
}

static void check_findings(const nudge_survey *survey) {
    nudge_finding finding = NUDGE_FINDING;
    for (size_t i = 0; nudge_survey_finding(survey, i, &finding); i++) {
        bool known = false;
        for (size_t k = 0; nudge_survey_finding_name(k, NULL); k++)
            known |= strcmp(nudge_survey_finding_name(k, NULL), finding.name) == 0;
        require(known, "a finding is of a kind");
        require(i < 81 && isfinite(finding.figure), "and has a figure");
        require(memchr(finding.sentence, 0, sizeof finding.sentence) && finding.sentence[0], "a sentence");
        require(memchr(finding.advice, 0, sizeof finding.advice) && finding.advice[0], "and advice");
    }
}

static void survey_data(nudge_context *context, const nudge_data *data) {
    nudge_survey *survey = NULL;
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    nudge_error error = {0};
    uint64_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN) + nudge_data_rows(data, NUDGE_PART_TEST);
    size_t columns = 0;
    require(nudge_survey_create(context, data, &survey, &error) == NUDGE_OK, "data can be surveyed");
    while (nudge_survey_columns(survey, columns, &column)) {
        check_column(&column, rows);
        columns++;
    }
    require(columns == nudge_data_features(data) + (nudge_data_classes(data) ? 1 : nudge_data_targets(data)),
            "there is every column");
    check_findings(survey);
    nudge_survey_free(survey);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    nudge_rows rows = NUDGE_ROWS, test = NUDGE_ROWS;
    static nudge_context *context; /* one for all: to make one takes longer than a survey */
    static size_t of_context;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_data *data = NULL;
    if (size < 4) return 0;
    size_t features = 1 + bytes[0] % MOST_FEATURES, classes = bytes[1] % 5, row = features + 1;
    size_t all = (size - 3) / row < MOST_ROWS ? (size - 3) / row : MOST_ROWS,
           of_test = all * (bytes[2] % 3) / 4;
    if (all - of_test == 0) return 0;
    float *values = malloc(all * features * sizeof *values), *targets = malloc(all * sizeof *targets);
    int32_t *labels = malloc(all * sizeof *labels);
    require(values && targets && labels, "there is memory");
    for (size_t r = 0; r < all; r++) {
        const uint8_t *from = bytes + 3 + r * row;
        for (size_t i = 0; i < features; i++) values[r * features + i] = number_of(from[i]);
        targets[r] = number_of(from[features]);
        labels[r] = classes ? (int32_t)(from[features] % classes) : 0;
    }
    rows.rows = all - of_test;
    rows.features = features;
    rows.values = values;
    rows.labels = classes ? labels : NULL;
    rows.classes = classes;
    rows.targets = classes ? NULL : targets;
    rows.target_columns = classes ? 0 : 1;
    test = rows;
    test.rows = of_test;
    test.values = values + rows.rows * features;
    test.labels = classes ? labels + rows.rows : NULL;
    test.targets = classes ? NULL : targets + rows.rows;
    options.threads = 1;
    options.allocator = (nudge_allocator){allocate, release, NULL};
    require(context || nudge_context_create(&options, &context, NULL) == NUDGE_OK, "there is a context");
    if (!of_context) of_context = live;
    if (nudge_data_create(context, &rows, of_test ? &test : NULL, &data, NULL) == NUDGE_OK)
        survey_data(context, data);
    nudge_data_free(data);
    require(live == of_context, "all memory comes back");
    free(values);
    free(targets);
    free(labels);
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    enum { ROWS = 60 };
    if (i >= 4) return 0;
    bytes[0] = 2;                    /* three features */
    bytes[1] = (uint8_t)(i * 2 % 5); /* numbers, 2, 4, 1 classes */
    bytes[2] = (uint8_t)i;
    for (size_t r = 0; r < ROWS; r++) {
        uint8_t *row = bytes + 3 + r * 4;
        row[0] = (uint8_t)(2 * r);                    /* a name */
        row[1] = (uint8_t)(r * 37 % 11);              /* the answer */
        row[2] = i == 3 ? (uint8_t)(r * 37 % 11) : 5; /* the same, or a constant */
        row[3] = (uint8_t)(r == 7 ? 130 : r * 37 % 11);
    }
    return 3 + ROWS * 4;
}
