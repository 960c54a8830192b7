/* Which class was answered as which, and what follows for each class: recall, precision, F1. */
#ifndef NUDGE_CLI_VERBS_CONFUSION_H
#define NUDGE_CLI_VERBS_CONFUSION_H

#include <nudge.h>

struct confusion {
    const nudge_net *net; /* whose labels are the classes' names */
    size_t classes;
    const uint64_t *counts; /* [classes][classes], [true class][answered class] */
};

uint64_t confusion_right(const struct confusion *confusion);

/* The table, or where it is too wide for the terminal what was confused most often; then the classes' figures. */
void confusion_print(const struct confusion *confusion);

struct json_t *confusion_json(const struct confusion *confusion);
struct json_t *confusion_json_classes(const struct confusion *confusion);

/* "balanced-accuracy" is the option's word, "balanced_accuracy" the key. */
struct metric_key {
    char text[32];
};
struct metric_key metric_key(nudge_metric metric);

#endif
