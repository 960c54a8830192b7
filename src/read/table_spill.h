/* A file for the rows of a table while it is read: without a name from its beginning, so that nothing is left of it
 * whatever happens. */
#ifndef NUDGE_READ_TABLE_SPILL_H
#define NUDGE_READ_TABLE_SPILL_H

#include "base/file.h"
#include "table/table.h"

struct table_spill_file {
    struct table_spill spill; /* the first member */
    const nudge_allocator *allocator;
    const char *path; /* beside which the file is made */
    bool folders;     /* it makes those that path lies in */
    struct file_reader file;
    bool open;
};

/* It is made when the first rows come. `path` must outlive it; NULL: it takes no rows. `hint`: as in
 * struct table_spill. */
void table_spill_begin(struct table_spill_file *file, const nudge_allocator *allocator, const char *path,
                       bool folders, size_t limit, const char *hint);
void table_spill_end(struct table_spill_file *file); /* one that is zeroed allowed */

#endif
