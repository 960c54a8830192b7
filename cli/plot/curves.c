/* nudge plot curves: how trainings went, from the JSON lines that nudge train --json writes. Of those the epochs count,
 *     {"event":"epoch","epoch":1,"train_cost":0.31,"train_accuracy":0.91,"val_cost":null,...}
 * and null, as of a part that there is not, is NaN here: a curve has a gap there, or is left out. */
#include "cli/plot/plot.h"
#include "cli/tell/files.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <errno.h>
#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

PICTURE_DRAWING(charts)

static const char *const part_words[] = {"training", "validation", "test"};

/* -- a training's history -- */

static bool grow_history(struct plot_history *run) {
    double **arrays[] = {&run->epochs,      &run->cost[0],     &run->cost[1],    &run->cost[2],
                         &run->accuracy[0], &run->accuracy[1], &run->accuracy[2]};
    if (run->count < run->room) return true;
    size_t room = run->room ? 2 * run->room : 64;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        double *larger = realloc(*arrays[i], room * sizeof **arrays[i]);
        if (!larger) return false;
        *arrays[i] = larger;
    }
    run->room = room;
    return true;
}

bool plot_history_add(struct plot_history *run, const struct plot_figures *figures) {
    if (!grow_history(run)) return false;
    run->epochs[run->count] = figures->epoch;
    for (size_t p = 0; p < PLOT_PARTS; p++) {
        run->cost[p][run->count] = figures->cost[p];
        run->accuracy[p][run->count] = figures->accuracy[p];
    }
    run->count++;
    return true;
}

void plot_history_free(struct plot_history *run) {
    free(run->epochs);
    for (size_t p = 0; p < PLOT_PARTS; p++) {
        free(run->cost[p]);
        free(run->accuracy[p]);
    }
    *run = (struct plot_history){.path = run->path};
}

/* -- reading -- */

static double figure(const json_t *line, const char *name) {
    const json_t *value = json_object_get(line, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static int take_line(struct plot_history *run, const char *text, size_t number) {
    static const char *const costs[] = {"train_cost", "val_cost", "test_cost"};
    static const char *const accuracies[] = {"train_accuracy", "val_accuracy", "test_accuracy"};
    if (text[strspn(text, " \t\r\n")] == 0) return EXIT_DONE;
    json_t *line;
    if (!json_read(text, &line))
        return say_failure("not enough memory: for line %zu of %s", number, run->path);
    if (!json_is_object(line)) {
        json_read_end();
        return say_usage("%s: line %zu: expected a JSON object, as nudge train --json writes them", run->path,
                         number);
    }
    const char *event = json_string_value(json_object_get(line, "event"));
    int status = EXIT_DONE;
    if (event && strcmp(event, "epoch") == 0) {
        struct plot_figures figures = {.epoch = figure(line, "epoch")};
        for (size_t p = 0; p < PLOT_PARTS; p++) {
            figures.cost[p] = figure(line, costs[p]);
            figures.accuracy[p] = 100 * figure(line, accuracies[p]);
        }
        if (isnan(figures.epoch))
            status = say_usage("%s: line %zu: an epoch without its number", run->path, number);
        else if (!plot_history_add(run, &figures))
            status = say_failure("not enough memory: for the curves of %s", run->path);
    }
    json_read_end();
    return status;
}

/* A file, or a pipe as of <(nudge train ... --json): what never ends is refused. */
static int open_run(const char *path, FILE **file) {
    struct stat there;
    *file = strcmp(path, "-") == 0 ? stdin : NULL;
    if (*file) return files_read(path);
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode) && !S_ISFIFO(there.st_mode))
        return say_usage("%s: is a %s, expected a file with the output of nudge train --json", path,
                         S_ISDIR(there.st_mode) ? "folder" : "device");
    int status = files_read(path);
    if (status) return status;
    *file = fopen(path, "re");
    return *file ? EXIT_DONE : say_unreadable(path, errno);
}

/* A line of an epoch has some 300 bytes. */
enum { MOST_LINE = 16384 };

