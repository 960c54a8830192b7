/* A network as neurons and edges: brightness is the activation, colour and width of an edge its weight (or what else the
 * caller shows on it). Of wide layers the neurons that count most are drawn, of many edges the strongest. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_NEURONS = 24, LAYER_STEP = 190, HEIGHT = 440, MOST_EDGES = 160 };

struct drawn {
    size_t count, neurons[MOST_NEURONS]; /* those that are drawn, in order */
    double step, radius;
};

/* What a neuron counts for: its activation, or the strongest edge at it. */
static double weight_of(const struct draw_network *network, size_t l, size_t neuron) {
    const struct draw_neurons *layer = &network->layers[l];
    double most = 0;
    if (layer->brightness) return layer->brightness[neuron];
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
    if (drawn.step > 56) drawn.step = 56;
    drawn.radius = drawn.step * 0.36 < 15 ? drawn.step * 0.36 : 15;
    return drawn;
}

static double place_y(const struct drawn *drawn, size_t place) {
    return (double)HEIGHT / 2 + ((double)place - ((double)drawn->count - 1) / 2) * drawn->step;
}

struct edge {
    double weight, from, to;
};

static int stronger(const void *a, const void *b) {
    double x = fabs(((const struct edge *)a)->weight), y = fabs(((const struct edge *)b)->weight);
    return (x < y) - (x > y);
}

static void draw_edges(draw_page *page, double x, double y, const struct draw_network *network, size_t l) {
    const struct draw_neurons *layer = &network->layers[l], *before = layer - 1;
    struct drawn drawn = drawn_of(network, l), drawn_before = drawn_of(network, l - 1);
    size_t count = drawn.count * drawn_before.count, used = 0;
    struct edge *edges = calloc(count, sizeof *edges);
    if (!edges) return;
    for (size_t j = 0; j < drawn.count; j++)
        for (size_t k = 0; k < drawn_before.count; k++) {
            size_t to = drawn.neurons[j], from = drawn_before.neurons[k];
            edges[used++] = (struct edge){layer->weights[to * before->neurons + from],
                                          y + place_y(&drawn_before, k), y + place_y(&drawn, j)};
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
    char text[64];
    snprintf(text, sizeof text, "±%.3g", most);
    page_text(page, x - LAYER_STEP / 2, y + HEIGHT + 14, text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    free(edges);
}

static void draw_layer(draw_page *page, double x, double y, const struct draw_network *network, size_t l) {
    const struct draw_neurons *layer = &network->layers[l];
    struct drawn drawn = drawn_of(network, l);
    static const struct colour black = {0, 0, 0}, white = {1, 1, 1};
    char text[48];
    for (size_t i = 0; i < drawn.count; i++) {
        size_t neuron = drawn.neurons[i];
        double at = y + place_y(&drawn, i);
        struct colour fill = layer->brightness ? colour_between(black, white, layer->brightness[neuron])
                                               : page->theme->neutral;
        page_disc(page, x, at, drawn.radius, page->theme->soft);
        page_disc(page, x, at, drawn.radius - 1.2, fill);
        if (layer->names)
            page_text(page, x + drawn.radius + 7, at + 4, layer->names[neuron], TEXT_SMALL, ANCHOR_LEFT,
                      page->theme->ink);
    }
    if (drawn.count < layer->neurons) {
        snprintf(text, sizeof text, "%zu of %zu", drawn.count, layer->neurons);
        page_text(page, x, y + HEIGHT + 14, text, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->soft);
    }
    page_text(page, x, y - 12, layer->caption, TEXT_SMALL, ANCHOR_MIDDLE, page->theme->ink);
}

void draw_network(draw_page *page, const struct draw_network *network) {
    double y = TEXT_TITLE + 78, x = 30;
    page_text_bold(page, 0, TEXT_TITLE, network->title, TEXT_TITLE, ANCHOR_LEFT, page->theme->ink);
    page_text(page, 0, TEXT_TITLE + 20, network->subtitle, TEXT_NORMAL, ANCHOR_LEFT, page->theme->soft);
    for (size_t l = 1; l < network->count; l++) draw_edges(page, x + (double)l * LAYER_STEP, y, network, l);
    for (size_t l = 0; l < network->count; l++) draw_layer(page, x + (double)l * LAYER_STEP, y, network, l);
    double end = y + HEIGHT + 36;
    page_line(page, 0, end, 24, end, 3, page->theme->positive);
    page_text(page, 30, end + 4, "positive", TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
    page_line(page, 100, end, 124, end, 3, page->theme->negative);
    page_text(page, 130, end + 4, "negative", TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
    page_text(page, 205, end + 4, network->scale, TEXT_SMALL, ANCHOR_LEFT, page->theme->soft);
}
