/* nudge explain: what its parts share. Everything about one example is read once, by explain_read, and nothing of it
 * changes afterwards; text.c, neuron.c, one.c and moves.c print it for people, json.c for programs, picture*.c draw it.
 * Rows beside the example (all.c, step.c) are read through rows.c. */
#ifndef NUDGE_CLI_EXPLAIN_EXPLAIN_H
#define NUDGE_CLI_EXPLAIN_EXPLAIN_H

#include "cli/open/answers.h"
#include "cli/plot/picture_file.h"
#include "cli/tell/numbers.h"

#include <nudge_insight.h>

/* Layer l, 0 .. L. Where l is 0, z, slope, delta, trained, weights and biases are NULL. */
struct explain_layer {
    size_t neurons;
    const char *activation;
    double *a, *z, *slope, *delta;
    double *gradient;        /* ∂C_0/∂a; its negative is what is wished */
    float *weights, *biases; /* [neurons][neurons of l-1] */
    float *trained;          /* δ as training computes it, in its own precision */
};

/* Room for one list at a time, of whatever is listed. */
struct explain_room {
    size_t *chosen;    /* [twice --top, or as many as there are neurons, parameters or rows] */
    double *values;    /* [the widest layer] */
    nudge_path *paths; /* [the widest layer] */
};

/* What --set and --erase say, in their order. */
enum { EXPLAIN_CHANGES = 64 };
struct explain_asked_change {
    const char *word;
    bool erase;
};

struct explain {
    struct options options;
    /* asked for */
    size_t index, layer, neuron; /* COUNT_NOT_GIVEN: not said */
    nudge_parameter parameter;
    const char *parameter_text; /* NULL: no parameter was asked for */
    double by;
    bool all;
    bool neuron_asked; /* --layer or --neuron was given */
    size_t top;        /* lines of each list */
    size_t at;         /* --at: the step to explain; COUNT_NOT_GIVEN: an example */
    bool row_of_step;  /* --at with --index: the step's part of one row */
    struct explain_asked_change asked[EXPLAIN_CHANGES];
    size_t asked_count;
    enum draw_theme theme;
    /* opened */
    struct opened opened;
    nudge_part part;
    nudge_cost cost;                /* never auto */
    nudge_explanation *explanation; /* of the example */
    struct answers answers;         /* the example's row, for pictures, too */
    struct answers *others;         /* for rows beside it, and what it might have been */
    /* read */
    size_t last; /* L */
    struct explain_layer *layers;
    double *targets, *parts, *influence; /* influence: of the inputs on the output that answers */
    double cost_of_example;
    float *trained_gradient; /* ∂C_0/∂w of the parameter's layer, as training computes it */
    size_t shown;            /* the output neuron that the answer is: the class, or the largest */
    int32_t label;           /* the class that is right; -1: the row has numbers for targets */
    size_t answer_class;     /* where it has a label; with one output 0 or 1 */
    size_t
        against; /* the output that the answer is held against: the right one, or, where the answer is right, the
                                next best; COUNT_NOT_GIVEN: there is none */
    float *features; /* [inputs], as the data have them */
    float *erased;   /* [inputs]: the same of a row that says nothing */
    double *
        contrast; /* [inputs]: ∂/∂a of z of the answer less z of `against`; its other way round where class 0 is
                                answered by one output's low z */
    double *shares; /* [inputs]: (a - a of erased) contrast: what the answer rests on */
    struct explain_room room;
};

/* -- reading (read.c) -- */

/* Makes the record of the row `index` of `part`. Tells what is wrong; returns the exit status. */
int explain_read(struct explain *explain);
void explain_release(struct explain *explain);

/* -- names and order (names.c) -- */

/* What a neuron is called: "12 (row 0, column 12)" of an image, "2" of classes by their name, its number. */
struct explain_name {
    char text[112];
};
struct explain_name explain_neuron(const struct explain *explain, size_t l, size_t k);
/* "age", "sex = male", "age is missing"; without names the input's number. */
struct explain_name explain_column(const struct explain *explain, size_t input);
/* A target, or what is answered, by its column's name; "output 2"; "" where there is but one without a name. */
struct explain_name explain_target_name(const struct explain *explain, size_t output);
double explain_value(const struct explain *explain, const nudge_parameter *parameter);
/* A feature as people know it: pixels of bytes from 0 (dark) to 1 (bright), all else as the data have it; and back. */
double explain_shown(const struct explain *explain, float feature);
float explain_feature(const struct explain *explain, double shown);
/* An output, or target, as the network has it, in the target's own units. */
double explain_in_units(const struct explain *explain, size_t output, double scaled);
/* "77.0 %" where outputs are shares of 1, else "0.770". */
struct number_text explain_output_text(const struct explain *explain, double a);
/* "up" what is wished more of, "down" less; -: neither. */
const char *explain_way(double wish);

/* The indices of the `most` numbers that are largest in size, in order, into `chosen`; returns how many. */
size_t explain_largest(const double *values, size_t count, size_t most, size_t *chosen);
/* The indices of those most negative (sign -1: of gradients, a step pushes the parameter up for them) or most positive. */
size_t explain_choose_rows(const double *each, size_t rows, double sign, size_t most, size_t *chosen);
/* --top of so many. */
size_t explain_most(const struct explain *explain, size_t count);

/* -- parts, for people -- */

int explain_print(const struct explain *explain); /* text.c: the example */
void explain_print_head(
    const struct explain *explain); /* sentences.c: what was read, and whether it is right */
int explain_print_sentences(const struct explain *explain); /* also why, and what would change it */
void explain_print_neuron(
    const struct explain *explain); /* neuron.c: --layer, --neuron: wishes, three ways, ledger */
