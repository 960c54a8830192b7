/* The text form of a network: "30 sigmoid, 64 leaky-relu 0.1, 10 softmax", or with ops between:
 * "dropout 0.2, 512, batch-norm, relu, dropout 0.5, 10 softmax". Invariant: what spec_print writes, spec_parse reads as
 * the same ops. */
#ifndef NUDGE_NET_SPEC_H
#define NUDGE_NET_SPEC_H

#include "net/ops.h"

enum { SPEC_MOST_LAYERS = 1000, SPEC_MOST_NEURONS = 1 << 24, SPEC_MOST_LENGTH = 65536 };

/* One op of the chain. Every layer begins with a dense one and has one activation; what stands before the first number
 * of neurons is in layer 0. */
struct spec_op {
    const struct op *op;
    size_t layer;
    size_t neurons; /* dense */
    double values[OP_VALUES];
};

/* Parses into chain[0 .. *count-1]. With chain == NULL it only checks and counts: *count is then how many it takes at
 * most. Errors point at the word: its text, its column in the network text, what was expected. */
nudge_status spec_parse(const char *text, struct spec_op *chain, size_t *count, nudge_error *error);

/* The standard form, NUL-terminated, into text[0 .. room-1]; returns the length it needs without the NUL. */
size_t spec_print(const struct spec_op *chain, size_t count, char *text, size_t room);

#endif
