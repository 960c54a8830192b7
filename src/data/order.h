/* The order of the examples in an epoch: a block shuffle. Blocks of ORDER_BLOCK consecutive rows are put in a
 * random order; then the rows of each window of ORDER_BLOCK * ORDER_WINDOW places are shuffled among each
 * other. A pure function of (rows, seed, epoch), and one that can be followed while reading a file: a window
 * is all that must be in memory. A set that fits in one window is shuffled whole. */
#ifndef NUDGE_DATA_ORDER_H
#define NUDGE_DATA_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORDER_BLOCK = 256, ORDER_WINDOW = 64 };

/* order[0 .. rows-1] = the order of epoch `epoch`. rows < 2^32. */
void order_make(uint32_t *order, size_t rows, uint64_t seed, uint32_t epoch, bool shuffle);

#endif
