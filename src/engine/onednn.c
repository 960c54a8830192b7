/* The oneDNN engine (https://github.com/oneapi-src/oneDNN, C API of version 2): dense layers' products as its
 * inner_product primitives, everything else as on the portable engine. Invariant: only kernels made for
 * matrices in our layout are accepted (oneDNN calls them brgemm); with any other the engine has nothing to
 * offer for that shape, and the verbs do the work.
 *
 * oneDNN's I16O64 for a weight [O][I] is our panel of 64 outputs, its I8O64I2 in bf16 our pairs in the same
 * panel; with the padded numbers of inputs and outputs as sizes the strides agree, too. */
#include "engine/onednn.h"

#include "base/status.h"

#include <oneapi/dnnl/dnnl.h>
#include <string.h>

/* OpenMP's interface, for compilers without OpenMP of their own. */
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

struct primitive {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[6];
    int argument_count;
};

enum { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, PRIMITIVES };
enum { BUFFERS = 9, MEMORIES = BUFFERS + PRIMITIVES };

struct product {
    nudge_allocator allocator;
    int threads;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct primitive primitives[PRIMITIVES];
    dnnl_memory_t memories[MEMORIES];
    int memory_count;
    dnnl_memory_t dw, db; /* of memories: where they are is said at every call */
    void *scratch; /* of the primitives, in turn */
    size_t scratch_bytes;
    size_t weight_inputs; /* rows of a panel of w, padding included */
};

/* -- what there is -- */

bool onednn_available(void) {
    const dnnl_version_t *version = dnnl_version();
    return version->major == DNNL_VERSION_MAJOR && version->cpu_runtime == DNNL_RUNTIME_OMP;
}

bool onednn_has_bf16(void) {
    __builtin_cpu_init();
    return onednn_available() && __builtin_cpu_supports("avx512bf16");
}

/* -- layouts -- */

static dnnl_memory_desc_t rows_of(size_t rows, size_t columns, dnnl_data_type_t type) {
    dnnl_memory_desc_t desc;
    dnnl_memory_desc_init_by_tag(&desc, 2, (dnnl_dims_t){(dnnl_dim_t)rows, (dnnl_dim_t)columns}, type,
                                 dnnl_ab);
    return desc;
}

static dnnl_memory_desc_t bias_of(size_t outputs) {
    dnnl_memory_desc_t desc;
    dnnl_memory_desc_init_by_tag(&desc, 1, (dnnl_dims_t){(dnnl_dim_t)outputs}, dnnl_f32, dnnl_a);
    return desc;
}

static dnnl_memory_desc_t any_weight(size_t outputs, size_t inputs, dnnl_data_type_t type) {
    dnnl_memory_desc_t desc;
    dnnl_memory_desc_init_by_tag(&desc, 2, (dnnl_dims_t){(dnnl_dim_t)outputs, (dnnl_dim_t)inputs}, type,
                                 dnnl_format_tag_any);
    return desc;
}

/* The inner blocks, one behind the other, must be ours: inputs, outputs of one panel, and in bf16 pairs of
 * inputs. */
static bool is_panels(const dnnl_memory_desc_t *desc, size_t outputs, size_t inputs, bool bf16) {
    const dnnl_blocking_desc_t *blocks = &desc->format_desc.blocking;
    dnnl_dim_t panel = (dnnl_dim_t)weight_panel(outputs);
    if (desc->format_kind != dnnl_blocked || blocks->inner_nblks != (bf16 ? 3 : 2)) return false;
    dnnl_dim_t block = blocks->inner_blks[0] * (bf16 ? 2 : 1);
    dnnl_dim_t padded = ((dnnl_dim_t)inputs + block - 1) / block * block;
    return blocks->inner_idxs[0] == 1 && blocks->inner_idxs[1] == 0 && blocks->inner_blks[1] == panel &&
           (!bf16 || (blocks->inner_idxs[2] == 1 && blocks->inner_blks[2] == 2)) &&
           blocks->strides[1] == block * panel && blocks->strides[0] == padded * panel && desc->offset0 == 0;
}

