/* All inputs of a net scaled alike: (x - shift) factor. */
#ifndef NUDGE_TESTS_ALIKE_H
#define NUDGE_TESTS_ALIKE_H

#include <nudge.h>

static inline nudge_status set_alike(nudge_net *net, float shift, float factor, nudge_error *error) {
    nudge_transform transform = NUDGE_TRANSFORM;
    transform.shift = shift;
    transform.factor = factor;
    transform.scale = shift == 0 && factor == 1               ? NUDGE_SCALE_NONE
                      : shift == 0 && factor == 1.0f / 255.0f ? NUDGE_SCALE_PIXEL
                                                              : NUDGE_SCALE_STANDARD;
    return nudge_net_set_input_transform(net, NUDGE_EVERY, &transform, error);
}

/* Input 0's; factor NAN: the net has no transforms. */
static inline nudge_transform first_transform(const nudge_net *net) {
    nudge_transform transform = NUDGE_TRANSFORM;
    if (!nudge_net_input_transform(net, 0, &transform)) transform.factor = __builtin_nanf("");
    return transform;
}

#endif
