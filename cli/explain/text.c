/* nudge explain, for people: forward, the outputs' wishes, the three ways to grant one, the ledger that adds
 * them up, and what they ask of the input. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/pictures.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OUTPUTS = 32 }; /* all of them are listed; of more the strongest */

/* Four digits are enough to see it. */
static struct number_text short_number(double value) {
    return number_short(value, 4);
}

/* The way that lowers the cost: against the gradient. */
static const char *way(double gradient) {
    return gradient < 0 ? "up" : gradient > 0 ? "down" : "-";
}

static void print_more(size_t shown, size_t count, const char *what) {
    if (shown < count) table_text("  and %s more %s (--top)\n", number_count(count - shown).text, what);
}

/* -- the example -- */

static void print_truth(const struct explain *explain) {
    const nudge_data *data = explain->opened.data;
    const struct answers *answers = &explain->answers;
    int32_t label = nudge_data_label(data, explain->part, explain->index);
    printf("%s %zu: ", part_name(explain->part), explain->index);
    if (label >= 0) {
        struct answer answer = answer_of(answers, 0);
        bool right = label == (int32_t)answer.class_index;
        printf("%s, read as", net_class_name(explain->opened.net, (size_t)label).text);
        printf(" %s%s, %s sure\n", net_class_name(explain->opened.net, answer.class_index).text,
               right ? "" : " instead", number_percent(answer.confidence, 1).text);
        return;
    }
    for (size_t j = 0; j < explain->layers[explain->last].neurons; j++)
        printf("%s%s", j ? ", " : "", short_number(explain_in_units(explain, j, explain->targets[j])).text);
    for (size_t j = 0; j < explain->layers[explain->last].neurons; j++)
        printf("%s%s", j ? ", " : ", answered ",
               short_number(explain_in_units(explain, j, explain->layers[explain->last].a[j])).text);
    putchar('\n');
}

static void print_image(const struct explain *explain) {
    struct captioned picture = {.caption = ""};
    size_t columns = pictures_columns(1);
    if (!nudge_data_image(explain->opened.data, NULL, NULL)) return;
    if (!pictures_take(&picture.picture, explain->opened.data, explain->answers.features, columns)) return;
    enum shades shades = shades_for(stdout);
    for (size_t line = 0; line < picture_lines(&picture.picture); line++) {
        printf("%*s", PICTURES_MARGIN, "");
        picture_line(&picture.picture, line, shades, stdout);
        putchar('\n');
    }
    picture_free(&picture.picture);
}

static void print_example(const struct explain *explain) {
    print_truth(explain);
    print_image(explain);
    printf("network   %zu -> ", nudge_net_inputs(explain->opened.net));
    print_wrapped(stdout, nudge_net_text(explain->opened.net), 18, 10);
    const char *mode = net_mode(explain->opened.net);
    if (mode) printf("mode      %s\n", mode);
    printf("cost      %s; of this example C_0 = %s\n", nudge_cost_name(explain->cost),
           number_cost(explain->cost_of_example).text);
}

/* -- forward -- */

/* "-1.2 .. 3.4" */
static struct number_text range_text(const double *values, size_t count) {
    struct number_text text = {""};
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; values && i < count; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    if (values) snprintf(text.text, sizeof text.text, "%.3g .. %.3g", low, high);
    return text;
}

static void print_forward(const struct explain *explain) {
    static const int widths[] = {-16, 8, 20, 20, 8, 8};
    table_text("\nForward: z = w a + b, a = σ(z)\n");
    TABLE_ROW(widths, "layer", "neurons", "z from .. to", "a from .. to", "a = 0", "σ' = 0");
    for (size_t l = 0; l <= explain->last; l++) {
        const struct explain_layer *layer = &explain->layers[l];
        size_t zeros = 0, flat = 0;
        char name[32];
        for (size_t k = 0; k < layer->neurons; k++) {
            zeros += layer->a[k] == 0;
            flat += l > 0 && layer->slope[k] == 0;
        }
        snprintf(name, sizeof name, "%zu %s", l, layer->activation);
        TABLE_ROW(widths, name, number_count(layer->neurons).text, range_text(layer->z, layer->neurons).text,
                  range_text(layer->a, layer->neurons).text, number_count(zeros).text,
                  l > 0 ? number_count(flat).text : "");
    }
}

