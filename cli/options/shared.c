/* The options that several verbs share, one argp child a group. What is not given keeps the value of
 * options_none. */
#include "cli/options/options.h"

#include "cli/tell/numbers.h"

#include <errno.h>
#include <string.h>

enum key {
    KEY_ENGINE = 0x200,
    KEY_BF16_KERNEL,
    KEY_THREADS,
    KEY_PRECISION,
    KEY_CPU_LEVEL,
    KEY_DATA_SEED,
    KEY_VAL_SPLIT,
    KEY_MEMORY,
    KEY_PART,
    KEY_NET,
    KEY_HIDDEN,
    KEY_ACTIVATION,
    KEY_OUTPUT,
    KEY_DROPOUT,
    KEY_INPUT_DROPOUT,
    KEY_BATCH_NORM,
    KEY_INIT,
    KEY_INIT_RANGE,
    KEY_FROM,
    KEY_MAP,
    KEY_COST,
    KEY_HUBER_DELTA,
    KEY_OPTIMIZER,
    KEY_RATE,
    KEY_L1,
    KEY_L2,
    KEY_WEIGHT_DECAY,
    KEY_SCHEDULE,
    KEY_DECAY,
    KEY_DECAY_EPOCHS,
    KEY_WARMUP,
    KEY_BATCH,
    KEY_EPOCHS,
    KEY_SEED,
    KEY_SHUFFLE,
    KEY_NO_SHUFFLE,
    KEY_PATIENCE,
    KEY_METRIC,
    KEY_SCALE,
    KEY_CLASS_WEIGHT,
    KEY_TARGET_SCALE,
    KEY_TEST_AT_END,
    KEY_JSON,
    KEY_LANGUAGE,
};

static const struct range NOT_NEGATIVE = {0, 1e6, false, false};

/* -- computing -- */

static const struct argp_option computing_table[] = {
    {"engine", KEY_ENGINE, "NAME", 0, "auto (the fastest there is), portable or native; default auto", 0},
    {"precision", KEY_PRECISION, "TYPE", 0,
     "f32, or bf16: weights and activations are multiplied with 8 significant bits, sums and updates stay "
     "f32; needs the engine native; default f32",
     0},
    {"threads", KEY_THREADS, "N", 0,
     "at most N threads; results do not depend on it; default: as many as pay", 0},
    {"cpu-level", KEY_CPU_LEVEL, "LEVEL", OPTION_HIDDEN, "auto, base, v3 or v4", 0},
    {"bf16-kernel", KEY_BF16_KERNEL, "NAME", OPTION_HIDDEN, "amx, avx512 or tiles", 0},
    {0},
};

