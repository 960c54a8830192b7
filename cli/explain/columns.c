/* nudge explain: the columns of the data, before the first layer: as the data have them, as the network sees them, and
 * what is wished of them in their own units. x' = (g(x) - shift) factor, so ∂C_0/∂x = ∂C_0/∂x' factor g'(x), where
 * g'(x) = 1, or 1 / (1 + |x|) for a column of logarithms. */
#include "cli/explain/explain.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 32 }; /* all of them are listed; of more those with the strongest wishes */

/* Whether there is something to say: names, or a scale that is not 1. */
static bool has_columns(const struct explain *explain) {
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_column column = NUDGE_COLUMN;
    const nudge_net *net = explain->opened.net;
    if (nudge_data_image(explain->opened.data, NULL, NULL)) return false;
    if (nudge_net_columns(net, 0, &column)) return true;
    for (size_t i = 0; nudge_net_input_transform(net, i, &t); i++)
        if (t.shift != 0 || t.factor != 1 || t.log) return true;
    return false;
}

/* -∂C_0/∂x: by how much C_0 falls when x grows by 1, to first order. */
static double wish_of(const struct explain *explain, size_t input, const nudge_transform *t) {
    double x = explain->features[input], slope = t->log ? 1 / (1 + fabs(x)) : 1;
    return 0 - explain->layers[0].gradient[input] * (double)t->factor * slope;
}

void explain_print_columns(const struct explain *explain) {
    static const int widths[] = {-34, 13, 11, 11, 13};
    const nudge_net *net = explain->opened.net;
    const struct explain_layer *input = &explain->layers[0];
    size_t chosen[MOST_COLUMNS], count = input->neurons;
    if (!has_columns(explain)) return;
    if (count > MOST_COLUMNS)
        count = explain_largest(input->gradient, input->neurons, MOST_COLUMNS, chosen);
    else
        for (size_t i = 0; i < count; i++) chosen[i] = i;
    table_text(
        "\nThe columns: x as the data have it, x' as the network sees it, and what is wished of both\n");
    TABLE_HEAD(widths, "column", "x", "x'", "-∂C_0/∂x'", "-∂C_0/∂x");
    for (size_t i = 0; i < count; i++) {
        nudge_transform t = NUDGE_TRANSFORM;
        size_t k = chosen[i];
        bool known = nudge_net_input_transform(net, k, &t);
        float x = explain->features[k];
        TABLE_ROW(widths, explain_column(explain, k).text,
                  isnan(x) ? text_word("missing") : number_short(x, 6).text,
                  number_short(input->a[k], 4).text, number_short(0 - input->gradient[k], 4).text,
                  known && !isnan(x) ? number_short(wish_of(explain, k, &t), 4).text : "");
    }
    if (count < input->neurons) table_text("  and %s more\n", number_count(input->neurons - count).text);
}

json_t *explain_columns_json(const struct explain *explain) {
    const struct explain_layer *input = &explain->layers[0];
    if (!has_columns(explain)) return json_null();
    json_t *list = json_array();
    for (size_t k = 0; k < input->neurons; k++) {
        nudge_transform t = NUDGE_TRANSFORM;
        json_t *object = json_object();
        nudge_net_input_transform(explain->opened.net, k, &t);
        json_add(object, "name", json_text(explain_column(explain, k).text));
        json_add(object, "x", json_figure(explain->features[k]));
        json_add(object, "scaled", json_figure(input->a[k]));
        json_add(object, "gradient_scaled", json_figure(input->gradient[k]));
        json_add(object, "gradient", json_figure(0 - wish_of(explain, k, &t)));
        json_append(list, object);
    }
    return list;
}
