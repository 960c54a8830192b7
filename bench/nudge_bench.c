/* nudge-bench: nudge's side of the benchmark, through nudge.h alone. Training is nudge_train itself, with its
 * order of the examples, their gathering, the update and the running figures; a callback counts the rows
 * between two moments of a run that is under way. */
#include "worker.h"

#include <nudge.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char program[] = "nudge";

static void must(nudge_status status, const nudge_error *error) {
    if (status == NUDGE_UNSUPPORTED) workload_skip(program, error->message);
    if (status) worker_fail(program, error->message);
}

/* -- what the options say, in nudge's words -- */

static nudge_engine engine_of(const char *name) {
    if (!strcmp(name, "auto")) return NUDGE_ENGINE_AUTO;
    if (!strcmp(name, "portable")) return NUDGE_ENGINE_PORTABLE;
    if (!strcmp(name, "native")) return NUDGE_ENGINE_NATIVE;
    worker_fail(program, "--engine is auto, portable or native");
}

static nudge_context *make_context(const struct workload *workload) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    nudge_error error = {0};
    options.engine = engine_of(workload->engine);
    options.threads = workload->threads;
    options.precision = !strcmp(workload->precision, "bf16") ? NUDGE_PRECISION_BF16 : NUDGE_PRECISION_F32;
    must(nudge_context_create(&options, &context, &error), &error);
    return context;
}

/* "512 relu, 512 relu, 10 softmax" */
static nudge_net *make_net(nudge_context *context, const struct workload *workload) {
    const char *output = !strcmp(workload->cost, "cross-entropy") ? "softmax" : "sigmoid";
    char text[1024];
    size_t length = 0;
    nudge_net *net = NULL;
    nudge_error error = {0};
    for (size_t l = 1; l <= workload->layers; l++) {
        const char *activation = l < workload->layers ? workload->activation : output;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%zu %s", l > 1 ? ", " : "",
                                   workload->sizes[l], activation);
        if (length >= sizeof text) worker_fail(program, "--activation is too long");
    }
    must(nudge_net_create(context, workload->sizes[0], text, 1, &net, &error), &error);
    return net;
}

static nudge_data *make_data(nudge_context *context, const struct workload *workload) {
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    nudge_error error = {0};
    size_t classes = workload->sizes[workload->layers];
    void *values = bench_rows_u8(workload->rows, workload->sizes[0]);
    int32_t *labels = bench_labels(workload->rows, classes);
    rows.rows = workload->rows;
    rows.features = workload->sizes[0];
    rows.type = NUDGE_TYPE_U8;
    rows.values = values;
    rows.labels = labels;
    rows.classes = classes;
    must(nudge_data_create(context, &rows, NULL, &data, &error), &error);
    free(values);
    free(labels);
    return data;
}

/* -- training -- */

struct count {
    const struct workload *workload;
    struct stopwatch watch;
    size_t stride;      /* the clock is looked at every so many steps: it must not show in one of them */
    size_t seen;        /* steps since training began */
    size_t steps, rows; /* that are measured */
    size_t epoch_rows;  /* of this epoch, when the callback was last called */
};

static bool count_step(void *user, const nudge_progress *progress) {
    struct count *count = user;
    count->rows += progress->rows - (progress->step == 1 ? 0 : count->epoch_rows);
    count->epoch_rows = progress->rows;
    count->steps++;
    if (++count->seen % count->stride) return true;
    bool goes_on = stopwatch_goes_on(&count->watch, count->workload, &count->steps);
    if (count->steps == 0) count->rows = 0;
    return goes_on;
}

/* Mode "epoch": whole epochs are measured, with the order of the examples that each of them begins with. */
static bool count_epoch(void *user, const nudge_progress *progress) {
    struct count *count = user;
    count->rows += progress->rows;
    count->steps += progress->steps;
    bool goes_on = stopwatch_goes_on(&count->watch, count->workload, &count->steps);
    if (count->steps == 0) count->rows = 0;
    return goes_on;
}

