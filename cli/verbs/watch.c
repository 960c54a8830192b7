/* See watch.h. */
#include "cli/verbs/watch.h"

#include "cli/tell/findings.h"
#include "cli/tell/numbers.h"

#include <string.h>

/* A learning rate that is far too large shows in the first steps: the cost is many times what it was at the first. */
void watch_step(struct watch *watch, struct progress *progress, double learning_rate,
                const nudge_progress *now) {
    enum { FIRST_STEPS = 50, TIMES = 20 };
    if (now->epoch > 1 || now->step > FIRST_STEPS || watch->told) return;
    if (now->step == 1) watch->first_cost = now->train_cost;
    if (watch->first_cost == 0) return; /* a training that goes on: its first step was another run's */
    if (!(now->train_cost > TIMES * watch->first_cost) || now->step < 3) return;
    watch->told = true;
    progress_end(progress);
    fprintf(stderr,
            "nudge: the cost rises, from %s at step 1 to a mean of %s at step %zu: the learning rate %s is "
            "probably too large; Ctrl-C and --lr %s\n",
            number_cost(watch->first_cost).text, number_cost(now->train_cost).text, now->step,
            number_exact(learning_rate).text, number_short(learning_rate / 10, 4).text);
}

/* Neurons that have ended where they no longer learn, by what nudge_diagnose finds. Measured on trainings at learning rates
 * from good to 300 times as much: beyond nine tenths of a layer nothing good comes of it, unless it answers well already. */
static bool is_grave(const nudge_finding *finding) {
    const double most = 0.9;
    return (strcmp(finding->name, "saturated") == 0 || strcmp(finding->name, "dead-relu") == 0) &&
           finding->figure > most;
}

/* After epochs 1, 2, 4 and 8: it takes a walk over a thousand rows. */
void watch_epoch(struct watch *watch, struct progress *progress, const struct opened *opened,
                 const nudge_train_options *training, const nudge_progress *now) {
    enum { LAST = 8 };
    const double well = 0.9;
    struct findings findings;
    bool due = now->epoch <= LAST && (now->epoch & (now->epoch - 1)) == 0 && now->epoch < now->epochs;
    if (watch->told || !due || now->train_accuracy > well) return;
    findings_make(&findings, opened->context, opened->net, opened->data, training, NULL, false);
    for (size_t i = 0; i < findings.count && !watch->told; i++) {
        if (!is_grave(&findings.list[i])) continue;
        watch->told = true;
        progress_end(progress);
        fprintf(
            stderr,
            "nudge: after epoch %zu: %s: the learning rate %s is probably too large; Ctrl-C, then --lr %s\n",
            now->epoch, findings.list[i].sentence, number_exact(training->learning_rate).text,
            number_short(training->learning_rate / 10, 4).text);
    }
}
