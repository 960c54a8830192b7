/* A training that comes to nothing, told while it goes on: a learning rate at which the cost rises, or at which neurons end
 * where they can no longer learn. One sentence, once. */
#ifndef NUDGE_CLI_VERBS_WATCH_H
#define NUDGE_CLI_VERBS_WATCH_H

#include "cli/open/open.h"
#include "cli/tell/progress.h"

struct watch {
    double first_cost; /* of the first step */
    bool told;
};

void watch_step(struct watch *watch, struct progress *progress, double learning_rate,
                const nudge_progress *now);
void watch_epoch(struct watch *watch, struct progress *progress, const struct opened *opened,
                 const nudge_train_options *training, const nudge_progress *now);

#endif
