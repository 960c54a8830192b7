/* The products of one step with bare oneDNN primitives: forward, backward data (not of layer 1) and backward
 * weights with the bias gradient, as oneDNN's inner product. Invariant: every tensor is in the layout that
 * its primitive asked for ("any"), so no time goes into reorders; buffers are shared as in a real step, so
 * caches see what they would see. */
#include "peak.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <string.h>

enum pass { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, PASSES };
static const char *const pass_names[] = {"forward", "backward_data", "backward_weights"};

struct product {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[4];
    int argument_count;
    enum pass pass;
    size_t layer;
    double flops, best; /* seconds */
};

struct layer {
    dnnl_primitive_desc_t descriptions[PASSES];
    void *weights, *weight_gradient, *bias, *bias_gradient;
};

struct step {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    const struct workload *workload;
    struct layer layers[LAYERS_MOST + 1];
    void *activations[LAYERS_MOST + 1], *deltas[LAYERS_MOST + 1];
    struct product products[PASSES * LAYERS_MOST];
    size_t count;
};

static void must(dnnl_status_t status) {
    if (status) workload_skip("peak", "oneDNN has no such product for this CPU");
}

static dnnl_memory_desc_t matrix(size_t rows, size_t columns, dnnl_data_type_t type) {
    dnnl_memory_desc_t description;
    dnnl_dims_t sizes = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    must(dnnl_memory_desc_init_by_tag(&description, 2, sizes, type, dnnl_format_tag_any));
    return description;
}

/* Descriptions of the three products of a layer [K] -> [M] on n rows. */
static void describe(struct step *step, size_t l) {
    const struct workload *workload = step->workload;
    dnnl_data_type_t type = strcmp(workload->precision, "bf16") ? dnnl_f32 : dnnl_bf16;
    size_t n = workload->batch, K = workload->sizes[l - 1], M = workload->sizes[l];
    dnnl_memory_desc_t x = matrix(n, K, type), w = matrix(M, K, type), y = matrix(n, M, type), b;
    dnnl_memory_desc_t dw = matrix(M, K, dnnl_f32);
    dnnl_dims_t outputs = {(dnnl_dim_t)M};
    must(dnnl_memory_desc_init_by_tag(&b, 1, outputs, dnnl_f32, dnnl_a));

    dnnl_primitive_desc_t *made = step->layers[l].descriptions;
    dnnl_inner_product_desc_t wish;
    must(dnnl_inner_product_forward_desc_init(&wish, dnnl_forward_training, &x, &w, &b, &y));
    must(dnnl_primitive_desc_create(&made[FORWARD], &wish, NULL, step->engine, NULL));
    must(dnnl_inner_product_backward_data_desc_init(&wish, &x, &w, &y));
    must(dnnl_primitive_desc_create(&made[BACKWARD_DATA], &wish, NULL, step->engine, made[FORWARD]));
    must(dnnl_inner_product_backward_weights_desc_init(&wish, &x, &dw, &b, &y));
    must(dnnl_primitive_desc_create(&made[BACKWARD_WEIGHTS], &wish, NULL, step->engine, made[FORWARD]));
}

/* Small numbers of both signs, away from denormals, in the type of the buffer's user. */
static void *buffer(size_t elements, double scale, bool bf16) {
    /* Blocked layouts pad to at most 64 in both directions; 4 bytes serve both types. */
    float *values = bench_memory(elements * sizeof *values);
    uint16_t *halves = (uint16_t *)values;
    for (size_t i = 0; i < elements; i++) {
        float value =
            (float)(scale * ((double)bench_pixel(5 * i) + 1) / 256) * (bench_class(i, 2) ? 1.f : -1.f);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (bf16)
            halves[i] = (uint16_t)(bits >> 16);
        else
            values[i] = value;
    }
    return values;
}

static size_t padded(size_t n) {
    return (n + 63) / 64 * 64;
}

static void make_buffers(struct step *step) {
    const struct workload *workload = step->workload;
    bool bf16 = !strcmp(workload->precision, "bf16");
    size_t n = padded(workload->batch);
    for (size_t l = 0; l <= workload->layers; l++) {
        size_t M = padded(workload->sizes[l]);
        step->activations[l] = buffer(n * M, 1, bf16);
        step->deltas[l] = buffer(n * M, 1e-2, bf16);
        if (l == 0) continue;
        size_t K = padded(workload->sizes[l - 1]);
        step->layers[l].weights = buffer(M * K, 1.0 / (double)K, bf16);
        step->layers[l].weight_gradient = buffer(M * K, 1, false);
        step->layers[l].bias = buffer(M, 0.1, false);
        step->layers[l].bias_gradient = buffer(M, 0.1, false);
    }
}

static void bind(struct step *step, struct product *product, int name, dnnl_query_t tensor, int index,
                 void *data) {
    dnnl_primitive_desc_t description = step->layers[product->layer].descriptions[product->pass];
    dnnl_exec_arg_t *argument = &product->arguments[product->argument_count++];
    argument->arg = name;
    must(dnnl_memory_create(&argument->memory, dnnl_primitive_desc_query_md(description, tensor, index),
                            step->engine, data));
}