/* -- outputs -- */

/* All outputs, or of many the strongest. */
static size_t choose_outputs(const struct explain *explain, size_t *chosen) {
    const struct explain_layer *layer = &explain->layers[explain->last];
    if (layer->neurons > MOST_OUTPUTS)
        return explain_largest(layer->delta, layer->neurons,
                               explain->top < MOST_OUTPUTS ? explain->top : MOST_OUTPUTS, chosen);
    for (size_t j = 0; j < layer->neurons; j++) chosen[j] = j;
    return layer->neurons;
}

static void print_outputs(const struct explain *explain) {
    static const int widths[] = {-14, 9, 10, 8, 13, 11, 11, -5};
    const struct explain_layer *layer = &explain->layers[explain->last];
    size_t chosen[MOST_OUTPUTS], count = choose_outputs(explain, chosen);
    bool shared = strcmp(layer->activation, "softmax") == 0;
    table_text("\nThe outputs and their wishes: to lower C_0, a by -∂C_0/∂a, z by -δ = -∂C_0/∂z\n");
    if (shared)
        table_text("(softmax's outputs share 1: the others' z go down so that the target's a goes up)\n");
    TABLE_ROW(widths, "neuron", "z", "a", "target", "part of C_0", "-∂C_0/∂a", "-δ", "  z");
    for (size_t i = 0; i < count; i++) {
        size_t j = chosen[i];
        char direction[16];
        snprintf(direction, sizeof direction, "  %s", way(layer->delta[j]));
        TABLE_ROW(widths, explain_neuron(explain, explain->last, j).text, short_number(layer->z[j]).text,
                  short_number(layer->a[j]).text, short_number(explain->targets[j]).text,
                  short_number(explain->parts[j]).text, short_number(0 - layer->gradient[j]).text,
                  short_number(0 - layer->delta[j]).text, direction);
    }
    print_more(count, layer->neurons, "outputs");
}

/* -- lists of the strongest -- */

/* The strongest of some numbers, in order. */
struct strongest {
    size_t *chosen, count;
};

static struct strongest strongest_of(const struct explain *explain, const double *values, size_t count) {
    struct strongest strongest = {calloc(explain->top < count ? explain->top : count, sizeof(size_t)), 0};
    if (strongest.chosen)
        strongest.count =
            explain_largest(values, count, explain->top < count ? explain->top : count, strongest.chosen);
    return strongest;
}

static const int list_widths[] = {-28, 12, 12, 14, -12};

static void print_listed(const char *name, double first, double second, double product, const char *word) {
    char behind[24];
    snprintf(behind, sizeof behind, "  %s", word);
    TABLE_ROW(list_widths, name, short_number(first).text, short_number(second).text,
              short_number(product).text, behind);
}

/* -- what the answer rests on -- */

static void print_reasons(const struct explain *explain) {
    const struct explain_layer *input = &explain->layers[0];
    double *share = calloc(input->neurons, sizeof *share);
    if (!share) return;
    for (size_t k = 0; k < input->neurons; k++) share[k] = input->a[k] * explain->influence[k];
    struct strongest strongest = strongest_of(explain, share, input->neurons);
    table_text("\nWhat the answer rests on: the inputs' parts in z of output neuron %s, a ∂z/∂a\n",
               explain_neuron(explain, explain->last, explain->shown).text);
    TABLE_ROW(list_widths, "input", "a", "∂z/∂a", "a ∂z/∂a", "");
    for (size_t i = 0; i < strongest.count; i++) {
        size_t k = strongest.chosen[i];
        print_listed(explain_neuron(explain, 0, k).text, input->a[k], explain->influence[k], share[k],
                     share[k] > 0   ? "raises it"
                     : share[k] < 0 ? "lowers it"
                                    : "-");
    }
    free(strongest.chosen);
    free(share);
}

/* -- three ways -- */

