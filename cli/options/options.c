/* See options.h. argp parses; this file adds what it does not: recipes, one-sentence errors and near misses.
 *
 *     nudge train digits @small.txt --epochs 5
 *
 * "digits" goes to take_operand; "@small.txt" to take_recipe, which hands each of its lines to argp as if it stood there, so
 * that --epochs 5, being later, wins over the recipe's; "--epochs" to the parser of the verb's child that has it. argp stays
 * silent (PARSE_FLAGS): where getopt gives up, the word is remembered (options->offender) and looked up among the verb's
 * options: "--lr" wants a value, "--e" may mean several, and "--epcohs" is near to one. */
#include "cli/options/options.h"

#include "cli/options/recipe.h"
#include "cli/options/suggest.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PARSE_FLAGS = ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_IN_ORDER };

struct options options_none(void) {
    nudge_context_options context = NUDGE_CONTEXT_OPTIONS;
    nudge_data_options data = NUDGE_DATA_OPTIONS;
    struct options options = {
        .context = context,
        .data = data,
        .data_seed = 1,
        .part = NUDGE_PART_TEST,
        .val_split = NOT_GIVEN,
        .init_range = NOT_GIVEN,
        .huber_delta = NOT_GIVEN,
        .learning_rate = NOT_GIVEN,
        .decay = NOT_GIVEN,
        .warmup = NOT_GIVEN,
        .decay_epochs = COUNT_NOT_GIVEN,
        .batch_size = COUNT_NOT_GIVEN,
        .epochs = COUNT_NOT_GIVEN,
        .shuffle = true,
        .seed = 1,
    };
    for (size_t i = 0; i < MOST_OPTIMIZER_OPTIONS; i++) options.optimizer_values[i] = NOT_GIVEN;
    return options;
}

void options_free(struct options *options) {
    for (size_t i = 0; i < options->recipe_count; i++) free(options->recipes[i]);
    options->recipe_count = 0;
}

/* -- errors -- */