/* -- making -- */

static dnnl_memory_t add_memory(struct product *product, const dnnl_memory_desc_t *desc, const void *place) {
    dnnl_memory_t memory = NULL;
    if (dnnl_memory_create(&memory, desc, product->engine, (void *)place) != dnnl_success) return NULL;
    product->memories[product->memory_count++] = memory;
    return memory;
}

static void add_argument(struct primitive *primitive, int name, dnnl_memory_t memory) {
    primitive->arguments[primitive->argument_count++] = (dnnl_exec_arg_t){name, memory};
}

/* Makes one primitive from its description, when it is one of the fast kind, and notes the scratch memory it
 * needs. */
static nudge_status add_primitive(struct product *product, int which, const dnnl_inner_product_desc_t *desc,
                                  const_dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *made,
                                  nudge_error *error) {
    dnnl_primitive_attr_t attributes = NULL;
    const char *kernel = "";
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(made, desc, attributes, product->engine, hint);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    if (status == dnnl_out_of_memory) return error_set(error, NUDGE_NO_MEMORY, "oneDNN: out of memory");
    if (status != dnnl_success) return error_set(error, NUDGE_UNSUPPORTED, "oneDNN has no such product");
    dnnl_primitive_desc_query(*made, dnnl_query_impl_info_str, 0, &kernel);
    if (!strstr(kernel, "brgemm"))
        return error_set(error, NUDGE_UNSUPPORTED, "oneDNN has only \"%s\" for this product", kernel);
    size_t scratch =
        dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(*made, dnnl_query_scratchpad_md, 0));
    if (scratch > product->scratch_bytes) product->scratch_bytes = scratch;
    status = dnnl_primitive_create(&product->primitives[which].primitive, *made);
    return status == dnnl_success ? NUDGE_OK : error_set(error, NUDGE_NO_MEMORY, "oneDNN: out of memory");
}

struct making {
    struct product *product;
    const struct product_request *request;
    size_t inputs, outputs; /* with padding */
    dnnl_primitive_desc_t descs[PRIMITIVES];
};

static nudge_status make_primitives(struct making *making, nudge_error *error) {
    const struct product_request *request = making->request;
    dnnl_data_type_t type = request->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t x = rows_of(request->rows, making->inputs, type),
                       dx = rows_of(request->rows, making->inputs, dnnl_f32),
                       y = rows_of(request->rows, making->outputs, dnnl_f32),
                       d = rows_of(request->rows, making->outputs, type),
                       w = any_weight(making->outputs, making->inputs, type),
                       dw = any_weight(making->outputs, making->inputs, dnnl_f32),
                       b = bias_of(making->outputs);
    dnnl_inner_product_desc_t desc;
    dnnl_primitive_desc_t *descs = making->descs;
    dnnl_prop_kind_t kind = request->train ? dnnl_forward_training : dnnl_forward_inference;
    dnnl_inner_product_forward_desc_init(&desc, kind, &x, &w, &b, &y);
    nudge_status status = add_primitive(making->product, FORWARD, &desc, NULL, &descs[FORWARD], error);
    if (!status && request->train) {
        dnnl_inner_product_backward_weights_desc_init(&desc, &x, &dw, &b, &d);
        status = add_primitive(making->product, BACKWARD_WEIGHTS, &desc, descs[FORWARD],
                               &descs[BACKWARD_WEIGHTS], error);
    }
    if (!status && request->data) {
        dnnl_inner_product_backward_data_desc_init(&desc, &dx, &w, &d);
        status = add_primitive(making->product, BACKWARD_DATA, &desc, descs[FORWARD], &descs[BACKWARD_DATA],
                               error);
    }
    return status;
}

