/* A context with one thread for every CPU level that this machine has, the lowest first. levels_open and
 * levels_close are fit to be cmocka's setup and teardown of a group. */
#ifndef NUDGE_TESTS_LEVELS_H
#define NUDGE_TESTS_LEVELS_H

#include "engine/engine.h"

static nudge_context *level_contexts[CPU_LEVELS];
static size_t level_count;

/* NULL where this machine lacks the level. */
static inline nudge_context *level_context(nudge_cpu_level level, unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    options.threads = threads;
    options.cpu_level = level;
    nudge_status status = nudge_context_create(&options, &context, NULL);
    assert_true(status == NUDGE_OK || status == NUDGE_UNSUPPORTED);
    return context;
}

static inline int levels_open(void **state) {
    (void)state;
    level_count = 0;
    for (int level = NUDGE_CPU_BASE; level <= NUDGE_CPU_V4; level++) {
        nudge_context *context = level_context((nudge_cpu_level)level, 1);
        if (context) level_contexts[level_count++] = context;
    }
    return level_count ? 0 : -1;
}

static inline int levels_close(void **state) {
    (void)state;
    for (size_t i = 0; i < level_count; i++) nudge_context_free(level_contexts[i]);
    return 0;
}

#endif
