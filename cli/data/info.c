/* nudge data info: what a data set holds, column by column, and what is wrong with it, for people and for programs. */
#include "cli/data/data.h"

#include "cli/tell/findings.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS = 3,
    MOST_CLASSES = 100,
    MOST_COLUMNS = 100,
    MOST_CATEGORIES = 3,
    NAME_LEAST = 6,
    NAME_MOST = 24,
    CELLS = 7 /* of a column: its name, .., before the histogram */
};

static const nudge_part parts[PARTS] = {NUDGE_PART_TRAIN, NUDGE_PART_VALIDATION, NUDGE_PART_TEST};

struct info {
    struct options options;
    struct opened opened;
    const nudge_data *data;
    nudge_survey *survey;
    bool table, pixels;
};

/* -- what it is -- */

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

/* The range of all features, or all targets of numbers. */
static void print_range(const struct info *info, const char *name, nudge_column_role role) {
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    double low = INFINITY, high = -INFINITY, sum = 0, count = 0;
    for (size_t i = 0; nudge_survey_columns(info->survey, i, &column); i++) {
        double rows = (double)(column.rows - column.missing);
        if (column.role != role || column.kind != NUDGE_COLUMN_NUMBER || rows == 0) continue;
        low = fmin(low, column.low);
        high = fmax(high, column.high);
        sum += column.mean * rows;
        count += rows;
    }
    if (count > 0) printf("%-11s%.6g to %.6g, mean %.6g\n", name, low, high, sum / count);
}

static void print_shape(const struct info *info) {
    const nudge_data *data = info->data;
    size_t height, width, targets = nudge_data_targets(data);
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
        printf("targets    %zu number%s a row\n", targets, targets == 1 ? "" : "s");
    printf("memory     %s", number_bytes(bytes_of(data, false)).text);
    if (bytes_of(data, true) > 0)
        printf("; %s stay in their files (--memory)", number_bytes(bytes_of(data, true)).text);
    putchar('\n');
    if (info->table) return;
    print_range(info, "values", NUDGE_COLUMN_FEATURE);
    print_range(info, "targets", NUDGE_COLUMN_TARGET);
}

/* -- columns -- */

struct cell {
    char text[64];
};

static const char *role_word(nudge_column_role role) {
    static const char *const words[] = {
        [NUDGE_COLUMN_FEATURE] = "feature", [NUDGE_COLUMN_TARGET] = "target",
        [NUDGE_COLUMN_ID] = "id",           [NUDGE_COLUMN_WEIGHT] = "weight",
        [NUDGE_COLUMN_SPLIT] = "split",     [NUDGE_COLUMN_IGNORED] = "ignored"};
    return words[role];
}

static const char *kind_word(nudge_column_kind kind) {
    return kind == NUDGE_COLUMN_CATEGORY ? "category" : "number";
}

static void name_column(const struct info *info, size_t i, const nudge_survey_column *column,
                        struct cell *cell) {
    size_t features = nudge_data_features(info->data);
    if (column->name)
        format_text(cell->text, sizeof cell->text, "%s", safe_short(column->name, NAME_MOST).text);
    else if (column->role == NUDGE_COLUMN_FEATURE)
        format_text(cell->text, sizeof cell->text, "%zu", i);
    else if (column->kind == NUDGE_COLUMN_CATEGORY)
        format_text(cell->text, sizeof cell->text, "class");
    else
        format_text(cell->text, sizeof cell->text, "target %zu", i - features);
}

/* A column's cells: its name, what it is, how many are missing; of numbers the lowest, highest, mean and deviation. */
static void fill_cells(const struct info *info, size_t i, const nudge_survey_column *column,
                       struct cell cells[CELLS]) {
    const double figures[] = {column->low, column->high, column->mean, column->deviation};
    bool feature = column->role == NUDGE_COLUMN_FEATURE;
    memset(cells, 0, CELLS * sizeof *cells);
    name_column(info, i, column, &cells[0]);
    format_text(cells[1].text, sizeof cells[1].text, "%s",
                feature && column->kept ? kind_word(column->kind)
                : feature               ? "empty"
                                        : role_word(column->role));
    if (!column->kept) return;
    format_text(cells[2].text, sizeof cells[2].text, "%s", number_count(column->missing).text);
    for (size_t k = 0; column->kind == NUDGE_COLUMN_NUMBER && k < sizeof figures / sizeof *figures; k++)
        format_text(cells[3 + k].text, sizeof cells[3 + k].text, "%s", number_short(figures[k], 4).text);
}

