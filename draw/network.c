/* A network as neurons and edges: brightness is the activation (orange: a negative one), colour and width of an edge its
 * weight (or what else the caller shows on it). Of wide layers the neurons that count most are drawn, of many edges the
 * strongest. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_NEURONS = 24, LAYER_STEP = 190, HEIGHT = 520, MOST_STEP = 56, MOST_EDGES = 160, MOST_NAME = 170 };

struct drawn {
    size_t count, neurons[MOST_NEURONS]; /* those that are drawn, in order */
    double step, radius;
};

/* What a neuron counts for: its activation, or the strongest edge at it. */
static double weight_of(const struct draw_network *network, size_t l, size_t neuron) {
    const struct draw_neurons *layer = &network->layers[l];
    double most = 0;
    if (layer->brightness) return fabs(layer->brightness[neuron]);
    if (l + 1 < network->count)
        for (size_t j = 0; j < layer[1].neurons; j++) {
            double size = fabs(layer[1].weights[j * layer->neurons + neuron]);
            most = size > most ? size : most;
        }
    return most;
}

/* Of a wide layer the neurons that count most; of equals the first. */
static void choose_neurons(const struct draw_network *network, size_t l, struct drawn *drawn) {
    double weights[MOST_NEURONS];
    drawn->count = 0;
    for (size_t i = 0; i < network->layers[l].neurons; i++) {
        double weight = weight_of(network, l, i);
        size_t least = 0;
        if (drawn->count < MOST_NEURONS) {
            weights[drawn->count] = weight;
            drawn->neurons[drawn->count++] = i;
            continue;
        }
        for (size_t k = 1; k < MOST_NEURONS; k++) least = weights[k] <= weights[least] ? k : least;
        if (weight <= weights[least]) continue;
        for (size_t k = least; k + 1 < MOST_NEURONS; k++) { /* stays in order */
            weights[k] = weights[k + 1];
            drawn->neurons[k] = drawn->neurons[k + 1];
        }
        weights[MOST_NEURONS - 1] = weight;
        drawn->neurons[MOST_NEURONS - 1] = i;
    }
}

static struct drawn drawn_of(const struct draw_network *network, size_t l) {
    struct drawn drawn;
    choose_neurons(network, l, &drawn);
    drawn.step = (double)HEIGHT / (double)drawn.count;
    if (drawn.step > MOST_STEP) drawn.step = MOST_STEP;
    drawn.radius = drawn.step * 0.38 < 15 ? drawn.step * 0.38 : 15;
    return drawn;
}

/* As high as the layer that needs most. */
static double height_of(const struct draw_network *network) {
    double height = 0;
    for (size_t l = 0; l < network->count; l++) {
        struct drawn drawn = drawn_of(network, l);
        double needed = drawn.step * (double)drawn.count;
        height = needed > height ? needed : height;
    }
    return height;
}

/* In the middle of the height. */
static double place_y(const struct drawn *drawn, double height, size_t place) {
    return height / 2 + ((double)place - ((double)drawn->count - 1) / 2) * drawn->step;
}

struct edge {
    double weight, from, to;
};

static int stronger(const void *a, const void *b) {
    double x = fabs(((const struct edge *)a)->weight), y = fabs(((const struct edge *)b)->weight);
    return (x < y) - (x > y);
}

