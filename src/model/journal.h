/* The journal's file: a header as a model file has it, with what is known of the training in its metadata, then its
 * tensors. docs/model-file.md describes it for users. */
#ifndef NUDGE_MODEL_JOURNAL_H
#define NUDGE_MODEL_JOURNAL_H

#include "learn/journal.h"
#include "model/tensors.h"

/* The tensors, in their order: struct tensors' `at`. What they take, for a journal whose count, record_count, vectors and
 * figures are set, of a net with so many parameters and so much state, which is a tensor only where there is some; false
 * when it does not fit in 63 bits. */
bool journal_tensor_at(const void *journal, size_t i, struct file_tensor *tensor);
bool journal_bytes(const struct nudge_journal *journal, uint64_t parameters, uint64_t state, size_t *tensors,
                   uint64_t *bytes);

#endif