static int read_run(struct plot_history *run, const char *path) {
    char line[MOST_LINE];
    size_t number = 0;
    FILE *file;
    run->path = path;
    int status = open_run(path, &file);
    if (status) return status;
    while (!status && fgets(line, sizeof line, file)) {
        number++;
        bool whole = strchr(line, '\n') || feof(file); /* else too long, or with a byte 0 */
        status =
            !whole
                ? say_usage(
                      "%s: line %zu: longer than %d bytes, or no text: expected a line of nudge train --json",
                      path, number, MOST_LINE - 2)
                : take_line(run, line, number);
    }
    if (!status && ferror(file)) status = say_failure("%s: cannot be read: %s", path, strerror(errno));
    if (!status && run->count == 0)
        status = say_usage("%s: no epoch found, expected the output of nudge train --json", path);
    if (file != stdin) fclose(file);
    return status;
}

/* -- drawing -- */

static bool any(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) return true;
    return false;
}

struct curves {
    struct plot_history *runs;
    size_t run_count, used;
    struct draw_curve list[2 * DRAW_SERIES * PLOT_PARTS];
    char names[2 * DRAW_SERIES * PLOT_PARTS][256];
};

/* Several runs have a colour each and their parts a style; the parts of one run a colour each. */
static void add_curves(struct curves *curves, struct draw_chart *chart, bool accuracy) {
    static const enum draw_style styles[] = {DRAW_DOTTED, DRAW_DASHED, DRAW_SOLID};
    bool many = curves->run_count > 1;
    chart->curves = curves->list + curves->used;
    chart->count = 0;
    for (size_t r = 0; r < curves->run_count; r++) {
        struct plot_history *run = &curves->runs[r];
        for (unsigned p = 0; p < PLOT_PARTS; p++) {
            const double *values = accuracy ? run->accuracy[p] : run->cost[p];
            char *name = curves->names[curves->used];
            if (!any(values, run->count)) continue;
            if (many)
                format_text(name, sizeof *curves->names, "%s, %s",
                            safe_short(plot_file_name(run->path).text, 50).text, word(part_words[p]));
            else
                format_text(name, sizeof *curves->names, "%s", word(part_words[p]));
            curves->list[curves->used++] = (struct draw_curve){
                name, run->epochs, values, run->count, many ? (unsigned)r : p, many ? styles[p] : DRAW_SOLID};
            chart->count++;
        }
    }
}

int plot_histories(struct plot *plot, struct plot_history *runs, size_t count) {
    struct curves *curves = calloc(1, sizeof *curves);
    if (!curves) return say_failure("not enough memory: for the curves");
    curves->runs = runs;
    curves->run_count = count;
    struct draw_chart list[2] = {
        {.title = word("cost"),
         .x_label = word("epoch"),
         .y_label = word("cost (logarithmic)"),
         .y_log = true},
        {.title = word("accuracy"), .x_label = word("epoch"), .y_label = word("right answers, %")}};
    list[0].x_whole = list[1].x_whole = true;
    add_curves(curves, &list[0], false);
    add_curves(curves, &list[1], true);
    struct safe_text file = plot_file_name(runs[0].path);
    struct draw_charts charts = {.title = count > 1 ? word("Trainings compared") : file.text,
                                 .charts = list,
                                 .count = list[1].count ? 2 : 1};
    int status = plot_write(plot, charts_picture, &charts);
    free(curves);
    return status;
}

/* -- in the terminal -- */

enum { TEXT_ROWS = 8, TEXT_COLUMNS = 64 };

/* The column's number: the mean of the epochs that fall on it. */
static double column_value(const double *values, size_t count, size_t columns, size_t column) {
    size_t first = column * count / columns, end = (column + 1) * count / columns, used = 0;
    double sum = 0;
    for (size_t i = first; i < end || i == first; i++)
        if (isfinite(values[i])) {
            sum += values[i];
            used++;
        }
    return used ? sum / (double)used : NAN;
}

/* One line of blocks: each column is filled up to its number, by eighths of a cell. */
static void print_blocks(const double *columns, size_t count, double low, double high, size_t line,
                         bool utf8) {
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    for (size_t c = 0; c < count; c++) {
        double share = high > low ? (columns[c] - low) / (high - low) : 1;
        double cells = (0.05 + 0.95 * share) * TEXT_ROWS - (double)(TEXT_ROWS - 1 - line);
        int filled = isnan(cells) || cells <= 0 ? 0 : cells >= 1 ? 8 : (int)(cells * 8 + 0.5);
        fputs(utf8 ? eighths[filled] : filled >= 4 ? "#" : " ", stdout);
    }
}

