/* Context, data and network, opened as the options say. */
#ifndef NUDGE_CLI_OPEN_OPEN_H
#define NUDGE_CLI_OPEN_OPEN_H

#include "cli/options/options.h"

struct opened {
    nudge_context *context;
    nudge_data *data;
    nudge_part part; /* of them, where the verb takes one */
    nudge_net *net;
    nudge_journal *journal; /* NULL, or what the net is from: */
    size_t journal_step;    /* as it was after this step, */
    bool step_given;        /* which was asked for */
    /* train --from (from.h): */
    nudge_net *from;     /* NULL, or what the training goes on from; */
    bool foreign;        /* from a file of another program, */
    bool resumed;        /* or as a checkpoint has it */
    nudge_taken *taken;  /* [layers of `net`] what became of each */
    uint64_t split_seed; /* of the test part, where `divided`: as the model's training drew it */
    bool divided;
    bool replays;   /* who opens it reads the training's data next: any step may be asked for, as what is no
                               snapshot is trained again */
    bool owes_step; /* which open_data does */
    unsigned needs; /* what of all this the verb wants (verb_run.h) */
};

/* Each tells what is wrong and returns the exit status, or 0. The context comes first. */
int open_context(struct opened *opened, const struct options *options);
int open_data(struct opened *opened, const struct options *options, const char *name); /* and splits it */
/* A model file; or a journal: its last snapshot, and of "FILE@STEP" the one of that step. Where `replays` is set and that
 * step is no snapshot, the net is right only after open_data. */
int open_net(struct opened *opened, const char *path);
/* Another cost for that net than the one it was trained by, where the options name one. */
int open_cost(struct opened *opened, const struct options *options);
void open_close(struct opened *opened);

/* The part that the options name; by default the test part, or the training part where there is none. */
int open_part(const struct opened *opened, const struct options *options, nudge_part *part);

size_t all_rows(const nudge_data *data); /* of all parts */
const char *part_name(nudge_part part);  /* "training", "validation", "test" */

/* The data set's name without folders: "digits", "mnist". Writes into `name`. */
void data_short_name(const nudge_data *data, char *name, size_t room);
bool data_is_builtin(const nudge_data *data);

/* How many classes the net tells apart, 0: it gives numbers. The class's name: the net's label, or its
 * number. */
size_t net_classes(const nudge_net *net);
/* How many of them the rows' labels are compared with, which may be of fewer; 0: the rows have no labels. */
size_t answered_classes(const struct opened *opened);
struct label {
    char text[192]; /* of a long one the beginning */
};
/* How ops that differ between training and prediction are taken, "as in prediction: ..", for who looks at the net so; NULL
 * where there are none. */
const char *net_mode(const nudge_net *net);

/* Whether the outputs are shares of 1, of which one may say how sure the network is: softmax's, and a single sigmoid's. Of
 * others an output is only a number: ten sigmoids may all be near 1. */
bool net_shares_one(const nudge_net *net);

struct label net_class_name(const nudge_net *net, size_t class_index);
/* "age", "sex = male", "age is missing"; without names the input's number. */
struct label net_input_name(const nudge_net *net, size_t input);
/* A regression's target: its column's name, or "" where there is none. */
struct label target_name(const nudge_net *net, size_t output);
/* For programs: the whole label, or its number, as text. */
struct json_t *json_class(const nudge_net *net, size_t class_index);

#endif
