/* nudge plot curves of journals: cost and gradient norms of the mini-batches, step by step. A picture has room for MOST_POINTS
 * of them: of 1,000 records three each are taken together, 334 points, as means. */
#include "cli/plot/plot.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(charts)

enum { MOST_POINTS = 400, MOST_LAYERS = DRAW_SERIES };

/* One journal's records, so many of them taken together that MOST_POINTS are left. */
struct course {
    struct safe_text shown;
    const char *name;                /* in it */
    size_t points, layers, together; /* layers 1 .. are shown; steps of a point */
    double *steps, *cost, *norms;    /* [points]; norms [layers][points] */
    double *whole;                   /* [points] of the whole gradient */
};

static void free_course(struct course *course) {
    free(course->steps);
    free(course->cost);
    free(course->norms);
    free(course->whole);
}

/* -- reading -- */

static bool make_course(struct course *course, size_t records, size_t layers) {
    size_t together = (records + MOST_POINTS - 1) / MOST_POINTS;
    course->together = together ? together : 1;
    course->points = (records + course->together - 1) / course->together;
    course->layers = layers < MOST_LAYERS ? layers : MOST_LAYERS;
    course->steps = calloc(course->points + 1, sizeof *course->steps);
    course->cost = calloc(course->points + 1, sizeof *course->cost);
    course->norms = calloc(course->layers * course->points + 1, sizeof *course->norms);
    course->whole = calloc(course->points + 1, sizeof *course->whole);
    return course->steps && course->cost && course->norms && course->whole;
}

/* Means over the records of each point; it stands at the last of its steps. */
static nudge_status read_records(struct course *course, const nudge_journal *journal, size_t records,
                                 double *norms, size_t layers, nudge_error *error) {
    for (size_t i = 0; i < records; i++) {
        nudge_journal_record record = NUDGE_JOURNAL_RECORD;
        size_t point = i / course->together, first = point * course->together;
        size_t count = records - first < course->together ? records - first : course->together;
        double squares = 0;
        record.norms = norms;
        nudge_status status = nudge_journal_read(journal, i, &record, error);
        if (status) return status;
        for (size_t l = 0; l < layers; l++) squares += norms[l] * norms[l];
        course->steps[point] = (double)record.last;
        course->cost[point] += record.cost / (double)count;
        course->whole[point] += sqrt(squares) / (double)count;
        for (size_t l = 0; l < course->layers; l++)
            course->norms[l * course->points + point] += norms[l] / (double)count;
    }
    return NUDGE_OK;
}

static int read_course(struct course *course, nudge_context *context, const char *path) {
    nudge_journal *journal = NULL;
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    course->shown = plot_file_name(path);
    course->name = course->shown.text;
    int status = files_read(path);
    if (status) return status;
    if (nudge_journal_load(context, path, &journal, &error)) return say_error(&error, SAY_READING);
    size_t layers = nudge_net_layers(nudge_journal_net(journal));
    double *norms = calloc(layers, sizeof *norms);
    nudge_status failed = nudge_journal_describe(journal, &summary, &error);
    if (!failed && summary.records == 0) status = say_usage("%s: no step was made", path);
    if (!failed && !status && (!norms || !make_course(course, summary.records, layers)))
        status = say_failure("not enough memory: for the curves of %s", path);
    if (!failed && !status) failed = read_records(course, journal, summary.records, norms, layers, &error);
    free(norms);
    nudge_journal_free(journal);
    return failed ? say_error(&error, SAY_READING) : status;
}

/* -- drawing -- */

struct curves {
    struct draw_curve cost[DRAW_SERIES], norms[DRAW_SERIES];
    char names[DRAW_SERIES][64], subtitle[96];
};

/* Of one journal every layer's norm, of several the whole gradient's. */
static int draw_courses(struct plot *plot, const struct course *courses, size_t count) {
    struct curves *curves = calloc(1, sizeof *curves);
    const struct course *first = &courses[0];
    if (!curves) return say_failure("not enough memory: for the curves");
    for (size_t i = 0; i < count; i++) {
        const struct course *course = &courses[i];
        curves->cost[i] = (struct draw_curve){.name = count > 1 ? course->name : NULL,
                                              .x = course->steps,
                                              .y = course->cost,
                                              .count = course->points,
                                              .series = (unsigned)i};
        curves->norms[i] = curves->cost[i];
        curves->norms[i].y = course->whole;
    }
    for (size_t l = 0; count == 1 && l < first->layers; l++) {
        format_text(curves->names[l], sizeof curves->names[l], word("layer %zu"), l + 1);
        curves->norms[l] = (struct draw_curve){.name = curves->names[l],
                                               .x = first->steps,
                                               .y = first->norms + l * first->points,
                                               .count = first->points,
                                               .series = (unsigned)l};
    }
    const struct draw_chart charts[2] = {{.title = word("cost"),
                                          .x_label = word("step"),
                                          .x_whole = true,
                                          .y_label = word("cost of the mini-batch (logarithmic)"),
                                          .y_log = true,
                                          .curves = curves->cost,
                                          .count = count},
                                         {.title = word("gradient"),
                                          .x_label = word("step"),
                                          .x_whole = true,
                                          .y_label = word("length of the gradient (logarithmic)"),
                                          .y_log = true,
                                          .curves = curves->norms,
                                          .count = count > 1 ? count : first->layers}};
    size_t together = (size_t)(first->points > 1 ? first->steps[1] - first->steps[0] : 1);
    if (together > 1)
        format_text(curves->subtitle, sizeof curves->subtitle, word("each point is the mean over %s steps"),
                    number_count(together).text);
    const struct draw_charts picture = {.title = count > 1 ? word("Trainings compared") : first->name,
                                        .subtitle = together > 1 ? curves->subtitle : NULL,
                                        .charts = charts,
                                        .count = 2};
    int status = plot_write(plot, charts_picture, &picture);
    free(curves);
    return status;
}

static void print_course(const struct course *course) {
    char name[400];
    format_text(name, sizeof name, word("%s, cost of the mini-batch"), course->name);
    plot_curve_text(name, word("step"), course->steps, course->cost, course->points);
    format_text(name, sizeof name, word("%s, length of the gradient"), course->name);
    plot_curve_text(name, word("step"), course->steps, course->whole, course->points);
}

int plot_journals(struct plot *plot) {
    struct course courses[DRAW_SERIES] = {{.points = 0}};
    size_t count = plot->options.operand_count;
    int status = EXIT_DONE;
    for (size_t i = 0; !status && i < count; i++)
        status = read_course(&courses[i], plot->opened.context, plot->options.operands[i]);
    for (size_t i = 0; !status && plot->text && i < count; i++) print_course(&courses[i]);
    if (!status && plot->options.file) status = draw_courses(plot, courses, count);
    for (size_t i = 0; i < count; i++) free_course(&courses[i]);
    return status;
}
