/* A network's outputs over the rows of a part, a portion at a time: what eval and predict have in common. */
#ifndef NUDGE_CLI_OPEN_ANSWERS_H
#define NUDGE_CLI_OPEN_ANSWERS_H

#include "cli/open/open.h"
#include "cli/tell/numbers.h"

/* Features, outputs and targets of up to `capacity` rows, and the predictor that fills them. */
struct answers {
    const nudge_net *net;
    nudge_predictor *predictor;
    size_t capacity;
    float *features, *outputs, *targets; /* [capacity][inputs], [..][count], [..][targets] */
    size_t inputs, count, classes;       /* count: outputs a row */
    bool shares;     /* the classes' outputs sum to 1, so that one can be sure by so many per cent */
    bool told_range; /* that a row lies outside of what training saw */
};

/* Tells what is wrong; returns the exit status. The data of `opened` may be NULL: then there are no
 * targets. */
int answers_begin(struct answers *answers, const struct opened *opened);
void answers_end(struct answers *answers);

/* Fills features and targets from `rows` rows of a part, beginning with `first`; then outputs. */
int answers_take(struct answers *answers, const nudge_data *data, nudge_part part, size_t first, size_t rows);
/* Fills features and targets, and tells when they are not like those of the training; without outputs. */
int answers_look(struct answers *answers, const nudge_data *data, nudge_part part, size_t first, size_t rows);
/* Fills outputs from the features that stand there. A row whose outputs are not finite is told, as `where`
 * ("xor: test") and row first + r, and is a failure: no answer is no answer. */
int answers_predict(struct answers *answers, size_t rows, const char *where, size_t first);
int say_no_answer(const char *where, size_t row);

/* What the r-th row of outputs says: a class, and how sure the network is of it. */
struct answer {
    size_t class_index;
    double confidence;
};
struct answer answer_of(const struct answers *answers, size_t r);
/* An output that speaks for a class: "77.0 %" where outputs are shares of 1, else the number itself, "0.770". */
struct number_text answer_figure(const struct answers *answers, double output, int decimals);
/* The output that speaks for a class; with one output, class 0 is spoken for by what is missing to 1. */
double answer_share(const struct answers *answers, size_t r, size_t class_index);

#endif
