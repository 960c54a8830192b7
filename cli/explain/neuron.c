/* nudge explain --layer, --neuron: what one neuron is wished, the three ways to grant it, and the ledger in which the wishes
 * of all neurons after it add up. One sign everywhere: what is printed of a neuron is its wish, -∂C_0/∂a, or of its z -δ, and
 * of a parameter -∂C_0/∂p: up is positive. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* Four digits are enough to see it. */
static struct number_text four(double value) {
    return number_short(value, 4);
}

static const int list_widths[] = {-26, 11, 11, 12, -8};

static void print_listed(const char *name, double first, double second, double wish) {
    char behind[24];
    format_text(behind, sizeof behind, "  %s", explain_way(wish));
    TABLE_ROW(list_widths, name, four(first).text, four(second).text, four(wish).text, behind);
}

/* What is not listed, together. */
static void print_rest(const struct explain *explain, const double *values, size_t count, size_t listed) {
    double rest = 0;
    char name[64];
    if (listed == count) return;
    for (size_t i = 0; i < count; i++) rest += values[i];
    for (size_t i = 0; i < listed; i++) rest -= values[explain->room.chosen[i]];
    format_text(name, sizeof name, text_word("the other %s"), number_count(count - listed).text);
    TABLE_ROW(list_widths, name, "", "", four(rest).text, "");
}

/* -- three ways -- */

static void print_weights_way(const struct explain *explain, size_t l, size_t j) {
    static const int widths[] = {-16, 9, 24, 9, 14, -6};
    const struct explain_layer *layer = &explain->layers[l], *before = &explain->layers[l - 1];
    size_t n = before->neurons, *chosen = explain->room.chosen,
           count = explain_largest(before->a, n, explain_most(explain, n), chosen);
    table_text("2 its weights, each in proportion to the activation it is attached to\n");
    TABLE_HEAD(widths, "weight", "w", "from neuron", "a", "-∂C_0/∂w=-δa", "");
    for (size_t i = 0; i < count; i++) {
        size_t k = chosen[i];
        nudge_parameter weight = {l, j, k, false};
        double wish = -layer->delta[j] * before->a[k];
        char direction[16];
        format_text(direction, sizeof direction, "  %s", explain_way(wish));
        TABLE_ROW(widths, parameter_name(explain->opened.net, &weight).text,
                  four((double)layer->weights[j * n + k]).text, explain_neuron(explain, l - 1, k).text,
                  four(before->a[k]).text, four(wish).text, direction);
    }
    if (count < n) table_text("  and %s more weights (--top)\n", number_count(n - count).text);
}

static void print_activations_way(const struct explain *explain, size_t l, size_t j) {
    const struct explain_layer *layer = &explain->layers[l], *before = &explain->layers[l - 1];
    size_t n = before->neurons, *chosen = explain->room.chosen;
    const float *weights = layer->weights + j * n;
    double *wishes = explain->room.values;
    for (size_t k = 0; k < n; k++) wishes[k] = -(double)weights[k] * layer->delta[j];
    size_t count = explain_largest(wishes, n, explain_most(explain, n), chosen);
    table_text("3 the activations before, each in proportion to its weight: wishes for layer %zu\n", l - 1);
    TABLE_HEAD(list_widths, "neuron", "a", "w", "-w δ", "");
    for (size_t i = 0; i < count; i++) {
        size_t k = chosen[i];
        print_listed(explain_neuron(explain, l - 1, k).text, before->a[k], (double)weights[k], wishes[k]);
    }
    if (count < n) table_text("  and %s more neurons (--top)\n", number_count(n - count).text);
}

static void print_ways(const struct explain *explain, size_t l, size_t j) {
    static const int widths[] = {-16, 9, 47, -6};
    const struct explain_layer *layer = &explain->layers[l];
    nudge_parameter bias = {l, j, 0, true};
    char direction[16];
    format_text(direction, sizeof direction, "  %s", explain_way(-layer->delta[j]));
    table_text("\nNeuron %s of layer %zu: z = %s, a = %s, -δ = %s: z should go %s\n",
               explain_neuron(explain, l, j).text, l, four(layer->z[j]).text, four(layer->a[j]).text,
               four(-layer->delta[j]).text, explain_way(-layer->delta[j]));
    table_text("Three ways to grant it; the last number: how much C_0 falls, to first order, for\n"
               "each 1 by which it is raised\n"
               "1 its bias\n");
    TABLE_HEAD(widths, "bias", "b", "-∂C_0/∂b=-δ", "");
    TABLE_ROW(widths, parameter_name(explain->opened.net, &bias).text, four((double)layer->biases[j]).text,
              four(-layer->delta[j]).text, direction);
    print_weights_way(explain, l, j);
    print_activations_way(explain, l, j);
}

/* -- the ledger -- */

static void print_paths(const struct explain *explain, size_t l, const nudge_ledger *ledger) {
    size_t n = ledger->path_count, *chosen = explain->room.chosen;
    double *wishes = explain->room.values;
    for (size_t j = 0; j < n; j++) wishes[j] = -ledger->paths[j].share;
    size_t count = explain_largest(wishes, n, explain_most(explain, n), chosen);
    TABLE_HEAD(list_widths, "through neuron", "w", "δ", "-w δ", "");
    for (size_t i = 0; i < count; i++) {
        const nudge_path *path = &ledger->paths[chosen[i]];
        print_listed(explain_neuron(explain, l + 1, path->neuron).text, path->weight, path->delta,
                     wishes[chosen[i]]);
    }
    print_rest(explain, wishes, n, count);
}

