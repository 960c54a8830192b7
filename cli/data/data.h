/* What the verbs about data have in common. */
#ifndef NUDGE_CLI_DATA_DATA_H
#define NUDGE_CLI_DATA_DATA_H

#include "cli/options/options.h"

extern const struct argp options_only_data; /* --seed, of built-in data, and --memory */

/* Opens context and data, runs `body`, closes. For verbs whose first operand is DATA or NAME; a second one has its name in
 * options->operand_names[1] already. */
struct opened;
typedef int data_body(void *user, struct opened *opened);
int data_run(void *user, struct options *options, const char *operand, const struct verb *verb, int argc,
             char **argv, data_body *body);

/* What is written into a folder of IDX files: no file that this command reads or writes otherwise. Tells, and returns the exit
 * status. */
int data_check_folder(const nudge_data *data, const char *folder);

#endif