static nudge_status check_layouts(const struct making *making, nudge_error *error) {
    static const dnnl_query_t asked[] = {dnnl_query_weights_md, dnnl_query_weights_md,
                                         dnnl_query_diff_weights_md};
    for (int i = 0; i < PRIMITIVES; i++) {
        if (!making->descs[i]) continue;
        const dnnl_memory_desc_t *desc = dnnl_primitive_desc_query_md(making->descs[i], asked[i], 0);
        bool bf16 = making->request->bf16 && i != BACKWARD_WEIGHTS;
        if (!is_panels(desc, making->outputs, making->inputs, bf16))
            return error_set(error, NUDGE_UNSUPPORTED, "oneDNN lays this weight out in another way");
        if (i == FORWARD)
            making->product->weight_inputs =
                (size_t)desc->format_desc.blocking.strides[0] / weight_panel(making->outputs);
    }
    return NUDGE_OK;
}

/* Every buffer is a memory object of its own, made for the place where it stays; those of the gradients for
 * none yet. */
static nudge_status bind(struct making *making, nudge_error *error) {
    struct product *product = making->product;
    const struct product_request *request = making->request;
    const struct {
        int primitive, name, index;
        dnnl_query_t what;
        const void *place;
    } buffers[] = {
        {FORWARD, DNNL_ARG_SRC, 0, dnnl_query_src_md, request->x},
        {FORWARD, DNNL_ARG_WEIGHTS, 0, dnnl_query_weights_md, request->w},
        {FORWARD, DNNL_ARG_BIAS, 1, dnnl_query_weights_md, request->b},
        {FORWARD, DNNL_ARG_DST, 0, dnnl_query_dst_md, request->y},
        {BACKWARD_DATA, DNNL_ARG_DIFF_DST, 0, dnnl_query_diff_dst_md, request->d},
        {BACKWARD_DATA, DNNL_ARG_DIFF_SRC, 0, dnnl_query_diff_src_md, request->dx},
        {BACKWARD_WEIGHTS, DNNL_ARG_DIFF_DST, 0, dnnl_query_diff_dst_md, request->d},
        {BACKWARD_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS, 0, dnnl_query_diff_weights_md, NULL},
        {BACKWARD_WEIGHTS, DNNL_ARG_DIFF_BIAS, 1, dnnl_query_diff_weights_md, NULL},
    };
    for (size_t i = 0; i < BUFFERS; i++) {
        struct primitive *primitive = &product->primitives[buffers[i].primitive];
        if (!primitive->primitive) continue;
        const dnnl_memory_desc_t *desc = dnnl_primitive_desc_query_md(making->descs[buffers[i].primitive],
                                                                      buffers[i].what, buffers[i].index);
        dnnl_memory_t memory = add_memory(product, desc, buffers[i].place);
        if (!memory) return error_set(error, NUDGE_NO_MEMORY, "oneDNN: out of memory");
        add_argument(primitive, buffers[i].name, memory);
        if (buffers[i].name == DNNL_ARG_DIFF_WEIGHTS) product->dw = memory;
        if (buffers[i].name == DNNL_ARG_DIFF_BIAS) product->db = memory;
    }
    /* Shared between the primitives: x and w as forward has them. */
    struct primitive *primitives = product->primitives;
    if (request->train) add_argument(&primitives[BACKWARD_WEIGHTS], DNNL_ARG_SRC, product->memories[0]);
    if (request->data) add_argument(&primitives[BACKWARD_DATA], DNNL_ARG_WEIGHTS, product->memories[1]);
    return NUDGE_OK;
}

