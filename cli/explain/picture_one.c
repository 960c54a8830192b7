/* nudge explain --weight -o: one parameter as a picture: the tree of its factors and what nudging it does;
 * over all rows the gradients and who pushes it; over a training its value. And one step of a training: who
 * moved it. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(parameter)

enum {
    SIZES = EXPLAIN_NUDGES - 1,
    BINS = 40,
    MOST_TILES = 16,
    CHARTS = 4,
    CURVES = 10,
    AROUND = 81,   /* points of the cost around the parameter */
    MOST_BARS = 64 /* a bar a row; of more rows a histogram */
};
static const double REACH = 2; /* how far around */

struct gathered {
    struct draw_parameter picture;
    char title[320], subtitle[320], product[96], titles[2][96], mark[48];
    struct draw_chart charts[CHARTS];
    struct draw_curve curves[CURVES];
    size_t curves_used;
    double sizes[SIZES], predicted[SIZES], measured[SIZES], off[SIZES], rounding[SIZES];
    double edges[BINS + 1], counts[BINS];
    double places[AROUND], costs[AROUND], tangent[AROUND];
    double ranks[MOST_BARS + 1], added[MOST_BARS];
    struct explain_moves moves;
    double *steps; /* of the moves */
    struct draw_gallery galleries[2];
    struct draw_tile tiles[2 * MOST_TILES];
    double *values; /* [2 * MOST_TILES][pixels] */
};

static struct number_text number(double value) {
    return number_short(value, 4);
}

static struct gathered *begin(const struct explain *explain) {
    struct gathered *to = calloc(1, sizeof *to);
    if (!to) return NULL;
    to->values = calloc(2 * MOST_TILES * explain->layers[0].neurons, sizeof *to->values);
    to->picture.title = to->title;
    to->picture.subtitle = to->subtitle;
    to->picture.product = to->product;
    to->picture.charts = to->charts;
    to->picture.galleries = to->galleries;
    return to;
}

static int end(const struct explain *explain, struct gathered *to, int status) {
    if (!status)
        status = picture_file_write(explain->options.file, explain->theme, parameter_picture, &to->picture);
    explain_free_moves(&to->moves);
    free(to->steps);
    free(to->values);
    free(to);
    return status;
}

/* -- charts -- */

static struct draw_chart *add_chart(struct gathered *to, const char *title, const char *x, const char *y) {
    struct draw_chart *chart = &to->charts[to->picture.chart_count++];
    *chart = (struct draw_chart){
        .title = title, .x_label = x, .y_label = y, .curves = to->curves + to->curves_used};
    return chart;
}

static void add_curve(struct gathered *to, struct draw_chart *chart, struct draw_curve curve) {
    to->curves[to->curves_used++] = curve;
    chart->count++;
}

/* Logarithms have no place for 0: it is a gap. */
static double size_of(double value) {
    return value != 0 && isfinite(value) ? fabs(value) : NAN;
}

static void chart_nudges(struct explain *explain, struct gathered *to) {
    bool moves = false;
    for (size_t i = 0; i < SIZES; i++) {
        double by = explain_nudge_size(explain, i + 1);
        nudge_change change = explain_nudge(explain, by);
        to->sizes[i] = fabs(by);
        to->predicted[i] = size_of(change.predicted);
        to->measured[i] = size_of(change.measured);
        to->off[i] = size_of(change.measured - change.predicted);
        to->rounding[i] = size_of(change.rounding);
        moves = moves || change.measured != 0;
    }
    if (!moves) return; /* a dead neuron's weight: nothing to see */
    struct draw_chart *chart =
        add_chart(to, word("nudging it"), word("size of the nudge"), word("size of the change of C₀"));
    chart->x_log = chart->y_log = true;
    add_curve(to, chart,
              (struct draw_curve){word("predicted: ∂C₀/∂p times the nudge"), to->sizes, to->predicted, SIZES,
                                  0, DRAW_SOLID});
    add_curve(to, chart,
              (struct draw_curve){word("measured"), to->sizes, to->measured, SIZES, 1, DRAW_POINTS});
    add_curve(to, chart,
              (struct draw_curve){word("their difference"), to->sizes, to->off, SIZES, 2, DRAW_SOLID});
    add_curve(
        to, chart,
        (struct draw_curve){word("what may be rounding"), to->sizes, to->rounding, SIZES, 7, DRAW_DOTTED});
}

