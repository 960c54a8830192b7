/* Where a batch's rows come from, whoever asks: a data set in memory, a window over its file, or the caller's numbers. One
 * way into a plan and one rule: x' is what the net's transform makes of x. */
#ifndef NUDGE_NET_ROWS_H
#define NUDGE_NET_ROWS_H

#include "data/feed.h"
#include "net/walk.h"

/* The batch is the rows at places first .. first+rows-1. Behind them may stand the `next` rows of the batch that follows:
 * they are asked for, so that they are near by then; shuffled rows come from places that no cache foresees. */
struct row_source {
    const float *features,
        *targets; /* the caller's [rows][..], targets may be NULL; features NULL: of the data */
    const nudge_data *data;
    nudge_part part;
    const uint32_t *order;   /* the part's row at each place; or */
    const size_t *indices;   /* these; both NULL: places are rows */
    const struct feed *feed; /* has the rows of a part that is not in memory, in their order */
    size_t first, rows, next;
    const struct row_weights *weights; /* for the cost (learn/batch.h); NULL: all rows count the same */
};

/* The data's row that is row r of the batch, in its block. */
size_t rows_place(const struct row_source *source, size_t r);

/* Inputs first_input .. end_input-1 of rows first .. first+rows-1 into x: what walk_batch.gather wants, with a source whose
 * rows are in memory or in the feed. */
void rows_inputs(const void *source, const struct plan *plan, void *x, size_t first, size_t rows,
                 size_t first_input, size_t end_input);

/* All inputs of the batch into plan->x, from any source: rows of a file without a feed are read one by one. Errors: the
 * file's. */
nudge_status rows_take(struct plan *plan, const struct row_source *source, nudge_error *error);

#endif
