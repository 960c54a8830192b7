/* What stands between the columns of the data and the network: x' = (g(x) - shift) factor for every input, and y' of a
 * regression's targets in the same way. It is fitted on training rows (learn/fit.c) and kept in the net.
 *
 *     age 22, 38, 26: mean 28.7, sd 6.8    shift 28.7, factor 1/6.8    22 -> -0.98
 *
 * g(x) = x; of scale `log` g(x) = sign(x) ln(1 + |x|). A missing x, NaN, counts as `fill`.
 * Invariant: all numbers are finite, but low and high, which are NaN where they are not known. */
#ifndef NUDGE_NET_TRANSFORM_H
#define NUDGE_NET_TRANSFORM_H

#include "base/memory.h"
#include "engine/engine.h"

struct transform {
    size_t count; /* of inputs, or outputs; 0: none was fitted or set */
    bool alike;   /* all have the same shift and factor, and none has a log or a missing value */
    bool logs;    /* some have a log */
    bool misses;  /* values may be missing, as in tables */
    float *shift, *factor, *fill, *low, *high; /* [count] each, in one block */
    uint8_t *log;                              /* [count], 0 or 1 */
    uint8_t *scale;                            /* [count], nudge_scale: how it was chosen */
};

/* x' = x for all. */
nudge_status transform_make(struct transform *transform, const nudge_allocator *allocator, size_t count,
                            nudge_error *error);
void transform_release(struct transform *transform, const nudge_allocator *allocator);
nudge_status transform_copy(struct transform *to, const struct transform *from,
                            const nudge_allocator *allocator, nudge_error *error);

/* Whether the network sees the same of every x. */
bool transform_same(const struct transform *a, const struct transform *b);

/* To be called when numbers or `misses` have been changed: fills alike and logs. */
void transform_settle(struct transform *transform);

/* out[i] = x'[i] for `count` columns from `first` on. Where nothing was fitted, u8 are pixels, x / 255, and f32 stay. */
void transform_apply(const struct transform *transform, const struct engine_verbs *verbs, void *out,
                     nudge_type type, const void *in, size_t first, size_t count);

/* y from y' for a row of all outputs, in place. */
void transform_undo(const struct transform *transform, float *row);

#endif
