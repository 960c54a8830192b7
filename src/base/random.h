/* Random numbers: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Counter-based: a number is a pure function of (seed, purpose, when, which, index). Nothing is global, no
 * state is saved between runs, and the order in which threads ask cannot matter.
 *
 *   key      seed, 64 bits
 *   counter  [0] block: counts the groups of four numbers drawn from one stream
 *            [1] which: the example, row or tensor
 *            [2] when:  the epoch or step
 *            [3] purpose << 16 | layer
 */
#ifndef NUDGE_BASE_RANDOM_H
#define NUDGE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum random_purpose {
    RANDOM_INIT = 1,     /* initial weights */
    RANDOM_SHUFFLE = 2,  /* the order of the examples in an epoch */
    RANDOM_SPLIT = 3,    /* which examples validate */
    RANDOM_GENERATE = 4, /* built-in data sets */
    RANDOM_CHECK = 5,    /* which parameters a gradient check looks at */
    RANDOM_DROPOUT = 6,
    RANDOM_PLANE = 7, /* directions through parameter space */
};

struct random_stream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t output[4];
    unsigned used; /* how many of output[] are spent; 4 means: draw the next block */
};

/* The bijection itself: ten rounds on `counter` under `key`; checked against the published vectors. */
void philox4x32_10(uint32_t output[4], const uint32_t counter[4], const uint32_t key[2]);

/* A stream at its beginning. `layer` < 65536. */
struct random_stream random_stream_make(uint64_t seed, enum random_purpose purpose, uint32_t layer,
                                        uint32_t when, uint32_t which);

uint32_t random_u32(struct random_stream *stream);

/* Uniform in [0, 1): a multiple of 2^-24, exact in f32. */
float random_uniform(struct random_stream *stream);

/* Uniform in [low, high]; rounding may reach high. */
float random_between(struct random_stream *stream, float low, float high);

/* Uniform among 0 .. limit-1, without bias (Lemire 2019); limit > 0. */
uint32_t random_below(struct random_stream *stream, uint32_t limit);

/* Standard normal by Box and Muller (1958), f32: |x| < 5.8. */
float random_normal(struct random_stream *stream);

#endif
