/* Trains small networks for two epochs each and prints one line a run: what it was, a digest of every
 * parameter and the bits of the test cost. Initialisation, generated data, shuffling, optimizers and
 * schedules all take part, so that equal lines from two builds, CPU levels or thread counts mean equal bits
 * throughout.
 *
 *     bits [--engine portable|native] [--threads N] [--level base|v3|v4] [--digits N]
 *
 * --digits: of each set of them no more than N, where they are not to take long.
 *
 * Exit: 0 done, 77 this machine or build lacks the engine or the level, 1 anything else. */
#include <nudge.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
    const char *data, *net;
    nudge_cost cost;
    nudge_optimizer optimizer;
    nudge_schedule schedule;
    double learning_rate, momentum;
    size_t batch_size;
    nudge_init init;
};

static int most_digits; /* 0: as many as the runs say */

/* FNV-1a, 64 bits, over the bytes of f32 in order; the same on little- and big-endian machines. */
static uint64_t digest_floats(uint64_t digest, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++) digest = (digest ^ (bits >> 8 * byte & 0xFF)) * 0x100000001B3u;
    }
    return digest;
}

static uint64_t digest_net(const nudge_net *net, nudge_error *error) {
    uint64_t digest = 0xCBF29CE484222325u;
    for (size_t l = 1; l <= nudge_net_layers(net); l++) {
        nudge_layer layer = NUDGE_LAYER;
        nudge_net_layer(net, l, &layer);
        size_t count = layer.inputs * layer.outputs;
        float *values = malloc(count * sizeof *values);
        if (!values) exit(1);
        nudge_net_get_weights(net, l, values, count, error);
        digest = digest_floats(digest, values, count);
        nudge_net_get_biases(net, l, values, layer.outputs, error);
        digest = digest_floats(digest, values, layer.outputs);
        free(values);
    }
    return digest;
}

static nudge_status train(nudge_context *context, const struct run *run, nudge_error *error) {
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.optimizer = run->optimizer;
    options.schedule = run->schedule;
    options.learning_rate = run->learning_rate;
    options.momentum = run->momentum;
    options.batch_size = run->batch_size;
    options.decay_epochs = 1;
    options.epochs = 2;
    char shortened[32];
    const char *name = run->data;
    if (most_digits && strncmp(name, "digits", 6) == 0)
        name = shortened, snprintf(shortened, sizeof shortened, "digits:%d/20", most_digits);
    nudge_status status = nudge_data_generate(context, name, 7, &data, error);
    if (!status) status = nudge_net_create(context, nudge_data_features(data), run->net, 7, &net, error);
    if (!status && run->init) status = nudge_net_initialise(net, run->init, 0.5, 7, error);
    if (!status) status = nudge_net_set_cost(net, run->cost, 1, error);
    if (!status) status = nudge_train(context, net, data, &options, &result, error);
    if (!status) {
        uint64_t digest = digest_net(net, error), cost;
        memcpy(&cost, &result.test_cost, sizeof cost);
        printf("%016llx %016llx  %s | %s\n", (unsigned long long)digest, (unsigned long long)cost, run->data,
               run->net);
    }
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

/* One run for every op there is but dense, so that a new one is in the comparison from its first day. */
static nudge_status train_all_ops(nudge_context *context, nudge_error *error) {
    const char *name;
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && (name = nudge_op_name(i, NULL)); i++) {
        char net[100];
        if (strcmp(name, "dense") == 0) continue;
        snprintf(net, sizeof net, "19, %s, 2 softmax", name);
        struct run run = {"spiral:300/50",
                          net,
                          NUDGE_COST_CROSS_ENTROPY,
                          NUDGE_OPTIMIZER_SGD,
                          NUDGE_SCHEDULE_EXPONENTIAL,
                          0.1,
                          0.9,
                          16,
                          NUDGE_INIT_DEFAULT};
        status = train(context, &run, error);
    }
    return status;
}

