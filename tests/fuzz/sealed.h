/* Fuzzing files with digests: they are set right before an input is loaded, as no mutation would ever find them: so the
 * checks behind them are reached. */
#ifndef NUDGE_TESTS_FUZZ_SEALED_H
#define NUDGE_TESTS_FUZZ_SEALED_H

#include "fuzz/fuzz.h"

#include <nettle/sha2.h>
#include <nudge.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* -- digests -- */

static inline void put_digest(uint8_t *digits, const uint8_t *bytes, size_t size) {
    struct sha256_ctx hash;
    uint8_t digest[32];
    sha256_init(&hash);
    sha256_update(&hash, size, bytes);
    sha256_digest(&hash, sizeof digest, digest);
    for (size_t i = 0; i < 64; i++)
        digits[i] = (uint8_t) "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

static inline uint8_t *digits_of(uint8_t *bytes, size_t size, const char *key) {
    uint8_t *place = memmem(bytes, size, key, strlen(key));
    return place && size - (size_t)(place - bytes) >= strlen(key) + 64 ? place + strlen(key) : NULL;
}

static inline void seal(uint8_t *bytes, size_t size) {
    if (size < 8) return;
    uint8_t *file = digits_of(bytes, size, "\"file_digest\":\"");
    if (!file) return;
    memset(file, '0', 64);
    uint8_t digits[64];
    put_digest(digits, bytes, size);
    memcpy(file, digits, 64);
}

/* -- files -- */

static inline nudge_context *the_context(void) {
    static nudge_context *context;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = 1;
    if (!context) require(nudge_context_create(&options, &context, NULL) == NUDGE_OK, "there is a context");
    return context;
}

/* A file of these bytes, under a name; the descriptor keeps it. */
static inline int make_file(const uint8_t *bytes, size_t size, char path[64]) {
    int descriptor = memfd_create("fuzz", 0);
    snprintf(path, 64, "/proc/self/fd/%d", descriptor);
    require(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "the input is a file");
    return descriptor;
}

/* The same with its digests set right. */
static inline int make_sealed_file(const uint8_t *bytes, size_t size, char path[64]) {
    uint8_t *sealed = malloc(size + 1);
    require(sealed != NULL, "there is memory");
    memcpy(sealed, bytes, size);
    seal(sealed, size);
    int descriptor = make_file(sealed, size, path);
    free(sealed);
    return descriptor;
}

/* A temporary file's name, which is made; and its bytes, after which it is removed. */
static inline void make_name(char name[64]) {
    snprintf(name, 64, "/tmp/nudge-fuzz-XXXXXX");
    int descriptor = mkstemp(name);
    require(descriptor >= 0, "there is a temporary file");
    close(descriptor);
}

static inline size_t take_file(const char *name, uint8_t bytes[FUZZ_ROOM]) {
    FILE *file = fopen(name, "rb");
    require(file != NULL, "the file is there");
    size_t size = fread(bytes, 1, FUZZ_ROOM, file);
    fclose(file);
    unlink(name);
    return size;
}

#endif
