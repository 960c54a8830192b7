/* The table of optimizers. Invariant: every element's new value depends on that element alone, so shares do
 * not matter. */
#include "learn/optimizer.h"

#include "base/names.h"
#include "base/status.h"
#include "base/text.h"

VARIANTS_DECLARE(struct optimizer_kernel, optimizer_sgd)
VARIANTS_DECLARE(struct optimizer_kernel, optimizer_nesterov)
VARIANTS_DECLARE(struct optimizer_kernel, optimizer_adam)
VARIANTS_DECLARE(struct penalty_kernel, optimizer_penalty)

static const struct penalty_kernel *const penalties[PRECISIONS][CPU_LEVELS] = VARIANTS(optimizer_penalty);

const struct optimizer optimizers[] = {
    [NUDGE_OPTIMIZER_SGD] = {"sgd", 0.1, true, 0, VARIANTS(optimizer_sgd)},
    [NUDGE_OPTIMIZER_NESTEROV] = {"nesterov", 0.1, true, 0, VARIANTS(optimizer_nesterov)},
    [NUDGE_OPTIMIZER_ADAM] = {"adam", 0.001, false, 2, VARIANTS(optimizer_adam)},
};
const size_t optimizer_count = sizeof optimizers / sizeof *optimizers;

const char *nudge_optimizer_name(nudge_optimizer optimizer) {
    return (unsigned)optimizer < optimizer_count ? optimizers[optimizer].name : NULL;
}

nudge_status nudge_optimizer_from_name(const char *name, nudge_optimizer *optimizer, nudge_error *error) {
    if (missing(error, name, optimizer)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_OF(optimizers, optimizer_count), name, "optimizer", error);
    if (!status) *optimizer = (nudge_optimizer)row;
    return status;
}

double nudge_optimizer_learning_rate(nudge_optimizer optimizer) {
    return (unsigned)optimizer < optimizer_count ? optimizers[optimizer].learning_rate : 0;
}

/* -- options -- */

/* A smaller ε would let rounding decide: v, of the size of g², is no longer exact in f32 below 1e-37. */
static const double LEAST_EPSILON = 1e-12;

static nudge_status check_moments(const nudge_train_options *options, nudge_error *error) {
    const double betas[] = {options->beta1, options->beta2};
    for (int i = 0; i < 2; i++)
        if (!(betas[i] >= 0 && betas[i] < 1))
            return error_set(error, NUDGE_BAD_ARGUMENT, "adam: beta%d %s, expected 0 or more and below 1",
                             i + 1, text_number(betas[i], 6).text);
    if (!(options->epsilon >= LEAST_EPSILON && options->epsilon <= 1))
        return error_set(error, NUDGE_BAD_ARGUMENT, "adam: epsilon %s, expected 1e-12 to 1",
                         text_number(options->epsilon, 6).text);
    return NUDGE_OK;
}

nudge_status optimizer_options(nudge_train_options *options, nudge_error *error) {
    if ((unsigned)options->optimizer >= optimizer_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "optimizer %d, expected 0 to %zu",
                         (int)options->optimizer, optimizer_count - 1);
    const struct optimizer *optimizer = &optimizers[options->optimizer];
    if (!(options->learning_rate >= 0 && options->learning_rate <= 1e9))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "learning rate %s, expected above 0 and up to 1e9, or 0 for the optimizer's own",
                         text_number(options->learning_rate, 6).text);
    if (!(options->momentum >= 0 && options->momentum < 1))
        return error_set(error, NUDGE_BAD_ARGUMENT, "momentum %s, expected 0 or more and below 1",
                         text_number(options->momentum, 6).text);
    if (options->momentum > 0 && !optimizer->momentum)
        return error_set(error, NUDGE_BAD_ARGUMENT, "momentum %s, expected 0 with the optimizer %s",
                         text_number(options->momentum, 6).text, optimizer->name);
    const double smaller[] = {options->l1, options->l2, options->weight_decay};
    static const char *const names[] = {"l1", "l2", "weight decay"};
    for (int i = 0; i < 3; i++)
        if (!(smaller[i] >= 0 && smaller[i] <= 1e6))
            return error_set(error, NUDGE_BAD_ARGUMENT, "%s %s, expected 0 to 1000000", names[i],
                             text_number(smaller[i], 6).text);
    nudge_status status =
        options->optimizer == NUDGE_OPTIMIZER_ADAM ? check_moments(options, error) : NUDGE_OK;
    if (!status && options->learning_rate == 0) options->learning_rate = optimizer->learning_rate;
    return status;
}