static void train(const struct workload *workload) {
    nudge_context *context = make_context(workload);
    nudge_net *net = make_net(context, workload);
    nudge_data *data = make_data(context, workload);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_error error = {0};
    struct count count = {.workload = workload, .stride = 1 + 1280 / workload->batch};
    nudge_cost cost;
    must(nudge_cost_from_name(workload->cost, &cost, &error), &error);
    must(nudge_net_set_cost(net, cost, 1, &error), &error);
    must(nudge_optimizer_from_name(workload->optimizer, &options.optimizer, &error), &error);
    options.learning_rate = workload->learning_rate;
    options.batch_size = workload->batch;
    options.epochs = 1000000000;
    options.evaluate_test = false;
    if (!strcmp(workload->mode, "epoch"))
        options.on_epoch = count_epoch;
    else
        options.on_step = count_step;
    options.user = &count;
    count.watch.start = now_seconds();
    must(nudge_train(context, net, data, &options, NULL, &error), &error);
    workload_report(workload, program, nudge_context_engine(context), nudge_context_threads(context),
                    count.rows, count.steps, count.watch.seconds);
    nudge_data_free(data);
    nudge_net_free(net);
    nudge_context_free(context);
}

/* -- prediction -- */

static void predict(const struct workload *workload) {
    nudge_context *context = make_context(workload);
    nudge_net *net = make_net(context, workload);
    nudge_predictor *predictor = NULL;
    nudge_error error = {0};
    size_t inputs = workload->sizes[0], batch = workload->batch;
    size_t rows = workload->rows < batch ? batch : workload->rows;
    float *values = bench_rows_f32(rows, inputs);
    float *outputs = bench_memory(batch * workload->sizes[workload->layers] * sizeof *outputs);
    must(nudge_predictor_create(context, net, batch, NULL, 0, &predictor, &error), &error);

    size_t steps = 0, row = 0, stride = 1 + 100 / batch;
    struct stopwatch watch = {.start = now_seconds()};
    do {
        for (size_t i = 0; i < stride; i++, steps++) {
            must(nudge_predict(predictor, values + row * inputs, batch, outputs, &error), &error);
            row = row + 2 * batch <= rows ? row + batch : 0;
        }
    } while (stopwatch_goes_on(&watch, workload, &steps));
    workload_report(workload, program, nudge_context_engine(context), nudge_context_threads(context),
                    steps * batch, steps, watch.seconds);
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    nudge_context_free(context);
    free(values);
    free(outputs);
}

/* -- evaluation: a step is the whole training part, with its gathering, costs and answers -- */

static void evaluate(const struct workload *workload) {
    nudge_context *context = make_context(workload);
    nudge_net *net = make_net(context, workload);
    nudge_data *data = make_data(context, workload);
    nudge_error error = {0};
    nudge_cost cost;
    must(nudge_cost_from_name(workload->cost, &cost, &error), &error);
    must(nudge_net_set_cost(net, cost, 1, &error), &error);
    size_t steps = 0;
    struct stopwatch watch = {.start = now_seconds()};
    do {
        nudge_evaluation figures = NUDGE_EVALUATION;
        must(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &figures, &error), &error);
        steps++;
    } while (stopwatch_goes_on(&watch, workload, &steps));
    workload_report(workload, program, nudge_context_engine(context), nudge_context_threads(context),
                    steps * workload->rows, steps, watch.seconds);
    nudge_data_free(data);
    nudge_net_free(net);
    nudge_context_free(context);
}

int main(int count, char **arguments) {
    struct workload workload;
    workload_parse(&workload, count, arguments);
    if (!strcmp(workload.mode, "train") || !strcmp(workload.mode, "epoch"))
        train(&workload);
    else if (!strcmp(workload.mode, "predict"))
        predict(&workload);
    else if (!strcmp(workload.mode, "evaluate"))
        evaluate(&workload);
    else
        worker_fail(program, "--mode is train, epoch, predict or evaluate");
    return 0;
}
