/* nudge data, data make: which data sets there are, writing one to files. */
#include "cli/data/data.h"

#include "cli/signals.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/verbs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_SEED = 0x100, KEY_MEMORY };

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
    .operands = "[info | show | make | convert] ...",
    .summary = "list the data sets that have a name",
    .details = "Lists the data sets that are built in or known by name; info, show, make and convert do more "
               "with one.",
    .run = run_list,
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

static int make_data(void *state) {
    const struct writing *writing = state;
    const struct options *options = &writing->options;
    const nudge_data *data = writing->opened.data;
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

static const struct verb_frame frame = {&verb_data_make, {"NAME"}, NEEDS_DATA, NULL, make_data, NULL};

static int run_make(int argc, char **argv) {
    struct writing writing = {.options = options_none()};
    return verb_run(&frame, &writing, &writing.opened, argc, argv);
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
