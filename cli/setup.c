/* See setup.h. Invariant: what is chosen depends on the data's shape and the options alone. */
#include "cli/setup.h"

#include "cli/numbers.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What serves a first run well, by kind of data. Epochs follow from the number of examples to be seen. */
struct defaults {
    const char *hidden, *activation;
    double learning_rate, momentum; /* a pair: the momentum goes with this rate */
    size_t batch_size;
    double examples; /* seen in all */
    size_t least_epochs, most_epochs;
};

static const struct defaults images = {"128", "relu", 0.1, 0, 10, 200e3, 5, 100};
static const struct defaults table_of_classes = {"16,16", "relu", 0.1, 0, 10, 100e3, 10, 200};
static const struct defaults table_of_numbers = {"16,16", "gelu", 0.02, 0.9, 10, 20e3, 10, 200};

enum { MANY_FEATURES = 64 }; /* from here on a table is treated like images */

static const struct defaults *defaults_for(const nudge_data *data) {
    if (nudge_data_classes(data) == 0) return &table_of_numbers;
    bool image = nudge_data_image(data, NULL, NULL) || nudge_data_features(data) >= MANY_FEATURES;
    return image ? &images : &table_of_classes;
}

/* -- the network -- */

enum { MOST_TEXT = 8192 };

struct writer {
    char text[MOST_TEXT];
    size_t used;
    bool full;
};