static void draw_edges(draw_page *page, double x, double y, double height, const struct draw_network *network,
                       size_t l) {
    const struct draw_neurons *layer = &network->layers[l], *before = layer - 1;
    struct drawn drawn = drawn_of(network, l), drawn_before = drawn_of(network, l - 1);
    size_t count = drawn.count * drawn_before.count, used = 0;
    struct edge *edges = calloc(count, sizeof *edges);
    if (!edges) return;
    for (size_t j = 0; j < drawn.count; j++)
        for (size_t k = 0; k < drawn_before.count; k++) {
            size_t to = drawn.neurons[j], from = drawn_before.neurons[k];
            edges[used++] =
                (struct edge){layer->weights[to * before->neurons + from],
                              y + place_y(&drawn_before, height, k), y + place_y(&drawn, height, j)};
        }
    qsort(edges, used, sizeof *edges, stronger);
    double most = used ? fabs(edges[0].weight) : 0;
    size_t shown = used < MOST_EDGES ? used : MOST_EDGES;
    for (size_t i = shown; i-- > 0;) { /* the strongest on top */
        double share = most > 0 ? fabs(edges[i].weight) / most : 0;
        struct colour colour = edges[i].weight < 0 ? page->theme->negative : page->theme->positive;
        if (share == 0) continue;
        page_colour_faded(page, colour, 0.15 + 0.75 * share);
        lib.set_line_width(page->cairo, 0.4 + 2.8 * share);
        lib.move_to(page->cairo, x - LAYER_STEP + drawn_before.radius, edges[i].from);
        lib.line_to(page->cairo, x - drawn.radius, edges[i].to);
        lib.stroke(page->cairo);
    }
    char text[sizeof(struct fitted) + 4];
    snprintf(text, sizeof text, "±%s", page_number(most, 3).text);
    page_text(page, x - LAYER_STEP / 2, y + height + 14, text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    free(edges);
}

/* Black is 0, white 1; what is negative goes to orange. */
static struct colour fill_of(const draw_page *page, const struct draw_neurons *layer, size_t neuron) {
    static const struct colour black = {0, 0, 0}, white = {1, 1, 1};
    if (!layer->brightness) return page->theme->neutral;
    double value = layer->brightness[neuron];
    return colour_between(black, value < 0 ? page->theme->negative : white, fabs(value));
}

/* "7,12" of an image, row and column; its name; else its number. */
static struct fitted name_of(draw_page *page, const struct draw_neurons *layer, size_t neuron) {
    struct fitted name;
    if (layer->names) return page_fit(page, layer->names[neuron], TEXT_SMALL, false, MOST_NAME);
    if (layer->image_width)
        snprintf(name.text, sizeof name.text, "%zu,%zu", neuron / layer->image_width,
                 neuron % layer->image_width);
    else
        snprintf(name.text, sizeof name.text, "%zu", neuron);
    return name;
}

/* Names of the first and the last layer stand beside, those of the others, numbers, within. */
static void draw_neuron(draw_page *page, double x, double y, double radius,
                        const struct draw_network *network, size_t l, size_t neuron) {
    const struct draw_neurons *layer = &network->layers[l];
    struct fitted name = name_of(page, layer, neuron);
    struct colour fill = fill_of(page, layer, neuron);
    static const struct colour black = {0, 0, 0}, white = {1, 1, 1};
    page_disc(page, x, y, radius, page->theme->soft);
    page_disc(page, x, y, radius - 1.2, fill);
    if (l == 0)
        page_text(page, x - radius - 6, y + 3.5, name.text, TEXT_SMALL, ANCHOR_RIGHT, page->theme->ink);
    else if (l + 1 == network->count)
        page_text(page, x + radius + 6, y + 3.5, name.text, TEXT_SMALL, ANCHOR_LEFT, page->theme->ink);
    else {
        double size = page_text_width(page, name.text, 8) < 2 * radius - 3 ? 8 : 6;
        bool dark = 0.3 * fill.red + 0.59 * fill.green + 0.11 * fill.blue < 0.5;
        page_text(page, x, y + size * 0.36, name.text, size, ANCHOR_MIDDLE, dark ? white : black);
    }
}

static void draw_layer(draw_page *page, double x, double y, double height, const struct draw_network *network,
                       size_t l) {
    const struct draw_neurons *layer = &network->layers[l];
    struct drawn drawn = drawn_of(network, l);
    char text[64];
    for (size_t i = 0; i < drawn.count; i++)
        draw_neuron(page, x, y + place_y(&drawn, height, i), drawn.radius, network, l, drawn.neurons[i]);
    if (drawn.count < layer->neurons) {
        snprintf(text, sizeof text, page_word(page, "%zu of %zu"), drawn.count, layer->neurons);
        page_text(page, x, y + height + 14, text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    }
    page_text(page, x, y - 24, layer->caption, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->ink);
    if (layer->note)
        page_text(page, x, y - 11, layer->note, TEXT_SMALL - 1, ANCHOR_MIDDLE, page->theme->soft);
}

/* What blue and orange edges are, then what edges are at all. */
static void draw_legend(draw_page *page, double y, const struct draw_network *network) {
    const char *signs[] = {page_word(page, "positive"), page_word(page, "negative")};
    struct colour colours[] = {page->theme->positive, page->theme->negative};
    double x = 0;
    for (size_t i = 0; i < 2; i++) {
        page_line(page, x, y, x + 24, y, 3, colours[i]);
        page_text(page, x + 30, y + 4, signs[i], TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
        x += 50 + page_text_width(page, signs[i], TEXT_SMALL);
    }
    page_text(page, 0, y + 20, network->scale, TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
}

static double first_names(draw_page *page, const struct draw_network *network) {
    struct drawn drawn = drawn_of(network, 0);
    double widest = 0;
    for (size_t i = 0; i < drawn.count; i++) {
        double width =
            page_text_width(page, name_of(page, &network->layers[0], drawn.neurons[i]).text, TEXT_SMALL);
        widest = width > widest ? width : widest;
    }
    return widest;
}

void draw_network(draw_page *page, const struct draw_network *network) {
    double y = TEXT_TITLE + 88, x = 26 + first_names(page, network), height = height_of(network);
    page_text_bold(page, 0, TEXT_TITLE, network->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, network->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    if (x < 45) x = 45;
    for (size_t l = 1; l < network->count; l++)
        draw_edges(page, x + (double)l * LAYER_STEP, y, height, network, l);
    for (size_t l = 0; l < network->count; l++)
        draw_layer(page, x + (double)l * LAYER_STEP, y, height, network, l);
    draw_legend(page, y + height + 38, network);
}
