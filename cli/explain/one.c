/* nudge explain --weight, --bias: the factors of one parameter's gradient, and what nudging it really does. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>

static struct number_text number(double value) {
    return number_short(value, 6);
}

/* -- the tree -- */

static const int tree_widths[] = {-40, 14, -34};

/* -v */
static void print_trained(const struct explain *explain, double gradient) {
    const nudge_parameter *p = &explain->parameter;
    size_t at = p->output * explain->layers[p->layer - 1].neurons + p->input;
    double trained =
        (double)(p->tensor ? explain->layers[p->layer].trained[p->output] : explain->trained_gradient[at]);
    char name[64], behind[48];
    format_text(name, sizeof name, text_word("the gradient that training uses, in %s"),
                nudge_context_precision(explain->opened.context));
    format_text(behind, sizeof behind, text_word("  off by %.1e"), fabs(trained - gradient));
    TABLE_ROW(tree_widths, name, number(trained).text, behind);
}

/* ∂z/∂p · ∂a/∂z · ∂C_0/∂a; where softmax mixes the outputs, what comes through the others is added before the
 * first factor. */
static void print_tree(const struct explain *explain) {
    const nudge_parameter *p = &explain->parameter;
    const struct explain_layer *layer = &explain->layers[p->layer];
    nudge_ledger ledger = NUDGE_LEDGER;
    double first = p->tensor ? 1 : explain->layers[p->layer - 1].a[p->input];
    double gradient = layer->delta[p->output] * first;
    nudge_explanation_ledger(explain->explanation, p->layer, p->output, &ledger, NULL);
    table_text("\n%s → z → a → C_0: a nudge of the one moves the next by its factor\n",
               text_word(p->tensor ? "bias" : "weight"));
    TABLE_ROW(tree_widths, text_word(p->tensor ? "bias to z" : "weight to z, by the activation before"),
              number(first).text, p->tensor ? "  ∂z/∂b = 1" : "  ∂z/∂w = a");
    TABLE_ROW(tree_widths, text_word("z to a, by the slope of the activation"), number(ledger.slope).text,
              "  ∂a/∂z = σ'(z)");
    TABLE_ROW(tree_widths,
              text_word(p->layer < explain->last ? "a to C_0, all wishes of the next layer" : "a to C_0"),
              number(ledger.sum).text, "  ∂C_0/∂a");
    if (ledger.others != 0)
        TABLE_ROW(tree_widths, text_word("z to C_0 through the other outputs"), number(ledger.others).text,
                  text_word("  added to ∂a/∂z ∂C_0/∂a"));
    TABLE_ROW(tree_widths, text_word("the product"), number(gradient).text,
              p->tensor ? "  ∂C_0/∂b" : "  ∂C_0/∂w");
    if (explain->options.verbose) print_trained(explain, gradient);
}

/* -- the nudge -- */

double explain_nudge_size(const struct explain *explain, size_t i) {
    static const double sizes[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8};
    return i == 0 ? explain->by : copysign(sizes[i - 1], explain->by);
}

nudge_change explain_nudge(const struct explain *explain, double by) {
    nudge_change change = NUDGE_CHANGE;
    nudge_explanation_nudge(explain->explanation, &explain->parameter, by, &change, NULL);
    return change;
}

static const char *remark(const nudge_change *change) {
    if (change->kink) return text_word("  a kink lies between");
    double off = fabs(change->measured - change->predicted);
    return off > 0 && off <= change->rounding ? text_word("  may be rounding") : "";
}

static void print_nudge(const struct explain *explain, double by) {
    static const int widths[] = {-10, 17, 17, 13, 13, -24};
    nudge_change change = explain_nudge(explain, by);
    double off = change.measured - change.predicted;
    char difference[32];
    format_text(difference, sizeof difference, "%.2e", off);
    TABLE_ROW(widths, number_exact(by).text, number_short(change.predicted, 8).text,
              number_short(change.measured, 8).text, difference, number_short(off / (by * by), 4).text,
              remark(&change));
}

/* Three sizes show how the difference shrinks; with -v it can be followed down into rounding. */
static void print_nudges(const struct explain *explain) {
    static const int widths[] = {-10, 17, 17, 13, 13, -24};
    nudge_change change = explain_nudge(explain, explain->by);
    double by = explain->by;
    table_text("\nThe nudge itself: the change of cost that is predicted beside the one measured\n");
    TABLE_HEAD(widths, "by", "predicted ΔC_0", "measured ΔC_0", "difference", "diff. / by²", "");
    for (size_t i = 0; i < EXPLAIN_SIZES; i++, by /= 10) print_nudge(explain, by);
    for (size_t i = 1; i < EXPLAIN_NUDGES && explain->options.verbose; i++) {
        if (i == 1) putchar('\n');
        print_nudge(explain, explain_nudge_size(explain, i));
    }
    table_text("The difference is that of a curve and its tangent: it goes with by², until it\n"
               "drowns in rounding, which may be up to %.1e here.\n",
               change.rounding);
}

void explain_print_one(const struct explain *explain) {
    const nudge_parameter *p = &explain->parameter;
    table_text("%s row %zu: C_0 = %s (%s)\n", text_word(part_name(explain->part)), explain->index,
               number(explain->cost_of_example).text, nudge_cost_name(explain->cost));
    struct number_text value = number(explain_value(explain, p));
    struct parameter_text name = parameter_name(explain->opened.net, p);
    if (p->tensor)
        table_text("%s = %s, the bias of neuron %s of layer %zu\n", name.text, value.text,
                   explain_neuron(explain, p->layer, p->output).text, p->layer);
    else if (p->layer == 1)
        table_text("%s = %s, input %s to neuron %s of layer 1\n", name.text, value.text,
                   explain_neuron(explain, 0, p->input).text, explain_neuron(explain, 1, p->output).text);
    else
        table_text("%s = %s, from neuron %s of layer %zu to neuron %s of layer %zu\n", name.text, value.text,
                   explain_neuron(explain, p->layer - 1, p->input).text, p->layer - 1,
                   explain_neuron(explain, p->layer, p->output).text, p->layer);
    print_tree(explain);
    print_nudges(explain);
}
