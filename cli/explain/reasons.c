/* nudge explain: what the answer rests on, for and against apart: each input's part in the difference of two outputs' z, that
 * of the answer less that of the right one (or of the next best), or in the z of the only output. To first order: it is
 * what goes when the input is erased, as long as no neuron bends in between. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <math.h>
#include <stdlib.h>

enum { NAME = 23 };

/* One side: the strongest, how many there are, and their sum. */
struct side {
    size_t *chosen, count, all;
    double sum;
};

static struct side side_of(const struct explain *explain, double sign, size_t *chosen) {
    size_t inputs = explain->layers[0].neurons;
    struct side side = {.chosen = chosen};
    side.count = explain_choose_rows(explain->shares, inputs, sign, explain_most(explain, inputs), chosen);
    for (size_t k = 0; k < inputs; k++) {
        if (!(sign * explain->shares[k] > 0)) continue;
        side.all++;
        side.sum += explain->shares[k];
    }
    return side;
}

/* Of an image "489 (17, 13)": row and column, as the heading says. */
static struct explain_name short_name(const struct explain *explain, size_t input) {
    struct explain_name name = explain_neuron(explain, 0, input);
    size_t width;
    if (nudge_data_image(explain->opened.data, NULL, &width))
        format_text(name.text, sizeof name.text, "%zu (%zu, %zu)", input, input / width, input % width);
    return name;
}

static struct safe_text name_of(const struct explain *explain, const struct side *side, size_t i,
                                const char *blanks) {
    struct safe_text name = {""};
    if (i < side->count)
        format_text(name.text, sizeof name.text, "%s%s", blanks,
                    safe_short(short_name(explain, side->chosen[i]).text, NAME - 1).text);
    return name;
}

static struct number_text value_of(const struct explain *explain, const struct side *side, size_t i) {
    struct number_text text = {""};
    if (i >= side->count) return text;
    float x = explain->features[side->chosen[i]];
    if (isnan(x))
        format_text(text.text, sizeof text.text, "%s", text_word("missing"));
    else
        text = number_short(explain_shown(explain, x), 4);
    return text;
}

static struct number_text part_of(const struct explain *explain, const struct side *side, size_t i) {
    struct number_text text = {""};
    return i < side->count ? number_short(explain->shares[side->chosen[i]], 3) : text;
}

/* "z of 9 less z of 4 = 0.531" */
static void print_title(const struct explain *explain) {
    const double *z = explain->layers[explain->last].z;
    size_t shown = explain->shown, against = explain->against;
    const nudge_net *net = explain->opened.net;
    if (against != COUNT_NOT_GIVEN) {
        table_text("\nWhat it rests on: parts in z of %s less z of %s, %s\n", net_class_name(net, shown).text,
                   net_class_name(net, against).text, number_short(z[shown] - z[against], 4).text);
        return;
    }
    bool low = explain->label >= 0 && explain->answer_class == 0;
    struct explain_name output = {""};
    format_text(output.text, sizeof output.text, "%s", text_word("the output"));
    if (explain->layers[explain->last].neurons > 1)
        format_text(output.text, sizeof output.text, text_word("output %s"),
                    explain_neuron(explain, explain->last, shown).text);
    table_text("\nWhat it rests on: parts in %sz of %s, %s\n", low ? "-" : "", output.text,
               number_short(low ? -z[shown] : z[shown], 4).text);
}

void explain_print_reasons(const struct explain *explain) {
    static const int widths[] = {-NAME, 7, 8, -NAME - 2, 7, 8};
    const struct side pro = side_of(explain, 1, explain->room.chosen),
                      contra = side_of(explain, -1, explain->room.chosen + pro.count);
    bool classes = explain->label >= 0;
    char all[2][64];
    print_title(explain);
    const char *where = nudge_data_image(explain->opened.data, NULL, NULL) ? text_word(" (row, column)") : "";
    format_text(all[0], sizeof all[0], "%s%s", text_word(classes ? "for" : "raises it"), where);
    format_text(all[1], sizeof all[1], "  %s%s", text_word(classes ? "against" : "lowers it"), where);
    TABLE_HEAD(widths, all[0], "x", "part", all[1], "x", "part");
    for (size_t i = 0; i < pro.count || i < contra.count; i++)
        TABLE_ROW(widths, name_of(explain, &pro, i, "").text, value_of(explain, &pro, i).text,
                  part_of(explain, &pro, i).text, name_of(explain, &contra, i, "  ").text,
                  value_of(explain, &contra, i).text, part_of(explain, &contra, i).text);
    format_text(all[0], sizeof all[0], text_word("all %s"), number_count(pro.all).text);
    format_text(all[1], sizeof all[1], text_word("  all %s"), number_count(contra.all).text);
    TABLE_ROW(widths, all[0], "", number_short(pro.sum, 3).text, all[1], "",
              number_short(contra.sum, 3).text);
}
