/* See answers.h. */
#include "cli/open/answers.h"

#include "cli/tell/safe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Enough rows to keep the engine busy, within a few megabytes. */
static size_t capacity_for(size_t numbers_a_row) {
    const size_t most = 256, numbers = 1 << 20;
    size_t rows = numbers / numbers_a_row;
    return rows < 1 ? 1 : rows > most ? most : rows;
}

int say_no_answer(const char *where, size_t row) {
    return say_failure(
        "%s row %zu has no answer: its numbers are too large for the network, whose sums are not finite",
        where, row);
}

int answers_begin(struct answers *answers, const struct opened *opened) {
    nudge_error error;
    const nudge_net *net = opened->net;
    size_t targets = opened->data ? nudge_data_targets(opened->data) : 0;
    *answers = (struct answers){.net = net,
                                .inputs = nudge_net_inputs(net),
                                .count = nudge_net_outputs(net),
                                .classes = net_classes(net),
                                .shares = net_shares_one(net)};
    if (opened->data && nudge_data_features(opened->data) != answers->inputs)
        return say_usage("%s has %zu features, but the model takes %zu", nudge_data_name(opened->data),
                         nudge_data_features(opened->data), answers->inputs);
    answers->capacity = capacity_for(answers->inputs + answers->count + targets);
    answers->features = calloc(answers->capacity, answers->inputs * sizeof(float));
    answers->outputs = calloc(answers->capacity, answers->count * sizeof(float));
    answers->targets = calloc(answers->capacity, (targets ? targets : 1) * sizeof(float));
    if (!answers->features || !answers->outputs || !answers->targets)
        return say_failure("not enough memory: for %zu rows of %zu features", answers->capacity,
                           answers->inputs);
    if (nudge_predictor_create(opened->context, net, answers->capacity, NULL, 0, &answers->predictor, &error))
        return say_error(&error, SAY_RUNNING);
    return EXIT_DONE;
}

void answers_end(struct answers *answers) {
    nudge_predictor_free(answers->predictor);
    free(answers->features);
    free(answers->outputs);
    free(answers->targets);
    *answers = (struct answers){.net = NULL};
}

/* The input's name in its table, or its number. */
static struct label input_name(const nudge_net *net, size_t input) {
    struct label label;
    nudge_column column = NUDGE_COLUMN;
    for (size_t c = 0; nudge_net_columns(net, c, &column); c++)
        if (input >= column.first && input - column.first < column.inputs) {
            format_text(label.text, sizeof label.text, "%s", safe_short(column.name, 40).text);
            return label;
        }
    format_text(label.text, sizeof label.text, "input %zu", input);
    return label;
}

/* Told once: such an answer rests on nothing that was learnt. */
static void watch_range(struct answers *answers, size_t rows, const char *where, size_t first) {
    nudge_outlier outlier = NUDGE_OUTLIER;
    if (answers->told_range || !nudge_net_out_of_range(answers->net, answers->features, rows, &outlier))
        return;
    answers->told_range = true;
    if (outlier.small)
        fprintf(stderr,
                "nudge: %s: values reach %.4g, where training saw up to %.4g: are they scaled already?\n",
                where, (double)outlier.value, (double)outlier.high);
    else
        fprintf(stderr, "nudge: %s row %zu: %s is %.6g, far outside of what training saw (%.6g to %.6g)\n",
                where, first + outlier.row, input_name(answers->net, outlier.input).text,
                (double)outlier.value, (double)outlier.low, (double)outlier.high);
}

int answers_predict(struct answers *answers, size_t rows, const char *where, size_t first) {
    nudge_error error;
    watch_range(answers, rows, where, first);
    if (nudge_predict(answers->predictor, answers->features, rows, answers->outputs, &error))
        return say_error(&error, SAY_RUNNING);
    for (size_t r = 0; r < rows; r++)
        if (nudge_answer(answers->outputs + r * answers->count, answers->count) == NUDGE_NO_ANSWER)
            return say_no_answer(where, first + r);
    return EXIT_DONE;
}

static int take_rows(struct answers *answers, const nudge_data *data, nudge_part part, size_t first,
                     size_t rows) {
    nudge_error error;
    size_t targets = nudge_data_targets(data);
    for (size_t r = 0; r < rows; r++)
        if (nudge_data_row(data, part, first + r, answers->features + r * answers->inputs,
                           answers->targets + r * targets, &error))
            return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

struct number_text answer_figure(const struct answers *answers, double output, int decimals) {
    struct number_text text = number_short(output, 4);
    if (answers->shares) return number_percent(output, decimals);
    if (fabs(output) < 100) snprintf(text.text, sizeof text.text, "%.*f", decimals + 2, output);
    return text;
}

static struct label place_of(const nudge_data *data, nudge_part part) {
    struct label where;
    bool alone =
        all_rows(data) == nudge_data_rows(data, part); /* then the part has no name to those who ask */
    format_text(where.text, sizeof where.text, "%s:%s%s", nudge_data_name(data), alone ? "" : " ",
                alone ? "" : part_name(part));
    return where;
}

int answers_take(struct answers *answers, const nudge_data *data, nudge_part part, size_t first,
                 size_t rows) {
    int status = take_rows(answers, data, part, first, rows);
    return status ? status : answers_predict(answers, rows, place_of(data, part).text, first);
}

int answers_look(struct answers *answers, const nudge_data *data, nudge_part part, size_t first,
                 size_t rows) {
    int status = take_rows(answers, data, part, first, rows);
    if (!status) watch_range(answers, rows, place_of(data, part).text, first);
    return status;
}

double answer_share(const struct answers *answers, size_t r, size_t class_index) {
    const float *outputs = answers->outputs + r * answers->count;
    if (answers->count > 1) return outputs[class_index];
    return class_index ? outputs[0] : 1 - (double)outputs[0];
}

struct answer answer_of(const struct answers *answers, size_t r) {
    struct answer answer;
    answer.class_index = nudge_answer(answers->outputs + r * answers->count, answers->count);
    answer.confidence = answer_share(answers, r, answer.class_index);
    return answer;
}
