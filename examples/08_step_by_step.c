/* A training loop of one's own, on memory of one's own: mini-batches that the program chooses, a learning rate that it
 * sets, a look at what each layer gets to learn from, no allocation in between, and half-way all that the trainer needs
 * to go on, as bytes, given to a second trainer that comes to the same bits.
 *
 *     cc 08_step_by_step.c $(pkg-config --cflags --libs nudge) -lm -o step-by-step && ./step-by-step */
#include <nudge.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 20, STEPS = 600 };

/* The context's memory: whoever needs it gets it here, and is counted. */
struct counter {
    size_t taken, held; /* how often; bytes */
};

static void *allocate(void *user, size_t bytes) {
    struct counter *counter = user;
    counter->taken++;
    counter->held += bytes;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void release(void *user, void *memory, size_t bytes) {
    struct counter *counter = user;
    counter->held -= bytes;
    free(memory);
}

/* Steps first .. last: rows in a fixed order, and a learning rate that falls with the step. */
static nudge_status train(nudge_trainer *trainer, const nudge_data *data, size_t first, size_t last,
                          double *cost, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t step = first; step <= last && !status; step++) {
        size_t rows[BATCH], all = nudge_data_rows(data, NUDGE_PART_TRAIN);
        for (size_t r = 0; r < BATCH; r++) rows[r] = (step * 7919 + r * 37) % all;
        status = nudge_trainer_set_learning_rate(trainer, 0.3 / (1 + (double)step / 400), error);
        if (!status) status = nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, rows, BATCH, error);
        if (!status) status = nudge_trainer_forward(trainer, cost, error);
        if (!status) status = nudge_trainer_backward(trainer, error);
        if (!status) status = nudge_trainer_update(trainer, error);
    }
    return status;
}

/* How large, on average, are the activations of layer l, what its neurons are told, δ, and its weights' gradients. */
static nudge_status look(const nudge_trainer *trainer, const nudge_net *net, nudge_error *error) {
    static const nudge_quantity quantities[] = {NUDGE_ACTIVATION, NUDGE_DELTA, NUDGE_WEIGHT_GRADIENT};
    float values[BATCH * 16];
    nudge_layer layer = NUDGE_LAYER;
    nudge_status status = NUDGE_OK;
    for (size_t l = 1; nudge_net_layer(net, l, &layer) && !status; l++) {
        printf("  layer %zu, %-8s", l, layer.activation);
        for (int q = 0; q < 3 && !status; q++) {
            size_t count = layer.outputs * (q < 2 ? BATCH : layer.inputs);
            double sum = 0;
            status = nudge_trainer_read(trainer, quantities[q], l, values, count, error);
            for (size_t i = 0; i < count && !status; i++) sum += fabs((double)values[i]);
            printf("  %s %.5f", q == 0 ? "|a|" : q == 1 ? "|delta|" : "|dC/dw|", sum / (double)count);
        }
        printf("\n");
    }
    return status;
}

/* A trainer on a block of the caller's, as large as it says that it needs. */
static nudge_status make_trainer(nudge_context *context, nudge_net *net, void **block,
                                 nudge_trainer **trainer, nudge_error *error) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    size_t bytes = 0;
    options.batch_size = BATCH;
    options.momentum = 0.9;
    nudge_status status = nudge_trainer_memory(context, net, &options, &bytes, error);
    if (status) return status;
    *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!*block) return NUDGE_NO_MEMORY;
    return nudge_trainer_create(context, net, &options, *block, bytes, trainer, error);
}

/* The share of the training rows that the net answers rightly, by a predictor on a block of the caller's. */
static nudge_status count_right(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                double *share, nudge_error *error) {
    nudge_predictor *predictor = NULL;
    size_t bytes = 0, right = 0, rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    nudge_status status = nudge_predictor_memory(context, net, 1, &bytes, error);
    void *block = status ? NULL : aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!status)
        status = block ? nudge_predictor_create(context, net, 1, block, bytes, &predictor, error)
                       : NUDGE_NO_MEMORY;
    for (size_t row = 0; row < rows && !status; row++) {
        float features[2], outputs[2];
        status = nudge_data_row(data, NUDGE_PART_TRAIN, row, features, NULL, error);
        if (!status) status = nudge_predict(predictor, features, 1, outputs, error);
        right +=
            !status && (int32_t)nudge_answer(outputs, 2) == nudge_data_label(data, NUDGE_PART_TRAIN, row);
    }
    *share = (double)right / (double)rows;
    nudge_predictor_free(predictor);
    free(block);
    return status;
}

int main(void) {
    static char state[16384];
    struct counter counter = {0, 0};
    nudge_error error = {0};
    nudge_context_options memory = NUDGE_CONTEXT_OPTIONS;
    memory.allocator = (nudge_allocator){allocate, release, &counter};
    memory.threads = 1;
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL, *other_net = NULL;
    nudge_trainer *trainer = NULL, *other = NULL;
    void *block = NULL, *other_block = NULL;
    double cost = 0, other_cost = 0, share = 0;
    size_t size = 0, before = 0;
    char digest[65] = "", other_digest[65] = "other";

    nudge_status status = nudge_context_create(&memory, &context, &error);
    if (!status) status = nudge_data_generate(context, "moons", 1, &data, &error);
    if (!status) status = nudge_net_create(context, 2, "16 tanh, 16 tanh, 2 softmax", 1, &net, &error);
    if (!status) status = nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, &error);
    if (!status) status = make_trainer(context, net, &block, &trainer, &error);
    before = counter.taken;
    if (!status) status = train(trainer, data, 1, STEPS / 2, &cost, &error);
    if (!status) printf("cost after %d steps: %.5f\n", STEPS / 2, cost);
    if (!status) status = look(trainer, net, &error);
    if (!status) printf("the context was asked for memory %zu times meanwhile\n", counter.taken - before);
    before = counter.taken - before;
    if (!status) status = nudge_trainer_save_memory(trainer, state, sizeof state, &size, &error);
    if (!status) status = train(trainer, data, STEPS / 2 + 1, STEPS, &cost, &error);
    if (!status) status = count_right(context, net, data, &share, &error);
    if (!status) printf("cost after %d steps: %.5f, %.1f %% right\n", STEPS, cost, 100 * share);

    /* Later, elsewhere: the same network with other numbers, which the state replaces. */
    if (!status) status = nudge_net_create(context, 2, nudge_net_text(net), 99, &other_net, &error);
    if (!status) status = make_trainer(context, other_net, &other_block, &other, &error);
    if (!status) status = nudge_trainer_load_memory(other, state, size, &error);
    if (!status) status = train(other, data, STEPS / 2 + 1, STEPS, &other_cost, &error);
    if (!status) {
        nudge_net_digest(net, digest);
        nudge_net_digest(other_net, other_digest);
        printf("gone on from %zu bytes: %.5f, %s\n", size, other_cost,
               strcmp(digest, other_digest) == 0 ? "the same bits" : "OTHER BITS");
    } else {
        fprintf(stderr, "%s\n", error.code ? error.message : nudge_status_name(status));
    }
    nudge_trainer_free(other);
    nudge_trainer_free(trainer);
    nudge_net_free(other_net);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    free(other_block);
    free(block);
    return status || before > 0 || counter.held > 0 || share < 0.95 || strcmp(digest, other_digest) != 0;
}
