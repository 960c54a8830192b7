/* The smallest deep network, one neuron a layer, taken through gradient descent step by step: forward,
 * backward, look at every z, a, δ and gradient, update. And the test of what a gradient says: nudge one
 * weight and see the cost follow.
 *
 *     cc 02_chain.c $(pkg-config --cflags --libs nudge) -o chain && ./chain */
#include <nudge.h>

#include <math.h>
#include <stdio.h>

static float look(const nudge_trainer *trainer, nudge_quantity quantity, size_t layer) {
    float value = 0;
    nudge_trainer_read(trainer, quantity, layer, &value, 1, NULL);
    return value;
}

static void print_layers(const nudge_trainer *trainer) {
    printf("  layer        z        a    delta    dC/dw    dC/db\n");
    for (size_t l = 1; l <= 3; l++)
        printf("  %5zu %8.4f %8.4f %8.4f %8.4f %8.4f\n", l, (double)look(trainer, NUDGE_WEIGHTED_SUM, l),
               (double)look(trainer, NUDGE_ACTIVATION, l), (double)look(trainer, NUDGE_DELTA, l),
               (double)look(trainer, NUDGE_WEIGHT_GRADIENT, l),
               (double)look(trainer, NUDGE_BIAS_GRADIENT, l));
}

/* Raises w^(layer) by `by`, measures the cost, puts the weight back. */
static nudge_status try_weight(nudge_net *net, nudge_trainer *trainer, size_t layer, float by, double *cost,
                               nudge_error *error) {
    float before = 0, after;
    nudge_status status = nudge_net_get_weights(net, layer, &before, 1, error);
    after = before + by;
    if (!status) status = nudge_net_set_weights(net, layer, &after, 1, error);
    if (!status) status = nudge_trainer_forward(trainer, cost, error);
    if (!status) status = nudge_net_set_weights(net, layer, &before, 1, error);
    return status;
}

int main(void) {
    const float input = 0.6f, target = 1;
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_net *net = NULL;
    nudge_trainer *trainer = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.learning_rate = 2;
    options.batch_size = 1;
    double cost = 0, nudged = 0, first = 0;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_net_create(context, 1, "1 sigmoid, 1 sigmoid, 1 sigmoid", 4, &net, &error);
    if (!status) status = nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, &error);
    if (!status) status = nudge_trainer_create(context, net, &options, NULL, 0, &trainer, &error);
    if (!status) status = nudge_trainer_batch(trainer, &input, &target, 1, &error);
    for (int step = 0; step < 50 && !status; step++) {
        status = nudge_trainer_forward(trainer, &cost, &error);
        if (!status) status = nudge_trainer_backward(trainer, &error);
        if (!status && step == 0) {
            first = cost;
            printf("cost at the start: %.6f\n", cost);
            print_layers(trainer);
            double predicted = 0.01 * (double)look(trainer, NUDGE_WEIGHT_GRADIENT, 3);
            status = try_weight(net, trainer, 3, 0.01f, &nudged, &error);
            printf("w(3) nudged by 0.01: the gradient predicts a change of %.6f, measured %.6f\n", predicted,
                   nudged - cost);
            if (!status && fabs(nudged - cost - predicted) > 1e-4) {
                fprintf(stderr, "the gradient predicts another change than the one that was measured\n");
                status = NUDGE_DIVERGED;
            }
            if (!status) status = nudge_trainer_forward(trainer, &cost, &error);
            if (!status) status = nudge_trainer_backward(trainer, &error);
        }
        if (!status) status = nudge_trainer_update(trainer, &error);
    }
    if (!status) {
        printf("cost after 50 steps: %.6f\n", cost);
        print_layers(trainer);
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    nudge_trainer_free(trainer);
    nudge_net_free(net);
    nudge_context_free(context);
    return status || cost >= first;
}
