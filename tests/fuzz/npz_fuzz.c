/* Fuzzes the reader of .npz archives: any bytes are read or refused, without a step beyond the arrays. Then the same with
 * the bytes as the archive's arrays, in an archive that is right: mutations seldom get past a checksum. */
#define _GNU_SOURCE
#include "base/memory.h"
#include "fuzz/fuzz.h"
#include "read/npy_set.h"
#include "read/zip.h"
#include "read/zip_write.h"

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

/* Memory that is counted: an archive of n bytes may not have more than these for each of them. */
enum { FIXED = 2 << 20, EACH = 1032 * 24 };

static size_t live, peak;

static void *count_allocate(void *user, size_t bytes) {
    (void)user;
    void *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    if (memory && (live += bytes) > peak) peak = live;
    return memory;
}

static void count_release(void *user, void *memory, size_t bytes) {
    (void)user;
    live -= bytes;
    free(memory);
}

static nudge_context *make_context(void) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    options.threads = 1;
    options.data_memory = (size_t)1 << 30;
    options.allocator = (nudge_allocator){count_allocate, count_release, NULL};
    require(!nudge_context_create(&options, &context, NULL), "there is a context");
    return context;
}

/* -- the archive alone -- */

static void read_member(const struct zip *zip, size_t i, size_t portion) {
    struct zip_stream stream;
    nudge_error error = {0};
    unsigned char bytes[512];
    size_t got = portion;
    uint64_t all = 0;
    nudge_status status = zip_stream_open(&stream, zip, i, &error);
    bool opened = !status;
    while (!status && got == portion) {
        status = zip_stream_read(&stream, bytes, portion, &got, &error);
        if (!status) all += got;
        require(all <= zip->members[i].size, "no more bytes than the directory says");
    }
    require(status || all == zip->members[i].size, "as many bytes as the directory says");
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    if (opened) zip_stream_close(&stream);
}

static void read_zip(const char *path, const nudge_allocator *allocator) {
    struct zip zip;
    nudge_error error = {0};
    nudge_status status = zip_open(&zip, allocator, path, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    if (status) return;
    for (size_t i = 0; i < zip.count && i < 8; i++) {
        read_member(&zip, i, 512);
        if (zip.members[i].size < 4096) read_member(&zip, i, 7);
    }
    zip_close(&zip);
}

/* -- the data set -- */

static void check_part(const nudge_data *data, nudge_part part) {
    static float features[4096];
    size_t rows = nudge_data_rows(data, part), classes = nudge_data_classes(data);
    for (size_t r = 0; r < rows; r++) {
        int32_t label = nudge_data_label(data, part, r);
        require(classes ? label >= 0 && (size_t)label < classes : label == -1, "labels are in range");
        if (nudge_data_features(data) > 4096) continue;
        require(!nudge_data_row(data, part, r, features, NULL, NULL), "rows can be read");
        for (size_t i = 0; i < nudge_data_features(data); i++)
            require(isfinite(features[i]), "numbers are finite");
    }
}

static void read_set(nudge_context *context, const char *path, size_t size, bool regression) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.regression = regression;
    size_t before = live;
    peak = live;
    nudge_status status = npz_file_open(context, path, "fuzz", &options, &data, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == !!data, "a set is whole or not there");
    require(peak - before <= FIXED + size * EACH, "memory has its limit");
    for (nudge_part part = NUDGE_PART_TRAIN; data && part <= NUDGE_PART_TEST; part++) check_part(data, part);
    nudge_data_free(data);
    require(live == before, "all memory is given back");
}

static int as_file(const uint8_t *bytes, size_t size, char path[64]) {
    int descriptor = memfd_create("fuzz", 0);
    snprintf(path, 64, "/proc/self/fd/%d", descriptor);
    require(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "the input is a file");
    return descriptor;
}

static void put(uint8_t **to, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++) *(*to)++ = (uint8_t)(i < 8 ? value >> (8 * i) : 0);
}

