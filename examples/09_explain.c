/* Why a network answers as it does, and what it would have to change: one test digit explained number by number, the
 * same gradient by three ways, and the row from which one weight learns most.
 *
 *     cc 09_explain.c $(pkg-config --cflags --libs nudge) -lm -o explain && ./explain */
#include <nudge.h>
#include <nudge_insight.h>

#include <math.h>
#include <stdio.h>

enum { PIXELS = 784, HIDDEN = 16, CLASSES = 10, ROWS = 2000 };

/* The neuron of layer 1 that the cost most wants changed: where |∂C_0/∂a| is largest. */
static nudge_status find_wish(const nudge_explanation *explanation, size_t *neuron, nudge_error *error) {
    double gradient[HIDDEN], target[CLASSES], cost = 0;
    size_t asked = 0;
    nudge_status status =
        nudge_explanation_read(explanation, NUDGE_ACTIVATION_GRADIENT, 1, gradient, HIDDEN, error);
    if (!status) status = nudge_explanation_read(explanation, NUDGE_TARGET, 0, target, CLASSES, error);
    if (!status) status = nudge_explanation_read(explanation, NUDGE_COST_EACH, 0, &cost, 1, error);
    if (status) return status;
    for (size_t j = 1; j < HIDDEN; j++)
        if (fabs(gradient[j]) > fabs(gradient[*neuron])) *neuron = j;
    for (size_t j = 1; j < CLASSES; j++)
        if (target[j] > target[asked]) asked = j;
    printf("a %zu costs %.4f; neuron %zu of layer 1 should be %s: its wish is %.4f\n", asked, cost, *neuron,
           gradient[*neuron] < 0 ? "larger" : "smaller", -gradient[*neuron]);
    return NUDGE_OK;
}

/* The paths by which the neuron reaches the cost, and their sum. */
static nudge_status print_ledger(nudge_explanation *explanation, size_t neuron, bool *as_it_should,
                                 nudge_error *error) {
    nudge_path paths[CLASSES];
    nudge_ledger ledger = NUDGE_LEDGER;
    ledger.paths = paths;
    ledger.path_count = CLASSES;
    nudge_status status = nudge_explanation_ledger(explanation, 1, neuron, &ledger, error);
    if (status) return status;
    for (size_t i = 0; i < ledger.path_count; i++)
        if (fabs(paths[i].share) > 0.1 * fabs(ledger.sum))
            printf("  by output %zu: weight %7.4f times delta %7.4f = %7.4f\n", paths[i].neuron,
                   paths[i].weight, paths[i].delta, paths[i].share);
    printf("  all paths %.4f, times the slope %.4f: delta %.6f\n", ledger.sum, ledger.slope, ledger.delta);
    *as_it_should &= fabs(ledger.delta - ledger.walk_delta) < 1e-12;
    return NUDGE_OK;
}

/* The pixels on which an output rests, as a picture: + speaks for it, - against it. */
static nudge_status print_influence(nudge_explanation *explanation, size_t output, nudge_error *error) {
    static double influence[PIXELS], pixels[PIXELS];
    double most = 0;
    nudge_status status = nudge_explanation_influence(explanation, output, 0, influence, PIXELS, error);
    if (!status) status = nudge_explanation_read(explanation, NUDGE_ACTIVATION, 0, pixels, PIXELS, error);
    if (status) return status;
    for (size_t i = 0; i < PIXELS; i++) most = fmax(most, fabs(influence[i] * pixels[i]));
    for (size_t y = 4; y < 24; y += 2) {
        printf("  ");
        for (size_t x = 2; x < 26; x++) {
            double share = influence[y * 28 + x] * pixels[y * 28 + x] / most;
            putchar(share > 0.2 ? '+' : share < -0.2 ? '-' : pixels[y * 28 + x] > 0.3 ? '.' : ' ');
        }
        printf("\n");
    }
    return NUDGE_OK;
}

/* A weight moved: what the gradient predicts, and what is measured. */
static nudge_status print_change(nudge_explanation *explanation, const nudge_parameter *weight,
                                 bool *as_it_should, nudge_error *error) {
    nudge_change change = NUDGE_CHANGE;
    nudge_status status = nudge_explanation_nudge(explanation, weight, 0.001, &change, error);
    if (status) return status;
    printf("w(2)[%zu][%zu] + 0.001: the cost should move by %.3e, and moves by %.3e\n", weight->output,
           weight->input, change.predicted, change.measured);
    *as_it_should &= fabs(change.measured - change.predicted) < 1e-5;
    return NUDGE_OK;
}

