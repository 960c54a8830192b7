/* See open.h. The context comes first, then the network, then the data: a table is read by the columns that the network knows,
 * and divided as its training divided it. What one says of the other is checked here, so that it is told in one sentence
 * before anything is computed:
 *
 *     nudge eval bills.nudge bills.csv    the note "test_split 0.2" of bills.nudge: the same fifth is the test part again
 *     nudge eval run.journal@120 digits   step 120 is a snapshot, or it is trained again from the one before, by the data */
#include "cli/open/open.h"

#include "cli/tell/files.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"

#include <errno.h>
#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "digits", or "digits:60000/10000" */
static bool name_is_builtin(const char *name) {
    size_t length = strcspn(name, ":");
    const char *builtin;
    for (size_t i = 0; (builtin = nudge_data_builtin(i, NULL)); i++)
        if (strlen(builtin) == length && strncmp(builtin, name, length) == 0) return true;
    return false;
}

int open_context(struct opened *opened, const struct options *options) {
    nudge_error error;
    nudge_context_options chosen = options->context;
    chosen.on_remark = say_remark;
    chosen.user = (void *)&options->quiet;
    if (nudge_context_create(&chosen, &opened->context, &error)) return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

/* Options that would have no effect are mistakes. */
static int check_data_options(const struct options *options, const char *name) {
    bool builtin = name_is_builtin(name);
    if (builtin && options->context.data_memory)
        return say_usage("--memory is for data in files: %s is drawn in memory", name);
    if (!builtin && options->data_seed_given)
        return say_usage("%s is for built-in data: %s is read from files", options->data_seed_given, name);
    if (options->split_seed_given && isnan(options->val_split) && options->data.test_split <= 0)
        return say_usage("--seed is that of --val-split and --test-split, which are not given");
    if (builtin && options->data.target) return say_usage("--target is for tables: %s is built in", name);
    return EXIT_DONE;
}

size_t all_rows(const nudge_data *data) {
    return nudge_data_rows(data, NUDGE_PART_TRAIN) + nudge_data_rows(data, NUDGE_PART_VALIDATION) +
           nudge_data_rows(data, NUDGE_PART_TEST);
}

/* The last part of a path, "set" of "data/set/". */
static void short_name(const char *path, char *name, size_t room) {
    size_t length = strlen(path), begin;
    while (length > 1 && path[length - 1] == '/') length--;
    for (begin = length; begin > 0 && path[begin - 1] != '/';) begin--;
    format_text(name, room, "%.*s", (int)(length - begin), path + begin);
}

/* What knows a table's columns before it is opened. */
static const nudge_net *known_net(const struct opened *opened) {
    return opened->from ? opened->from : opened->net;
}

/* A table that training divided is divided in the same way again: what the network was fitted on is not what it is
 * tested on. */
static bool split_again(const struct opened *opened, const struct options *options, const char *name,
                        nudge_data_options *how) {
    const nudge_net *net = known_net(opened);
    const char *share = net ? nudge_net_note(net, "test_split") : NULL,
               *seed = share ? nudge_net_note(net, "test_split_seed") : NULL,
               *data = share ? nudge_net_note(net, "data") : NULL;
    if (share && !seed) seed = nudge_net_note(net, "seed");
    char own[256];
    short_name(name, own, sizeof own);
    if (!seed || !data || strcmp(data, own) || options->test_split_given || options->data.split ||
        options->data.test_file || options->data.unlabelled)
        return false;
    how->test_split = atof(share);
    how->seed = strtoull(seed, NULL, 10);
    return true;
}

/* Rows are drawn by class: with other classes others would be. */
static bool has_same_classes(const nudge_net *net, const nudge_data *data) {
    size_t c = 0;
    const char *label = nudge_net_label(net, 0), *name = nudge_data_label_name(data, 0);
    for (; label && name && strcmp(label, name) == 0; c++) {
        label = nudge_net_label(net, c + 1);
        name = nudge_data_label_name(data, c + 1);
    }
    return !label && !name;
}

static bool is_same_table(const struct opened *opened) {
    const nudge_net *net = known_net(opened);
    const char *rows = nudge_net_note(net, "rows");
    bool anew = opened->from && !has_same_classes(net, opened->data);
    return rows && strtoull(rows, NULL, 10) == all_rows(opened->data) && !anew;
}

/* What is said about columns is for tables, and not for those that a model knows already. */
static int check_used(const struct opened *opened, const struct options *options, const char *name) {
    const nudge_data_options *data = &options->data;
    nudge_column column = NUDGE_COLUMN;
    bool table = nudge_data_columns(opened->data, 0, &column),
         known = known_net(opened) && nudge_net_columns(known_net(opened), 0, &column),
         from = opened->from != NULL;
    const struct {
        const char *name;
        bool given, learnt; /* learnt: the model keeps what it said */
    } asked[] = {{"--target", data->target, !from},
                 {"--ignore", data->ignore, true},
                 {"--categorical", data->categorical, !from},
                 {"--numeric", data->numeric, !from},
                 {"--missing", data->missing != NUDGE_MISSING_AUTO || data->missing_flag, true},
                 {"--rare", data->rare > 0, true},
                 {"--id", data->id, false},
                 {"--weight", data->weight, false},
                 {"--split-column", data->split, false},
                 {"--test", data->test_file, false},
                 {"--val", data->validation_file, false},
                 {"--header and --no-header", data->header != 0, false},
                 {"--sql", data->sql, false},
                 {"--table", data->table, false}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (asked[i].given && !table) return say_usage("%s is for tables: %s is none", asked[i].name, name);
        if (asked[i].given && known && asked[i].learnt && from)
            return say_usage("%s: the columns are those that %s knows", asked[i].name, options->from);
        if (asked[i].given && known && asked[i].learnt)
            return say_usage("%s is for training: the model knows its columns", asked[i].name);
    }
    if (options->test_split_given && data->test_split > 0 && !(nudge_data_test_share(opened->data) > 0))
        return say_usage("--test-split is for tables and image files without a test part: %s is none", name);
    return EXIT_DONE;
}

/* Twice where it must be: whether a table is the one that training divided is known only by its rows and classes, when it
 * has been read; if it is not, it is read anew, as one that nobody knows. */
static int read_data(struct opened *opened, const struct options *options, const char *name) {
    nudge_error error;
    int status = check_data_options(options, name);
    if (status) return status;
    nudge_data_options how = options->data;
    how.seed = name_is_builtin(name) ? options->data_seed : options->seed;
    how.net = known_net(opened);
    how.new_targets = opened->from != NULL;
    if (!isnan(options->val_split)) how.validation_split = options->val_split;
    nudge_data_options otherwise = how;
    bool again = split_again(opened, options, name, &how);
    if (nudge_data_open(opened->context, name, &how, &opened->data, &error))
        return say_error(&error, SAY_READING);
    if (again && !is_same_table(opened)) {
        how = otherwise;
        again = false;
        nudge_data_free(opened->data);
        opened->data = NULL;
        if (nudge_data_open(opened->context, name, &how, &opened->data, &error))
            return say_error(&error, SAY_READING);
    }
    status = files_read_data(opened->data);
    if (!status) status = check_used(opened, options, name);
    if (status) return status;
    opened->divided = again && nudge_data_test_share(opened->data) > 0;
    opened->split_seed = how.seed;
    if (opened->divided && !options->quiet)
        fprintf(stderr,
                "nudge: %s: divided as in training (--test-split %g --seed %llu): its test rows were not "
                "learnt from\n",
                name, nudge_data_test_share(opened->data), (unsigned long long)how.seed);
    for (size_t i = 0; opened->net && nudge_data_remark(opened->data, i); i++)
        say_remark((void *)&options->quiet, nudge_data_remark(opened->data, i));
    if (isnan(options->val_split) || nudge_data_rows(opened->data, NUDGE_PART_VALIDATION)) return EXIT_DONE;
    if (nudge_data_split(opened->data, options->val_split, options->seed, &error))
        return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

/* The net after a step that is no snapshot. */
struct replayed {
    struct opened *opened;
    nudge_net *net;
    nudge_error *error;
    nudge_status status;
};

static bool take_replayed(void *user, size_t step, const nudge_net *net) {
    struct replayed *replayed = user;
    (void)step;
    replayed->status = nudge_net_clone(replayed->opened->context, net, &replayed->net, replayed->error);
    return replayed->status == NUDGE_OK;
}

/* Trains the step that was asked for again, on the data that have just been read. */
static int replay(struct opened *opened, const struct options *options) {
    nudge_error error;
    struct replayed replayed = {opened, NULL, &error, NUDGE_OK};
    size_t step = opened->journal_step;
    nudge_status status = nudge_journal_replay(opened->context, opened->journal, opened->data, step, step,
                                               take_replayed, &replayed, &error);
    if (!status) status = replayed.status;
    if (status || !replayed.net)
        return say_usage("%s: step %zu is no snapshot, and cannot be trained again: %s",
                         options->model ? options->model : options->operands[0], step, error.message);
    nudge_net_free(opened->net);
    opened->net = replayed.net;
    opened->owes_step = false;
    return EXIT_DONE;
}

int open_data(struct opened *opened, const struct options *options, const char *name) {
    int status = read_data(opened, options, name);
    return status || !opened->owes_step ? status : replay(opened, options);
}

/* -- journals -- */

/* "run.journal@120", where there is no file of that name: the length of the name before the @; 0: it is none. */
static size_t split_step(const char *path, size_t *step) {
    const char *at = strrchr(path, '@');
    char *end;
    if (!at || at == path || access(path, F_OK) == 0 || !(at[1] >= '0' && at[1] <= '9')) return 0;
    errno = 0;
    *step = (size_t)strtoull(at + 1, &end, 10);
    return *end || errno ? 0 : (size_t)(at - path);
}

/* The net as the snapshot of this step has it. With snapshots of steps 0, 64 and 128, step 100 has none: who reads the data
 * next gets it by training steps 65 to 100 again, others are told of 64 and 128. */
static int take_snapshot(struct opened *opened, const char *path, size_t step) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    size_t i = 0, found = 0, before = 0;
    if (nudge_journal_describe(opened->journal, &summary, &error)) return say_error(&error, SAY_READING);
    for (; i < summary.snapshots; i++, before = found) {
        if (nudge_journal_snapshot(opened->journal, i, &found, NULL, 0, &error))
            return say_error(&error, SAY_READING);
        if (found >= step) break;
    }
    if (step > summary.steps) return say_usage("%s: the last step was %zu", path, summary.steps);
    opened->journal_step = step;
    if (found != step && opened->replays) {
        opened->owes_step = true;
        return EXIT_DONE;
    }
    if (found < step)
        return say_usage("%s: there is no snapshot of step %zu, the last is that of step %zu", path, step,
                         found);
    if (found > step)
        return say_usage("%s: there is no snapshot of step %zu, the nearest are those of steps %zu and %zu; "
                         "where DATA is given, as to eval and explain, it is made again",
                         path, step, before, found);
    nudge_status status = nudge_journal_restore(opened->journal, i, opened->net, &error);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

static int open_journal(struct opened *opened, const char *path, const char *file, const size_t *step) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    int status = files_read(file);
    if (status) return status;
    if (nudge_journal_load(opened->context, file, &opened->journal, &error) ||
        nudge_journal_describe(opened->journal, &summary, &error) ||
        nudge_net_clone(opened->context, nudge_journal_net(opened->journal), &opened->net, &error))
        return say_error(&error, SAY_READING);
    opened->step_given = step != NULL;
    if (step) return take_snapshot(opened, path, *step);
    return nudge_journal_snapshot(opened->journal, summary.snapshots - 1, &opened->journal_step, NULL, 0,
                                  &error)
               ? say_error(&error, SAY_READING)
               : EXIT_DONE;
}

int open_net(struct opened *opened, const char *path) {
    size_t step, length = split_step(path, &step);
    nudge_error error;
    if (length) {
        char *file = strndup(path, length);
        int status =
            file ? open_journal(opened, path, file, &step) : say_failure("not enough memory: for a name");
        free(file);
        return status;
    }
    if (nudge_journal_is(opened->context, path)) return open_journal(opened, path, path, NULL);
    if (nudge_net_load(opened->context, path, &opened->net, &error))
        return nudge_import_is(opened->context, path)
                   ? say_usage(
                         "%s: is a safetensors file, but no model of nudge: nudge train DATA --from FILE "
                         "goes on from one of another program",
                         path)
                   : say_error(&error, SAY_READING);
    return files_read(path);
}

int open_cost(struct opened *opened, const struct options *options) {
    nudge_error error;
    double delta;
    nudge_cost cost = nudge_net_cost(opened->net, &delta);
    if (options->cost == NUDGE_COST_AUTO && isnan(options->huber_delta)) return EXIT_DONE;
    if (options->cost != NUDGE_COST_AUTO && options->cost != cost) {
        cost = options->cost;
        delta = 1;
    }
    if (!isnan(options->huber_delta)) delta = options->huber_delta;
    return nudge_net_set_cost(opened->net, cost, delta, &error) ? say_error(&error, SAY_READING) : EXIT_DONE;
}

void open_close(struct opened *opened) {
    nudge_journal_free(opened->journal);
    nudge_net_free(opened->net);
    nudge_net_free(opened->from);
    free(opened->taken);
    nudge_data_free(opened->data);
    nudge_context_free(opened->context);
    *opened = (struct opened){.net = NULL};
}

const char *part_name(nudge_part part) {
    return part == NUDGE_PART_TRAIN ? "training" : part == NUDGE_PART_VALIDATION ? "validation" : "test";
}

int open_part(const struct opened *opened, const struct options *options, nudge_part *part) {
    nudge_part chosen = options->part;
    if (!options->part_given && nudge_data_rows(opened->data, chosen) == 0)
        chosen = chosen == NUDGE_PART_TRAIN ? NUDGE_PART_TEST : NUDGE_PART_TRAIN;
    if (nudge_data_rows(opened->data, chosen) == 0) {
        return say_usage("%s has no %s part%s", nudge_data_name(opened->data), part_name(chosen),
                         chosen == NUDGE_PART_VALIDATION ? ": it exists only with --val-split" : "");
    }
    *part = chosen;
    return EXIT_DONE;
}

/* -- names -- */

bool data_is_builtin(const nudge_data *data) {
    return name_is_builtin(nudge_data_name(data));
}

void data_short_name(const nudge_data *data, char *name, size_t room) {
    const char *full = nudge_data_name(data);
    size_t length = strlen(full);
    while (length > 1 && full[length - 1] == '/') length--;
    size_t begin = length;
    while (begin > 0 && full[begin - 1] != '/') begin--;
    if (data_is_builtin(data)) begin = 0; /* the slash of "digits:60000/10000" parts no folders */
    format_text(name, room, "%.*s", (int)(length - begin), full + begin);
}

/* A single output tells two classes apart. */
static size_t answers_of(const nudge_net *net) {
    size_t outputs = nudge_net_outputs(net);
    return outputs == 1 ? 2 : outputs;
}

size_t net_classes(const nudge_net *net) {
    return nudge_net_label(net, 0) ? answers_of(net) : 0;
}

size_t answered_classes(const struct opened *opened) {
    return nudge_data_classes(opened->data) ? answers_of(opened->net) : 0;
}

const char *net_mode(const nudge_net *net) {
    bool drops = strstr(nudge_net_text(net), "dropout"),
         normalises = strstr(nudge_net_text(net), "batch-norm");
    return drops && normalises ? "as in prediction: nothing is dropped, batch-norm has its running statistics"
           : drops             ? "as in prediction: nothing is dropped"
           : normalises        ? "as in prediction: batch-norm has its running statistics"
                               : NULL;
}

bool net_shares_one(const nudge_net *net) {
    nudge_layer last = NUDGE_LAYER;
    last.activation = "";
    nudge_net_layer(net, nudge_net_layers(net), &last);
    return strcmp(last.activation, "softmax") == 0 ||
           (last.outputs == 1 && strcmp(last.activation, "sigmoid") == 0);
}

struct label net_class_name(const nudge_net *net, size_t class_index) {
    struct label label;
    const char *name = nudge_net_label(net, class_index);
    if (name)
        format_text(label.text, sizeof label.text, "%s", safe_short(name, 40).text);
    else
        format_text(label.text, sizeof label.text, "%zu", class_index);
    return label;
}

struct label net_input_name(const nudge_net *net, size_t input) {
    struct label name;
    nudge_column column = NUDGE_COLUMN;
    format_text(name.text, sizeof name.text, "%zu", input);
    for (size_t c = 0; nudge_net_columns(net, c, &column); c++) {
        size_t k = input - column.first;
        if (input < column.first || k >= column.inputs) continue;
        bool category = column.kind == NUDGE_COLUMN_CATEGORY && k < column.category_count,
             missing = column.flag && k + 1 == column.inputs;
        format_text(name.text, sizeof name.text, "%s%s%s", safe_short(column.name, 40).text,
                    category  ? " = "
                    : missing ? text_word(" is missing")
                              : "",
                    category ? safe_short(column.categories[k], 40).text : "");
    }
    return name;
}

struct label target_name(const nudge_net *net, size_t output) {
    struct label label = {""};
    nudge_column column = NUDGE_COLUMN;
    for (size_t c = 0, targets = 0; nudge_net_columns(net, c, &column); c++)
        if (column.role == NUDGE_COLUMN_TARGET && targets++ == output)
            format_text(label.text, sizeof label.text, "%s", safe_short(column.name, 40).text);
    return label;
}

json_t *json_class(const nudge_net *net, size_t class_index) {
    const char *label = nudge_net_label(net, class_index);
    return json_text(label ? label : net_class_name(net, class_index).text);
}
