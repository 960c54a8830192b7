/* nudge plot boundary: the plane of two features, coloured by what a network answers there. The plane is SIDE x SIDE points
 * [row][column], row 0 at the top, answered like any rows; the data's own rows are points on it. */
#include "cli/plot/plot.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(planes)

enum { SIDE = 140, MOST_POINTS = 240 };

struct boundary {
    struct draw_planes picture;
    struct draw_plane planes[MOST_OPERANDS];
    char captions[MOST_OPERANDS][160], title[400], subtitle[400], axes[2][192];
    unsigned *classes; /* [models][SIDE][SIDE] */
    double *sureness;  /* the same */
    float *grid, *outputs;
    double *points;
    unsigned *point_classes;
};

static bool make_boundary(struct boundary *boundary, size_t models, size_t outputs) {
    boundary->classes = calloc(models * SIDE * SIDE, sizeof *boundary->classes);
    boundary->sureness = calloc(models * SIDE * SIDE, sizeof *boundary->sureness);
    boundary->grid = calloc(SIDE * SIDE * 2, sizeof *boundary->grid);
    boundary->outputs = calloc(SIDE * SIDE * outputs, sizeof *boundary->outputs);
    boundary->points = calloc(MOST_POINTS * 2, sizeof *boundary->points);
    boundary->point_classes = calloc(MOST_POINTS, sizeof *boundary->point_classes);
    return boundary->classes && boundary->sureness && boundary->grid && boundary->outputs &&
           boundary->points && boundary->point_classes;
}

/* Points evenly from all rows; the axes leave a tenth around all of them. */
static int take_points(const struct plot *plot, struct boundary *boundary) {
    size_t rows = nudge_data_rows(plot->opened.data, plot->part),
           count = rows < MOST_POINTS ? rows : MOST_POINTS;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        float x[2];
        nudge_error error;
        size_t row = i * rows / count;
        if (nudge_data_row(plot->opened.data, plot->part, row, x, NULL, &error))
            return say_error(&error, SAY_READING);
        boundary->point_classes[i] = (unsigned)nudge_data_label(plot->opened.data, plot->part, row);
        for (size_t k = 0; k < 2; k++) {
            double value = boundary->points[2 * i + k] = (double)x[k];
            low[k] = value < low[k] ? value : low[k];
            high[k] = value > high[k] ? value : high[k];
        }
    }
    for (size_t k = 0; k < 2; k++) {
        double room = high[k] > low[k] ? (high[k] - low[k]) / 10 : 0.5;
        low[k] -= room;
        high[k] += room;
    }
    boundary->picture.x_low = low[0], boundary->picture.x_high = high[0];
    boundary->picture.y_low = low[1], boundary->picture.y_high = high[1];
    boundary->picture.points = boundary->points;
    boundary->picture.point_classes = boundary->point_classes;
    boundary->picture.point_count = count;
    for (size_t r = 0; r < SIDE; r++)
        for (size_t c = 0; c < SIDE; c++) {
            float *place = boundary->grid + (r * SIDE + c) * 2;
            place[0] = (float)(low[0] + (high[0] - low[0]) * ((double)c + 0.5) / SIDE);
            place[1] = (float)(high[1] - (high[1] - low[1]) * ((double)r + 0.5) / SIDE);
        }
    return EXIT_DONE;
}

/* How far the answer's share is above what guessing would give it: of two classes, 0.5 is 0, 0.75 is 0.5 and 1 is 1. */
static double sureness_of(const float *outputs, size_t count, size_t answer) {
    double share = count > 1 ? (double)outputs[answer] : answer ? (double)outputs[0] : 1 - (double)outputs[0];
    double guess = 1.0 / (double)(count > 1 ? count : 2), sure = (share - guess) / (1 - guess);
    return sure > 0 ? (sure < 1 ? sure : 1) : 0;
}

static int take_plane(const struct plot *plot, struct boundary *boundary, const nudge_net *net,
                      const char *name, size_t i) {
    nudge_predictor *predictor = NULL;
    nudge_error error;
    size_t outputs = nudge_net_outputs(net);
    unsigned *classes = boundary->classes + i * SIDE * SIDE;
    double *sureness = boundary->sureness + i * SIDE * SIDE;
    nudge_status status = nudge_predictor_create(plot->opened.context, net, 256, NULL, 0, &predictor, &error);
    if (!status) status = nudge_predict(predictor, boundary->grid, SIDE * SIDE, boundary->outputs, &error);
    nudge_predictor_free(predictor);
    if (status) return say_error(&error, SAY_RUNNING);
    for (size_t p = 0; p < SIDE * SIDE; p++) {
        const float *row = boundary->outputs + p * outputs;
        size_t answer = nudge_answer(row, outputs);
        bool answered = answer != NUDGE_NO_ANSWER;
        classes[p] = answered ? (unsigned)answer : 0;
        sureness[p] = answered ? sureness_of(row, outputs, answer) : 0;
    }
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    if (nudge_evaluate(plot->opened.context, net, plot->opened.data, plot->part, &evaluation, &error))
        return say_error(&error, SAY_READING);
    format_text(boundary->captions[i], sizeof *boundary->captions, word("%s: %s right"),
                safe_short(name, 30).text, number_percent(evaluation.accuracy, 1).text);
    boundary->planes[i] = (struct draw_plane){boundary->captions[i], SIDE, classes, sureness};
    return EXIT_DONE;
}

