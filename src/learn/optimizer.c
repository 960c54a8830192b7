/* The table of optimizers. Invariant: every element's new value depends on that element alone, so shares do
 * not matter. */
#include "learn/optimizer.h"

#include "base/names.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"

#include <string.h>

VARIANTS_DECLARE(struct optimizer_kernel, optimizer_sgd)
VARIANTS_DECLARE(struct optimizer_kernel, optimizer_nesterov)
VARIANTS_DECLARE(struct optimizer_kernel, optimizer_adam)
VARIANTS_DECLARE(struct penalty_kernel, optimizer_penalty)

static const struct penalty_kernel *const penalties[REAL_TYPES][CPU_LEVELS] = VARIANTS(optimizer_penalty);

#define AT(member) #member, offsetof(nudge_train_options, member)
#define MOMENTUM                                                                                             \
    .parameter_count = 1,                                                                                    \
    .parameters = {{AT(momentum), 0, 1, true, 1, "what is kept of the last step at each"}}

const struct optimizer optimizers[] = {
    [NUDGE_OPTIMIZER_SGD] = {"sgd", 0.1, 0, MOMENTUM, .kernels = VARIANTS(optimizer_sgd)},
    [NUDGE_OPTIMIZER_NESTEROV] = {"nesterov", 0.1, 0, MOMENTUM, .kernels = VARIANTS(optimizer_nesterov)},
    [NUDGE_OPTIMIZER_ADAM] =
        {"adam", 0.001, 2, .parameter_count = 3,
         /* A smaller ε would let rounding decide: v, of the size of g², is no longer exact in f32 below 1e-37. */
         .parameters = {{AT(beta1), 0, 1, true, 0, "what is kept of the mean gradient at a step"},
                        {AT(beta2), 0, 1, true, 0, "what is kept of the mean squared gradient"},
                        {AT(epsilon), 1e-12, 1, false, 0, "added to the root of that mean"}},
         .kernels = VARIANTS(optimizer_adam)},
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

double optimizer_value(const struct optimizer_parameter *parameter, const nudge_train_options *options) {
    double value;
    memcpy(&value, (const unsigned char *)options + parameter->place, sizeof value);
    return value;
}

bool nudge_optimizer_parameter_at(nudge_optimizer optimizer, size_t i, nudge_optimizer_parameter *parameter) {
    static const nudge_train_options usual = NUDGE_TRAIN_OPTIONS;
    if ((unsigned)optimizer >= optimizer_count || i >= optimizers[optimizer].parameter_count) return false;
    const struct optimizer_parameter *found = &optimizers[optimizer].parameters[i];
    const nudge_optimizer_parameter filled = {
        sizeof filled, found->name, found->summary, optimizer_value(found, &usual),
        found->least,  found->most, found->below,   found->place};
    return !parameter || options_give(parameter, &filled, sizeof filled);
}

static nudge_status check_parameters(const struct optimizer *optimizer, const nudge_train_options *options,
                                     nudge_error *error) {
    for (size_t i = 0; i < optimizer->parameter_count; i++) {
        const struct optimizer_parameter *parameter = &optimizer->parameters[i];
        double value = optimizer_value(parameter, options);
        bool fits = value >= parameter->least &&
                    (parameter->below ? value < parameter->most : value <= parameter->most);
        if (!fits)
            return error_set(
                error, NUDGE_BAD_ARGUMENT, "%s: %s %s, expected %s %s %s", optimizer->name, parameter->name,
                text_number(value, 6).text, text_number(parameter->least, 6).text,
                parameter->below ? "or more and below" : "to", text_number(parameter->most, 6).text);
    }
    return NUDGE_OK;
}

/* What would make a state, of another optimizer, is no accident. */
static nudge_status check_others(const struct optimizer *optimizer, const nudge_train_options *options,
                                 nudge_error *error) {
    for (size_t other = 0; other < optimizer_count; other++)
        for (size_t i = 0; i < optimizers[other].parameter_count; i++) {
            const struct optimizer_parameter *parameter = &optimizers[other].parameters[i];
            bool own = parameter->states == 0 || optimizer_value(parameter, options) == 0;
            for (size_t k = 0; k < optimizer->parameter_count; k++)
                own |= optimizer->parameters[k].place == parameter->place;
            if (!own)
                return error_set(error, NUDGE_BAD_ARGUMENT, "%s %s, expected 0 with the optimizer %s",
                                 parameter->name, text_number(optimizer_value(parameter, options), 6).text,
                                 optimizer->name);
        }
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
    const double smaller[] = {options->l1, options->l2, options->weight_decay};
    static const char *const names[] = {"l1", "l2", "weight decay"};
    for (int i = 0; i < 3; i++)
        if (!(smaller[i] >= 0 && smaller[i] <= 1e6))
            return error_set(error, NUDGE_BAD_ARGUMENT, "%s %s, expected 0 to 1000000", names[i],
                             text_number(smaller[i], 6).text);
    nudge_status status = check_parameters(optimizer, options, error);
    if (!status) status = check_others(optimizer, options, error);
    if (!status && options->learning_rate == 0) options->learning_rate = optimizer->learning_rate;
    return status;
}

size_t optimizer_states(const nudge_train_options *options) {
    const struct optimizer *optimizer = &optimizers[options->optimizer];
    size_t states = optimizer->states;
    for (size_t i = 0; i < optimizer->parameter_count; i++)
        if (optimizer_value(&optimizer->parameters[i], options) != 0)
            states += optimizer->parameters[i].states;
    return states;
}

/* -- a step -- */

enum { ELEMENTS_PER_TASK = 16384 };

struct update {
    const nudge_context *context;
    const struct optimizer *optimizer;
    enum real_type precision;
    const struct optimizer_call *call;
    nudge_role role;
    size_t first, count;
};

static const struct optimizer_kernel *
kernel_for(const nudge_context *context, const struct optimizer *optimizer, enum real_type precision) {
    return optimizer->kernels[precision][context->cpu_level - NUDGE_CPU_BASE];
}

void optimizer_prepare(const nudge_context *context, const struct optimizer *optimizer,
                       enum real_type precision, struct optimizer_call *call) {
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
        if (part.options->weight_decay > 0) penalty->decay(&part);
        part.g = sums;
        kernel->update(&part);
    }
}

