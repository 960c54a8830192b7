/* How much each row counts in the cost: its own weight (a column of the data) times its class's. Scaled so that their
 * mean over the part is 1: then the mean cost is Σ w C_0 / Σ w, and learning rates mean what they always do.
 *
 *     balanced: n / (k n_c) for class c with n_c of the n training rows of k classes (King and Zeng 2001)
 *
 * A class's weight belongs to training, and to costs compared with it; accuracy and other metrics know the rows' own
 * weights alone. */
#ifndef NUDGE_LEARN_WEIGHTS_H
#define NUDGE_LEARN_WEIGHTS_H

#include "data/data.h"
#include "net/net.h"

struct row_weights {
    bool rows, classes; /* rows have their own; classes have some */
    float *by_class;    /* [count]; NULL: 1 */
    size_t count;
    double scale; /* of the cost: rows / Σ w; NaN: Σ w is 0, and there is no mean */
};

/* Notes in the net what `text` ("balanced", or "NAME=W,...", others 1) means for the training rows: "class_weights", one
 * number for each class; NULL: none. The net has its labels. Errors: NUDGE_BAD_ARGUMENT. */
nudge_status weights_note(nudge_net *net, const nudge_data *data, const char *text, nudge_error *error);

/* For a part, with the class weights that the net notes. Released in every case. */
nudge_status weights_make(struct row_weights *weights, const nudge_allocator *allocator, const nudge_net *net,
                          const nudge_data *data, nudge_part part, nudge_error *error);
void weights_release(struct row_weights *weights, const nudge_allocator *allocator);

/* Of row `at` of the block. */
static inline float weights_own(const struct row_weights *weights, const struct data_block *block,
                                size_t at) {
    return weights->rows && block->weights ? block->weights[at] : 1;
}
/* Before it is scaled. */
static inline double weights_product(const struct row_weights *weights, const struct data_block *block,
                                     size_t at) {
    float class_weight = weights->classes && block->labels ? weights->by_class[block->labels[at]] : 1;
    return (double)weights_own(weights, block, at) * (double)class_weight;
}
static inline float weights_in_cost(const struct row_weights *weights, const struct data_block *block,
                                    size_t at) {
    return (float)(weights->scale * weights_product(weights, block, at));
}

#endif