/* The cost of the example as a function of the parameter, all others as they are, and its tangent, whose slope is ∂C₀/∂p. */
static void chart_around(struct explain *explain, struct gathered *to) {
    double value = explain_value(explain, &explain->parameter), cost = explain->cost_of_example;
    double low = cost, high = cost;
    for (size_t i = 0; i < AROUND; i++) {
        double by = REACH * (2 * (double)i / (AROUND - 1) - 1);
        nudge_change change = explain_nudge(explain, by);
        to->places[i] = value + by;
        to->costs[i] = cost + change.measured;
        to->tangent[i] = cost + change.predicted;
        if (to->costs[i] < low) low = to->costs[i];
        if (to->costs[i] > high) high = to->costs[i];
    }
    double room = (high - low) / 6;
    for (size_t i = 0; i < AROUND; i++)
        if (to->tangent[i] < low - room || to->tangent[i] > high + room) to->tangent[i] = NAN;
    struct draw_chart *chart = add_chart(to, word("the cost as it moves"), word("its value"), "C₀");
    chart->mark_x = value;
    format_text(to->mark, sizeof to->mark, word("now %s"), number(value).text);
    chart->mark = to->mark;
    add_curve(to, chart, (struct draw_curve){"C₀", to->places, to->costs, AROUND, 0, DRAW_SOLID});
    add_curve(
        to, chart,
        (struct draw_curve){word("its slope here, ∂C₀/∂p"), to->places, to->tangent, AROUND, 1, DRAW_DASHED});
}

static void chart_rows(struct gathered *to, const double *each, size_t rows) {
    double low = each[0], high = each[0];
    for (size_t r = 0; r < rows; r++) {
        low = each[r] < low ? each[r] : low;
        high = each[r] > high ? each[r] : high;
    }
    if (!(high > low)) high = low + fabs(low) * 1e-6 + 1e-12; /* all are one number */
    for (size_t b = 0; b <= BINS; b++) to->edges[b] = low + (high - low) * (double)b / BINS;
    for (size_t r = 0; r < rows; r++) {
        size_t bin = (size_t)((each[r] - low) / (high - low) * BINS);
        to->counts[bin < BINS ? bin : BINS - 1]++;
    }
    bool many = rows > 500; /* a few of them would not show among so many */
    struct draw_chart *chart = add_chart(to, word("its gradient for each row"), "∂C₀/∂p",
                                         many ? word("rows (logarithmic)") : word("rows"));
    chart->y_log = many;
    chart->y_whole = !many;
    add_curve(to, chart, (struct draw_curve){NULL, to->edges, to->counts, BINS, 0, DRAW_BARS});
}

static int chart_training(const struct explain *explain, struct gathered *to) {
    int status = explain_read_moves(explain, &to->moves);
    if (status) return status;
    to->steps = calloc(to->moves.count, sizeof *to->steps);
    if (!to->steps) return say_failure("not enough memory: for a curve");
    for (size_t i = 0; i < to->moves.count; i++) to->steps[i] = (double)to->moves.steps[i];
    struct draw_chart *chart = add_chart(to, word("over the training"), word("step"), word("its value"));
    chart->x_whole = true;
    add_curve(to, chart,
              (struct draw_curve){NULL, to->steps, to->moves.values, to->moves.count, 0, DRAW_SOLID});
    return EXIT_DONE;
}

/* -- the tree -- */

static void put_link(struct gathered *to, const char *from, double value, const char *factor, double times) {
    struct draw_link *link = &to->picture.links[to->picture.link_count++];
    format_text(link->from, sizeof link->from, "%s", from);
    format_text(link->value, sizeof link->value, "%s", number(value).text);
    format_text(link->factor, sizeof link->factor, "%s", factor);
    if (factor[0]) format_text(link->times, sizeof link->times, "× %s", number(times).text);
}

