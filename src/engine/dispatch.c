/* Contexts: which engine, which CPU level, how many threads. Invariant: a context's level is one that this
 * CPU has. */
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "engine/bf16.h"

VARIANTS_DECLARE(struct engine_verbs, verbs)

const struct engine engine_portable = {"portable", VARIANTS(verbs)};

#ifdef NUDGE_FUSED_LEVELS
#ifdef NUDGE_SINGLE_LEVEL
extern const struct engine_verbs verbs_f32_base_fused;
#define FUSED                                                                                                \
    { &verbs_f32_base_fused, &verbs_f32_base_fused, &verbs_f32_base_fused }
#define F64                                                                                                  \
    { &verbs_f64_base, &verbs_f64_base, &verbs_f64_base }
#else
extern const struct engine_verbs verbs_f32_v3_fused, verbs_f32_v4_fused;
#define FUSED                                                                                                \
    { NULL, &verbs_f32_v3_fused, &verbs_f32_v4_fused }
#define F64                                                                                                  \
    { &verbs_f64_base, &verbs_f64_v3, &verbs_f64_v4 }
#endif
#else
#define FUSED                                                                                                \
    { NULL }
#define F64                                                                                                  \
    { NULL }
#endif
const struct engine engine_native = {"native", {FUSED, F64}};

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

/* Why the native engine cannot be had at this level; NULL when it can. */
static const char *native_missing(nudge_cpu_level level) {
    if (engine_native.verbs[REAL_F32][level - NUDGE_CPU_BASE]) return NULL;
#ifdef NUDGE_FUSED_LEVELS
    return "it needs level v3 (fused multiply-add)";
#else
    return "this build of nudge has none";
#endif
}

static nudge_status choose_engine(nudge_context *made, nudge_engine wanted, nudge_error *error) {
    const char *missing = native_missing(made->cpu_level);
    if (wanted == NUDGE_ENGINE_NATIVE && missing)
        return error_set(error, NUDGE_UNSUPPORTED, "engine native: %s", missing);
    if (wanted == NUDGE_ENGINE_AUTO) wanted = missing ? NUDGE_ENGINE_PORTABLE : NUDGE_ENGINE_NATIVE;
    made->kind = wanted;
    made->engine = wanted == NUDGE_ENGINE_NATIVE ? &engine_native : &engine_portable;
    return NUDGE_OK;
}

static void remark_wrong(const nudge_context *made, const struct bf16_kernel *wrong) {
    char sentence[200];
    if (!wrong || !made->on_remark) return;
    text_append(sentence, sizeof sentence, 0,
                "precision bf16: the kernel %s computes small products wrong on this machine: %s",
                wrong->name, made->bf16 ? "another is used" : "it is not used");
    made->on_remark(made->user, sentence);
}

static nudge_status choose_precision(nudge_context *made, const char *kernel, nudge_error *error) {
    const struct bf16_kernel *wrong;
    if (made->precision == NUDGE_PRECISION_F32) return NUDGE_OK;
    if (made->engine != &engine_native)
        return error_set(error, NUDGE_UNSUPPORTED,
                         "precision bf16 needs the engine native; the engine here is %s", made->engine->name);
    made->bf16 = bf16_choose(kernel, &wrong);
    remark_wrong(made, wrong);
    if (made->bf16) return NUDGE_OK;
    return error_set(error, NUDGE_UNSUPPORTED, "precision bf16: this CPU has %s (%s); use f32",
                     wrong ? "instructions for it that compute something else" : "no instructions for it",
                     kernel ? kernel : "AVX512_BF16, AMX");
}

static nudge_status build(nudge_context made, const nudge_context_options *chosen, nudge_context **context,
                          nudge_error *error) {
    made.allocator = memory_allocator(&chosen->allocator);
    nudge_context *place = memory_get(&made.allocator, sizeof *place);
    if (!place) return error_no_memory(error, sizeof *place, "the context");
    nudge_status status = workers_create(&made.allocator, chosen->threads, &made.workers, error);
    if (status) {
        memory_release(&made.allocator, place, sizeof *place);
        return status;
    }
    *place = made;
    *context = place;
    return NUDGE_OK;
}

nudge_status nudge_context_create(const nudge_context_options *options, nudge_context **context,
                                  nudge_error *error) {
    if (missing(error, context)) return NUDGE_BAD_ARGUMENT;
    nudge_context_options chosen = NUDGE_CONTEXT_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "context options: struct_size is not set; begin with NUDGE_CONTEXT_OPTIONS");
    if ((int)chosen.engine < NUDGE_ENGINE_AUTO || chosen.engine > NUDGE_ENGINE_NATIVE)
        return error_set(error, NUDGE_BAD_ARGUMENT, "engine %d, expected 0 to %d", (int)chosen.engine,
                         NUDGE_ENGINE_NATIVE);
    if ((int)chosen.precision < NUDGE_PRECISION_F32 || chosen.precision > NUDGE_PRECISION_BF16)
        return error_set(error, NUDGE_BAD_ARGUMENT, "precision %d, expected 0 to %d", (int)chosen.precision,
                         NUDGE_PRECISION_BF16);
    if (!chosen.allocator.allocate != !chosen.allocator.release)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "allocator: expected both allocate and release, or neither");
    nudge_context made = {.precision = chosen.precision,
                          .data_memory = chosen.data_memory,
                          .on_remark = chosen.on_remark,
                          .user = chosen.user};
    nudge_status status = choose_level(chosen.cpu_level, &made.cpu_level, error);
    if (!status) status = choose_engine(&made, chosen.engine, error);
    if (!status) status = choose_precision(&made, chosen.bf16_kernel, error);
    return status ? status : build(made, &chosen, context, error);
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

const char *nudge_context_precision(const nudge_context *context) {
    return context->precision == NUDGE_PRECISION_BF16 ? "bf16" : "f32";
}

const char *nudge_context_bf16_kernel(const nudge_context *context) {
    return context->bf16 ? context->bf16->name : NULL;
}

const char *nudge_context_cpu_level(const nudge_context *context) {
    return level_names[context->cpu_level];
}

unsigned nudge_context_threads(const nudge_context *context) {
    return workers_count(context->workers);
}

const struct engine_verbs *engine_verbs(const nudge_context *context, enum real_type precision) {
    return context->engine->verbs[precision][context->cpu_level - NUDGE_CPU_BASE];
}