static void print_weights_way(const struct explain *explain, size_t l, size_t j) {
    static const int widths[] = {-18, 10, 28, 10, 12, -6};
    const struct explain_layer *layer = &explain->layers[l], *before = &explain->layers[l - 1];
    size_t n = before->neurons;
    struct strongest strongest = strongest_of(explain, before->a, n);
    table_text("2 its weights, each in proportion to the activation it is attached to\n");
    TABLE_ROW(widths, "weight", "w", "from neuron", "a", "∂C_0/∂w=δa", "");
    for (size_t i = 0; i < strongest.count; i++) {
        size_t k = strongest.chosen[i];
        nudge_parameter weight = {l, j, k, false};
        double gradient = layer->delta[j] * before->a[k];
        char direction[16];
        snprintf(direction, sizeof direction, "  %s", way(gradient));
        TABLE_ROW(widths, parameter_name(explain->opened.net, &weight).text,
                  short_number((double)layer->weights[j * n + k]).text,
                  explain_neuron(explain, l - 1, k).text, short_number(before->a[k]).text,
                  short_number(gradient).text, direction);
    }
    print_more(strongest.count, n, "weights");
    free(strongest.chosen);
}

static void print_activations_way(const struct explain *explain, size_t l, size_t j) {
    const struct explain_layer *layer = &explain->layers[l], *before = &explain->layers[l - 1];
    size_t n = before->neurons;
    const float *weights = layer->weights + j * n;
    double *share = calloc(n, sizeof *share);
    if (!share) return;
    for (size_t k = 0; k < n; k++) share[k] = (double)weights[k] * layer->delta[j];
    struct strongest strongest = strongest_of(explain, share, n);
    table_text("3 the activations before, each in proportion to its weight: wishes for layer %zu\n", l - 1);
    TABLE_ROW(list_widths, "neuron", "a", "w", "w δ", "");
    for (size_t i = 0; i < strongest.count; i++) {
        size_t k = strongest.chosen[i];
        print_listed(explain_neuron(explain, l - 1, k).text, before->a[k], (double)weights[k], share[k],
                     way(share[k]));
    }
    print_more(strongest.count, n, "neurons");
    free(strongest.chosen);
    free(share);
}

static void print_ways(const struct explain *explain, size_t l, size_t j) {
    static const int widths[] = {-18, 10, 52, -6};
    const struct explain_layer *layer = &explain->layers[l];
    nudge_parameter bias = {l, j, 0, true};
    char direction[16];
    snprintf(direction, sizeof direction, "  %s", way(layer->delta[j]));
    table_text("\nNeuron %s of layer %zu: z = %s, a = %s, δ = ∂C_0/∂z = %s: z should go %s\n",
               explain_neuron(explain, l, j).text, l, short_number(layer->z[j]).text,
               short_number(layer->a[j]).text, short_number(layer->delta[j]).text, way(layer->delta[j]));
    table_text("Three ways to grant it; raised by x, each changes C_0 by x times its last number\n"
               "1 its bias\n");
    TABLE_ROW(widths, "bias", "b", "∂C_0/∂b=δ", "");
    TABLE_ROW(widths, parameter_name(explain->opened.net, &bias).text,
              short_number((double)layer->biases[j]).text, short_number(layer->delta[j]).text, direction);
    print_weights_way(explain, l, j);
    print_activations_way(explain, l, j);
}

/* -- the ledger -- */

static void print_paths(const struct explain *explain, size_t l, const nudge_ledger *ledger) {
    size_t n = ledger->path_count;
    double *share = calloc(n, sizeof *share), rest = 0;
    if (!share) return;
    for (size_t j = 0; j < n; j++) share[j] = ledger->paths[j].share;
    struct strongest strongest = strongest_of(explain, share, n);
    TABLE_ROW(list_widths, "through neuron", "w", "δ", "w δ", "");
    for (size_t i = 0; i < strongest.count; i++) {
        const nudge_path *path = &ledger->paths[strongest.chosen[i]];
        print_listed(explain_neuron(explain, l + 1, path->neuron).text, path->weight, path->delta,
                     path->share, way(path->share));
        share[path->neuron] = 0;
    }
    for (size_t j = 0; j < n; j++) rest += share[j];
    if (strongest.count < n) {
        char name[64];
        snprintf(name, sizeof name, "the other %s", number_count(n - strongest.count).text);
        TABLE_ROW(list_widths, name, "", "", short_number(rest).text, "");
    }
    free(strongest.chosen);
    free(share);
}

static const int balance_widths[] = {-52, 14, -24};

static void print_difference(const char *name, double value, double beside) {
    char behind[48];
    snprintf(behind, sizeof behind, "  difference %.1e", fabs(value - beside));
    TABLE_ROW(balance_widths, name, short_number(value).text, behind);
}

