/* nudge plot mistakes, reads and confusion: what a network makes of the rows of a part. A gallery looks for its rows first,
 * a portion at a time through answers.h, and keeps row, answer and confidence of those that are shown; only for these are
 * images (values [tiles][height][width]) and shares ([tiles][classes]) kept. */
#include "cli/open/answers.h"
#include "cli/plot/plot.h"
#include "cli/tell/numbers.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(gallery)
PICTURE_DRAWING(confusion)

/* -- rows and their answers -- */

struct read {
    size_t row, truth, answer;
    double confidence;
};

/* What is gathered for a gallery: rows, their images and shares. */
struct shown {
    struct answers answers;
    struct read *reads;
    struct draw_tile *tiles;
    double *values, *shares;
    const char **names;
    size_t count, room, height, width;
    bool mistakes; /* nothing else: captions are shorter */
};

static bool make_room(struct shown *shown, size_t room) {
    size_t pixels = shown->height * shown->width, classes = shown->answers.classes;
    shown->room = room;
    shown->reads = calloc(room, sizeof *shown->reads);
    shown->tiles = calloc(room, sizeof *shown->tiles);
    shown->values = calloc(room * pixels, sizeof *shown->values);
    shown->shares = calloc(room * (classes ? classes : 1), sizeof *shown->shares);
    shown->names = plot_class_names(shown->answers.net, classes);
    return shown->reads && shown->tiles && shown->values && shown->shares && shown->names;
}

static void free_shown(struct shown *shown) {
    free(shown->reads);
    free(shown->tiles);
    free(shown->values);
    free(shown->shares);
    free(shown->names);
    answers_end(&shown->answers);
}

static int begin_shown(struct shown *shown, const struct plot *plot, size_t room) {
    int status = plot_check_image(plot, &shown->height, &shown->width);
    if (!status && nudge_data_classes(plot->opened.data) == 0)
        status = say_usage("%s: its targets are no classes", nudge_data_name(plot->opened.data));
    if (!status) status = answers_begin(&shown->answers, &plot->opened);
    if (!status && !make_room(shown, room)) status = say_failure("not enough memory: for %zu images", room);
    return status;
}

/* Row r of the portion that stands in `answers`, which is row `row` of the part. */
static struct read read_of(const struct shown *shown, const struct plot *plot, size_t r, size_t row) {
    struct answer answer = answer_of(&shown->answers, r);
    return (struct read){row, (size_t)nudge_data_label(plot->opened.data, plot->part, row),
                         answer.class_index, answer.confidence};
}

/* Two lines: what it is and what was read; which row, and the output that read it so. */
static void caption_tile(struct shown *shown, size_t i) {
    const struct read *read = &shown->reads[i];
    struct draw_tile *tile = &shown->tiles[i];
    format_text(tile->caption, sizeof tile->caption,
                shown->mistakes ? word("%s as %s") : word("%s, read as %s"), shown->names[read->truth],
                shown->names[read->answer]);
    format_text(tile->note, sizeof tile->note, word("row %zu: %s"), read->row,
                answer_figure(&shown->answers, read->confidence, shown->answers.shares ? 0 : 1).text);
}

/* Loads a row's image and shares into tile i. */
static int fill_tile(struct shown *shown, const struct plot *plot, size_t i) {
    size_t pixels = shown->height * shown->width, classes = shown->answers.classes;
    int status = answers_take(&shown->answers, plot->opened.data, plot->part, shown->reads[i].row, 1);
    if (status) return status;
    shown->reads[i] = read_of(shown, plot, 0, shown->reads[i].row);
    struct draw_tile *tile = &shown->tiles[i];
    double *values = shown->values + i * pixels, *shares = shown->shares + i * classes;
    tile->most = nudge_data_type(plot->opened.data) == NUDGE_TYPE_U8 ? 255 : 0;
    for (size_t p = 0; p < pixels; p++) {
        values[p] = (double)shown->answers.features[p];
        if (values[p] > tile->most) tile->most = values[p];
    }
    for (size_t c = 0; c < classes; c++) shares[c] = answer_share(&shown->answers, 0, c);
    tile->values = values;
    tile->shares = shares;
    tile->truth = shown->reads[i].truth;
    caption_tile(shown, i);
    return EXIT_DONE;
}

