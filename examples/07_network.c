/* What a network is: a text, and numbers that can be read and set one by one. One is built here by hand, told what its
 * outputs are called, copied and kept in memory; then each rule for the first weights is measured.
 *
 *     cc 07_network.c $(pkg-config --cflags --libs nudge) -lm -o network && ./network */
#include <nudge.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every tensor that the ops of a network have, with its numbers. */
static nudge_status print_tensors(const nudge_net *net, nudge_error *error) {
    static const char *const roles[] = {"weight", "bias", "scale", "state"};
    float numbers[32];
    nudge_tensor tensor = NUDGE_TENSOR;
    nudge_status status = NUDGE_OK;
    printf("\"%s\": %zu inputs, %zu outputs, %zu parameters\n", nudge_net_text(net), nudge_net_inputs(net),
           nudge_net_outputs(net), nudge_net_parameters(net));
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor) && !status; i++) {
        status = nudge_net_get_tensor(net, i, numbers, tensor.count, error);
        printf("  layer %zu %-24s %-7s", tensor.layer, tensor.name, roles[tensor.role]);
        for (size_t n = 0; n < tensor.count && !status; n++) printf(" %5.2f", (double)numbers[n]);
        printf("\n");
    }
    return status;
}

/* Exclusive or with two neurons: h0 = relu(x + y), h1 = relu(x + y - 1), and h0 - 2 h1 is 1 where x and y differ, else 0.
 * Batch normalisation stands in between, and passes through what it gets: mean 0, variance 1. */
static nudge_status build(nudge_net *net, nudge_error *error) {
    static const char *const labels[] = {"equal", "different"};
    const float hidden[4] = {1, 1, 1, 1}, thresholds[2] = {0, -1}, answers[4] = {0, 0, 9, -18};
    const nudge_parameter bias = {.layer = 2, .output = 1, .tensor = 1}; /* b(2)[1] */
    const nudge_parameter weight = {.layer = 2, .output = 1, .input = 1};
    float found = 0;
    nudge_status status = nudge_net_set_weights(net, 1, hidden, 4, error);
    if (!status) status = nudge_net_set_biases(net, 1, thresholds, 2, error);
    nudge_tensor tensor = NUDGE_TENSOR;
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor) && !status; i++)
        if (tensor.layer == 2 && tensor.role == NUDGE_ROLE_WEIGHT)
            status = nudge_net_set_tensor(net, i, answers, 4, error);
    if (!status) status = nudge_net_set_parameter(net, &bias, -4.5f, error);
    if (!status) status = nudge_net_get_parameter(net, &weight, &found, error);
    if (!status) printf("w(2)[1][1] = %g\n", (double)found);
    if (!status) status = nudge_net_set_labels(net, labels, 2, error);
    if (!status) status = nudge_net_set_note(net, "made_by", "hand", error);
    if (!status) status = nudge_net_set_note(net, "purpose", "exclusive or", error);
    return status;
}

/* Into memory, as bytes of a model file, and out of it again: the same network. */
static nudge_status keep(nudge_context *context, const nudge_net *net, nudge_net **again,
                         nudge_error *error) {
    size_t size = 0;
    const char *key, *value;
    nudge_status status = nudge_net_save_memory(net, NULL, 0, &size, error); /* how many bytes it takes */
    void *bytes = status ? NULL : malloc(size);
    if (!status) status = bytes ? nudge_net_save_memory(net, bytes, size, &size, error) : NUDGE_NO_MEMORY;
    if (!status) status = nudge_net_load_memory(context, bytes, size, again, error);
    free(bytes);
    if (status) return status;
    printf("kept in %zu bytes, with the notes", size);
    for (size_t i = 0; (key = nudge_net_note_at(*again, i, &value)); i++) printf(" %s \"%s\"", key, value);
    printf("\n");
    return NUDGE_OK;
}

