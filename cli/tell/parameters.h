/* Parameters by name: as people write them, "1,0,406" (layer, neuron, input) or "1,0" (layer, neuron: a bias), and as
 * they read them, w(1)[0][406] and b(1)[0]. */
#ifndef NUDGE_CLI_TELL_PARAMETERS_H
#define NUDGE_CLI_TELL_PARAMETERS_H

#include <nudge.h>

/* The first `length` characters must be one. Says nothing of whether a network has it. */
bool parameter_parse(const char *text, size_t length, nudge_parameter *parameter);

struct parameter_text {
    char text[80];
};
struct parameter_text parameter_name(const nudge_net *net, const nudge_parameter *parameter);
/* "w(1)", "batch_norm.scale(1)". */
struct parameter_text parameter_tensor(const nudge_tensor *tensor);

#endif
