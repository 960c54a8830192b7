/* Fuzzes the model loader: any bytes are loaded or refused. The digests of an input are set right before it
 * is loaded, as no mutation would ever find them: so the checks behind them are reached. What is loaded is
 * saved and loaded again, and must be the same. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <nettle/sha2.h>
#include <nudge.h>
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

/* -- digests -- */

static void put_digest(uint8_t *digits, const uint8_t *bytes, size_t size) {
    struct sha256_ctx hash;
    uint8_t digest[32];
    sha256_init(&hash);
    sha256_update(&hash, size, bytes);
    sha256_digest(&hash, sizeof digest, digest);
    for (size_t i = 0; i < 64; i++)
        digits[i] = (uint8_t) "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

static uint8_t *digits_of(uint8_t *bytes, size_t size, const char *key) {
    uint8_t *place = memmem(bytes, size, key, strlen(key));
    return place && size - (size_t)(place - bytes) >= strlen(key) + 64 ? place + strlen(key) : NULL;
}

static void seal(uint8_t *bytes, size_t size) {
    uint64_t length = 0;
    if (size < 8) return;
    for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
    uint8_t *parameters = digits_of(bytes, size, "\"parameters_digest\":\""), *file;
    if (parameters && length <= size - 8)
        put_digest(parameters, bytes + 8 + length, size - 8 - (size_t)length);
    file = digits_of(bytes, size, "\"file_digest\":\"");
    if (!file) return;
    memset(file, '0', 64);
    uint8_t digits[64];
    put_digest(digits, bytes, size);
    memcpy(file, digits, 64);
}

/* -- the target -- */

static nudge_context *the_context(void) {
    static nudge_context *context;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = 1;
    if (!context) require(nudge_context_create(&options, &context, NULL) == NUDGE_OK, "there is a context");
    return context;
}

/* A file of these bytes, under a name; the descriptor keeps it. */
static int make_file(const uint8_t *bytes, size_t size, char path[64]) {
    int descriptor = memfd_create("fuzz", 0);
    snprintf(path, 64, "/proc/self/fd/%d", descriptor);
    require(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "the input is a file");
    return descriptor;
}

static void expect_round_trip(const nudge_net *net) {
    char path[64], name[] = "/tmp/nudge-fuzz-XXXXXX", first[65], second[65];
    nudge_net *back = NULL;
    int descriptor = mkstemp(name);
    require(descriptor >= 0, "there is a temporary file");
    close(descriptor);
    require(nudge_net_save(net, name, NULL) == NUDGE_OK, "what was loaded can be saved");
    snprintf(path, sizeof path, "%s", name);
    require(nudge_net_load(the_context(), path, &back, NULL) == NUDGE_OK, "what was saved can be loaded");
    unlink(name);
    nudge_net_digest(net, first);
    nudge_net_digest(back, second);
    require(strcmp(first, second) == 0, "the parameters come back");
    require(strcmp(nudge_net_text(net), nudge_net_text(back)) == 0, "the network comes back");
    nudge_net_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[64];
    uint8_t *sealed = malloc(size + 1);
    require(sealed != NULL, "there is memory");
    memcpy(sealed, bytes, size);
    seal(sealed, size);
    int descriptor = make_file(sealed, size, path);
    nudge_net *net = NULL;
    nudge_error error = {0};
    nudge_status status = nudge_net_load(the_context(), path, &net, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == (net != NULL), "a failure gives no net");
    if (net) expect_round_trip(net);
    nudge_net_free(net);
    close(descriptor);
    free(sealed);
    return 0;
}

/* -- seeds: files of small nets with more and more beside their parameters -- */

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {"1", "2 sigmoid, 1", "3 leaky-relu 0.1, 2 softmax",
                                        "1 tanh, 1, 2 sigmoid"};
    if (i >= 8) return 0;
    nudge_net *net = NULL;
    char name[] = "/tmp/nudge-fuzz-XXXXXX";
    int descriptor = mkstemp(name);
    require(descriptor >= 0, "there is a temporary file");
    require(!nudge_net_create(the_context(), i + 1, texts[i % 4], i, &net, NULL), "there is a net");
    if (i > 1)
        require(!nudge_net_set_preprocessing(net, (float)i, 1.0f / 255, NULL), "it takes preprocessing");
    if (i > 2)
        require(!nudge_net_set_labels(net, (const char *[]){"a", "\"b\""}, 2, NULL), "it takes labels");
    if (i > 3) require(!nudge_net_set_note(net, "cost", "quadratic", NULL), "it takes notes");
    require(!nudge_net_save(net, name, NULL), "it can be saved");
    nudge_net_free(net);
    FILE *file = fdopen(descriptor, "rb");
    fclose(file);
    file = fopen(name, "rb");
    size_t size = fread(bytes, 1, FUZZ_ROOM, file);
    fclose(file);
    unlink(name);
    return size;
}
