/* The journal's file: a header as a model file has it, with what is known of the training in its metadata, then its
 * tensors. While the training goes on it says in its header that it grows, and blocks follow, each with what came since.
 * docs/model-file.md describes it for users. */
#ifndef NUDGE_MODEL_JOURNAL_H
#define NUDGE_MODEL_JOURNAL_H

#include "learn/journal.h"
#include "model/tensors.h"

#include <nudge_insight.h>

/* The tensors, in their order: struct tensors' `at`. What they take, for a journal whose count, record_count, vectors and
 * figures are set, of a net with so many parameters and so much state, which is a tensor only where there is some; false
 * when it does not fit in 63 bits. */
bool journal_tensor_at(const void *journal, size_t i, struct file_tensor *tensor);
bool journal_bytes(const struct nudge_journal *journal, uint64_t parameters, uint64_t state, size_t *tensors,
                   uint64_t *bytes);

/* What a block adds: the snapshots and whole records from so many on, and the sums of the record that is not whole. */
enum { BLOCK_BYTES, BLOCK_STEPS, BLOCK_SNAPSHOTS, BLOCK_RECORDS, BLOCK_HEAD };
struct journal_block {
    struct nudge_journal *journal;
    uint64_t head[BLOCK_HEAD]; /* its bytes, head and digest included; the steps made; how many it adds */
    size_t snapshots, records; /* from which on */
};
bool journal_block_at(const void *block, size_t i, struct file_tensor *tensor);
/* What one of so many takes, head and digest included; false when it does not fit. */
bool journal_block_bytes(const struct journal_block *block, uint64_t parameters, uint64_t state,
                         uint64_t *bytes);

/* The journal as nudge_journal_load has it, into one that is made; `remark`: and what is to be said of it. */
nudge_status journal_load(struct nudge_journal *journal, const char *path, bool remark, nudge_error *error);
/* The file, as it is now; `grows` as in struct tensors_target. */
nudge_status journal_save(const struct nudge_journal *journal, const char *path, nudge_file **grows,
                          nudge_error *error);

/* The metadata's key of the sum of figure f, of the record that is not whole. */
struct rest_key {
    char text[32];
};
struct rest_key journal_rest_key(size_t f);

#endif
