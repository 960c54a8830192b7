/* nudge explain --set, --erase: the same row, or the same network, with some numbers changed: old and new outputs, answer and
 * cost, and the change of cost that is measured beside the one that the gradient predicts. What is set is in the data's own
 * units, as tables show them. */
#include "cli/explain/explain.h"
#include "cli/options/suggest.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* What was changed, and what came of it. */
struct changed {
    nudge_net *net;
    float *features;
    nudge_parameter parameters[EXPLAIN_CHANGES];
    size_t parameter_count;
    double *a, *inputs; /* of the last layer, and of the input, then */
    double cost, predicted;
    size_t answer;
};

static void release(struct changed *changed) {
    nudge_net_free(changed->net);
    free(changed->features);
    free(changed->a);
    free(changed->inputs);
}

/* -- words -- */

static const char *option_of(const struct explain_asked_change *asked) {
    return asked->erase ? "--erase" : "--set";
}

static bool next_feature(const nudge_net *net, size_t *c, nudge_column *column) {
    while (nudge_net_columns(net, (*c)++, column))
        if (column->role == NUDGE_COLUMN_FEATURE) return true;
    return false;
}

/* The feature whose name the word begins with, and ends with or goes on with '='. The longest, as names may have '='. */
static bool find_column(const nudge_net *net, const char *word, size_t length, nudge_column *found) {
    nudge_column column = NUDGE_COLUMN;
    size_t longest = 0;
    for (size_t c = 0; next_feature(net, &c, &column);) {
        size_t own = strlen(column.name);
        if (own <= longest || own > length || strncmp(word, column.name, own)) continue;
        if (own < length && word[own] != '=') continue;
        longest = own;
        *found = column;
    }
    return longest > 0;
}

static int say_unknown(const struct explain *explain, const struct explain_asked_change *asked,
                       const char *word, size_t length) {
    struct suggestion suggestion;
    nudge_column column = NUDGE_COLUMN;
    char name[128], near[192] = "";
    bool columns = nudge_net_columns(explain->opened.net, 0, &column);
    format_text(name, sizeof name, "%.*s", (int)length, word);
    suggestion = suggestion_for(name);
    for (size_t c = 0; next_feature(explain->opened.net, &c, &column);)
        suggestion_consider(&suggestion, column.name);
    const char *meant = columns ? suggestion_made(&suggestion) : NULL;
    if (meant) format_text(near, sizeof near, "; did you mean \"%s\"?", meant);
    return say_usage("%s %s: found \"%s\", expected %s%san input 0 to %zu%s%s", option_of(asked), asked->word,
                     name, columns ? "a column" : "",
                     !columns       ? ""
                     : asked->erase ? " or "
                                    : ", ",
                     explain->layers[0].neurons - 1,
                     asked->erase ? "" : ", or a weight or bias, as w(2)[3][7] or b(1)[0]", near);
}

/* A whole number that is an input. */
static int take_input(const struct explain *explain, const struct explain_asked_change *asked,
                      const char *word, size_t length, size_t *input) {
    char digits[24];
    uint64_t number;
    format_text(digits, sizeof digits, "%.*s", (int)length, word);
    if (length == 0 || length >= sizeof digits || !number_parse_count(digits, &number))
        return say_unknown(explain, asked, word, length);
    if (number >= explain->layers[0].neurons)
        return say_usage("%s %s: input %s, expected 0 to %zu", option_of(asked), asked->word, digits,
                         explain->layers[0].neurons - 1);
    *input = (size_t)number;
    return EXIT_DONE;
}

/* -- --set -- */

static int take_number(const struct explain *explain, const struct explain_asked_change *asked,
                       const char *word, double *value) {
    bool pixel = explain_shown(explain, 255) == 1 && explain_feature(explain, 1) == 255;
    if (number_parse(word, value) && fabs(*value) <= (double)FLT_MAX &&
        !(pixel && !(*value >= 0 && *value <= 1)))
        return EXIT_DONE;
    return say_usage("%s %s: found \"%s\", expected a number%s", option_of(asked), asked->word, word,
                     pixel ? " from 0 (dark) to 1 (bright)" : "");
}

