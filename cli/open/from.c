/* See from.h. Invariant: what is kept and what is drawn is what nudge_net_take says, never what was expected. */
#include "cli/open/from.h"

#include "cli/open/setup.h"
#include "cli/tell/files.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* -- text -- */

struct text {
    char *bytes;
    size_t used, room;
};

static void put_words(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_words(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = text->used < text->room
                     ? vsnprintf(text->bytes + text->used, text->room - text->used, format, arguments)
                     : 0;
    va_end(arguments);
    text->used += length > 0 ? (size_t)length : 0;
}

static void put_name(struct text *text, const char *path) {
    const char *slash = strrchr(path, '/');
    put_words(text, "%s", safe_short(slash && slash[1] ? slash + 1 : path, 60).text);
}

/* -- opening -- */

static int open_foreign(struct opened *opened, const struct options *options) {
    nudge_error error;
    const char *path = options->from;
    if (nudge_net_import(opened->context, path, options->map, &opened->from, &error))
        return say_error(&error, SAY_READING);
    opened->foreign = true;
    return files_read(path);
}

/* What a checkpoint has of a model is of the one that its training began with. */
static int open_resumed(struct opened *opened, const struct options *options, const nudge_net *resumed) {
    nudge_error error;
    char name[256];
    struct text text = {.bytes = name, .room = sizeof name};
    const char *note = nudge_net_note(resumed, "from");
    put_name(&text, options->from);
    if (!note) return say_usage("--from: the training that --resume goes on with did not begin with a model");
    if (strncmp(note, name, strlen(name)) || note[strlen(name)] != ' ')
        return say_usage("--from: found %s, expected what the training began with, %s", name,
                         safe(note).text);
    opened->resumed = true;
    return nudge_net_clone(opened->context, resumed, &opened->from, &error) ? say_error(&error, SAY_READING)
                                                                            : EXIT_DONE;
}

int from_open(struct opened *opened, const struct options *options, const nudge_net *resumed) {
    const char *path = options->from;
    if (!path && options->map) return say_usage("--map is for --from FILE.safetensors");
    if (!path) return EXIT_DONE;
    if (resumed) return open_resumed(opened, options, resumed);
    if (nudge_import_is(opened->context, path)) return open_foreign(opened, options);
    struct opened source = {.context = opened->context};
    int status = open_net(&source, path);
    opened->from = source.net;
    nudge_journal_free(source.journal);
    if (!status && options->map)
        return say_usage("--map is for safetensors files of other programs: %s is of nudge", path);
    return status;
}

/* -- the network -- */

static bool is_of_classes(const nudge_net *net) {
    return nudge_net_label(net, 0) != NULL;
}

/* Whether both tell classes apart, or both give numbers; a foreign file does not say. */
static bool same_kind(const struct opened *opened) {
    return opened->foreign || is_of_classes(opened->from) == (nudge_data_classes(opened->data) > 0);
}

static bool has_outputs(const struct opened *opened) {
    size_t outputs = nudge_net_outputs(opened->from);
    return outputs == nudge_data_targets(opened->data) ||
           (outputs == 1 && nudge_data_classes(opened->data) == 2);
}

/* The last layer's activation, where it is not that of the model. */
static const char *output_for(const struct opened *opened, const struct options *options) {
    bool single = opened->foreign && has_outputs(opened) && nudge_net_outputs(opened->from) == 1;
    if (single && nudge_data_classes(opened->data) && !options->output) return "sigmoid";
    return setup_output(options, opened->data);
}

bool from_activation(const struct opened *opened, char *text, size_t room) {
    nudge_layer layer = NUDGE_LAYER;
    if (!opened->from || opened->foreign || nudge_net_layers(opened->from) < 2) return false;
    nudge_net_layer(opened->from, 1, &layer);
    if (layer.activation_value != 0)
        format_text(text, room, "%s %s", layer.activation, number_exact(layer.activation_value).text);
    else
        format_text(text, room, "%s", layer.activation);
    return true;
}

bool from_cost(const struct opened *opened, double *delta, nudge_cost *cost) {
    nudge_layer here = NUDGE_LAYER, there = NUDGE_LAYER;
    double own;
    if (!opened->from || opened->foreign || !same_kind(opened)) return false;
    nudge_net_layer(opened->net, nudge_net_layers(opened->net), &here);
    nudge_net_layer(opened->from, nudge_net_layers(opened->from), &there);
    if (strcmp(here.activation, there.activation)) return false;
    *cost = nudge_net_cost(opened->from, &own);
    if (*cost == NUDGE_COST_HUBER) *delta = own;
    return true;
}

static bool is_normalised(const nudge_net *net, size_t l) {
    nudge_tensor tensor = NUDGE_TENSOR;
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor); i++)
        if (tensor.layer == l && strncmp(tensor.name, "batch_norm", strlen("batch_norm")) == 0) return true;
    return false;
}

