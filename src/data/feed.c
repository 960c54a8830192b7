/* See feed.h. A window is filled in the order of the file: its rows are sorted by where they stand, runs of
 * neighbours are read together, and each row goes to its place. Places are used round and round: place p is
 * at p modulo two windows. */
#include "data/feed.h"

#include "base/background.h"
#include "base/status.h"

#include <string.h>

enum { CHUNK_BYTES = 256 * 1024 }; /* read at once: it stays in the nearer caches until it is shared out */

struct wanted {
    uint32_t row, place; /* the block's row, and where in the window it goes */
};

struct feed {
    nudge_allocator allocator;
    const nudge_data *data;
    size_t window, row_bytes, chunk_rows;
    unsigned char *ring;           /* [2 * window][row_bytes] */
    unsigned char *chunk;          /* [chunk_rows][row_bytes] */
    struct wanted *wanted, *other; /* [window] each */
    struct background *reader;
    size_t bytes; /* of the block that all of them are in */
    void *memory;

    const struct data_part *part;
    const uint32_t *order;
    size_t windows; /* of the part */
    size_t filled;  /* windows that are there, or were */
    bool filling;   /* the next one */
    nudge_status status;
    nudge_error error; /* of the window that was filled last */
};

/* -- filling a window -- */

/* By row, eight bits after the other. */
static void sort_by_row(struct wanted *items, struct wanted *other, size_t count) {
    enum { DIGIT = 256 };
    for (unsigned shift = 0; shift < 32; shift += 8) {
        size_t starts[DIGIT + 1] = {0};
        for (size_t i = 0; i < count; i++) starts[(items[i].row >> shift) % DIGIT + 1]++;
        for (size_t d = 0; d < DIGIT; d++) starts[d + 1] += starts[d];
        for (size_t i = 0; i < count; i++) other[starts[(items[i].row >> shift) % DIGIT]++] = items[i];
        struct wanted *swapped = items;
        items = other;
        other = swapped;
    }
}

static size_t list_window(struct feed *feed, size_t window) {
    size_t first = window * feed->window, rest = feed->part->rows - first;
    size_t count = rest < feed->window ? rest : feed->window;
    for (size_t i = 0; i < count; i++) {
        size_t row = feed->order ? feed->order[first + i] : first + i;
        feed->wanted[i] = (struct wanted){(uint32_t)data_part_row(feed->part, row), (uint32_t)i};
    }
    sort_by_row(feed->wanted, feed->other, count);
    return count;
}

static void fill_window(void *argument) {
    struct feed *feed = argument;
    const struct data_block *block = feed->part->block;
    const struct wanted *wanted = feed->wanted;
    unsigned char *rows = feed->ring + feed->filled % 2 * feed->window * feed->row_bytes;
    size_t count = list_window(feed, feed->filled), features = feed->data->features;
    feed->status = NUDGE_OK;
    for (size_t i = 0, end; !feed->status && i < count; i = end) {
        size_t first = wanted[i].row;
        for (end = i + 1; end < count && wanted[end].row - first < feed->chunk_rows;) end++;
        size_t run = wanted[end - 1].row - first + 1;
        feed->status =
            data_read(feed->data, block, first * features, run * features, feed->chunk, &feed->error);
        for (size_t k = i; !feed->status && k < end; k++)
            memcpy(rows + wanted[k].place * feed->row_bytes,
                   feed->chunk + (wanted[k].row - first) * feed->row_bytes, feed->row_bytes);
    }
}

static void start_filling(struct feed *feed) {
    feed->filling = true;
    background_start(feed->reader, fill_window, feed);
}

static nudge_status finish_filling(struct feed *feed, nudge_error *error) {
    background_wait(feed->reader);
    feed->filling = false;
    if (feed->status) {
        if (error) *error = feed->error;
        return feed->status;
    }
    feed->filled++;
    return NUDGE_OK;
}

/* -- using it -- */

void feed_stop(struct feed *feed) {
    if (feed->filling) background_wait(feed->reader);
    feed->filling = false;
}

void feed_start(struct feed *feed, nudge_part part, const uint32_t *order) {
    feed_stop(feed);
    feed->part = &feed->data->parts[part];
    feed->order = order;
    feed->windows = (feed->part->rows + feed->window - 1) / feed->window;
    feed->filled = 0;
    if (feed->windows > 0) start_filling(feed);
}

nudge_status feed_rows(struct feed *feed, size_t first, size_t rows, nudge_error *error) {
    size_t in_use = first / feed->window, last = (first + rows - 1) / feed->window;
    nudge_status status = NUDGE_OK;
    while (!status && feed->filled <= last) {
        if (!feed->filling) start_filling(feed);
        status = finish_filling(feed, error);
    }
    if (!status && !feed->filling && feed->filled < feed->windows && feed->filled < in_use + 2)
        start_filling(feed);
    return status;
}

const unsigned char *feed_row(const struct feed *feed, size_t place) {
    return feed->ring + place % (2 * feed->window) * feed->row_bytes;
}

/* -- making -- */

/* The feed's arrays; `feed` NULL: only measures. */
static size_t carve_feed(struct feed *feed, void *memory, size_t rows, size_t row_bytes, size_t window) {
    struct arena arena = {.block = memory};
    size_t chunk_rows = row_bytes < CHUNK_BYTES ? CHUNK_BYTES / row_bytes : 1;
    if (window > rows) window = rows;
    if (chunk_rows > window) chunk_rows = window;
    unsigned char *ring = arena_carve(&arena, 2 * window, row_bytes);
    unsigned char *chunk = arena_carve(&arena, chunk_rows, row_bytes);
    struct wanted *wanted = arena_carve(&arena, window, sizeof *wanted);
    struct wanted *other = arena_carve(&arena, window, sizeof *other);
    if (feed) {
        feed->window = window;
        feed->row_bytes = row_bytes;
        feed->chunk_rows = chunk_rows;
        feed->ring = ring;
        feed->chunk = chunk;
        feed->wanted = wanted;
        feed->other = other;
    }
    return arena.overflow ? SIZE_MAX : arena.used;
}

size_t feed_memory(size_t rows, size_t row_bytes, size_t window) {
    return carve_feed(NULL, NULL, rows, row_bytes, window);
}

nudge_status feed_make(const nudge_allocator *allocator, const nudge_data *data, size_t window,
                       struct feed **feed, nudge_error *error) {
    *feed = NULL;
    size_t rows = data->train.source ? data->train.rows : 0;
    if (data->test.source && data->test.rows > rows) rows = data->test.rows;
    if (rows == 0) return NUDGE_OK;
    size_t row_bytes = data->features * data_value_size(data->type),
           bytes = feed_memory(rows, row_bytes, window);
    struct feed *made = memory_get_zeroed(allocator, sizeof *made);
    void *memory = made && bytes < SIZE_MAX ? memory_get(allocator, bytes) : NULL;
    nudge_status status = memory ? background_create(allocator, &made->reader, error)
                                 : error_no_memory(error, bytes, "reading rows ahead");
    if (status) {
        memory_release(allocator, memory, bytes);
        memory_release(allocator, made, sizeof *made);
        return status;
    }
    carve_feed(made, memory, rows, row_bytes, window);
    made->allocator = *allocator;
    made->data = data;
    made->memory = memory;
    made->bytes = bytes;
    *feed = made;
    return NUDGE_OK;
}

void feed_free(struct feed *feed) {
    if (!feed) return;
    background_free(feed->reader);
    nudge_allocator allocator = feed->allocator;
    memory_release(&allocator, feed->memory, feed->bytes);
    memory_release(&allocator, feed, sizeof *feed);
}