/* The primitives run one after the other: one piece of scratch memory serves all. */
static nudge_status bind_scratch(struct making *making, nudge_error *error) {
    struct product *product = making->product;
    if (product->scratch_bytes == 0) return NUDGE_OK;
    product->scratch = memory_get(&product->allocator, product->scratch_bytes);
    if (!product->scratch)
        return error_no_memory(error, product->scratch_bytes, "a product's scratch memory");
    for (int i = 0; i < PRIMITIVES; i++) {
        if (!making->descs[i]) continue;
        const dnnl_memory_desc_t *desc =
            dnnl_primitive_desc_query_md(making->descs[i], dnnl_query_scratchpad_md, 0);
        if (dnnl_memory_desc_get_size(desc) == 0) continue;
        dnnl_memory_t memory = add_memory(product, desc, product->scratch);
        if (!memory) return error_set(error, NUDGE_NO_MEMORY, "oneDNN: out of memory");
        add_argument(&product->primitives[i], DNNL_ARG_SCRATCHPAD, memory);
    }
    return NUDGE_OK;
}

/* oneDNN takes the number of threads from OpenMP, when a primitive is made and when it runs. */
static int threads_begin(int threads) {
    int before = omp_get_max_threads();
    if (before != threads) omp_set_num_threads(threads);
    return before;
}
static void threads_end(int before, int threads) {
    if (before != threads) omp_set_num_threads(before);
}

static nudge_status make(struct making *making, nudge_error *error) {
    struct product *product = making->product;
    if (dnnl_engine_create(&product->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&product->stream, product->engine, dnnl_stream_default_flags) != dnnl_success)
        return error_set(error, NUDGE_UNSUPPORTED, "oneDNN: no engine for this CPU");
    nudge_status status = make_primitives(making, error);
    if (!status) status = check_layouts(making, error);
    if (!status) status = bind(making, error);
    if (!status) status = bind_scratch(making, error);
    for (int i = 0; i < PRIMITIVES; i++)
        if (making->descs[i]) dnnl_primitive_desc_destroy(making->descs[i]);
    return status;
}

static void product_release(struct product *product) {
    if (!product) return;
    for (int i = 0; i < PRIMITIVES; i++)
        if (product->primitives[i].primitive) dnnl_primitive_destroy(product->primitives[i].primitive);
    for (int i = 0; i < product->memory_count; i++) dnnl_memory_destroy(product->memories[i]);
    if (product->stream) dnnl_stream_destroy(product->stream);
    if (product->engine) dnnl_engine_destroy(product->engine);
    nudge_allocator allocator = product->allocator;
    memory_release(&allocator, product->scratch, product->scratch_bytes);
    memory_release(&allocator, product, sizeof *product);
}

static nudge_status product_create(const nudge_allocator *allocator, const struct product_request *request,
                                   struct product **product, nudge_error *error) {
    struct product *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a product");
    made->allocator = *allocator;
    made->threads = (int)request->threads;
    struct making making = {.product = made,
                            .request = request,
                            .inputs = lane_round_up(request->inputs),
                            .outputs = lane_round_up(request->outputs)};
    int before = threads_begin(made->threads);
    nudge_status status = make(&making, error);
    threads_end(before, made->threads);
    if (status) {
        product_release(made);
        return status;
    }
    *product = made;
    return NUDGE_OK;
}

static size_t product_weight_inputs(const struct product *product) {
    return product->weight_inputs;
}

/* -- running -- */

static void run(struct product *product, int which) {
    const struct primitive *primitive = &product->primitives[which];
    int before = threads_begin(product->threads);
    dnnl_primitive_execute(primitive->primitive, product->stream, primitive->argument_count,
                           primitive->arguments); /* on a CPU it has run when it returns */
    threads_end(before, product->threads);
}

static void forward(struct product *product) {
    run(product, FORWARD);
}
static void backward_data(struct product *product) {
    run(product, BACKWARD_DATA);
}
static void backward_weights(struct product *product, void *dw, void *db) {
    dnnl_memory_set_data_handle(product->dw, dw);
    dnnl_memory_set_data_handle(product->db, db);
    run(product, BACKWARD_WEIGHTS);
}

const struct product_verbs onednn_products = {
    product_create, product_release, product_weight_inputs, forward, backward_data, backward_weights,
};