/* How many of the four rows it answers rightly. */
static nudge_status try_rows(nudge_context *context, const nudge_net *net, int *right, nudge_error *error) {
    const float rows[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    float outputs[4][2] = {{0}};
    nudge_predictor *predictor = NULL;
    nudge_status status = nudge_predictor_create(context, net, 4, NULL, 0, &predictor, error);
    if (!status) status = nudge_predict(predictor, rows[0], 4, outputs[0], error);
    for (int r = 0; r < 4 && !status; r++) {
        size_t answer = nudge_answer(outputs[r], 2);
        printf("  %g and %g are %s\n", (double)rows[r][0], (double)rows[r][1], nudge_net_label(net, answer));
        *right += (answer == 1) == (rows[r][0] != rows[r][1]);
    }
    nudge_predictor_free(predictor);
    return status;
}

/* Two copies that differ in one parameter: the digest of all parameters tells. */
static nudge_status compare_copies(nudge_context *context, const nudge_net *net, const nudge_net *same,
                                   bool *as_it_should, nudge_error *error) {
    char digest[3][65];
    nudge_net *other = NULL;
    nudge_parameter parameter = {0};
    float number = 0;
    nudge_status status = nudge_net_clone(context, net, &other, error);
    if (!status) status = nudge_net_parameter_at(net, 3, &parameter, error); /* number 3 of all */
    if (!status) status = nudge_net_get_parameter(net, &parameter, &number, error);
    if (!status) status = nudge_net_set_parameter(other, &parameter, nextafterf(number, 2), error);
    if (!status) {
        nudge_net_digest(net, digest[0]);
        nudge_net_digest(same, digest[1]);
        nudge_net_digest(other, digest[2]);
        printf(
            "digest       %.16s..\nkept, loaded %.16s..\nw(%zu)[%zu][%zu] moved to the next number %.16s..\n",
            digest[0], digest[1], parameter.layer, parameter.output, parameter.input, digest[2]);
        *as_it_should &= strcmp(digest[0], digest[1]) == 0 && strcmp(digest[0], digest[2]) != 0 &&
                         strcmp(nudge_net_note(same, "made_by"), "hand") == 0;
    }
    nudge_net_free(other);
    return status;
}

/* The rules for the first weights: how far they scatter in a layer from 200 inputs to 100 neurons. */
static nudge_status measure_rules(nudge_context *context, bool *as_it_should, nudge_error *error) {
    static float weights[200 * 100];
    nudge_net *net = NULL;
    nudge_status status = nudge_net_create(context, 200, "100 relu, 10 softmax", 1, &net, error);
    for (int rule = 0; nudge_init_name((nudge_init)rule) && !status; rule++) {
        double squares = 0, deviation;
        status = nudge_net_initialise(net, (nudge_init)rule, 0.5, 1, error);
        if (!status) status = nudge_net_get_weights(net, 1, weights, 200 * 100, error);
        for (size_t i = 0; i < 200 * 100; i++) squares += (double)weights[i] * (double)weights[i];
        deviation = sqrt(squares / (200 * 100));
        if (!status)
            printf("  %-16s standard deviation %.4f\n", nudge_init_name((nudge_init)rule), deviation);
        if (rule == NUDGE_INIT_HE_NORMAL) *as_it_should &= fabs(deviation / sqrt(2.0 / 200) - 1) < 0.03;
    }
    nudge_net_free(net);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_net *net = NULL, *again = NULL;
    bool as_it_should = true;
    int right = 0;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_net_create(context, 2, "2, batch-norm, relu, 2 softmax", 1, &net, &error);
    if (!status) status = build(net, &error);
    if (!status) status = print_tensors(net, &error);
    if (!status) status = keep(context, net, &again, &error);
    if (!status) status = try_rows(context, again, &right, &error);
    if (!status) status = compare_copies(context, net, again, &as_it_should, &error);
    if (!status) status = measure_rules(context, &as_it_should, &error);
    if (status) fprintf(stderr, "%s\n", error.code ? error.message : nudge_status_name(status));
    nudge_net_free(again);
    nudge_net_free(net);
    nudge_context_free(context);
    return status || right < 4 || !as_it_should;
}
