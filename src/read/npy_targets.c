/* See npy_targets.h. */
#include "read/npy_targets.h"

#include "base/status.h"
#include "base/text.h"

/* More different labels that are stored as floats than these are numbers to be fitted. */
enum { MOST_FLOAT_CLASSES = 50 };

static bool is_label(double value) {
    return value >= 0 && value < NPY_CLASSES && value == (double)(int32_t)value;
}

static double largest_value(const struct targets *targets) {
    double largest = 1;
    for (size_t i = 0; i < targets->rows; i++)
        if (targets->values[i] > largest) largest = targets->values[i];
    return largest;
}

static bool are_few_labels(const struct targets *targets) {
    unsigned char seen[NPY_CLASSES / 8] = {0};
    size_t different = 0;
    for (size_t i = 0; i < targets->rows; i++) {
        if (!is_label(targets->values[i])) return false;
        unsigned label = (unsigned)targets->values[i], bit = 1u << label % 8;
        different += !(seen[label / 8] & bit);
        seen[label / 8] = (unsigned char)(seen[label / 8] | bit);
        if (different > MOST_FLOAT_CLASSES) return false;
    }
    return true;
}

/* Every row has one 1, and 0 elsewhere. */
static bool is_one_hot(const struct targets *targets) {
    const double *row = targets->values;
    for (size_t r = 0; r < targets->rows; r++, row += targets->columns) {
        size_t ones = 0;
        for (size_t c = 0; c < targets->columns; c++) {
            if (row[c] != 0 && row[c] != 1) return false;
            ones += row[c] == 1;
        }
        if (ones != 1) return false;
    }
    return true;
}

static nudge_status check_integers(const struct targets *targets, const char *name, nudge_error *error) {
    for (size_t i = 0; i < targets->rows; i++)
        if (!is_label(targets->values[i]))
            return error_set(
                error, NUDGE_BAD_INPUT,
                "%s: row %zu has label %s, expected 0 to %d: number the classes from 0 "
                "(numpy.unique(y, return_inverse=True)[1]), or save numbers to be fitted as floats",
                name, i, text_number(targets->values[i], 9).text, NPY_CLASSES - 1);
    return NUDGE_OK;
}

nudge_status targets_tell(struct targets *targets, const struct npy *npy, bool named, bool guess,
                          const char *name, nudge_error *error) {
    bool whole = npy_is_whole(npy), column = targets->columns == 1;
    targets->kind = TARGETS_NUMBERS;
    targets->classes = 0;
    if (column && whole && !guess) {
        nudge_status status = check_integers(targets, name, error);
        if (status) return status;
        targets->kind = TARGETS_CLASSES;
    } else if (column && (guess || (named && npy->rank == 1)) && are_few_labels(targets)) {
        targets->kind = TARGETS_MAYBE_CLASSES;
    } else if (!column && targets->columns <= NPY_CLASSES && is_one_hot(targets)) {
        targets->kind = TARGETS_MAYBE_CLASSES;
        targets->one_hot = true;
        targets->classes = targets->columns;
    }
    if (targets->kind && !targets->one_hot) targets->classes = (size_t)largest_value(targets) + 1;
    return NUDGE_OK;
}

void targets_labels(const struct targets *targets, int32_t *labels) {
    const double *row = targets->values;
    for (size_t r = 0; r < targets->rows; r++, row += targets->columns) {
        int32_t label = targets->one_hot ? 0 : (int32_t)row[0];
        while (targets->one_hot && row[label] == 0) label++;
        labels[r] = label;
    }
}

void targets_numbers(const struct targets *targets, float *values) {
    for (size_t i = 0; i < targets->rows * targets->columns; i++) values[i] = (float)targets->values[i];
}
