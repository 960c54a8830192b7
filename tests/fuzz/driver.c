/* Runs a fuzz target without libFuzzer: its seeds, then mutations of them, always the same ones. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t noise = 1;

static uint32_t below(uint32_t limit) {
    noise = noise * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)noise * limit >> 32);
}

/* One change: a flipped bit, a telling byte, a piece cut out, a piece doubled, a cut at the end. */
static size_t mutate(uint8_t *bytes, size_t size) {
    static const uint8_t telling[] = {0,   1,   0x7F, 0x80, 0xFF, '"', '{', '[',
                                      ']', '}', ',',  ':',  '0',  '9', '-', ' '};
    if (size == 0) return 0;
    size_t place = below((uint32_t)size), length = 1 + below(16);
    if (length > size - place) length = size - place;
    switch (below(5)) {
    case 0: bytes[place] ^= (uint8_t)(1u << below(8)); break;
    case 1: bytes[place] = telling[below(sizeof telling)]; break;
    case 2:
        memmove(bytes + place, bytes + place + length, size - place - length);
        size -= length;
        break;
    case 3:
        if (size + length > FUZZ_ROOM) break;
        memmove(bytes + place + length, bytes + place, size - place);
        size += length;
        break;
    default: size = below(8) ? size : place;
    }
    return size;
}

enum { MOST_SEEDS = 64 };

static int run(size_t mutations) {
    static uint8_t seeds[MOST_SEEDS][FUZZ_ROOM];
    size_t sizes[MOST_SEEDS], count = 0;
    while (count < MOST_SEEDS && (sizes[count] = fuzz_seed(count, seeds[count])) > 0) {
        LLVMFuzzerTestOneInput(seeds[count], sizes[count]);
        count++;
    }
    for (size_t n = 0; n < mutations; n++) {
        uint8_t bytes[FUZZ_ROOM];
        uint32_t seed = below((uint32_t)count);
        size_t size = sizes[seed];
        memcpy(bytes, seeds[seed], size);
        for (uint32_t changes = 1 + below(4); changes > 0; changes--) size = mutate(bytes, size);
        uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a step beyond the end */
        if (!exact) return 1;
        memcpy(exact, bytes, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    printf("%zu seeds and %zu mutations\n", count, mutations);
    return 0;
}

static int write_seeds(const char *folder) {
    uint8_t bytes[FUZZ_ROOM];
    size_t size;
    for (size_t i = 0; (size = fuzz_seed(i, bytes)) > 0; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/seed-%02zu", folder, i);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "write") == 0) return write_seeds(words[2]);
    return run(count > 1 ? strtoul(words[1], NULL, 10) : 20000);
}
