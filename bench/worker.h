/* What the benchmark's C workers share: their options, their clock, their rows. A worker measures one
 * workload, described by its options alone, and prints one line of JSON. All workers get the same options
 * from run.py; each ignores what does not concern it. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAYERS_MOST = 16 };

struct workload {
    const char *mode;              /* "train", "predict", or a worker's own, as "epoch" is nudge's */
    size_t sizes[LAYERS_MOST + 1]; /* neurons of layers 0 .. layers */
    size_t layers;
    const char *activation; /* of the hidden layers */
    const char *cost;       /* "cross-entropy" (softmax output) or "quadratic" (sigmoid output) */
    const char *optimizer;
    const char *precision; /* "f32" or "bf16" */
    const char *engine;    /* of nudge */
    const char *variant;   /* of a peer: which of the ways to write it; NULL: its own choice */
    double learning_rate;
    size_t batch;     /* rows a step, or rows a call of predict */
    size_t rows;      /* in memory */
    unsigned threads; /* 0: the worker's own choice */
    double seconds;   /* measured, after `warmup` seconds */
    double warmup;
};

/* Exits with status 2 and a sentence on stderr when the options are wrong. */
void workload_parse(struct workload *workload, int count, char **arguments);

double now_seconds(void);

/* The warm-up and then the time that is measured; start it with {.start = now_seconds()}. */
struct stopwatch {
    double start, begin;
    double seconds; /* measured so far */
    bool warm;
};

/* Looks at the clock: false when enough was measured. Sets *count to 0 when the warm-up is over: what is
 * counted from there belongs to `seconds`. */
bool stopwatch_goes_on(struct stopwatch *watch, const struct workload *workload, size_t *count);

/* Pixel `index` (= row * features + feature): 0 for four of five, else 1 .. 255, like handwriting. */
uint8_t bench_pixel(uint64_t index);
/* The class of a row: nothing that can be learnt, so that gradients stay away from zero for as long as it
 * runs. */
uint32_t bench_class(uint64_t row, uint32_t classes);

/* values[rows][features], pixels or pixels / 255; labels[rows]. Exits when there is no memory. */
uint8_t *bench_rows_u8(size_t rows, size_t features);
float *bench_rows_f32(size_t rows, size_t features);
int32_t *bench_labels(size_t rows, size_t classes);

/* malloc, aligned to a page, that exits when there is no memory. */
void *bench_memory(size_t bytes);

/* {"program": NAME, "samples_per_second": S, "seconds_per_step": T, "steps": N, "variant": V, "threads":
 * n} */
void workload_report(const struct workload *workload, const char *program, const char *variant,
                     unsigned threads, size_t samples, size_t steps, double seconds);

/* {"program": NAME, "skipped": WHY}, and exit status 0: there is nothing to measure here. */
_Noreturn void workload_skip(const char *program, const char *why);

/* "NAME: WHY" on stderr, and exit status 1. */
_Noreturn void worker_fail(const char *program, const char *why);

#endif
