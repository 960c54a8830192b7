/* nudge explain --weight, --bias: the factors of one parameter's gradient, and what nudging it really does. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/table.h"

#include <math.h>

static struct number_text number(double value) {
    return number_short(value, 6);
}

/* -- the tree -- */

static const int tree_widths[] = {-40, 14, -34};

/* ∂z/∂p · ∂a/∂z · ∂C_0/∂a; where softmax mixes the outputs, what comes through the others is added before the
 * first factor. */
static void print_tree(struct explain *explain) {
    const nudge_parameter *p = &explain->parameter;
    const struct explain_layer *layer = &explain->layers[p->layer];
    nudge_ledger ledger = NUDGE_LEDGER;
    double first = p->tensor ? 1 : explain->layers[p->layer - 1].a[p->input];
    double gradient = layer->delta[p->output] * first;
    nudge_explanation_ledger(explain->explanation, p->layer, p->output, &ledger, NULL);
    table_text("\n%s → z → a → C_0: a nudge of the one moves the next by its factor\n",
               p->tensor ? "bias" : "weight");
    TABLE_ROW(tree_widths, p->tensor ? "bias to z" : "weight to z, by the activation before",
              number(first).text, p->tensor ? "  ∂z/∂b = 1" : "  ∂z/∂w = a");
    TABLE_ROW(tree_widths, "z to a, by the slope of the activation", number(ledger.slope).text,
              "  ∂a/∂z = σ'(z)");
    TABLE_ROW(tree_widths, p->layer < explain->last ? "a to C_0, all wishes of the next layer" : "a to C_0",
              number(ledger.sum).text, "  ∂C_0/∂a");
    if (ledger.others != 0)
        TABLE_ROW(tree_widths, "z to C_0 through the other outputs", number(ledger.others).text,
                  "  added to ∂a/∂z ∂C_0/∂a");
    TABLE_ROW(tree_widths, "the product", number(gradient).text, p->tensor ? "  ∂C_0/∂b" : "  ∂C_0/∂w");
    double trained =
        (double)(p->tensor
                     ? layer->trained[p->output]
                     : explain
                           ->trained_gradient[p->output * explain->layers[p->layer - 1].neurons + p->input]);
    char name[64], behind[48];
    snprintf(name, sizeof name, "the gradient that training uses, in %s",
             nudge_context_precision(explain->opened.context));
    snprintf(behind, sizeof behind, "  difference %.1e", fabs(trained - gradient));
    TABLE_ROW(tree_widths, name, number(trained).text, behind);
}

/* -- the nudge -- */

static const char *remark(const nudge_change *change) {
    if (change->kink) return "  a kink lies between";
    double off = fabs(change->measured - change->predicted);
    return off > 0 && off <= change->rounding ? "  may be rounding" : "";
}

static void print_nudge(struct explain *explain, double by) {
    static const int widths[] = {-10, 17, 17, 13, 13, -24};
    nudge_change change = explain_nudge(explain, by);
    double off = change.measured - change.predicted;
    char difference[32];
    snprintf(difference, sizeof difference, "%.2e", off);
    TABLE_ROW(widths, number_exact(by).text, number_short(change.predicted, 8).text,
              number_short(change.measured, 8).text, difference, number_short(off / (by * by), 4).text,
              remark(&change));
}

static void print_nudges(struct explain *explain) {
    static const int widths[] = {-10, 17, 17, 13, 13, -24};
    nudge_change change = explain_nudge(explain, explain->by);
    table_text("\nThe nudge itself: the change of cost that is predicted beside the one measured\n");
    TABLE_ROW(widths, "by", "predicted ΔC_0", "measured ΔC_0", "difference", "diff. / by²", "");
    for (size_t i = 0; i < EXPLAIN_NUDGES; i++) {
        print_nudge(explain, explain_nudge_size(explain, i));
        if (i == 0) putchar('\n');
    }
    table_text("The difference is that of a curve and its tangent: it goes with by², until it drowns in\n"
               "rounding, which may be up to %.1e here.\n",
               change.rounding);
}

void explain_print_one(struct explain *explain) {
    const nudge_parameter *p = &explain->parameter;
    table_text("%s %zu: C_0 = %s (%s)\n", part_name(explain->part), explain->index,
               number(explain->cost_of_example).text, nudge_cost_name(explain->cost));
    table_text("%s = %s", parameter_name(explain->opened.net, p).text,
               number(explain_value(explain, p)).text);
    if (p->tensor)
        table_text(", the bias of neuron %s of layer %zu\n",
                   explain_neuron(explain, p->layer, p->output).text, p->layer);
    else
        table_text(", from neuron %s of layer %zu to neuron %s of layer %zu\n",
                   explain_neuron(explain, p->layer - 1, p->input).text, p->layer - 1,
                   explain_neuron(explain, p->layer, p->output).text, p->layer);
    print_tree(explain);
    print_nudges(explain);
}
