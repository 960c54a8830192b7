/* nudge explain: what neurons, inputs and outputs are called, numbers in the units in which people know them, and the order
 * of the largest. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

#include <math.h>
#include <string.h>

/* -- names -- */

struct explain_name explain_column(const struct explain *explain, size_t input) {
    struct explain_name name;
    format_text(name.text, sizeof name.text, "%s", net_input_name(explain->opened.net, input).text);
    return name;
}

struct explain_name explain_neuron(const struct explain *explain, size_t l, size_t k) {
    struct explain_name name;
    const nudge_data *data = explain->opened.data;
    size_t width;
    if (l == 0 && nudge_data_image(data, NULL, &width))
        format_text(name.text, sizeof name.text, text_word("%zu (row %zu, column %zu)"), k, k / width,
                    k % width);
    else if (l == 0)
        return explain_column(explain, k);
    else
        format_text(name.text, sizeof name.text, "%zu", k);
    const char *label =
        l == explain->last && explain->layers[l].neurons > 1 ? nudge_net_label(explain->opened.net, k) : NULL;
    if (label && strcmp(label, name.text) != 0)
        format_text(name.text, sizeof name.text, "%zu \"%s\"", k, safe_short(label, 20).text);
    return name;
}

struct explain_name explain_target_name(const struct explain *explain, size_t output) {
    struct explain_name name;
    format_text(name.text, sizeof name.text, "%s", target_name(explain->opened.net, output).text);
    if (!name.text[0] && explain->layers[explain->last].neurons > 1)
        format_text(name.text, sizeof name.text, text_word("output %zu"), output);
    return name;
}

const char *explain_way(double wish) {
    return wish > 0 ? text_word("up") : wish < 0 ? text_word("down") : "-";
}

/* -- numbers -- */

double explain_value(const struct explain *explain, const nudge_parameter *parameter) {
    float number = 0;
    nudge_net_get_parameter(explain->opened.net, parameter, &number, NULL);
    return (double)number;
}

static double brightest(const struct explain *explain) {
    const nudge_data *data = explain->opened.data;
    return nudge_data_image(data, NULL, NULL) && nudge_data_type(data) == NUDGE_TYPE_U8 ? 255 : 1;
}

double explain_shown(const struct explain *explain, float feature) {
    return (double)feature / brightest(explain);
}

float explain_feature(const struct explain *explain, double shown) {
    return (float)(shown * brightest(explain));
}

double explain_in_units(const struct explain *explain, size_t output, double scaled) {
    nudge_transform t = NUDGE_TRANSFORM;
    if (!nudge_net_target_transform(explain->opened.net, output, &t)) return scaled;
    return scaled / (double)t.factor + (double)t.shift;
}

struct number_text explain_output_text(const struct explain *explain, double a) {
    struct number_text text;
    bool shares = net_shares_one(explain->opened.net);
    if (shares && a > 0 && a < 0.0005)
        format_text(text.text, sizeof text.text, text_word("less than 0.1 %%"));
    else if (shares && a > 0.9995 && a < 1)
        format_text(text.text, sizeof text.text, text_word("more than 99.9 %%"));
    else if (shares)
        text = number_percent(a, 1);
    if (shares) return text;
    format_text(text.text, sizeof text.text, "%.3f", a);
    return text;
}

/* -- order -- */

/* By insertion: `most` is small. Of equals the first comes first. */
size_t explain_largest(const double *values, size_t count, size_t most, size_t *chosen) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = used;
        while (at > 0 && fabs(values[i]) > fabs(values[chosen[at - 1]])) at--;
        if (at == most) continue;
        if (used < most) used++;
        memmove(chosen + at + 1, chosen + at, (used - 1 - at) * sizeof *chosen);
        chosen[at] = i;
    }
    return used;
}

size_t explain_choose_rows(const double *each, size_t rows, double sign, size_t most, size_t *chosen) {
    size_t used = 0;
    for (size_t r = 0; r < rows; r++) {
        size_t at = used;
        if (!(sign * each[r] > 0)) continue;
        while (at > 0 && sign * each[r] > sign * each[chosen[at - 1]]) at--;
        if (at == most) continue;
        if (used < most) used++;
        memmove(chosen + at + 1, chosen + at, (used - 1 - at) * sizeof *chosen);
        chosen[at] = r;
    }
    return used;
}

size_t explain_most(const struct explain *explain, size_t count) {
    return explain->top < count ? explain->top : count;
}
