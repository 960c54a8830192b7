/* What the verbs about data have in common. */
#ifndef NUDGE_CLI_DATA_H
#define NUDGE_CLI_DATA_H

#include "cli/options.h"

extern const struct argp options_only_data; /* --seed, of built-in data, and --memory */

/* Opens context and data, runs `body`, closes. For verbs whose one operand is DATA or NAME. */
struct opened;
typedef int data_body(void *user, struct opened *opened);
int data_run(void *user, struct options *options, const char *operand, const struct verb *verb, int argc,
             char **argv, data_body *body);

#endif
