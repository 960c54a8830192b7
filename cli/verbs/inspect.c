/* nudge inspect: what a model file holds. */
#include "cli/open/verb_run.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/verbs.h"

#include <math.h>
#include <nudge_insight.h>
#include <string.h>

struct inspect {
    struct options options;
    struct opened opened;
};

/* -- for people -- */

/* Of the layer's parameters those that are no weights or biases of its sums. */
static size_t count_others(const nudge_net *net, size_t l) {
    nudge_tensor tensor = NUDGE_TENSOR;
    size_t count = 0;
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor); i++)
        if (tensor.layer == l && tensor.number > 1 && tensor.role != NUDGE_ROLE_STATE) count += tensor.count;
    return count;
}

static void print_layers(const nudge_net *net) {
    nudge_layer layer = NUDGE_LAYER;
    printf("\nlayer  inputs -> outputs  activation         weights    biases   parameters\n");
    for (size_t l = 1; nudge_net_layer(net, l, &layer); l++) {
        char activation[80];
        double value = layer.activation_value;
        format_text(activation, sizeof activation, "%s%s%s", layer.activation, value != 0 ? " " : "",
                    value != 0 ? number_exact(value).text : "");
        size_t others = count_others(net, l);
        printf("%5zu  %6zu -> %-7zu  %-15s%11s%10s%13s%s\n", l, layer.inputs, layer.outputs, activation,
               number_count(layer.inputs * layer.outputs).text, number_count(layer.outputs).text,
               number_count((layer.inputs + 1) * layer.outputs + others).text,
               others ? "  with batch-norm's" : "");
    }
    printf("%74s\n", number_count(nudge_net_parameters(net)).text);
}

/* "(x - 3) * 0.5", or what of it is there. */
static void print_formula(const nudge_transform *t) {
    const char *x = t->log ? "log1p x" : "x";
    if (t->factor == 0)
        printf("always %s", number_exact_f32(t->low).text);
    else if (t->shift == 0 && t->factor == 1)
        printf("%s", t->log ? "log1p x" : "as it is");
    else if (t->shift == 0)
        printf("%s * %s", x, number_exact_f32(t->factor).text);
    else
        printf("(%s - %s) * %s", x, number_exact_f32(t->shift).text, number_exact_f32(t->factor).text);
}

static bool all_alike(const nudge_net *net) {
    nudge_transform first = NUDGE_TRANSFORM, t = NUDGE_TRANSFORM;
    if (!nudge_net_input_transform(net, 0, &first)) return true;
    for (size_t i = 1; nudge_net_input_transform(net, i, &t); i++)
        if (t.shift != first.shift || t.factor != first.factor || t.log != first.log) return false;
    return true;
}

/* The column's name, and of which of its categories the input is. */
static void print_input_name(const nudge_net *net, size_t input) {
    nudge_column column = NUDGE_COLUMN;
    for (size_t c = 0; nudge_net_columns(net, c, &column); c++)
        if (input >= column.first && input - column.first < column.inputs) {
            size_t k = input - column.first;
            printf("  %s", safe(column.name).text);
            if (column.kind == NUDGE_COLUMN_CATEGORY && k < column.category_count)
                printf(" = %s", safe(column.categories[k]).text);
            else if (column.flag && k + 1 == column.inputs)
                printf(" is missing");
            return;
        }
}

static void print_transforms(const nudge_net *net) {
    enum { MOST = 200 };
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_column column = NUDGE_COLUMN;
    bool named = nudge_net_columns(net, 0, &column);
    if (!nudge_net_input_transform(net, 0, &t)) {
        printf("\ninputs    as they are\n");
    } else if (all_alike(net) && !named) {
        bool same = t.shift == 0 && t.factor == 1 && !t.log;
        printf("\ninputs    %s", same ? "as they are" : "");
        if (!same) print_formula(&t);
        putchar('\n');
    } else {
        printf("\ninput  scale     as the network sees it\n");
        for (size_t i = 0; i < MOST && nudge_net_input_transform(net, i, &t); i++) {
            printf("%5zu  %-10s", i, nudge_scale_name(t.scale));
            print_formula(&t);
            print_input_name(net, i);
            putchar('\n');
        }
        if (nudge_net_inputs(net) > MOST) printf("  ...\n");
    }
    for (size_t j = 0; nudge_net_target_transform(net, j, &t); j++) {
        printf(j ? "          " : "targets   ");
        print_formula(&t);
        putchar('\n');
    }
}

