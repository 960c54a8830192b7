/* The table of optimizers. Invariant: every element's new value depends on that element alone, so shares do
 * not matter. */
#include "learn/optimizer.h"

#include "base/status.h"

#include <string.h>

VARIANTS_DECLARE(struct optimizer_kernel, optimizer_sgd)
VARIANTS_DECLARE(struct optimizer_kernel, optimizer_nesterov)

const struct optimizer optimizers[] = {
    [NUDGE_OPTIMIZER_SGD] = {"sgd", VARIANTS(optimizer_sgd)},
    [NUDGE_OPTIMIZER_NESTEROV] = {"nesterov", VARIANTS(optimizer_nesterov)},
};
const size_t optimizer_count = sizeof optimizers / sizeof *optimizers;

const char *nudge_optimizer_name(nudge_optimizer optimizer) {
    return (unsigned)optimizer < optimizer_count ? optimizers[optimizer].name : NULL;
}

nudge_status nudge_optimizer_from_name(const char *name, nudge_optimizer *optimizer, nudge_error *error) {
    for (size_t i = 0; i < optimizer_count; i++)
        if (strcmp(optimizers[i].name, name) == 0) {
            *optimizer = (nudge_optimizer)i;
            return NUDGE_OK;
        }
    return error_set(error, NUDGE_BAD_ARGUMENT, "optimizer \"%s\", expected sgd or nesterov", name);
}

enum { ELEMENTS_PER_TASK = 16384 };

struct update {
    const struct optimizer_kernel *kernel;
    const struct optimizer_call *call;
    size_t element_size;
};

static void update_share(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct update *update = argument;
    struct optimizer_call share = *update->call;
    size_t first = index * ELEMENTS_PER_TASK, bytes = first * update->element_size;
    share.count = share.count - first < ELEMENTS_PER_TASK ? share.count - first : ELEMENTS_PER_TASK;
    share.w = (unsigned char *)share.w + bytes;
    share.g = (const unsigned char *)share.g + bytes;
    if (share.v) share.v = (unsigned char *)share.v + bytes;
    update->kernel->update(&share);
}

void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum precision precision, const struct optimizer_call *call) {
    struct update update = {
        .kernel = optimizer->kernels[precision][context->cpu_level - NUDGE_CPU_BASE],
        .call = call,
        .element_size = engine_verbs(context, precision)->element_size,
    };
    size_t shares = (call->count + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK;
    parallel_for(context->workers, shares, 2.0 * (double)call->count, update_share, &update);
}
