/* The verbs of the command. A verb is one file and one row of the table in main.c. */
#ifndef NUDGE_CLI_VERBS_H
#define NUDGE_CLI_VERBS_H

#include <argp.h>

struct verb {
    const char *name;     /* as typed after "nudge": "train", "data show" */
    const char *operands; /* "DATA [options] [-o MODEL]" */
    const char *summary;  /* a few words for the list of verbs */
    const char *details;  /* paragraphs, wrapped when shown; one newline between two */
    const char *examples; /* lines: a command, or after blanks what it does; NULL: none */
    const struct argp *argp;
    int (*run)(int argc, char **argv); /* returns the exit status */
};

/* In the order of the help; ends with NULL. */
extern const struct verb *const verbs[];

extern const struct verb verb_train, verb_cv, verb_eval, verb_predict, verb_explain, verb_check, verb_inspect,
    verb_data;
extern const struct verb verb_data_info, verb_data_show, verb_data_make, verb_data_convert;
extern const struct verb verb_plot, verb_plot_curves, verb_plot_weights, verb_plot_network,
    verb_plot_boundary;
extern const struct verb verb_plot_reads, verb_plot_mistakes, verb_plot_confusion;
extern const struct verb verb_plot_activations, verb_plot_gradients, verb_surface;
extern const struct verb verb_help, verb_version;

/* The help of one verb on standard output; of the whole command; the manual page (roff). */
void help_verb(const struct verb *verb);
void help_all(void);
/* The verbs of two words that begin with this one ("plot curves", ..), or with NULL all verbs, with their
 * summaries. */
void help_list(const struct verb *parent);
/* Tells that there is no such kind of this verb, and the nearest one. Returns EXIT_USAGE. */
int help_unknown_kind(const struct verb *parent, const char *word);
void help_man(void);

/* The verb that `words` begin with and how many words its name has; NULL after telling that there is none. */
const struct verb *verb_find(int count, char **words, int *taken);

#endif
