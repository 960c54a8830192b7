/* The machine's own limits, each printed as one line of JSON. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include "worker.h"

/* Floating-point operations per second of all threads, by fused multiply-adds in f32. */
void peak_fma(const struct workload *workload);

/* The products of a training step (mode "products") or of a prediction (mode "products-forward") with bare
 * oneDNN primitives, in the layouts that oneDNN asks for. */
void peak_products(const struct workload *workload);

/* Bytes per second of a[i] = b[i] + s c[i] over arrays larger than any cache. */
void peak_memory(const struct workload *workload);

/* Seconds of the bare update of all parameters of the network: w -= η g, or Adam's. */
void peak_update(const struct workload *workload);

#endif
