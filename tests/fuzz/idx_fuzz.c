/* Fuzzes the IDX reader, plain and gzip: any bytes are read or refused, without a step beyond the arrays. */
#define _GNU_SOURCE
#include "base/memory.h"
#include "fuzz/fuzz.h"
#include "read/idx.h"

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

static nudge_status read_elements(struct idx *idx, int how, nudge_error *error) {
    size_t count = idx->rows * idx->columns;
    int32_t largest = 0;
    nudge_status status = NUDGE_OK;
    void *values = malloc(count * 4);
    if (!values) return NUDGE_NO_MEMORY;
    if (how == 0 && idx->type->code == IDX_U8)
        status = idx_read_u8(idx, values, error);
    else if (how == 1 && idx->type->whole && idx->rank == 1)
        status = idx_read_labels(idx, values, &largest, error);
    else if (how == 3) {
        bool whole;
        status = idx_read_whole(idx, 50, &whole, error);
    } else
        status = idx_read_f32(idx, values, error);
    require(largest >= 0 && largest < IDX_CLASSES, "labels are in range");
    free(values);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    nudge_allocator allocator = memory_allocator(NULL);
    int descriptor = memfd_create("fuzz", 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    require(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "the input is a file");
    for (int how = 0; how < 4; how++) {
        struct idx idx;
        nudge_error error = {0};
        nudge_status status = idx_open(&idx, &allocator, path, &error);
        if (!status) {
            require(idx.rows > 0 && idx.columns > 0, "dimensions are at least 1");
            require(idx.rows * idx.columns <= size * 1032, "no more elements than the file can hold");
            status = read_elements(&idx, how, &error);
            idx_close(&idx);
        }
        require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    }
    close(descriptor);
    return 0;
}

/* -- seeds: each type, each rank, plain and packed -- */

static size_t plain_seed(size_t i, uint8_t *bytes) {
    static const uint8_t codes[] = {IDX_U8, IDX_I8, IDX_I16, IDX_I32, IDX_F32, IDX_F64},
                         sizes[] = {1, 1, 2, 4, 4, 8};
    size_t rank = i % 4 + 1, type = i % 6, at = 4;
    memset(bytes, 0, 256);
    bytes[2] = codes[type];
    bytes[3] = (uint8_t)rank;
    for (size_t d = 0; d < rank; d++, at += 4) bytes[at + 3] = (uint8_t)(d == 0 ? 3 : 2);
    size_t count = ((size_t)3 << (rank - 1)) * sizes[type];
    for (size_t j = 0; j < count; j++) bytes[at + j] = (uint8_t)(j * 5 % 64);
    return at + count;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    if (i >= 24) return 0;
    size_t size = plain_seed(i % 12, bytes);
    if (i < 12) return size;
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
