/* What the verbs about data have in common. */
#ifndef NUDGE_CLI_DATA_DATA_H
#define NUDGE_CLI_DATA_DATA_H

#include "cli/open/verb_run.h"

extern const struct argp options_only_data; /* --seed, of built-in data, and --memory */

/* The state of the verbs that write a data set. */
struct writing {
    struct options options;
    struct opened opened;
};

/* What is written into a folder of IDX files: no file that this command reads or writes otherwise. Tells, and returns the exit
 * status. */
int data_check_folder(const nudge_data *data, const char *folder);

#endif
