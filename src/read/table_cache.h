/* Rows of tables that are larger than memory, in a binary file: written once, then read from it as they are needed.
 *
 *     bytes 0-15   "nudge rows 1\n" and zeros
 *     16-23, 24-31 the header's size, its CRC-32 (u64, little-endian, as all numbers)
 *     header       the key (table_cache_key.h), the sources' sizes, times and SHA-256, columns, how many rows, remarks
 *     rows         f32 [training and validation rows, then test rows][columns]: numbers, NaN where one is missing, and
 *                  places of categories
 *     trailer      CRC-32 of each block of rows; of both parts labels (i32) or targets (f32), weights, names; which rows are
 *                  of the validation part; the CRC-32 of all this
 *
 * Invariant: a file that is opened is whole to the byte, and what its rows say is checked whenever they are read: bytes
 * that somebody else wrote there may be other rows, but never anything worse. */
#ifndef NUDGE_READ_TABLE_CACHE_H
#define NUDGE_READ_TABLE_CACHE_H

#include "data/data.h"
#include "read/table_cache_key.h"

/* Numbers for which a row's cell stands: features that become an input at least. */
size_t table_cache_width(const struct columns *columns);

/* What the columns make of a set. */
struct data_shape table_cache_shape(const struct columns *columns);

/* -- writing -- */

struct table_cache_writer;

/* `set`: whose rows they are, with all but their features: labels, targets, weights, ids of both blocks, columns, remarks;
 * they may be filled until table_cache_commit. The key's sources have their digests. Errors: NUDGE_IO, NUDGE_BAD_INPUT where `path` is a file of another kind. */
nudge_status table_cache_create(const char *path, const struct table_cache_key *key, const nudge_data *set,
                                struct table_cache_writer **writer, nudge_error *error);
/* The next row, training and validation rows before test rows: cells[table_cache_width]. */
nudge_status table_cache_add(struct table_cache_writer *writer, const float *cells, nudge_error *error);
/* All rows were added; `validation` [training rows]. Frees in every case. */
nudge_status table_cache_commit(struct table_cache_writer *writer, const unsigned char *validation,
                                nudge_error *error);
void table_cache_abandon(struct table_cache_writer *writer); /* NULL allowed */

/* -- reading -- */

enum table_cache_found {
    TABLE_CACHE_READ,    /* *data is there */
    TABLE_CACHE_NONE,    /* no file, one of other options, or of sources that have changed */
    TABLE_CACHE_SMALL,   /* its features fit into memory */
    TABLE_CACHE_DAMAGED, /* *error says how */
    TABLE_CACHE_FOREIGN  /* a file of another kind */
};

/* Opens the file if it is one for this key (NULL: any). All rows are read once. `limit`: what features may take in memory; 0:
 * nobody asks.
 * Errors: NUDGE_NO_MEMORY, also when reading ahead takes more than the limit; NUDGE_IO. */
nudge_status table_cache_open(nudge_context *context, const char *path, const struct table_cache_key *key,
                              size_t limit, const char *name, enum table_cache_found *found,
                              nudge_data **data, nudge_error *error);

/* Whether rows of so many features can be read ahead within the limit; says how much that takes. */
nudge_status table_cache_check_limit(size_t train_rows, size_t test_rows, size_t features, size_t limit,
                                     const char *name, nudge_error *error);

#endif
