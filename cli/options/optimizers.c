/* The options that optimizers take, from the library's table: one option for each number, whichever optimizers take it.
 * Invariant: an optimizer that is new in that table has its options here without an edit. */
#include "cli/options/options.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"

#include <string.h>

/* Visits each parameter of each optimizer once; of those that share a place in nudge_train_options the first. */
bool optimizer_option(size_t i, nudge_optimizer_parameter *parameter) {
    for (int o = 0; nudge_optimizer_name((nudge_optimizer)o); o++)
        for (size_t p = 0; nudge_optimizer_parameter_at((nudge_optimizer)o, p, parameter); p++) {
            bool seen = false;
            for (int other = 0; other < o; other++)
                seen |= optimizer_takes((nudge_optimizer)other, parameter);
            if (!seen && i-- == 0) return true;
        }
    return false;
}

bool optimizer_takes(nudge_optimizer optimizer, const nudge_optimizer_parameter *parameter) {
    nudge_optimizer_parameter own = NUDGE_OPTIMIZER_PARAMETER;
    for (size_t p = 0; nudge_optimizer_parameter_at(optimizer, p, &own); p++)
        if (own.place == parameter->place) return true;
    return false;
}

/* "sgd and nesterov" */
void optimizer_option_users(const nudge_optimizer_parameter *parameter, char *text, size_t room) {
    const char *names[16];
    size_t count = 0, used = 0;
    for (int o = 0; nudge_optimizer_name((nudge_optimizer)o) && count < sizeof names / sizeof *names; o++)
        if (optimizer_takes((nudge_optimizer)o, parameter))
            names[count++] = nudge_optimizer_name((nudge_optimizer)o);
    text[0] = 0;
    for (size_t i = 0; i < count && used < room; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " and " : ", ";
        format_text(text + used, room - used, "%s%s", before, names[i]);
        used += strlen(text + used);
    }
}

double optimizer_value_of(const nudge_train_options *training, const nudge_optimizer_parameter *parameter) {
    double value;
    memcpy(&value, (const char *)training + parameter->place, sizeof value);
    return value;
}

double *optimizer_given(const struct options *options, const char *name) {
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    for (size_t i = 0; optimizer_option(i, &parameter); i++)
        if (strcmp(parameter.name, name) == 0) return (double *)&options->optimizer_values[i];
    return NULL;
}

/* -- for argp -- */

enum { FIRST_KEY = 0x400, DOC = 200 };

static struct argp_option table[MOST_OPTIMIZER_OPTIONS + 1];
static char docs[MOST_OPTIMIZER_OPTIONS][DOC];

void options_prepare(void) {
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    for (size_t i = 0; i < MOST_OPTIMIZER_OPTIONS && optimizer_option(i, &parameter); i++) {
        char users[64];
        optimizer_option_users(&parameter, users, sizeof users);
        format_text(docs[i], DOC, "for %s: %s; default %s", users, parameter.summary,
                    number_exact(parameter.usual).text);
        table[i] = (struct argp_option){parameter.name, FIRST_KEY + (int)i, "X", 0, docs[i], 0};
    }
}

static error_t parse_optimizer(int key, char *arg, struct argp_state *state) {
    struct options *options = state->input;
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    char name[40];
    if (key < FIRST_KEY || !optimizer_option((size_t)(key - FIRST_KEY), &parameter)) return ARGP_ERR_UNKNOWN;
    format_text(name, sizeof name, "--%s", parameter.name);
    return option_number(options, name, arg,
                         (struct range){parameter.least, parameter.most, false, parameter.below},
                         &options->optimizer_values[key - FIRST_KEY]);
}

const struct argp options_optimizers = {table, parse_optimizer, NULL, NULL, NULL, NULL, NULL};
