/* The options that say what tables and image files are to be read as. What is not given stays as NUDGE_DATA_OPTIONS has
 * it. */
#include "cli/options/options.h"
#include "cli/tell/numbers.h"

#include <string.h>

enum key {
    KEY_TARGET = 0x300,
    KEY_IGNORE,
    KEY_ID,
    KEY_WEIGHT,
    KEY_CATEGORICAL,
    KEY_NUMERIC,
    KEY_REGRESSION,
    KEY_MISSING,
    KEY_RARE,
    KEY_TEST,
    KEY_VAL,
    KEY_TEST_SPLIT,
    KEY_SPLIT_COLUMN,
    KEY_HEADER,
    KEY_NO_HEADER,
    KEY_FEATURES,
    KEY_SQL,
    KEY_TABLE,
    KEY_SIZE,
    KEY_COLOUR,
    KEY_INVERT,
    KEY_TRUTH,
    KEY_CACHE,
    KEY_NO_CACHE,
};

static const struct argp_option table[] = {
    {"target", KEY_TARGET, "NAME,...", 0,
     "the column to be predicted, or several of numbers, by name or place from 1; default: one that is "
     "called label, "
     "target, class or y, else the last",
     0},
    {"ignore", KEY_IGNORE, "NAME,...", 0, "columns to leave out", 0},
    {"id", KEY_ID, "NAME", 0,
     "the column that names a row: nothing is learnt from it, predict carries it through", 0},
    {"weight", KEY_WEIGHT, "NAME", 0, "the column that says how much a row counts", 0},
    {"categorical", KEY_CATEGORICAL, "NAME,...", 0, "columns whose numbers are only names", 0},
    {"numeric", KEY_NUMERIC, "NAME,...", 0, "columns that are numbers, whatever they look like", 0},
    {"regression", KEY_REGRESSION, NULL, 0, "whole numbers to be predicted are numbers, and not classes", 0},
    {"missing", KEY_MISSING, "HOW", 0,
     "what stands in for missing numbers: mean, median, zero, drop (the row is left out) or refuse; +flag "
     "adds an input "
     "that says where; default mean+flag",
     0},
    {"rare", KEY_RARE, "N", 0, "categories with fewer than N training rows become one", 0},
    {"test", KEY_TEST, "FILE", 0, "the test part, with the same columns", 0},
    {"val", KEY_VAL, "FILE", 0, "the validation part, with the same columns", 0},
    {"test-split", KEY_TEST_SPLIT, "F", 0,
     "take the fraction F of the rows, chosen by --seed and by class, for the test part; train's default for "
     "one table: "
     "0.2, 0 takes none",
     0},
    {"split-column", KEY_SPLIT_COLUMN, "NAME", 0, "the column that says train, val or test (or 0, 1, 2)", 0},
    {"header", KEY_HEADER, NULL, 0, "the first line has the columns' names", 0},
    {"no-header", KEY_NO_HEADER, NULL, 0, "the first line is a row; default: as it looks", 0},
    {"features", KEY_FEATURES, "N", 0,
     "of LIBSVM files: how many there are; default: as many as the largest index", 0},
    {"sql", KEY_SQL, "TEXT", 0, "of SQLite files: the rows are what this query gives", 0},
    {"table", KEY_TABLE, "NAME", 0, "of SQLite files: the rows of this table", 0},
    {"cache", KEY_CACHE, "FILE", 0,
     "where the rows of a table larger than memory are kept; default: a file in nudge/tables of the user's "
     "cache folder",
     0},
    {"no-cache", KEY_NO_CACHE, NULL, 0, "keep no rows in a file: a table larger than memory is refused", 0},
    {"size", KEY_SIZE, "HxW", 0, "of image files: made this large, as 28x28; default: as the first is", 0},
    {"colour", KEY_COLOUR, NULL, 0, "of image files: red, green and blue are features; default grey", 0},
    {"color", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"invert", KEY_INVERT, NULL, 0, "of image files: black becomes white", 0},
    {"truth", KEY_TRUTH, "CLASS", 0, "of one image file: which class it is of, by name or number", 0},
    {0},
};

static error_t parse_missing(struct options *options, const char *word) {
    static const char *const names[] = {"auto", "refuse", "mean", "median", "zero", "drop", NULL};
    char name[16] = "";
    size_t length = strcspn(word, "+");
    int choice;
    if (length < sizeof name) memcpy(name, word, length);
    if (word[length] && strcmp(word + length, "+flag"))
        return option_error(
            options, "--missing: found \"%s\", expected mean, median or zero, or with +flag, drop or refuse",
            word);
    error_t result = option_choice(options, "--missing", name, names, &choice);
    if (result) return result;
    options->data.missing = (nudge_missing)choice;
    options->data.missing_flag = word[length] != 0;
    return 0;
}

static error_t parse_size(struct options *options, const char *word) {
    char text[32] = "";
    size_t length = strcspn(word, "x");
    if (length < sizeof text) memcpy(text, word, length);
    error_t result = option_size(options, "--size", text, 1, &options->data.height);
    if (result) return result;
    return option_size(options, "--size", word[length] ? word + length + 1 : text, 1, &options->data.width);
}

static error_t parse_tables(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    nudge_data_options *data = &options->data;
    switch (key) {
    case KEY_TARGET: data->target = arg; return 0;
    case KEY_IGNORE: data->ignore = arg; return 0;
    case KEY_ID: data->id = arg; return 0;
    case KEY_WEIGHT: data->weight = arg; return 0;
    case KEY_CATEGORICAL: data->categorical = arg; return 0;
    case KEY_NUMERIC: data->numeric = arg; return 0;
    case KEY_REGRESSION: data->regression = true; return 0;
    case KEY_MISSING: return parse_missing(options, arg);
    case KEY_RARE: return option_size(options, "--rare", arg, 0, &data->rare);
    case KEY_TEST: data->test_file = arg; return 0;
    case KEY_VAL: data->validation_file = arg; return 0;
    case KEY_TEST_SPLIT:
        options->test_split_given = true;
        return option_number(options, "--test-split", arg, (struct range){0, 1, false, true},
                             &data->test_split);
    case KEY_SPLIT_COLUMN: data->split = arg; return 0;
    case KEY_HEADER: data->header = 1; return 0;
    case KEY_NO_HEADER: data->header = -1; return 0;
    case KEY_FEATURES: return option_size(options, "--features", arg, 1, &data->features);
    case KEY_SQL: data->sql = arg; return 0;
    case KEY_TABLE: data->table = arg; return 0;
    case KEY_SIZE: return parse_size(options, arg);
    case KEY_COLOUR: data->colour = true; return 0;
    case KEY_TRUTH: data->truth = arg; return 0;
    case KEY_INVERT: data->invert = true; return 0;
    case KEY_CACHE: data->cache = arg; return 0;
    case KEY_NO_CACHE: data->no_cache = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_tables = {table, parse_tables, NULL, NULL, NULL, NULL, NULL};
