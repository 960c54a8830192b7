/* See import_header.h. Invariant: nothing that a header says is believed before it was checked: a tensor that was found has
 * the shape of a layer's, and all of its bytes lie in the file. */
#include "model/import_header.h"

#include "base/status.h"
#include "base/text.h"
#include "model/header_net.h"

#include <string.h>

static const char METADATA[] = "__metadata__",
                  COUNTER[] = ".num_batches_tracked"; /* which says nothing that is needed */
static const char *const ENDINGS[IMPORT_TENSORS] = {[IMPORT_WEIGHT] = ".weight",
                                                    [IMPORT_BIAS] = ".bias",
                                                    [IMPORT_MEAN] = ".running_mean",
                                                    [IMPORT_VARIANCE] = ".running_var"};

static const struct {
    const char *name;
    size_t element;
} types[] = {[IMPORT_F32] = {"F32", 4},
             [IMPORT_F64] = {"F64", 8},
             [IMPORT_F16] = {"F16", 2},
             [IMPORT_BF16] = {"BF16", 2}};

size_t import_element(enum import_type type) {
    return types[type].element;
}
const char *import_type_name(enum import_type type) {
    return types[type].name;
}

/* -- opening -- */

bool import_header_is(struct file_reader *file) {
    return header_has(file, NULL) && !header_has(file, "\"format\":\"" HEADER_FORMAT); /* of all kinds */
}

nudge_status import_header_open(struct import_header *import, struct file_reader *file,
                                const nudge_allocator *allocator, nudge_error *error) {
    *import = (struct import_header){.allocator = allocator, .file = file, .error = error};
    nudge_status status = header_read(&import->header, file, allocator, error);
    if (status) return status;
    status = json_memory_read(&import->memory, allocator, &import->root,
                              (const char *)import->header.bytes + HEADER_LENGTH_SIZE,
                              import->header.size - HEADER_LENGTH_SIZE, HEADER_MOST_MARKS,
                              "is no safetensors file: its header", HEADER_LENGTH_SIZE, error);
    if (status) return error_in_file(error, status, file->path);
    if (!json_is_object(import->root) || import->header.bytes[HEADER_LENGTH_SIZE] != '{')
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: is no safetensors file: its header is not a JSON object",
                         shown(file->path).text);
    import->tensors = json_object_size(import->root) - (json_object_get(import->root, METADATA) != NULL);
    return NUDGE_OK;
}

void import_header_close(struct import_header *import) {
    if (!import->allocator) return;
    memory_release(import->allocator, import->layers, import->room * sizeof *import->layers);
    json_memory_end(&import->memory);
    header_release(&import->header, import->allocator);
}

/* -- a tensor -- */

struct name {
    char text[256];
};

/* "fc1.weight", whole or cut, fit to be shown. */
static struct name show_name(const struct import_layer *layer, const char *ending) {
    struct name name;
    text_append(name.text, sizeof name.text, 0, "%s%s", shown_start(layer->name, layer->length).text, ending);
    return name;
}

/* The JSON of layer->name + ending; NULL: there is none. *memory: whether there was memory to look. */
static const json_t *find(const struct import_header *import, const struct import_layer *layer,
                          const char *ending, bool *memory) {
    size_t bytes = layer->length + strlen(ending) + 1;
    char *key = memory_get(import->allocator, bytes);
    *memory = key != NULL;
    if (!key) return NULL;
    memcpy(key, layer->name, layer->length);
    memcpy(key + layer->length, ending, strlen(ending) + 1);
    const json_t *found = json_object_get(import->root, key);
    memory_release(import->allocator, key, bytes);
    return found;
}

/* The list's whole numbers, of which there are at most `room`; false: it is no such list. */
static bool take_list(const json_t *list, uint64_t *numbers, size_t room, size_t *count) {
    *count = json_array_size(list);
    bool fits = json_is_array(list);
    for (size_t i = 0; fits && i < *count; i++) {
        const json_t *item = json_array_get(list, i);
        fits = json_is_integer(item) && json_integer_value(item) >= 0;
        if (fits && i < room) numbers[i] = (uint64_t)json_integer_value(item);
    }
    return fits;
}

