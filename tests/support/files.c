/* See files.h. */
#define _GNU_SOURCE
#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka.h wants the two above */
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* -- files -- */

static char scratch[] = "scratch-XXXXXX";

int enter_scratch(void **state) {
    (void)state;
    memcpy(scratch, "scratch-XXXXXX", sizeof scratch);
    return mkdtemp(scratch) ? chdir(scratch) : -1;
}

int leave_scratch(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf ./%s", scratch);
    return chdir("..") || system(command) ? -1 : 0;
}

void put_file(const char *path, const void *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

void put_gzip(const char *path, const void *bytes, size_t count) {
    gzFile file = gzopen(path, "wb9");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)count), count);
    assert_int_equal(gzclose(file), Z_OK);
}

unsigned char *get_file(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    unsigned char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    bytes[size] = 0;
    if (count) *count = (size_t)size;
    return bytes;
}

size_t count_entries(const char *folder) {
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(listing))) count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(listing);
    return count;
}

/* -- IDX -- */

size_t make_idx(unsigned char *out, unsigned char type, size_t rank, const uint32_t *dimensions,
                const void *elements, size_t count) {
    unsigned char *to = out;
    *to++ = 0;
    *to++ = 0;
    *to++ = type;
    *to++ = (unsigned char)rank;
    for (size_t i = 0; i < rank; i++)
        for (int shift = 24; shift >= 0; shift -= 8) *to++ = (unsigned char)(dimensions[i] >> shift);
    memcpy(to, elements, count);
    return (size_t)(to - out) + count;
}

void put_idx(const char *path, unsigned char type, size_t rank, const uint32_t *dimensions,
             const void *elements, size_t count) {
    unsigned char *bytes = malloc(4 + 4 * rank + count);
    assert_non_null(bytes);
    put_file(path, bytes, make_idx(bytes, type, rank, dimensions, elements, count));
    free(bytes);
}

void put_small_part(const char *folder, const char *part, uint32_t rows) {
    char path[256];
    unsigned char pixels[4 * 64], labels[64];
    assert_true(rows <= 64);
    for (uint32_t i = 0; i < 4 * rows; i++) pixels[i] = (unsigned char)i;
    for (uint32_t i = 0; i < rows; i++) labels[i] = (unsigned char)(i % 3);
    snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte", folder, part);
    put_idx(path, 0x08, 3, (uint32_t[]){rows, 2, 2}, pixels, 4 * rows);
    snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte", folder, part);
    put_idx(path, 0x08, 1, (uint32_t[]){rows}, labels, rows);
}

/* -- errors -- */

void expect_error(nudge_status status, nudge_status expected, const nudge_error *error, ...) {
    if (status != expected)
        fail_msg("status %d, expected %d; the error says: %s", status, expected, error->message);
    assert_int_equal(error->code, expected);
    size_t length = strlen(error->message);
    if (length < 10 || length + 1 >= sizeof error->message || strchr(error->message, '\n'))
        fail_msg("not a sentence: %s", error->message);
    va_list facts;
    va_start(facts, error);
    const char *fact;
    while ((fact = va_arg(facts, const char *)))
        if (!strstr(error->message, fact)) fail_msg("expected \"%s\" in: %s", fact, error->message);
    va_end(facts);
}

/* -- memory -- */

static void *count_allocate(void *user, size_t bytes) {
    struct accounts *accounts = user;
    if (++accounts->allocations == accounts->fail_at) return NULL;
    void *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    if (!memory) return NULL;
    accounts->live_blocks++;
    accounts->live_bytes += bytes;
    if (accounts->live_bytes > accounts->peak_bytes) accounts->peak_bytes = accounts->live_bytes;
    return memory;
}

static void count_release(void *user, void *memory, size_t bytes) {
    struct accounts *accounts = user;
    accounts->live_blocks--;
    accounts->live_bytes -= bytes;
    free(memory);
}

nudge_allocator counting_allocator(struct accounts *accounts) {
    return (nudge_allocator){count_allocate, count_release, accounts};
}

nudge_context *counting_context(struct accounts *accounts) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    nudge_error error = {0};
    options.threads = 1;
    options.data_memory = (size_t)1 << 30; /* not looked up: that reads files, too */
    options.allocator = counting_allocator(accounts);
    assert_int_equal(nudge_context_create(&options, &context, &error), NUDGE_OK);
    return context;
}
