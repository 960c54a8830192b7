/* nudge data, data info, data make: which data sets there are, what one holds, writing one to files. */
#include "cli/data.h"

#include "cli/files.h"
#include "cli/numbers.h"
#include "cli/open.h"
#include "cli/safe.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_SEED = 0x100, KEY_MEMORY, PARTS = 3, MOST_CLASSES = 100 };

static const nudge_part parts[PARTS] = {NUDGE_PART_TRAIN, NUDGE_PART_VALIDATION, NUDGE_PART_TEST};

/* -- shared -- */

static error_t parse_data(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    if (key == KEY_MEMORY) return option_memory(options, arg);
    if (key != KEY_SEED) return ARGP_ERR_UNKNOWN;
    return option_data_seed(options, "--seed", arg);
}

static const struct argp_option data_table[] = {
    {"seed", KEY_SEED, "N", 0, "from which built-in data are drawn; default 1", 0},
    {"data-seed", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"memory", KEY_MEMORY, "SIZE", 0, OPTION_MEMORY_HELP, 0},
    {0},
};
const struct argp options_only_data = {data_table, parse_data, NULL, NULL, NULL, NULL, NULL};

static int run_opened(void *user, const struct options *options, data_body *body) {
    struct opened opened = {.net = NULL};
    int status = open_context(&opened, options);
    if (!status) status = open_data(&opened, options, options->operands[0]);
    if (!status) status = body(user, &opened);
    open_close(&opened);
    return status;
}

int data_run(void *user, struct options *options, const char *operand, const struct verb *verb, int argc,
             char **argv, data_body *body) {
    options->operand_names[0] = operand;
    options->least_operands = options->operand_names[1] ? 2 : 1;
    options->most_operands = options->least_operands;
    int status = options_parse(options, verb, argc, argv);
    if (status < 0) status = run_opened(user, options, body);
    options_free(options);
    return status;
}

/* -- nudge data -- */

static void print_name(const char *name, const char *summary) {
    printf("  %-10s", name);
    print_wrapped(stdout, summary, 12, 12);
}

static int run_list(int argc, char **argv) {
    const char *name, *summary;
    bool help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (help) {
        help_verb(&verb_data);
        return EXIT_DONE;
    }
    if (argc > 1) return help_unknown_kind(&verb_data, argv[1]);
    for (size_t i = 0; (name = nudge_data_builtin(i, &summary)); i++) print_name(name, summary);
    print_name("mnist", "70,000 handwritten digits; see below");
    putchar('\n');
    print_wrapped(
        stdout,
        "mnist is looked up in the folder $NUDGE_DATA and in nudge/mnist in the user's cache "
        "folder. A number of "
        "rows may follow the name of a built-in set: digits:60000/10000 (training/test), "
        "spiral:500. A name with "
        "a slash or an ending is a path: a folder with IDX files, or one such file. nudge data info "
        "NAME says what one holds, nudge data --help what else there is.",
        0, 0);
    return EXIT_DONE;
}

const struct verb verb_data = {
    .name = "data",
    .operands = "[info|show|make|convert] ...",
    .summary = "list the data sets that have a name",
    .details = "Lists the data sets that are built in or known by name; info, show, make and convert do more "
               "with one.",
    .run = run_list,
};

/* -- nudge data info -- */

struct values {
    double low, high, sum, count;
};

static void add_values(struct values *values, const float *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double number = numbers[i];
        if (number < values->low) values->low = number;
        if (number > values->high) values->high = number;
        values->sum += number;
    }
    values->count += (double)count;
}

/* Walks every row of every part. */
static int measure(const nudge_data *data, float *row, float *target, struct values *features,
                   struct values *targets) {
    nudge_error error;
    for (size_t p = 0; p < PARTS; p++)
        for (size_t r = 0; r < nudge_data_rows(data, parts[p]); r++) {
            if (nudge_data_row(data, parts[p], r, row, target, &error)) return say_error(&error, SAY_READING);
            add_values(features, row, nudge_data_features(data));
            add_values(targets, target, nudge_data_targets(data));
        }
    return EXIT_DONE;
}

