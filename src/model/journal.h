/* The journal's file: a header as a model file has it, with what is known of the training in its metadata, then its
 * tensors. docs/model-file.md describes it for users. */
#ifndef NUDGE_MODEL_JOURNAL_H
#define NUDGE_MODEL_JOURNAL_H

#include "learn/journal.h"
#include "model/tensors.h"

/* The training's options as texts: one row each, so that writing and reading cannot differ. */
enum journal_kind { JOURNAL_SIZE, JOURNAL_SEED, JOURNAL_NUMBER, JOURNAL_TRUTH, JOURNAL_NAME };
struct journal_field {
    const char *key; /* in the metadata, behind "training." */
    enum journal_kind kind;
    size_t place;                   /* in nudge_train_options */
    const char *(*name)(int value); /* of JOURNAL_NAME: the i-th; NULL after the last */
    bool late;                      /* older journals have none: it was as it is by default */
};
/* Field i = 0, 1, ..: the trainings' own, then every optimizer's parameters. */
bool journal_field_at(size_t i, struct journal_field *field);

/* The tensors, in their order: struct tensors' `at`. What they take, for a journal whose count, record_count, vectors and
 * figures are set, of a net with so many parameters and so much state, which is a tensor only where there is some; false
 * when it does not fit in 63 bits. */
bool journal_tensor_at(const void *journal, size_t i, struct file_tensor *tensor);
bool journal_bytes(const struct nudge_journal *journal, uint64_t parameters, uint64_t state, size_t *tensors,
                   uint64_t *bytes);

#endif