static const int balance_widths[] = {-46, 14, -18};

static void print_difference(const char *name, double value, double beside) {
    char behind[48];
    format_text(behind, sizeof behind, text_word("  off by %.1e"), fabs(value - beside));
    TABLE_ROW(balance_widths, name, four(value).text, behind);
}

/* -v: the same δ in three ways. */
static void print_proof(const struct explain *explain, size_t l, size_t k, const nudge_ledger *ledger) {
    char name[64];
    print_difference(text_word("-δ of the backward walk, in double precision"), -ledger->walk_delta,
                     -ledger->delta);
    format_text(name, sizeof name, text_word("-δ that training uses, in %s"),
                nudge_context_precision(explain->opened.context));
    print_difference(name, -(double)explain->layers[l].trained[k], -ledger->walk_delta);
}

static void print_balance(const struct explain *explain, size_t l, size_t k, const nudge_ledger *ledger) {
    char direction[16];
    format_text(direction, sizeof direction, "  %s", explain_way(-ledger->sum));
    TABLE_ROW(
        balance_widths,
        text_word(l < explain->last ? "their sum, the wish -∂C_0/∂a" : "the wish -∂C_0/∂a, from the cost"),
        four(-ledger->sum).text, direction);
    if (l == 0) return;
    TABLE_ROW(balance_widths, text_word("times σ'(z) = ∂a/∂z"), four(ledger->slope).text, "");
    if (ledger->others != 0)
        TABLE_ROW(balance_widths, text_word("plus what z does through other neurons"),
                  four(-ledger->others).text, "");
    TABLE_ROW(balance_widths, "-δ = -∂C_0/∂z", four(-ledger->delta).text, "");
    if (explain->options.verbose) print_proof(explain, l, k, ledger);
}

static void print_ledger(const struct explain *explain, size_t l, size_t k) {
    nudge_ledger ledger = NUDGE_LEDGER;
    ledger.paths = explain->room.paths;
    ledger.path_count = l < explain->last ? explain->layers[l + 1].neurons : 0;
    if (nudge_explanation_ledger(explain->explanation, l, k, &ledger, NULL))
        return; /* it has been read: none fails */
    table_text("\nThe ledger of neuron %s of layer %zu (a = %s): ", explain_neuron(explain, l, k).text, l,
               four(explain->layers[l].a[k]).text);
    if (l < explain->last)
        table_text("what layer %zu wishes of it\n", l + 1);
    else
        table_text("the cost follows\n");
    if (l < explain->last) print_paths(explain, l, &ledger);
    print_balance(explain, l, k, &ledger);
}

void explain_print_neuron(const struct explain *explain) {
    size_t l = explain->layer, k = explain->neuron, strongest = 0;
    if (l > 0) print_ways(explain, l, k);
    print_ledger(explain, l, k);
    if (l < explain->last || l <= 1) return;
    /* the strongest wish that a neuron can follow */
    explain_largest(explain->layers[l - 1].delta, explain->layers[l - 1].neurons, 1, &strongest);
    print_ledger(explain, l - 1, strongest);
}

/* -- the input -- */

/* One of two images: the pixels that should be brighter (sign 1), or darker. */
static bool take_wishes(const struct explain *explain, float *wishes, double sign, double most,
                        struct captioned *picture) {
    const struct explain_layer *input = &explain->layers[0];
    size_t height, width;
    nudge_data_image(explain->opened.data, &height, &width);
    for (size_t k = 0; k < input->neurons; k++) wishes[k] = (float)(sign * -input->gradient[k]);
    return picture_make(&picture->picture, wishes, height, width, 0, (float)most, pictures_columns(2));
}

void explain_print_wishes(const struct explain *explain) {
    struct captioned pictures[2] = {{.caption = ""}, {.caption = ""}};
    const struct explain_layer *input = &explain->layers[0];
    size_t chosen = 0;
    if (!nudge_data_image(explain->opened.data, NULL, NULL)) return;
    format_text(pictures[0].caption, sizeof pictures[0].caption, "%s", text_word("should be brighter"));
    format_text(pictures[1].caption, sizeof pictures[1].caption, "%s", text_word("should be darker"));
    explain_largest(input->gradient, input->neurons, 1, &chosen);
    double most = fabs(input->gradient[chosen]);
    float *wishes = calloc(input->neurons, sizeof *wishes);
    bool made = wishes && take_wishes(explain, wishes, 1, most, &pictures[0]) &&
                take_wishes(explain, wishes, -1, most, &pictures[1]);
    if (made) {
        table_text("\nWhat is wished of the input of %s row %zu; full strength is |∂C_0/∂a| = %s\n",
                   text_word(part_name(explain->part)), explain->index, four(most).text);
        pictures_print(pictures, 2, shades_for(stdout));
    } else {
        say_lost("the wishes' images");
        picture_free(&pictures[0].picture);
    }
    free(wishes);
}