size_t optimizer_states(const nudge_train_options *options) {
    return optimizers[options->optimizer].states + (options->momentum > 0);
}

/* -- a step -- */

enum { ELEMENTS_PER_TASK = 16384 };

struct update {
    const nudge_context *context;
    const struct optimizer *optimizer;
    enum precision precision;
    const struct optimizer_call *call;
    nudge_role role;
    size_t first, count;
};

static const struct optimizer_kernel *
kernel_for(const nudge_context *context, const struct optimizer *optimizer, enum precision precision) {
    return optimizer->kernels[precision][context->cpu_level - NUDGE_CPU_BASE];
}

void optimizer_prepare(const nudge_context *context, const struct optimizer *optimizer,
                       enum precision precision, struct optimizer_call *call) {
    const struct optimizer_kernel *kernel = kernel_for(context, optimizer, precision);
    if (kernel->prepare) kernel->prepare(call);
}

struct optimizer_call optimizer_range(const struct optimizer_call *call, size_t element_size, size_t first,
                                      size_t count) {
    struct optimizer_call range = *call;
    size_t bytes = first * element_size;
    range.count = count;
    range.w = (unsigned char *)range.w + bytes;
    range.g = (const unsigned char *)range.g + bytes;
    for (size_t i = 0; i < OPTIMIZER_STATES; i++)
        if (range.states[i]) range.states[i] = (unsigned char *)range.states[i] + bytes;
    return range;
}

/* A portion at a time, so that gradients with their penalty are still in the nearest cache. */
static void update_penalised(const struct penalty_kernel *penalty, const struct optimizer_kernel *kernel,
                             size_t element_size, const struct optimizer_call *call) {
    enum { PORTION = 1024 };
    _Alignas(MEMORY_ALIGNMENT) double sums[PORTION];
    for (size_t first = 0; first < call->count; first += PORTION) {
        size_t rest = call->count - first;
        struct optimizer_call part =
            optimizer_range(call, element_size, first, rest < PORTION ? rest : PORTION);
        penalty->gradients(&part, sums);
        if (part.weight_decay > 0) penalty->decay(&part);
        part.g = sums;
        kernel->update(&part);
    }
}

void optimizer_update_range(const nudge_context *context, const struct optimizer *optimizer,
                            enum precision precision, const struct optimizer_call *call, nudge_role role,
                            size_t first, size_t count) {
    size_t element_size = engine_verbs(context, precision)->element_size;
    struct optimizer_call range = optimizer_range(call, element_size, first, count);
    const struct optimizer_kernel *kernel = kernel_for(context, optimizer, precision);
    bool penalised = role == NUDGE_ROLE_WEIGHT && (call->l1 > 0 || call->l2 > 0 || call->weight_decay > 0);
    if (penalised)
        update_penalised(penalties[precision][context->cpu_level - NUDGE_CPU_BASE], kernel, element_size,
                         &range);
    else
        kernel->update(&range);
}

static void update_share(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct update *update = argument;
    size_t first = index * ELEMENTS_PER_TASK, rest = update->count - first;
    optimizer_update_range(update->context, update->optimizer, update->precision, update->call, update->role,
                           update->first + first, rest < ELEMENTS_PER_TASK ? rest : ELEMENTS_PER_TASK);
}

void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum precision precision, const struct optimizer_call *call, nudge_role role,
                      size_t first, size_t count) {
    struct update update = {context, optimizer, precision, call, role, first, count};
    size_t shares = (count + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK;
    parallel_for(context->workers, shares, 2.0 * (double)count, update_share, &update);
}