static void put(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *writer, const char *format, ...) {
    size_t room = sizeof writer->text - writer->used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(writer->text + writer->used, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        writer->full = true;
    else
        writer->used += (size_t)length;
}

/* "30, 20" becomes "30 relu, 20 relu, ". */
static int put_hidden(struct writer *writer, const char *hidden, const char *activation) {
    if (strcmp(hidden, "none") == 0) return EXIT_DONE;
    for (const char *at = hidden;; at++) {
        at += strspn(at, " ");
        size_t length = strspn(at, "0123456789");
        const char *end = at + length + strspn(at + length, " ");
        if (length == 0 || (*end && *end != ','))
            return say_usage(
                "--hidden: found \"%s\", expected numbers of neurons as in 30 or 30,30, or \"none\"", hidden);
        put(writer, "%.*s %s, ", (int)(length < 20 ? length : 20), at, activation);
        at = end;
        if (!*at) return EXIT_DONE;
    }
}

static const char *output_for(const struct options *options, const nudge_data *data) {
    if (options->output) return options->output;
    switch (options->cost) {
    case NUDGE_COST_CROSS_ENTROPY: return "softmax";
    case NUDGE_COST_BINARY_CROSS_ENTROPY: return "sigmoid";
    case NUDGE_COST_QUADRATIC:
    case NUDGE_COST_ABSOLUTE:
    case NUDGE_COST_HUBER: return nudge_data_classes(data) ? "sigmoid" : "identity";
    case NUDGE_COST_AUTO: break;
    }
    return nudge_data_classes(data) ? "softmax" : "identity";
}

static int put_network(struct writer *writer, const struct options *options, const nudge_data *data) {
    const struct defaults *defaults = defaults_for(data);
    const char *hidden = options->hidden ? options->hidden : defaults->hidden;
    const char *activation = options->activation ? options->activation : defaults->activation;
    if (options->net) {
        put(writer, "%s", options->net);
        return EXIT_DONE;
    }
    if (strchr(activation, ','))
        return say_usage("--activation: found \"%s\", expected one activation", activation);
    if (options->output && strchr(options->output, ','))
        return say_usage("--output: found \"%s\", expected one activation", options->output);
    int status = put_hidden(writer, hidden, activation);
    if (status) return status;
    put(writer, "%zu %s", nudge_data_targets(data), output_for(options, data));
    return EXIT_DONE;
}

static int check_net_options(const struct options *options) {
    const char *other = options->hidden       ? "--hidden"
                        : options->activation ? "--activation"
                        : options->output     ? "--output"
                                              : NULL;
    if (options->activation && options->hidden && strcmp(options->hidden, "none") == 0)
        return say_usage("--activation is of hidden layers: with --hidden none there are none");
    if (options->net && other)
        return say_usage("--net and %s contradict each other: --net says the whole network", other);
    bool uniform = options->init_given && options->init == NUDGE_INIT_UNIFORM;
    if (!isnan(options->init_range) && !uniform) return say_usage("--init-range is for --init uniform");
    if (uniform && isnan(options->init_range)) return say_usage("--init uniform needs --init-range A");
    return EXIT_DONE;
}

static int initialise(struct opened *opened, const struct options *options) {
    nudge_error error;
    if (!options->init_given) return EXIT_DONE;
    double a = isnan(options->init_range) ? 1 : options->init_range;
    if (nudge_net_initialise(opened->net, options->init, a, options->seed, &error))
        return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

int setup_net(struct opened *opened, const struct options *options) {
    nudge_error error;
    struct writer writer = {.used = 0};
    int status = check_net_options(options);
    if (!status) status = put_network(&writer, options, opened->data);
    if (status) return status;
    if (writer.full) return say_usage("the network's text is longer than %d characters", MOST_TEXT - 1);
    if (nudge_net_create(opened->context, nudge_data_features(opened->data), writer.text, options->seed,
                         &opened->net, &error))
        return say_error(&error, SAY_READING);
    return initialise(opened, options);
}

/* -- training -- */

static size_t epochs_for(const struct defaults *defaults, size_t rows) {
    double epochs = ceil(defaults->examples / (double)(rows ? rows : 1));
    if (epochs < (double)defaults->least_epochs) return defaults->least_epochs;
    return epochs > (double)defaults->most_epochs ? defaults->most_epochs : (size_t)epochs;
}

static double decay_for(nudge_schedule schedule) {
    return schedule == NUDGE_SCHEDULE_STEP ? 0.5 : schedule == NUDGE_SCHEDULE_EXPONENTIAL ? 0.95 : 0;
}

/* Options that have no effect as the others stand are mistakes. */
static int check_training_options(const nudge_data *data, const struct options *options) {
    nudge_schedule schedule = options->schedule;
    bool adam = options->optimizer == NUDGE_OPTIMIZER_ADAM;
    if (adam && !isnan(options->momentum))
        return say_usage("--momentum is for sgd and nesterov: adam has --beta1");
    if (!adam && !(isnan(options->beta1) && isnan(options->beta2) && isnan(options->epsilon)))
        return say_usage("--beta1, --beta2 and --epsilon are for --optimizer adam");
    if (!isnan(options->decay) && schedule == NUDGE_SCHEDULE_CONSTANT)
        return say_usage("--decay needs a --schedule: step, exponential, cosine or one-cycle");
    if (options->decay_epochs != COUNT_NOT_GIVEN && schedule != NUDGE_SCHEDULE_STEP)
        return say_usage("--decay-epochs is for --schedule step");
    if (options->decay == 0 && schedule != NUDGE_SCHEDULE_COSINE && schedule != NUDGE_SCHEDULE_ONE_CYCLE)
        return say_usage(
            "--decay: found 0, expected a number above 0 (only cosine and one-cycle may end at 0)");
    if (!isnan(options->warmup) && schedule != NUDGE_SCHEDULE_ONE_CYCLE)
        return say_usage("--warmup is for --schedule one-cycle");
    if (!isnan(options->huber_delta) && options->cost != NUDGE_COST_HUBER)
        return say_usage("--huber-delta is for --cost huber");
    if (options->metric_given && !options->patience)
        return say_usage("--metric says what --patience watches, which is not given");
    if (options->patience && !nudge_data_rows(data, NUDGE_PART_VALIDATION))
        return say_usage("--patience needs validation rows: --val-split 0.1");
    return EXIT_DONE;
}

static double given_or(double value, double otherwise) {
    return isnan(value) ? otherwise : value;
}

static size_t count_or(size_t value, size_t otherwise) {
    return value == COUNT_NOT_GIVEN ? otherwise : value;
}

/* The defaults by kind of data are for gradient descent; adam's rate suits any data. */
static void choose_optimizer(nudge_train_options *chosen, const struct options *options,
                             const struct defaults *defaults) {
    bool adam = options->optimizer == NUDGE_OPTIMIZER_ADAM;
    double rate = adam ? nudge_optimizer_learning_rate(NUDGE_OPTIMIZER_ADAM) : defaults->learning_rate;
    double momentum = isnan(options->learning_rate) && !adam ? defaults->momentum : 0;
    if (options->optimizer == NUDGE_OPTIMIZER_NESTEROV) momentum = 0.9;
    chosen->optimizer = options->optimizer;
    chosen->learning_rate = given_or(options->learning_rate, rate);
    chosen->momentum = given_or(options->momentum, momentum);
    chosen->beta1 = given_or(options->beta1, chosen->beta1);
    chosen->beta2 = given_or(options->beta2, chosen->beta2);
    chosen->epsilon = given_or(options->epsilon, chosen->epsilon);
}

/* A sigmoid's usual cost wants targets from 0 to 1. With others the quadratic one trains what was asked for, and what
 * is wrong with it is found then. */
static nudge_cost cost_for(const struct opened *opened, const struct options *options) {
    nudge_layer last;
    size_t count = nudge_net_outputs(opened->net), rows = nudge_data_rows(opened->data, NUDGE_PART_TRAIN);
    bool sigmoid = nudge_net_layer(opened->net, nudge_net_layers(opened->net), &last) &&
                   strcmp(last.activation, "sigmoid") == 0;
    if (options->cost != NUDGE_COST_AUTO || nudge_data_classes(opened->data) || !sigmoid ||
        nudge_data_targets(opened->data) != count)
        return options->cost;
    float *targets = malloc(count * sizeof *targets);
    bool fits = true;
    for (size_t r = 0; targets && fits && r < rows; r++) {
        fits = !nudge_data_row(opened->data, NUDGE_PART_TRAIN, r, NULL, targets, NULL);
        for (size_t j = 0; fits && j < count; j++) fits = targets[j] >= 0 && targets[j] <= 1;
    }
    free(targets);
    return fits ? NUDGE_COST_AUTO : NUDGE_COST_QUADRATIC;
}

int setup_training(const struct opened *opened, const struct options *options,
                   nudge_train_options *training) {
    int status = check_training_options(opened->data, options);
    if (status) return status;
    const struct defaults *defaults = defaults_for(opened->data);
    nudge_train_options chosen = NUDGE_TRAIN_OPTIONS;
    size_t rows = nudge_data_rows(opened->data, NUDGE_PART_TRAIN);
    if (rows == 0)
        return say_usage("%s has no training part, only rows to test with: expected files such as "
                         "train-images-idx3-ubyte and train-labels-idx1-ubyte, too",
                         nudge_data_name(opened->data));
    choose_optimizer(&chosen, options, defaults);
    chosen.cost = cost_for(opened, options);
    chosen.huber_delta = given_or(options->huber_delta, 1);
    chosen.schedule = options->schedule;
    chosen.decay = given_or(options->decay, decay_for(options->schedule));
    if (options->schedule == NUDGE_SCHEDULE_CONSTANT) chosen.decay = 1;
    chosen.warmup = given_or(options->warmup, chosen.warmup);
    chosen.decay_epochs = count_or(options->decay_epochs, 10);
    chosen.batch_size =
        count_or(options->batch_size, defaults->batch_size < rows ? defaults->batch_size : rows);
    chosen.epochs = count_or(options->epochs, epochs_for(defaults, rows));
    chosen.seed = options->seed;
    chosen.shuffle = options->shuffle;
    chosen.patience = options->patience;
    chosen.metric = options->metric;
    chosen.class_weight = options->class_weight;
    chosen.evaluate_test = !options->test_at_end;
    *training = chosen;
    return EXIT_DONE;
}

int setup_meet(struct opened *opened, const struct options *options, const nudge_train_options *training) {
    nudge_error error;
    if (nudge_data_rows(opened->data, NUDGE_PART_TRAIN) > 0 &&
        nudge_data_features(opened->data) == nudge_net_inputs(opened->net) &&
        nudge_net_fit(opened->net, opened->data, options->scale, options->target_scale, &error))
        return say_error(&error, SAY_READING);
    nudge_trainer *trainer = NULL;
    nudge_train_options one_row = *training;
    size_t first = 0;
    one_row.batch_size = 1;
    nudge_status status =
        nudge_trainer_create(opened->context, opened->net, &one_row, NULL, 0, &trainer, &error);
    if (!status) status = nudge_trainer_rows(trainer, opened->data, NUDGE_PART_TRAIN, &first, 1, &error);
    nudge_trainer_free(trainer);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

/* -- said in words -- */

static void put_schedule(struct writer *writer, const nudge_train_options *training) {
    struct number_text decay = number_exact(training->decay);
    switch (training->schedule) {
    case NUDGE_SCHEDULE_CONSTANT: break;
    case NUDGE_SCHEDULE_STEP:
        put(writer, " times %s every %zu epochs", decay.text, training->decay_epochs);
        break;
    case NUDGE_SCHEDULE_EXPONENTIAL: put(writer, " times %s every epoch", decay.text); break;
    case NUDGE_SCHEDULE_COSINE:
        put(writer, " falling to %g (cosine)", training->learning_rate * training->decay);
        break;
    case NUDGE_SCHEDULE_ONE_CYCLE:
        put(writer, " after a rise in %s of the steps, then falling to %g (one-cycle)",
            number_percent(training->warmup, 0).text, training->learning_rate * training->decay);
        break;
    }
}

const char *setup_summary(const nudge_train_options *training, char *text, size_t room) {
    struct writer writer = {.used = 0};
    put(&writer, "%s, learning rate %s", nudge_optimizer_name(training->optimizer),
        number_exact(training->learning_rate).text);
    put_schedule(&writer, training);
    if (training->momentum > 0) put(&writer, ", momentum %s", number_exact(training->momentum).text);
    if (training->optimizer == NUDGE_OPTIMIZER_ADAM)
        put(&writer, ", beta1 %s, beta2 %s, epsilon %s", number_exact(training->beta1).text,
            number_exact(training->beta2).text, number_exact(training->epsilon).text);
    if (training->batch_size)
        put(&writer, ", batch size %zu", training->batch_size);
    else
        put(&writer, ", full batch");
    if (!training->shuffle) put(&writer, ", not shuffled");
    if (training->patience) put(&writer, ", patience %zu", training->patience);
    snprintf(text, room, "%s", writer.text);
    return text;
}

const char *setup_cost_name(const nudge_net *net, nudge_cost cost) {
    if (cost != NUDGE_COST_AUTO) return nudge_cost_name(cost);
    nudge_layer last;
    nudge_net_layer(net, nudge_net_layers(net), &last);
    if (strcmp(last.activation, "softmax") == 0) return nudge_cost_name(NUDGE_COST_CROSS_ENTROPY);
    if (strcmp(last.activation, "sigmoid") == 0) return nudge_cost_name(NUDGE_COST_BINARY_CROSS_ENTROPY);
    return nudge_cost_name(NUDGE_COST_QUADRATIC);
}
