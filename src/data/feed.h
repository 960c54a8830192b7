/* The rows of a part that is not in memory, in any order, read from its source ahead of their use: two
 * windows of rows, one in use, one being read by a thread of its own. Invariant: rows are used once each,
 * from the first place of the order to the last; what is in a window has been read whole. */
#ifndef NUDGE_DATA_FEED_H
#define NUDGE_DATA_FEED_H

#include "data/data.h"
#include "data/order.h"

struct feed;

/* Rows of a window: for an order of training all rows that were shuffled among each other (data/order.h),
 * which lie side by side in the file; for rows in the file's own order as many as make reading worth a
 * call. */
enum { FEED_WINDOW_SHUFFLED = ORDER_BLOCK * ORDER_WINDOW, FEED_WINDOW_IN_ORDER = 1024 };

/* What a feed of `rows` rows of `row_bytes` takes of memory, in bytes; SIZE_MAX when that does not fit in a
 * size_t. */
size_t feed_memory(size_t rows, size_t row_bytes, size_t window);

/* *feed is NULL when every part of the data is in memory. The allocator is the user's, not the data's:
 * several threads, each with a context of its own, may read one data set. */
nudge_status feed_make(const nudge_allocator *allocator, const nudge_data *data, size_t window,
                       struct feed **feed, nudge_error *error);
void feed_free(struct feed *feed); /* NULL allowed */

/* Begins anew: the part's rows order[0], order[1], .. of all it has, or (NULL) 0, 1, ... Reading begins at
 * once; `order` must stay as it is until the last row is used or feed_stop. */
void feed_start(struct feed *feed, nudge_part part, const uint32_t *order);
void feed_stop(struct feed *feed);

/* Waits until the rows at places first .. first+rows-1 of the order are there. Rows before `first` are given
 * up; rows <= window. Errors: what the source says. */
nudge_status feed_rows(struct feed *feed, size_t first, size_t rows, nudge_error *error);

/* The values of the row at a place that feed_rows was asked for last, in the set's type. */
const unsigned char *feed_row(const struct feed *feed, size_t place);

#endif