void explain_print_wishes(const struct explain *explain); /* of the input, as images */
void explain_print_one(const struct explain *explain);    /* one.c: --weight, --bias */
/* The columns before the first layer, in their units. */
void explain_print_columns(const struct explain *explain);
void explain_print_reasons(const struct explain *explain); /* reasons.c: for and against */

/* -- the smallest change that changes the answer (flip.c) -- */

enum { EXPLAIN_MOST_ERASED = 64, EXPLAIN_MOST_SET = 3 };
struct explain_flip {
    bool found;
    bool erases;                        /* inputs are erased together; else columns are set */
    size_t erased[EXPLAIN_MOST_ERASED]; /* those that argue most for the answer, */
    size_t count;                       /* so many of them; where none was found the most that were tried */
    struct explain_set {
        size_t input; /* of a category the one that becomes 1 */
        float value;
    } sets[EXPLAIN_MOST_SET];
    size_t set_count;
    size_t answer; /* the class that is answered then */
    double output; /* its output; of a regression the first output, in its units */
};
/* Measured: the network is asked. Of a regression: the column whose move by one deviation comes nearest to the target. */
int explain_find_flip(const struct explain *explain, struct explain_flip *flip);
/* Sets an input of a row as the data have it, and what goes with it in its column: of a category the others become 0, of a
 * number its flag for missing. */
void explain_set_input(const struct explain *explain, float *row, size_t input, float value);

/* -- --set and --erase (change.c) -- */

/* Prints what comes of them, or (json not NULL) makes it. Tells what is wrong; returns the exit status. */
int explain_tell_changes(const struct explain *explain, struct json_t **json);

/* -- --all (all.c) -- */

enum { EXPLAIN_SIZES = 3 }; /* nudges that are shown: --by, a tenth, a hundredth */
/* Walks every row of the part. Returns the exit status. */
struct explain_many {
    nudge_gradient_result result;
    double *mean;          /* [parameters] */
    double *each, *sorted; /* [rows]; NULL: no parameter was asked for */
    /* ΔC of the parameter's nudges */
    double by[EXPLAIN_SIZES], measured[EXPLAIN_SIZES], predicted[EXPLAIN_SIZES];
};
int explain_walk_all(struct explain *explain, struct explain_many *many);
int explain_print_all(const struct explain *explain, const struct explain_many *many);
void explain_free_many(struct explain_many *many);
void explain_print_norms(const struct explain *explain, const double *mean);

/* -- rows beside the example (rows.c) -- */

/* A line: which row, what is told of it behind target and answer, and its image's caption. */
struct explain_row {
    size_t index;
    struct number_text cells[4];
    char caption[64];
};
struct explain_rows {
    size_t count;
    const char *headings[4]; /* "": there is no such cell */
    size_t (*index)(void *user, size_t i);
    bool (*take)(void *user, size_t i,
                 struct explain_row *row); /* fills cells and caption; false: what is wrong was told */
    void *user;
};
/* The rows as a table, then their images, as many as stand side by side. */
int explain_print_rows(const struct explain *explain, const struct explain_rows *rows);

/* -- --at: one step of the training that a journal is of (step.c) -- */

/* `open` finds its mini-batch and puts the net as it was before; the rest of `explain` is then of the row asked for,
 * or of the mini-batch's first. */
struct explain_step {
    nudge_train_options training;
    nudge_journal_summary summary;
    nudge_journal_step place;
    size_t *rows;            /* [place.rows] of the training part */
    float *before, *after;   /* [parameters] */
    double *mean, *each;     /* ∂C/∂p [parameters]; of the parameter for each row */
    double *moved;           /* [parameters] */
    double cost, cost_after; /* of the mini-batch */
    double steepest;         /* |∂C/∂p|² */
    double predicted;        /* Σ ∂C/∂p times what moved: ΔC to first order */
    bool in_batch;           /* the row that was asked for, */
    double row_after;        /* and its C_0 after the step */
    nudge_net *later;
    nudge_explanation *beside; /* for the mini-batch's rows */
};
int explain_open_step(struct explain *explain, struct explain_step *step);
int explain_tell_step(struct explain *explain, struct explain_step *step);
void explain_free_step(struct explain_step *step);

/* -- for programs (json.c) -- */

int explain_print_json(const struct explain *explain, const struct explain_many *many);
struct json_t *explain_columns_json(const struct explain *explain);

/* -- a parameter over the training that a journal is of (moves.c) -- */

int explain_print_moves(const struct explain *explain);
struct json_t *explain_moves_json(const struct explain *explain);

/* The parameter at every snapshot of the journal. Tells what is wrong; returns the exit status. */
struct explain_moves {
    size_t count;
    size_t *steps;
    double *values, *moved; /* moved[i]: to snapshot i from the one before */
};
int explain_read_moves(const struct explain *explain, struct explain_moves *moves);
void explain_free_moves(struct explain_moves *moves);

/* -- pictures: -o -- */

/* The example, or what is known of one parameter: over many rows (`many`, may be NULL), or in one step. */
int explain_draw(const struct explain *explain, const char *path, enum draw_theme theme);
int explain_draw_one(struct explain *explain, const struct explain_many *many);
int explain_draw_step(struct explain *explain, const struct explain_step *step);

/* -- nudges (one.c) -- */

/* --by, then 1, 0.1, .. 1e-8. */
enum { EXPLAIN_NUDGES = 10 };
nudge_change explain_nudge(const struct explain *explain, double by);
double explain_nudge_size(const struct explain *explain, size_t i);

#endif
