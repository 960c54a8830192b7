/* nudge explain: what its parts share. The numbers of one example are read once, into `layers`; what is told
 * about them stands in explain_text.c, explain_one.c (one parameter) and explain_all.c (many examples) for
 * people, and in explain_json.c for programs. */
#ifndef NUDGE_CLI_EXPLAIN_EXPLAIN_H
#define NUDGE_CLI_EXPLAIN_EXPLAIN_H

#include "cli/open/answers.h"
#include "cli/plot/picture_file.h"

/* Layer l, 0 .. L. Where l is 0, z, slope, delta, trained, weights and biases are NULL. */
struct explain_layer {
    size_t neurons;
    const char *activation;
    double *a, *z, *slope, *delta;
    double *gradient;        /* ∂C_0/∂a; its negative is what is wished */
    float *weights, *biases; /* [neurons][neurons of l-1] */
    float *trained;          /* δ as training computes it, in its own precision */
};

struct explain {
    struct options options;
    /* asked for */
    size_t index, layer, neuron; /* COUNT_NOT_GIVEN: not said */
    nudge_parameter parameter;
    const char *parameter_text; /* NULL: no parameter was asked for */
    double by;
    bool all;
    size_t top; /* lines of each list */
    size_t at;  /* --at: the step to explain; COUNT_NOT_GIVEN: an example */
    enum draw_theme theme;
    /* opened */
    struct opened opened;
    nudge_part part;
    nudge_cost cost; /* never auto */
    nudge_explanation *explanation;
    struct answers answers;
    /* read */
    size_t last; /* L */
    struct explain_layer *layers;
    double *targets, *parts, *influence; /* influence: of the inputs on the output that answers */
    double cost_of_example;
    float *trained_gradient; /* ∂C_0/∂w of the parameter's layer, as training computes it */
    size_t shown;            /* the output neuron that the answer is: the class, or the largest */
};

/* -- names and order -- */

/* What a neuron is called: "12,7" (row, column) of an image, "2" of classes by their name, its number. */
struct explain_name {
    char text[112];
};
struct explain_name explain_neuron(const struct explain *explain, size_t l, size_t k);
double explain_value(const struct explain *explain, const nudge_parameter *parameter);

/* The indices of the `most` numbers that are largest in size, in order, into `chosen`; returns how many. */
size_t explain_largest(const double *values, size_t count, size_t most, size_t *chosen);

/* -- parts -- */

void explain_print(struct explain *explain);     /* forward, outputs, wishes, ledgers, the input */
void explain_print_one(struct explain *explain); /* --weight, --bias */
/* "age", "sex = male", "age is missing"; without names the input's number. */
struct explain_name explain_column(const struct explain *explain, size_t input);
void explain_print_columns(
    const struct explain *explain); /* the columns before the first layer, in their units */
struct json_t *explain_columns_json(const struct explain *explain);
/* An output, or target, as the network has it, in the target's own units. */
double explain_in_units(const struct explain *explain, size_t output, double scaled);
/* --all: walks every row of the part; prints, or adds to the JSON object. Returns the exit status. */
struct explain_many {
    nudge_gradient_result result;
    double *mean; /* [parameters] */
    double *each; /* [rows]; NULL: no parameter was asked for */
};
int explain_walk_all(struct explain *explain, struct explain_many *many);
int explain_print_all(struct explain *explain, const struct explain_many *many);
void explain_print_json(struct explain *explain, const struct explain_many *many);

void explain_print_norms(const struct explain *explain, const double *mean);

/* --at: one step of the training that a journal is of. `open` finds its mini-batch and puts the net as it was
 * before; the rest of `explain` is then of the mini-batch's first row. */
struct explain_step {
    nudge_train_options training;
    nudge_journal_summary summary;
    nudge_journal_step place;
    size_t *rows;            /* [place.rows] of the training part */
    float *before, *after;   /* [parameters] */
    double *mean, *each;     /* ∂C/∂p [parameters]; of the parameter for each row */
    double cost, cost_after; /* of the mini-batch */
};
int explain_open_step(struct explain *explain, struct explain_step *step);
int explain_tell_step(struct explain *explain, struct explain_step *step);
void explain_free_step(struct explain_step *step);

/* A parameter over the training that a journal is of: when it moved. */
int explain_print_moves(struct explain *explain);
struct json_t *explain_moves_json(const struct explain *explain);

/* -o: draws the example, or what is known of one parameter: over many rows (`many`, may be NULL), or in one step. */
int explain_draw(const struct explain *explain, const char *path, enum draw_theme theme);
int explain_draw_one(struct explain *explain, const struct explain_many *many);
int explain_draw_step(struct explain *explain, const struct explain_step *step);

/* Of [rows] gradients the indices of those most negative (sign -1: a step pushes the parameter up for them) or most
 * positive; returns how many. */
size_t explain_choose_rows(const double *each, size_t rows, double sign, size_t most, size_t *chosen);

/* The parameter at every snapshot of the journal. Tells what is wrong; returns the exit status. */
struct explain_moves {
    size_t count;
    size_t *steps;
    double *values, *moved; /* moved[i]: to snapshot i from the one before */
};
int explain_read_moves(const struct explain *explain, struct explain_moves *moves);
void explain_free_moves(struct explain_moves *moves);

/* The nudges that are shown: --by, then 1, 0.1, .. 1e-8. */
enum { EXPLAIN_NUDGES = 10 };
nudge_change explain_nudge(struct explain *explain, double by);
double explain_nudge_size(const struct explain *explain, size_t i);

#endif
