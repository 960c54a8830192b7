/* A context with one thread for every engine of nudge's own and every CPU level that this machine has: portable,
 * the lowest level first, then native. levels_open and levels_close are fit to be cmocka's setup and teardown of a
 * group. */
#ifndef NUDGE_TESTS_LEVELS_H
#define NUDGE_TESTS_LEVELS_H

#include "engine/engine.h"

static nudge_context *level_contexts[2 * CPU_LEVELS];
static size_t level_count;

/* NULL where this machine lacks the level. */
static inline nudge_context *engine_context(nudge_engine engine, nudge_cpu_level level, unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    options.engine = engine;
    options.threads = threads;
    options.cpu_level = level;
    nudge_status status = nudge_context_create(&options, &context, NULL);
    assert_true(status == NUDGE_OK || status == NUDGE_UNSUPPORTED);
    return context;
}

static inline nudge_context *level_context(nudge_cpu_level level, unsigned threads) {
    return engine_context(NUDGE_ENGINE_PORTABLE, level, threads);
}

static inline int levels_open(void **state) {
    (void)state;
    level_count = 0;
    for (int engine = NUDGE_ENGINE_PORTABLE; engine <= NUDGE_ENGINE_NATIVE; engine++)
        for (int level = NUDGE_CPU_BASE; level <= NUDGE_CPU_V4; level++) {
            nudge_context *context = engine_context((nudge_engine)engine, (nudge_cpu_level)level, 1);
            if (context) level_contexts[level_count++] = context;
        }
    return level_count ? 0 : -1;
}

/* The context of the same engine with the lowest level. */
static inline nudge_context *level_lowest(size_t level) {
    while (level > 0 && level_contexts[level - 1]->engine == level_contexts[level]->engine) level--;
    return level_contexts[level];
}

/* The same engine and level with other threads. */
static inline nudge_context *level_with_threads(size_t level, unsigned threads) {
    return engine_context(level_contexts[level]->kind, level_contexts[level]->cpu_level, threads);
}

static inline int levels_close(void **state) {
    (void)state;
    for (size_t i = 0; i < level_count; i++) nudge_context_free(level_contexts[i]);
    return 0;
}

#endif