/* Where softmax mixes the outputs, z reaches the cost through all of them: its δ is one factor. */
static void take_tree(struct explain *explain, struct gathered *to) {
    const nudge_parameter *p = &explain->parameter;
    const struct explain_layer *layer = &explain->layers[p->layer];
    nudge_ledger ledger = NUDGE_LEDGER;
    double first = p->tensor ? 1 : explain->layers[p->layer - 1].a[p->input];
    nudge_explanation_ledger(explain->explanation, p->layer, p->output, &ledger, NULL);
    bool mixed = ledger.others != 0;
    put_link(to, parameter_name(explain->opened.net, p).text, explain_value(explain, p),
             p->tensor ? "∂z/∂b = 1" : "∂z/∂w = a", first);
    put_link(to, "z", layer->z[p->output], mixed ? "δ = ∂C₀/∂z" : "σ'(z) = ∂a/∂z",
             mixed ? layer->delta[p->output] : ledger.slope);
    if (!mixed) put_link(to, "a", layer->a[p->output], "∂C₀/∂a", ledger.sum);
    put_link(to, "C₀", explain->cost_of_example, "", 0);
    format_text(to->product, sizeof to->product, word("the product: %s = %s"),
                p->tensor ? "∂C₀/∂b" : "∂C₀/∂w", number(layer->delta[p->output] * first).text);
}

/* -- examples -- */

/* One gallery of the rows chosen, captioned by what they are and `said` of them. */
static int add_gallery(struct explain *explain, struct gathered *to, const size_t *rows, size_t count,
                       const double *said, const char *title) {
    size_t which = to->picture.gallery_count, first = which * MOST_TILES, pixels = explain->layers[0].neurons;
    struct draw_gallery *gallery = &to->galleries[which];
    if (count == 0) return EXIT_DONE;
    if (!to->values) return say_failure("not enough memory: for images");
    format_text(to->titles[which], sizeof *to->titles, "%s", title);
    *gallery = (struct draw_gallery){
        .title = to->titles[which], .tile = 88, .tiles = to->tiles + first, .count = count};
    nudge_data_image(explain->opened.data, &gallery->height, &gallery->width);
    for (size_t i = 0; i < count; i++) {
        struct draw_tile *tile = &to->tiles[first + i];
        double *values = to->values + (first + i) * pixels;
        int status = answers_take(&explain->answers, explain->opened.data, explain->part, rows[i], 1);
        if (status) return status;
        tile->most = nudge_data_type(explain->opened.data) == NUDGE_TYPE_U8 ? 255 : 0;
        for (size_t k = 0; k < pixels; k++) {
            values[k] = (double)explain->answers.features[k];
            tile->most = values[k] > tile->most ? values[k] : tile->most;
        }
        tile->values = values;
        int32_t label = nudge_data_label(explain->opened.data, explain->part, rows[i]);
        format_text(tile->caption, sizeof tile->caption, "%s%s%s",
                    label >= 0 ? safe_short(net_class_name(explain->opened.net, (size_t)label).text, 12).text
                               : "",
                    label >= 0 ? ": " : "", number_short(said[i], 3).text);
        format_text(tile->note, sizeof tile->note, word("row %zu"), rows[i]);
    }
    to->picture.gallery_count++;
    return EXIT_DONE;
}

/* The rows for which `each` has the sign, the strongest first; said[i] = scale each. */
static int add_pushers(struct explain *explain, struct gathered *to, const double *each, const size_t *names,
                       size_t count, double sign, double scale, const char *title) {
    size_t chosen[MOST_TILES], rows[MOST_TILES];
    double said[MOST_TILES];
    if (!nudge_data_image(explain->opened.data, NULL, NULL)) return EXIT_DONE;
    size_t most = explain->at != COUNT_NOT_GIVEN || explain->top > MOST_TILES ? MOST_TILES : explain->top;
    size_t found = explain_choose_rows(each, count, sign, most, chosen);
    for (size_t i = 0; i < found; i++) {
        rows[i] = names ? names[chosen[i]] : chosen[i];
        said[i] = scale * each[chosen[i]];
    }
    return add_gallery(explain, to, rows, found, said, title);
}

