/* The journal's file: a header as a model file has it, with what is known of the training in its metadata, then its
 * tensors. docs/model-file.md describes it for users. */
#ifndef NUDGE_MODEL_JOURNAL_H
#define NUDGE_MODEL_JOURNAL_H

#include "learn/journal.h"

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

/* The tensors, in their order; sizes are the journal's. */
enum { JOURNAL_TENSORS = 5 }; /* at most */
struct journal_tensor {
    const char *name, *dtype;
    size_t element; /* bytes of a number */
    size_t dimensions;
    uint64_t shape[3], bytes;
    void *numbers;
};
struct journal_tensors {
    size_t count;
    struct journal_tensor items[JOURNAL_TENSORS];
};
/* For a journal whose count, record_count, vectors and figures are set, of a net with so many parameters and so much
 * state, which is a tensor only where there is some. False when the sizes do not fit in 63 bits. */
bool journal_tensors_of(const struct nudge_journal *journal, uint64_t parameters, uint64_t state,
                        struct journal_tensors *tensors);

/* Numbers of a tensor as bytes, little-endian, and back; `count` numbers of 4 or 8 bytes. */
void journal_to_bytes(const void *numbers, size_t element, size_t count, unsigned char *bytes);
void journal_from_bytes(void *numbers, size_t element, size_t count, const unsigned char *bytes);

#endif