static error_t parse_computing(int key, char *arg, struct argp_state *state) {
    static const char *const engines[] = {"auto", "portable", "native", NULL},
                             *const levels[] = {"auto", "base", "v3", "v4", NULL},
                             *const precisions[] = {"f32", "bf16", NULL},
                             *const kernels[] = {"amx", "avx512", "tiles", NULL};
    struct options *options = state->input;
    uint64_t threads;
    int choice;
    error_t result;
    switch (key) {
    case KEY_ENGINE:
        result = option_choice(options, "--engine", arg, engines, &choice);
        if (!result) options->context.engine = (nudge_engine)choice;
        return result;
    case KEY_CPU_LEVEL:
        result = option_choice(options, "--cpu-level", arg, levels, &choice);
        if (!result) options->context.cpu_level = (nudge_cpu_level)choice;
        return result;
    case KEY_PRECISION:
        result = option_choice(options, "--precision", arg, precisions, &choice);
        if (!result) options->context.precision = (nudge_precision)choice;
        return result;
    case KEY_BF16_KERNEL:
        result = option_choice(options, "--bf16-kernel", arg, kernels, &choice);
        if (!result) options->context.bf16_kernel = kernels[choice];
        return result;
    case KEY_THREADS:
        result = option_count(options, "--threads", arg, 1, 1024, &threads);
        if (!result) options->context.threads = (unsigned)threads;
        return result;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_computing = {computing_table, parse_computing, NULL, NULL, NULL, NULL, NULL};

/* -- data -- */

error_t option_bytes(struct options *options, const char *name, const char *word, size_t *value) {
    uint64_t bytes;
    if (!number_parse_bytes(word, &bytes) || bytes == 0 || bytes > SIZE_MAX)
        return option_error(options, "%s: found \"%s\", expected bytes, as 500000000, 500MB or 512M", name,
                            word);
    *value = (size_t)bytes;
    return 0;
}

error_t option_data_seed(struct options *options, const char *name, const char *word) {
    options->data_seed_given = name;
    return option_count(options, name, word, 0, INT64_MAX, &options->data_seed);
}

error_t option_memory(struct options *options, const char *word) {
    return option_bytes(options, "--memory", word, &options->context.data_memory);
}

static const struct argp_option data_table[] = {
    {"data-seed", KEY_DATA_SEED, "N", 0, "from which built-in data are drawn; default 1", 0},
    {"val-split", KEY_VAL_SPLIT, "F", 0,
     "take the fraction F of the training rows, chosen by --seed, for validation", 0},
    {"memory", KEY_MEMORY, "SIZE", 0, OPTION_MEMORY_HELP, 0},
    {0},
};

static error_t parse_data(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_DATA_SEED: return option_data_seed(options, "--data-seed", arg);
    case KEY_VAL_SPLIT:
        return option_number(options, "--val-split", arg, (struct range){0, 1, true, true},
                             &options->val_split);
    case KEY_MEMORY: return option_memory(options, arg);
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_data = {data_table, parse_data, NULL, NULL, NULL, NULL, NULL};

static const struct argp_option part_table[] = {
    {"part", KEY_PART, "NAME", 0, "train, val or test; default test, or train where there is no test part",
     0},
    {0},
};

static error_t parse_part(int key, char *arg, struct argp_state *state) {
    return key == KEY_PART ? option_part(state->input, arg) : ARGP_ERR_UNKNOWN;
}

const struct argp options_part = {part_table, parse_part, NULL, NULL, NULL, NULL, NULL};

/* For verbs that draw nothing at random but the split. */
static const struct argp_option split_seed_table[] = {
    {"seed", KEY_SEED, "N", 0, "of the split, as in training; default 1", 0},
    {0},
};

static error_t parse_split_seed(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    if (key != KEY_SEED) return ARGP_ERR_UNKNOWN;
    options->split_seed_given = true;
    return option_count(options, "--seed", arg, 0, INT64_MAX, &options->seed);
}

const struct argp options_split_seed = {split_seed_table, parse_split_seed, NULL, NULL, NULL, NULL, NULL};

/* -- the network -- */

static const struct argp_option network_table[] = {
    {"hidden", KEY_HIDDEN, "N,N,...", 0,
     "neurons in the layers between input and output, or \"none\"; default 128, or 16,16 for the small "
     "built-in sets",
     0},
    {"activation", KEY_ACTIVATION, "NAME", 0,
     "of the hidden layers: relu, sigmoid, tanh, ...; default relu, or gelu for chain", 0},
    {"output", KEY_OUTPUT, "NAME", 0,
     "activation of the output layer; default: softmax for classes, identity for numbers, or what --cost "
     "needs",
     0},
    {"dropout", KEY_DROPOUT, "P", 0,
     "in training leave out each output of a hidden layer with chance P, 0 to below 1; default 0", 0},
    {"input-dropout", KEY_INPUT_DROPOUT, "P", 0, "the same for the inputs; default 0", 0},
    {"batch-norm", KEY_BATCH_NORM, NULL, 0,
     "normalise the sums of every hidden layer over the mini-batch, before the activation", 0},
    {"net", KEY_NET, "TEXT", 0,
     "the whole network instead, such as \"30 sigmoid, 10 softmax\" or \"dropout 0.2, 512, batch-norm, relu, "
     "dropout 0.5, 10 softmax\"",
     0},
    {"init", KEY_INIT, "NAME", 0,
     "how weights are drawn: xavier-normal, xavier-uniform, he-normal, he-uniform, lecun-normal, "
     "lecun-uniform, "
     "standard-normal, uniform or zeros; default: what suits the activation, but for tables without "
     "--activation xavier-normal, or lecun-normal where numbers are predicted",
     0},
    {"init-range", KEY_INIT_RANGE, "A", 0, "for --init uniform: from -A to A", 0},
    {0},
};

static error_t parse_init(struct options *options, const char *word) {
    nudge_error error;
    if (nudge_init_from_name(word, &options->init, &error)) return option_error(options, "%s", error.message);
    options->init_given = true;
    return 0;
}

static error_t parse_network(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_NET: options->net = arg; return 0;
    case KEY_HIDDEN: options->hidden = arg; return 0;
    case KEY_ACTIVATION: options->activation = arg; return 0;
    case KEY_OUTPUT: options->output = arg; return 0;
    case KEY_DROPOUT:
        return option_number(options, "--dropout", arg, (struct range){0, 1, false, true}, &options->dropout);
    case KEY_INPUT_DROPOUT:
        return option_number(options, "--input-dropout", arg, (struct range){0, 1, false, true},
                             &options->input_dropout);
    case KEY_BATCH_NORM: options->batch_norm = true; return 0;
    case KEY_INIT: return parse_init(options, arg);
    case KEY_INIT_RANGE: return option_number(options, "--init-range", arg, ABOVE_ZERO, &options->init_range);
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_network = {network_table, parse_network, NULL, NULL, NULL, NULL, NULL};

/* -- what a training goes on from -- */

static const struct argp_option from_table[] = {
    {"from", KEY_FROM, "MODEL", 0,
     "go on from what MODEL has learnt: a model, a journal (run.journal@120), or a safetensors file of "
     "another "
     "program such as PyTorch; its network and the scaling of its inputs are kept, layers that do not fit "
     "are "
     "drawn as usual, and the training is a new one",
     0},
    {"map", KEY_MAP, "NAME,...", 0,
     "of a safetensors file of another program: layer after layer is NAME.weight and NAME.bias; default: "
     "those "
     "of an nn.Sequential, 0.weight, 0.bias, 2.weight, ..",
     0},
    {0},
};

static error_t parse_from(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case KEY_FROM: options->from = arg; return 0;
    case KEY_MAP: options->map = arg; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_from = {from_table, parse_from, NULL, NULL, NULL, NULL, NULL};

/* -- the cost -- */

static const struct argp_option cost_table[] = {
    {"cost", KEY_COST, "NAME", 0,
     "quadratic (no factor 1/2), absolute, huber, binary-cross-entropy or cross-entropy; default: by the "
     "output",
     0},
    {"loss", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"huber-delta", KEY_HUBER_DELTA, "D", 0,
     "where the huber cost turns from a parabola into a line; default 1", 0},
    {0},
};

static error_t parse_cost(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    nudge_error error;
    switch (key) {
    case KEY_COST:
        if (nudge_cost_from_name(arg, &options->cost, &error))
            return option_error(options, "%s", error.message);
        return 0;
    case KEY_HUBER_DELTA:
        return option_number(options, "--huber-delta", arg, ABOVE_ZERO, &options->huber_delta);
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_cost = {cost_table, parse_cost, NULL, NULL, NULL, NULL, NULL};

/* -- training -- */

static const struct argp_option training_table[] = {
    {"epochs", KEY_EPOCHS, "N", 0,
     "passes over the training rows; default by their number; of tables with 2000 and more training rows "
     "until "
     "validation rows are answered no better, as by --val-split 0.1 --patience 20",
     0},
    {"batch-size", KEY_BATCH, "N", 0,
     "rows a step; \"full\" (or 0): all of them; default 32 for tables, else 10", 0},
    {"batch", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"lr", KEY_RATE, "X", 0,
     "learning rate; default 0.001 with adam (0.01 where a table has all rows that there can be); with "
     "others "
     "0.1, but 0.01, or with momentum 0.001, where a table's numbers are predicted, and 0.02 for chain",
     0},
    {"learning-rate", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"optimizer", KEY_OPTIMIZER, "NAME", 0,
     "sgd (gradient descent, with --momentum if given), nesterov (with momentum 0.9 if not given) or adam; "
     "default sgd, but adam for tables "
     "where neither --lr nor --momentum is given",
     0},
    {"l2", KEY_L2, "X", 0,
     "add X/2 times the sum of the squares of all weights (no biases) to the cost that is made smaller; told "
     "apart "
     "from it; default 0",
     0},
    {"l1", KEY_L1, "X", 0, "add X times the sum of their sizes; default 0", 0},
    {"weight-decay", KEY_WEIGHT_DECAY, "X", 0,
     "take X times the learning rate from every weight at every step, apart from gradients; default 0", 0},
    {"schedule", KEY_SCHEDULE, "NAME", 0,
     "of the learning rate: constant, step, exponential, cosine or one-cycle; default constant, but "
     "cosine for smaller tables where no --optimizer, --lr or --momentum is given",
     0},
    {"decay", KEY_DECAY, "X", 0,
     "the rate's factor for step (default 0.5) and exponential (0.95); for cosine and one-cycle what is "
     "left of it at the end (0)",
     0},
    {"decay-epochs", KEY_DECAY_EPOCHS, "N", 0, "for --schedule step: epochs between two steps; default 10",
     0},
    {"warmup", KEY_WARMUP, "F", 0,
     "for --schedule one-cycle: the fraction of all steps in which the rate rises; default 0.3", 0},
    {"seed", KEY_SEED, "N", 0, "of weights, order and split; default 1", 0},
    {"no-shuffle", KEY_NO_SHUFFLE, NULL, 0, "keep the rows in their order", 0},
    {"shuffle", KEY_SHUFFLE, NULL, 0, "a new order in every epoch (default)", 0},
    {"patience", KEY_PATIENCE, "N", 0,
     "stop after N epochs without a better validation --metric and keep the best; needs validation rows", 0},
    {"metric", KEY_METRIC, "NAME", 0,
     "what --patience watches: cost, accuracy, balanced-accuracy, precision, f1, log-loss, auc, r2, rmse or "
     "mae; default "
     "cost",
     0},
    {"class-weight", KEY_CLASS_WEIGHT, "HOW", 0,
     "how much classes count in the cost: balanced, every class the same however many rows it has, or "
     "NAME=W,..., others "
     "1",
     0},
    {"scale", KEY_SCALE, "NAME", 0,
     "how columns reach the network, fitted on the training rows and saved with it: standard, range, robust, "
     "log1p, "
     "pixel or none; default: pixels x/255, columns of 0 and 1 as they are, else standard",
     0},
    {"target-scale", KEY_TARGET_SCALE, "NAME", 0,
     "the same for targets that are numbers: standard, range or none; default standard where the output is "
     "linear",
     0},
    {"test-at-end", KEY_TEST_AT_END, NULL, 0, "evaluate the test part once, not after every epoch", 0},
    {0},
};

static error_t parse_named(int key, const char *word, struct options *options) {
    nudge_error error;
    bool schedule = key == KEY_SCHEDULE;
    nudge_status status = schedule ? nudge_schedule_from_name(word, &options->schedule, &error)
                                   : nudge_optimizer_from_name(word, &options->optimizer, &error);
    options->optimizer_given |= !schedule;
    options->schedule_given |= schedule;
    return status ? option_error(options, "%s", error.message) : 0;
}

static error_t parse_scale(struct options *options, const char *name, const char *word, nudge_scale *scale) {
    nudge_error error;
    if (nudge_scale_from_name(word, scale, &error))
        return option_error(options, "%s: %s", name, error.message);
    bool target = scale == &options->target_scale;
    if (target && *scale > NUDGE_SCALE_RANGE)
        return option_error(options, "%s: found \"%s\", expected standard, range or none", name, word);
    return 0;
}

static error_t parse_metric(struct options *options, const char *word) {
    nudge_error error;
    options->metric_given = true;
    if (nudge_metric_from_name(word, &options->metric, &error))
        return option_error(options, "%s", error.message);
    return 0;
}

static error_t parse_training(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = options; return 0;
    case KEY_EPOCHS: return option_size(options, "--epochs", arg, 1, &options->epochs);
    case KEY_BATCH:
        return option_size(options, "--batch-size", strcmp(arg, "full") ? arg : "0", 0, &options->batch_size);
    case KEY_RATE: return option_number(options, "--lr", arg, ABOVE_ZERO, &options->learning_rate);
    case KEY_L1: return option_number(options, "--l1", arg, NOT_NEGATIVE, &options->l1);
    case KEY_L2: return option_number(options, "--l2", arg, NOT_NEGATIVE, &options->l2);
    case KEY_WEIGHT_DECAY:
        return option_number(options, "--weight-decay", arg, NOT_NEGATIVE, &options->weight_decay);
    case KEY_OPTIMIZER:
    case KEY_SCHEDULE: return parse_named(key, arg, options);
    case KEY_DECAY:
        return option_number(options, "--decay", arg, (struct range){0, 1, false, false}, &options->decay);
    case KEY_DECAY_EPOCHS: return option_size(options, "--decay-epochs", arg, 1, &options->decay_epochs);
    case KEY_WARMUP:
        return option_number(options, "--warmup", arg, (struct range){0, 1, false, true}, &options->warmup);
    case KEY_SEED: return option_count(options, "--seed", arg, 0, INT64_MAX, &options->seed);
    case KEY_SHUFFLE:
    case KEY_NO_SHUFFLE: options->shuffle = key == KEY_SHUFFLE; return 0;
    case KEY_PATIENCE: return option_size(options, "--patience", arg, 0, &options->patience);
    case KEY_METRIC: return parse_metric(options, arg);
    case KEY_CLASS_WEIGHT: options->class_weight = arg; return 0;
    case KEY_SCALE: return parse_scale(options, "--scale", arg, &options->scale);
    case KEY_TARGET_SCALE: return parse_scale(options, "--target-scale", arg, &options->target_scale);
    case KEY_TEST_AT_END: options->test_at_end = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child training_children[] = {{&options_optimizers, 0, NULL, 0}, {0}};
const struct argp options_training = {training_table,    parse_training, NULL, NULL,
                                      training_children, NULL,           NULL};

/* -- result and help -- */

static const struct argp_option json_table[] = {
    {"json", KEY_JSON, NULL, 0, "JSON on standard output instead of text, one object a line", 0},
    {0},
};

static error_t parse_json(int key, char *arg, struct argp_state *state) {
    (void)arg;
    struct options *options = state->input;
    if (key != KEY_JSON) return ARGP_ERR_UNKNOWN;
    options->json = true;
    return 0;
}

const struct argp options_json = {json_table, parse_json, NULL, NULL, NULL, NULL, NULL};

static const struct argp_option language_table[] = {
    {"language", KEY_LANGUAGE, "NAME", 0, "of text and pictures: en or zh; default: by the locale", 0},
    {0},
};

static error_t parse_language(int key, char *arg, struct argp_state *state) {
    static const char *const names[] = {"en", "zh", NULL};
    struct options *options = state->input;
    int choice = 0;
    error_t result = 0;
    if (key == ARGP_KEY_INIT && options->language_given) /* a recipe's line */
        return 0;
    if (key == ARGP_KEY_INIT)
        options->language = words_of_locale();
    else if (key != KEY_LANGUAGE)
        return ARGP_ERR_UNKNOWN;
    else {
        result = option_choice(options, "--language", arg, names, &choice);
        options->language = choice ? LANGUAGE_CHINESE : LANGUAGE_ENGLISH;
        options->language_given = true;
    }
    words_choose(options->language);
    return result;
}

const struct argp options_language = {language_table, parse_language, NULL, NULL, NULL, NULL, NULL};

static const struct argp_option help_table[] = {
    {"help", 'h', NULL, 0, "show this", -1},
    {0},
};

static error_t parse_help(int key, char *arg, struct argp_state *state) {
    (void)arg;
    struct options *options = state->input;
    if (key != 'h') return ARGP_ERR_UNKNOWN;
    options->wants_help = true;
    state->next = state->argc;
    return 0;
}

const struct argp options_help = {help_table, parse_help, NULL, NULL, NULL, NULL, NULL};