/* Hidden layer l as the model has it, with what the options say of such layers. */
static void put_hidden(struct text *text, const struct opened *opened, const struct options *options,
                       size_t l) {
    nudge_layer layer = NUDGE_LAYER;
    nudge_net_layer(opened->from, l, &layer);
    bool normalised = options->batch_norm || is_normalised(opened->from, l);
    put_words(text, "%zu%s", layer.outputs, normalised ? ", batch-norm," : "");
    if (options->activation || opened->foreign)
        put_words(text, " %s", options->activation ? options->activation : "relu");
    else
        put_words(text, " %s", layer.activation);
    if (!options->activation && !opened->foreign && layer.activation_value != 0)
        put_words(text, " %s", number_exact(layer.activation_value).text);
    if (options->dropout > 0) put_words(text, ", dropout %s", number_exact(options->dropout).text);
    put_words(text, ", ");
}

/* Where the last layer begins in a network's text: its number of neurons. */
static size_t last_layer_in(const char *text) {
    size_t begin = 0;
    for (size_t i = 0; text[i]; i++)
        if (text[i] >= '0' && text[i] <= '9' && (i == 0 || (i >= 2 && text[i - 2] == ','))) begin = i;
    return begin;
}

/* The last layer with as many outputs as the data want; `own`: what the model's text says behind its number. */
static void put_last(struct text *text, const struct opened *opened, const struct options *options,
                     const char *own) {
    size_t outputs = same_kind(opened) && has_outputs(opened) ? nudge_net_outputs(opened->from)
                                                              : nudge_data_targets(opened->data);
    put_words(text, "%zu", outputs);
    if (own && same_kind(opened) && !options->output)
        put_words(text, "%s", own + strspn(own, "0123456789"));
    else
        put_words(text, " %s", output_for(opened, options));
}

int from_network(const struct opened *opened, const struct options *options, char *bytes, size_t room) {
    struct text text = {.bytes = bytes, .room = room};
    const char *own = opened->foreign ? NULL : nudge_net_text(opened->from);
    size_t last = own ? last_layer_in(own) : 0;
    bool told =
        options->activation || options->dropout > 0 || options->input_dropout > 0 || options->batch_norm;
    if (own && !told) {
        put_words(&text, "%.*s", (int)last, own);
    } else {
        if (options->input_dropout > 0)
            put_words(&text, "dropout %s, ", number_exact(options->input_dropout).text);
        for (size_t l = 1; l < nudge_net_layers(opened->from); l++) put_hidden(&text, opened, options, l);
    }
    put_last(&text, opened, options, own ? own + last : NULL);
    return text.used < room ? EXIT_DONE
                            : say_usage("the network's text is longer than %zu characters", room - 1);
}

/* -- scaling -- */

static bool first_layer_fits(const struct opened *opened) {
    nudge_layer there = NUDGE_LAYER, here = NUDGE_LAYER;
    return nudge_net_layer(opened->from, 1, &there) && nudge_net_layer(opened->net, 1, &here) &&
           there.inputs == here.inputs && there.outputs == here.outputs;
}

/* A script that made such a file gave pixels from 0 to 1 as a rule; what it made of other columns nobody knows. */
nudge_scale from_scale(const struct opened *opened, const struct options *options, bool pixels) {
    if (!opened->from || !opened->foreign || options->scale != NUDGE_SCALE_AUTO || pixels ||
        !first_layer_fits(opened))
        return options->scale;
    return NUDGE_SCALE_NONE;
}

nudge_scale from_target_scale(const struct opened *opened, const struct options *options) {
    if (!opened->from || !opened->foreign || options->target_scale != NUDGE_SCALE_AUTO ||
        !has_outputs(opened))
        return options->target_scale;
    return NUDGE_SCALE_NONE;
}

/* -- taking -- */

static bool is_kept(nudge_taken taken) {
    return taken == NUDGE_TAKEN || taken == NUDGE_TAKEN_BY_LABEL;
}

bool from_draws(const struct opened *opened) {
    size_t layers = nudge_net_layers(opened->net);
    if (opened->resumed) return nudge_net_note(opened->from, "init") != NULL;
    for (size_t l = 0; l < layers; l++)
        if (!opened->taken || !is_kept(opened->taken[l])) return true;
    return false;
}

