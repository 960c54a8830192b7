/* The text form of a network: "30 sigmoid, 64 leaky-relu 0.1, 10 softmax". Invariant: what spec_print writes,
 * spec_parse reads as the same layers. */
#ifndef NUDGE_NET_SPEC_H
#define NUDGE_NET_SPEC_H

#include "net/ops.h"

enum { SPEC_MOST_LAYERS = 1000, SPEC_MOST_NEURONS = 1 << 24, SPEC_MOST_LENGTH = 65536 };

struct spec_layer {
    size_t neurons;
    const struct op *activation;
    double value;
};

/* Parses up to `room` layers into layers[] and sets *count. With layers == NULL it only checks and counts.
 * Errors point at the word: its text, its column in the network text, what was expected. */
nudge_status spec_parse(const char *text, struct spec_layer *layers, size_t *count, nudge_error *error);

/* The standard form, NUL-terminated, into text[0 .. room-1]; returns the length it needs without the NUL. */
size_t spec_print(const struct spec_layer *layers, size_t count, char *text, size_t room);

#endif
