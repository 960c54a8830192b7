/* nudge plot activations and gradients: how the numbers of each layer are spread over the rows of a part, and which
 * neurons are dead or saturated: by the slope f'(z), a factor of every hidden δ. If it is 0 in every row, nothing is ever
 * learnt there. Of δ, which may be 0.1 in one layer and 1e-9 in another, the sizes are counted on a logarithmic axis. */
#include "cli/plot/plot.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(charts)

enum { BINS = 40, DEFAULT_ROWS = 200 };
static const double LOW_SLOPE = 0.01; /* saturated: no row has a larger one */

/* A layer's numbers over all rows. */
struct spread {
    nudge_layer layer;
    double *values;     /* [rows][neurons]; a, or |δ| */
    double *best_slope; /* [neurons]: the largest of all rows */
    double *read;       /* [neurons] */
    size_t zeros, used;
    double edges[BINS + 1], counts[BINS];
    char title[192], note[160];
    struct draw_curve curve;
};

static bool make_spread(struct spread *spread, const nudge_net *net, size_t l, size_t rows) {
    spread->layer = (nudge_layer)NUDGE_LAYER;
    nudge_net_layer(net, l, &spread->layer);
    size_t n = spread->layer.outputs;
    spread->values = malloc(rows * n * sizeof *spread->values);
    spread->best_slope = calloc(n, sizeof *spread->best_slope);
    spread->read = calloc(n, sizeof *spread->read);
    return spread->values && spread->best_slope && spread->read;
}

/* Takes one row's numbers; of δ the size, as zeros cannot be shown on a logarithmic axis. */
static nudge_status take_spread(struct spread *spread, const nudge_explanation *explanation, size_t l,
                                bool gradients, nudge_error *error) {
    size_t n = spread->layer.outputs;
    nudge_status status = nudge_explanation_read(explanation, NUDGE_SLOPE, l, spread->read, n, error);
    for (size_t j = 0; !status && j < n; j++)
        if (fabs(spread->read[j]) > spread->best_slope[j]) spread->best_slope[j] = fabs(spread->read[j]);
    if (!status)
        status = nudge_explanation_read(explanation, gradients ? NUDGE_DELTA : NUDGE_ACTIVATION, l,
                                        spread->read, n, error);
    for (size_t j = 0; !status && j < n; j++) {
        double value = gradients ? fabs(spread->read[j]) : spread->read[j];
        spread->zeros += value == 0;
        if (value != 0 || !gradients) spread->values[spread->used++] = gradients ? log10(value) : value;
    }
    return status;
}

/* -- histograms -- */

static void count_bins(struct spread *spread, bool gradients) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < spread->used; i++) {
        if (spread->values[i] < low) low = spread->values[i];
        if (spread->values[i] > high) high = spread->values[i];
    }
    if (low > high) low = 0, high = 1;
    if (high - low < 1e-9) low -= 0.5, high += 0.5;
    for (size_t b = 0; b <= BINS; b++) {
        double edge = low + (high - low) * (double)b / BINS;
        spread->edges[b] = gradients ? pow(10, edge) : edge;
    }
    for (size_t i = 0; i < spread->used; i++) {
        size_t bin = (size_t)((spread->values[i] - low) / (high - low) * BINS);
        spread->counts[bin < BINS ? bin : BINS - 1]++;
    }
}

static void describe(struct spread *spread, size_t l, size_t rows, bool gradients, FILE *told) {
    size_t dead = 0, saturated = 0, n = spread->layer.outputs;
    for (size_t j = 0; j < n; j++) {
        dead += spread->best_slope[j] == 0;
        saturated += spread->best_slope[j] > 0 && spread->best_slope[j] < LOW_SLOPE;
    }
    double zeros = 100 * (double)spread->zeros / (double)(rows * n);
    format_text(spread->title, sizeof spread->title, word("layer %zu, %s"), l, spread->layer.activation);
    format_text(spread->note, sizeof spread->note,
                word("%zu neurons: %zu dead, %zu saturated; %.0f %% are 0"), n, dead, saturated, zeros);
    if (told)
        fprintf(told, text_word("layer %zu: %zu neurons, %zu dead, %zu saturated; %.1f %% of the %s are 0\n"),
                l, n, dead, saturated, zeros, text_word(gradients ? "deltas" : "activations"));
    spread->curve =
        (struct draw_curve){NULL, spread->edges, spread->counts, BINS, gradients ? 1 : 0, DRAW_BARS};
}

