/* FANN's side of the benchmark. FANN has no mini-batches; its users choose between
 *     incremental   FANN_TRAIN_INCREMENTAL: an update after every row
 *     batch         FANN_TRAIN_BATCH: one update after all rows
 * and whoever wants mini-batches trains by FANN_TRAIN_BATCH on
 *     subsets       data sets of `batch` rows each, cut once: the mini-batches of all epochs are the same.
 * With --variant all each of them is measured and printed; run.py takes the best. FANN computes on one
 * thread. */
#include "worker.h"

#include <floatfann.h>
#include <stdlib.h>
#include <string.h>

static const char program[] = "fann";

static struct fann *make_net(const struct workload *workload) {
    unsigned sizes[LAYERS_MOST + 1];
    for (size_t l = 0; l <= workload->layers; l++) sizes[l] = (unsigned)workload->sizes[l];
    struct fann *net = fann_create_standard_array((unsigned)workload->layers + 1, sizes);
    if (!net) worker_fail(program, "fann_create_standard_array failed");
    if (!strcmp(workload->activation,
                "relu")) /* FANN has none; the nearest, and no dearer, is min(max(z, 0), 1) */
        fann_set_activation_function_hidden(net, FANN_LINEAR_PIECE);
    else
        fann_set_activation_function_hidden(net, FANN_SIGMOID);
    fann_set_activation_function_output(net, FANN_SIGMOID);
    fann_set_activation_steepness_hidden(net, 0.5f);
    fann_set_learning_rate(net, (float)workload->learning_rate);
    return net;
}

/* Rows first .. first + count - 1 as FANN's own data set. */
static struct fann_train_data *make_data(const struct workload *workload, size_t first, size_t count) {
    size_t inputs = workload->sizes[0], outputs = workload->sizes[workload->layers];
    struct fann_train_data *data = fann_create_train((unsigned)count, (unsigned)inputs, (unsigned)outputs);
    if (!data) worker_fail(program, "fann_create_train failed");
    for (size_t r = 0; r < count; r++) {
        size_t row = first + r;
        for (size_t i = 0; i < inputs; i++) data->input[r][i] = (float)bench_pixel(row * inputs + i) / 255;
        for (size_t o = 0; o < outputs; o++)
            data->output[r][o] = o == bench_class(row, (uint32_t)outputs) ? 1.f : 0.f;
    }
    return data;
}

/* Trains on the sets in turn until the time is over; each set of `rows` rows is one call of
 * fann_train_epoch. */
static void train(const struct workload *workload, const char *variant, enum fann_train_enum algorithm,
                  struct fann_train_data **sets, size_t count, size_t rows) {
    struct fann *net = make_net(workload);
    fann_set_training_algorithm(net, algorithm);
    size_t calls = 0, set = 0, stride = 1 + 1280 / rows;
    struct stopwatch watch = {.start = now_seconds()};
    do {
        for (size_t i = 0; i < stride; i++, calls++) {
            fann_train_epoch(net, sets[set]);
            set = set + 1 < count ? set + 1 : 0;
        }
    } while (stopwatch_goes_on(&watch, workload, &calls));
    size_t samples = calls * rows,
           steps = samples / workload->batch; /* counted in mini-batches, as the others' */
    workload_report(workload, program, variant, 1, samples, steps, watch.seconds);
    fann_destroy(net);
}

static bool wanted(const struct workload *workload, const char *variant) {
    return !workload->variant || !strcmp(workload->variant, "all") || !strcmp(workload->variant, variant);
}

static void train_whole(const struct workload *workload) {
    if (!wanted(workload, "incremental") && !wanted(workload, "batch")) return;
    size_t rows = workload->rows < 2000 ? workload->rows : 2000; /* a call must end before the time is over */
    struct fann_train_data *data = make_data(workload, 0, rows);
    if (wanted(workload, "incremental"))
        train(workload, "incremental", FANN_TRAIN_INCREMENTAL, &data, 1, rows);
    if (wanted(workload, "batch")) train(workload, "batch", FANN_TRAIN_BATCH, &data, 1, rows);
    fann_destroy_train(data);
}

static void train_subsets(const struct workload *workload) {
    if (!wanted(workload, "subsets")) return;
    size_t count = workload->rows / workload->batch;
    if (count == 0) worker_fail(program, "fewer rows than a mini-batch has");
    struct fann_train_data **sets = bench_memory(count * sizeof *sets);
    for (size_t s = 0; s < count; s++) sets[s] = make_data(workload, s * workload->batch, workload->batch);
    train(workload, "subsets", FANN_TRAIN_BATCH, sets, count, workload->batch);
    for (size_t s = 0; s < count; s++) fann_destroy_train(sets[s]);
    free(sets);
}

/* One row a call: FANN has no other way. */
static void predict(const struct workload *workload) {
    struct fann *net = make_net(workload);
    size_t inputs = workload->sizes[0], calls = 0;
    float *values = bench_rows_f32(workload->rows, inputs);
    struct stopwatch watch = {.start = now_seconds()};
    do {
        for (size_t i = 0; i < 100; i++, calls++) fann_run(net, values + calls % workload->rows * inputs);
    } while (stopwatch_goes_on(&watch, workload, &calls));
    size_t steps = calls > workload->batch ? calls / workload->batch : 1;
    workload_report(workload, program, "fann_run", 1, calls, steps, watch.seconds);
    fann_destroy(net);
    free(values);
}

int main(int count, char **arguments) {
    struct workload workload;
    workload_parse(&workload, count, arguments);
    if (!strcmp(workload.precision, "bf16")) workload_skip(program, "FANN has no bf16");
    if (!strcmp(workload.mode, "predict")) {
        predict(&workload);
        return 0;
    }
    if (strcmp(workload.optimizer, "sgd")) workload_skip(program, "FANN has no such optimizer");
    train_whole(&workload);
    train_subsets(&workload);
    return 0;
}