void plot_curve_text(const char *name, const char *unit, const double *x, const double *values,
                     size_t points) {
    double columns[TEXT_COLUMNS], low = INFINITY, high = -INFINITY;
    size_t count = points < TEXT_COLUMNS ? points : TEXT_COLUMNS;
    if (!any(values, points)) return;
    for (size_t c = 0; c < count; c++) {
        columns[c] = column_value(values, points, count, c);
        if (columns[c] < low) low = columns[c];
        if (columns[c] > high) high = columns[c];
    }
    putchar('\n');
    printf(word("%s: %s at %s %.0f, %s at %s %.0f\n"), name, number_short(values[0], 4).text, unit, x[0],
           number_short(values[points - 1], 4).text, unit, x[points - 1]);
    for (size_t line = 0; line < TEXT_ROWS; line++) {
        struct number_text label = {""};
        if (line == 0) label = number_short(high, 4);
        if (line == TEXT_ROWS - 1) label = number_short(low, 4);
        printf("%10s ", label.text);
        print_blocks(columns, count, low, high, line, terminal_utf8());
        putchar('\n');
    }
}

static void print_run(const struct plot_history *run) {
    char name[400];
    for (size_t p = 0; p < PLOT_PARTS; p++) {
        format_text(name, sizeof name, word("%s, %s cost"), plot_file_name(run->path).text,
                    word(part_words[p]));
        plot_curve_text(name, word("epoch"), run->epochs, run->cost[p], run->count);
        format_text(name, sizeof name, word("%s, %s accuracy in %%"), plot_file_name(run->path).text,
                    word(part_words[p]));
        plot_curve_text(name, word("epoch"), run->epochs, run->accuracy[p], run->count);
    }
}

/* -- all of it -- */

static int plot_curves(struct plot *plot) {
    struct plot_history runs[DRAW_SERIES] = {{0}};
    size_t count = plot->options.operand_count, journals = 0;
    int status = open_context(&plot->opened, &plot->options);
    if (status) return status;
    for (size_t r = 0; r < count; r++)
        journals += nudge_journal_is(plot->opened.context, plot->options.operands[r]);
    if (journals == count) return plot_journals(plot);
    if (journals > 0)
        return say_usage("some of these are journals and some are not: expected one kind, to compare them");
    for (size_t r = 0; !status && r < count; r++) status = read_run(&runs[r], plot->options.operands[r]);
    for (size_t r = 0; !status && plot->text && r < count; r++) print_run(&runs[r]);
    if (!status && plot->options.file) status = plot_histories(plot, runs, count);
    for (size_t r = 0; r < count; r++) plot_history_free(&runs[r]);
    return status;
}

static int run_curves(int argc, char **argv) {
    return plot_run(&verb_plot_curves, PLOT_FILES, true, argc, argv, plot_curves);
}

static const struct argp_child children[] = {{&options_plot, 0, "Picture", 0},
                                             {&options_language, 0, NULL, 0},
                                             {&options_plot_text, 0, NULL, 0},
                                             {&options_help, 0, "Help", 0},
                                             {0}};
static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_plot_curves = {
    .name = "plot curves",
    .operands = "RUN... -o FILE | --text",
    .summary = "cost and accuracy over one or several trainings",
    .details = "Shows cost and accuracy of the training, validation and test rows, epoch by epoch. RUN is a "
               "file with "
               "the output of nudge train --json, or - for standard input; up to eight are compared.\n"
               "Of journals, which nudge train --journal keeps, cost and gradients of the mini-batches step "
               "by step.",
    .examples = "nudge train digits --json > run.jsonl\n"
                "nudge plot curves run.jsonl -o curves.svg\n"
                "nudge train digits --json | nudge plot curves - --text\n"
                "nudge plot curves run.journal -o steps.svg",
    .argp = &argp,
    .run = run_curves,
};
