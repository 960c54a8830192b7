/* Arrays of NumPy, written. */
#ifndef NUDGE_READ_NPY_WRITE_H
#define NUDGE_READ_NPY_WRITE_H

#include "data/data.h"

/* One array that is to be written, in C order. */
struct npy_output {
    const char *name; /* of the member, "x_train.npy" */
    const char *type; /* "|u1", "<f4", "<i4" */
    size_t rank, dimensions[3];
    const nudge_data *data;
    const struct data_block *block; /* features; NULL: */
    const void *elements;           /* labels or targets, 4 bytes each, as in memory */
};

/* Gives the array's bytes, header and elements, to `take`, in portions. */
nudge_status npy_write(const struct npy_output *output,
                       nudge_status (*take)(void *user, const void *bytes, size_t count, nudge_error *error),
                       void *user, nudge_error *error);

#endif