static int set_category(const struct explain *explain, const struct explain_asked_change *asked,
                        const nudge_column *column, const char *word, struct changed *changed) {
    char list[512] = "";
    for (size_t k = 0; k < column->category_count && k < column->inputs; k++) {
        if (strcmp(column->categories[k], word) == 0) {
            explain_set_input(explain, changed->features, column->first + k, 1);
            return EXIT_DONE;
        }
        size_t used = strlen(list);
        format_text(list + used, sizeof list - used, "%s%s", k ? ", " : "",
                    safe_short(column->categories[k], 24).text);
    }
    return say_usage("%s %s: found \"%s\", expected one of: %s", option_of(asked), asked->word, word, list);
}

static int set_parameter(const struct explain_asked_change *asked, const char *value_word,
                         struct changed *changed) {
    nudge_parameter *parameter = &changed->parameters[changed->parameter_count];
    nudge_error error;
    double value;
    bool bias = asked->word[0] == 'b';
    size_t length = (size_t)(value_word - 1 - asked->word);
    if (!parameter_parse(asked->word, length, parameter) || (parameter->tensor == 1) != bias)
        return say_usage("%s %s: found \"%.*s\", expected a weight or bias, as w(2)[3][7] or b(1)[0]",
                         option_of(asked), asked->word, (int)length, asked->word);
    if (!number_parse(value_word, &value) || fabs(value) > (double)FLT_MAX)
        return say_usage("%s %s: found \"%s\", expected a number", option_of(asked), asked->word, value_word);
    if (nudge_net_set_parameter(changed->net, parameter, (float)value, &error))
        return say_usage("%s %s: %s", option_of(asked), asked->word, error.message);
    changed->parameter_count++;
    return EXIT_DONE;
}

static int set(const struct explain *explain, const struct explain_asked_change *asked,
               struct changed *changed) {
    const char *word = asked->word, *equals = strchr(word, '=');
    nudge_column column = NUDGE_COLUMN;
    size_t input;
    double value;
    if (!equals) return say_usage("--set %s: expected NAME=VALUE, as 266=0.5 or w(2)[3][7]=0.1", word);
    if (find_column(explain->opened.net, word, strlen(word), &column) && word[strlen(column.name)] == '=') {
        const char *to = word + strlen(column.name) + 1;
        if (column.kind == NUDGE_COLUMN_CATEGORY) return set_category(explain, asked, &column, to, changed);
        int status = take_number(explain, asked, to, &value);
        if (!status)
            explain_set_input(explain, changed->features, column.first, explain_feature(explain, value));
        return status;
    }
    if ((word[0] == 'w' || word[0] == 'b') && word[1] == '(')
        return set_parameter(asked, equals + 1, changed);
    int status = take_input(explain, asked, word, (size_t)(equals - word), &input);
    if (!status) status = take_number(explain, asked, equals + 1, &value);
    if (!status) explain_set_input(explain, changed->features, input, explain_feature(explain, value));
    return status;
}

/* -- --erase -- */

static void erase_range(const struct explain *explain, size_t first, size_t count, struct changed *changed) {
    memcpy(changed->features + first, explain->erased + first, count * sizeof *changed->features);
}

/* "266", "200-210", "age" */
static int erase_one(const struct explain *explain, const struct explain_asked_change *asked,
                     const char *word, size_t length, struct changed *changed) {
    nudge_column column = NUDGE_COLUMN;
    size_t first, last;
    if (find_column(explain->opened.net, word, length, &column) && strlen(column.name) == length) {
        erase_range(explain, column.first, column.inputs, changed);
        return EXIT_DONE;
    }
    const char *dash = memchr(word, '-', length);
    if (dash == word) dash = NULL;
    int status = take_input(explain, asked, word, dash ? (size_t)(dash - word) : length, &first);
    last = first;
    if (!status && dash)
        status = take_input(explain, asked, dash + 1, length - (size_t)(dash - word) - 1, &last);
    if (!status && last < first)
        status = say_usage("%s %s: found %.*s, expected a range that goes up", option_of(asked), asked->word,
                           (int)length, word);
    if (!status) erase_range(explain, first, last - first + 1, changed);
    return status;
}

