/* Reading the blocks of a journal that grows: found and verified first, so that memory is taken for what is there, then
 * read. */
#ifndef NUDGE_MODEL_JOURNAL_GROWTH_H
#define NUDGE_MODEL_JOURNAL_GROWTH_H

#include "model/journal.h"

struct growth {
    uint64_t first, end;       /* where the blocks are that are whole */
    size_t snapshots, records; /* that they add */
};

/* Of a journal whose header was read; its net has so many parameters and so much state. What is behind the last whole block
 * was being written when the training was killed: it is passed over. What is damaged before is refused. */
nudge_status growth_find(struct growth *growth, struct tensors_file *file, struct nudge_journal *journal,
                         uint64_t parameters, uint64_t state);
/* Into the journal, which has room for it; its last record is made of the steps that there are. */
nudge_status growth_read(const struct growth *growth, struct tensors_file *file,
                         struct nudge_journal *journal);

#endif