/* The classes' names, where the data have some: outputs are matched by them. */
static int name_classes(struct opened *opened) {
    nudge_error error;
    size_t classes = nudge_data_classes(opened->data);
    if (classes == 0 || !nudge_data_label_name(opened->data, 0)) return EXIT_DONE;
    const char **labels = malloc(classes * sizeof *labels);
    if (!labels) return say_failure("not enough memory: for the classes' names");
    for (size_t c = 0; c < classes; c++) labels[c] = nudge_data_label_name(opened->data, c);
    bool fits =
        nudge_net_outputs(opened->net) == classes || (nudge_net_outputs(opened->net) == 1 && classes == 2);
    nudge_status status = fits ? nudge_net_set_labels(opened->net, labels, classes, &error) : NUDGE_OK;
    free(labels);
    return status ? say_error(&error, SAY_READING) : EXIT_DONE;
}

/* Options about what is kept are mistakes. */
static int check_from(const struct opened *opened, const struct options *options) {
    const nudge_taken *taken = opened->taken;
    size_t last = nudge_net_layers(opened->net) - 1;
    if (opened->resumed) return EXIT_DONE;
    if (!from_draws(opened) && options->init_given)
        return say_usage("--init is for layers that are drawn: all layers of %s are kept", options->from);
    if (opened->foreign) return EXIT_DONE;
    if (is_kept(taken[0]) && options->scale != NUDGE_SCALE_AUTO)
        return say_usage("--scale: layer 1 of %s is kept, with the scaling of its inputs", options->from);
    if (is_kept(taken[last]) && options->target_scale != NUDGE_SCALE_AUTO)
        return say_usage("--target-scale: the last layer of %s is kept, with the scaling of its targets",
                         options->from);
    return EXIT_DONE;
}

int from_take(struct opened *opened, const struct options *options) {
    nudge_error error;
    if (!opened->from) return EXIT_DONE;
    size_t layers = nudge_net_layers(opened->net), there = nudge_net_layers(opened->from);
    int status = name_classes(opened);
    if (status) return status;
    opened->taken = malloc(layers * sizeof *opened->taken);
    if (!opened->taken) return say_failure("not enough memory: for the network's layers");
    size_t most = same_kind(opened) ? NUDGE_EVERY : there - 1; /* classes are no numbers */
    nudge_status taken = nudge_net_take(opened->net, opened->from, most, opened->taken, &error);
    if (taken == NUDGE_BAD_ARGUMENT)
        return say_usage("--from %s: %s", safe(options->from).text, error.message);
    if (taken) return say_error(&error, SAY_READING);
    return check_from(opened, options);
}

/* -- told -- */

/* Why layer l was drawn. */
static void put_reason(struct text *text, const struct opened *opened, size_t l) {
    nudge_layer there = NUDGE_LAYER, here = NUDGE_LAYER;
    const char *kind = is_of_classes(opened->from) ? "classes" : "numbers";
    bool last_there = l == nudge_net_layers(opened->from), last_here = l == nudge_net_layers(opened->net);
    bool found = nudge_net_layer(opened->from, l, &there) && nudge_net_layer(opened->net, l, &here);
    switch (opened->taken[l - 1]) {
    case NUDGE_TAKEN:
    case NUDGE_TAKEN_BY_LABEL: return;
    case NUDGE_TAKEN_NOT_OUTPUTS:
        put_words(text, "other %s", is_of_classes(opened->from) ? kind : "targets");
        return;
    case NUDGE_TAKEN_NOT_THERE: put_words(text, "not there"); return;
    case NUDGE_TAKEN_NOT_ASKED: put_words(text, "%s there", kind); return;
    case NUDGE_TAKEN_NOT_SHAPE: break;
    }
    if (!found) return;
    if (there.inputs != here.inputs) put_words(text, "%zu inputs there, %zu here", there.inputs, here.inputs);
    if (there.inputs != here.inputs && there.outputs != here.outputs) put_words(text, "; ");
    if (there.outputs != here.outputs)
        put_words(text, "%zu outputs there, %zu here", there.outputs, here.outputs);
    if (there.inputs != here.inputs || there.outputs != here.outputs) return;
    if (last_there != last_here)
        put_words(text, "the last layer %s", last_there ? "there" : "here");
    else
        put_words(text, "batch-norm %s alone", is_normalised(opened->from, l) ? "there" : "here");
}

/* Layers in a row of which the same is to be said as one. */
static void put_layers(struct text *text, const struct opened *opened) {
    size_t layers = nudge_net_layers(opened->net);
    for (size_t l = 1, end; l <= layers; l = end + 1) {
        nudge_taken taken = opened->taken[l - 1];
        bool alike = taken == NUDGE_TAKEN || taken == NUDGE_TAKEN_NOT_THERE;
        for (end = l; alike && end < layers && opened->taken[end] == taken;) end++;
        put_words(text, "%s", l > 1 ? ", " : "");
        if (end > l)
            put_words(text, "layers %zu to %zu ", l, end);
        else
            put_words(text, "layer %zu ", l);
        put_words(text, "%s", is_kept(taken) ? "kept" : "drawn anew (");
        if (taken == NUDGE_TAKEN_BY_LABEL) put_words(text, ", its classes in their new order");
        if (is_kept(taken)) continue;
        put_reason(text, opened, l);
        put_words(text, ")");
    }
}