/* The weight's gradient over all training rows: whose mean it is, and which row pulls most. */
static nudge_status print_rows(nudge_context *context, const nudge_net *net, const nudge_data *data,
                               const nudge_parameter *weight, bool *as_it_should, nudge_error *error) {
    static double each[ROWS], mean[HIDDEN * PIXELS + HIDDEN + CLASSES * HIDDEN + CLASSES];
    double sum = 0;
    size_t place = 0, most = 0, largest = 0;
    nudge_parameter named = {0};
    float number = 0;
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    options.parameter = weight;
    result.each = each;
    result.mean = mean;
    nudge_status status = nudge_gradient(context, net, data, NUDGE_PART_TRAIN, &options, &result, error);
    if (!status) status = nudge_net_parameter_index(net, weight, &place, error);
    if (status) return status;
    for (size_t row = 0; row < ROWS; row++) {
        sum += each[row];
        if (fabs(each[row]) > fabs(each[most])) most = row;
    }
    for (size_t i = 1; i < nudge_net_parameters(net); i++)
        if (fabs(mean[i]) > fabs(mean[largest])) largest = i;
    status = nudge_net_parameter_at(net, largest, &named, error);
    if (!status) status = nudge_net_get_parameter(net, &named, &number, error);
    printf("over %zu rows its gradient is %.6f; row %zu, a %d, has the largest, %.4f\n", result.rows,
           mean[place], most, (int)nudge_data_label(data, NUDGE_PART_TRAIN, most), each[most]);
    if (!status)
        printf("the largest of all is that of %s(%zu)[%zu]: %.5f, where %.4f stands\n",
               named.tensor ? "b" : "w", named.layer, named.output, mean[largest], (double)number);
    *as_it_should &= fabs(sum / ROWS - mean[place]) < 1e-9;
    return status;
}

/* Backpropagation beside differences, for a sample of all parameters. */
static nudge_status check(nudge_context *context, const nudge_net *net, const nudge_data *data,
                          bool *as_it_should, nudge_error *error) {
    nudge_check_options options = NUDGE_CHECK_OPTIONS;
    nudge_check_result result = NUDGE_CHECK_RESULT;
    options.parameters = 300;
    nudge_status status = nudge_check(context, net, data, NUDGE_PART_TRAIN, &options, &result, error);
    if (!status) printf("checked: %zu gradients are off by %.1e at most\n", result.compared, result.error);
    *as_it_should &= result.passed;
    return status;
}

int main(void) {
    float blank[PIXELS] = {0}, seven[CLASSES] = {[7] = 1};
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_explanation *explanation = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_parameter weight = {.layer = 2};
    bool as_it_should = true;
    double cost = 0;
    options.epochs = 3;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_data_generate(context, "digits:2000/100", 1, &data, &error);
    if (!status) status = nudge_net_create(context, PIXELS, "16 sigmoid, 10 softmax", 1, &net, &error);
    if (!status) status = nudge_train(context, net, data, &options, NULL, &error);
    if (!status) status = nudge_explanation_create(context, net, &explanation, &error);
    if (!status) status = nudge_explanation_row(explanation, data, NUDGE_PART_TEST, 7, &error);
    if (!status) status = find_wish(explanation, &weight.input, &error);
    if (!status) status = print_ledger(explanation, weight.input, &as_it_should, &error);
    weight.output = status ? 0 : (size_t)nudge_data_label(data, NUDGE_PART_TEST, 7);
    if (!status) status = print_influence(explanation, weight.output, &error);
    if (!status) status = print_change(explanation, &weight, &as_it_should, &error);
    if (!status) status = print_rows(context, net, data, &weight, &as_it_should, &error);
    if (!status) status = check(context, net, data, &as_it_should, &error);

    /* Rows of the caller's, too: what an empty picture would cost as a 7. */
    if (!status) status = nudge_explanation_numbers(explanation, blank, seven, &error);
    if (!status) status = nudge_explanation_read(explanation, NUDGE_COST_EACH, 0, &cost, 1, &error);
    if (!status) printf("an empty picture costs %.4f as a 7\n", cost);
    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_explanation_free(explanation);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || !as_it_should;
}