static void print_labels(const nudge_net *net) {
    enum { MOST = 20 };
    size_t classes = net_classes(net);
    if (!classes) return;
    printf("classes   ");
    for (size_t c = 0; c < classes && c < MOST; c++)
        printf("%s%s", c ? ", " : "", net_class_name(net, c).text);
    puts(classes > MOST ? ", ..." : "");
}

static void print_journal(const struct opened *opened) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    char place[48];
    if (!opened->journal || nudge_journal_describe(opened->journal, &summary, NULL) ||
        nudge_journal_training(opened->journal, &training, NULL))
        return;
    format_text(place, sizeof place,
                opened->step_given ? "as it was after step %zu" : "the last is shown here",
                opened->journal_step);
    printf("\njournal   %s steps of up to %s rows, %s an epoch%s\n", number_count(summary.steps).text,
           number_count(training.batch_size).text, number_count(summary.epoch_steps).text,
           summary.unfinished ? "; it is not finished" : "");
    printf("          %s snapshots, one every %s steps; %s\n", number_count(summary.snapshots).text,
           number_count(summary.every).text, place);
}

static void print_all(const struct inspect *inspect) {
    const nudge_net *net = inspect->opened.net;
    char digest[65];
    nudge_net_digest(net, digest);
    printf("%s\n\nnetwork   %zu -> %s\n", safe(inspect->options.operands[0]).text, nudge_net_inputs(net),
           nudge_net_text(net));
    print_layers(net);
    print_transforms(net);
    print_labels(net);
    double delta;
    nudge_cost cost = nudge_net_cost(net, &delta);
    printf("cost      %s", nudge_cost_name(cost));
    if (cost == NUDGE_COST_HUBER) printf(" (d = %s)", number_exact(delta).text);
    printf("\ndigest    %s\n", digest);
    const char *key, *value;
    if (nudge_net_note_at(net, 0, NULL)) printf("\nhow it was trained\n");
    for (size_t i = 0; (key = nudge_net_note_at(net, i, &value)); i++)
        printf("  %-16s%s\n", key, safe(value).text);
    print_journal(&inspect->opened);
}

/* -- for programs -- */

static json_t *json_layers(const nudge_net *net) {
    nudge_layer layer = NUDGE_LAYER;
    json_t *layers = json_array();
    for (size_t l = 1; nudge_net_layer(net, l, &layer); l++) {
        json_t *object = json_object();
        json_add(object, "layer", json_count(l));
        json_add(object, "inputs", json_count(layer.inputs));
        json_add(object, "outputs", json_count(layer.outputs));
        json_add(object, "activation", json_text(layer.activation));
        json_add(object, "activation_value", json_figure(layer.activation_value));
        json_add(object, "parameters", json_count((layer.inputs + 1) * layer.outputs + count_others(net, l)));
        json_append(layers, object);
    }
    return layers;
}

static json_t *json_transform(const nudge_transform *t) {
    json_t *object = json_object();
    json_add(object, "scale", json_text(nudge_scale_name(t->scale)));
    json_add(object, "log", json_boolean(t->log));
    json_add(object, "shift", json_figure(t->shift));
    json_add(object, "factor", json_figure(t->factor));
    json_add(object, "fill", json_figure(t->fill));
    json_add(object, "low", json_figure(t->low));
    json_add(object, "high", json_figure(t->high));
    return object;
}

/* One for each input or output; of inputs that are all alike the first stands for all. */
static json_t *json_transforms(const nudge_net *net, bool targets) {
    nudge_transform t = NUDGE_TRANSFORM;
    bool (*get)(const nudge_net *, size_t, nudge_transform *) =
        targets ? nudge_net_target_transform : nudge_net_input_transform;
    if (!get(net, 0, &t)) return json_null();
    json_t *list = json_array();
    bool alike = !targets && all_alike(net);
    for (size_t i = 0; get(net, i, &t) && (i == 0 || !alike); i++) json_append(list, json_transform(&t));
    return list;
}

