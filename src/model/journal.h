/* The journal's file: a header as a model file has it, with what is known of the training in its metadata, then its
 * tensors. docs/model-file.md describes it for users. */
#ifndef NUDGE_MODEL_JOURNAL_H
#define NUDGE_MODEL_JOURNAL_H

#include "learn/journal.h"
#include "model/tensors.h"

/* The training's options in a header's metadata, behind "training.". No memory: false. */
bool training_put(json_t *metadata, const nudge_train_options *options);
/* As step_options leaves them. */
nudge_status training_take(const struct header_net *parse, nudge_train_options *options);
bool header_put_count(json_t *metadata, const char *key, uint64_t count);
nudge_status header_take_count(const struct header_net *parse, const char *key, uint64_t most,
                               uint64_t *count);

/* The tensors, in their order: struct tensors' `at`. What they take, for a journal whose count, record_count, vectors and
 * figures are set, of a net with so many parameters and so much state, which is a tensor only where there is some; false
 * when it does not fit in 63 bits. */
bool journal_tensor_at(const void *journal, size_t i, struct file_tensor *tensor);
bool journal_bytes(const struct nudge_journal *journal, uint64_t parameters, uint64_t state, size_t *tensors,
                   uint64_t *bytes);

#endif
