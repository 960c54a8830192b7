/* What the rows of a table that are kept in a file depend on: the table's files, and how they are read. And where such a
 * file lies when nobody says.
 * Invariant: two openings with the same key bytes, whose sources have the same bytes, give the same set. */
#ifndef NUDGE_READ_TABLE_CACHE_KEY_H
#define NUDGE_READ_TABLE_CACHE_KEY_H

#include "data/columns.h"
#include "read/record.h"

#include <nettle/sha2.h>
#include <stdatomic.h>

enum { TABLE_CACHE_SOURCES = 3 };

struct table_cache_source {
    const char *path;       /* as the user named it */
    uint64_t size, changed; /* when, in ns since 1970 */
    bool digested;          /* the digest is known */
    unsigned char digest[SHA256_DIGEST_SIZE];
};

struct table_cache_key {
    struct table_cache_source sources[TABLE_CACHE_SOURCES];
    size_t count;
    atomic_bool stop; /* whoever reads the sources for their digests gives up */
    bool regular; /* all are files that can be looked at again; else nothing that is kept is of use twice */
    struct record bytes;
};

/* `paths` [count] are the table and those of its parts. Errors: NUDGE_NO_MEMORY. */
nudge_status table_cache_key_make(const nudge_allocator *allocator, const char *const *paths, size_t count,
                                  const nudge_data_options *options, const struct columns *given,
                                  struct table_cache_key *key, nudge_error *error);
void table_cache_key_release(struct table_cache_key *key);

/* Size and time of a regular file; false: it is none. */
bool table_cache_look_at(const char *path, struct table_cache_source *source);
/* Size and time once more. False: the file is another now. */
bool table_cache_key_holds(const struct table_cache_key *key);

/* Reads the sources whose digest is not known yet. Asks no allocator: another thread may do it. */
nudge_status table_cache_key_digest(struct table_cache_key *key, nudge_error *error);
/* Reads one of them again. `stop` NULL: nothing stops it; else the digest may be of a part. */
nudge_status table_cache_digest(const char *path, const atomic_bool *stop,
                                unsigned char digest[SHA256_DIGEST_SIZE], nudge_error *error);

/* Columns in a record, and back; those that are read own all they have. */
void table_cache_put_columns(struct record *record, const struct columns *columns);
nudge_status table_cache_take_columns(struct record_reader *reader, const nudge_allocator *allocator,
                                      struct columns **columns, nudge_error *error);

/* ${XDG_CACHE_HOME:-$HOME/.cache}/nudge/tables/NAME-<16 digits>.nudge-rows; release with memory_release_text. NULL: neither
 * is set, or no memory. */
char *table_cache_path(const nudge_allocator *allocator, const struct table_cache_key *key);
/* Makes the folders that it lies in. */
nudge_status table_cache_folders(const nudge_allocator *allocator, const char *path, nudge_error *error);

#endif