static void print_balance(const struct explain *explain, size_t l, size_t k, const nudge_ledger *ledger) {
    char name[64], direction[16];
    snprintf(direction, sizeof direction, "  %s", way(ledger->sum));
    TABLE_ROW(balance_widths, l < explain->last ? "their sum, ∂C_0/∂a" : "∂C_0/∂a, from the cost",
              short_number(ledger->sum).text, direction);
    if (l == 0) return;
    TABLE_ROW(balance_widths, "times σ'(z) = ∂a/∂z", short_number(ledger->slope).text, "");
    if (ledger->others != 0)
        TABLE_ROW(balance_widths, "plus what z does through the layer's other neurons",
                  short_number(ledger->others).text, "");
    TABLE_ROW(balance_widths, "δ = ∂C_0/∂z by this ledger", short_number(ledger->delta).text, "");
    print_difference("δ of the backward walk, in double precision", ledger->walk_delta, ledger->delta);
    snprintf(name, sizeof name, "δ that training uses, in %s",
             nudge_context_precision(explain->opened.context));
    print_difference(name, (double)explain->layers[l].trained[k], ledger->walk_delta);
}

static void print_ledger(struct explain *explain, size_t l, size_t k) {
    nudge_ledger ledger = NUDGE_LEDGER;
    size_t paths = l < explain->last ? explain->layers[l + 1].neurons : 0;
    ledger.paths = calloc(paths ? paths : 1, sizeof *ledger.paths);
    ledger.path_count = ledger.paths ? paths : 0;
    if (!nudge_explanation_ledger(explain->explanation, l, k, &ledger, NULL)) {
        table_text("\nThe ledger of neuron %s of layer %zu, a = %s: ", explain_neuron(explain, l, k).text, l,
                   short_number(explain->layers[l].a[k]).text);
        if (l < explain->last)
            table_text("what the neurons of layer %zu wish of it\n", l + 1);
        else
            table_text("the cost follows\n");
        if (ledger.paths && paths) print_paths(explain, l, &ledger);
        print_balance(explain, l, k, &ledger);
    }
    free(ledger.paths);
}

/* -- the input -- */

/* One of two images: the pixels that should be brighter (sign -1), or darker. */
static bool take_wishes(const struct explain *explain, double sign, double most, struct captioned *picture) {
    const struct explain_layer *input = &explain->layers[0];
    size_t height, width, columns = pictures_columns(2);
    float *wishes = calloc(input->neurons, sizeof *wishes);
    nudge_data_image(explain->opened.data, &height, &width);
    for (size_t k = 0; wishes && k < input->neurons; k++) wishes[k] = (float)(sign * input->gradient[k]);
    bool made = wishes && picture_make(&picture->picture, wishes, height, width, 0, (float)most, columns);
    free(wishes);
    return made;
}

static void print_input(const struct explain *explain) {
    struct captioned pictures[2] = {{.caption = "should be brighter"}, {.caption = "should be darker"}};
    const struct explain_layer *input = &explain->layers[0];
    size_t chosen = 0;
    if (!nudge_data_image(explain->opened.data, NULL, NULL)) return;
    explain_largest(input->gradient, input->neurons, 1, &chosen);
    double most = fabs(input->gradient[chosen]);
    if (!take_wishes(explain, -1, most, &pictures[0])) return;
    if (!take_wishes(explain, 1, most, &pictures[1])) {
        picture_free(&pictures[0].picture);
        return;
    }
    table_text("\nWhat all of this wishes of the input; full strength is |∂C_0/∂a| = %s\n",
               short_number(most).text);
    pictures_print(pictures, 2, shades_for(stdout));
}

void explain_print(struct explain *explain) {
    size_t l = explain->layer, k = explain->neuron, strongest = 0;
    print_example(explain);
    explain_print_columns(explain);
    print_forward(explain);
    print_outputs(explain);
    print_reasons(explain);
    if (l > 0) print_ways(explain, l, k);
    print_ledger(explain, l, k);
    if (l == explain->last && l > 1) { /* the strongest wish that a neuron can follow */
        explain_largest(explain->layers[l - 1].delta, explain->layers[l - 1].neurons, 1, &strongest);
        print_ledger(explain, l - 1, strongest);
    }
    print_input(explain);
}