/* 16 bins, each as high as it has rows; a bin with any is seen. */
static void print_histogram(const nudge_survey_column *column, bool utf8) {
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char letters[] = " .:-=+*#@";
    enum { LEVELS = sizeof blocks / sizeof *blocks - 1 };
    uint64_t most = 1;
    size_t last = 0;
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++) {
        if (column->bins[b] > most) most = column->bins[b];
        if (column->bins[b]) last = b;
    }
    for (size_t b = 0; b <= last; b++) {
        size_t level = (size_t)ceil((double)column->bins[b] / (double)most * LEVELS);
        if (utf8)
            fputs(blocks[level], stdout);
        else
            putchar(letters[level]);
    }
}

/* The most frequent categories, the first of those that are as frequent first: how many, in order. */
static size_t most_frequent(const nudge_survey_column *column, size_t order[MOST_CATEGORIES]) {
    size_t found = 0;
    for (size_t i = 0; i < column->category_count; i++) {
        size_t place = found;
        while (place > 0 && column->counts[order[place - 1]] < column->counts[i]) place--;
        if (place == MOST_CATEGORIES || column->counts[i] == 0) continue;
        if (found < MOST_CATEGORIES) found++;
        for (size_t k = found - 1; k > place; k--) order[k] = order[k - 1];
        order[place] = i;
    }
    return found;
}

static struct label category_name(const struct info *info, const nudge_survey_column *column, size_t i) {
    struct label label;
    const char *name = column->role == NUDGE_COLUMN_TARGET ? nudge_data_label_name(info->data, i)
                       : column->categories                ? column->categories[i]
                                                           : NULL;
    if (name)
        format_text(label.text, sizeof label.text, "%s", safe_short(name, NAME_MOST).text);
    else
        format_text(label.text, sizeof label.text, "%zu", i);
    return label;
}

/* As many of the most frequent ones as there is room for, the first at least. */
static void print_categories(const struct info *info, const nudge_survey_column *column, size_t width) {
    size_t order[MOST_CATEGORIES], count = most_frequent(column, order);
    char text[MOST_CATEGORIES * 256 + 64] = "";
    do {
        size_t used = 0;
        for (size_t k = 0; k < count; k++) {
            format_text(text + used, sizeof text - used, "%s%s %s", k ? ", " : "",
                        category_name(info, column, order[k]).text,
                        number_count(column->counts[order[k]]).text);
            used = strlen(text);
        }
        if (column->distinct > count)
            format_text(text + used, sizeof text - used, ", %zu more", column->distinct - count);
    } while (safe_columns(text) > width && count-- > 1);
    fputs(text, stdout);
}

/* How wide the cells are, with their headings; returns how many columns are shown. */
static size_t measure_cells(const struct info *info, const char *const headings[CELLS], int widths[CELLS]) {
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    struct cell cells[CELLS];
    size_t i = 0;
    for (size_t k = 0; k < CELLS; k++) widths[k] = (int)strlen(headings[k]);
    for (; i < MOST_COLUMNS && nudge_survey_columns(info->survey, i, &column); i++) {
        fill_cells(info, i, &column, cells);
        for (size_t k = 0; k < CELLS; k++) {
            int width = (int)safe_columns(cells[k].text);
            if (width > widths[k]) widths[k] = width;
        }
    }
    return i;
}

/* Names give way where a terminal is narrow. */
static void fit_names(int widths[CELLS]) {
    if (!terminal_is(stdout)) return;
    int all = NUDGE_SURVEY_BINS + 2 * CELLS, columns = (int)terminal_columns(stdout);
    for (size_t k = 0; k < CELLS; k++) all += widths[k];
    if (all > columns) widths[0] -= all - columns;
    if (widths[0] < NAME_LEAST) widths[0] = NAME_LEAST;
}

static void print_headings(const char *const headings[CELLS], const int widths[CELLS]) {
    putchar('\n');
    for (size_t k = 0; k < CELLS; k++) {
        fputs(k ? "  " : "", stdout);
        print_cell(stdout, headings[k], k < 2 ? -widths[k] : widths[k]);
    }
    puts("  histogram");
}

