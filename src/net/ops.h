/* The ops: what a network's chain is made of. One const table; adding an op is one file op_<name>.c and one
 * row in ops.c.
 *
 * An op file is compiled once per variant (base/real.h); it holds forward directly above backward, both
 * static, and exports the pair as VARIANT(op_<name>). */
#ifndef NUDGE_NET_OPS_H
#define NUDGE_NET_OPS_H

#include "engine/engine.h"

enum { OP_TENSORS = 4, OP_VALUES = 2, OP_KEPT = 5 }; /* of one op, at most */

/* What one call works on: a tile of rows x columns of one op's outputs, or for dense all columns. Pointers are to the
 * variant's real, at the tile's first element. Padding of x and y is finite, of d zero; it stays so. */
struct op_call {
    const struct engine_verbs *engine;
    size_t rows, columns; /* of the tile, columns with padding */
    size_t inputs, outputs;
    size_t input_stride, output_stride;
    size_t elements; /* rows * columns that follow each other without a gap: what an activation works on */
    size_t first_row, first_column; /* where the tile begins: in the step, and in the layer */
    size_t layer;
    const double *values;            /* [op->value_count]: slope, alpha, .. */
    bool training;                   /* or prediction: for ops that differ */
    uint64_t seed, step;             /* of what is drawn */
    const void *x;                   /* input [rows][input_stride]: for an activation the weighted sums z */
    void *y;                         /* output [rows][output_stride]: for an activation a = σ(z) */
    const void *tensors[OP_TENSORS]; /* the op's own; those of [outputs] begin at the tile's first column */
    void *kept[OP_KEPT]; /* [outputs] each, from the tile's first column on; NULL: nobody will ask */
    /* backward: */
    void *d;       /* ∂C_0/∂y [rows][output_stride]; all but dense turn it into ∂C_0/∂x in place */
    void *dx;      /* dense: ∂C_0/∂x [rows][input_stride] */
    void *scratch; /* dense: PACKED_INPUTS * output_stride elements */
    void *into[OP_TENSORS]; /* gradients: of the op's tensors; settle: these themselves */
    bool accumulate;        /* gradients are added to what is there */
};

struct op_kernel {
    void (*forward)(const struct op_call *call);
    void (*backward)(const struct op_call *call);
    /* Where an op that is not dense has tensors: their gradients, from what backward has kept; and its running state
     * after a step of training, from what forward has kept. */
    void (*gradients)(const struct op_call *call);
    void (*settle)(const struct op_call *call);
};

enum op_kind { OP_DENSE, OP_ACTIVATION, OP_BETWEEN };

/* A tensor that the op has: of [outputs], or [outputs][inputs]. All else follows from this table: parameters and what
 * belongs to them, initial numbers, files, digests, optimizers. */
struct op_tensor {
    const char *name; /* in a model file, behind "layers.N." */
    nudge_role role;
    bool by_input;
    float start;       /* its numbers in a new net, where init.c draws none */
    bool not_negative; /* of numbers that a file may have */
};

/* A number that the text may give after the name. */
struct op_value {
    double usual, least, most; /* `most` itself is not allowed where it is `below` */
    bool below;
    const char *expected; /* for the sentence when it is something else */
};

struct op {
    const char *name;
    const char *formula;
    enum op_kind kind;
    bool kink;   /* the derivative jumps at z = 0, where the one from below is used; or its own does */
    bool by_row; /* an output depends on the row's other neurons, too (softmax) */
    bool
        mixes_rows; /* in training an output depends on the batch's other rows, too; rows of all of it in one call */
    bool in_place;      /* x and y may be the same buffer: forward and backward then see y alone */
    bool only_training; /* prediction leaves it out */
    nudge_init init;    /* what suits it as initial weights */
    size_t value_count, tensor_count, kept;
    struct op_value values[OP_VALUES];
    struct op_tensor tensors[OP_TENSORS];
    const struct op_kernel *kernels[REAL_TYPES][CPU_LEVELS];
};

/* Dense's tensors. */
enum { DENSE_WEIGHT, DENSE_BIAS };

extern const struct op ops[];
extern const size_t op_count;
/* Rows 1 .. op_activation_end() - 1 are the activations. */
static inline size_t op_activation_end(void) {
    size_t end = op_count;
    while (ops[end - 1].kind != OP_ACTIVATION) end--;
    return end;
}

const struct op *op_find(const char *name, size_t length); /* '_' counts as '-'; NULL when there is none */
#define op_dense (&ops[0])
#define op_identity (&ops[1])

#endif
