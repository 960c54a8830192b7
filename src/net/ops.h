/* The ops: what a network's chain is made of. One const table; adding an op is one file op_<name>.c and one
 * row in ops.c.
 *
 * An op file is compiled once per variant (base/real.h); it holds forward directly above backward, both
 * static, and exports the pair as VARIANT(op_<name>). */
#ifndef NUDGE_NET_OPS_H
#define NUDGE_NET_OPS_H

#include "engine/engine.h"

/* What one call works on: rows of one op. Pointers are to the variant's real. Element-wise ops may treat
 * [rows][stride] as one run of `elements` numbers: padding stays finite, and zero in d. */
struct op_call {
    const struct engine_verbs *engine;
    size_t rows, inputs, outputs;
    size_t input_stride, output_stride;
    size_t elements; /* rows * output_stride */
    double value;    /* the activation's number: slope, alpha */
    const void *x;   /* input [rows][input_stride]: for an activation the weighted sums z */
    void *y;         /* output [rows][output_stride]: for an activation a = σ(z) */
    const void *w, *b;
    /* backward: */
    void *d;       /* ∂C_0/∂y [rows][output_stride]; activations turn it into ∂C_0/∂x in place */
    void *dx;      /* dense: ∂C_0/∂x [rows][input_stride] */
    void *scratch; /* dense: PACKED_INPUTS * output_stride elements */
};

struct op_kernel {
    void (*forward)(const struct op_call *call);
    void (*backward)(const struct op_call *call);
};

enum op_kind { OP_DENSE, OP_ACTIVATION };

struct op {
    const char *name;
    const char *formula;
    enum op_kind kind;
    bool takes_value; /* the text may give a number after the name, >= 0 */
    double value;     /* its default */
    bool kink;        /* the derivative jumps at z = 0, where the one from below is used */
    bool by_row;      /* an output depends on the row's other neurons, too (softmax) */
    nudge_init init;  /* what suits it as initial weights */
    const struct op_kernel *kernels[PRECISIONS][CPU_LEVELS];
};

extern const struct op ops[];
extern const size_t op_count;

const struct op *op_find(const char *name, size_t length); /* '_' counts as '-'; NULL when there is none */
#define op_dense (&ops[0])
#define op_identity (&ops[1])

#endif
