/* nudge explain, for people: the sentences, then in the order of the lesson the image beside the outputs, their costs and
 * wishes, and layer by layer what went forward and what comes back; -v has the rest. One sign everywhere: what is wished
 * of a neuron is -∂C_0/∂a, and up is positive. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALL_OUTPUTS = 12, MOST_OUTPUTS = 32, COST_COLUMNS = 50 };

/* -- the image -- */

/* Without the dark lines above and below what is seen. */
static void find_lines(const struct picture *picture, size_t *first, size_t *end) {
    size_t lines = picture_lines(picture), pixels = picture->height * picture->width, low = pixels, high = 0;
    for (size_t i = 0; i < pixels; i++)
        if (picture->pixels[i] > 0.05f) {
            low = i < low ? i : low;
            high = i;
        }
    *first = low < pixels ? low / picture->width / 2 : 0;
    *end = low < pixels ? high / picture->width / 2 + 1 : lines;
    if (*end > lines) *end = lines;
}

/* The image's lines, one beside each line of the cost. */
struct beside {
    struct picture picture;
    size_t line, end;
    enum shades shades;
    bool shown;
};

static struct beside take_image(const struct explain *explain) {
    struct beside image = {.shades = shades_for(stdout)};
    if (!nudge_data_image(explain->opened.data, NULL, NULL)) return image;
    if (!pictures_take(&image.picture, explain->opened.data, explain->features, pictures_columns(1))) {
        say_lost("an image");
        return image;
    }
    image.shown = true;
    find_lines(&image.picture, &image.line, &image.end);
    return image;
}

static void put_line(struct beside *image) {
    if (!image->shown) return;
    printf("%*s", PICTURES_MARGIN, "");
    if (image->line < image->end)
        picture_line(&image->picture, image->line++, image->shades, stdout);
    else
        printf("%*s", (int)image->picture.width, "");
}

/* All lines at once, where there is no room beside them. */
static void put_lines(struct beside *image) {
    while (image->shown && image->line < image->end) {
        put_line(image);
        putchar('\n');
    }
    image->shown = false;
}

/* -- outputs, their cost and wishes -- */

/* All outputs; of many the strongest wishes, and the answer's. */
static size_t choose_outputs(const struct explain *explain, size_t *chosen) {
    const struct explain_layer *layer = &explain->layers[explain->last];
    size_t most = explain_most(explain, MOST_OUTPUTS);
    if (layer->neurons > ALL_OUTPUTS) return explain_largest(layer->delta, layer->neurons, most, chosen);
    for (size_t j = 0; j < layer->neurons; j++) chosen[j] = j;
    return layer->neurons;
}

/* Three digits, or as many as there is room for. */
static struct number_text three(double value) {
    enum { COLUMNS = 8 };
    return number_fitted(value, 3, COLUMNS);
}

static void print_cost(const struct explain *explain) {
    static const int widths[] = {-7, 7, 9, 7, 9, 9};
    const struct explain_layer *layer = &explain->layers[explain->last];
    size_t chosen[MOST_OUTPUTS], count = choose_outputs(explain, chosen);
    struct beside image = take_image(explain);
    size_t room = image.shown ? image.picture.width + PICTURES_MARGIN + COST_COLUMNS : 0;
    putchar('\n');
    if (room > terminal_columns(stdout)) put_lines(&image);
    put_line(&image);
    table_text("  C_0 = %s, %s\n", number_cost(explain->cost_of_example).text,
               nudge_cost_name(explain->cost));
    put_line(&image);
    TABLE_HEAD(widths, "output", "z", "a", "target", "-∂C_0/∂a", "-δ");
    for (size_t i = 0; i < count; i++) {
        size_t j = chosen[i];
        put_line(&image);
        TABLE_ROW(widths, safe_short(net_class_name(explain->opened.net, j).text, 7).text,
                  three(layer->z[j]).text, three(layer->a[j]).text, three(explain->targets[j]).text,
                  three(-layer->gradient[j]).text, three(-layer->delta[j]).text);
    }
    if (count < layer->neurons) {
        put_line(&image);
        table_text("  and %s more outputs\n", number_count(layer->neurons - count).text);
    }
    put_lines(&image);
    picture_free(&image.picture);
}

/* -- layers -- */

/* "-1.2 .. 3.4" */
static struct number_text range_text(const double *values, size_t count) {
    struct number_text text = {""};
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; values && i < count; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    if (values && count == 1)
        text = three(low);
    else if (values)
        format_text(text.text, sizeof text.text, "%s .. %s", number_fitted(low, 3, 7).text,
                    number_fitted(high, 3, 7).text);
    return text;
}

static double norm(const double *values, size_t count) {
    double squares = 0;
    for (size_t i = 0; i < count; i++) squares += values[i] * values[i];
    return sqrt(squares);
}