/* Into the terminal, as many side by side as there is room for. */
static int print_tiles(struct shown *shown, const struct plot *plot) {
    size_t abreast = pictures_abreast(shown->width), columns = pictures_columns(1);
    for (size_t i = 0; i < shown->count; i += abreast) {
        struct captioned pictures[PICTURES_MOST];
        size_t made = 0;
        for (; made < abreast && i + made < shown->count; made++) {
            const struct read *read = &shown->reads[i + made];
            int status = answers_take(&shown->answers, plot->opened.data, plot->part, read->row, 1);
            if (!status &&
                !pictures_take(&pictures[made].picture, plot->opened.data, shown->answers.features, columns))
                status = say_failure("not enough memory: for an image");
            if (status) return status;
            format_text(pictures[made].caption, sizeof pictures[made].caption, "%s, %s",
                        shown->tiles[i + made].caption, shown->tiles[i + made].note);
        }
        pictures_print(pictures, made, shades_for(stdout));
    }
    return EXIT_DONE;
}

static int show_gallery(struct shown *shown, const struct plot *plot, const char *title, const char *subtitle,
                        bool shares) {
    struct draw_gallery gallery = {.title = title,
                                   .subtitle = subtitle,
                                   .height = shown->height,
                                   .width = shown->width,
                                   .tile = shares ? 110 : 92,
                                   .classes = shares ? shown->answers.classes : 0,
                                   .names = shown->names,
                                   .truth_in_green = true,
                                   .tiles = shown->tiles,
                                   .count = shown->count};
    if (plot->text) {
        printf("%s\n%s\n\n", title, subtitle);
        int status = print_tiles(shown, plot);
        if (status) return status;
    }
    return plot_write(plot, gallery_picture, &gallery);
}

/* -- mistakes -- */

/* Keeps the most confident ones, in order. */
static void keep_mistake(struct shown *shown, const struct read *read) {
    size_t at = shown->count < shown->room ? shown->count : shown->room;
    while (at > 0 && read->confidence > shown->reads[at - 1].confidence) at--;
    if (at == shown->room) return;
    if (shown->count < shown->room) shown->count++;
    memmove(shown->reads + at + 1, shown->reads + at, (shown->count - 1 - at) * sizeof *shown->reads);
    shown->reads[at] = *read;
}

static int find_mistakes(struct shown *shown, const struct plot *plot, size_t *wrong) {
    size_t rows = nudge_data_rows(plot->opened.data, plot->part);
    *wrong = 0;
    for (size_t first = 0; first < rows; first += shown->answers.capacity) {
        size_t count = rows - first < shown->answers.capacity ? rows - first : shown->answers.capacity;
        int status = answers_take(&shown->answers, plot->opened.data, plot->part, first, count);
        if (status) return status;
        for (size_t r = 0; r < count; r++) {
            struct read read = read_of(shown, plot, r, first + r);
            if (read.truth == read.answer) continue;
            ++*wrong;
            keep_mistake(shown, &read);
        }
    }
    return EXIT_DONE;
}

int plot_mistakes(struct plot *plot) {
    struct shown shown = {.mistakes = true};
    size_t wrong = 0, rows = nudge_data_rows(plot->opened.data, plot->part);
    char title[400], name[64], subtitle[400];
    int status = begin_shown(&shown, plot,
                             plot->count == COUNT_NOT_GIVEN ? 28
                             : plot->count < rows           ? plot->count
                                                            : rows);
    if (!status) status = find_mistakes(&shown, plot, &wrong);
    for (size_t i = 0; !status && i < shown.count; i++) status = fill_tile(&shown, plot, i);
    data_short_name(plot->opened.data, name, sizeof name);
    format_text(title, sizeof title, word("The worst mistakes of %s"),
                plot_file_name(plot->options.operands[0]).text);
    format_text(subtitle, sizeof subtitle,
                shown.answers.shares
                    ? word("%s, %s rows: %s of %s wrong; true class and answer, row and how sure it was")
                    : word("%s, %s rows: %s of %s wrong; true class and answer, row and output"),
                name, word(part_name(plot->part)), number_count(wrong).text, number_count(rows).text);
    if (!status && wrong == 0) printf(text_word("no mistake in %s rows\n"), number_count(rows).text);
    if (!status) status = show_gallery(&shown, plot, title, subtitle, false);
    free_shown(&shown);
    return status;
}

/* -- reads -- */

int plot_reads(struct plot *plot) {
    struct shown shown = {.count = 0};
    size_t rows = nudge_data_rows(plot->opened.data, plot->part);
    char title[400], subtitle[400], name[64];
    if (plot->index >= rows)
        return say_usage("--index: found %zu, expected 0 to %zu: the %s part of %s has %zu rows", plot->index,
                         rows - 1, part_name(plot->part), nudge_data_name(plot->opened.data), rows);
    size_t wanted = plot->count == COUNT_NOT_GIVEN ? 12 : plot->count;
    if (wanted > rows - plot->index) wanted = rows - plot->index;
    int status = begin_shown(&shown, plot, wanted);
    for (size_t i = 0; !status && i < wanted; i++) {
        shown.reads[i].row = plot->index + i;
        status = fill_tile(&shown, plot, i);
        if (!status) shown.count++;
    }
    data_short_name(plot->opened.data, name, sizeof name);
    format_text(title, sizeof title, word("How %s reads"), plot_file_name(plot->options.operands[0]).text);
    format_text(subtitle, sizeof subtitle,
                word("%s, %s rows: the outputs of each class; green is the true one"), name,
                word(part_name(plot->part)));
    if (!status) status = show_gallery(&shown, plot, title, subtitle, true);
    free_shown(&shown);
    return status;
}

