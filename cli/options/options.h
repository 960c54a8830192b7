/* Reading the command line: words, options shared by several verbs, recipes.
 *
 * A verb's options are argp children: its own, and the shared ones (options_*). Its own struct begins with a
 * `struct options`, which is the input of every parser. Words and recipes are taken in the order in which
 * they stand, so that whatever is said later wins. */
#ifndef NUDGE_CLI_OPTIONS_OPTIONS_H
#define NUDGE_CLI_OPTIONS_OPTIONS_H

#include "cli/tell/say.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#define NOT_GIVEN __builtin_nan("")
#define COUNT_NOT_GIVEN SIZE_MAX

enum { MOST_OPERANDS = 9, MOST_RECIPES = 16 };

enum { MOST_OPTIMIZER_OPTIONS = 16 };

struct options {
    /* words that are no options, as the verb's usage names them: "MODEL", "DATA" */
    const char *operand_names[MOST_OPERANDS];
    size_t least_operands, most_operands;
    const char *operands[MOST_OPERANDS];
    size_t operand_count;

    /* computing */
    nudge_context_options context;
    /* data */
    uint64_t data_seed;
    const char *data_seed_given; /* the option that gave it, or NULL */
    nudge_part part;
    bool part_given;
    double val_split;
    bool split_seed_given;   /* --seed of verbs that draw nothing but the split */
    const char *model;       /* of data show: whose columns a table's are, or NULL */
    nudge_data_options data; /* how tables and image files are to be read */
    bool test_split_given;
    /* the network */
    const char *net, *hidden, *activation, *output;
    const char *from, *map; /* what the training goes on from, and which of its tensors layers are; NULL */
    double dropout, input_dropout;
    bool batch_norm;
    nudge_init init;
    bool init_given;
    double init_range;
    /* training; what was not given is chosen when the data are known (cli/open/setup.c) */
    nudge_cost cost;
    double huber_delta;
    nudge_optimizer optimizer;
    bool optimizer_given;
    double learning_rate, l1, l2, weight_decay;
    double optimizer_values[MOST_OPTIMIZER_OPTIONS]; /* by optimizer_option */
    nudge_schedule schedule;
    bool schedule_given;
    double decay, warmup;
    size_t decay_epochs, batch_size, epochs, patience;
    nudge_scale scale, target_scale;
    nudge_metric metric;
    bool metric_given;
    const char *class_weight;
    bool shuffle, test_at_end;
    uint64_t seed;
    /* output */
    const char *file;
    bool json, quiet, verbose, theme_given, language_given;
    enum language language; /* of pictures and explanations; words_choose has it, too */

    /* of the parse */
    const struct verb *verb;
    const char *recipe; /* the recipe being read, or NULL */
    size_t recipe_line;
    char *recipes[MOST_RECIPES]; /* their text, in which options' values stand */
    size_t recipe_count;
    const char *offender; /* where getopt gave up */
    int told;             /* the exit status of an error that was told; 0: none */
    bool wants_help;
};

/* Nothing given. */
struct options options_none(void);
void options_free(struct options *options);

/* Parses `argv` (argv[0] is not looked at) with the verb's argp, whose input is `options`. Returns -1 to go
 * on, else the exit status: help was shown, or an error. */
int options_parse(struct options *options, const struct verb *verb, int argc, char **argv);

/* The parser of every verb's root argp: words and recipes. Options stand in its children. */
error_t options_common(int key, char *arg, struct argp_state *state);

/* Children: each a group of shared options. */
extern const struct argp options_computing;  /* --engine --threads --precision */
extern const struct argp options_data;       /* --data-seed --val-split --memory */
extern const struct argp options_tables;     /* --target .. --invert */
extern const struct argp options_part;       /* --part */
extern const struct argp options_split_seed; /* --seed */
extern const struct argp options_network;    /* --hidden --activation --output --net --init */
extern const struct argp options_from;       /* --from --map */
extern const struct argp options_cost;       /* --cost --huber-delta */
extern const struct argp
    options_optimizers; /* in options_training; of which options_prepare, first of all, makes the table */
void options_prepare(void);
/* The optimizers' parameters as options i = 0, 1, ..: each once. Which optimizers take one, "sgd and nesterov"; its value;
 * what was given for it, NOT_GIVEN or a number. */
bool optimizer_option(size_t i, nudge_optimizer_parameter *parameter);
bool optimizer_takes(nudge_optimizer optimizer, const nudge_optimizer_parameter *parameter);
void optimizer_option_users(const nudge_optimizer_parameter *parameter, char *text, size_t room);
double optimizer_value_of(const nudge_train_options *training, const nudge_optimizer_parameter *parameter);
double *optimizer_given(const struct options *options, const char *name);
extern const struct argp options_training; /* --lr ... */
extern const struct argp options_json;     /* --json */
extern const struct argp options_language; /* --language: for verbs whose words are in words.h's table */
extern const struct argp options_help;     /* --help */

/* Values, checked; `name` is the option's, as "--lr". Return 0, or EINVAL after telling what was expected. */
struct range {
    double low, high;
    bool low_open, high_open;
};
#define ABOVE_ZERO ((struct range){0, 1e9, true, false})
error_t option_number(struct options *options, const char *name, const char *word, struct range range,
                      double *value);
error_t option_count(struct options *options, const char *name, const char *word, uint64_t least,
                     uint64_t most, uint64_t *value);
error_t option_size(struct options *options, const char *name, const char *word, size_t least, size_t *value);
/* `names` ends with NULL; *value is the index of the word in it. */
error_t option_choice(struct options *options, const char *name, const char *word, const char *const *names,
                      int *value);
error_t option_data_seed(struct options *options, const char *name, const char *word);
error_t option_part(struct options *options, const char *word);
error_t option_bytes(struct options *options, const char *name, const char *word, size_t *value); /* "64M" */
error_t option_memory(struct options *options, const char *word); /* --memory */
#define OPTION_MEMORY_HELP                                                                                   \
    "how much memory features may take, as 2G or 500MB: what is larger is read from its files as it is "     \
    "needed; default: half of what there is"

/* An error in an option: names the recipe's line where it stands in one. Returns EINVAL. */
error_t option_error(struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls `visit` for every option of `argp` and its children, in the order of the help. */
typedef void option_visitor(void *user, const struct argp_option *option);
void options_walk(const struct argp *argp, option_visitor *visit, void *user);

#endif