/* Categories stand where numbers have their figures and the histogram. */
static void print_column(const struct info *info, size_t i, const nudge_survey_column *column,
                         const int widths[CELLS], bool utf8) {
    bool category = column->kind == NUDGE_COLUMN_CATEGORY;
    int room = NUDGE_SURVEY_BINS + 2 * 4 + widths[3] + widths[4] + widths[5] + widths[6];
    struct cell cells[CELLS];
    fill_cells(info, i, column, cells);
    print_cell(stdout, cells[0].text, -widths[0]);
    fputs("  ", stdout);
    if (!column->kept) {
        puts(cells[1].text);
        return;
    }
    print_cell(stdout, cells[1].text, -widths[1]);
    for (size_t k = 2; k < (category ? 3 : CELLS); k++) {
        fputs("  ", stdout);
        print_cell(stdout, cells[k].text, widths[k]);
    }
    fputs("  ", stdout);
    if (category)
        print_categories(info, column, (size_t)room);
    else
        print_histogram(column, utf8);
    putchar('\n');
}

static void print_columns(const struct info *info) {
    static const char *const headings[CELLS] = {"column",  "kind", "missing", "lowest",
                                                "highest", "mean", "sd"};
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    int widths[CELLS];
    size_t shown = measure_cells(info, headings, widths), more = shown;
    bool utf8 = terminal_utf8();
    fit_names(widths);
    print_headings(headings, widths);
    for (size_t i = 0; i < shown && nudge_survey_columns(info->survey, i, &column); i++)
        print_column(info, i, &column, widths, utf8);
    while (nudge_survey_columns(info->survey, more, &column)) more++;
    if (more > shown) printf("and %s more: --json has them\n", number_count(more - shown).text);
}

/* -- classes -- */

static struct label class_label(const nudge_data *data, size_t class_index) {
    struct label label;
    const char *name = nudge_data_label_name(data, class_index);
    if (name)
        format_text(label.text, sizeof label.text, "%s", safe_short(name, NAME_MOST).text);
    else
        format_text(label.text, sizeof label.text, "%zu", class_index);
    return label;
}

static void print_classes(const struct info *info) {
    const nudge_data *data = info->data;
    size_t classes = nudge_data_classes(data), width = strlen("class");
    for (size_t c = 0; c < classes && c < MOST_CLASSES; c++) {
        size_t columns = safe_columns(class_label(data, c).text);
        if (columns > width) width = columns;
    }
    printf("\n%-*s", (int)width, "class");
    for (size_t p = 0; p < PARTS; p++)
        if (nudge_data_rows(data, parts[p])) printf("%12s", part_name(parts[p]));
    putchar('\n');
    for (size_t c = 0; c < classes && c < MOST_CLASSES; c++) {
        print_cell(stdout, class_label(data, c).text, -(int)width);
        for (size_t p = 0; p < PARTS; p++)
            if (nudge_data_rows(data, parts[p]))
                printf("%12s", number_count(nudge_survey_class_rows(info->survey, parts[p], c)).text);
        putchar('\n');
    }
    if (classes > MOST_CLASSES) printf("and %s more\n", number_count(classes - MOST_CLASSES).text);
}

/* -- for people -- */

static int print_info(const struct info *info) {
    nudge_finding finding = NUDGE_FINDING;
    print_shape(info);
    for (size_t i = 0; nudge_data_remark(info->data, i); i++) {
        printf(i ? "%-11s" : "remarks%4s", "");
        print_wrapped(stdout, safe(nudge_data_remark(info->data, i)).text, 11, 11);
    }
    if (!info->pixels) print_columns(info);
    if (nudge_data_classes(info->data)) print_classes(info);
    for (size_t i = 0; nudge_survey_finding(info->survey, i, &finding); i++) {
        if (i == 0) putchar('\n');
        finding_print(&finding, stdout);
    }
    if (info->table && !nudge_survey_finding(info->survey, 0, &finding)) puts("\nfindings  none");
    return EXIT_DONE;
}

/* -- for programs -- */

static json_t *classes_json(const struct info *info) {
    json_t *list = json_array();
    for (size_t c = 0; c < nudge_data_classes(info->data); c++) {
        const char *name = nudge_data_label_name(info->data, c);
        json_t *object = json_object();
        json_add(object, "label", json_text(name ? name : class_label(info->data, c).text));
        for (size_t p = 0; p < PARTS; p++)
            json_add(object, part_name(parts[p]),
                     json_count(nudge_survey_class_rows(info->survey, parts[p], c)));
        json_append(list, object);
    }
    return list;
}

static void add_numbers(json_t *object, const nudge_survey_column *column) {
    json_t *bins = json_array();
    json_add(object, "lowest", json_figure(column->low));
    json_add(object, "highest", json_figure(column->high));
    json_add(object, "mean", json_figure(column->mean));
    json_add(object, "deviation", json_figure(column->deviation));
    json_add(object, "distinct", json_count(column->distinct));
    json_add(object, "more", json_boolean(column->more));
    for (size_t b = 0; b < NUDGE_SURVEY_BINS; b++) json_append(bins, json_count(column->bins[b]));
    json_add(object, "histogram", bins);
}

