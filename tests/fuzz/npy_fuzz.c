/* Fuzzes the reader of NumPy's arrays: headers straight from memory, then files, plain and gzip. Any bytes are read or
 * refused, without a step beyond the arrays. */
#define _GNU_SOURCE
#include "base/memory.h"
#include "fuzz/fuzz.h"
#include "read/array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* The header alone, in a block of exactly its size. */
static void read_header(const uint8_t *bytes, size_t size) {
    struct npy npy;
    nudge_error error = {0};
    size_t header = 0, start = size < NPY_START ? size : NPY_START;
    nudge_status status = npy_measure(bytes, start, "fuzz", &header, &error);
    require(status || header <= NPY_HEADER, "a header has its limit");
    if (status || header > size) return;
    uint8_t *exact = malloc(header);
    if (!exact) return;
    memcpy(exact, bytes, header);
    status = npy_read_header(&npy, exact, header, "fuzz", &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    if (!status) {
        size_t elements;
        require(npy.rank >= 1 && npy.rank <= NPY_RANK && npy.rows > 0 && npy.columns > 0,
                "dimensions are at least 1");
        require(size_multiply(&elements, npy.rows, npy.columns) && elements <= SIZE_MAX / 16, "sizes fit");
        require(npy_place(&npy, elements - 1) == elements - 1, "the last element is the last in any order");
        require(strlen(npy_shape(&npy).text) > strlen(npy.type), "a shape can be told");
    }
    free(exact);
}

static nudge_status read_elements(struct array *array, int how, nudge_error *error) {
    size_t count = array->npy.rows * array->npy.columns;
    nudge_status status = NUDGE_OK;
    void *values = malloc(count * 8);
    if (!values) return error->code = NUDGE_NO_MEMORY;
    if (how == 0 && npy_is_bytes(&array->npy))
        status = array_read_u8(array, values, error);
    else if (how == 1)
        status = array_read_f64(array, values, error);
    else
        status = array_read_f32(array, values, error);
    for (size_t i = 0; !status && how == 2 && i < count; i++)
        require(isfinite(((float *)values)[i]), "numbers are finite");
    free(values);
    return status;
}

static void read_file(const uint8_t *bytes, size_t size) {
    nudge_allocator allocator = memory_allocator(NULL);
    int descriptor = memfd_create("fuzz", 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    require(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "the input is a file");
    for (int how = 0; how < 3; how++) {
        struct array array;
        nudge_error error = {0};
        nudge_status status = array_open_file(&array, &allocator, path, &error);
        if (!status) {
            require(array.npy.rows * array.npy.columns <= size * 1032,
                    "no more elements than the file can hold");
            status = read_elements(&array, how, &error);
            array_close(&array);
        }
        require(error.code == status && (!status == !error.message[0] || status == NUDGE_NO_MEMORY),
                "a failure has its sentence");
    }
    close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    read_header(bytes, size);
    read_file(bytes, size);
    return 0;
}

/* -- seeds: each type, both orders, plain and packed -- */

static size_t plain_seed(size_t i, uint8_t *bytes) {
    static const char *const types[] = {"|u1", "|b1", "|i1", "<u2", ">i2", "<f2",
                                        "<u4", ">i4", "<f4", "<i8", ">u8", ">f8"};
    const char *type = types[i % 12];
    size_t size = (size_t)(type[2] - '0'), rank = i % 3 + 1;
    int length = snprintf((char *)bytes + 10, 118, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }",
                          type, i % 2 ? "True" : "False",
                          rank == 1   ? "12,"
                          : rank == 2 ? "3, 4"
                                      : "2, 3, 2");
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10 + length, ' ', 118 - (size_t)length);
    bytes[127] = '\n';
    for (size_t j = 0; j < 12 * size; j++) bytes[128 + j] = (uint8_t)(j * 5 % 64);
    if (type[1] == 'b') memset(bytes + 128, 1, 12);
    return 128 + 12 * size;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    if (i >= 36) return 0;
    size_t size = plain_seed(i % 24, bytes);
    if (i < 24) return size;
    uint8_t packed[512];
    z_stream zlib = {
        .next_in = bytes, .avail_in = (unsigned)size, .next_out = packed, .avail_out = sizeof packed};
    deflateInit2(&zlib, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    deflate(&zlib, Z_FINISH);
    size = sizeof packed - zlib.avail_out;
    deflateEnd(&zlib);
    memcpy(bytes, packed, size);
    return size;
}
