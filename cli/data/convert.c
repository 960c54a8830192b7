/* nudge data convert: a data set, whatever its files, as files of another format. */
#include "cli/data/data.h"
#include "cli/signals.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/verbs.h"

#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *name, const char *ending) {
    size_t length = strlen(name), size = strlen(ending);
    return length > size && strcmp(name + length - size, ending) == 0;
}

static const char *chosen_file(const struct options *options) {
    return options->operands[1];
}

/* -- the formats -- */

static nudge_status write_csv(const struct options *options, const nudge_data *data, nudge_error *error) {
    return nudge_data_write_csv(data, chosen_file(options), options->part_given ? &options->part : NULL,
                                error);
}

static nudge_status write_npz(const struct options *options, const nudge_data *data, nudge_error *error) {
    return nudge_data_write_npz(data, chosen_file(options), error);
}

static nudge_status write_idx(const struct options *options, const nudge_data *data, nudge_error *error) {
    return nudge_data_write_idx(data, chosen_file(options), error);
}

static int check_file(const nudge_data *data, const char *path) {
    (void)data;
    return files_write(path);
}

static const struct target_format {
    const char *ending; /* NULL: a folder */
    int (*check)(const nudge_data *data, const char *path);
    nudge_status (*write)(const struct options *options, const nudge_data *data, nudge_error *error);
} target_formats[] = {
    {".csv", check_file, write_csv},
    {".npz", check_file, write_npz},
    {NULL, data_check_folder, write_idx},
};

/* A folder is called as it likes, but what has the ending of another file may be meant otherwise. */
static int choose_format(const char *name, const struct target_format **format) {
    struct stat there;
    bool is_folder = ends_with(name, "/") || (stat(name, &there) == 0 && S_ISDIR(there.st_mode));
    const char *last = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    const struct target_format *found = target_formats;
    while (found->ending && (is_folder || !ends_with(name, found->ending))) found++;
    *format = found;
    if (found->ending || is_folder || !strchr(last, '.') || strcmp(last, "..") == 0) return EXIT_DONE;
    return say_usage("%s: expected the name of a folder (for IDX files), or one that ends in .npz or .csv; a "
                     "new folder with a dot in its name ends in /",
                     safe(name).text);
}

/* -- the verb -- */

static void say_written(const struct options *options, const nudge_data *data) {
    static const nudge_part parts[] = {NUDGE_PART_TRAIN, NUDGE_PART_VALIDATION, NUDGE_PART_TEST};
    const char *before = "";
    printf("%s: ", safe(chosen_file(options)).text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t rows = nudge_data_rows(data, parts[i]);
        if (rows == 0 || (options->part_given && options->part != parts[i])) continue;
        printf("%s%s %s", before, number_count(rows).text, part_name(parts[i]));
        before = ", ";
    }
    puts(" rows written");
}

static int convert_data(void *state) {
    const struct writing *writing = state;
    const struct options *options = &writing->options;
    const nudge_data *data = writing->opened.data;
    const struct target_format *format;
    const char *path = chosen_file(options);
    nudge_error error;
    if (path[0] == 0) return say_usage("\"\": expected the name of a folder or a file");
    int status = choose_format(path, &format);
    if (!status && format->write != write_csv && options->data.weight)
        status = say_usage("--weight: these files have no place for weights: write .csv");
    if (!status && options->part_given && format->write != write_csv)
        status = say_usage("--part is for .csv: other files have a place for each part");
    if (!status) status = format->check(data, path);
    if (status) return status;
    for (size_t i = 0; nudge_data_remark(data, i); i++)
        say_remark((void *)&options->quiet, nudge_data_remark(data, i));
    signals_hold();
    nudge_status failed = format->write(options, data, &error);
    signals_release();
    if (failed) return say_error(&error, failed == NUDGE_BAD_ARGUMENT ? SAY_READING : SAY_RUNNING);
    say_written(options, data);
    return EXIT_DONE;
}

enum { KEY_PART = 0x100 };

static error_t parse_convert(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    if (key == KEY_PART) return option_part(options, arg);
    if (key != 'q') return ARGP_ERR_UNKNOWN;
    options->quiet = true;
    return 0;
}

static const struct argp_option convert_table[] = {
    {"part", KEY_PART, "NAME", 0, "of .csv: this part alone, train, val or test; default all of them", 0},
    {"quiet", 'q', NULL, 0, "no remarks about what was found in a table", 0},
    {0},
};
static const struct argp convert_own = {convert_table, parse_convert, NULL, NULL, NULL, NULL, NULL};

static const struct verb_frame frame = {
    &verb_data_convert, {"FROM", "TO"}, NEEDS_DATA, NULL, convert_data, NULL};

static int run_convert(int argc, char **argv) {
    struct writing writing = {.options = options_none()};
    return verb_run(&frame, &writing, &writing.opened, argc, argv);
}

static const struct argp_child convert_children[] = {
    {&convert_own, 0, "Result", 0},
    {&options_only_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp convert_argp = {NULL, options_common, NULL, NULL, convert_children, NULL, NULL};

const struct verb verb_data_convert = {
    .name = "data convert",
    .operands = "FROM TO [options]",
    .summary = "write a data set as files of another format",
    .details =
        "Writes the data set FROM as TO: a text table (a name that ends in .csv), an archive of NumPy arrays "
        "(.npz), or a folder of IDX files, named as MNIST's are.\n"
        "A text table of a set with several parts has a column \"split\" at its end, which --split-column "
        "split "
        "reads again; --part writes one of them alone, without it. The class is the first column, \"label\", "
        "and "
        "numbers that are to be predicted are the last ones.",
    .examples = "nudge data convert mnist mnist.csv\nnudge train mnist.csv --split-column split\n"
                "nudge data convert bills.db bills.npz --sql 'SELECT age, bill FROM bills'",
    .argp = &convert_argp,
    .run = run_convert,
};