/* -- confusion -- */

int plot_confusion(struct plot *plot) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    nudge_error error;
    size_t classes = answered_classes(&plot->opened);
    char title[400], subtitle[400], name[64];
    if (classes == 0) return say_usage("%s: its targets are no classes", nudge_data_name(plot->opened.data));
    const char **names = plot_class_names(plot->opened.net, classes);
    evaluation.confusion = calloc(classes, classes * sizeof *evaluation.confusion);
    int status =
        names && evaluation.confusion ? EXIT_DONE : say_failure("not enough memory: for the confusion table");
    if (!status && nudge_evaluate(plot->opened.context, plot->opened.net, plot->opened.data, plot->part,
                                  &evaluation, &error))
        status = say_error(&error, SAY_READING);
    data_short_name(plot->opened.data, name, sizeof name);
    format_text(title, sizeof title, word("What %s takes for what"),
                plot_file_name(plot->options.operands[0]).text);
    format_text(subtitle, sizeof subtitle, word("%s, %s %s rows: %s right"), name,
                number_count(evaluation.rows).text, word(part_name(plot->part)),
                number_percent(evaluation.accuracy, 2).text);
    struct draw_confusion picture = {title, subtitle, classes, names, evaluation.confusion};
    if (!status) status = plot_write(plot, confusion_picture, &picture);
    free(evaluation.confusion);
    free(names);
    return status;
}

/* -- the verbs -- */

static const struct argp_child gallery_children[] = {
    {&options_plot, 0, "Picture", 0},  {&options_language, 0, NULL, 0},
    {&options_plot_text, 0, NULL, 0},  {&options_plot_rows, 0, "Data", 0},
    {&options_part, 0, NULL, 0},       {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0}, {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},     {0},
};
static const struct argp_child table_children[] = {
    {&options_plot, 0, "Picture", 0},  {&options_language, 0, NULL, 0},
    {&options_part, 0, "Data", 0},     {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0}, {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},     {0},
};
static const struct argp gallery_argp = {NULL, options_common, NULL, NULL, gallery_children, NULL, NULL};
static const struct argp table_argp = {NULL, options_common, NULL, NULL, table_children, NULL, NULL};

static int run_mistakes(int argc, char **argv) {
    return plot_run(&verb_plot_mistakes, PLOT_MODEL_AND_DATA, true, argc, argv, plot_mistakes);
}
static int run_reads(int argc, char **argv) {
    return plot_run(&verb_plot_reads, PLOT_MODEL_AND_DATA, true, argc, argv, plot_reads);
}
static int run_confusion(int argc, char **argv) {
    return plot_run(&verb_plot_confusion, PLOT_MODEL_AND_DATA, false, argc, argv, plot_confusion);
}

const struct verb verb_plot_mistakes = {
    .name = "plot mistakes",
    .operands = "MODEL DATA [--count N] -o FILE | --text",
    .summary = "the rows that were read worst, with what was read",
    .details =
        "Shows the images that the network answered wrongly, the ones it was surest of first: 28 of them, or "
        "--count N.",
    .examples = "nudge plot mistakes digits.nudge digits -o mistakes.svg\nnudge plot mistakes digits.nudge "
                "digits --text --count 6",
    .argp = &gallery_argp,
    .run = run_mistakes,
};

const struct verb verb_plot_reads = {
    .name = "plot reads",
    .operands = "MODEL DATA [--index I] [--count N] -o FILE | --text",
    .summary = "rows, and how sure the network is of each class",
    .details = "Shows images from row --index on, 12 of them or --count N, each with a bar for every class.",
    .examples = "nudge plot reads digits.nudge digits --count 6 -o reads.png",
    .argp = &gallery_argp,
    .run = run_reads,
};

const struct verb verb_plot_confusion = {
    .name = "plot confusion",
    .operands = "MODEL DATA -o FILE",
    .summary = "which class is taken for which",
    .details = "Shows how often each class of the part was answered as which.",
    .examples = "nudge plot confusion digits.nudge digits -o confusion.svg",
    .argp = &table_argp,
    .run = run_confusion,
};