/* Kept layers that are followed by another activation than before. */
static void put_activations(struct text *text, const struct opened *opened) {
    nudge_layer there = NUDGE_LAYER, here = NUDGE_LAYER;
    for (size_t l = 1; l <= nudge_net_layers(opened->net); l++) {
        if (!is_kept(opened->taken[l - 1]) || !nudge_net_layer(opened->from, l, &there) ||
            !nudge_net_layer(opened->net, l, &here) || strcmp(there.activation, here.activation) == 0)
            continue;
        put_words(text, "; layer %zu was %s there, and is %s here", l, there.activation, here.activation);
        return;
    }
}

/* What a foreign file does not say. */
static void put_assumed(struct text *text, const struct opened *opened, const struct options *options) {
    nudge_layer first = NUDGE_LAYER, last = NUDGE_LAYER;
    size_t layers = nudge_net_layers(opened->net);
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_net_layer(opened->net, 1, &first);
    nudge_net_layer(opened->net, layers, &last);
    bool hidden = layers > 1 && !options->activation && !options->net,
         output = !options->output && !options->net;
    if (hidden) put_words(text, "; hidden layers are taken to be %s (--activation NAME)", first.activation);
    if (output) put_words(text, "; the output is taken to be %s (--output NAME)", last.activation);
    if (options->scale != NUDGE_SCALE_AUTO || !is_kept(opened->taken[0]) ||
        !nudge_net_input_transform(opened->net, 0, &t))
        return;
    put_words(text, "; inputs are taken to be %s (--scale NAME)",
              t.scale == NUDGE_SCALE_PIXEL  ? "x / 255"
              : t.scale == NUDGE_SCALE_NONE ? "as they are"
                                            : "scaled");
}

void from_words(const struct opened *opened, const struct options *options, char *words, size_t room) {
    struct text text = {.bytes = words, .room = room};
    put_name(&text, options->from);
    put_words(&text, ": ");
    if (opened->resumed) {
        put_words(&text, "what it gave is in the checkpoint");
        return;
    }
    size_t layers = nudge_net_layers(opened->net);
    bool whole = true, named = nudge_data_classes(opened->data) > 0 && is_of_classes(opened->from) &&
                               !nudge_data_label_name(opened->data, 0);
    for (size_t l = 0; l < layers; l++) whole &= opened->taken[l] == NUDGE_TAKEN;
    if (whole && layers > 1)
        put_words(&text, layers == 2 ? "both layers kept" : "all %zu layers kept", layers);
    else
        put_layers(&text, opened);
    if (named && is_kept(opened->taken[layers - 1]) && strcmp(nudge_net_label(opened->net, 0), "0"))
        put_words(&text, "; classes by their place, as they have no names here: 0 is %s",
                  safe_short(nudge_net_label(opened->net, 0), 40).text);
    if (opened->foreign)
        put_assumed(&text, opened, options);
    else
        put_activations(&text, opened);
    if (!opened->foreign && is_kept(opened->taken[0])) put_words(&text, "; inputs scaled as there");
}

json_t *from_json(const struct opened *opened, const struct options *options) {
    char digest[65], name[256], reason[128];
    struct text short_name = {.bytes = name, .room = sizeof name};
    json_t *object = json_object(), *layers = json_array();
    put_name(&short_name, options->from);
    json_add(object, "model", json_text(name));
    nudge_net_digest(opened->from, digest);
    json_add(object, "digest", json_text(opened->resumed ? NULL : digest));
    for (size_t l = 1; !opened->resumed && l <= nudge_net_layers(opened->net); l++) {
        struct text text = {.bytes = reason, .room = sizeof reason};
        json_t *layer = json_object();
        bool kept = is_kept(opened->taken[l - 1]);
        put_reason(&text, opened, l);
        json_add(layer, "layer", json_count(l));
        json_add(layer, "kept", json_boolean(kept));
        json_add(layer, "why", json_text(kept ? NULL : reason));
        json_append(layers, layer);
    }
    json_add(object, "layers", layers);
    return object;
}

void from_note(const struct opened *opened, const struct options *options, char *note, size_t room) {
    struct text text = {.bytes = note, .room = room};
    const char *before = opened->resumed ? nudge_net_note(opened->from, "from") : NULL;
    char digest[65];
    if (before) {
        put_words(&text, "%s", before);
        return;
    }
    nudge_net_digest(opened->from, digest);
    put_name(&text, options->from);
    put_words(&text, " %s", digest);
}
