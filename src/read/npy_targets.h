/* What a part's targets are, told by their type, their shape and their values: classes or numbers. */
#ifndef NUDGE_READ_NPY_TARGETS_H
#define NUDGE_READ_NPY_TARGETS_H

#include "read/array.h"

enum { NPY_CLASSES = 65536 };

enum targets_kind {
    TARGETS_NUMBERS,
    TARGETS_MAYBE_CLASSES, /* they look like classes: floats that are whole and few, rows with one 1 */
    TARGETS_CLASSES,       /* integers, one a row */
};

struct targets {
    enum targets_kind kind;
    size_t rows, columns;
    double *values; /* [rows][columns] */
    size_t classes; /* the largest label + 1, or a one-hot row's length; at least 2; of numbers 0 */
    bool one_hot;
};

/* Tells kind and classes of targets->values, which came from an array of type `npy`. `named`: the array's name says
 * labels, so that whole floats may be classes, too. `guess`: they are a table's last column: integers, too, are classes
 * only when they are few. `name` is the array's, fit to be shown.
 * Errors: integers, one a row, that are no classes. */
nudge_status targets_tell(struct targets *targets, const struct npy *npy, bool named, bool guess,
                          const char *name, nudge_error *error);

/* labels[rows] of classes, values[rows][columns] of numbers. */
void targets_labels(const struct targets *targets, int32_t *labels);
void targets_numbers(const struct targets *targets, float *values);

#endif
