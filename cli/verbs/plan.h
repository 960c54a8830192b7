/* What is going to be done, in lines, before it is done: "data", "columns", "network", "cost", "training". */
#ifndef NUDGE_CLI_VERBS_PLAN_H
#define NUDGE_CLI_VERBS_PLAN_H

#include "cli/open/open.h"

#include <stdio.h>

/* A line, or as many as it takes: the name, then words. */
void plan_line(FILE *text, const char *name, const char *words);

/* "4 features, 3 classes": what a row is. */
struct plan_row {
    char text[160];
};
struct plan_row plan_row(const nudge_data *data);

void plan_data(FILE *text, const struct opened *opened); /* how many rows of what */
void plan_columns(FILE *text,
                  const struct opened *opened); /* of a table, and what was found when it was read */
/* What the training goes on from, and what of it is kept. Nothing where there is none. */
void plan_from(FILE *text, const struct opened *opened, const struct options *options);
/* Network, cost and training; `chosen`: that it may stop early was nobody's option; `verbose`: the engine, too. */
void plan_training(FILE *text, const struct opened *opened, const nudge_train_options *training, bool chosen,
                   bool verbose);

#endif
