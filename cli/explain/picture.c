/* nudge explain -o: the example as a picture. */
#include "cli/explain/explain.h"
#include "cli/plot/picture_file.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BARS = 12, MOST_OUTPUTS = 32 };

struct gathered {
    struct draw_explanation picture;
    char title[320], subtitle[640], reasons[160], titles[4][192];
    struct draw_bar bars[4][MOST_BARS];
    const char *names[MOST_OUTPUTS];
    struct explain_name name_texts[MOST_OUTPUTS];
    double activations[MOST_OUTPUTS], targets[MOST_OUTPUTS], output_wishes[MOST_OUTPUTS];
    double *wishes, *reasons_values;
};

static void take_title(const struct explain *explain, struct gathered *to) {
    int32_t label = nudge_data_label(explain->opened.data, explain->part, explain->index);
    char name[64];
    data_short_name(explain->opened.data, name, sizeof name);
    if (label >= 0) {
        struct answer answer = answer_of(&explain->answers, 0);
        struct label truth = net_class_name(explain->opened.net, (size_t)label);
        struct label read = net_class_name(explain->opened.net, answer.class_index);
        format_text(to->title, sizeof to->title,
                    explain->answers.shares ? word("%s, %s row %zu: %s, read as %s, %s sure")
                                            : word("%s, %s row %zu: %s, read as %s, output %s"),
                    name, word(part_name(explain->part)), explain->index, truth.text, read.text,
                    answer_figure(&explain->answers, answer.confidence, 1).text);
    } else
        format_text(to->title, sizeof to->title, word("%s, %s row %zu"), name, word(part_name(explain->part)),
                    explain->index);
    format_text(to->subtitle, sizeof to->subtitle, word("%zu → %s;  %s cost, C₀ = %s"),
                nudge_net_inputs(explain->opened.net),
                safe_short(nudge_net_text(explain->opened.net), 150).text, nudge_cost_name(explain->cost),
                number_cost(explain->cost_of_example).text);
}

/* The strongest of `values` as bars, each named by neuron of layer l; `what` goes in front of its number. */
static void take_list(const struct explain *explain, struct gathered *to, size_t l, const double *values,
                      const char *unit) {
    size_t n = explain->layers[l].neurons, chosen[MOST_BARS], i = to->picture.list_count++;
    size_t most = explain->top < MOST_BARS ? explain->top : MOST_BARS;
    struct draw_list *list = &to->picture.lists[i];
    list->count = explain_largest(values, n, most < n ? most : n, chosen);
    while (list->count > 1 && values[chosen[list->count - 1]] == 0) list->count--; /* nothing to see */
    list->title = to->titles[i];
    list->unit = unit;
    list->bars = to->bars[i];
    for (size_t b = 0; b < list->count; b++) {
        struct draw_bar *bar = &to->bars[i][b];
        size_t k = chosen[b], width;
        if (l == 0 && nudge_data_image(explain->opened.data, NULL, &width))
            format_text(bar->name, sizeof bar->name, word("pixel %zu: row %zu, column %zu"), k, k / width,
                        k % width);
        else
            format_text(bar->name, sizeof bar->name, l ? word("neuron %s") : "%s",
                        explain_neuron(explain, l, k).text);
        bar->value = values[chosen[b]];
    }
}

/* The three ways of the chosen neuron: two lists; the bias is its δ. */
static void take_ways(const struct explain *explain, struct gathered *to, double *values) {
    size_t l = explain->layer, j = explain->neuron;
    const struct explain_layer *layer = &explain->layers[l], *before = &explain->layers[l - 1];
    size_t n = before->neurons;
    for (size_t k = 0; k < n; k++) values[k] = -layer->delta[j] * before->a[k];
    format_text(to->titles[to->picture.list_count], sizeof *to->titles,
                word("weights into neuron %s of layer %zu"), explain_neuron(explain, l, j).text, l);
    take_list(explain, to, l - 1, values, "-∂C₀/∂w = -δ a");
    for (size_t k = 0; k < n; k++) values[k] = -layer->delta[j] * (double)layer->weights[j * n + k];
    format_text(to->titles[to->picture.list_count], sizeof *to->titles,
                word("what neuron %s wishes of layer %zu"), explain_neuron(explain, l, j).text, l - 1);
    take_list(explain, to, l - 1, values, "-w δ");
}

static void take_ledger(const struct explain *explain, struct gathered *to, size_t l, size_t k,
                        double *values) {
    const struct explain_layer *after = &explain->layers[l + 1];
    double sum = 0;
    for (size_t j = 0; j < after->neurons; j++) {
        values[j] = -(double)after->weights[j * explain->layers[l].neurons + k] * after->delta[j];
        sum += values[j];
    }
    format_text(to->titles[to->picture.list_count], sizeof *to->titles,
                word("ledger of neuron %s of layer %zu: in sum %s"), explain_neuron(explain, l, k).text, l,
                number_short(sum, 3).text);
    take_list(explain, to, l + 1, values, "-w δ");
}

