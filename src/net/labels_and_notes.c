/* What a net carries beside its chain: labels, notes. Invariant: texts are valid for a model
 * file: no control characters; notes are in order of their keys, each key once. */
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "net/net.h"

#include <string.h>

enum { MOST_KEY = 64, MOST_VALUE = 4096 };

static bool is_printable(const char *text) {
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) return false;
    return true;
}

/* -- columns -- */

bool nudge_net_columns(const nudge_net *net, size_t i, nudge_column *column) {
    return columns_give(net->columns, i, column);
}

/* -- labels -- */

const char *nudge_net_label(const nudge_net *net, size_t class_index) {
    return class_index < net->label_count ? net->labels[class_index] : NULL;
}

static void release_labels(const nudge_allocator *allocator, char **labels, size_t count) {
    for (size_t i = 0; labels && i < count; i++) memory_release_text(allocator, labels[i]);
    memory_release(allocator, labels, count * sizeof *labels);
}

void net_labels_release(nudge_net *net) {
    release_labels(&net->context->allocator, net->labels, net->label_count);
    net->labels = NULL;
    net->label_count = 0;
}

nudge_status nudge_net_set_labels(nudge_net *net, const char *const *labels, size_t count,
                                  nudge_error *error) {
    if (missing(error, net)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &net->context->allocator;
    size_t expected = net->outputs == 1 ? 2 : net->outputs;
    if (count != 0 && count != expected)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu labels, expected %zu for %zu outputs", count,
                         expected, net->outputs);
    for (size_t i = 0; i < count; i++)
        if (!labels || !labels[i])
            return error_set(error, NUDGE_BAD_ARGUMENT, "label %zu is NULL", i);
        else if (strlen(labels[i]) > MOST_VALUE || !is_printable(labels[i]))
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "label %zu: expected up to %d characters, none a control character", i,
                             MOST_VALUE);
    char **copies = memory_get_zeroed(allocator, count * sizeof *copies);
    bool whole = copies != NULL;
    for (size_t i = 0; whole && i < count; i++)
        whole = (copies[i] = memory_copy_text(allocator, labels[i])) != NULL;
    if (!whole) {
        release_labels(allocator, copies, count);
        return error_no_memory(error, count * sizeof *copies, "labels");
    }
    net_labels_release(net);
    net->labels = copies;
    net->label_count = count;
    return NUDGE_OK;
}

nudge_status net_default_labels(nudge_net *net, const nudge_data *data, nudge_error *error) {
    enum { DIGITS = 8 }; /* of a class's number, with its NUL */
    size_t classes = nudge_data_classes(data);
    if (classes == 0 || net->label_count) return NUDGE_OK;
    const nudge_allocator *allocator = &net->context->allocator;
    size_t bytes = classes * (sizeof(char *) + DIGITS);
    char *memory = memory_get(allocator, bytes);
    if (!memory) return error_no_memory(error, bytes, "labels");
    const char **labels = (const char **)(void *)memory;
    for (size_t c = 0; c < classes; c++) {
        char *label = memory + classes * sizeof(char *) + DIGITS * c;
        text_append(label, DIGITS, 0, "%zu", c);
        labels[c] = nudge_data_label_name(data, c) ? nudge_data_label_name(data, c) : label;
    }
    nudge_status status = nudge_net_set_labels(net, labels, classes, error);
    memory_release(allocator, memory, bytes);
    return status;
}

/* -- notes -- */

/* Where the key stands, or would stand. */
static size_t note_place(const nudge_net *net, const char *key) {
    size_t place = 0;
    while (place < net->note_count && strcmp(net->notes[place].key, key) < 0) place++;
    return place;
}

static bool note_is_at(const nudge_net *net, size_t place, const char *key) {
    return place < net->note_count && strcmp(net->notes[place].key, key) == 0;
}

const char *nudge_net_note(const nudge_net *net, const char *key) {
    size_t place = note_place(net, key);
    return note_is_at(net, place, key) ? net->notes[place].value : NULL;
}

const char *nudge_net_note_at(const nudge_net *net, size_t i, const char **value) {
    if (i >= net->note_count) return NULL;
    if (value) *value = net->notes[i].value;
    return net->notes[i].key;
}

static nudge_status check_note(const char *key, const char *value, nudge_error *error) {
    size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || length > MOST_KEY || key[length])
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "note \"%s\": expected a key of lower-case letters, digits and _",
                         shown_start(key, strlen(key)).text);
    if (strlen(value) > MOST_VALUE || !is_printable(value))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "note \"%s\": expected a value of up to %d characters, none a control character",
                         key, MOST_VALUE);
    return NUDGE_OK;
}

/* Takes over key and value. */
static bool insert_note(nudge_net *net, size_t place, char *key, char *value) {
    const nudge_allocator *allocator = &net->context->allocator;
    struct net_note *longer = memory_get(allocator, (net->note_count + 1) * sizeof *longer);
    if (!longer) return false;
    for (size_t i = 0; i < place; i++) longer[i] = net->notes[i];
    longer[place] = (struct net_note){key, value};
    for (size_t i = place; i < net->note_count; i++) longer[i + 1] = net->notes[i];
    memory_release(allocator, net->notes, net->note_count * sizeof *net->notes);
    net->notes = longer;
    net->note_count++;
    return true;
}

nudge_status nudge_net_set_note(nudge_net *net, const char *key, const char *value, nudge_error *error) {
    if (missing(error, net, key, value)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &net->context->allocator;
    nudge_status status = check_note(key, value, error);
    if (status) return status;
    size_t place = note_place(net, key);
    char *new_value = memory_copy_text(allocator, value);
    if (!new_value) return error_no_memory(error, strlen(value) + 1, "a note");
    if (note_is_at(net, place, key)) {
        memory_release_text(allocator, net->notes[place].value);
        net->notes[place].value = new_value;
        return NUDGE_OK;
    }
    char *new_key = memory_copy_text(allocator, key);
    if (new_key && insert_note(net, place, new_key, new_value)) return NUDGE_OK;
    memory_release_text(allocator, new_key);
    memory_release_text(allocator, new_value);
    return error_no_memory(error, strlen(key) + strlen(value) + 2, "a note");
}

void net_note_remove(nudge_net *net, const char *key) {
    const nudge_allocator *allocator = &net->context->allocator;
    size_t place = note_place(net, key);
    if (!note_is_at(net, place, key)) return;
    memory_release_text(allocator, net->notes[place].key);
    memory_release_text(allocator, net->notes[place].value);
    memmove(net->notes + place, net->notes + place + 1, (net->note_count - place - 1) * sizeof *net->notes);
    net->note_count--;
}
