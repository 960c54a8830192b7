/* The rows in a table's cache file as the source of a data set: see table_cache.h. */
#ifndef NUDGE_READ_TABLE_CACHE_ROWS_H
#define NUDGE_READ_TABLE_CACHE_ROWS_H

#include "base/file.h"
#include "data/data.h"

/* Rows of a block, which has a sum of its own. */
size_t table_cache_block_rows(size_t width);
/* How many blocks so many rows make. */
static inline size_t table_cache_blocks(size_t rows, size_t width) {
    size_t block = table_cache_block_rows(width);
    return rows / block + (rows % block > 0);
}

/* Takes over the reader and the sums, [blocks of rows[0]] then [blocks of rows[1]]; sources of both parts, NULL where one has
 * no rows. The columns must outlive them. On failure the reader is closed and the sums are released. */
nudge_status table_cache_sources(const nudge_allocator *allocator, struct file_reader *reader,
                                 uint64_t position, const struct columns *columns, const size_t rows[2],
                                 uint32_t *sums, struct data_source *sources[2], nudge_error *error);

#endif