static const struct run runs[] = {
    {"digits:2000/300", "30 sigmoid, 10 sigmoid", NUDGE_COST_QUADRATIC, NUDGE_OPTIMIZER_NESTEROV,
     NUDGE_SCHEDULE_COSINE, 0.3, 0.9, 10, NUDGE_INIT_STANDARD_NORMAL},
    {"digits:2000/300", "100 relu, 50 relu, 10 softmax", NUDGE_COST_CROSS_ENTROPY, NUDGE_OPTIMIZER_SGD,
     NUDGE_SCHEDULE_STEP, 0.05, 0.5, 64, NUDGE_INIT_HE_UNIFORM},
    {"digits:700/50", "16 tanh, 10 sigmoid", NUDGE_COST_BINARY_CROSS_ENTROPY, NUDGE_OPTIMIZER_SGD,
     NUDGE_SCHEDULE_CONSTANT, 0.05, 0, 0, NUDGE_INIT_XAVIER_UNIFORM},
    {"digits:700/50", "dropout 0.1, 70, batch-norm, relu, dropout 0.3, 33, batch-norm, relu, 10 softmax",
     NUDGE_COST_CROSS_ENTROPY, NUDGE_OPTIMIZER_ADAM, NUDGE_SCHEDULE_CONSTANT, 0.01, 0, 64,
     NUDGE_INIT_DEFAULT},
    {"moons:200", "9 tanh, 2", NUDGE_COST_HUBER, NUDGE_OPTIMIZER_SGD, NUDGE_SCHEDULE_CONSTANT, 0.05, 0, 1,
     NUDGE_INIT_LECUN_UNIFORM},
    {"circles:200", "9 gelu, 2", NUDGE_COST_ABSOLUTE, NUDGE_OPTIMIZER_SGD, NUDGE_SCHEDULE_CONSTANT, 0.05, 0,
     7, NUDGE_INIT_UNIFORM},
    /* more than 10^6 parameters: updates are shared out among threads, too */
    {"digits:300/50", "900 relu, 500 tanh, 10 softmax", NUDGE_COST_CROSS_ENTROPY, NUDGE_OPTIMIZER_NESTEROV,
     NUDGE_SCHEDULE_CONSTANT, 0.01, 0.9, 50, NUDGE_INIT_DEFAULT},
    {"digits:2000/300", "60 relu, 30 gelu, 10 softmax", NUDGE_COST_CROSS_ENTROPY, NUDGE_OPTIMIZER_ADAM,
     NUDGE_SCHEDULE_ONE_CYCLE, 0, 0, 32, NUDGE_INIT_DEFAULT},
    {"digits:300/50", "900 relu, 500 tanh, 10 softmax", NUDGE_COST_CROSS_ENTROPY, NUDGE_OPTIMIZER_ADAM,
     NUDGE_SCHEDULE_COSINE, 0.002, 0, 50, NUDGE_INIT_DEFAULT},
    {"moons:200", "9 tanh, 2", NUDGE_COST_QUADRATIC, NUDGE_OPTIMIZER_ADAM, NUDGE_SCHEDULE_CONSTANT, 0.01, 0,
     1, NUDGE_INIT_LECUN_UNIFORM},
    {"chain", "1 sigmoid, 1 sigmoid, 1 sigmoid", NUDGE_COST_QUADRATIC, NUDGE_OPTIMIZER_SGD,
     NUDGE_SCHEDULE_CONSTANT, 0.5, 0, 1, NUDGE_INIT_DEFAULT},
};

static nudge_engine engine_named(const char *name) {
    if (strcmp(name, "portable") == 0) return NUDGE_ENGINE_PORTABLE;
    if (strcmp(name, "native") == 0) return NUDGE_ENGINE_NATIVE;
    fprintf(stderr, "bits: engine %s, expected portable or native\n", name);
    exit(1);
}

static nudge_cpu_level level_named(const char *name) {
    if (strcmp(name, "base") == 0) return NUDGE_CPU_BASE;
    if (strcmp(name, "v3") == 0) return NUDGE_CPU_V3;
    if (strcmp(name, "v4") == 0) return NUDGE_CPU_V4;
    fprintf(stderr, "bits: level %s, expected base, v3 or v4\n", name);
    exit(1);
}

int main(int count, char **arguments) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.engine = NUDGE_ENGINE_PORTABLE;
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arguments[i], "--threads") == 0) options.threads = (unsigned)atoi(arguments[i + 1]);
        if (strcmp(arguments[i], "--digits") == 0) most_digits = atoi(arguments[i + 1]);
        if (strcmp(arguments[i], "--engine") == 0) options.engine = engine_named(arguments[i + 1]);
        if (strcmp(arguments[i], "--level") == 0) options.cpu_level = level_named(arguments[i + 1]);
    }
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_status status = nudge_context_create(&options, &context, &error);
    if (status == NUDGE_UNSUPPORTED) return 77;
    for (size_t i = 0; !status && i < sizeof runs / sizeof *runs; i++)
        status = train(context, &runs[i], &error);
    if (!status) status = train_all_ops(context, &error);
    if (status) fprintf(stderr, "bits: %s\n", error.message);
    nudge_context_free(context);
    return status ? 1 : 0;
}