static nudge_status take_type(const struct import_header *import, const json_t *json, const char *name,
                              struct import_tensor *tensor) {
    const char *dtype = json_string_value(json_object_get(json, "dtype"));
    for (size_t t = 0; dtype && t < IMPORT_TYPES; t++) {
        if (strcmp(dtype, types[t].name)) continue;
        tensor->type = (enum import_type)t;
        return NUDGE_OK;
    }
    return error_set(import->error, NUDGE_BAD_INPUT,
                     "tensor %s: found dtype \"%s\", expected F32, F64, F16 or BF16", name,
                     dtype ? shown(dtype).text : "none");
}

static nudge_status take_shape(const struct import_header *import, const json_t *json, const char *name,
                               size_t dimensions, struct import_tensor *tensor) {
    uint64_t shape[4] = {0};
    size_t count;
    bool fits = take_list(json_object_get(json, "shape"), shape, 4, &count);
    struct shape_text found = fits ? shape_text(shape, count < 4 ? count : 4) : (struct shape_text){"none"};
    const char *more = fits && count > 4 ? " and more" : "";
    for (size_t d = 0; d < dimensions && d < count; d++)
        fits &= shape[d] >= 1 && shape[d] <= SPEC_MOST_NEURONS;
    if (!fits || count != dimensions)
        return error_set(import->error, NUDGE_BAD_INPUT,
                         "tensor %s: found the shape %s%s, expected that of a linear layer's %s, with sizes "
                         "from 1 to %d",
                         name, found.text, more,
                         dimensions == 2 ? "weights, [outputs,inputs]" : "biases, [outputs]",
                         SPEC_MOST_NEURONS);
    tensor->outputs = (size_t)shape[0];
    tensor->inputs = dimensions == 2 ? (size_t)shape[1] : 0;
    return NUDGE_OK;
}

