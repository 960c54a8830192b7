/* Looking for what is wrong: in a table before anything is trained, and in a network after a training that came to
 * nothing. Each finding has a name, a figure, a sentence, and something to try.
 *
 *     cc 13_what_is_wrong.c $(pkg-config --cflags --libs nudge) -o what-is-wrong && ./what-is-wrong */
#include <nudge.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static double draw(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) / 16777216.0;
}

/* A machine's log, as such are: a number that never changes, one that is noted only when the answer is known,
 * and failures that are rare. */
static bool write_log(const char *path) {
    uint32_t state = 3;
    FILE *file = fopen(path, "w");
    if (!file) return false;
    fputs("plant,temperature,turns,repairs,state\n", file);
    for (int hour = 0; hour < 800; hour++) {
        double temperature = 60 + 20 * draw(&state);
        bool fails = temperature > 78.5;
        fprintf(file, "7,%.1f,%.0f,%d,%s\n", temperature, 4e6 + 2e6 * draw(&state), fails,
                fails ? "failed" : "runs");
    }
    return fclose(file) == 0;
}

static void print_histogram(const nudge_survey_column *column) {
    uint64_t most = 1;
    for (int b = 0; b < NUDGE_SURVEY_BINS; b++) most = column->bins[b] > most ? column->bins[b] : most;
    printf("  [");
    for (int b = 0; b < NUDGE_SURVEY_BINS; b++) putchar(" .:-=+*#%@"[column->bins[b] * 9 / most]);
    printf("]");
}

/* What is in the columns. */
static void print_columns(const nudge_survey *survey) {
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    for (size_t i = 0; nudge_survey_columns(survey, i, &column); i++) {
        printf("  %-12s", column.name);
        if (column.kind == NUDGE_COLUMN_NUMBER)
            printf(" %g to %g, mean %.4g, %zu%s values", column.low, column.high, column.mean,
                   column.distinct, column.more ? " or more" : "");
        if (column.kind == NUDGE_COLUMN_NUMBER && !column.constant) print_histogram(&column);
        for (size_t c = 0; c < column.category_count; c++)
            printf(" %s: %d rows", column.categories[c], (int)column.counts[c]);
        printf("\n");
    }
    printf("  rows to learn a failure from: %d\n", (int)nudge_survey_class_rows(survey, NUDGE_PART_TRAIN, 0));
}

static void print_finding(const nudge_finding *finding) {
    printf("%s (%.3g): %s\n", finding->name, finding->figure, finding->sentence);
    if (finding->advice[0]) printf("    %s\n", finding->advice);
}

/* Whether `wanted` is among what was found in the table. */
static nudge_status look_at_table(nudge_context *context, const char *wanted, bool *found,
                                  nudge_error *error) {
    nudge_data *data = NULL;
    nudge_survey *survey = NULL;
    nudge_finding finding = NUDGE_FINDING;
    nudge_data_options how = NUDGE_DATA_OPTIONS;
    how.test_split = 0.2;
    nudge_status status = nudge_data_open(context, "machine.csv", &how, &data, error);
    if (!status) status = nudge_survey_create(context, data, &survey, error);
    if (!status) print_columns(survey);
    for (size_t i = 0; !status && nudge_survey_finding(survey, i, &finding); i++) {
        print_finding(&finding);
        *found |= strcmp(finding.name, wanted) == 0;
    }
    nudge_survey_free(survey);
    nudge_data_free(data);
    return status;
}

/* Trains with a learning rate, and tells what is wrong with what came of it: `count` findings. */
static nudge_status look_at_training(nudge_context *context, double learning_rate, size_t *count,
                                     nudge_error *error) {
    nudge_finding findings[8];
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    for (int i = 0; i < 8; i++) findings[i] = (nudge_finding)NUDGE_FINDING;
    options.learning_rate = learning_rate;
    options.epochs = 60;
    nudge_status status = nudge_data_generate(context, "circles", 1, &data, error);
    if (!status) status = nudge_net_create(context, 2, "32 relu, 2 softmax", 1, &net, error);
    if (!status) status = nudge_train(context, net, data, &options, &result, error);
    bool diverged =
        status == NUDGE_DIVERGED; /* a result, too: the net has the last parameters that were good */
    if (diverged) printf("%s\n", error->message);
    if (diverged) status = NUDGE_OK;
    if (!status)
        printf("learning rate %g: %.1f %% of the test rows\n", learning_rate, 100 * result.test_accuracy);
    if (!status)
        status = nudge_diagnose(context, net, data, &options, &result, diverged, findings, 8, count, error);
    for (size_t i = 0; !status && i < *count; i++) print_finding(&findings[i]);
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    bool found = false;
    size_t bad = 0, good = 0;
    const char *name, *summary;

    if (!write_log("machine.csv")) {
        perror("machine.csv");
        return 1;
    }
    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = look_at_table(context, "constant", &found, &error);
    if (!status) status = look_at_training(context, 30, &bad, &error);
    if (!status) status = look_at_training(context, 0.1, &good, &error);
    if (!status) {
        printf("what is looked for in data:\n");
        for (size_t i = 0; (name = nudge_survey_finding_name(i, &summary)); i++)
            printf("  %-18s %s\n", name, summary);
        printf("and in a network:");
        for (size_t i = 0; (name = nudge_finding_name(i)); i++) printf(" %s", name);
        printf("\n");
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    nudge_context_free(context);
    return status || !found || bad == 0 || good > 0;
}