static void print_values(const char *name, const struct values *values) {
    printf("%-11s%.6g to %.6g, mean %.6g\n", name, values->low, values->high, values->sum / values->count);
}

static int print_ranges(const nudge_data *data) {
    struct values features = {INFINITY, -INFINITY, 0, 0}, targets = features;
    float *row = calloc(nudge_data_features(data), sizeof *row);
    float *target = calloc(nudge_data_targets(data), sizeof *target);
    int status = row && target
                     ? measure(data, row, target, &features, &targets)
                     : say_failure("not enough memory: for a row of %zu features", nudge_data_features(data));
    free(row);
    free(target);
    if (status) return status;
    print_values("values", &features);
    if (nudge_data_classes(data) == 0) print_values("targets", &targets);
    return EXIT_DONE;
}

/* Memory that the set takes, or (in_files) what it leaves in its files. */
static double bytes_of(const nudge_data *data, bool in_files) {
    double bytes = 0, value = nudge_data_type(data) == NUDGE_TYPE_U8 ? 1 : sizeof(float);
    double target =
        nudge_data_classes(data) ? sizeof(int32_t) : sizeof(float) * (double)nudge_data_targets(data);
    for (size_t p = 0; p < PARTS; p++) {
        double rows = (double)nudge_data_rows(data, parts[p]);
        if (nudge_data_in_memory(data, parts[p]) != in_files)
            bytes += rows * value * (double)nudge_data_features(data);
        if (!in_files) bytes += rows * target;
    }
    return bytes;
}

static void print_class_header(const nudge_data *data) {
    printf("\nclass");
    for (size_t p = 0; p < PARTS; p++)
        if (nudge_data_rows(data, parts[p])) printf("%12s", part_name(parts[p]));
    putchar('\n');
}

static int print_classes(const nudge_data *data) {
    size_t classes = nudge_data_classes(data);
    uint64_t *counts = calloc(classes, PARTS * sizeof *counts);
    if (!counts) return say_failure("not enough memory: for the counts of %zu classes", classes);
    for (size_t p = 0; p < PARTS; p++)
        for (size_t r = 0; r < nudge_data_rows(data, parts[p]); r++)
            counts[(size_t)nudge_data_label(data, parts[p], r) * PARTS + p]++;
    print_class_header(data);
    for (size_t c = 0; c < classes && c < MOST_CLASSES; c++) {
        printf("%-5zu", c);
        for (size_t p = 0; p < PARTS; p++)
            if (nudge_data_rows(data, parts[p])) printf("%12s", number_count(counts[c * PARTS + p]).text);
        putchar('\n');
    }
    if (classes > MOST_CLASSES) printf("and %s more\n", number_count(classes - MOST_CLASSES).text);
    free(counts);
    return EXIT_DONE;
}

static int print_info(void *user, struct opened *opened) {
    (void)user;
    const nudge_data *data = opened->data;
    size_t height, width;
    printf("%s\n\n", nudge_data_name(data));
    for (size_t p = 0; p < PARTS; p++)
        if (nudge_data_rows(data, parts[p]))
            printf("%-11s%s rows\n", part_name(parts[p]), number_count(nudge_data_rows(data, parts[p])).text);
    printf("features   %zu", nudge_data_features(data));
    if (nudge_data_image(data, &height, &width)) printf(" (images, %zux%zu)", height, width);
    printf(", %s\n", nudge_data_type(data) == NUDGE_TYPE_U8 ? "u8" : "f32");
    if (nudge_data_classes(data))
        printf("classes    %zu\n", nudge_data_classes(data));
    else
        printf("targets    %zu number%s a row\n", nudge_data_targets(data),
               nudge_data_targets(data) == 1 ? "" : "s");
    printf("memory     %s", number_bytes(bytes_of(data, false)).text);
    if (bytes_of(data, true) > 0)
        printf("; %s stay in their files (--memory)", number_bytes(bytes_of(data, true)).text);
    putchar('\n');
    int status = print_ranges(data);
    return status || nudge_data_classes(data) == 0 ? status : print_classes(data);
}

