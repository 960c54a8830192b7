/* What a network is: a chain of ops over one block of parameters, with labels, transforms and notes.
 *
 * The block (f32, each tensor aligned to 64 bytes, padding always zero):
 *
 *   | w^(1) panels | b^(1) padded | w^(2) panels | b^(2) padded | ...
 *
 * How a weight is stored in panels is told in engine/engine.h. Everything outside (files, digests, nudge.h)
 * uses the canonical [outputs][inputs]. */
#ifndef NUDGE_NET_NET_H
#define NUDGE_NET_NET_H

#include "base/context.h"
#include "data/columns.h"
#include "net/transform.h"

struct op;

/* One link of the chain. */
struct net_op {
    const struct op *op;
    double value;           /* the activation's number: slope, alpha */
    size_t inputs, outputs; /* neurons before and after */
    size_t layer;           /* l >= 1 that it belongs to */
    size_t weight, bias;    /* where its tensors begin in the block, in elements; dense only */
};

struct net_note {
    char *key, *value;
};

struct nudge_net {
    nudge_context *context;
    char *text;
    size_t inputs, outputs, layers;
    size_t op_count;
    struct net_op *ops;
    size_t parameter_count; /* without padding */
    size_t block_count;     /* with padding: elements of `parameters` */
    float *parameters;
    uint64_t version; /* raised when parameters change, so that plans can tell that their copies are old */
    struct transform inputs_transform, targets_transform; /* of inputs; of a regression's outputs */
    struct columns *columns; /* what the inputs and outputs are in a table; NULL: no names */
    char **labels;
    size_t label_count;
    struct net_note *notes; /* in order of their keys */
    size_t note_count;
};

/* A net with all parameters zero: for who fills them at once, as loading does. Errors as nudge_net_create's.
 * */
nudge_status net_from_text(nudge_context *context, size_t inputs, const char *text, nudge_net **net,
                           nudge_error *error);

/* The classes' names are those of the data, or their numbers, where the net has no names yet. */
nudge_status net_default_labels(nudge_net *net, const nudge_data *data, nudge_error *error);
void net_labels_release(nudge_net *net);
/* Without the note, if there is one. */
void net_note_remove(nudge_net *net, const char *key);

/* Layer l's dense op and its activation (always the link after the dense one). */
const struct net_op *net_dense(const nudge_net *net, size_t l);
const struct net_op *net_activation(const nudge_net *net, size_t l);

/* Whether the net has such a parameter; where it stands in the block, for one that it has. */
nudge_status net_check_parameter(const nudge_net *net, const nudge_parameter *parameter, nudge_error *error);
size_t net_parameter_place(const nudge_net *net, const nudge_parameter *parameter);

/* Copies a weight between its panels in the block and canonical [outputs][inputs]. */
void net_weight_to_canonical(const struct net_op *dense, const float *block, float *canonical);
void net_weight_from_canonical(const struct net_op *dense, float *block, const float *canonical);

/* The same for a whole block: the net's parameters, or what has their layout, and one vector in canonical order
 * [parameter_count]. */
void net_to_canonical(const nudge_net *net, const float *block, float *canonical);
void net_from_canonical(const nudge_net *net, float *block, const float *canonical);

#endif