/* The first byte tells the arrays' names, the next two where the rest is cut in two. */
static size_t wrap(const uint8_t *bytes, size_t size, uint8_t *zip) {
    static const char *const names[][2] = {
        {"x.npy", "y.npy"}, {"a.npy", "b.npy"}, {"data.npy", "target.npy"}, {"x_test.npy", "y_test.npy"}};
    size_t told = bytes[1] | (size_t)bytes[2] << 8, cut = told < size - 3 ? told : size - 3;
    size_t sizes[2] = {cut, size - 3 - cut}, places[2];
    const uint8_t *contents[2] = {bytes + 3, bytes + 3 + cut};
    uint8_t *to = zip;
    for (int directory = 0; directory < 2; directory++) {
        size_t at = (size_t)(to - zip);
        for (size_t i = 0; i < 2; i++) {
            const char *name = names[bytes[0] % 4][i];
            if (!directory) places[i] = (size_t)(to - zip);
            put(&to, directory ? 0x02014B50 : 0x04034B50, 4);
            put(&to, 20, directory ? 4 : 2);
            put(&to, 0, 8);
            put(&to, crc32(0, contents[i], (unsigned)sizes[i]), 4);
            put(&to, sizes[i], 4);
            put(&to, sizes[i], 4);
            put(&to, strlen(name), 4);
            put(&to, 0, directory ? 12 : 0);
            if (directory) put(&to, places[i], 4);
            memcpy(to, name, strlen(name));
            to += strlen(name);
            if (!directory) memcpy(to, contents[i], sizes[i]);
            if (!directory) to += sizes[i];
        }
        if (!directory) continue;
        size_t length = (size_t)(to - zip) - at;
        put(&to, 0x06054B50, 4);
        put(&to, 0, 4);
        put(&to, 2, 2);
        put(&to, 2, 2);
        put(&to, length, 4);
        put(&to, at, 4);
        put(&to, 0, 2);
    }
    return (size_t)(to - zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static nudge_context *context;
    nudge_allocator allocator = {count_allocate, count_release, NULL};
    char path[64];
    if (!context) context = make_context();
    int descriptor = as_file(bytes, size, path);
    read_zip(path, &allocator);
    read_set(context, path, size, size % 2);
    close(descriptor);
    if (size < 3) return 0;
    uint8_t *zip = malloc(size + 512);
    if (!zip) return 0;
    size_t zip_size = wrap(bytes, size, zip);
    descriptor = as_file(zip, zip_size, path);
    read_set(context, path, zip_size, size % 2);
    close(descriptor);
    free(zip);
    return 0;
}

/* -- seeds: archives, stored and packed, and pairs of arrays to be wrapped -- */

static size_t array_seed(uint8_t *bytes, const char *type, const char *shape, size_t count) {
    int length = snprintf((char *)bytes + 10, 118, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }",
                          type, count % 2 ? "True" : "False", shape);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10 + length, ' ', 118 - (size_t)length);
    bytes[127] = '\n';
    memset(bytes + 128, 0, count);
    for (size_t j = 0; j < count; j += 5) bytes[128 + j] = 1;
    return 128 + count;
}

static size_t pair_seed(size_t i, uint8_t *bytes) {
    static const char *const types[] = {"|u1", "<f4", ">f8", "<f2"},
                             *const targets[] = {"|u1", "<f4", "<i8", "|b1"},
                             *const shapes[] = {"3, 2, 2", "3, 4", "3, 2, 2, 1", "3, 4"};
    const char *type = types[i % 4], *target = targets[(i / 4) % 4];
    size_t size = array_seed(bytes + 3, type, shapes[(i / 2) % 4], 12 * (size_t)(type[2] - '0'));
    bytes[0] = (uint8_t)i;
    size_t second = i % 3 ? array_seed(bytes + 3 + size, target, "3,", 3 * (size_t)(target[2] - '0'))
                          : array_seed(bytes + 3 + size, target, "3, 2", 6 * (size_t)(target[2] - '0'));
    bytes[1] = (uint8_t)size;
    bytes[2] = (uint8_t)(size >> 8);
    return 3 + size + second;
}

static size_t packed_seed(size_t i, uint8_t *zip) {
    uint8_t content[512], packed[512], *to = zip;
    size_t size = array_seed(content, i % 2 ? "<f4" : "|u1", "3, 4", i % 2 ? 48 : 12);
    z_stream zlib = {
        .next_in = content, .avail_in = (unsigned)size, .next_out = packed, .avail_out = sizeof packed};
    deflateInit2(&zlib, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    deflate(&zlib, Z_FINISH);
    size_t packed_size = sizeof packed - zlib.avail_out, at;
    deflateEnd(&zlib);
    for (int directory = 0; directory < 2; directory++) {
        at = (size_t)(to - zip);
        put(&to, directory ? 0x02014B50 : 0x04034B50, 4);
        put(&to, 20, directory ? 4 : 2);
        put(&to, 8 << 16, 8);
        put(&to, crc32(0, content, (unsigned)size), 4);
        put(&to, directory && i / 2 % 2 ? UINT32_MAX : packed_size, 4);
        put(&to, directory && i / 2 % 2 ? UINT32_MAX : size, 4);
        put(&to, 5, 2);
        put(&to, directory && i / 2 % 2 ? 20 : 0, 2);
        put(&to, 0, directory ? 14 : 0);
        memcpy(to, "x.npy", 5);
        to += 5;
        if (directory && i / 2 % 2) put(&to, 1 | 16 << 16, 4), put(&to, size, 8), put(&to, packed_size, 8);
        if (!directory) memcpy(to, packed, packed_size), to += packed_size;
    }
    size_t length = (size_t)(to - zip) - at;
    put(&to, 0x06054B50, 4);
    put(&to, 0, 4);
    put(&to, 1, 2);
    put(&to, 1, 2);
    put(&to, length, 4);
    put(&to, at, 4);
    put(&to, 0, 2);
    return (size_t)(to - zip);
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    if (i < 24) return pair_seed(i, bytes);
    if (i < 28) return packed_seed(i - 24, bytes);
    if (i >= 40) return 0;
    uint8_t pair[2048];
    return wrap(pair, pair_seed(i, pair), bytes);
}
