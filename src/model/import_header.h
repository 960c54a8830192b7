/* What the header of a foreign safetensors file says: one that another program wrote, as PyTorch's. Tensors may stand in any
 * order, and have gaps between them; there is no digest. */
#ifndef NUDGE_MODEL_IMPORT_HEADER_H
#define NUDGE_MODEL_IMPORT_HEADER_H

#include "model/header.h"
#include "model/json_memory.h"

enum import_type { IMPORT_F32, IMPORT_F64, IMPORT_F16, IMPORT_BF16, IMPORT_TYPES };

/* One tensor of numbers, [outputs][inputs], or [outputs] when inputs is 0. */
struct import_tensor {
    enum import_type type;
    size_t outputs, inputs;
    uint64_t begin; /* of its bytes, from the file's beginning */
};

/* What has a name of its own: a linear layer, NAME.weight [outputs][inputs] and NAME.bias; or a batch normalisation, whose
 * NAME.weight has one dimension, and which belongs to the layer before it. */
enum { IMPORT_WEIGHT, IMPORT_BIAS, IMPORT_MEAN, IMPORT_VARIANCE, IMPORT_TENSORS };
struct import_layer {
    const char *name; /* [length], without the ending; the JSON's, or the caller's */
    size_t length;
    uint64_t number; /* in the name: 2 of "net.2" */
    bool normalises;
    bool has[IMPORT_TENSORS];
    struct import_tensor tensors[IMPORT_TENSORS];
};

struct import_header {
    const nudge_allocator *allocator;
    struct file_reader *file;
    struct header header;
    struct json_memory memory; /* in which the JSON lives */
    json_t *root;
    struct import_layer *layers; /* [count], in their order */
    size_t count, room;
    size_t tensors, taken; /* that the file has; of them that layers have */
    nudge_error *error;
};

size_t import_element(enum import_type type); /* bytes of a number */
const char *import_type_name(enum import_type type);

/* Whether it is a safetensors file of no kind that nudge writes. */
bool import_header_is(struct file_reader *file);
/* Reads the JSON, from the file's beginning. To be closed also when it fails. */
nudge_status import_header_open(struct import_header *import, struct file_reader *file,
                                const nudge_allocator *allocator, nudge_error *error);
/* Finds the layers, and checks that each has the inputs that the one before has outputs, and bytes that are there; the first
 * is linear. `map`: see
 * nudge_net_import. Sentences do not name the file. */
nudge_status import_header_layers(struct import_header *import, const char *map);
void import_header_close(struct import_header *import);

#endif
