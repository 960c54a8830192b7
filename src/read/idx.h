/* IDX, the format of MNIST (LeCun 1998), plain or gzip: two zero bytes, the element type, the rank, one
 * big-endian u32 for each dimension, then the elements, big-endian, the last dimension running fastest.
 * Invariant: an idx that is open has dimensions >= 1 whose product, in bytes, the file can hold. */
#ifndef NUDGE_READ_IDX_H
#define NUDGE_READ_IDX_H

#include "data/data.h"
#include "read/stream.h"

enum { IDX_RANK = 4, IDX_CLASSES = 65536 };

enum idx_code {
    IDX_U8 = 0x08,
    IDX_I8 = 0x09,
    IDX_I16 = 0x0B,
    IDX_I32 = 0x0C,
    IDX_F32 = 0x0D,
    IDX_F64 = 0x0E,
};

struct idx_type {
    enum idx_code code;
    const char *name; /* "u8" */
    size_t size;      /* of an element, in bytes */
    bool whole;       /* integers */
};

struct idx {
    struct stream stream;
    const char *path;
    const struct idx_type *type;
    size_t rank, dimensions[IDX_RANK];
    size_t rows, columns; /* the first dimension, and the product of the others */
};

/* Opens the file and checks its header. `allocator` and `path` must outlive the idx.
 * Errors: a sentence with the file, the byte, what is there and what should be. */
nudge_status idx_open(struct idx *idx, const nudge_allocator *allocator, const char *path,
                      nudge_error *error);
/* For sentences: what the header announces, "60000 x 28 x 28 u8", and of it one row, "28 x 28". */
struct idx_shape {
    char text[80];
};
struct idx_shape idx_shape(const struct idx *idx);
struct idx_shape idx_row_shape(const struct idx *idx);

void idx_close(struct idx *idx); /* one that is zeroed, or was not opened, allowed */

/* Keeps a plain file open as a source of its elements: u8 as they are, other types as f32. The idx gives the
 * file up, but not what the header said; `path` is copied. Errors of reading: a file that has become shorter,
 * a number that is not finite, what the system says. */
nudge_status idx_source(struct idx *idx, const nudge_allocator *allocator, struct data_source **source,
                        nudge_error *error);

/* One of these reads all elements, once, and checks that the file ends behind them. */

/* values[rows][columns]: only for the type u8. */
nudge_status idx_read_u8(struct idx *idx, uint8_t *values, nudge_error *error);
/* values[rows][columns]: any type; i32 and f64 are rounded to f32. Numbers that are not finite in f32 are an
 * error. */
nudge_status idx_read_f32(struct idx *idx, float *values, nudge_error *error);
/* labels[rows]: rank 1, each a whole number 0 .. IDX_CLASSES-1; raises *largest to the largest. */
nudge_status idx_read_labels(struct idx *idx, int32_t *labels, int32_t *largest, nudge_error *error);
/* Whether all elements are whole numbers 0 .. IDX_CLASSES-1 and at most `most` different ones. */
nudge_status idx_read_whole(struct idx *idx, size_t most, bool *whole, nudge_error *error);

#endif
