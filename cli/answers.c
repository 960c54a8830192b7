/* See answers.h. */
#include "cli/answers.h"

#include "cli/safe.h"

#include <stdlib.h>

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
                                .classes = net_classes(net)};
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

int answers_predict(struct answers *answers, size_t rows, const char *where, size_t first) {
    nudge_error error;
    if (nudge_predict(answers->predictor, answers->features, rows, answers->outputs, &error))
        return say_error(&error, SAY_RUNNING);
    for (size_t r = 0; r < rows; r++)
        if (nudge_answer(answers->outputs + r * answers->count, answers->count) == NUDGE_NO_ANSWER)
            return say_no_answer(where, first + r);
    return EXIT_DONE;
}

int answers_take(struct answers *answers, const nudge_data *data, nudge_part part, size_t first,
                 size_t rows) {
    nudge_error error;
    size_t targets = nudge_data_targets(data);
    for (size_t r = 0; r < rows; r++)
        if (nudge_data_row(data, part, first + r, answers->features + r * answers->inputs,
                           answers->targets + r * targets, &error))
            return say_error(&error, SAY_READING);
    char where[320];
    format_text(where, sizeof where, "%s: %s", nudge_data_name(data), part_name(part));
    return answers_predict(answers, rows, where, first);
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
