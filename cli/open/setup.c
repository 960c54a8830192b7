/* See setup.h. Invariant: what is chosen depends on the data and the options alone, and of the data
 * on their shape and on whether columns have two values. */
#include "cli/open/setup.h"

#include "cli/open/from.h"
#include "cli/tell/numbers.h"
#include "cli/tell/words.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What serves a first run well: nudge_suggest. The data have training rows. */
static nudge_suggestion suggested(const nudge_data *data) {
    nudge_suggestion suggestion = NUDGE_SUGGESTION;
    nudge_suggest(data, &suggestion, NULL);
    return suggestion;
}

/* -- the network -- */

enum { MOST_TEXT = 8192 };

struct writer {
    char text[MOST_TEXT];
    size_t used;
    bool full;
    bool told; /* to people, in the language of text */
};

static void put_words(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_words(struct writer *writer, const char *format, ...) {
    size_t room = sizeof writer->text - writer->used;
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(writer->text + writer->used, room, writer->told ? text_word(format) : format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        writer->full = true;
    else
        writer->used += (size_t)length;
}

/* "30, 20" becomes "30 relu, 20 relu, ", or "30, batch-norm, relu, dropout 0.5, .." where that is asked for. */
static int put_hidden(struct writer *writer, const struct options *options, const char *hidden,
                      const char *activation) {
    if (strcmp(hidden, "none") == 0) return EXIT_DONE;
    for (const char *at = hidden;; at++) {
        at += strspn(at, " ");
        size_t length = strspn(at, "0123456789");
        const char *end = at + length + strspn(at + length, " ");
        if (length == 0 || (*end && *end != ','))
            return say_usage(
                "--hidden: found \"%s\", expected numbers of neurons as in 30 or 30,30, or \"none\"", hidden);
        put_words(writer, "%.*s%s %s, ", (int)(length < 20 ? length : 20), at,
                  options->batch_norm ? ", batch-norm," : "", activation);
        if (options->dropout > 0) put_words(writer, "dropout %s, ", number_exact(options->dropout).text);
        at = end;
        if (!*at) return EXIT_DONE;
    }
}

const char *setup_output(const struct options *options, const nudge_data *data) {
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

static int put_network(struct writer *writer, const struct opened *opened, const struct options *options) {
    const nudge_data *data = opened->data;
    const nudge_suggestion usual = suggested(data);
    const char *hidden = options->hidden ? options->hidden : usual.hidden;
    const char *activation = options->activation ? options->activation : usual.activation;
    char of_model[64];
    if (!options->activation && from_activation(opened, of_model, sizeof of_model)) activation = of_model;
    if (options->net) {
        put_words(writer, "%s", options->net);
        return EXIT_DONE;
    }
    if (strchr(activation, ','))
        return say_usage("--activation: found \"%s\", expected one activation", activation);
    if (options->output && strchr(options->output, ','))
        return say_usage("--output: found \"%s\", expected one activation", options->output);
    if (opened->from && !options->hidden)
        return from_network(opened, options, writer->text, sizeof writer->text);
    if (options->input_dropout > 0)
        put_words(writer, "dropout %s, ", number_exact(options->input_dropout).text);
    int status = put_hidden(writer, options, hidden, activation);
    if (status) return status;
    put_words(writer, "%zu %s", nudge_data_targets(data), setup_output(options, data));
    return EXIT_DONE;
}

static int check_net_options(const struct options *options) {
    const char *other = options->hidden              ? "--hidden"
                        : options->activation        ? "--activation"
                        : options->output            ? "--output"
                        : options->dropout > 0       ? "--dropout"
                        : options->input_dropout > 0 ? "--input-dropout"
                        : options->batch_norm        ? "--batch-norm"
                                                     : NULL;
    const char *of_hidden = options->activation    ? "--activation"
                            : options->dropout > 0 ? "--dropout"
                            : options->batch_norm  ? "--batch-norm"
                                                   : NULL;
    if (of_hidden && options->hidden && strcmp(options->hidden, "none") == 0)
        return say_usage("%s is of hidden layers: with --hidden none there are none", of_hidden);
    if (options->net && other)
        return say_usage("--net and %s contradict each other: --net says the whole network", other);
    bool uniform = options->init_given && options->init == NUDGE_INIT_UNIFORM;
    if (!isnan(options->init_range) && !uniform) return say_usage("--init-range is for --init uniform");
    if (uniform && isnan(options->init_range)) return say_usage("--init uniform needs --init-range A");
    return EXIT_DONE;
}

nudge_init setup_init(const struct opened *opened, const struct options *options) {
    if (options->init_given) return options->init;
    bool usual = !options->net && !options->activation;
    return usual ? suggested(opened->data).init : NUDGE_INIT_DEFAULT;
}

static int initialise(struct opened *opened, const struct options *options) {
    nudge_error error;
    nudge_init init = setup_init(opened, options);
    if (init == NUDGE_INIT_DEFAULT) return EXIT_DONE;
    double a = isnan(options->init_range) ? 1 : options->init_range;
    if (nudge_net_initialise(opened->net, init, a, options->seed, &error))
        return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

static double given_or(double value, double otherwise) {
    return isnan(value) ? otherwise : value;
}

/* A sigmoid's usual cost wants targets from 0 to 1. With others the quadratic one trains what was asked for, and what
 * is wrong with it is found then. */
static nudge_cost cost_for(const struct opened *opened, const struct options *options) {
    nudge_layer last = NUDGE_LAYER;
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

int setup_net(struct opened *opened, const struct options *options) {
    nudge_error error;
    nudge_cost model_cost;
    struct writer writer = {.used = 0};
    int status = check_net_options(options);
    if (!status) status = put_network(&writer, opened, options);
    if (status) return status;
    if (writer.full) return say_usage("the network's text is longer than %d characters", MOST_TEXT - 1);
    if (nudge_net_create(opened->context, nudge_data_features(opened->data), writer.text, options->seed,
                         &opened->net, &error))
        return say_error(&error, SAY_READING);
    double delta = given_or(options->huber_delta, 1);
    nudge_cost cost = options->cost == NUDGE_COST_AUTO && from_cost(opened, &delta, &model_cost)
                          ? model_cost
                          : cost_for(opened, options);
    if (nudge_net_set_cost(opened->net, cost, delta, &error)) return say_error(&error, SAY_READING);
    return initialise(opened, options);
}

/* -- training -- */

/* Nobody said how the weights are to be moved. */
static bool moves_by_default(const struct options *options) {
    return !options->optimizer_given && isnan(options->learning_rate) &&
           isnan(*optimizer_given(options, "momentum"));
}

static nudge_optimizer optimizer_for(const nudge_suggestion *usual, const struct options *options) {
    return moves_by_default(options) ? usual->training.optimizer : options->optimizer;
}

/* Nobody said how long to train. */
static bool stops_by_default(const nudge_suggestion *usual, const struct options *options) {
    bool stops = usual->training.patience || usual->validation_split > 0;
    return stops && !options->patience && options->epochs == COUNT_NOT_GIVEN;
}

int setup_validation(const struct opened *opened, struct options *options) {
    nudge_error error;
    const nudge_suggestion usual = suggested(opened->data);
    if (!stops_by_default(&usual, options) || nudge_data_rows(opened->data, NUDGE_PART_VALIDATION) > 0)
        return EXIT_DONE;
    options->val_split = usual.validation_split;
    return nudge_data_split(opened->data, usual.validation_split, options->seed, &error)
               ? say_error(&error, SAY_READING)
               : EXIT_DONE;
}

/* Options that have no effect as the others stand are mistakes. */
static int check_training_options(const nudge_data *data, const struct options *options) {
    const nudge_suggestion usual = suggested(data);
    nudge_schedule schedule = options->schedule;
    nudge_optimizer optimizer = optimizer_for(&usual, options);
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    for (size_t i = 0; optimizer_option(i, &parameter); i++) {
        char users[64];
        if (isnan(options->optimizer_values[i]) || optimizer_takes(optimizer, &parameter)) continue;
        optimizer_option_users(&parameter, users, sizeof users);
        return say_usage("--%s is for --optimizer %s, not for %s", parameter.name, users,
                         nudge_optimizer_name(optimizer));
    }
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
    if (options->metric_given && !options->patience && !stops_by_default(&usual, options))
        return say_usage("--metric says what --patience watches, which is not given");
    if (options->patience && !nudge_data_rows(data, NUDGE_PART_VALIDATION))
        return say_usage("--patience needs validation rows: --val-split 0.1");
    return EXIT_DONE;
}

static size_t count_or(size_t value, size_t otherwise) {
    return value == COUNT_NOT_GIVEN ? otherwise : value;
}

/* Adam's rate suits any data; gradient descent's is that of the kind of data. Numbers of a table bear less, and less again
 * where momentum makes each step last. */
static double rate_for(nudge_optimizer optimizer, double momentum, const nudge_train_options *usual,
                       const nudge_data *data) {
    const double plain = 0.01, lasting = 0.001;
    if (optimizer == usual->optimizer) return usual->learning_rate;
    if (optimizer == NUDGE_OPTIMIZER_ADAM || nudge_data_classes(data))
        return nudge_optimizer_learning_rate(optimizer);
    if (usual->optimizer == NUDGE_OPTIMIZER_SGD) return usual->learning_rate;
    return momentum > 0 ? lasting : plain;
}

static void choose_optimizer(nudge_train_options *chosen, const struct options *options,
                             const nudge_suggestion *usual, const nudge_data *data) {
    nudge_optimizer optimizer = optimizer_for(usual, options);
    bool pair = isnan(options->learning_rate) && optimizer != NUDGE_OPTIMIZER_ADAM;
    double momentum = optimizer == NUDGE_OPTIMIZER_NESTEROV ? 0.9 : pair ? usual->training.momentum : 0;
    chosen->optimizer = optimizer;
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    chosen->momentum = momentum;
    for (size_t i = 0; optimizer_option(i, &parameter); i++)
        if (!isnan(options->optimizer_values[i]))
            memcpy((char *)chosen + parameter.place, &options->optimizer_values[i], sizeof(double));
    chosen->learning_rate =
        given_or(options->learning_rate, rate_for(optimizer, chosen->momentum, &usual->training, data));
    chosen->l1 = options->l1;
    chosen->l2 = options->l2;
    chosen->weight_decay = options->weight_decay;
}

static void choose_schedule(nudge_train_options *chosen, const struct options *options,
                            const nudge_train_options *suggested_training) {
    bool usual = moves_by_default(options) && !options->schedule_given && !chosen->patience;
    chosen->schedule = usual ? suggested_training->schedule : options->schedule;
    bool step = options->schedule == NUDGE_SCHEDULE_STEP,
         exponential = options->schedule == NUDGE_SCHEDULE_EXPONENTIAL;
    chosen->decay = given_or(options->decay, step ? 0.5 : exponential ? 0.95 : 0);
    if (chosen->schedule == NUDGE_SCHEDULE_CONSTANT) chosen->decay = 1;
    chosen->warmup = given_or(options->warmup, chosen->warmup);
    chosen->decay_epochs = count_or(options->decay_epochs, 10);
}

int setup_training(const struct opened *opened, const struct options *options,
                   nudge_train_options *training) {
    int status = check_training_options(opened->data, options);
    if (status) return status;
    const nudge_suggestion usual = suggested(opened->data);
    nudge_train_options chosen = NUDGE_TRAIN_OPTIONS;
    size_t rows = nudge_data_rows(opened->data, NUDGE_PART_TRAIN);
    if (rows == 0)
        return say_usage("%s has no training part, only rows to test with: expected files such as "
                         "train-images-idx3-ubyte and train-labels-idx1-ubyte, too",
                         nudge_data_name(opened->data));
    choose_optimizer(&chosen, options, &usual, opened->data);
    chosen.batch_size = count_or(options->batch_size, usual.training.batch_size);
    chosen.epochs = count_or(options->epochs, usual.training.epochs);
    chosen.seed = options->seed;
    chosen.shuffle = options->shuffle;
    bool stops =
        stops_by_default(&usual, options) && nudge_data_rows(opened->data, NUDGE_PART_VALIDATION) > 0;
    chosen.patience = stops ? usual.training.patience : options->patience;
    choose_schedule(&chosen, options, &usual.training);
    chosen.metric = options->metric;
    chosen.class_weight = options->class_weight;
    chosen.evaluate_test = !options->test_at_end;
    *training = chosen;
    return EXIT_DONE;
}

int setup_meet(struct opened *opened, const struct options *options, const nudge_train_options *training) {
    nudge_error error;
    bool pixels = opened->from && suggested(opened->data).pixels;
    if (nudge_data_rows(opened->data, NUDGE_PART_TRAIN) > 0 &&
        nudge_data_features(opened->data) == nudge_net_inputs(opened->net) &&
        nudge_net_fit(opened->net, opened->data, from_scale(opened, options, pixels),
                      from_target_scale(opened, options), &error))
        return say_error(&error, SAY_READING);
    int taken = from_take(opened, options);
    if (taken) return taken;
    nudge_trainer *trainer = NULL;
    nudge_train_options one_row = *training;
    size_t first = 0;
    one_row.batch_size = 1;
    one_row.prediction =
        training->batch_size != 1; /* one row at a time is not for every network to train on */
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
        put_words(writer, " times %s every %zu epochs", decay.text, training->decay_epochs);
        break;
    case NUDGE_SCHEDULE_EXPONENTIAL: put_words(writer, " times %s every epoch", decay.text); break;
    case NUDGE_SCHEDULE_COSINE:
        put_words(writer, " falling to %g (cosine)", training->learning_rate * training->decay);
        break;
    case NUDGE_SCHEDULE_ONE_CYCLE:
        put_words(writer, " after a rise in %s of the steps, then falling to %g (one-cycle)",
                  number_percent(training->warmup, 0).text, training->learning_rate * training->decay);
        break;
    }
}

const char *setup_summary(const nudge_train_options *training, bool told, char *text, size_t room) {
    struct writer writer = {.told = told};
    put_words(&writer, "%s, learning rate %s", nudge_optimizer_name(training->optimizer),
              number_exact(training->learning_rate).text);
    put_schedule(&writer, training);
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    for (size_t i = 0; nudge_optimizer_parameter_at(training->optimizer, i, &parameter); i++)
        if (optimizer_value_of(training, &parameter) != 0)
            put_words(&writer, ", %s %s", told ? text_word(parameter.name) : parameter.name,
                      number_exact(optimizer_value_of(training, &parameter)).text);
    if (training->l1 > 0) put_words(&writer, ", l1 %s", number_exact(training->l1).text);
    if (training->l2 > 0) put_words(&writer, ", l2 %s", number_exact(training->l2).text);
    if (training->weight_decay > 0)
        put_words(&writer, ", weight decay %s", number_exact(training->weight_decay).text);
    if (training->batch_size)
        put_words(&writer, ", batch size %zu", training->batch_size);
    else
        put_words(&writer, ", full batch");
    if (!training->shuffle) put_words(&writer, ", not shuffled");
    if (training->patience) put_words(&writer, ", patience %zu", training->patience);
    snprintf(text, room, "%s", writer.text);
    return text;
}
