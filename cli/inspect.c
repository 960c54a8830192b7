/* nudge inspect: what a model file holds. */
#include "cli/json.h"
#include "cli/numbers.h"
#include "cli/open.h"
#include "cli/safe.h"
#include "cli/verbs.h"

#include <string.h>

struct inspect {
    struct options options;
    struct opened opened;
};

/* -- for people -- */

static void activation_text(const nudge_layer *layer, char *text, size_t room) {
    bool valued = layer->activation_value != 0;
    format_text(text, room, "%s%s%s", layer->activation, valued ? " " : "",
                valued ? number_exact(layer->activation_value).text : "");
}

static void print_layers(const nudge_net *net) {
    nudge_layer layer;
    printf("\nlayer  inputs -> outputs  activation         weights    biases   parameters\n");
    for (size_t l = 1; nudge_net_layer(net, l, &layer); l++) {
        char activation[80];
        activation_text(&layer, activation, sizeof activation);
        printf("%5zu  %6zu -> %-7zu  %-15s%11s%10s%13s\n", l, layer.inputs, layer.outputs, activation,
               number_count(layer.inputs * layer.outputs).text, number_count(layer.outputs).text,
               number_count((layer.inputs + 1) * layer.outputs).text);
    }
    printf("%74s\n", number_count(nudge_net_parameters(net)).text);
}

static void print_preprocessing(const nudge_net *net) {
    nudge_preprocessing p = nudge_net_preprocessing(net);
    if (!p.set || (p.shift == 0 && p.scale == 1))
        printf("\ninputs    as they are\n");
    else if (p.shift == 0)
        printf("\ninputs    x * %s\n", number_exact_f32(p.scale).text);
    else
        printf("\ninputs    (x - %s) * %s\n", number_exact_f32(p.shift).text, number_exact_f32(p.scale).text);
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

static void print_notes(const nudge_net *net) {
    const char *key, *value;
    if (!nudge_net_note_at(net, 0, NULL)) return;
    printf("\nhow it was trained\n");
    for (size_t i = 0; (key = nudge_net_note_at(net, i, &value)); i++)
        printf("  %-16s%s\n", key, safe(value).text);
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
    printf("\njournal   %s steps of up to %s rows, %s an epoch\n", number_count(summary.steps).text,
           number_count(training.batch_size).text, number_count(summary.epoch_steps).text);
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
    print_preprocessing(net);
    print_labels(net);
    printf("digest    %s\n", digest);
    print_notes(net);
    print_journal(&inspect->opened);
}

/* -- for programs -- */

static json_t *json_layers(const nudge_net *net) {
    nudge_layer layer;
    json_t *layers = json_array();
    for (size_t l = 1; nudge_net_layer(net, l, &layer); l++) {
        json_t *object = json_object();
        json_add(object, "layer", json_integer((json_int_t)l));
        json_add(object, "inputs", json_integer((json_int_t)layer.inputs));
        json_add(object, "outputs", json_integer((json_int_t)layer.outputs));
        json_add(object, "activation", json_text(layer.activation));
        json_add(object, "activation_value", json_figure(layer.activation_value));
        json_add(object, "parameters", json_integer((json_int_t)((layer.inputs + 1) * layer.outputs)));
        json_append(layers, object);
    }
    return layers;
}

static json_t *json_preprocessing(const nudge_net *net) {
    nudge_preprocessing p = nudge_net_preprocessing(net);
    if (!p.set) return json_null();
    json_t *object = json_object();
    json_add(object, "shift", json_figure(p.shift));
    json_add(object, "scale", json_figure(p.scale));
    return object;
}

static json_t *json_journal(const struct opened *opened) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    if (nudge_journal_describe(opened->journal, &summary, NULL)) return json_null();
    json_t *object = json_object(), *steps = json_array();
    for (size_t i = 0, step; i < summary.snapshots; i++)
        if (!nudge_journal_snapshot(opened->journal, i, &step, NULL, 0, NULL))
            json_append(steps, json_integer((json_int_t)step));
    json_add(object, "rows", json_integer((json_int_t)summary.rows));
    json_add(object, "steps", json_integer((json_int_t)summary.steps));
    json_add(object, "epoch_steps", json_integer((json_int_t)summary.epoch_steps));
    json_add(object, "snapshots", steps);
    json_add(object, "shown_step", json_integer((json_int_t)opened->journal_step));
    return object;
}

static void print_json(const struct inspect *inspect) {
    const nudge_net *net = inspect->opened.net;
    const char *key, *value;
    char digest[65];
    nudge_net_digest(net, digest);
    json_t *line = json_object(), *labels = json_array(), *notes = json_object();
    for (size_t c = 0; c < net_classes(net); c++) json_append(labels, json_text(nudge_net_label(net, c)));
    for (size_t i = 0; (key = nudge_net_note_at(net, i, &value)); i++) json_add(notes, key, json_text(value));
    json_add(line, "model", json_text(inspect->options.operands[0]));
    json_add(line, "network", json_text(nudge_net_text(net)));
    json_add(line, "inputs", json_integer((json_int_t)nudge_net_inputs(net)));
    json_add(line, "layers", json_layers(net));
    json_add(line, "parameters", json_integer((json_int_t)nudge_net_parameters(net)));
    json_add(line, "preprocessing", json_preprocessing(net));
    json_add(line, "labels", labels);
    json_add(line, "notes", notes);
    json_add(line, "digest", json_text(digest));
    if (inspect->opened.journal) json_add(line, "journal", json_journal(&inspect->opened));
    json_line(line, stdout, JSON_DIGITS);
}

/* -- all of it -- */

static int run_opened(struct inspect *inspect) {
    int status = open_context(&inspect->opened, &inspect->options);
    if (!status) status = open_net(&inspect->opened, inspect->options.operands[0]);
    if (status) return status;
    if (inspect->options.json)
        print_json(inspect);
    else
        print_all(inspect);
    return EXIT_DONE;
}

static int run(int argc, char **argv) {
    struct inspect inspect = {.options = options_none()};
    inspect.options.operand_names[0] = "FILE";
    inspect.options.least_operands = inspect.options.most_operands = 1;
    int status = options_parse(&inspect.options, &verb_inspect, argc, argv);
    if (status < 0) status = run_opened(&inspect);
    open_close(&inspect.opened);
    options_free(&inspect.options);
    return status;
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
               "preprocessing, classes, how "
               "it was trained, and the digest of its parameters.",
    .examples = "nudge inspect digits.nudge",
    .argp = &argp,
    .run = run,
};
