/* Contexts: which engine, which CPU level, how many threads. Invariant: a context's level is one that this
 * CPU has. */
#include "base/options.h"
#include "base/status.h"
#include "engine/engine.h"

VARIANTS_DECLARE(struct engine_verbs, portable_verbs)

const struct engine engine_portable = {"portable", VARIANTS(portable_verbs)};

static const char *const level_names[] = {"auto", "base", "v3", "v4"};

static nudge_cpu_level best_level(void) {
#if defined(__x86_64__) && !defined(NUDGE_SINGLE_LEVEL)
    __builtin_cpu_init();
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl");
    return v4 ? NUDGE_CPU_V4 : v3 ? NUDGE_CPU_V3 : NUDGE_CPU_BASE;
#else
    return NUDGE_CPU_BASE;
#endif
}

static nudge_status choose_level(nudge_cpu_level wanted, nudge_cpu_level *level, nudge_error *error) {
    nudge_cpu_level best = best_level();
    if ((int)wanted < NUDGE_CPU_AUTO || wanted > NUDGE_CPU_V4)
        return error_set(error, NUDGE_BAD_ARGUMENT, "CPU level %d, expected 0 to %d", (int)wanted,
                         NUDGE_CPU_V4);
    if (wanted > best)
        return error_set(error, NUDGE_UNSUPPORTED, "CPU level %s: this machine has %s at most",
                         level_names[wanted], level_names[best]);
    *level = wanted == NUDGE_CPU_AUTO ? best : wanted;
    return NUDGE_OK;
}

nudge_status nudge_context_create(const nudge_context_options *options, nudge_context **context,
                                  nudge_error *error) {
    nudge_context_options chosen = NUDGE_CONTEXT_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "context options: struct_size is not set; begin with NUDGE_CONTEXT_OPTIONS");
    if ((int)chosen.engine < NUDGE_ENGINE_AUTO || chosen.engine > NUDGE_ENGINE_PORTABLE)
        return error_set(error, NUDGE_BAD_ARGUMENT, "engine %d, expected 0 to %d", (int)chosen.engine,
                         NUDGE_ENGINE_PORTABLE);
    if (!chosen.allocator.allocate != !chosen.allocator.release)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "allocator: expected both allocate and release, or neither");
    nudge_cpu_level level = NUDGE_CPU_BASE;
    nudge_status status = choose_level(chosen.cpu_level, &level, error);
    if (status) return status;
    nudge_allocator allocator = memory_allocator(&chosen.allocator);
    nudge_context *made = memory_get_zeroed(&allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "the context");
    status = workers_create(&allocator, chosen.threads, &made->workers, error);
    if (status) {
        memory_release(&allocator, made, sizeof *made);
        return status;
    }
    made->allocator = allocator;
    made->engine = &engine_portable;
    made->cpu_level = level;
    *context = made;
    return NUDGE_OK;
}

void nudge_context_free(nudge_context *context) {
    if (!context) return;
    nudge_allocator allocator = context->allocator;
    workers_free(context->workers);
    memory_release(&allocator, context, sizeof *context);
}

const char *nudge_context_engine(const nudge_context *context) {
    return context->engine->name;
}

const char *nudge_context_cpu_level(const nudge_context *context) {
    return level_names[context->cpu_level];
}

unsigned nudge_context_threads(const nudge_context *context) {
    return workers_count(context->workers);
}

const struct engine_verbs *engine_verbs(const nudge_context *context, enum precision precision) {
    return context->engine->verbs[precision][context->cpu_level - NUDGE_CPU_BASE];
}