/* One name, or several with commas between them. */
static int erase(const struct explain *explain, const struct explain_asked_change *asked,
                 struct changed *changed) {
    nudge_column column = NUDGE_COLUMN;
    const char *word = asked->word;
    size_t all = strlen(word);
    if (find_column(explain->opened.net, word, all, &column) && strlen(column.name) == all)
        return erase_one(explain, asked, word, all, changed);
    for (;;) {
        size_t length = strcspn(word, ",");
        int status = erase_one(explain, asked, word, length, changed);
        if (status || !word[length]) return status;
        word += length + 1;
    }
}

/* -- what comes of it -- */

static bool is_same(const nudge_parameter *a, const nudge_parameter *b) {
    return a->layer == b->layer && a->tensor == b->tensor && a->output == b->output && a->input == b->input;
}

/* ∂C_0/∂p Δp of all that is changed: what a cost without curves would do. */
static double predict(const struct explain *explain, const struct changed *changed) {
    const struct explain_layer *input = &explain->layers[0];
    double sum = 0;
    for (size_t k = 0; k < input->neurons; k++)
        sum += input->gradient[k] * (changed->inputs[k] - input->a[k]);
    for (size_t i = 0; i < changed->parameter_count; i++) {
        const nudge_parameter *p = &changed->parameters[i];
        float now = 0;
        bool again = false; /* set twice: the last counts, once */
        for (size_t j = i + 1; j < changed->parameter_count; j++)
            again |= is_same(p, &changed->parameters[j]);
        if (again) continue;
        nudge_net_get_parameter(changed->net, p, &now, NULL);
        sum += explain->layers[p->layer].delta[p->output] *
               (p->tensor ? 1 : explain->layers[p->layer - 1].a[p->input]) *
               ((double)now - explain_value(explain, p));
    }
    return sum;
}

static nudge_status read_changed(const struct explain *explain, struct changed *changed, nudge_error *error) {
    nudge_explanation *walked = NULL;
    size_t outputs = explain->layers[explain->last].neurons;
    nudge_status status = nudge_explanation_create(explain->opened.context, changed->net, &walked, error);
    if (!status)
        status = nudge_explanation_numbers(walked, changed->features, explain->answers.targets, error);
    if (!status)
        status = nudge_explanation_read(walked, NUDGE_ACTIVATION, explain->last, changed->a, outputs, error);
    if (!status)
        status = nudge_explanation_read(walked, NUDGE_ACTIVATION, 0, changed->inputs,
                                        explain->layers[0].neurons, error);
    if (!status) status = nudge_explanation_read(walked, NUDGE_COST_EACH, 0, &changed->cost, 1, error);
    nudge_explanation_free(walked);
    return status;
}

static int make(const struct explain *explain, struct changed *changed) {
    size_t inputs = explain->layers[0].neurons, outputs = explain->layers[explain->last].neurons;
    nudge_error error;
    changed->features = malloc(inputs * sizeof *changed->features);
    changed->inputs = malloc(inputs * sizeof *changed->inputs);
    changed->a = malloc(outputs * sizeof *changed->a);
    if (!changed->features || !changed->inputs || !changed->a)
        return say_failure("not enough memory: for a changed row");
    if (nudge_net_clone(explain->opened.context, explain->opened.net, &changed->net, &error))
        return say_error(&error, SAY_RUNNING);
    memcpy(changed->features, explain->features, inputs * sizeof *changed->features);
    for (size_t i = 0; i < explain->asked_count; i++) {
        const struct explain_asked_change *asked = &explain->asked[i];
        int status = asked->erase ? erase(explain, asked, changed) : set(explain, asked, changed);
        if (status) return status;
    }
    if (read_changed(explain, changed, &error)) return say_error(&error, SAY_RUNNING);
    float as_f32[2] = {0, 0}; /* the class, by the rule for answers */
    size_t largest = 0;
    for (size_t j = 0; j < outputs; j++)
        if (changed->a[j] > changed->a[largest]) largest = j;
    as_f32[0] = (float)changed->a[0];
    changed->answer = outputs > 1 ? largest : nudge_answer(as_f32, 1);
    changed->predicted = predict(explain, changed);
    return EXIT_DONE;
}

