/* Options, clock and rows of the benchmark's C workers. Everything a worker measures comes from its options:
 * the same options, the same work. */
#include "worker.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

bool stopwatch_goes_on(struct stopwatch *watch, const struct workload *workload, size_t *count) {
    double now = now_seconds();
    if (watch->warm) {
        watch->seconds = now - watch->begin;
        return watch->seconds < workload->seconds;
    }
    if (now - watch->start >= workload->warmup) {
        watch->warm = true;
        watch->begin = now;
        *count = 0;
    }
    return true;
}

_Noreturn void worker_fail(const char *program, const char *why) {
    fprintf(stderr, "%s: %s\n", program, why);
    exit(1);
}

/* -- options -- */

static _Noreturn void usage(const char *option, const char *value) {
    fprintf(stderr, "bad value '%s' of --%s\n", value, option);
    exit(2);
}

static size_t parse_count(const char *option, const char *value) {
    char *end;
    unsigned long long count = strtoull(value, &end, 10);
    if (end == value || *end || value[0] == '-') usage(option, value);
    return (size_t)count;
}

static double parse_number(const char *option, const char *value) {
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= 0)) usage(option, value);
    return number;
}

/* "784-30-10": the neurons of each layer. */
static void parse_sizes(struct workload *workload, const char *value) {
    const char *rest = value;
    char *end;
    workload->layers = 0;
    for (size_t l = 0;; l++) {
        if (l > LAYERS_MOST) usage("sizes", value);
        unsigned long long size = strtoull(rest, &end, 10);
        if (end == rest || size == 0 || (*end && *end != '-')) usage("sizes", value);
        workload->sizes[l] = (size_t)size;
        workload->layers = l;
        if (!*end) break;
        rest = end + 1;
    }
    if (workload->layers == 0) usage("sizes", value);
}

static const struct option options[] = {
    {"mode", 1, 0, 'm'},          {"sizes", 1, 0, 's'},   {"activation", 1, 0, 'a'},
    {"cost", 1, 0, 'c'},          {"rows", 1, 0, 'r'},    {"optimizer", 1, 0, 'o'},
    {"precision", 1, 0, 'p'},     {"engine", 1, 0, 'e'},  {"batch", 1, 0, 'b'},
    {"learning-rate", 1, 0, 'l'}, {"seconds", 1, 0, 'S'}, {"warmup", 1, 0, 'W'},
    {"threads", 1, 0, 't'},       {"variant", 1, 0, 'v'}, {0, 0, 0, 0},
};

static void take(struct workload *workload, int letter, const char *value) {
    switch (letter) {
    case 'm': workload->mode = value; break;
    case 's': parse_sizes(workload, value); break;
    case 'a': workload->activation = value; break;
    case 'c': workload->cost = value; break;
    case 'o': workload->optimizer = value; break;
    case 'p': workload->precision = value; break;
    case 'e': workload->engine = value; break;
    case 'v': workload->variant = value; break;
    case 'l': workload->learning_rate = parse_number("learning-rate", value); break;
    case 'b': workload->batch = parse_count("batch", value); break;
    case 'r': workload->rows = parse_count("rows", value); break;
    case 't': workload->threads = (unsigned)parse_count("threads", value); break;
    case 'S': workload->seconds = parse_number("seconds", value); break;
    case 'W': workload->warmup = parse_number("warmup", value); break;
    default: exit(2); /* getopt_long has said why */
    }
}

void workload_parse(struct workload *workload, int count, char **arguments) {
    *workload = (struct workload){.mode = "train",
                                  .sizes = {784, 30, 10},
                                  .layers = 2,
                                  .activation = "sigmoid",
                                  .cost = "quadratic",
                                  .optimizer = "sgd",
                                  .precision = "f32",
                                  .engine = "auto",
                                  .learning_rate = 0.1,
                                  .batch = 10,
                                  .rows = 60000,
                                  .seconds = 1,
                                  .warmup = 0.3};
    int letter;
    while ((letter = getopt_long(count, arguments, "", options, NULL)) != -1) take(workload, letter, optarg);
    if (optind < count || workload->batch == 0 || workload->rows == 0) {
        fprintf(stderr, "expected options only, and --batch and --rows of at least 1\n");
        exit(2);
    }
}

/* -- rows -- */

/* Mixes all bits of x: every output bit depends on every input bit (the finalizer of MurmurHash3). */
static uint32_t mix(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return (uint32_t)(x >> 32);
}

uint8_t bench_pixel(uint64_t index) {
    uint32_t bits = mix(index + 1);
    return bits % 5 ? 0 : (uint8_t)(1 + (bits >> 8) % 255);
}

uint32_t bench_class(uint64_t row, uint32_t classes) {
    return mix(~row) % classes;
}

void *bench_memory(size_t bytes) {
    void *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!memory) worker_fail("bench", "out of memory");
    return memory;
}

uint8_t *bench_rows_u8(size_t rows, size_t features) {
    uint8_t *values = bench_memory(rows * features);
    for (size_t i = 0; i < rows * features; i++) values[i] = bench_pixel(i);
    return values;
}

float *bench_rows_f32(size_t rows, size_t features) {
    float *values = bench_memory(rows * features * sizeof *values);
    for (size_t i = 0; i < rows * features; i++) values[i] = (float)bench_pixel(i) / 255;
    return values;
}

int32_t *bench_labels(size_t rows, size_t classes) {
    int32_t *labels = bench_memory(rows * sizeof *labels);
    for (size_t r = 0; r < rows; r++) labels[r] = (int32_t)bench_class(r, (uint32_t)classes);
    return labels;
}

/* -- the answer -- */

void workload_report(const struct workload *workload, const char *program, const char *variant,
                     unsigned threads, size_t samples, size_t steps, double seconds) {
    printf("{\"program\": \"%s\", \"mode\": \"%s\", \"precision\": \"%s\", \"variant\": \"%s\", \"threads\": "
           "%u, "
           "\"samples_per_second\": %.9g, \"seconds_per_step\": %.9g, \"steps\": %zu}\n",
           program, workload->mode, workload->precision, variant, threads, (double)samples / seconds,
           seconds / (double)steps, steps);
}

_Noreturn void workload_skip(const char *program, const char *why) {
    printf("{\"program\": \"%s\", \"skipped\": \"%s\"}\n", program, why);
    exit(0);
}
