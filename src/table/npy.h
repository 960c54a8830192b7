/* NumPy's array format, versions 1.0 to 3.0: "\x93NUMPY", the version in two bytes, the length of the header (u16, from
 * 2.0 on u32, little-endian), the header, a Python dict as text, then the elements.
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }
 *
 * Pure: bytes in, what they mean out. Invariant: a header that was read has dimensions >= 1 whose product, in elements of
 * 8 bytes, fits in a size_t. Names in sentences (`name`) must be fit to be shown. */
#ifndef NUDGE_TABLE_NPY_H
#define NUDGE_TABLE_NPY_H

#include <nudge.h>

enum {
    NPY_START = 12,     /* bytes that tell how long the header is */
    NPY_HEADER = 10016, /* more are not read: NumPy itself believes no header of more than 10,000 */
    NPY_RANK = 8,
    NPY_ELEMENT = 8, /* bytes of the largest */
};

enum npy_kind { NPY_BOOL, NPY_UNSIGNED, NPY_SIGNED, NPY_FLOAT };

struct npy {
    enum npy_kind kind;
    size_t size;   /* of an element, in bytes */
    char type[3];  /* "u1", "f4" */
    bool big;      /* big-endian */
    bool fortran;  /* the first dimension runs fastest, not the last */
    size_t begins; /* the byte where the elements begin */
    size_t rank, dimensions[NPY_RANK];
    size_t rows, columns; /* the first dimension, and the product of the others */
};

/* *size = the bytes before the elements, at most NPY_HEADER, told by the first `count` bytes: NPY_START of them, or as
 * many as there are. */
nudge_status npy_measure(const unsigned char *bytes, size_t count, const char *name, size_t *size,
                         nudge_error *error);

/* Reads the header: all of the `size` bytes before the elements.
 * Errors: a sentence with the byte, what is there and what should be; types that are not numbers are refused by name. */
nudge_status npy_read_header(struct npy *npy, const unsigned char *bytes, size_t size, const char *name,
                             nudge_error *error);

bool npy_is_bytes(const struct npy *npy); /* u1 */
bool npy_is_whole(const struct npy *npy); /* integers and bool */

/* For sentences: "60000 x 28 x 28 u1", and of it one row, "28 x 28". */
struct npy_shape {
    char text[208];
};
struct npy_shape npy_shape(const struct npy *npy);
struct npy_shape npy_row_shape(const struct npy *npy);

/* -- elements -- */

/* The number that an element's bytes mean; exact, but for 8-byte integers beyond 2^53. */
double npy_value(const struct npy *npy, const unsigned char *element);

/* Where the file's element `i` stands in [rows][columns]. */
size_t npy_place(const struct npy *npy, size_t i);

/* The file's elements first .. first+count-1 to their places in values[rows][columns].
 * Errors: a number that is not finite, or not in f32's range, with its row and column. */
nudge_status npy_take_f32(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                          float *values, const char *name, nudge_error *error);
nudge_status npy_take_f64(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                          double *values, const char *name, nudge_error *error);
/* The same for u1. */
void npy_take_u8(const struct npy *npy, const unsigned char *bytes, size_t first, size_t count,
                 uint8_t *values);

/* -- writing -- */

enum { NPY_MADE = 256 /* room for a header that npy_make_header makes */ };

/* A header of version 1.0 for `type` ("|u1", "<f4", "<i4") in C order. Returns its bytes, a multiple of 64. */
size_t npy_make_header(unsigned char bytes[NPY_MADE], const char *type, size_t rank,
                       const size_t *dimensions);

#endif
