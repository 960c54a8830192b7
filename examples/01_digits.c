/* Handwritten digits: train on the digits that nudge draws itself, save the model, load it again, and read a
 * few.
 *
 *     cc 01_digits.c $(pkg-config --cflags --libs nudge) -o digits && ./digits */
#include <nudge.h>

#include <stdio.h>

static bool print_epoch(void *user, const nudge_progress *progress) {
    (void)user;
    printf("epoch %zu of %zu: cost %.4f, %.1f %% of the test digits are read\n", progress->epoch,
           progress->epochs, progress->train_cost, 100 * progress->test_accuracy);
    return true; /* false would stop here */
}

/* Reads the first test digits with the model from the file. */
static nudge_status read_some(nudge_context *context, const nudge_data *data, nudge_error *error) {
    nudge_net *net = NULL;
    nudge_predictor *predictor = NULL;
    nudge_status status = nudge_net_load(context, "digits.nudge", &net, error);
    if (!status) status = nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error);
    for (size_t row = 0; row < 5 && !status; row++) {
        float pixels[28 * 28], outputs[10];
        status = nudge_data_row(data, NUDGE_PART_TEST, row, pixels, NULL, error);
        if (!status) status = nudge_predict(predictor, pixels, 1, outputs, error);
        if (status) break;
        size_t answer = nudge_answer(outputs, 10);
        printf("a %d is read as %s, %.1f %% sure\n", (int)nudge_data_label(data, NUDGE_PART_TEST, row),
               nudge_net_label(net, answer), 100 * (double)outputs[answer]);
    }
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.learning_rate = 0.1;
    options.momentum = 0.9;
    options.batch_size = 32;
    options.epochs = 3;
    options.on_epoch = print_epoch;

    if (nudge_context_create(NULL, &context, &error) ||
        nudge_data_generate(context, "digits:8000/1000", 1, &data, &error) ||
        nudge_net_create(context, nudge_data_features(data), "64 relu, 10 softmax", 1, &net, &error) ||
        nudge_train(context, net, data, &options, NULL, &error) ||
        nudge_net_save(net, "digits.nudge", &error) || read_some(context, data, &error))
        fprintf(stderr, "%s\n", error.message);

    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return error.code != NUDGE_OK;
}
