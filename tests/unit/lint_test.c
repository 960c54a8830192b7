/* Surveys of data sets: what they say of columns, and each finding where it should be and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct accounts accounts;
static nudge_context *context;
static nudge_data_options options;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

static nudge_survey *surveyed(const nudge_data *data) {
    nudge_survey *survey = NULL;
    nudge_error error = {0};
    if (nudge_survey_create(context, data, &survey, &error)) fail_msg("%s", error.message);
    return survey;
}

static nudge_data *opened(const char *name) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

/* A row of a table that is made: whole numbers that look drawn. */
static unsigned drawn(unsigned row, unsigned column) {
    unsigned x = row * 2654435761u + column * 40503u + 12345;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return x >> 8;
}

/* t.csv: a, b, y without any fault, and what `more` adds to each row. */
static void make_table(unsigned rows, const char *heading, void (*more)(FILE *file, unsigned row)) {
    FILE *file = fopen("t.csv", "w");
    assert_non_null(file);
    fprintf(file, "a,b,%sy\n", heading);
    for (unsigned r = 0; r < rows; r++) {
        fprintf(file, "%.3f,%u,", drawn(r, 1) % 100000 / 1000.0, drawn(r, 2) % 7);
        if (more) more(file, r);
        fprintf(file, "%s\n", drawn(r, 3) % 3 ? "no" : "yes");
    }
    fclose(file);
}

/* The findings are these kinds, separated by blanks; of the first one the sentence and advice are these (NULL: any). */
static void expect_findings(const nudge_data *data, const char *kinds, const char *sentence,
                            const char *advice) {
    nudge_survey *survey = surveyed(data);
    nudge_finding finding = NUDGE_FINDING;
    char found[512] = "";
    for (size_t i = 0; nudge_survey_finding(survey, i, &finding); i++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%s", i ? " " : "", finding.name);
        if (i == 0 && sentence) assert_string_equal(finding.sentence, sentence);
        if (i == 0 && advice) assert_string_equal(finding.advice, advice);
        assert_true(finding.sentence[0] && finding.advice[0]);
    }
    nudge_survey_free(survey);
    assert_string_equal(found, kinds);
}

static void expect_table(const char *kinds, const char *sentence, const char *advice) {
    nudge_data *data = opened("./t.csv");
    expect_findings(data, kinds, sentence, advice);
    nudge_data_free(data);
}

/* -- what is said of columns -- */

static void figures_are_right(void **state) {
    (void)state;
    const char text[] = "a,c,k,y\n1,red,5,x\n2,blue,5,y\n,red,5,x\n5,green,5,y\n";
    put_file("t.csv", text, strlen(text));
    nudge_data *data = opened("./t.csv");
    nudge_survey *survey = surveyed(data);
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;

    assert_true(nudge_survey_columns(survey, 0, &column));
    assert_string_equal(column.name, "a");
    assert_int_equal(column.kind, NUDGE_COLUMN_NUMBER);
    assert_int_equal(column.rows, 4);
    assert_int_equal(column.missing, 1);
    assert_true(column.low == 1 && column.high == 5);
    assert_true(fabs(column.mean - 8.0 / 3) < 1e-12);
    assert_true(fabs(column.deviation - sqrt(26.0 / 9)) < 1e-12);
    assert_int_equal(column.distinct, 3);
    assert_false(column.more || column.constant);
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++)
        assert_int_equal(column.bins[b], b == 0 || b == 4 || b == 15);

    assert_true(nudge_survey_columns(survey, 1, &column));
    assert_int_equal(column.kind, NUDGE_COLUMN_CATEGORY);
    assert_int_equal(column.category_count, 3);
    assert_string_equal(column.categories[2], "red");
    assert_true(column.counts[0] == 1 && column.counts[1] == 1 && column.counts[2] == 2);

    assert_true(nudge_survey_columns(survey, 2, &column));
    assert_true(column.constant);
    assert_true(column.deviation == 0 && column.bins[0] == 4);

    assert_true(nudge_survey_columns(survey, 3, &column));
    assert_int_equal(column.role, NUDGE_COLUMN_TARGET);
    assert_true(column.counts[0] == 2 && column.counts[1] == 2);
    assert_int_equal(nudge_survey_class_rows(survey, NUDGE_PART_TRAIN, 1), 2);
    assert_int_equal(nudge_survey_class_rows(survey, NUDGE_PART_TEST, 1), 0);
    assert_int_equal(nudge_survey_class_rows(survey, NUDGE_PART_TRAIN, 2), 0);
    assert_false(nudge_survey_columns(survey, 4, &column));
    nudge_survey_free(survey);
    nudge_data_free(data);
}

