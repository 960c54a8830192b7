/* What a context holds. Everything below the public header reaches memory and threads through one. */
#ifndef NUDGE_BASE_CONTEXT_H
#define NUDGE_BASE_CONTEXT_H

#include "base/memory.h"

struct bf16_kernel;
struct engine;
struct workers;

struct nudge_context {
    nudge_allocator allocator;
    struct workers *workers;        /* the pool: base/parallel.h */
    const struct engine *engine;    /* the arithmetic: engine/engine.h */
    nudge_engine kind;              /* which engine that is; never NUDGE_ENGINE_AUTO */
    nudge_cpu_level cpu_level;      /* never NUDGE_CPU_AUTO */
    nudge_precision precision;      /* of products in training and prediction */
    const struct bf16_kernel *bf16; /* what multiplies then: engine/bf16.h; NULL in f32 */
    size_t data_memory;             /* see nudge_context_options; 0: not chosen */
    void (*on_remark)(void *user, const char *sentence);
    void *user;
};

#endif
