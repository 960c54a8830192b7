/* A table, from the file to an answer: what its columns are, a network that suits it, training, figures of rows that
 * were kept aside, a model file, and new rows that are told which of them lie outside of all that was learnt.
 *
 *     cc 04_table.c $(pkg-config --cflags --libs nudge) -o table && ./table */
#include <nudge.h>

#include <stdint.h>
#include <stdio.h>

/* From 0 to 1, the same numbers every time. */
static double draw(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) / 16777216.0;
}

/* Cups of coffee: how hot and how long each was brewed, and how it tasted. Some temperatures were not noted. */
static bool write_cups(const char *path) {
    static const char *const roasts[] = {"light", "medium", "dark"};
    uint32_t state = 1;
    FILE *file = fopen(path, "w");
    if (!file) return false;
    fputs("cup,roast,temperature,seconds,taste\n", file);
    for (int cup = 1; cup <= 600; cup++) {
        int roast = (int)(3 * draw(&state));
        double temperature = 84 + 14 * draw(&state), seconds = 15 + 25 * draw(&state);
        double strength =
            (temperature - 91) / 4 + (seconds - 27) / 6 + 0.8 * (roast - 1) + 0.2 * draw(&state);
        fprintf(file, "no. %d,%s,", cup, roasts[roast]);
        if (draw(&state) > 0.03) fprintf(file, "%.1f", temperature);
        fprintf(file, ",%.0f,%s\n", seconds, strength < -0.7 ? "sour" : strength > 0.7 ? "bitter" : "good");
    }
    return fclose(file) == 0;
}

static void print_table(const nudge_data *data) {
    nudge_column column = NUDGE_COLUMN;
    printf("%s, from %s: %zu rows to learn from, %zu to choose by, %zu to test with (%.0f %%)\n",
           nudge_data_name(data), nudge_data_file(data, 0), nudge_data_rows(data, NUDGE_PART_TRAIN),
           nudge_data_rows(data, NUDGE_PART_VALIDATION), nudge_data_rows(data, NUDGE_PART_TEST),
           100 * nudge_data_test_share(data));
    for (size_t i = 0; nudge_data_columns(data, i, &column); i++)
        if (column.role == NUDGE_COLUMN_FEATURE)
            printf("  %-12s inputs %zu to %zu%s\n", column.name, column.first,
                   column.first + column.inputs - 1,
                   column.flag ? ", the last one says where it is missing" : "");
    for (size_t c = 0; c < nudge_data_classes(data); c++)
        printf("  class %zu      %s\n", c, nudge_data_label_name(data, c));
    for (size_t i = 0; nudge_data_remark(data, i); i++) printf("  remark: %s\n", nudge_data_remark(data, i));
}

/* Learns the table with what is suggested for it. */
static nudge_status learn(nudge_context *context, nudge_data *data, nudge_net **net, nudge_error *error) {
    nudge_suggestion suggestion = NUDGE_SUGGESTION;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_status status = nudge_suggest(data, &suggestion, error);
    if (!status && suggestion.validation_split > 0)
        status = nudge_data_split(data, suggestion.validation_split, 1, error);
    if (status) return status;
    print_table(data);
    status = nudge_net_create(context, nudge_data_features(data), suggestion.net, 1, net, error);
    if (!status) status = nudge_net_initialise(*net, suggestion.init, 1, 1, error);
    if (!status) status = nudge_net_fit(*net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error);
    if (!status) status = nudge_train(context, *net, data, &suggestion.training, &result, error);
    if (!status)
        printf("%s: trained for %zu epochs, the best was %zu\n", suggestion.net, result.epochs,
               result.best_epoch);
    return status;
}