/* Every model, each like the first in inputs and outputs. */
static int take_models(const struct plot *plot, struct boundary *boundary, size_t models) {
    int status =
        take_plane(plot, boundary, plot->opened.net, plot_file_name(plot->options.operands[0]).text, 0);
    for (size_t i = 1; !status && i < models; i++) {
        struct opened other = {.context = plot->opened.context};
        status = open_net(&other, plot->options.operands[i]);
        if (!status && (nudge_net_inputs(other.net) != 2 ||
                        nudge_net_outputs(other.net) != nudge_net_outputs(plot->opened.net)))
            status = say_usage("%s: has %zu inputs and %zu outputs, expected 2 and %zu as %s has",
                               plot->options.operands[i], nudge_net_inputs(other.net),
                               nudge_net_outputs(other.net), nudge_net_outputs(plot->opened.net),
                               plot->options.operands[0]);
        if (!status)
            status = take_plane(plot, boundary, other.net, plot_file_name(plot->options.operands[i]).text, i);
        other.context = NULL; /* it is the plot's */
        open_close(&other);
    }
    return status;
}

/* A journal alone: stages of its training, closer to each other at the beginning, where most is learnt. *count: how
 * many. */
static int take_stages(const struct plot *plot, struct boundary *boundary, size_t *count) {
    static const double shares[] = {0, 1 / 64.0, 1 / 16.0, 1 / 4.0, 1 / 2.0, 1};
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    size_t shown = SIZE_MAX, step = 0, i = 0;
    nudge_status failed = nudge_journal_describe(plot->opened.journal, &summary, &error);
    int status = EXIT_DONE;
    *count = 0;
    for (size_t s = 0; !failed && !status && s < sizeof shares / sizeof *shares; s++) {
        char name[64];
        for (; i + 1 < summary.snapshots; i++) /* the first snapshot that is so far */
            if (nudge_journal_snapshot(plot->opened.journal, i, &step, NULL, 0, NULL) ||
                (double)step >= shares[s] * (double)summary.steps)
                break;
        if (i == shown) continue;
        failed = nudge_journal_snapshot(plot->opened.journal, i, &step, NULL, 0, &error);
        if (!failed) failed = nudge_journal_restore(plot->opened.journal, i, plot->opened.net, &error);
        format_text(name, sizeof name, word("after step %s"), number_count(step).text);
        if (!failed) status = take_plane(plot, boundary, plot->opened.net, name, (*count)++);
        shown = i;
    }
    return failed ? say_error(&error, SAY_READING) : status;
}

/* By the columns' names, where there are any. */
static void name_axes(const struct plot *plot, struct boundary *boundary) {
    nudge_column column = NUDGE_COLUMN;
    bool named = nudge_net_columns(plot->opened.net, 0, &column);
    for (size_t k = 0; k < 2; k++) {
        format_text(boundary->axes[k], sizeof *boundary->axes, word("feature %zu"), k);
        if (named)
            format_text(boundary->axes[k], sizeof *boundary->axes, "%s",
                        net_input_name(plot->opened.net, k).text);
    }
    boundary->picture.x_label = boundary->axes[0];
    boundary->picture.y_label = boundary->axes[1];
}

int plot_boundary(struct plot *plot) {
    const nudge_data *data = plot->opened.data;
    size_t models = plot->options.operand_count - 1, classes = nudge_data_classes(data);
    bool stages = models == 1 && plot->opened.journal && !plot->opened.step_given;
    char name[64];
    if (nudge_data_features(data) != 2 || classes == 0)
        return say_usage(
            "%s: expected rows of 2 features with classes, as circles, moons, spiral and xor have them",
            nudge_data_name(data));
    struct boundary *boundary = calloc(1, sizeof *boundary);
    const char **names = plot_class_names(plot->opened.net, classes);
    int status =
        boundary && names && make_boundary(boundary, MOST_OPERANDS, nudge_net_outputs(plot->opened.net))
            ? EXIT_DONE
            : say_failure("not enough memory: for the plane");
    if (!status) status = take_points(plot, boundary);
    if (!status) status = stages ? take_stages(plot, boundary, &models) : take_models(plot, boundary, models);
    if (!status) {
        data_short_name(data, name, sizeof name);
        format_text(boundary->title, sizeof boundary->title, word("What is answered where: %s"), name);
        format_text(boundary->subtitle, sizeof boundary->subtitle,
                    word("strong colours where the network is sure; the points are %s rows"),
                    word(part_name(plot->part)));
        name_axes(plot, boundary);
        boundary->picture.title = boundary->title;
        boundary->picture.subtitle = boundary->subtitle;
        boundary->picture.planes = boundary->planes;
        boundary->picture.count = models;
        boundary->picture.classes = classes;
        boundary->picture.names = names;
        status = plot_write(plot, planes_picture, &boundary->picture);
    }
    if (boundary) {
        void *all[] = {boundary->classes, boundary->sureness, boundary->grid,
                       boundary->outputs, boundary->points,   boundary->point_classes};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    free(boundary);
    free(names);
    return status;
}

static int run_boundary(int argc, char **argv) {
    return plot_run(&verb_plot_boundary, PLOT_MODELS_AND_DATA, false, argc, argv, plot_boundary);
}

static const struct argp_child children[] = {
    {&options_plot, 0, "Picture", 0},  {&options_language, 0, NULL, 0},
    {&options_part, 0, "Data", 0},     {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0}, {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},     {0},
};
static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_plot_boundary = {
    .name = "plot boundary",
    .operands = "MODEL... DATA -o FILE",
    .summary = "the plane of two features, coloured by the network's answers",
    .details = "Shows, for data with two features and classes, what a network answers where and how sure it "
               "is; several "
               "models, such as stages of one training, stand side by side.",
    .examples = "nudge train moons --epochs 1 -o early.nudge; nudge train moons -o late.nudge\n"
                "nudge plot boundary early.nudge late.nudge moons -o boundary.svg",
    .argp = &argp,
    .run = run_boundary,
};