void optimizer_update_range(const nudge_context *context, const struct optimizer *optimizer,
                            enum real_type precision, const struct optimizer_call *call, nudge_role role,
                            const void *gradients, size_t first, size_t count) {
    size_t element_size = engine_verbs(context, precision)->element_size;
    struct optimizer_call range = optimizer_range(call, element_size, first, count);
    range.g = gradients;
    const struct optimizer_kernel *kernel = kernel_for(context, optimizer, precision);
    bool penalised = role == NUDGE_ROLE_WEIGHT &&
                     (call->options->l1 > 0 || call->options->l2 > 0 || call->options->weight_decay > 0);
    if (penalised)
        update_penalised(penalties[precision][context->cpu_level - NUDGE_CPU_BASE], kernel, element_size,
                         &range);
    else
        kernel->update(&range);
}

static void update_share(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct update *update = argument;
    size_t done = index * ELEMENTS_PER_TASK, rest = update->count - done, first = update->first + done;
    size_t element_size = engine_verbs(update->context, update->precision)->element_size;
    optimizer_update_range(update->context, update->optimizer, update->precision, update->call, update->role,
                           (const unsigned char *)update->call->g + first * element_size, first,
                           rest < ELEMENTS_PER_TASK ? rest : ELEMENTS_PER_TASK);
}

void optimizer_update(const nudge_context *context, const struct optimizer *optimizer,
                      enum real_type precision, const struct optimizer_call *call, nudge_role role,
                      size_t first, size_t count) {
    struct update update = {context, optimizer, precision, call, role, first, count};
    size_t shares = (count + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK;
    parallel_for(context->workers, shares, 2.0 * (double)count, update_share, &update);
}