/* Rows of all parts count, also where the parts are drawn. */
static void every_part_counts(void **state) {
    (void)state;
    make_table(500, "", NULL);
    options.test_split = 0.3;
    options.validation_split = 0.2;
    nudge_data *data = opened("./t.csv");
    nudge_survey *survey = surveyed(data);
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    uint64_t classes = 0, bins = 0;
    for (size_t p = 0; p < 3; p++)
        for (size_t c = 0; c < 2; c++) classes += nudge_survey_class_rows(survey, (nudge_part)p, c);
    assert_int_equal(classes, 500);
    assert_true(nudge_survey_columns(survey, 0, &column));
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++) bins += column.bins[b];
    assert_int_equal(bins, 500);
    nudge_survey_free(survey);
    nudge_data_free(data);
}

static void different_values_are_counted_up_to_a_thousand(void **state) {
    (void)state;
    enum { ROWS = 1001 };
    float values[ROWS * 2], targets[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        values[2 * r] = (float)r * 0.5f;
        values[2 * r + 1] = (float)(r % NUDGE_SURVEY_DISTINCT) * 0.5f;
        targets[r] = (float)(drawn((unsigned)r, 9) % 10);
    }
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = ROWS;
    rows.features = 2;
    rows.values = values;
    rows.targets = targets;
    rows.target_columns = 1;
    nudge_data *data;
    assert_int_equal(nudge_data_create(context, &rows, NULL, &data, NULL), NUDGE_OK);
    nudge_survey *survey = surveyed(data);
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    assert_true(nudge_survey_columns(survey, 0, &column));
    assert_true(column.distinct == 1000 && column.more && !column.name);
    assert_true(nudge_survey_columns(survey, 1, &column));
    assert_true(column.distinct == 1000 && !column.more);
    assert_true(nudge_survey_columns(survey, 2, &column));
    assert_true(column.role == NUDGE_COLUMN_TARGET && column.distinct == 10 && !column.more);
    nudge_survey_free(survey);
    nudge_data_free(data);
}

/* -- findings in tables -- */

static void nothing_is_found_in_a_clean_table(void **state) {
    (void)state;
    make_table(600, "", NULL);
    options.test_split = 0.2;
    expect_table("", NULL, NULL);
    options.test_split = 0;
    make_table(12, "", NULL);
    expect_table("", NULL, NULL);
}

static void put_constant(FILE *file, unsigned row) {
    (void)row;
    fputs("7,red,", file);
}

static void constants_are_found(void **state) {
    (void)state;
    make_table(100, "k,colour of it,", put_constant);
    expect_table("constant", "2 columns have the same value in every row: k, colour of it",
                 "nothing is learnt from them: --ignore k,\"colour of it\"");
}

static void put_same(FILE *file, unsigned row) {
    fprintf(file, "%.3f,", drawn(row, 1) % 100000 / 1000.0);
}

static void put_words(FILE *file, unsigned row) {
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    fprintf(file, "%s,", words[drawn(row, 2) % 7]);
}

static void put_almost_same(FILE *file, unsigned row) {
    fprintf(file, "%.3f,", row == 299 ? 1.5 : drawn(row, 1) % 100000 / 1000.0);
}

static void duplicates_are_found(void **state) {
    (void)state;
    make_table(300, "a2,", put_same);
    expect_table("duplicate", "a2 is the same as a in every row", "one of them is enough: --ignore a2");
    make_table(300, "day,", put_words);
    expect_table("duplicate", "day says the same as b in every row, in other words", NULL);
    make_table(300, "a2,", put_almost_same);
    expect_table("", NULL, NULL);
}

static void put_rising(FILE *file, unsigned row) {
    fprintf(file, "%u,", 3 * row + 10);
}
static void put_falling(FILE *file, unsigned row) {
    fprintf(file, "%u,", 10000 - row);
}
/* All numbers below 1200, each once, in no order. */
static void put_mixed(FILE *file, unsigned row) {
    fprintf(file, "%u,", row * 7 % 1200);
}
static void put_mixed_twice(FILE *file, unsigned row) {
    fprintf(file, "%u,", (row == 5 ? 4 : row) * 7 % 1200);
}
static void put_ticket(FILE *file, unsigned row) {
    fprintf(file, "ticket %u,", row);
}

