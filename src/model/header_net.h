/* What a header says of a net, whichever kind of file it begins. Used in this order: open, the checks of the
 * kind's own tensors, make, close. Sentences do not name the file. */
#ifndef NUDGE_MODEL_HEADER_NET_H
#define NUDGE_MODEL_HEADER_NET_H

#include "model/header.h"
#include "model/json_memory.h"
#include "net/spec.h"

/* "[16,784]"; count <= 4. */
struct shape_text {
    char text[96];
};
struct shape_text shape_text(const uint64_t *numbers, size_t count);

struct header_net {
    nudge_context *context;
    struct json_memory memory; /* in which the JSON lives */
    json_t *root;
    const json_t *metadata;
    size_t inputs;
    struct spec_op *chain;
    size_t op_count, chain_room;
    nudge_error *error;
};

/* Reads the JSON, checks that it is of this format, and parses the network's text. To be closed also when it
 * fails. */
nudge_status header_net_open(struct header_net *parse, const struct header *header, const char *format,
                             nudge_context *context, nudge_error *error);

/* The metadata's text of this key; NULL and a sentence when it is missing or not text. */
const char *header_net_text(const struct header_net *parse, const char *key);
/* The same as a whole number up to `most`, and as a number, NaN and infinities among them; refused with header_net_bad's
 * sentence. */
nudge_status header_net_whole(const struct header_net *parse, const char *key, uint64_t most,
                              uint64_t *count);
nudge_status header_net_number(const struct header_net *parse, const char *key, double *number);
nudge_status header_net_bad(const struct header_net *parse, const char *key, const char *found);

/* Checks that there is such a tensor, whose bytes begin at *offset, which steps over them. dimensions <= 3. */
nudge_status header_net_tensor(const struct header_net *parse, const char *name, const char *dtype,
                               const uint64_t *shape, size_t dimensions, uint64_t bytes, uint64_t *offset);

/* The net's tensors one after the other, from a cursor that begins as zeros; false after the last. Of the tensor what the
 * text says is set: not where it stands. */
struct header_tensors {
    size_t op, tensor, inputs, outputs;
};
bool header_net_next(const struct header_net *parse, struct header_tensors *cursor,
                     struct net_tensor *tensor);

/* How many tensors the text asks for, and numbers in them: trained, and the ops' running state. */
void header_net_count(const struct header_net *parse, size_t *tensors, uint64_t *parameters, uint64_t *state);

/* The net with its labels, transforms and notes; all parameters zero. */
nudge_status header_net_make(const struct header_net *parse, nudge_net **net);

/* Releases; returns the status that is to be told: what the net's functions call an argument came from the file. */
nudge_status header_net_close(struct header_net *parse, nudge_status status);

#endif