/* -- for people -- */

static bool same_feature(float a, float b) {
    return a == b || (isnan(a) && isnan(b));
}

static struct number_text feature_text(const struct explain *explain, float x) {
    struct number_text text;
    if (!isnan(x)) return number_short(explain_shown(explain, x), 5);
    format_text(text.text, sizeof text.text, "%s", text_word("missing"));
    return text;
}

static const int change_widths[] = {-32, 14, 14}, outcome_widths[] = {-32, 14, 14, 14};

/* Each input that is another now; of very many the first. */
static void print_inputs(const struct explain *explain, const struct changed *changed) {
    enum { MOST = 12 };
    size_t count = 0;
    for (size_t k = 0; k < explain->layers[0].neurons; k++) {
        if (same_feature(changed->features[k], explain->features[k])) continue;
        if (count++ < MOST)
            TABLE_ROW(change_widths, explain_neuron(explain, 0, k).text,
                      feature_text(explain, explain->features[k]).text,
                      feature_text(explain, changed->features[k]).text);
    }
    if (count > MOST) table_text("  and %zu more inputs\n", count - MOST);
    if (count == 0 && changed->parameter_count == 0) table_text("  nothing: all of it is so already\n");
}

static void print_parameters(const struct explain *explain, const struct changed *changed) {
    for (size_t i = 0; i < changed->parameter_count; i++) {
        const nudge_parameter *p = &changed->parameters[i];
        float now = 0;
        nudge_net_get_parameter(changed->net, p, &now, NULL);
        TABLE_ROW(change_widths, parameter_name(explain->opened.net, p).text,
                  number_short(explain_value(explain, p), 6).text, number_short((double)now, 6).text);
    }
}

static void print_output(const struct explain *explain, const struct changed *changed, size_t j) {
    const struct explain_layer *last = &explain->layers[explain->last];
    double before = explain_in_units(explain, j, last->a[j]),
           after = explain_in_units(explain, j, changed->a[j]);
    char name[160];
    format_text(name, sizeof name, text_word("output %s"), explain_neuron(explain, explain->last, j).text);
    if (explain->label < 0 && explain_target_name(explain, j).text[0])
        format_text(name, sizeof name, "%s", explain_target_name(explain, j).text);
    TABLE_ROW(outcome_widths, name, number_short(before, 4).text, number_short(after, 4).text,
              number_short(after - before, 3).text);
}

/* All outputs; of many those that change most. */
static void print_outputs(const struct explain *explain, const struct changed *changed) {
    enum { MOST = 12 };
    const struct explain_layer *last = &explain->layers[explain->last];
    size_t chosen[MOST], count = last->neurons;
    double *moved = explain->room.values;
    for (size_t j = 0; j < last->neurons; j++) moved[j] = changed->a[j] - last->a[j];
    if (count > MOST)
        count = explain_largest(moved, last->neurons, MOST, chosen);
    else
        for (size_t j = 0; j < count; j++) chosen[j] = j;
    for (size_t i = 0; i < count; i++) print_output(explain, changed, chosen[i]);
    if (count < last->neurons) table_text("  and %zu more outputs\n", last->neurons - count);
}

