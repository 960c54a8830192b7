/* products: nudge's own products, one thread, beside what the core can do: independent chains of fused multiply-adds,
 * measured in turn with them.
 *
 *     products [--seconds 1]          784-512, 512-512, 2500-2000, .. with mini-batches of 128 and 256
 *
 * Reaches into the library (src/engine), as no user can. Compiled for the CPU that it runs on (-march=native). */
#include "base/context.h"
#include "engine/bf16.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>

static const size_t shapes[][3] = {
    {128, 784, 512}, {128, 512, 512}, {256, 784, 2500}, {256, 2500, 2000}, {256, 2000, 1500}};

struct arrays {
    struct dense_shape shape;
    size_t rows, room;
    float *x, *y, *w, *b, *dw, *scratch;
    uint16_t *x16, *w16, *xt16, *d16;
    const struct engine_verbs *verbs;
    const struct bf16_kernel *kernel;
};

/* -- the core -- */

enum { CHAINS = 24, LANES = 16 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Small chains that the compiler cannot take apart; it makes them fused multiply-adds. */
static double fma_flops(void) {
    lanes sums[CHAINS], factor, term;
    for (int l = 0; l < LANES; l++) factor[l] = 0.999f, term[l] = 1e-3f;
    for (int c = 0; c < CHAINS; c++) sums[c] = term * (float)c;
    __asm__ volatile("" : "+m"(factor), "+m"(term));
    enum { TURNS = 200000 };
    double begin = now_seconds();
    for (int turn = 0; turn < TURNS; turn++) {
#pragma GCC unroll 24
        for (int c = 0; c < CHAINS; c++) sums[c] = sums[c] * factor + term;
    }
    double seconds = now_seconds() - begin;
    for (int c = 0; c < CHAINS; c++) __asm__ volatile("" : "+m"(sums[c]));
    return 2.0 * LANES * CHAINS * TURNS / seconds;
}

/* -- the products -- */

static void forward(struct arrays *a) {
    a->verbs->dense_forward(&a->shape, a->rows, a->y, a->x, a->w, a->b, 0, a->shape.outputs);
}
static void data(struct arrays *a) {
    a->verbs->dense_backward_data(&a->shape, a->rows, a->x, a->y, a->w, 0, a->shape.inputs, a->scratch);
}
/* From panels of rows, as a plan that goes layer by layer has them, share by share into the same memory. */
static void weights(struct arrays *a) {
    for (size_t o = 0; o < a->shape.outputs; o += 64)
        for (size_t i = 0; i < a->shape.inputs; i += 64)
            a->verbs->dense_backward_weights(&a->shape, a->rows, a->dw + o * a->shape.input_stride + i * 64,
                                             a->y + o * a->rows, 64, a->x + i * a->rows, 64, o,
                                             a->shape.inputs - i < 64 ? a->shape.inputs - i : 64, false);
}
static void forward16(struct arrays *a) {
    size_t terms = bf16_round_up(a->shape.inputs);
    a->kernel->begin();
    for (size_t o = 0; o < a->shape.outputs; o += 64) {
        size_t rest = a->shape.output_stride - o;
        struct bf16_product product = {a->y + o,
                                       a->shape.output_stride,
                                       a->x16,
                                       terms,
                                       a->w16 + o * terms,
                                       64,
                                       a->rows,
                                       rest < 64 ? rest : 64,
                                       terms,
                                       BF16_ROW,
                                       a->b + o};
        a->kernel->product(&product);
    }
    a->kernel->end();
}
/* Share by share into the same memory, as a plan that updates has them. */
static void weights16(struct arrays *a) {
    a->kernel->begin();
    for (size_t o = 0; o < a->shape.outputs; o += 64)
        for (size_t i = 0; i < a->shape.inputs; i += 64) {
            size_t rest = a->shape.output_stride - o, inputs = a->shape.inputs - i;
            struct bf16_product product = {a->dw,
                                           64,
                                           a->xt16 + i * a->room,
                                           a->room,
                                           a->d16 + o * a->room,
                                           64,
                                           inputs < 64 ? inputs : 64,
                                           rest < 64 ? rest : 64,
                                           a->room,
                                           BF16_ZERO,
                                           NULL};
            a->kernel->product(&product);
        }
    a->kernel->end();
}

/* The library's own memory: in large pages, where the system has them. */
static nudge_allocator allocator;

static float *floats(size_t count) {
    float *numbers = memory_get(&allocator, count * sizeof *numbers);
    if (!numbers) worker_fail("products", "out of memory");
    for (size_t i = 0; i < count; i++) numbers[i] = (float)bench_pixel(5 * i) / 256 - 0.5f;
    return numbers;
}

static uint16_t *halves(size_t count) {
    uint16_t *numbers = memory_get(&allocator, count * sizeof *numbers);
    if (!numbers) worker_fail("products", "out of memory");
    for (size_t i = 0; i < count; i++) numbers[i] = (uint16_t)(0x3F00 + bench_pixel(5 * i) / 2);
    return numbers;
}

static struct arrays make(const nudge_context *context, const size_t shape[3]) {
    size_t n = shape[0], K = shape[1], M = shape[2], K64 = size_round_up(K, 64), M64 = size_round_up(M, 64);
    struct arrays a = {.rows = n,
                       .room = bf16_round_up(n),
                       .verbs = engine_verbs(context, REAL_F32),
                       .kernel = context->bf16};
    a.shape = (struct dense_shape){K, M, lane_round_up(K), lane_round_up(M)};
    a.x = floats(n * K64), a.y = floats(n * M64), a.w = floats(K64 * M64), a.dw = floats(K64 * M64),
    a.b = floats(M64);
    a.scratch = floats(PACKED_INPUTS * M64);
    a.x16 = halves(a.room * K64), a.w16 = halves(K64 * M64), a.xt16 = halves(K64 * a.room),
    a.d16 = halves(a.room * M64);
    return a;
}

static void measure(const char *name, void (*run)(struct arrays *), struct arrays *a, double seconds) {
    double flops = 2.0 * (double)a->rows * (double)a->shape.inputs * (double)a->shape.outputs, best = 0,
           peak = 0;
    for (double end = now_seconds() + seconds; now_seconds() < end;) {
        double core = fma_flops(), begin = now_seconds();
        run(a);
        double speed = flops / (now_seconds() - begin);
        best = speed > best ? speed : best;
        peak = core > peak ? core : peak;
    }
    printf("%-14s %4zu x %4zu -> %4zu  %7.1f GFLOP/s  %6.1f %% of %.1f\n", name, a->rows, a->shape.inputs,
           a->shape.outputs, best * 1e-9, 100 * best / peak, peak * 1e-9);
    fflush(stdout);
}

static nudge_context *open_context(nudge_precision precision) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    nudge_error error = {0};
    options.engine = NUDGE_ENGINE_NATIVE;
    options.precision = precision;
    options.threads = 1;
    if (nudge_context_create(&options, &context, &error)) printf("%s\n", error.message);
    return context;
}

int main(int count, char **arguments) {
    struct workload workload;
    workload_parse(&workload, count, arguments);
    allocator = memory_allocator(NULL);
    nudge_context *f32 = open_context(NUDGE_PRECISION_F32), *bf16 = open_context(NUDGE_PRECISION_BF16);
    for (size_t i = 0; f32 && i < sizeof shapes / sizeof *shapes; i++) {
        struct arrays a = make(bf16 ? bf16 : f32, shapes[i]); /* kept until the end of the process */
        measure("forward", forward, &a, workload.seconds);
        measure("backward data", data, &a, workload.seconds);
        measure("weights", weights, &a, workload.seconds);
        if (!bf16) continue;
        char name[40];
        snprintf(name, sizeof name, "%s forward", a.kernel->name);
        measure(name, forward16, &a, workload.seconds);
        snprintf(name, sizeof name, "%s weights", a.kernel->name);
        measure(name, weights16, &a, workload.seconds);
    }
    return f32 ? 0 : 1;
}