static void add_categories(const struct info *info, json_t *object, const nudge_survey_column *column) {
    json_t *list = json_array();
    json_add(object, "distinct", json_count(column->distinct));
    for (size_t i = 0; i < column->category_count; i++) {
        json_t *category = json_object();
        const char *name = column->categories ? column->categories[i] : NULL;
        json_add(category, "name", json_text(name ? name : category_name(info, column, i).text));
        json_add(category, "rows", json_count(column->counts[i]));
        json_append(list, category);
    }
    json_add(object, "categories", list);
}

static json_t *column_json(const struct info *info, const nudge_survey_column *column) {
    json_t *object = json_object();
    json_add(object, "name", json_text(column->name));
    json_add(object, "role", json_text(role_word(column->role)));
    if (!column->kept) return object;
    json_add(object, "kind", json_text(kind_word(column->kind)));
    json_add(object, "inputs", json_count(column->inputs));
    json_add(object, "rows", json_count(column->rows));
    json_add(object, "missing", json_count(column->missing));
    json_add(object, "constant", json_boolean(column->constant));
    if (column->kind == NUDGE_COLUMN_NUMBER)
        add_numbers(object, column);
    else
        add_categories(info, object, column);
    return object;
}

static int write_json(const struct info *info) {
    const nudge_data *data = info->data;
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    nudge_finding finding = NUDGE_FINDING;
    json_t *object = json_object(), *columns = json_array(), *findings = json_array(), *rows = json_object();
    json_add(object, "data", json_text(nudge_data_name(data)));
    for (size_t p = 0; p < PARTS; p++)
        json_add(rows, part_name(parts[p]), json_count(nudge_data_rows(data, parts[p])));
    json_add(object, "rows", rows);
    json_add(object, "features", json_count(nudge_data_features(data)));
    json_add(object, "type", json_text(nudge_data_type(data) == NUDGE_TYPE_U8 ? "u8" : "f32"));
    json_add(object, "classes", classes_json(info));
    json_add(object, "targets", json_count(nudge_data_classes(data) ? 0 : nudge_data_targets(data)));
    for (size_t i = 0; !info->pixels && nudge_survey_columns(info->survey, i, &column); i++)
        json_append(columns, column_json(info, &column));
    json_add(object, "columns", columns);
    for (size_t i = 0; nudge_survey_finding(info->survey, i, &finding); i++)
        json_append(findings, finding_json(&finding));
    json_add(object, "findings", findings);
    return json_line(object, stdout, JSON_DIGITS);
}

/* -- all of it -- */

static int show_info(void *state) {
    struct info *info = state;
    nudge_survey_column column = NUDGE_SURVEY_COLUMN;
    nudge_error error;
    info->data = info->opened.data;
    if (nudge_survey_create(info->opened.context, info->data, &info->survey, &error))
        return say_error(&error, SAY_READING);
    nudge_survey_columns(info->survey, 0, &column);
    info->table = column.name != NULL;
    info->pixels = column.more && column.distinct == 0;
    int status = info->options.json ? write_json(info) : print_info(info);
    nudge_survey_free(info->survey);
    return status;
}

static const struct verb_frame frame = {&verb_data_info, {"DATA"}, NEEDS_DATA, NULL, show_info, NULL};

static int run_info(int argc, char **argv) {
    struct info info = {.options = options_none()};
    return verb_run(&frame, &info, &info.opened, argc, argv);
}

static const struct argp_child children[] = {
    {&options_only_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_json, 0, "Result", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_data_info = {
    .name = "data info",
    .operands = "DATA [options]",
    .summary = "say what a data set holds, and what is wrong with it",
    .details =
        "Says how many rows, features and classes a data set has; of a table what is in each column: how "
        "many "
        "values are missing, the range, mean and standard deviation of numbers with a histogram, the most "
        "frequent categories. Then what is conspicuous, and what to try: columns that are constant, the same "
        "as "
        "another, names of rows, or the answer in other words; test rows that are training rows, too; "
        "classes "
        "with few rows; outliers; bytes in the wrong order.",
    .examples =
        "nudge data info digits\nnudge data info ./mnist\nnudge data info titanic.csv --target survived",
    .argp = &argp,
    .run = run_info,
};