static void names_of_rows_are_found(void **state) {
    (void)state;
    make_table(300, "id,", put_rising);
    expect_table("id", "id is a whole number that grows from row to row: it seems to be a name of the rows",
                 "nothing is learnt from a name: --id id, or --ignore id");
    options.test_split = 0.2;
    expect_table("id", NULL, NULL);
    options.test_split = 0;
    make_table(300, "id,", put_falling);
    expect_table("id", NULL, NULL);
    make_table(1200, "id,", put_mixed);
    expect_table(
        "id", "id is a whole number, and no two rows have the same: it seems to be a name of the rows", NULL);
    make_table(1200, "id,", put_mixed_twice);
    expect_table("", NULL, NULL);
    options.categorical = "ticket";
    make_table(200, "ticket,", put_ticket);
    expect_table("id", "ticket has 200 different values in 200 rows: it seems to be a name of the rows",
                 NULL);
}

static void put_answer(FILE *file, unsigned row) {
    fprintf(file, "%s,", drawn(row, 3) % 3 ? "off" : drawn(row, 4) % 2 ? "on" : "half");
}
static void put_answer_number(FILE *file, unsigned row) {
    fprintf(file, "%.4f,", (drawn(row, 3) % 3 ? -1.0 : 1.0) + drawn(row, 5) % 1000 / 1e6);
}
static void put_answer_missing(FILE *file, unsigned row) {
    if (drawn(row, 3) % 3) fprintf(file, "%.3f", drawn(row, 6) % 100000 / 1000.0);
    putc(',', file);
}
static void put_hint(FILE *file, unsigned row) {
    fprintf(file, "%s,", drawn(row, 3) % 3 || row % 10 == 7 ? "off" : "on");
}

static void leaks_of_classes_are_found(void **state) {
    (void)state;
    make_table(300, "state,", put_answer);
    expect_table("leak", "state alone says what y is: each of its values has rows of one class only",
                 "if it is not known before the answer is: --ignore state");
    make_table(300, "level,", put_answer_number);
    expect_table("leak", NULL, NULL);
    make_table(300, "bill,", put_answer_missing);
    expect_table("leak", "whether bill is missing alone says what y is: their correlation is 1", NULL);
    make_table(300, "state,", put_hint);
    expect_table("", NULL, NULL);
}

static void leaks_of_numbers_are_found(void **state) {
    (void)state;
    FILE *file = fopen("t.csv", "w");
    for (unsigned r = 0; r < 200; r++)
        fprintf(file, "%s%u.5,%.3f,%.3f\n", r ? "" : "a,fahrenheit,celsius\n", drawn(r, 1) % 50,
                32 + 1.8 * (drawn(r, 2) % 4000 / 100.0) + drawn(r, 3) % 10 / 100.0,
                drawn(r, 2) % 4000 / 100.0);
    fclose(file);
    nudge_data *data = opened("./t.csv");
    nudge_survey *survey = surveyed(data);
    nudge_finding finding = NUDGE_FINDING;
    assert_true(nudge_survey_finding(survey, 0, &finding));
    assert_string_equal(finding.name, "leak");
    assert_non_null(
        strstr(finding.sentence, "fahrenheit alone says what celsius is: their correlation is 0.9999"));
    assert_true(finding.figure > 0.999 && finding.figure < 1);
    assert_false(nudge_survey_finding(survey, 1, &finding));
    nudge_survey_free(survey);
    nudge_data_free(data);
}

static void put_far(FILE *file, unsigned row) {
    fprintf(file, "%u,", row == 10 ? 1000000 : row % 10 ? 0 : drawn(row, 4) % 20);
}
/* So many that none is far in standard deviations. */
static void put_several_far(FILE *file, unsigned row) {
    fprintf(file, "%.3f,", row % 40 == 10 ? 1e9 : row == 3 ? -1e9 : drawn(row, 4) % 1000 / 100.0);
}
static void put_flag(FILE *file, unsigned row) {
    fprintf(file, "%d,", row == 10 || row == 11); /* rare, but no outlier */
}
static void put_skewed(FILE *file, unsigned row) {
    fprintf(file, "%.4f,", exp(drawn(row, 4) % 1000 / 100.0));
}

static void outliers_are_found(void **state) {
    (void)state;
    make_table(800, "far,", put_far);
    expect_table(
        "outliers",
        "far: 1 value lies further than 20 standard deviations from the mean 1251: from 0 to 1e+06",
        "if they are no errors: --scale robust, or --scale log1p for columns over many powers of ten");
    make_table(4000, "far,", put_several_far);
    expect_table(
        "outliers",
        "far: 101 values lie further than 100 times the distance of the quartiles from the median 4.88: "
        "from -1e+09 to 1e+09",
        NULL);
    make_table(2000, "flag,", put_flag);
    expect_table("", NULL, NULL);
    make_table(2000, "skewed,", put_skewed);
    expect_table("", NULL, NULL);
}

