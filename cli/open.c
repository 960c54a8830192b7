/* See open.h. */
#include "cli/open.h"

#include "cli/numbers.h"

#include <math.h>
#include <string.h>

int open_context(struct opened *opened, const struct options *options) {
    nudge_error error;
    if (nudge_context_create(&options->context, &opened->context, &error))
        return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

int open_data(struct opened *opened, const struct options *options, const char *name) {
    nudge_error error;
    if (strcmp(name, "-") == 0)
        return say_usage("-: standard input has no targets; only predict reads from it");
    if (nudge_data_open(opened->context, name, options->data_seed, &opened->data, &error))
        return say_error(&error, SAY_READING);
    if (isnan(options->val_split)) return EXIT_DONE;
    if (nudge_data_split(opened->data, options->val_split, options->seed, &error))
        return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

int open_net(struct opened *opened, const char *path) {
    nudge_error error;
    if (nudge_net_load(opened->context, path, &opened->net, &error)) return say_error(&error, SAY_READING);
    return EXIT_DONE;
}

void open_close(struct opened *opened) {
    nudge_net_free(opened->net);
    nudge_data_free(opened->data);
    nudge_context_free(opened->context);
    *opened = (struct opened){NULL, NULL, NULL};
}

const char *part_name(nudge_part part) {
    return part == NUDGE_PART_TRAIN ? "training" : part == NUDGE_PART_VALIDATION ? "validation" : "test";
}

int open_part(const struct opened *opened, const struct options *options, nudge_part *part) {
    nudge_part chosen = options->part;
    if (!options->part_given && nudge_data_rows(opened->data, chosen) == 0) chosen = NUDGE_PART_TRAIN;
    if (nudge_data_rows(opened->data, chosen) == 0) {
        return say_usage("%s has no %s part%s", nudge_data_name(opened->data), part_name(chosen),
                         chosen == NUDGE_PART_VALIDATION ? ": it exists only with --val-split" : "");
    }
    *part = chosen;
    return EXIT_DONE;
}

/* -- names -- */

bool data_is_builtin(const nudge_data *data) {
    const char *name = nudge_data_name(data), *builtin;
    size_t length = strcspn(name, ":");
    for (size_t i = 0; (builtin = nudge_data_builtin(i, NULL)); i++)
        if (strlen(builtin) == length && strncmp(builtin, name, length) == 0) return true;
    return false;
}

void data_short_name(const nudge_data *data, char *name, size_t room) {
    const char *full = nudge_data_name(data);
    size_t length = strlen(full);
    while (length > 1 && full[length - 1] == '/') length--;
    size_t begin = length;
    while (begin > 0 && full[begin - 1] != '/') begin--;
    if (data_is_builtin(data)) begin = 0; /* the slash of "digits:60000/10000" parts no folders */
    size_t kept = length - begin < room ? length - begin : room - 1;
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)full[begin + i];
        name[i] = c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
    name[kept] = 0;
}

size_t net_classes(const nudge_net *net) {
    size_t classes = nudge_net_outputs(net) == 1 ? 2 : nudge_net_outputs(net);
    return nudge_net_label(net, 0) ? classes : 0;
}

struct label net_class_name(const nudge_net *net, size_t class_index) {
    struct label label;
    const char *name = nudge_net_label(net, class_index);
    if (name)
        snprintf(label.text, sizeof label.text, "%s", name);
    else
        snprintf(label.text, sizeof label.text, "%zu", class_index);
    return label;
}