error_t option_error(struct options *options, const char *format, ...) {
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    format_text_list(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (options->recipe)
        say_usage("%s:%zu: %s", options->recipe, options->recipe_line, sentence);
    else
        say_usage("%s", sentence);
    options->told = EXIT_USAGE;
    return EINVAL;
}

/* What the option table has for a word: one option, several that begin with it, or none. */
struct lookup {
    const char *word; /* without "--", up to "=" */
    size_t length;
    const struct argp_option *base; /* the last option that is no alias */
    const struct argp_option *found;
    bool exact, several;
    struct suggestion nearest;
};

/* For each option of the verb in turn. An alias (--loss) stands behind what it is another name of (--cost): both lead to the
 * same `base`, so a beginning of both is not of several. */
static void look_up(void *user, const struct argp_option *option) {
    struct lookup *lookup = user;
    if (!(option->flags & OPTION_ALIAS)) lookup->base = option;
    if (!option->name) return;
    if (!(option->flags & OPTION_HIDDEN)) suggestion_consider(&lookup->nearest, option->name);
    if (lookup->exact || strncmp(option->name, lookup->word, lookup->length) != 0) return;
    lookup->exact = option->name[lookup->length] == 0;
    lookup->several = !lookup->exact && (lookup->several || (lookup->found && lookup->found != lookup->base));
    lookup->found = lookup->base;
}

static error_t long_option_error(struct options *options, const char *token) {
    char word[64];
    size_t length = strcspn(token + 2, "=");
    format_text(word, sizeof word, "%.*s", (int)length, token + 2);
    struct lookup lookup = {.word = word, .length = strlen(word), .nearest = suggestion_for(word)};
    options_walk(options->verb->argp, look_up, &lookup);
    if (lookup.several) return option_error(options, "--%s may mean several options: write it in full", word);
    if (lookup.found && lookup.found->arg)
        return option_error(options, "--%s needs a value: --%s %s", word, word, lookup.found->arg);
    if (lookup.found) return option_error(options, "--%s takes no value", word);
    const char *nearest = suggestion_made(&lookup.nearest);
    return option_error(options, "unknown option --%s%s%s%s; nudge %s --help lists the options", word,
                        nearest ? " (did you mean --" : "", nearest ? nearest : "", nearest ? "?)" : "",
                        options->verb->name);
}

static void look_for_output(void *user, const struct argp_option *option) {
    if (option->key == 'o') *(bool *)user = true;
}

/* getopt gave up at this word without a sentence of its own. */
static error_t offender_error(struct options *options, const char *token) {
    bool writes = false;
    options_walk(options->verb->argp, look_for_output, &writes);
    if (strncmp(token, "--", 2) == 0) return long_option_error(options, token);
    if (writes && strcmp(token, "-o") == 0) return option_error(options, "-o needs a value: -o FILE");
    return option_error(options, "unknown option %s; nudge %s --help lists the options", token,
                        options->verb->name);
}

/* -- words -- */

static error_t take_operand(struct options *options, const char *word) {
    if (options->recipe)
        return option_error(options, "found \"%s\", expected an option such as --epochs 10", word);
    if (options->most_operands == 0)
        return option_error(options, "found \"%s\", expected only options", word);
    if (options->operand_count == options->most_operands)
        return option_error(options, "found \"%s\" after %s, expected only options there", word,
                            options->operand_names[options->most_operands - 1]);
    options->operands[options->operand_count++] = word;
    return 0;
}

/* What argp fails for without asking anybody. */
static int no_memory(void) {
    return say_failure("not enough memory: for the options");
}

/* One line of a recipe is parsed as if it stood on the command line. */
static error_t take_line(void *user, size_t line, int argc, char **argv) {
    struct options *options = user;
    options->recipe_line = line;
    options->offender = NULL;
    error_t result = argp_parse(options->verb->argp, argc, argv, PARSE_FLAGS, 0, options);
    if (result && !options->told && options->offender) offender_error(options, options->offender);
    if (result && !options->told) options->told = no_memory();
    return result;
}

static error_t take_recipe(struct options *options, const char *path) {
    if (options->recipe) return option_error(options, "@%s: a recipe cannot name another recipe", path);
    if (options->recipe_count == MOST_RECIPES)
        return option_error(options, "@%s: more than %d recipes", path, MOST_RECIPES);
    char *text = NULL;
    options->told = files_read(path);
    if (!options->told) options->told = recipe_read(path, &text);
    if (options->told) return EINVAL;
    options->recipes[options->recipe_count++] = text;
    options->recipe = path;
    error_t result = recipe_each_line(text, take_line, options);
    options->recipe = NULL;
    return result;
}

/* Where getopt gave up: at the word before the next one, or, within letters that stand together ("-xq"), at that one. */
static const char *offender_at(const struct argp_state *state) {
    const char *before = state->next > 1 ? state->argv[state->next - 1] : "";
    if (before[0] == '-' || state->next >= state->argc) return before;
    return state->argv[state->next];
}

error_t options_common(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        if (state->root_argp->children)
            for (size_t i = 0; state->root_argp->children[i].argp; i++) state->child_inputs[i] = options;
        return 0;
    case ARGP_KEY_ARG:
        if (arg[0] == '@' && arg[1] && !state->quoted) return take_recipe(options, arg + 1);
        return take_operand(options, arg);
    case ARGP_KEY_ERROR:
        if (!options->offender) options->offender = offender_at(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* -- the whole line -- */

int options_parse(struct options *options, const struct verb *verb, int argc, char **argv) {
    options->verb = verb;
    error_t result = argp_parse(verb->argp, argc, argv, PARSE_FLAGS, 0, options);
    if (options->json) words_choose_text(LANGUAGE_ENGLISH); /* programs read the names in it */
    if (options->wants_help) {
        help_verb(verb);
        return EXIT_DONE;
    }
    if (result && !options->told && !options->offender) return no_memory();
    if (result && !options->told) offender_error(options, options->offender);
    if (result) return options->told ? options->told : EXIT_USAGE;
    if (options->operand_count >= options->least_operands) return -1;
    return say_usage("%s is missing; nudge %s --help says how to use it",
                     options->operand_names[options->operand_count], verb->name);
}

/* An option without key, name and documentation ends its table. */
static bool is_option(const struct argp_option *option) {
    return option->key || option->name || option->doc || option->group;
}

void options_walk(const struct argp *argp, option_visitor *visit, void *user) {
    for (const struct argp_option *option = argp->options; option && is_option(option); option++)
        visit(user, option);
    for (const struct argp_child *child = argp->children; child && child->argp; child++) {
        if (child->header) visit(user, &(struct argp_option){.doc = child->header});
        options_walk(child->argp, visit, user);
    }
}

/* -- values -- */

static void range_text(struct range range, char *text, size_t room) {
    struct number_text low = number_exact(range.low), high = number_exact(range.high);
    if (range.high >= 1e9)
        snprintf(text, room, range.low_open ? "a number above %s" : "a number of at least %s", low.text);
    else
        snprintf(text, room, "a number x with %s %s x %s %s", low.text,
                 range.low_open ? "<" : "<=", range.high_open ? "<" : "<=", high.text);
}

error_t option_number(struct options *options, const char *name, const char *word, struct range range,
                      double *value) {
    double number;
    bool fits = number_parse(word, &number) && number >= range.low && number <= range.high &&
                !(range.low_open && number == range.low) && !(range.high_open && number == range.high);
    if (!fits) {
        char expected[160];
        range_text(range, expected, sizeof expected);
        return option_error(options, "%s: found \"%s\", expected %s", name, safe_short(word, 60).text,
                            expected);
    }
    *value = number;
    return 0;
}

/* "1,715", as counts are printed, becomes "1715"; other words stay as they are, those that do not fit are left out. */
static void drop_separators(const char *word, char *digits, size_t room) {
    size_t group = strcspn(word, ","), used = 0;
    bool grouped = group >= 1 && group <= 3;
    for (const char *at = word + group; grouped && *at == ','; at += 1 + strspn(at + 1, "0123456789"))
        grouped = strspn(at + 1, "0123456789") == 3;
    for (const char *c = word; *c && strlen(word) < room; c++)
        if (*c != ',' || !grouped) digits[used++] = *c;
    digits[used] = 0;
}

error_t option_count(struct options *options, const char *name, const char *word, uint64_t least,
                     uint64_t most, uint64_t *value) {
    uint64_t count = 0;
    char digits[40];
    drop_separators(word, digits, sizeof digits);
    if (number_parse_count(digits, &count) && count >= least && count <= most) {
        *value = count;
        return 0;
    }
    return option_error(options, "%s: found \"%s\", expected a whole number from %llu to %llu", name,
                        safe_short(word, 60).text, (unsigned long long)least, (unsigned long long)most);
}

error_t option_size(struct options *options, const char *name, const char *word, size_t least,
                    size_t *value) {
    uint64_t count = 0;
    error_t result = option_count(options, name, word, least, UINT32_MAX, &count);
    if (!result) *value = (size_t)count;
    return result;
}

error_t option_choice(struct options *options, const char *name, const char *word, const char *const *names,
                      int *value) {
    char expected[256] = "";
    size_t used = 0;
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], word) == 0) {
            *value = i;
            return 0;
        }
        const char *before = i == 0 ? "" : names[i + 1] ? ", " : " or ";
        if (used < sizeof expected)
            used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", before, names[i]);
    }
    return option_error(options, "%s: found \"%s\", expected %s", name, safe_short(word, 60).text, expected);
}

error_t option_part(struct options *options, const char *word) {
    static const char *const names[] = {"train", "val", "test", NULL};
    static const nudge_part parts[] = {NUDGE_PART_TRAIN, NUDGE_PART_VALIDATION, NUDGE_PART_TEST};
    int choice;
    error_t result = option_choice(options, "--part", word, names, &choice);
    if (result) return result;
    options->part = parts[choice];
    options->part_given = true;
    return 0;
}