static void put_class_table(unsigned of_first, unsigned of_second, unsigned of_third) {
    FILE *file = fopen("t.csv", "w");
    fputs("a,y\n", file);
    for (unsigned r = 0; r < of_first + of_second + of_third; r++)
        fprintf(file, "%.3f,%s\n", drawn(r, 1) % 100000 / 1000.0,
                r < of_first               ? "cat"
                : r < of_first + of_second ? "dog"
                                           : "\"hen\"");
    fclose(file);
}

static void classes_are_counted(void **state) {
    (void)state;
    put_class_table(50, 50, 9);
    expect_table("rare-classes", "1 of 3 classes has fewer than 10 training rows: hen (9)", NULL);
    put_class_table(50, 50, 10);
    expect_table("", NULL, NULL);
    put_class_table(910, 90, 0);
    expect_table("imbalance",
                 "91 % of the training rows are of class cat: always to answer that is right as often", NULL);
    put_class_table(900, 100, 0);
    expect_table("", NULL, NULL);
}

static void many_of_a_kind_are_told_as_one(void **state) {
    (void)state;
    FILE *file = fopen("t.csv", "w");
    for (unsigned c = 0; c < 12; c++) fprintf(file, "id%u,", c);
    fputs("y\n", file);
    for (unsigned r = 0; r < 60; r++) {
        for (unsigned c = 0; c < 12; c++) fprintf(file, "%u,", (c + 2) * r + c * c);
        fprintf(file, "%s\n", drawn(r, 1) % 2 ? "no" : "yes");
    }
    fclose(file);
    expect_table("id id id id id id id id id", NULL, NULL);
}

/* -- findings in arrays -- */

