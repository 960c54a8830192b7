/* See parameters.h. */
#include "model/parameters.h"

#include "base/status.h"
#include "base/text.h"
#include "engine/engine.h"

#include <string.h>

/* Numbers that follow each other in canonical order: block[first + i * stride], i = 0 .. length-1. */
struct run {
    size_t first, stride, length;
};

/* The run at `place`, at most `most` numbers long and within one row; steps over it. Length 0 after
 * the last. */
static struct run next_run(const nudge_net *net, struct parameters_place *place, size_t most) {
    if (place->tensor == net->tensor_count) return (struct run){0, 0, 0};
    const struct net_tensor *tensor = &net->tensors[place->tensor];
    size_t row_length = tensor->inputs ? tensor->inputs : tensor->outputs,
           left = row_length - place->number % row_length;
    struct run run = {
        .first = tensor_place(tensor, place->number),
        .stride = tensor->inputs ? weight_panel(tensor->outputs) : 1,
        .length = left < most ? left : most,
    };
    place->number += run.length;
    if (place->number == tensor->count) *place = (struct parameters_place){place->tensor + 1, 0};
    return run;
}

static void put_u32(unsigned char *bytes, uint32_t value) {
    for (size_t i = 0; i < PARAMETER_SIZE; i++) bytes[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const unsigned char *bytes) {
    uint32_t value = 0;
    for (size_t i = 0; i < PARAMETER_SIZE; i++) value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

size_t parameters_get(const nudge_net *net, struct parameters_place *place, unsigned char *bytes) {
    size_t count = 0;
    struct run run;
    while ((run = next_run(net, place, PARAMETERS_PORTION - count)).length > 0)
        for (size_t i = 0; i < run.length; i++) {
            uint32_t bits;
            memcpy(&bits, &net->parameters[run.first + i * run.stride], sizeof bits);
            put_u32(bytes + count++ * PARAMETER_SIZE, bits);
        }
    return count;
}

size_t parameters_portion(const nudge_net *net, const struct parameters_place *place) {
    struct parameters_place at = *place;
    size_t count = 0, length;
    while ((length = next_run(net, &at, PARAMETERS_PORTION - count).length) > 0) count += length;
    return count;
}

void parameters_put(nudge_net *net, struct parameters_place *place, const unsigned char *bytes) {
    size_t count = 0;
    struct run run;
    while ((run = next_run(net, place, PARAMETERS_PORTION - count)).length > 0)
        for (size_t i = 0; i < run.length; i++) {
            uint32_t bits = get_u32(bytes + count++ * PARAMETER_SIZE);
            memcpy(&net->parameters[run.first + i * run.stride], &bits, sizeof bits);
        }
}

/* The exponent of infinities and NaNs is all ones. */
static bool is_finite(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7F800000u) != 0x7F800000u;
}

static nudge_status refuse_number(const nudge_net *net, const struct parameters_place *place, float value,
                                  nudge_status code, nudge_error *error) {
    const struct net_tensor *tensor = &net->tensors[place->tensor];
    nudge_parameter parameter = net_parameter_in(tensor, place->number);
    char input[32] = "";
    if (tensor->inputs) text_append(input, sizeof input, 0, "[%zu]", parameter.input);
    return error_set(error, code, "layer %zu: %s [%zu]%s is %s, expected a finite number%s", tensor->layer,
                     tensor->is->name, parameter.output, input, text_number((double)value, 6).text,
                     tensor->is->not_negative ? ", 0 or more" : "");
}

nudge_status parameters_check(const nudge_net *net, nudge_status code, nudge_error *error) {
    struct parameters_place place = PARAMETERS_START, here = place;
    struct run run;
    while ((run = next_run(net, &place, SIZE_MAX)).length > 0) {
        for (size_t i = 0; i < run.length; i++) {
            float value = net->parameters[run.first + i * run.stride];
            bool negative = net->tensors[here.tensor].is->not_negative && value < 0;
            if (is_finite(value) && !negative) continue;
            here.number += i;
            return refuse_number(net, &here, value, code, error);
        }
        here = place;
    }
    return NUDGE_OK;
}
