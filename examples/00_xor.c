/* xor: the smallest thing that one layer cannot learn. Rows from the program's own memory, training in one
 * call, prediction.
 *
 *     cc 00_xor.c $(pkg-config --cflags --libs nudge) -o xor && ./xor */
#include <nudge.h>

#include <stdio.h>

int main(void) {
    const float inputs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const float targets[4] = {0, 1, 1, 0};
    float outputs[4] = {0};
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_predictor *predictor = NULL;

    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 4;
    rows.features = 2;
    rows.values = inputs;
    rows.targets = targets;
    rows.target_columns = 1;

    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.learning_rate = 1;
    options.batch_size = 1; /* step after every example */
    options.epochs = 2000;

    if (nudge_context_create(NULL, &context, &error) ||
        nudge_data_create(context, &rows, NULL, &data, &error) ||
        nudge_net_create(context, 2, "4 tanh, 1 sigmoid", 1, &net, &error) ||
        nudge_train(context, net, data, &options, NULL, &error) ||
        nudge_predictor_create(context, net, 4, NULL, 0, &predictor, &error) ||
        nudge_predict(predictor, inputs[0], 4, outputs, &error))
        fprintf(stderr, "%s\n", error.message);

    int wrong = error.code != NUDGE_OK;
    for (int r = 0; r < 4 && error.code == NUDGE_OK; r++) {
        printf("%g xor %g = %.3f\n", (double)inputs[r][0], (double)inputs[r][1], (double)outputs[r]);
        wrong |= (outputs[r] > 0.5f) != (targets[r] > 0.5f);
    }
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return wrong;
}
