/* What arrays are for, told by their names: a WORD alone, or with a PART before or behind it.
 *
 *   WORD   x, data, features, images; y, label, labels, target, targets
 *   PART   train or training; val, valid or validation; test        "x_train", "Y", "test-images"
 *
 * Capitals count as small letters. */
#ifndef NUDGE_READ_NPY_NAMES_H
#define NUDGE_READ_NPY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum npy_part { NPY_TRAIN, NPY_VALIDATION, NPY_TEST, NPY_PARTS };

/* Roles come in pairs: 2 * part, and 1 more for its targets. */
enum npy_role {
    NPY_TRAIN_FEATURES,
    NPY_TRAIN_TARGETS,
    NPY_VALIDATION_FEATURES,
    NPY_VALIDATION_TARGETS,
    NPY_TEST_FEATURES,
    NPY_TEST_TARGETS,
    NPY_ROLES, /* also: none */
};

enum npy_role npy_role_of(const char *name);
const char *npy_role_name(enum npy_role role); /* "training features", ... */

/* Whether the name's WORD is one for labels: y, label, labels or target. "targets" are numbers, even where all are whole. */
bool npy_names_labels(const char *name);

/* Where in a file's name, of which the first `length` bytes count, the last WORD for features (or for targets) stands:
 * "mnist-" "images" "-v2". */
struct npy_word {
    size_t at, length;
};
bool npy_find_word(const char *name, size_t length, bool targets, struct npy_word *word);

/* The words for targets, i = 0, 1, ...; NULL after the last. */
const char *npy_target_word(size_t i);

#endif