static int draw_spreads(struct plot *plot, struct spread *spreads, size_t layers, size_t rows,
                        bool gradients) {
    struct draw_chart *list = calloc(layers, sizeof *list);
    char title[400], subtitle[400], name[64];
    if (!list) return say_failure("not enough memory: for the histograms");
    for (size_t l = 1; l <= layers; l++) {
        struct spread *spread = &spreads[l - 1];
        count_bins(spread, gradients);
        describe(spread, l, rows, gradients, plot->options.quiet ? NULL : plot->told);
        list[l - 1] = (struct draw_chart){.title = spread->title,
                                          .note = spread->note,
                                          .x_label = gradients ? "|δ| = |∂C₀/∂z|" : word("activation a"),
                                          .y_label = word("how many (logarithmic)"),
                                          .x_log = gradients,
                                          .y_log = true,
                                          .curves = &spread->curve,
                                          .count = 1};
    }
    data_short_name(plot->opened.data, name, sizeof name);
    format_text(title, sizeof title, gradients ? word("Gradients of %s") : word("Activations of %s"),
                plot_file_name(plot->options.operands[0]).text);
    format_text(
        subtitle, sizeof subtitle,
        word("%zu %s rows of %s; dead: the slope is 0 in every row; saturated: it is never above %.2g"), rows,
        word(part_name(plot->part)), name, LOW_SLOPE);
    struct draw_charts charts = {title, subtitle, list, layers};
    int status = plot_write(plot, charts_picture, &charts);
    free(list);
    return status;
}

/* -- all of it -- */

static int walk_rows(struct plot *plot, struct spread *spreads, size_t layers, size_t rows, bool gradients) {
    nudge_explanation *explanation = NULL;
    nudge_error error;
    nudge_status status =
        nudge_explanation_create(plot->opened.context, plot->opened.net, &explanation, &error);
    for (size_t r = 0; !status && r < rows; r++) {
        status = nudge_explanation_row(explanation, plot->opened.data, plot->part, plot->index + r, &error);
        for (size_t l = 1; !status && l <= layers; l++)
            status = take_spread(&spreads[l - 1], explanation, l, gradients, &error);
    }
    nudge_explanation_free(explanation);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

static int plot_spreads(struct plot *plot, bool gradients) {
    const nudge_net *net = plot->opened.net;
    size_t layers = nudge_net_layers(net), all = nudge_data_rows(plot->opened.data, plot->part);
    if (plot->index >= all) return say_usage("--index: found %zu, expected 0 to %zu", plot->index, all - 1);
    size_t rows = plot->count == COUNT_NOT_GIVEN ? DEFAULT_ROWS : plot->count;
    if (rows > all - plot->index) rows = all - plot->index;
    struct spread *spreads = calloc(layers, sizeof *spreads);
    int status = spreads ? EXIT_DONE : say_failure("not enough memory: for the histograms");
    for (size_t l = 1; !status && l <= layers; l++)
        if (!make_spread(&spreads[l - 1], net, l, rows))
            status = say_failure("not enough memory: for the numbers of %zu rows; --count takes fewer", rows);
    if (!status) status = walk_rows(plot, spreads, layers, rows, gradients);
    if (!status) status = draw_spreads(plot, spreads, layers, rows, gradients);
    for (size_t l = 0; spreads && l < layers; l++) {
        free(spreads[l].values);
        free(spreads[l].best_slope);
        free(spreads[l].read);
    }
    free(spreads);
    return status;
}

int plot_activations(struct plot *plot) {
    return plot_spreads(plot, false);
}
static int plot_gradients(struct plot *plot) {
    return plot_spreads(plot, true);
}

static int run_activations(int argc, char **argv) {
    return plot_run(&verb_plot_activations, PLOT_MODEL_AND_DATA, false, argc, argv, plot_activations);
}
static int run_gradients(int argc, char **argv) {
    return plot_run(&verb_plot_gradients, PLOT_MODEL_AND_DATA, false, argc, argv, plot_gradients);
}

static const struct argp_child children[] = {
    {&options_plot, 0, "Picture", 0},
    {&options_language, 0, NULL, 0},
    {&options_plot_rows, 0, "Data", 0},
    {&options_part, 0, NULL, 0},
    {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_plot_activations = {
    .name = "plot activations",
    .operands = "MODEL DATA [--count N] -o FILE",
    .summary = "how each layer's activations are spread; dead and saturated neurons",
    .details = "Shows a histogram of each layer's activations over 200 rows of the part, or --count N, and "
               "counts the "
               "neurons that are dead (their slope is 0 in every row: nothing can change them) or saturated "
               "(it never "
               "reaches 0.01).",
    .examples = "nudge plot activations digits.nudge digits -o activations.svg",
    .argp = &argp,
    .run = run_activations,
};

const struct verb verb_plot_gradients = {
    .name = "plot gradients",
    .operands = "MODEL DATA [--count N] -o FILE",
    .summary = "how large the gradients of each layer are",
    .details = "Shows a histogram of the sizes of each layer's δ over 200 rows of the part, or --count N: "
               "where they "
               "shrink from layer to layer towards the input, the first layers hardly learn.",
    .examples = "nudge plot gradients digits.nudge digits -o gradients.svg",
    .argp = &argp,
    .run = run_gradients,
};
