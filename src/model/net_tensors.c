/* See header.h: what a file refuses of a net's numbers. */
#include "model/header.h"

#include "base/finite.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/engine.h"

#include <string.h>

static nudge_status refuse_number(const struct net_tensor *tensor, size_t i, float value, nudge_status code,
                                  nudge_error *error) {
    nudge_parameter parameter = net_parameter_in(tensor, i);
    char input[32] = "";
    if (tensor->inputs) text_append(input, sizeof input, 0, "[%zu]", parameter.input);
    return error_set(error, code, "layer %zu: %s [%zu]%s is %s, expected a finite number%s", tensor->layer,
                     tensor->is->name, parameter.output, input, text_number((double)value, 6).text,
                     tensor->is->not_negative ? ", 0 or more" : "");
}

/* Row by row: a weight's row o has its numbers `stride` apart (weight_index in engine/engine.h), biases theirs side by side. */
nudge_status parameters_check(const nudge_net *net, nudge_status code, nudge_error *error) {
    for (size_t t = 0; t < net->tensor_count; t++) {
        const struct net_tensor *tensor = &net->tensors[t];
        size_t inputs = tensor->inputs ? tensor->inputs : 1,
               stride = tensor->inputs ? weight_panel(tensor->outputs) : 1;
        for (size_t o = 0; o < tensor->outputs; o++) {
            const float *row = net->parameters + tensor_place(tensor, o * inputs);
            for (size_t i = 0; i < inputs; i++) {
                float value = row[i * stride];
                if (finite_f32(value) && !(tensor->is->not_negative && value < 0)) continue;
                return refuse_number(tensor, o * inputs + i, value, code, error);
            }
        }
    }
    return NUDGE_OK;
}
