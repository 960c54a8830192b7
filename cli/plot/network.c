/* nudge plot weights and network: what a network holds. Weights are w[j][k] [outputs][inputs], a neuron's in a row: the first
 * layer's rows are shown as images where the inputs are pixels, any other layer as one image, a row a neuron. */
#include "cli/plot/plot.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(gallery)
PICTURE_DRAWING(network)

enum { MOST_TILES = 120 };

/* The columns' names, to be freed with one free(); NULL where the network has none, or no memory. */
static const char **input_names(const nudge_net *net) {
    size_t count = nudge_net_inputs(net), pointers = (count * sizeof(char *) + 15) / 16 * 16;
    nudge_column column = NUDGE_COLUMN;
    struct label *labels;
    if (!nudge_net_columns(net, 0, &column)) return NULL;
    const char **names = malloc(pointers + count * sizeof *labels);
    if (!names) return NULL;
    labels = (struct label *)((char *)names + pointers);
    for (size_t i = 0; i < count; i++) {
        labels[i] = net_input_name(net, i);
        names[i] = labels[i].text;
    }
    return names;
}

static int no_memory(void) {
    return say_failure("not enough memory: for the network's weights");
}

/* A layer's weights as double; NULL: no memory. To be freed. */
static double *weights_of(const nudge_net *net, size_t l, nudge_layer *layer) {
    nudge_net_layer(net, l, layer);
    size_t count = layer->inputs * layer->outputs;
    float *weights = malloc(count * sizeof *weights);
    double *values = malloc(count * sizeof *values);
    if (weights && values && !nudge_net_get_weights(net, l, weights, count, NULL)) {
        for (size_t i = 0; i < count; i++) values[i] = (double)weights[i];
    } else {
        free(values);
        values = NULL;
    }
    free(weights);
    return values;
}