static nudge_status take_place(const struct import_header *import, const json_t *json, const char *name,
                               struct import_tensor *tensor) {
    uint64_t offsets[2] = {0}, room = import->file->size - import->header.size;
    size_t count;
    uint64_t bytes = (uint64_t)tensor->outputs * (tensor->inputs ? tensor->inputs : 1) * /* < 2^51 */
                     types[tensor->type].element;
    bool fits = take_list(json_object_get(json, "data_offsets"), offsets, 2, &count) && count == 2;
    if (!fits || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
        return error_set(
            import->error, NUDGE_BAD_INPUT,
            "tensor %s: found the data_offsets %s, expected two that are %llu bytes apart, as its "
            "shape and dtype have",
            name, fits ? shape_text(offsets, 2).text : "none", (unsigned long long)bytes);
    if (offsets[1] > room)
        return error_set(
            import->error, NUDGE_BAD_INPUT,
            "tensor %s: ends at byte %llu of the tensors, but the file has %llu: it is cut short", name,
            (unsigned long long)offsets[1], (unsigned long long)room);
    tensor->begin = import->header.size + offsets[0];
    return NUDGE_OK;
}

/* The layer's tensor t, where the file has it. */
static nudge_status take_tensor(const struct import_header *import, struct import_layer *layer, size_t t,
                                size_t dimensions) {
    struct name name = show_name(layer, ENDINGS[t]);
    struct import_tensor *tensor = &layer->tensors[t];
    bool memory;
    const json_t *json = find(import, layer, ENDINGS[t], &memory);
    if (!memory) return error_no_memory(import->error, layer->length, "a tensor's name");
    layer->has[t] = json != NULL;
    if (!json) return NUDGE_OK;
    nudge_status status = take_type(import, json, name.text, tensor);
    if (!status) status = take_shape(import, json, name.text, dimensions, tensor);
    return status ? status : take_place(import, json, name.text, tensor);
}

/* -- which layers there are -- */

/* The names that tensors have, without their endings, each once where weight and bias follow each other. */
struct names_there {
    char text[400];
};
static struct names_there names_there(const struct import_header *import) {
    struct names_there list = {{0}};
    size_t used = 0;
    const char *key;
    json_t *value;
    json_object_foreach(import->root, key, value) {
        size_t length = strlen(key), ending = strlen(ENDINGS[IMPORT_WEIGHT]);
        if (length <= ending || strcmp(key + length - ending, ENDINGS[IMPORT_WEIGHT])) continue;
        struct shown_text name = shown_start(key, length - ending);
        if (used + strlen(name.text) + 8 > sizeof list.text) {
            text_append(list.text, sizeof list.text, used, ", ..");
            break;
        }
        used = text_append(list.text, sizeof list.text, used, "%s%s", used ? ", " : "", name.text);
    }
    if (!used) text_append(list.text, sizeof list.text, used, "none");
    return list;
}

/* Room for `room` layers, of which there is none yet. */
static nudge_status begin_layers(struct import_header *import, size_t room) {
    import->layers = memory_get_zeroed(import->allocator, room * sizeof *import->layers);
    if (!import->layers)
        return error_no_memory(import->error, room * sizeof *import->layers, "the file's layers");
    import->room = room;
    return NUDGE_OK;
}

/* A weight of one dimension is that of a normalisation. */
static nudge_status take_weight(const struct import_header *import, struct import_layer *layer) {
    bool memory;
    const json_t *json = find(import, layer, ENDINGS[IMPORT_WEIGHT], &memory);
    if (!memory) return error_no_memory(import->error, layer->length, "a tensor's name");
    if (!json)
        return error_set(import->error, NUDGE_BAD_INPUT,
                         "there is no tensor %s; those with weights are called %s",
                         show_name(layer, ENDINGS[IMPORT_WEIGHT]).text, names_there(import).text);
    layer->normalises = json_array_size(json_object_get(json, "shape")) == 1;
    return take_tensor(import, layer, IMPORT_WEIGHT, layer->normalises ? 1 : 2);
}

static nudge_status take_layer(struct import_header *import, const char *name, size_t length,
                               uint64_t number) {
    struct import_layer layer = {.name = name, .length = length, .number = number};
    nudge_status status = take_weight(import, &layer);
    for (size_t t = IMPORT_BIAS; !status && t < (layer.normalises ? IMPORT_TENSORS : IMPORT_MEAN); t++) {
        status = take_tensor(import, &layer, t, 1);
        if (status || (!layer.has[t] && !layer.normalises)) continue;
        if (!layer.has[t])
            status =
                error_set(import->error, NUDGE_BAD_INPUT,
                          "there is no tensor %s, which a batch normalisation has beside its %zu weights",
                          show_name(&layer, ENDINGS[t]).text, layer.tensors[IMPORT_WEIGHT].outputs);
        else if (layer.tensors[t].outputs != layer.tensors[IMPORT_WEIGHT].outputs)
            status = error_set(import->error, NUDGE_BAD_INPUT,
                               "tensor %s: found %zu numbers, expected %zu, as %s has outputs",
                               show_name(&layer, ENDINGS[t]).text, layer.tensors[t].outputs,
                               layer.tensors[IMPORT_WEIGHT].outputs,
                               show_name(&layer, ENDINGS[IMPORT_WEIGHT]).text);
    }
    bool memory = true;
    if (!status && layer.normalises) import->taken += find(import, &layer, COUNTER, &memory) != NULL;
    if (!status && !memory) status = error_no_memory(import->error, length, "a tensor's name");
    if (status) return status;
    for (size_t t = 0; t < IMPORT_TENSORS; t++) import->taken += layer.has[t];
    import->layers[import->count++] = layer;
    return NUDGE_OK;
}

/* "fc1,fc2,out": layer after layer. */
static nudge_status take_map(struct import_header *import, const char *map) {
    size_t items = 1;
    for (const char *c = map; *c; c++) items += *c == ',';
    nudge_status status = begin_layers(import, items);
    while (!status) {
        map += strspn(map, " ");
        size_t length = strcspn(map, ","), name = length;
        while (name > 0 && map[name - 1] == ' ') name--;
        if (name == 0)
            return error_set(import->error, NUDGE_BAD_ARGUMENT,
                             "the map has an empty name, expected the layers' names, as in fc1,fc2");
        status = take_layer(import, map, name, 0);
        if (!map[length]) break;
        map += length + 1;
    }
    return status;
}

/* "net.2": *prefix = 4, the number 2. */
static bool take_number(const char *name, size_t length, size_t *prefix, uint64_t *number) {
    size_t begin = length;
    while (begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9') begin--;
    *prefix = begin;
    const char *end = length - begin <= 9 ? text_parse_count(name + begin, 999999999, number) : NULL;
    return end == name + length && begin < length && (begin == 0 || name[begin - 1] == '.');
}

static nudge_status refuse_name(const struct import_header *import, const char *key) {
    return error_set(import->error, NUDGE_BAD_INPUT,
                     "tensor %s: expected the weights and biases of linear layers with numbers in one "
                     "sequence, as 0.weight and 0.bias; else a map says which tensors are layers (--map "
                     "NAME,...); those with weights are called %s",
                     shown(key).text, names_there(import).text);
}

/* In the order of their numbers, each number once: JSON has each name once, and all have the same prefix. */
static void sort_in(struct import_header *import) {
    struct import_layer *layers = import->layers, last = layers[import->count - 1];
    size_t at = import->count - 1;
    for (; at > 0 && layers[at - 1].number > last.number; at--) layers[at] = layers[at - 1];
    layers[at] = last;
}

/* The first layer's name up to its number is that of all. */
static bool has_prefix(const struct import_header *import, const char *key, size_t prefix) {
    size_t first;
    uint64_t number;
    if (import->count == 0) return true;
    take_number(import->layers[0].name, import->layers[0].length, &first, &number);
    return first == prefix && memcmp(key, import->layers[0].name, prefix) == 0;
}

/* The weight brings the layer; what else it has must have its weight. */
static nudge_status take_key(struct import_header *import, const char *key) {
    size_t length = strlen(key), prefix = 0, t = 0;
    uint64_t number = 0;
    const char *dot = strrchr(key, '.');
    bool counts = dot && strcmp(dot, COUNTER) == 0, memory = true;
    while (dot && t < IMPORT_TENSORS && strcmp(dot, ENDINGS[t])) t++;
    struct import_layer layer = {.name = key, .length = dot ? (size_t)(dot - key) : length};
    if (!dot || (t == IMPORT_TENSORS && !counts) || !take_number(key, layer.length, &prefix, &number) ||
        !has_prefix(import, key, prefix))
        return refuse_name(import, key);
    if (t != IMPORT_WEIGHT) {
        const json_t *weight = find(import, &layer, ENDINGS[IMPORT_WEIGHT], &memory);
        if (!memory) return error_no_memory(import->error, length, "a tensor's name");
        bool normalises = json_array_size(json_object_get(weight, "shape")) == 1;
        return weight && (t == IMPORT_BIAS || normalises) ? NUDGE_OK : refuse_name(import, key);
    }
    nudge_status status = take_layer(import, key, layer.length, number);
    for (size_t i = 0; !status && i + 1 < import->count; i++)
        if (import->layers[i].number == number) return refuse_name(import, key); /* "1" and "01" */
    if (!status) sort_in(import);
    return status;
}

static nudge_status take_numbered(struct import_header *import) {
    const char *key;
    json_t *value;
    if (import->tensors == 0) return error_set(import->error, NUDGE_BAD_INPUT, "has no tensors");
    nudge_status status = begin_layers(import, import->tensors);
    json_object_foreach(import->root, key, value) {
        if (strcmp(key, METADATA) == 0) continue;
        if (!status) status = take_key(import, key);
    }
    return status;
}

/* Layer l, behind `before`, the last linear one; NULL: there is none. */
static nudge_status check_layer(const struct import_header *import, size_t l,
                                const struct import_layer *before) {
    const struct import_layer *layer = &import->layers[l];
    const struct import_tensor *weight = &layer->tensors[IMPORT_WEIGHT];
    struct name name = show_name(layer, ENDINGS[IMPORT_WEIGHT]);
    size_t found = layer->normalises ? weight->outputs : weight->inputs;
    if (!layer->normalises && !before) return NUDGE_OK;
    if (!before || (layer->normalises && import->layers[l - 1].normalises))
        return error_set(
            import->error, NUDGE_BAD_INPUT,
            "tensor %s: found one dimension, as batch normalisation has, expected a linear layer %s",
            name.text, before ? "between two of them" : "first");
    if (found == before->tensors[IMPORT_WEIGHT].outputs) return NUDGE_OK;
    return error_set(import->error, NUDGE_BAD_INPUT,
                     "tensor %s: found %zu inputs, expected %zu, as %s before it has outputs", name.text,
                     found, before->tensors[IMPORT_WEIGHT].outputs,
                     show_name(before, ENDINGS[IMPORT_WEIGHT]).text);
}

nudge_status import_header_layers(struct import_header *import, const char *map) {
    nudge_status status = map ? take_map(import, map) : take_numbered(import);
    const struct import_layer *before = NULL;
    size_t linear = 0;
    for (size_t l = 0; !status && l < import->count; l++) {
        status = check_layer(import, l, before);
        if (!import->layers[l].normalises) before = &import->layers[l];
        linear += !import->layers[l].normalises;
    }
    if (!status && linear > SPEC_MOST_LAYERS)
        status = error_set(import->error, NUDGE_BAD_INPUT, "has %zu layers, expected at most %d", linear,
                           SPEC_MOST_LAYERS);
    return status;
}