static void add_product(struct step *step, enum pass pass, size_t l) {
    const struct workload *workload = step->workload;
    struct layer *layer = &step->layers[l];
    struct product *product = &step->products[step->count++];
    *product = (struct product){.pass = pass, .layer = l, .best = 1e30};
    product->flops =
        2.0 * (double)workload->batch * (double)workload->sizes[l - 1] * (double)workload->sizes[l];
    must(dnnl_primitive_create(&product->primitive, layer->descriptions[pass]));
    void *x = step->activations[l - 1], *y = step->activations[l];
    void *dx = step->deltas[l - 1], *dy = step->deltas[l];
    switch (pass) {
    case FORWARD: /* y = x wᵀ + b */
        bind(step, product, DNNL_ARG_SRC, dnnl_query_src_md, 0, x);
        bind(step, product, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0, layer->weights);
        bind(step, product, DNNL_ARG_BIAS, dnnl_query_weights_md, 1, layer->bias);
        bind(step, product, DNNL_ARG_DST, dnnl_query_dst_md, 0, y);
        break;
    case BACKWARD_DATA: /* dx = dy w */
        bind(step, product, DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, 0, dx);
        bind(step, product, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0, layer->weights);
        bind(step, product, DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0, dy);
        break;
    default: /* dw = dyᵀ x, db = Σ dy */
        bind(step, product, DNNL_ARG_SRC, dnnl_query_src_md, 0, x);
        bind(step, product, DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, 0, layer->weight_gradient);
        bind(step, product, DNNL_ARG_DIFF_BIAS, dnnl_query_diff_weights_md, 1, layer->bias_gradient);
        bind(step, product, DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0, dy);
        break;
    }
}

/* In the order of a step: forward from the first layer, backward from the last. */
static void make_products(struct step *step) {
    size_t L = step->workload->layers;
    bool whole = strcmp(step->workload->mode, "products-forward");
    for (size_t l = 1; l <= L; l++) add_product(step, FORWARD, l);
    for (size_t l = L; whole && l >= 1; l--) {
        add_product(step, BACKWARD_WEIGHTS, l);
        if (l > 1) add_product(step, BACKWARD_DATA, l);
    }
}

/* Runs all products once; the seconds it took. Notes each product's best time. */
static double run(struct step *step, bool each) {
    double begin = now_seconds(), before = begin;
    for (size_t i = 0; i < step->count; i++) {
        struct product *product = &step->products[i];
        must(dnnl_primitive_execute(product->primitive, step->stream, product->argument_count,
                                    product->arguments));
        if (!each) continue;
        double after = now_seconds();
        if (after - before < product->best) product->best = after - before;
        before = after;
    }
    return now_seconds() - begin;
}

static void print(const struct step *step, double mean, double best) {
    const struct workload *workload = step->workload;
    double flops = 0;
    for (size_t i = 0; i < step->count; i++) flops += step->products[i].flops;
    printf("{\"program\": \"peak\", \"mode\": \"%s\", \"sizes\": \"", workload->mode);
    for (size_t l = 0; l <= workload->layers; l++) printf("%s%zu", l ? "-" : "", workload->sizes[l]);
    printf("\", \"batch\": %zu, \"precision\": \"%s\", \"threads\": %d, \"flops\": %.9g, "
           "\"seconds_per_step\": %.6g, \"best_seconds\": %.6g, \"gflops\": %.5g, \"products\": [",
           workload->batch, workload->precision, omp_get_max_threads(), flops, mean, best,
           flops / mean * 1e-9);
    for (size_t i = 0; i < step->count; i++) {
        const struct product *product = &step->products[i];
        printf("%s{\"pass\": \"%s\", \"inputs\": %zu, \"outputs\": %zu, \"seconds\": %.4g, \"gflops\": %.4g}",
               i ? ", " : "", pass_names[product->pass], workload->sizes[product->layer - 1],
               workload->sizes[product->layer], product->best, product->flops / product->best * 1e-9);
    }
    printf("]}\n");
}

void peak_products(const struct workload *workload) {
    struct step step = {.workload = workload};
    must(dnnl_engine_create(&step.engine, dnnl_cpu, 0));
    must(dnnl_stream_create(&step.stream, step.engine, dnnl_stream_default_flags));
    for (size_t l = 1; l <= workload->layers; l++) describe(&step, l);
    make_buffers(&step);
    make_products(&step);

    for (double end = now_seconds() + workload->warmup; now_seconds() < end;) run(&step, true);
    double best = 1e30, begin = now_seconds(), seconds = 0;
    size_t steps = 0;
    for (; seconds < workload->seconds; seconds = now_seconds() - begin, steps++) {
        double once = run(&step, false);
        if (once < best) best = once;
    }
    print(&step, seconds / (double)steps, best);
}
