/* What a network is: a list of layers, each a list of ops, over one block of parameters; with labels, transforms and
 * notes. Layer l >= 1 begins with its dense op and has one activation; layer 0 has what is done to the inputs, mostly
 * nothing. Which tensors there are follows from the ops' table (net/ops.h): whatever is done for all parameters goes
 * over `tensors`.
 *
 * The block (f32, each tensor aligned to 64 bytes, padding always zero); what is trained stands before the ops' state:
 *
 *   | w^(1) panels | b^(1) padded | γ^(1) | β^(1) | w^(2) panels | .. | mean^(1) | variance^(1) | ..
 *
 * How a weight is stored in panels is told in engine/engine.h. Everything outside (files, digests, nudge.h)
 * uses the canonical [outputs][inputs]. */
#ifndef NUDGE_NET_NET_H
#define NUDGE_NET_NET_H

#include "base/context.h"
#include "data/columns.h"
#include "net/ops.h"
#include "net/transform.h"

/* One link of the chain. */
struct net_op {
    const struct op *op;
    double values[OP_VALUES]; /* slope, alpha, .. */
    size_t inputs, outputs;   /* neurons before and after */
    size_t layer;             /* that it belongs to */
    size_t place[OP_TENSORS]; /* where its tensors begin in the block, in elements */
};

/* One tensor of the net. */
struct net_tensor {
    const struct op_tensor *is; /* its name and role */
    size_t layer, number;       /* the layer's tensors count from 0 */
    size_t place;               /* as in net_op */
    size_t outputs, inputs;     /* neurons; [outputs][inputs], or [outputs] when inputs is 0 */
    size_t count;               /* without padding */
    size_t first; /* where it begins among all parameters in canonical order; of state: among all state */
};

struct net_note {
    char *key, *value;
};

struct nudge_net {
    nudge_context *context;
    char *text;
    size_t inputs, outputs, layers;
    size_t op_count, tensor_count;
    struct net_op *ops;
    size_t *layer_begin;                 /* [layers + 2] where layer l's ops begin */
    struct net_tensor *tensors;          /* in the order of the ops */
    size_t parameter_count, state_count; /* numbers without padding: trained, and the ops' running state */
    size_t trained_count, block_count; /* with padding: elements of `parameters` before the state, and all */
    float *parameters;
    uint64_t version;  /* raised when parameters change, so that plans can tell that their copies are old */
    nudge_cost cost;   /* NUDGE_COST_AUTO: by the output */
    double cost_delta; /* huber's d */
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

/* Layer l's dense op, its activation, and whether an output of the layer depends on all of its sums. */
const struct net_op *net_dense(const nudge_net *net, size_t l);
const struct net_op *net_activation(const nudge_net *net, size_t l);
bool net_is_by_row(const nudge_net *net, size_t l);
/* The layer's trained parameters in the block, padding included. */
void net_layer_range(const nudge_net *net, size_t l, size_t *first, size_t *count);
/* Whether training mixes rows of a batch somewhere. */
bool net_mixes_rows(const nudge_net *net);

static inline bool tensor_is_state(const struct net_tensor *tensor) {
    return tensor->is->role == NUDGE_ROLE_STATE;
}

/* Where number i of the tensor, in canonical order, stands in the block. */
static inline size_t tensor_place(const struct net_tensor *tensor, size_t i) {
    if (tensor->inputs == 0) return tensor->place + i;
    return tensor->place +
           weight_index(tensor->outputs, tensor->inputs, i / tensor->inputs, i % tensor->inputs);
}
/* Elements that it takes in the block. */
size_t tensor_elements(const struct net_tensor *tensor);

/* The tensor that a parameter is in, NULL when there is none; what is wrong with a parameter that the net has not; its
 * number within the tensor, and where it stands in the block, for one that it has. */
const struct net_tensor *net_tensor_of(const nudge_net *net, const nudge_parameter *parameter);
nudge_status net_check_parameter(const nudge_net *net, const nudge_parameter *parameter, nudge_error *error);
size_t net_parameter_number(const struct net_tensor *tensor, const nudge_parameter *parameter);
size_t net_parameter_place(const nudge_net *net, const nudge_parameter *parameter);
/* The other way: number i of the tensor. */
nudge_parameter net_parameter_in(const struct net_tensor *tensor, size_t i);

/* Copies between the net's parameters, or what has their layout, and one vector in canonical order [parameter_count]; or
 * the ops' state [state_count]. */
void net_to_canonical(const nudge_net *net, const float *block, float *canonical);
void net_from_canonical(const nudge_net *net, float *block, const float *canonical);
void net_state_to_canonical(const nudge_net *net, float *canonical);
void net_state_from_canonical(nudge_net *net, const float *canonical);

#endif