static nudge_data *made(nudge_rows *train, const float *values, const int32_t *labels, size_t count,
                        nudge_rows *test, const float *test_values) {
    nudge_data *data;
    nudge_error error = {0};
    train->rows = count;
    train->values = values;
    train->labels = labels;
    if (test) {
        *test = *train;
        test->values = test_values;
    }
    if (nudge_data_create(context, train, test, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static void shared_rows_are_found(void **state) {
    (void)state;
    enum { ROWS = 200 };
    float train[ROWS * 2], test[ROWS * 2];
    int32_t labels[ROWS];
    for (unsigned i = 0; i < ROWS * 2; i++) train[i] = (float)drawn(i, 1);
    for (unsigned i = 0; i < ROWS * 2; i++) test[i] = i < 20 ? train[ROWS + i] : (float)drawn(i, 2);
    for (unsigned r = 0; r < ROWS; r++) labels[r] = (int32_t)(drawn(r, 3) % 2);
    nudge_rows rows = NUDGE_ROWS, test_rows = NUDGE_ROWS;
    rows.features = 2;
    rows.classes = 2;
    nudge_data *data = made(&rows, train, labels, ROWS, &test_rows, test);
    expect_findings(
        data, "shared-rows",
        "10 of 200 test rows (5 %) have the same features as a training row: on them the test says "
        "nothing new",
        NULL);
    nudge_data_free(data);
}

static float swapped(float x) {
    unsigned char bytes[4], turned[4];
    memcpy(bytes, &x, sizeof bytes);
    for (size_t i = 0; i < 4; i++) turned[i] = bytes[3 - i];
    memcpy(&x, turned, sizeof x);
    return isfinite(x) ? x : 1;
}

static void bytes_in_another_order_are_found(void **state) {
    (void)state;
    enum { ROWS = 400 };
    float values[ROWS * 2], turned[ROWS * 2];
    int32_t labels[ROWS], large[ROWS];
    for (unsigned i = 0; i < ROWS * 2; i++) {
        values[i] = (float)(drawn(i, 1) % 1000000) / 1000.0f;
        turned[i] = swapped(values[i]);
        labels[i / 2] = (int32_t)(drawn(i, 3) % 4);
        large[i / 2] = labels[i / 2] * 256;
    }
    nudge_rows rows = NUDGE_ROWS;
    rows.features = 2;
    rows.classes = 4;
    nudge_data *data = made(&rows, values, labels, ROWS, NULL, NULL);
    expect_findings(data, "", NULL, NULL);
    nudge_data_free(data);
    data = made(&rows, turned, labels, ROWS, NULL, NULL);
    nudge_survey *survey = surveyed(data);
    nudge_finding finding = NUDGE_FINDING;
    assert_true(nudge_survey_finding(survey, 0, &finding));
    assert_string_equal(finding.name, "byte-order");
    assert_non_null(strstr(finding.sentence, "of the features are beyond 1e30 and"));
    nudge_survey_free(survey);
    nudge_data_free(data);
    rows.classes = 1024;
    data = made(&rows, values, large, ROWS, NULL, NULL);
    expect_findings(
        data, "byte-order",
        "almost all labels are multiples of 256, of 1024 classes: so small numbers look in the other "
        "order of bytes",
        NULL);
    nudge_data_free(data);
}

/* The border of images is always black, and no fault; the figures of bytes are exact. */
static void pixels_are_not_judged_one_by_one(void **state) {
    (void)state;
    nudge_data *data;
    nudge_error error = {0};
    if (nudge_data_generate(context, "digits:300/100", 1, &data, &error)) fail_msg("%s", error.message);
    expect_findings(data, "", NULL, NULL);
    nudge_survey *survey = surveyed(data);
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    float row[784];
    double sum = 0;
    uint64_t bins = 0;
    for (size_t p = 0; p < 3; p++)
        for (size_t r = 0; r < nudge_data_rows(data, (nudge_part)p); r++) {
            assert_int_equal(nudge_data_row(data, (nudge_part)p, r, row, NULL, NULL), NUDGE_OK);
            sum += (double)row[400];
        }
    assert_true(nudge_survey_columns(survey, 400, &column));
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++) bins += column.bins[b];
    assert_int_equal(bins, 400);
    assert_true(fabs(column.mean - sum / 400) < 1e-9);
    assert_true(column.more && column.distinct == 0);
    assert_true(nudge_survey_columns(survey, 0, &column));
    assert_true(column.constant);
    assert_true(nudge_survey_columns(survey, 784, &column));
    assert_int_equal(column.category_count, 10);
    nudge_survey_free(survey);
    nudge_data_free(data);
}

/* -- names, and memory -- */

static void kinds_have_names(void **state) {
    (void)state;
    const char *summary = NULL;
    size_t count = 0;
    while (nudge_survey_finding_name(count, &summary)) count++;
    assert_int_equal(count, 9);
    assert_non_null(summary);
    assert_string_equal(nudge_survey_finding_name(1, NULL), "leak");
    nudge_survey_free(NULL);
}

static void memory_that_is_refused_is_told(void **state) {
    (void)state;
    make_table(1200, "id,", put_mixed);
    options.test_split = 0.2;
    nudge_data *data = opened("./t.csv");
    nudge_status status = NUDGE_NO_MEMORY;
    for (size_t at = 1; status; at++) {
        size_t blocks = accounts.live_blocks;
        nudge_survey *survey = NULL;
        nudge_error error = {0};
        accounts.fail_at = accounts.allocations + at;
        status = nudge_survey_create(context, data, &survey, &error);
        if (status) {
            assert_int_equal(status, NUDGE_NO_MEMORY);
            assert_null(survey);
            assert_int_equal(accounts.live_blocks, blocks);
        }
        accounts.fail_at = 0;
        nudge_survey_free(survey);
    }
    nudge_data_free(data);
}

/* How many rows there are does not matter, but for the hashes of rows that have a test part beside them. */
static void memory_does_not_grow_with_rows(void **state) {
    (void)state;
    size_t peaks[2];
    for (size_t i = 0; i < 2; i++) {
        make_table(i ? 40000 : 4000, "", NULL);
        nudge_data *data = opened("./t.csv");
        accounts.peak_bytes = accounts.live_bytes;
        size_t before = accounts.live_bytes;
        nudge_survey_free(surveyed(data));
        peaks[i] = accounts.peak_bytes - before;
        nudge_data_free(data);
    }
    assert_int_equal(peaks[0], peaks[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(figures_are_right),
        TEST(every_part_counts),
        TEST(different_values_are_counted_up_to_a_thousand),
        TEST(nothing_is_found_in_a_clean_table),
        TEST(constants_are_found),
        TEST(duplicates_are_found),
        TEST(names_of_rows_are_found),
        TEST(leaks_of_classes_are_found),
        TEST(leaks_of_numbers_are_found),
        TEST(outliers_are_found),
        TEST(classes_are_counted),
        TEST(many_of_a_kind_are_told_as_one),
        TEST(shared_rows_are_found),
        TEST(bytes_in_another_order_are_found),
        TEST(pixels_are_not_judged_one_by_one),
        TEST(kinds_have_names),
        TEST(memory_that_is_refused_is_told),
        TEST(memory_does_not_grow_with_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
