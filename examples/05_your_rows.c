/* Rows that never were in memory: a function gives the numbers as they are needed, here of small images of stripes.
 * How well a network tells them apart is measured by cross-validation, once in one call and once fold by fold, with
 * the same bits; then the rows are written in three formats and read again.
 *
 *     cc 05_your_rows.c $(pkg-config --cflags --libs nudge) -o your-rows && ./your-rows */
#include <nudge.h>

#include <stdio.h>
#include <string.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, KINDS = 3, ROWS = 300, TESTS = 60, FOLDS = 5 };

/* 32 bits that look random, a function of `number` alone: several threads may ask at once. */
static uint32_t mixed(uint32_t number) {
    number = (number ^ number >> 16) * 0x45d9f3bu;
    number = (number ^ number >> 16) * 0x45d9f3bu;
    return number ^ number >> 16;
}

/* Stripes that lie, stand or slope, two pixels wide, shifted by chance, under noise. */
static uint8_t pixel_of(uint32_t row, uint32_t x, uint32_t y) {
    uint32_t kind = row % KINDS, along = kind == 0 ? y : kind == 1 ? x : x + y;
    bool on = (along + mixed(row)) % 4 < 2;
    return (uint8_t)((on ? 110 : 0) + mixed(row * PIXELS + y * SIDE + x + 1000000) % 146);
}

/* Fills in numbers first .. first+count-1 of [rows][pixels]. `user` has the first row's number. */
static bool read_pixels(void *user, size_t first, size_t count, void *values) {
    uint8_t *pixels = values;
    for (size_t i = 0; i < count; i++) {
        uint32_t row = *(const uint32_t *)user + (uint32_t)((first + i) / PIXELS);
        uint32_t place = (uint32_t)((first + i) % PIXELS);
        pixels[i] = pixel_of(row, place % SIDE, place / SIDE);
    }
    return true; /* false: they cannot be had */
}

static nudge_status make_data(nudge_context *context, nudge_data **data, nudge_error *error) {
    static int32_t labels[ROWS + TESTS]; /* copied by nudge_data_create */
    static uint32_t first_row = 0, first_test = ROWS;
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = ROWS;
    rows.features = PIXELS;
    rows.height = rows.width = SIDE;
    rows.type = NUDGE_TYPE_U8;
    rows.labels = labels;
    rows.classes = KINDS;
    rows.read = read_pixels; /* in place of rows.values */
    rows.user = &first_row;  /* must stay as long as the data */
    for (size_t row = 0; row < ROWS + TESTS; row++) labels[row] = (int32_t)(row % KINDS);

    nudge_rows tests = rows;
    tests.rows = TESTS;
    tests.labels = labels + ROWS;
    tests.user = &first_test;
    return nudge_data_create(context, &rows, &tests, data, error);
}

/* What one fold comes to, by hand: its rows as a set of their own, a new network, a training, the fold's figures. */
static nudge_status try_fold(nudge_context *context, const nudge_data *data,
                             const nudge_cross_options *options, size_t fold, double *accuracy,
                             nudge_error *error) {
    nudge_data *part = NULL;
    nudge_net *net = NULL;
    nudge_evaluation figures = NUDGE_EVALUATION;
    nudge_status status = nudge_data_fold(context, data, options->folds, fold, options->seed, &part, error);
    if (!status) status = nudge_net_create(context, PIXELS, options->net, options->seed, &net, error);
    if (!status) status = nudge_net_fit(net, part, options->scale, options->target_scale, error);
    if (!status) status = nudge_train(context, net, part, options->training, NULL, error);
    if (!status) status = nudge_evaluate(context, net, part, NUDGE_PART_TEST, &figures, error);
    if (!status) *accuracy = figures.accuracy;
    nudge_net_free(net);
    nudge_data_free(part);
    return status;
}

static nudge_status cross_validate(nudge_context *context, const nudge_data *data, bool *same,
                                   nudge_error *error) {
    double each[FOLDS][16] = {{0}}, accuracy = 0;
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    nudge_cross_options options = NUDGE_CROSS_OPTIONS;
    nudge_cross_result result = NUDGE_CROSS_RESULT;
    training.evaluate_test = false;
    options.net = "8 relu, 3 softmax";
    options.training = &training;
    options.folds = FOLDS;
    result.each = each[0];
    nudge_status status = nudge_cross_validate(context, data, &options, &result, error);
    if (!status)
        printf("accuracy in %d folds: %.3f, give or take %.3f\n", FOLDS, result.mean[NUDGE_METRIC_ACCURACY],
               result.deviation[NUDGE_METRIC_ACCURACY]);
    for (size_t fold = 0; fold < FOLDS && !status; fold++) {
        double told = each[fold][NUDGE_METRIC_ACCURACY];
        status = try_fold(context, data, &options, fold, &accuracy, error);
        if (!status) printf("  fold %zu: %.3f, by hand %.3f\n", fold, told, accuracy);
        *same &= accuracy == told;
    }
    return status;
}

/* Reads a set that was written, and compares every number of its test rows. */
static nudge_status read_again(nudge_context *context, const nudge_data *data, const char *name, bool *same,
                               nudge_error *error) {
    float ours[PIXELS], theirs[PIXELS];
    nudge_data *again = NULL;
    nudge_data_options how = NUDGE_DATA_OPTIONS;
    if (strstr(name, ".csv")) how.split = "split"; /* the column that says which part a row is of */
    nudge_status status = nudge_data_open(context, name, &how, &again, error);
    for (size_t row = 0; row < TESTS && !status; row++) {
        status = nudge_data_row(data, NUDGE_PART_TEST, row, ours, NULL, error);
        if (!status) status = nudge_data_row(again, NUDGE_PART_TEST, row, theirs, NULL, error);
        *same &=
            !status && memcmp(ours, theirs, sizeof ours) == 0 &&
            nudge_data_label(data, NUDGE_PART_TEST, row) == nudge_data_label(again, NUDGE_PART_TEST, row);
    }
    if (!status)
        printf("%-12s %zu + %zu rows, %s%s, %s\n", name, nudge_data_rows(again, NUDGE_PART_TRAIN),
               nudge_data_rows(again, NUDGE_PART_TEST),
               nudge_data_type(again) == NUDGE_TYPE_U8 ? "bytes" : "numbers",
               nudge_data_image(again, NULL, NULL) ? " of images" : "", *same ? "the same" : "OTHER ROWS");
    nudge_data_free(again);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    bool same = true;
    char name[48];

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = make_data(context, &data, &error);
    if (!status)
        printf("%zu rows of %zu features, %zu outputs, %s\n", nudge_data_rows(data, NUDGE_PART_TRAIN),
               nudge_data_features(data), nudge_data_targets(data),
               nudge_data_in_memory(data, NUDGE_PART_TRAIN) ? "in memory" : "read as they are needed");
    if (!status) status = cross_validate(context, data, &same, &error);

    if (!status) status = nudge_data_write_idx(data, "stripes", &error); /* as MNIST comes */
    if (!status) status = nudge_data_write_npz(data, "stripes.npz", &error);
    if (!status) status = nudge_data_write_csv(data, "stripes.csv", NULL, &error);
    if (!status) status = read_again(context, data, "stripes/", &same, &error);
    if (!status) status = read_again(context, data, "stripes.npz", &same, &error);
    if (!status) status = read_again(context, data, "stripes.csv", &same, &error);
    for (size_t i = 0; !status && nudge_data_idx_name(data, i, name); i++) printf("  stripes/%s\n", name);

    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || !same;
}