static void print_answer(const struct explain *explain, const struct changed *changed) {
    const nudge_net *net = explain->opened.net;
    if (explain->label < 0) return;
    char now[64];
    bool right = changed->answer == (size_t)explain->label;
    format_text(now, sizeof now, "%s", net_class_name(net, changed->answer).text);
    const char *said = changed->answer == explain->answer_class ? text_word("the same")
                       : right                                  ? text_word("now right")
                                                                : text_word("now wrong");
    TABLE_ROW(outcome_widths, text_word("answer"), net_class_name(net, explain->answer_class).text, now,
              said);
}

static void print_changed(const struct explain *explain, const struct changed *changed) {
    double measured = changed->cost - explain->cost_of_example;
    explain_print_head(explain);
    table_text("\nWhat if\n");
    TABLE_HEAD(change_widths, "changed", "before", "after");
    print_inputs(explain, changed);
    print_parameters(explain, changed);
    table_text("\nWhat comes of it\n");
    TABLE_HEAD(outcome_widths, "", "before", "after", "change");
    print_outputs(explain, changed);
    TABLE_ROW(outcome_widths, "C_0", number_short(explain->cost_of_example, 4).text,
              number_short(changed->cost, 4).text, number_short(measured, 3).text);
    print_answer(explain, changed);
    table_text("\nΔC_0 measured %s; predicted by the gradient, to first order, %s\n",
               number_short(measured, 4).text, number_short(changed->predicted, 4).text);
}

/* -- for programs -- */

static json_t *inputs_json(const struct explain *explain, const struct changed *changed) {
    json_t *list = json_array();
    for (size_t k = 0; k < explain->layers[0].neurons; k++) {
        if (same_feature(changed->features[k], explain->features[k])) continue;
        json_t *object = json_object();
        json_add(object, "input", json_integer((json_int_t)k));
        json_add(object, "before", json_figure(explain_shown(explain, explain->features[k])));
        json_add(object, "after", json_figure(explain_shown(explain, changed->features[k])));
        json_append(list, object);
    }
    return list;
}

static json_t *parameters_json(const struct explain *explain, const struct changed *changed) {
    json_t *list = json_array();
    for (size_t i = 0; i < changed->parameter_count; i++) {
        const nudge_parameter *p = &changed->parameters[i];
        float now = 0;
        json_t *object = json_object();
        nudge_net_get_parameter(changed->net, p, &now, NULL);
        json_add(object, "name", json_text(parameter_name(explain->opened.net, p).text));
        json_add(object, "before", json_figure(explain_value(explain, p)));
        json_add(object, "after", json_figure((double)now));
        json_append(list, object);
    }
    return list;
}

static json_t *outputs_json(const struct explain *explain, const double *a) {
    json_t *list = json_array();
    for (size_t j = 0; j < explain->layers[explain->last].neurons; j++)
        json_append(list, json_figure(explain_in_units(explain, j, a[j])));
    return list;
}

static json_t *changed_json(const struct explain *explain, const struct changed *changed) {
    json_t *object = json_object();
    bool classes = explain->label >= 0;
    json_add(object, "inputs", inputs_json(explain, changed));
    json_add(object, "parameters", parameters_json(explain, changed));
    json_add(object, "outputs_before", outputs_json(explain, explain->layers[explain->last].a));
    json_add(object, "outputs", outputs_json(explain, changed->a));
    json_add(object, "answer_before",
             classes ? json_integer((json_int_t)explain->answer_class) : json_null());
    json_add(object, "answer", classes ? json_integer((json_int_t)changed->answer) : json_null());
    json_add(object, "cost_before", json_figure(explain->cost_of_example));
    json_add(object, "cost", json_figure(changed->cost));
    json_add(object, "measured", json_figure(changed->cost - explain->cost_of_example));
    json_add(object, "predicted", json_figure(changed->predicted));
    return object;
}

int explain_tell_changes(const struct explain *explain, json_t **json) {
    struct changed changed = {.net = NULL};
    int status = make(explain, &changed);
    if (!status && json)
        *json = changed_json(explain, &changed);
    else if (!status)
        print_changed(explain, &changed);
    release(&changed);
    return status;
}
