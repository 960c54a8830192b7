/* peak: the machine's own limits, to see how near nudge comes.
 *
 *     peak --mode fma --threads 2          multiply-adds in f32: what no product can pass
 *     peak --mode products --sizes 784-512-512-10 --batch 128 --precision f32 --threads 2
 *                                          bare products, where oneDNN 2 is installed
 *     peak --mode products-forward ...     the forward products alone
 *     peak --mode memory --threads 2       memory bandwidth
 *     peak --mode update --sizes ... --optimizer adam --threads 2
 *
 * Loops here are compiled for the CPU that they run on (-march=native); nothing of nudge is in them. */
#include "peak.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

/* Repeats `run` for `seconds` after a warm-up; the shortest time of one run. */
static double shortest(void (*run)(void *state), void *state, const struct workload *workload) {
    double best = INFINITY, begin = now_seconds(), end = begin + workload->warmup + workload->seconds;
    for (double start = begin; start < end;) {
        run(state);
        double stop = now_seconds();
        if (start >= begin + workload->warmup && stop - start < best) best = stop - start;
        start = stop;
    }
    return best;
}

/* -- multiply-adds -- */

enum { CHAINS = 24, LANES = 16, TURNS = 200000 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Every thread on chains of its own, as many as hide the time that one multiply-add takes; the compiler fuses them. */
static void multiply_add(void *state) {
    (void)state;
#pragma omp parallel
    {
        lanes sums[CHAINS], factor, term;
        for (int l = 0; l < LANES; l++) factor[l] = 0.999f, term[l] = 1e-3f;
        for (int c = 0; c < CHAINS; c++) sums[c] = term * (float)c;
        __asm__ volatile("" : "+m"(factor), "+m"(term)); /* not known when this is compiled */
        for (int turn = 0; turn < TURNS; turn++) {
#pragma GCC unroll 24
            for (int c = 0; c < CHAINS; c++) sums[c] = sums[c] * factor + term;
        }
        for (int c = 0; c < CHAINS; c++) __asm__ volatile("" : "+m"(sums[c])); /* wanted */
    }
}

void peak_fma(const struct workload *workload) {
    double seconds = shortest(multiply_add, NULL, workload), threads = omp_get_max_threads();
    printf("{\"program\": \"peak\", \"mode\": \"fma\", \"threads\": %d, \"flops_per_second\": %.6g}\n",
           omp_get_max_threads(), 2.0 * LANES * CHAINS * TURNS * threads / seconds);
}

/* -- memory -- */

struct arrays {
    size_t count;
    float *a, *b, *c, *d;
};

/* Each thread touches first what it will work on. */
static float *array_make(size_t count, float value) {
    float *array = bench_memory(count * sizeof *array);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) array[i] = value;
    return array;
}

static void triad(void *state) {
    const struct arrays *arrays = state;
    float *restrict a = arrays->a;
    const float *restrict b = arrays->b, *restrict c = arrays->c;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < arrays->count; i++) a[i] = b[i] + 3 * c[i];
}

void peak_memory(const struct workload *workload) {
    enum { MEBIBYTES = 256 }; /* each array: several times the last cache of any machine this is run on */
    struct arrays arrays = {.count = (size_t)MEBIBYTES << 18};
    arrays.a = array_make(arrays.count, 0);
    arrays.b = array_make(arrays.count, 1);
    arrays.c = array_make(arrays.count, 2);
    double seconds = shortest(triad, &arrays, workload);
    printf("{\"program\": \"peak\", \"mode\": \"memory\", \"threads\": %d, \"bytes_per_second\": %.6g}\n",
           omp_get_max_threads(), 12.0 * (double)arrays.count / seconds);
}

/* -- the update -- */

static void update_sgd(void *state) {
    const struct arrays *arrays = state;
    float *restrict w = arrays->a;
    const float *restrict g = arrays->b;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < arrays->count; i++) w[i] -= 1e-9f * g[i];
}

static void update_adam(void *state) {
    const struct arrays *arrays = state;
    float *restrict w = arrays->a, *restrict m = arrays->c, *restrict v = arrays->d;
    const float *restrict g = arrays->b;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < arrays->count; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
        w[i] -= 1e-9f * m[i] / (sqrtf(v[i]) + 1e-8f);
    }
}

void peak_update(const struct workload *workload) {
    bool adam = !strcmp(workload->optimizer, "adam");
    struct arrays arrays = {0};
    for (size_t l = 1; l <= workload->layers; l++)
        arrays.count += workload->sizes[l] * (workload->sizes[l - 1] + 1);
    arrays.a = array_make(arrays.count, 1);
    arrays.b = array_make(arrays.count, 1e-3f);
    arrays.c = array_make(arrays.count, 1e-3f);
    arrays.d = array_make(arrays.count, 1e-6f);
    double seconds = shortest(adam ? update_adam : update_sgd, &arrays, workload);
    double bytes = 4.0 * (adam ? 7 : 3) * (double)arrays.count; /* read and written, f32 */
    printf("{\"program\": \"peak\", \"mode\": \"update\", \"optimizer\": \"%s\", \"threads\": %d, "
           "\"parameters\": %zu, \"seconds_per_step\": %.6g, \"bytes_per_second\": %.6g}\n",
           adam ? "adam" : "sgd", omp_get_max_threads(), arrays.count, seconds, bytes / seconds);
}

int main(int count, char **arguments) {
    struct workload workload;
    workload_parse(&workload, count, arguments);
    if (workload.threads) omp_set_num_threads((int)workload.threads);
    if (!strcmp(workload.mode, "fma"))
        peak_fma(&workload);
    else if (!strcmp(workload.mode, "memory"))
        peak_memory(&workload);
    else if (!strcmp(workload.mode, "update"))
        peak_update(&workload);
    else
#ifdef BENCH_ONEDNN
        peak_products(&workload);
#else
        workload_skip("peak", "built without oneDNN 2 (Debian 12: libdnnl-dev; Debian 13 has version 3, "
                              "whose interface is another)");
#endif
    return 0;
}
