/* See init.h. Invariant: padding in the block stays zero. */
#include "net/init.h"

#include "base/names.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/engine.h"
#include "net/ops.h"

enum distribution { ZERO, NORMAL, UNIFORM };
enum variance { BY_NONE, BY_INPUTS, BY_BOTH }; /* what the variance is divided by: 1, n, (n+m)/2 */

struct rule {
    const char *name;
    enum distribution distribution;
    float gain; /* the variance times its divisor */
    enum variance divisor;
    bool biases; /* drawn, too */
};

static const struct rule rules[] = {
    [NUDGE_INIT_DEFAULT] = {"default", NORMAL, 1, BY_BOTH, false}, /* replaced by the activation's */
    [NUDGE_INIT_XAVIER_NORMAL] = {"xavier-normal", NORMAL, 1, BY_BOTH, false},
    [NUDGE_INIT_XAVIER_UNIFORM] = {"xavier-uniform", UNIFORM, 1, BY_BOTH, false},
    [NUDGE_INIT_HE_NORMAL] = {"he-normal", NORMAL, 2, BY_INPUTS, false},
    [NUDGE_INIT_HE_UNIFORM] = {"he-uniform", UNIFORM, 2, BY_INPUTS, false},
    [NUDGE_INIT_LECUN_NORMAL] = {"lecun-normal", NORMAL, 1, BY_INPUTS, false},
    [NUDGE_INIT_LECUN_UNIFORM] = {"lecun-uniform", UNIFORM, 1, BY_INPUTS, false},
    [NUDGE_INIT_STANDARD_NORMAL] = {"standard-normal", NORMAL, 1, BY_NONE, true},
    [NUDGE_INIT_UNIFORM] = {"uniform", UNIFORM, 0, BY_NONE, true}, /* U(-a, a), a given */
    [NUDGE_INIT_ZEROS] = {"zeros", ZERO, 0, BY_NONE, false},
};
enum { RULES = sizeof rules / sizeof *rules };

const char *nudge_init_name(nudge_init init) {
    return (unsigned)init < RULES ? rules[init].name : NULL;
}

nudge_status nudge_init_from_name(const char *name, nudge_init *init, nudge_error *error) {
    if (missing(error, name, init)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_OF(rules, RULES), name, "initialisation", error);
    if (!status) *init = (nudge_init)row;
    return status;
}

nudge_status init_check(nudge_init init, double a, nudge_error *error) {
    if ((unsigned)init >= RULES)
        return error_set(error, NUDGE_BAD_ARGUMENT, "initialisation %d, expected 0 to %d", (int)init,
                         RULES - 1);
    if (init == NUDGE_INIT_UNIFORM && !(a > 0 && a <= 1e6))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "uniform initialisation: a = %s, expected above 0 and up to 1000000",
                         text_number(a, 6).text);
    return NUDGE_OK;
}

/* The standard deviation (normal) or half the width (uniform: the variance of U(-a, a) is a²/3). */
static float spread_of(const struct rule *rule, double a, size_t inputs, size_t outputs) {
    if (rule->gain == 0) return (float)a;
    float divisor = rule->divisor == BY_INPUTS ? (float)inputs
                    : rule->divisor == BY_BOTH ? ((float)inputs + (float)outputs) / 2
                                               : 1.0f;
    float variance = rule->gain / divisor;
    return __builtin_sqrtf(rule->distribution == UNIFORM ? 3 * variance : variance);
}

static float draw_weight(const struct rule *rule, float spread, struct random_stream *stream) {
    switch (rule->distribution) {
    case NORMAL: return spread * random_normal(stream);
    case UNIFORM: return random_between(stream, -spread, spread);
    default: return 0;
    }
}

void init_layer(nudge_init init, double a, uint64_t seed, const struct net_op *dense,
                const struct op *activation, float *block) {
    const struct rule *rule = &rules[init == NUDGE_INIT_DEFAULT ? activation->init : init];
    float spread = spread_of(rule, a, dense->inputs, dense->outputs);
    for (size_t o = 0; o < dense->outputs; o++) {
        /* One stream a neuron: its weights, then its bias. */
        struct random_stream stream =
            random_stream_make(seed, RANDOM_INIT, (uint32_t)dense->layer, 0, (uint32_t)o);
        for (size_t i = 0; i < dense->inputs; i++)
            block[dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, o, i)] =
                draw_weight(rule, spread, &stream);
        block[dense->place[DENSE_BIAS] + o] = rule->biases ? draw_weight(rule, spread, &stream) : 0;
    }
}
