/* See order.h. Invariant: order[] is a permutation of 0 .. rows-1 that depends on (rows, seed, epoch)
 * alone. */
#include "data/order.h"

#include "base/random.h"

enum { LAYER_BLOCKS = 0, LAYER_ROWS = 1 }; /* two independent streams of one purpose */

/* Fisher and Yates 1938, in Durstenfeld's form (1964). */
static void shuffle(uint32_t *items, size_t count, struct random_stream *stream) {
    for (size_t i = count; i > 1; i--) {
        uint32_t j = random_below(stream, (uint32_t)i);
        uint32_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

/* Spreads the block numbers, which stand at the end of order[], into rows from its beginning. Reading stays
 * ahead of writing: the count - b blocks still to come have at least one row each, so what is written ends at
 * or before rows - (count - b), where the number of block b stands. */
static void spread(uint32_t *order, size_t rows, const uint32_t *blocks, size_t count) {
    size_t written = 0;
    for (size_t b = 0; b < count; b++) {
        uint32_t first = blocks[b] * ORDER_BLOCK;
        size_t in_block = rows - first < ORDER_BLOCK ? rows - first : ORDER_BLOCK;
        for (size_t i = 0; i < in_block; i++) order[written++] = first + (uint32_t)i;
    }
}

void order_make(uint32_t *order, size_t rows, uint64_t seed, uint32_t epoch, bool in_new_order) {
    size_t blocks = (rows + ORDER_BLOCK - 1) / ORDER_BLOCK;
    if (!in_new_order) {
        for (size_t i = 0; i < rows; i++) order[i] = (uint32_t)i;
        return;
    }
    uint32_t *tail = order + rows - blocks;
    struct random_stream block_stream = random_stream_make(seed, RANDOM_SHUFFLE, LAYER_BLOCKS, epoch, 0);
    for (size_t b = 0; b < blocks; b++) tail[b] = (uint32_t)b;
    shuffle(tail, blocks, &block_stream);
    spread(order, rows, tail, blocks);
    for (size_t first = 0, window = 0; first < rows; first += ORDER_BLOCK * ORDER_WINDOW, window++) {
        size_t count = rows - first < ORDER_BLOCK * ORDER_WINDOW ? rows - first : ORDER_BLOCK * ORDER_WINDOW;
        struct random_stream stream =
            random_stream_make(seed, RANDOM_SHUFFLE, LAYER_ROWS, epoch, (uint32_t)window);
        shuffle(order + first, count, &stream);
    }
}