static double largest_of(const double *values, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fabs(values[i]) > largest ? fabs(values[i]) : largest;
    return largest;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What has full strength: of trained weights a few are far larger than all others, which would be pale beside them. So the
 * size that one in a hundred exceeds, or the largest where that is not much more. */
static double strength_of(const double *values, size_t count) {
    double largest = largest_of(values, count), *sizes = malloc(count * sizeof *sizes);
    if (!sizes) return largest;
    for (size_t i = 0; i < count; i++) sizes[i] = fabs(values[i]);
    qsort(sizes, count, sizeof *sizes, ascending);
    double strong = sizes[(count - 1) - (count - 1) / 100];
    free(sizes);
    return strong > 0 && largest > 1.3 * strong ? strong : largest;
}

/* -- weights -- */

/* The image that a neuron's inputs are: the data's, or a square where the model stands alone. */
static bool image_of(const struct plot *plot, size_t inputs, size_t *height, size_t *width) {
    if (plot->opened.data) return nudge_data_image(plot->opened.data, height, width);
    size_t side = (size_t)(sqrt((double)inputs) + 0.5);
    *height = *width = side;
    return side * side == inputs && side >= 5;
}

static const char *scale_of(const double *values, size_t count, double strength) {
    return largest_of(values, count) > strength ? word("weight; larger ones look the same") : word("weight");
}

static int draw_neurons(struct plot *plot, const double *weights, const nudge_layer *layer, size_t height,
                        size_t width) {
    size_t most = plot->count == COUNT_NOT_GIVEN ? MOST_TILES : plot->count;
    size_t count = layer->outputs < most ? layer->outputs : most;
    struct draw_tile *tiles = calloc(count, sizeof *tiles);
    char title[400], subtitle[400];
    if (!tiles) return no_memory();
    for (size_t j = 0; j < count; j++) {
        tiles[j].values = weights + j * layer->inputs;
        format_text(tiles[j].caption, sizeof tiles[j].caption, "%zu", j);
    }
    format_text(title, sizeof title, word("The first layer's weights in %s"),
                plot_file_name(plot->options.operands[0]).text);
    format_text(subtitle, sizeof subtitle,
                count < layer->outputs
                    ? word("the first %zu neurons, %zu×%zu weights each; one scale for all")
                    : word("%zu neurons, %zu×%zu weights each; one scale for all"),
                count, height, width);
    double strength = strength_of(weights, count * layer->inputs);
    struct draw_gallery gallery = {.title = title,
                                   .subtitle = subtitle,
                                   .height = height,
                                   .width = width,
                                   .is_signed = true,
                                   .most = strength,
                                   .scale = scale_of(weights, count * layer->inputs, strength),
                                   .tile = count > 40 ? 62 : 86,
                                   .tiles = tiles,
                                   .count = count};
    int status = plot_write(plot, gallery_picture, &gallery);
    free(tiles);
    return status;
}

/* All weights of a layer as one image: a row a neuron. */
static int draw_matrix(struct plot *plot, const double *weights, const nudge_layer *layer, size_t l) {
    char title[400], subtitle[400];
    struct draw_tile tile = {.values = weights, .caption = ""};
    const char **names = l == 1 ? input_names(plot->opened.net) : NULL;
    double strength = strength_of(weights, layer->inputs * layer->outputs);
    format_text(title, sizeof title, word("The weights of layer %zu in %s"), l,
                plot_file_name(plot->options.operands[0]).text);
    format_text(subtitle, sizeof subtitle,
                word("a row for each of its %zu neurons, a column for each of the %zu before"),
                layer->outputs, layer->inputs);
    double size = layer->inputs >= 2 * layer->outputs ? 760 : 420;
    if (layer->inputs < 40 && size > 24.0 * (double)layer->inputs) size = 24.0 * (double)layer->inputs;
    struct draw_gallery gallery = {.title = title,
                                   .subtitle = subtitle,
                                   .height = layer->outputs,
                                   .width = layer->inputs,
                                   .is_signed = true,
                                   .most = strength,
                                   .scale = scale_of(weights, layer->inputs * layer->outputs, strength),
                                   .tile = size,
                                   .counted = true,
                                   .columns = names,
                                   .tiles = &tile,
                                   .count = 1};
    int status = plot_write(plot, gallery_picture, &gallery);
    free(names);
    return status;
}

int plot_weights(struct plot *plot) {
    const nudge_net *net = plot->opened.net;
    size_t l = plot->layer == COUNT_NOT_GIVEN ? 1 : plot->layer, height, width;
    nudge_layer layer = NUDGE_LAYER;
    if (l > nudge_net_layers(net))
        return say_usage("--layer: found %zu, expected 1 to %zu", l, nudge_net_layers(net));
    double *weights = weights_of(net, l, &layer);
    if (!weights) return no_memory();
    bool images = l == 1 && image_of(plot, layer.inputs, &height, &width);
    int status =
        images ? draw_neurons(plot, weights, &layer, height, width) : draw_matrix(plot, weights, &layer, l);
    free(weights);
    return status;
}

/* -- network -- */

enum edges { EDGES_WEIGHTS, EDGES_WISHES, EDGES_GRADIENTS };

struct picture {
    struct draw_neurons *layers;
    double **brightness, **edges;
    char (*captions)[48], (*notes)[48];
    size_t last;
};

/* Activations as brightness: 1 is white in every layer, and only where activations go beyond the largest is. */
static nudge_status take_brightness(const nudge_explanation *explanation, size_t l, double *values,
                                    size_t count, char *note, size_t room, nudge_error *error) {
    nudge_status status = nudge_explanation_read(explanation, NUDGE_ACTIVATION, l, values, count, error);
    double white = status ? 1 : largest_of(values, count);
    if (white < 1.0001) white = 1;
    for (size_t i = 0; !status && i < count; i++) values[i] /= white;
    format_text(note, room, word("white: %s"), number_short(white, 3).text);
    return status;
}

/* What an edge shows instead of its weight: the wish that goes back over it, -w δ, or -∂C_0/∂w = -δ a. */
static nudge_status take_edges(const nudge_explanation *explanation, size_t l, const nudge_layer *layer,
                               enum edges kind, double *edges, nudge_error *error) {
    double *delta = calloc(layer->outputs, sizeof *delta), *a = calloc(layer->inputs, sizeof *a);
    nudge_status status = delta && a ? NUDGE_OK : NUDGE_NO_MEMORY;
    if (status) format_text(error->message, sizeof error->message, "not enough memory: for a layer");
    if (!status) status = nudge_explanation_read(explanation, NUDGE_DELTA, l, delta, layer->outputs, error);
    if (!status)
        status = nudge_explanation_read(explanation, NUDGE_ACTIVATION, l - 1, a, layer->inputs, error);
    for (size_t i = 0; !status && i < layer->inputs * layer->outputs; i++)
        edges[i] = -delta[i / layer->inputs] * (kind == EDGES_WISHES ? edges[i] : a[i % layer->inputs]);
    free(delta);
    free(a);
    return status;
}

static bool make_layers(struct picture *picture, const nudge_net *net) {
    picture->last = nudge_net_layers(net);
    size_t count = picture->last + 1;
    picture->layers = calloc(count, sizeof *picture->layers);
    picture->brightness = calloc(count, sizeof *picture->brightness);
    picture->edges = calloc(count, sizeof *picture->edges);
    picture->captions = calloc(count, sizeof *picture->captions);
    picture->notes = calloc(count, sizeof *picture->notes);
    if (!picture->layers || !picture->brightness || !picture->edges || !picture->captions || !picture->notes)
        return false;
    for (size_t l = 0; l < count; l++) {
        nudge_layer layer = NUDGE_LAYER;
        layer.outputs = nudge_net_inputs(net);
        layer.activation = word("inputs");
        if (l > 0 && !(picture->edges[l] = weights_of(net, l, &layer))) return false;
        picture->brightness[l] = calloc(layer.outputs, sizeof(double));
        if (!picture->brightness[l]) return false;
        format_text(picture->captions[l], sizeof *picture->captions, "%zu %s", layer.outputs,
                    layer.activation);
        picture->layers[l] = (struct draw_neurons){
            .neurons = layer.outputs, .caption = picture->captions[l], .weights = picture->edges[l]};
    }
    return true;
}

static int take_example(struct plot *plot, struct picture *picture, enum edges kind) {
    nudge_explanation *explanation = NULL;
    nudge_error error = {0};
    nudge_status status =
        nudge_explanation_create(plot->opened.context, plot->opened.net, &explanation, &error);
    if (!status)
        status = nudge_explanation_row(explanation, plot->opened.data, plot->part, plot->index, &error);
    for (size_t l = 0; !status && l <= picture->last; l++) {
        nudge_layer layer = NUDGE_LAYER;
        status = take_brightness(explanation, l, picture->brightness[l], picture->layers[l].neurons,
                                 picture->notes[l], sizeof *picture->notes, &error);
        picture->layers[l].brightness = picture->brightness[l];
        picture->layers[l].note = picture->notes[l];
        if (!status && kind != EDGES_WEIGHTS && nudge_net_layer(plot->opened.net, l, &layer))
            status = take_edges(explanation, l, &layer, kind, picture->edges[l], &error);
    }
    nudge_explanation_free(explanation);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

static void free_picture(struct picture *picture) {
    for (size_t l = 0; l <= picture->last; l++) {
        if (picture->brightness) free(picture->brightness[l]);
        if (picture->edges) free(picture->edges[l]);
    }
    free(picture->brightness);
    free(picture->edges);
    free(picture->layers);
    free(picture->captions);
    free(picture->notes);
}

static int draw_made(struct plot *plot, struct picture *picture, enum edges kind) {
    const char *scales[] = {
        word("edges are weights; wide is large, ± is the largest of a layer"),
        word("edges are wishes handed back, -w δ: blue wishes for more, orange for less; ± is the largest of "
             "a "
             "layer"),
        word("edges are -∂C₀/∂w, the way training moves them; ± is the largest of a layer")};
    char title[400], subtitle[400], name[64];
    const nudge_net *net = plot->opened.net;
    size_t outputs = picture->layers[picture->last].neurons, classes = net_classes(net);
    const char **names = classes == outputs ? plot_class_names(net, classes) : NULL;
    const char **inputs = input_names(net);
    size_t height, width;
    picture->layers[picture->last].names = names;
    picture->layers[0].names = inputs;
    if (!inputs && image_of(plot, nudge_net_inputs(net), &height, &width)) {
        picture->layers[0].image_width = width;
        format_text(picture->captions[0], sizeof *picture->captions, word("%zu pixels (row,column)"),
                    picture->layers[0].neurons);
    }
    format_text(title, sizeof title, "%s: %zu → %s", plot_file_name(plot->options.operands[0]).text,
                nudge_net_inputs(net), safe_short(nudge_net_text(net), 80).text);
    if (plot->opened.data) {
        data_short_name(plot->opened.data, name, sizeof name);
        format_text(subtitle, sizeof subtitle,
                    word("%s, %s row %zu: bright neurons have large activations, orange ones negative"), name,
                    word(part_name(plot->part)), plot->index);
    } else
        format_text(subtitle, sizeof subtitle, word("%s parameters"),
                    number_count(nudge_net_parameters(net)).text);
    struct draw_network drawn = {title, subtitle, scales[kind], picture->layers, picture->last + 1};
    int status = plot_write(plot, network_picture, &drawn);
    free(names);
    free(inputs);
    return status;
}

static int plot_network(struct plot *plot) {
    static const char *const kinds[] = {"weights", "wishes", "gradients", NULL};
    struct picture picture = {0};
    int kind = EDGES_WEIGHTS, status = EXIT_DONE;
    for (int i = 0; plot->show && kinds[i]; i++)
        if (strcmp(kinds[i], plot->show) == 0) kind = i;
    if (kind != EDGES_WEIGHTS && !plot->opened.data)
        return say_usage("--show %s is about an example: nudge plot network MODEL DATA --index I",
                         plot->show);
    if (plot->opened.data && plot->index >= nudge_data_rows(plot->opened.data, plot->part))
        return say_usage("--index: found %zu, expected 0 to %zu", plot->index,
                         nudge_data_rows(plot->opened.data, plot->part) - 1);
    if (!make_layers(&picture, plot->opened.net)) status = no_memory();
    if (!status && plot->opened.data) status = take_example(plot, &picture, (enum edges)kind);
    if (!status) status = draw_made(plot, &picture, (enum edges)kind);
    free_picture(&picture);
    return status;
}

/* -- the verbs -- */

enum { KEY_SHOW = 0x180 };

static error_t parse_show(int key, char *arg, struct argp_state *state) {
    static const char *const kinds[] = {"weights", "wishes", "gradients", NULL};
    struct plot *plot = state->input;
    int chosen;
    if (key != KEY_SHOW) return ARGP_ERR_UNKNOWN;
    plot->show = arg;
    return option_choice(&plot->options, "--show", arg, kinds, &chosen);
}

static const struct argp_option show_table[] = {
    {"show", KEY_SHOW, "WHAT", 0,
     "what the edges are: weights, or of an example wishes or gradients; default weights", 0},
    {0},
};
static const struct argp options_show = {show_table, parse_show, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child weights_children[] = {
    {&options_plot, 0, "Picture", 0}, {&options_language, 0, NULL, 0}, {&options_plot_layer, 0, NULL, 0},
    {&options_plot_rows, 0, NULL, 0}, {&options_help, 0, "Help", 0},   {0},
};
static const struct argp_child network_children[] = {
    {&options_plot, 0, "Picture", 0},  {&options_language, 0, NULL, 0},
    {&options_show, 0, NULL, 0},       {&options_plot_rows, 0, "Data", 0},
    {&options_part, 0, NULL, 0},       {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0}, {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},     {0},
};
static const struct argp weights_argp = {NULL, options_common, NULL, NULL, weights_children, NULL, NULL};
static const struct argp network_argp = {NULL, options_common, NULL, NULL, network_children, NULL, NULL};

static int run_weights(int argc, char **argv) {
    return plot_run(&verb_plot_weights, PLOT_MODEL_MAYBE_DATA, false, argc, argv, plot_weights);
}
static int run_network(int argc, char **argv) {
    return plot_run(&verb_plot_network, PLOT_MODEL_MAYBE_DATA, false, argc, argv, plot_network);
}

const struct verb verb_plot_weights = {
    .name = "plot weights",
    .operands = "MODEL [DATA] [--layer L] -o FILE",
    .summary = "each neuron's weights as an image",
    .details = "Shows the first layer's weights as an image a neuron, where the inputs are an image (DATA "
               "says of which "
               "size; without it a square is taken), and those of another layer, or of a table's inputs, as "
               "one image "
               "with a row a neuron.",
    .examples = "nudge plot weights digits.nudge -o weights.svg\nnudge plot weights digits.nudge --layer 2 "
                "-o last.svg",
    .argp = &weights_argp,
    .run = run_weights,
};

const struct verb verb_plot_network = {
    .name = "plot network",
    .operands = "MODEL [DATA --index I] [--show WHAT] -o FILE",
    .summary = "neurons and edges, with an example's activations and wishes",
    .details = "Shows the network as neurons and edges, of wide layers the 24 that count most, of many "
               "edges the "
               "strongest. With DATA the neurons are as bright as an example makes them.",
    .examples = "nudge plot network xor.nudge xor --index 1 --show wishes -o wishes.svg",
    .argp = &network_argp,
    .run = run_network,
};