static int run_info(int argc, char **argv) {
    struct options options = options_none();
    return data_run(&options, &options, "DATA", &verb_data_info, argc, argv, print_info);
}

static const struct argp_child info_children[] = {
    {&options_only_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp info_argp = {NULL, options_common, NULL, NULL, info_children, NULL, NULL};

const struct verb verb_data_info = {
    .name = "data info",
    .operands = "DATA",
    .summary = "say what a data set holds",
    .details = "Says how many rows, features and classes a data set has, and the range of its values.",
    .examples = "nudge data info digits\nnudge data info ./mnist",
    .argp = &info_argp,
    .run = run_info,
};

/* -- nudge data make -- */

/* Into a folder that is there: none of the files may be one that this command reads or writes otherwise, be it by
 * a link. */
static int check_files(const nudge_data *data, const char *folder) {
    char name[48], path[PATH_MAX];
    int status = EXIT_DONE;
    for (size_t i = 0; !status && nudge_data_idx_name(data, i, name); i++) {
        if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
            return say_usage("%s: the name is too long for a folder", folder);
        status = files_write(path);
    }
    return status;
}

int data_check_folder(const nudge_data *data, const char *folder) {
    struct stat there;
    bool is_there = stat(folder, &there) == 0;
    if (is_there && !S_ISDIR(there.st_mode))
        return say_usage("%s: is no folder, expected the name of a folder", folder);
    return is_there ? check_files(data, folder) : EXIT_DONE;
}

static int make(void *user, struct opened *opened) {
    const struct options *options = user;
    const nudge_data *data = opened->data;
    nudge_error error;
    if (!options->file) return say_usage("-o FOLDER is missing: where the files are to be written");
    if (options->file[0] == 0) return say_usage("-o: expected a folder's name");
    int status = data_check_folder(data, options->file);
    if (status) return status;
    signals_hold();
    nudge_status failed = nudge_data_write_idx(data, options->file, &error);
    signals_release();
    if (failed) return say_error(&error, SAY_RUNNING);
    printf("%s: %s training", safe(options->file).text,
           number_count(nudge_data_rows(data, NUDGE_PART_TRAIN)).text);
    if (nudge_data_rows(data, NUDGE_PART_TEST))
        printf(" and %s test", number_count(nudge_data_rows(data, NUDGE_PART_TEST)).text);
    puts(" rows written");
    return EXIT_DONE;
}

static error_t parse_make(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    if (key != 'o') return ARGP_ERR_UNKNOWN;
    options->file = arg;
    return 0;
}

static int run_make(int argc, char **argv) {
    struct options options = options_none();
    return data_run(&options, &options, "NAME", &verb_data_make, argc, argv, make);
}

static const struct argp_option make_table[] = {
    {"output-file", 'o', "FOLDER", 0, "where the files are to be written; made when missing", 0},
    {0},
};
static const struct argp make_own = {make_table, parse_make, NULL, NULL, NULL, NULL, NULL};
static const struct argp_child make_children[] = {
    {&make_own, 0, "Result", 0},
    {&options_only_data, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp make_argp = {NULL, options_common, NULL, NULL, make_children, NULL, NULL};

const struct verb verb_data_make = {
    .name = "data make",
    .operands = "NAME -o FOLDER [options]",
    .summary = "write a built-in data set as IDX files",
    .details = "Writes a data set as IDX files, named as MNIST's are: train-images-idx3-ubyte and so on.",
    .examples = "nudge data make digits:60000/10000 -o digits",
    .argp = &make_argp,
    .run = run_make,
};
