/* One array of NumPy, open for reading: a .npy file, plain or gzip, or a member of a .npz archive. Invariant: the bytes
 * that an open array's header announces are there, or, packed, can be. */
#ifndef NUDGE_READ_ARRAY_H
#define NUDGE_READ_ARRAY_H

#include "read/stream.h"
#include "read/zip.h"
#include "table/npy.h"

struct array {
    struct npy npy;
    char name[432]; /* "digits.npz: x_train", fit to be shown */
    bool in_zip;
    struct stream file;
    struct zip_stream member;
    uint64_t position; /* bytes taken */
};

/* `allocator`, `path` and `zip` must outlive the array. `name`: the member's without its ending. */
nudge_status array_open_file(struct array *array, const nudge_allocator *allocator, const char *path,
                             nudge_error *error);
nudge_status array_open_member(struct array *array, const struct zip *zip, size_t member, const char *name,
                               nudge_error *error);
void array_close(struct array *array); /* one that is zeroed, or was not opened, allowed */

/* One of these reads all elements, once, into values[rows][columns], and checks that nothing follows. */
nudge_status array_read_u8(struct array *array, uint8_t *values, nudge_error *error); /* u1 alone */
nudge_status array_read_f32(struct array *array, float *values, nudge_error *error);
nudge_status array_read_f64(struct array *array, double *values, nudge_error *error);

#endif