/* The figures of the test rows. */
static nudge_status measure(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            double *accuracy, nudge_error *error) {
    uint64_t counts[3][3];
    nudge_evaluation figures = NUDGE_EVALUATION;
    figures.confusion = counts[0];
    nudge_status status = nudge_evaluate(context, net, data, NUDGE_PART_TEST, &figures, error);
    if (status) return status;
    for (int m = 0; m < NUDGE_METRICS; m++)
        if (figures.metrics[m] == figures.metrics[m]) /* not NaN: it is of this task */
            printf("  %-18s %.3f\n", nudge_metric_name((nudge_metric)m, NULL), figures.metrics[m]);
    for (size_t t = 0; t < 3; t++)
        for (size_t c = 0; c < 3; c++)
            if (t != c && counts[t][c])
                printf("  %s taken for %s: %d\n", nudge_net_label(net, t), nudge_net_label(net, c),
                       (int)counts[t][c]);
    *accuracy = figures.accuracy;
    return NUDGE_OK;
}

/* New cups, in a file without the column `taste` and with the others in another order. */
static nudge_status answer(nudge_context *context, const char *model, const char *path, size_t *outside,
                           nudge_error *error) {
    nudge_net *net = NULL;
    nudge_data *cups = NULL;
    nudge_predictor *predictor = NULL;
    nudge_data_options how = NUDGE_DATA_OPTIONS;
    nudge_outlier outlier = NUDGE_OUTLIER;
    nudge_status status = nudge_net_load(context, model, &net, error);
    how.net = net; /* columns are found by their names, and are what they were */
    how.unlabelled = true;
    how.id = "cup";
    if (!status) status = nudge_data_open(context, path, &how, &cups, error);
    if (!status) status = nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error);
    for (size_t r = 0; !status && r < nudge_data_rows(cups, NUDGE_PART_TRAIN); r++) {
        float features[16], outputs[3]; /* features: one a number, one a category, one a missing flag */
        status = nudge_data_row(cups, NUDGE_PART_TRAIN, r, features, NULL, error);
        if (!status) status = nudge_predict(predictor, features, 1, outputs, error);
        if (status) break;
        size_t taste = nudge_answer(outputs, 3);
        printf("%s: %s, %.0f %% sure", nudge_data_id(cups, NUDGE_PART_TRAIN, r), nudge_net_label(net, taste),
               100 * (double)outputs[taste]);
        nudge_column column = NUDGE_COLUMN;
        bool is_outside = nudge_net_out_of_range(net, features, 1, &outlier);
        for (size_t i = 0; is_outside && nudge_net_columns(net, i, &column); i++)
            if (column.role == NUDGE_COLUMN_FEATURE && outlier.input - column.first < column.inputs)
                printf("; but %s %g is outside of %g to %g", column.name, (double)outlier.value,
                       (double)outlier.low, (double)outlier.high);
        *outside += is_outside;
        printf("\n");
    }
    nudge_predictor_free(predictor);
    nudge_data_free(cups);
    nudge_net_free(net);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_data_options how = NUDGE_DATA_OPTIONS;
    how.target = "taste";
    how.id = "cup"; /* nothing is learnt from it */
    how.test_split = 0.2;
    double accuracy = 0;
    size_t outside = 0;

    FILE *file = write_cups("cups.csv") ? fopen("new-cups.csv", "w") : NULL;
    if (!file ||
        fputs("cup,seconds,temperature,roast\nmine,26,91,medium\nyours,17,,light\nhis,25,210,dark\n", file) <
            0 ||
        fclose(file)) {
        perror("the tables");
        return 1;
    }
    if (nudge_context_create(NULL, &context, &error) ||
        nudge_data_open(context, "cups.csv", &how, &data, &error) || learn(context, data, &net, &error) ||
        measure(context, net, data, &accuracy, &error) || nudge_net_save(net, "cups.nudge", &error) ||
        answer(context, "cups.nudge", "new-cups.csv", &outside, &error))
        fprintf(stderr, "%s\n", error.message);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return error.code != NUDGE_OK || accuracy < 0.8 || outside != 1;
}
