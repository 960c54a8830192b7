/* All tensors of a net in their order (parameters, and the ops' running state), as bytes: a weight [outputs][inputs], the
 * others [outputs], each number f32 little-endian, whatever this machine's byte order. They pass through in
 * portions, so that neither saving nor loading nor a digest needs a second copy. */
#ifndef NUDGE_MODEL_PARAMETERS_H
#define NUDGE_MODEL_PARAMETERS_H

#include "net/net.h"

enum { PARAMETER_SIZE = 4, PARAMETERS_PORTION = 2048 /* numbers */ };

/* Where the next number stands: number `number` of the tensor, in canonical order. */
struct parameters_place {
    size_t tensor, number;
};

#define PARAMETERS_START ((struct parameters_place){0, 0})

/* The next numbers, PARAMETERS_PORTION at most, into bytes; returns how many, 0 after the last. */
size_t parameters_get(const nudge_net *net, struct parameters_place *place, unsigned char *bytes);
/* How many numbers the next parameters_put takes, and the put itself. */
size_t parameters_portion(const nudge_net *net, const struct parameters_place *place);
void parameters_put(nudge_net *net, struct parameters_place *place, const unsigned char *bytes);

/* Refuses numbers that are not finite, with `code` and a sentence that names layer, tensor and place. */
nudge_status parameters_check(const nudge_net *net, nudge_status code, nudge_error *error);

#endif