static json_t *json_columns(const nudge_net *net) {
    static const char *const roles[] = {"feature", "target", "id", "weight", "split", "ignored"};
    nudge_column column = NUDGE_COLUMN;
    if (!nudge_net_columns(net, 0, &column)) return json_null();
    json_t *list = json_array();
    for (size_t c = 0; nudge_net_columns(net, c, &column); c++) {
        json_t *object = json_object(), *categories = json_array();
        json_add(object, "name", json_text(column.name));
        json_add(object, "role", json_text(roles[column.role]));
        json_add(object, "kind", json_text(column.kind == NUDGE_COLUMN_NUMBER ? "number" : "category"));
        for (size_t i = 0; i < column.category_count; i++)
            json_append(categories, json_text(column.categories[i]));
        json_add(object, "categories", categories);
        json_add(object, "inputs", json_count(column.inputs));
        json_append(list, object);
    }
    return list;
}

static json_t *json_journal(const struct opened *opened) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    if (nudge_journal_describe(opened->journal, &summary, NULL)) return json_null();
    json_t *object = json_object(), *steps = json_array();
    for (size_t i = 0, step; i < summary.snapshots; i++)
        if (!nudge_journal_snapshot(opened->journal, i, &step, NULL, 0, NULL))
            json_append(steps, json_count(step));
    json_add(object, "rows", json_count(summary.rows));
    json_add(object, "steps", json_count(summary.steps));
    json_add(object, "epoch_steps", json_count(summary.epoch_steps));
    json_add(object, "unfinished", json_boolean(summary.unfinished));
    json_add(object, "snapshots", steps);
    json_add(object, "shown_step", json_count(opened->journal_step));
    return object;
}

static void print_inspect_json(const struct inspect *inspect) {
    const nudge_net *net = inspect->opened.net;
    const char *key, *value;
    char digest[65];
    nudge_net_digest(net, digest);
    json_t *line = json_object(), *labels = json_array(), *notes = json_object();
    for (size_t c = 0; c < net_classes(net); c++) json_append(labels, json_text(nudge_net_label(net, c)));
    for (size_t i = 0; (key = nudge_net_note_at(net, i, &value)); i++) json_add(notes, key, json_text(value));
    json_add(line, "model", json_text(inspect->options.operands[0]));
    json_add(line, "network", json_text(nudge_net_text(net)));
    json_add(line, "inputs", json_count(nudge_net_inputs(net)));
    json_add(line, "layers", json_layers(net));
    json_add(line, "parameters", json_count(nudge_net_parameters(net)));
    json_add(line, "columns", json_columns(net));
    json_add(line, "input_transforms", json_transforms(net, false));
    json_add(line, "target_transforms", json_transforms(net, true));
    json_add(line, "labels", labels);
    json_add(line, "notes", notes);
    double delta;
    nudge_cost cost = nudge_net_cost(net, &delta);
    json_add(line, "cost", json_text(nudge_cost_name(cost)));
    json_add(line, "huber_delta", json_figure(cost == NUDGE_COST_HUBER ? delta : NAN));
    json_add(line, "digest", json_text(digest));
    if (inspect->opened.journal) json_add(line, "journal", json_journal(&inspect->opened));
    json_line(line, stdout, JSON_DIGITS);
}

/* -- all of it -- */

static int inspect_opened(void *state) {
    struct inspect *inspect = state;
    if (inspect->options.json)
        print_inspect_json(inspect);
    else
        print_all(inspect);
    return EXIT_DONE;
}

static const struct verb_frame frame = {&verb_inspect, {"FILE"}, NEEDS_MODEL, NULL, inspect_opened, NULL};

static int run_inspect(int argc, char **argv) {
    struct inspect inspect = {.options = options_none()};
    return verb_run(&frame, &inspect, &inspect.opened, argc, argv);
}

static const struct argp_child children[] = {
    {&options_json, 0, "Result", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_inspect = {
    .name = "inspect",
    .operands = "FILE [--json]",
    .summary = "show what a model file holds",
    .details = "Shows a model file's network, layers with their shapes and numbers of parameters, "
               "how inputs are scaled, classes, how "
               "it was trained, and the digest of its parameters.",
    .examples = "nudge inspect digits.nudge",
    .argp = &argp,
    .run = run_inspect,
};