/* -- all of it -- */

int explain_draw_one(struct explain *explain, const struct explain_many *many) {
    struct gathered *to = begin(explain);
    int status = EXIT_DONE;
    char name[64];
    if (!to) return say_failure("not enough memory: for a picture");
    data_short_name(explain->opened.data, name, sizeof name);
    format_text(to->title, sizeof to->title, word("%s, for %s row %zu of %s"),
                parameter_name(explain->opened.net, &explain->parameter).text, word(part_name(explain->part)),
                explain->index, safe_short(name, 40).text);
    format_text(to->subtitle, sizeof to->subtitle, word("%zu → %s;  %s cost"),
                nudge_net_inputs(explain->opened.net),
                safe_short(nudge_net_text(explain->opened.net), 90).text, nudge_cost_name(explain->cost));
    take_tree(explain, to);
    chart_around(explain, to);
    chart_nudges(explain, to);
    if (many && many->each) {
        chart_rows(to, many->each, many->result.rows);
        status = add_pushers(explain, to, many->each, NULL, many->result.rows, -1, -1,
                             word("rows that push it up most, and their -∂C₀/∂p"));
        if (!status)
            status = add_pushers(explain, to, many->each, NULL, many->result.rows, 1, -1,
                                 word("rows that push it down most, and their -∂C₀/∂p"));
    }
    if (!status && explain->opened.journal && !explain->opened.step_given)
        status = chart_training(explain, to);
    return end(explain, to, status);
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* What every row of the mini-batch adds to the step, up is positive; their sum is the whole. */
static void chart_added(struct gathered *to, const double *each, size_t rows, double scale) {
    if (rows > MOST_BARS) {
        chart_rows(to, each, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++) to->added[r] = scale * each[r];
    for (size_t r = 0; r <= rows; r++) to->ranks[r] = (double)r;
    qsort(to->added, rows, sizeof *to->added, descending);
    struct draw_chart *chart =
        add_chart(to, word("what each of its rows adds"), word("rows, in order"), word("up or down"));
    chart->x_whole = true;
    add_curve(to, chart, (struct draw_curve){NULL, to->ranks, to->added, rows, 0, DRAW_BARS});
}

int explain_draw_step(struct explain *explain, const struct explain_step *step) {
    struct gathered *to = begin(explain);
    size_t index = 0, rows = step->place.rows;
    if (!to) return say_failure("not enough memory: for a picture");
    nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    bool adam = step->training.optimizer == NUDGE_OPTIMIZER_ADAM; /* moves by more than this gradient */
    double rate = adam ? 1 : step->place.learning_rate;
    double scale = -rate / (double)rows;
    format_text(to->title, sizeof to->title, word("%s in step %s: from %s to %s"),
                parameter_name(explain->opened.net, &explain->parameter).text, number_count(explain->at).text,
                number((double)step->before[index]).text, number((double)step->after[index]).text);
    format_text(to->subtitle, sizeof to->subtitle,
                adam ? word("%s, η = %s; -∂C/∂p = %s, the sum of what its %zu rows add")
                     : word("%s, η = %s; -η ∂C/∂p = %s, the sum of what its %zu rows add"),
                nudge_optimizer_name(step->training.optimizer), number(step->place.learning_rate).text,
                number(-rate * step->mean[index]).text, rows);
    int status = chart_training(explain, to);
    if (status) return end(explain, to, status);
    format_text(to->mark, sizeof to->mark, word("step %s"), number_count(explain->at).text);
    to->charts[0].mark = to->mark;
    to->charts[0].mark_x = (double)explain->at;
    chart_added(to, step->each, rows, scale);
    status = add_pushers(explain, to, step->each, step->rows, rows, -1, scale,
                         word("rows that push it up, by how much"));
    if (!status)
        status = add_pushers(explain, to, step->each, step->rows, rows, 1, scale,
                             word("rows that push it down, by how much"));
    return end(explain, to, status);
}
