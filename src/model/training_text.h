/* A training's options in a header's metadata, behind "training.": texts of learn/fields.h. */
#ifndef NUDGE_MODEL_TRAINING_TEXT_H
#define NUDGE_MODEL_TRAINING_TEXT_H

#include "model/header_net.h"

/* No memory: false. */
bool training_put(json_t *metadata, const nudge_train_options *options);
/* As step_options leaves them. */
nudge_status training_take(const struct header_net *parse, nudge_train_options *options);

#endif