/* A regression's output by its column's name; else as neurons are called. */
static struct explain_name output_name(const struct explain *explain, size_t j) {
    struct explain_name name = explain_neuron(explain, explain->last, j);
    struct label target = target_name(explain->opened.net, j);
    if (!explain->answers.classes && target.text[0])
        format_text(name.text, sizeof name.text, "%s", target.text);
    return name;
}

static int ascending(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Of more outputs than there is room for, the largest, and that of the true class. */
static void take_outputs(const struct explain *explain, struct gathered *to) {
    const struct explain_layer *last = &explain->layers[explain->last];
    size_t chosen[MOST_OUTPUTS], most = last->neurons < MOST_OUTPUTS ? last->neurons : MOST_OUTPUTS;
    size_t count = explain_largest(last->a, last->neurons, most, chosen);
    int32_t label = nudge_data_label(explain->opened.data, explain->part, explain->index);
    bool found = label < 0 || last->neurons <= MOST_OUTPUTS;
    for (size_t j = 0; j < count; j++) found = found || chosen[j] == (size_t)label;
    if (!found) chosen[count - 1] = (size_t)label;
    qsort(chosen, count, sizeof *chosen, ascending);
    to->picture.outputs = count;
    to->picture.names = to->names;
    to->picture.activations = to->activations;
    to->picture.targets = to->targets;
    to->picture.output_wishes = to->output_wishes;
    for (size_t j = 0; j < count; j++) {
        to->name_texts[j] = output_name(explain, chosen[j]);
        to->names[j] = to->name_texts[j].text;
        to->activations[j] = last->a[chosen[j]];
        to->targets[j] = explain->targets[chosen[j]];
        to->output_wishes[j] = 0 - last->delta[chosen[j]];
    }
}

static void take_input(const struct explain *explain, struct gathered *to) {
    const struct explain_layer *input = &explain->layers[0];
    bool bytes = nudge_data_type(explain->opened.data) == NUDGE_TYPE_U8;
    for (size_t k = 0; k < input->neurons; k++) {
        double pixel = (double)explain->answers.features[k], wish = 0 - input->gradient[k];
        bool left_out = bytes && ((pixel <= 0 && wish < 0) || (pixel >= 255 && wish > 0));
        to->picture.wishes_left_out |= left_out;
        to->wishes[k] = left_out ? 0 : wish;
        to->reasons_values[k] = input->a[k] * explain->influence[k];
    }
    format_text(to->reasons, sizeof to->reasons,
                explain->answers.classes ? word("what answer %s rests on") : word("what %s rests on"),
                output_name(explain, explain->shown).text);
    to->picture.reasons_title = to->reasons;
    to->picture.input = input->a;
    to->picture.wishes = to->wishes;
    to->picture.reasons = to->reasons_values;
    if (nudge_data_image(explain->opened.data, &to->picture.height, &to->picture.width)) return;
    format_text(to->titles[to->picture.list_count], sizeof *to->titles, "%s", to->reasons);
    take_list(explain, to, 0, to->reasons_values, "a ∂z/∂a");
}

static void gather(const struct explain *explain, struct gathered *to, double *values) {
    size_t l = explain->layer, strongest = 0;
    take_title(explain, to);
    take_outputs(explain, to);
    take_input(explain, to);
    if (l > 0) take_ways(explain, to, values);
    if (l < explain->last) {
        take_ledger(explain, to, l, explain->neuron, values);
    } else if (l > 1) {
        explain_largest(explain->layers[l - 1].delta, explain->layers[l - 1].neurons, 1, &strongest);
        take_ledger(explain, to, l - 1, strongest, values);
    }
    to->picture.title = to->title;
    to->picture.subtitle = to->subtitle;
}

PICTURE_DRAWING(explanation)

int explain_draw(const struct explain *explain, const char *path, enum draw_theme theme) {
    size_t inputs = explain->layers[0].neurons, widest = 0;
    for (size_t l = 0; l <= explain->last; l++)
        widest = explain->layers[l].neurons > widest ? explain->layers[l].neurons : widest;
    struct gathered *gathered = calloc(1, sizeof *gathered);
    double *values = calloc(2 * inputs + widest, sizeof *values);
    int status = EXIT_FAILED;
    if (gathered && values) {
        gathered->wishes = values;
        gathered->reasons_values = values + inputs;
        gather(explain, gathered, values + 2 * inputs);
        status = picture_file_write(path, theme, explanation_picture, &gathered->picture);
    } else
        say_failure("not enough memory: for a picture");
    free(values);
    free(gathered);
    return status;
}