/* The strongest wish, and whose it is. */
static struct number_text wish_text(const struct explain_layer *layer) {
    struct number_text text;
    size_t strongest = 0;
    explain_largest(layer->gradient, layer->neurons, 1, &strongest);
    format_text(text.text, sizeof text.text, text_word("%s of %zu"),
                number_short(-layer->gradient[strongest], 3).text, strongest);
    return text;
}

/* ‖∂C_0/∂w‖ = ‖δ‖ ‖a of the layer before‖, as ∂C_0/∂w_jk = δ_j a_k. */
static void print_layers(const struct explain *explain) {
    static const int widths[] = {-10, 7, 17, 18, 16, 10};
    table_text("\nForward, down: z = w a + b, a = σ(z); back, up: what is wished, above 0 is up\n");
    TABLE_HEAD(widths, "layer", "neurons", "z", "a", "-∂C_0/∂a", "|∂C_0/∂w|");
    for (size_t l = 0; l <= explain->last; l++) {
        const struct explain_layer *layer = &explain->layers[l];
        char name[32], gradient[32] = "";
        format_text(name, sizeof name, "%zu %s", l, text_word(layer->activation));
        if (l > 0)
            format_text(gradient, sizeof gradient, "%s",
                        three(norm(layer->delta, layer->neurons) *
                              norm(explain->layers[l - 1].a, explain->layers[l - 1].neurons))
                            .text);
        TABLE_ROW(widths, name, number_count(layer->neurons).text, range_text(layer->z, layer->neurons).text,
                  range_text(layer->a, layer->neurons).text, wish_text(layer).text, gradient);
    }
}

/* -- -v: what else there is -- */

static void print_network(const struct explain *explain) {
    const char *mode = net_mode(explain->opened.net);
    table_text("\nnetwork   %zu -> ", nudge_net_inputs(explain->opened.net));
    print_wrapped(stdout, nudge_net_text(explain->opened.net), 18, 10);
    if (mode) table_text("mode      %s\n", text_word(mode));
}

static void print_zeros(const struct explain *explain) {
    static const int widths[] = {-16, 8, 8, 8};
    table_text("\nNeurons that are off, and that pass nothing back\n");
    TABLE_HEAD(widths, "layer", "neurons", "a = 0", "σ' = 0");
    for (size_t l = 0; l <= explain->last; l++) {
        const struct explain_layer *layer = &explain->layers[l];
        size_t zeros = 0, flat = 0;
        char name[32];
        for (size_t k = 0; k < layer->neurons; k++) {
            zeros += layer->a[k] == 0;
            flat += l > 0 && layer->slope[k] == 0;
        }
        format_text(name, sizeof name, "%zu %s", l, text_word(layer->activation));
        TABLE_ROW(widths, name, number_count(layer->neurons).text, number_count(zeros).text,
                  l > 0 ? number_count(flat).text : "");
    }
}

static void print_outputs(const struct explain *explain) {
    static const int widths[] = {-10, 9, 10, 7, 12, 10, 11, -6};
    const struct explain_layer *layer = &explain->layers[explain->last];
    size_t chosen[MOST_OUTPUTS], count = choose_outputs(explain, chosen);
    table_text("\nThe outputs and their wishes: to lower C_0, a by -∂C_0/∂a, z by -δ = -∂C_0/∂z\n");
    if (strcmp(layer->activation, "softmax") == 0)
        table_text("(softmax's outputs share 1: others' z go down so that the target's a goes up)\n");
    TABLE_HEAD(widths, "neuron", "z", "a", "target", "part of C_0", "-∂C_0/∂a", "-δ", "  z");
    for (size_t i = 0; i < count; i++) {
        size_t j = chosen[i];
        char direction[16];
        format_text(direction, sizeof direction, "  %s", explain_way(-layer->delta[j]));
        TABLE_ROW(widths, explain_neuron(explain, explain->last, j).text, number_short(layer->z[j], 4).text,
                  number_short(layer->a[j], 4).text, number_short(explain->targets[j], 4).text,
                  number_short(explain->parts[j], 4).text, number_short(0 - layer->gradient[j], 4).text,
                  number_short(0 - layer->delta[j], 4).text, direction);
    }
}

/* -- all of it -- */

int explain_print(const struct explain *explain) {
    bool verbose = explain->options.verbose;
    if (explain->neuron_asked && !verbose) {
        explain_print_head(explain);
        explain_print_neuron(explain);
        if (explain->layer == 0) explain_print_wishes(explain);
        return EXIT_DONE;
    }
    int status = explain_print_sentences(explain);
    if (status) return status;
    if (verbose || net_mode(explain->opened.net)) print_network(explain);
    print_cost(explain);
    print_layers(explain);
    explain_print_reasons(explain);
    if (!verbose) {
        table_text("--layer L --neuron J tells how wishes add up and are granted; -v shows all\n");
        return EXIT_DONE;
    }
    explain_print_columns(explain);
    print_zeros(explain);
    print_outputs(explain);
    explain_print_neuron(explain);
    explain_print_wishes(explain);
    return EXIT_DONE;
}
