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

enum { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, KINDS };
enum { MOST_ARGUMENTS = 5 };

/* A primitive with what one worker, or one part, calls it with: places are said at every call but those of w
 * and b, which stay. */
struct call {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[MOST_ARGUMENTS];
    int count;
};

struct product {
    nudge_allocator allocator;
    size_t workers, parts;
    dnnl_engine_t engine;
    dnnl_stream_t *streams;     /* [workers] */
    struct call *calls[KINDS];  /* [workers], [workers], [parts] */
    dnnl_memory_t w, b, w_back; /* w as forward and as backward data has it */
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

struct making {
    struct product *product;
    const struct product_request *request;
    size_t inputs, outputs; /* with padding */
    dnnl_primitive_desc_t forward;
};

static nudge_status no_memory(nudge_error *error) {
    return error_set(error, NUDGE_NO_MEMORY, "oneDNN: out of memory");
}

/* One primitive's description, when it is of the fast kind. */
static nudge_status describe(struct making *making, const dnnl_inner_product_desc_t *desc,
                             dnnl_primitive_desc_t *made, nudge_error *error) {
    dnnl_primitive_attr_t attributes = NULL;
    const char *kernel = "";
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(made, desc, attributes, making->product->engine, making->forward);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    if (status == dnnl_out_of_memory) return no_memory(error);
    if (status != dnnl_success) return error_set(error, NUDGE_UNSUPPORTED, "oneDNN has no such product");
    dnnl_primitive_desc_query(*made, dnnl_query_impl_info_str, 0, &kernel);
    if (!strstr(kernel, "brgemm"))
        return error_set(error, NUDGE_UNSUPPORTED, "oneDNN has only \"%s\" for this product", kernel);
    return NUDGE_OK;
}

static nudge_status check_layout(struct making *making, const dnnl_memory_desc_t *weight, bool bf16,
                                 nudge_error *error) {
    if (!is_panels(weight, making->outputs, making->inputs, bf16))
        return error_set(error, NUDGE_UNSUPPORTED, "oneDNN lays this weight out in another way");
    return NUDGE_OK;
}

static bool add_argument(struct making *making, struct call *call, int name, const dnnl_memory_desc_t *desc,
                         dnnl_memory_t kept) {
    dnnl_memory_t memory = kept;
    if (!memory && dnnl_memory_create(&memory, desc, making->product->engine, NULL) != dnnl_success)
        return false;
    call->arguments[call->count++] = (dnnl_exec_arg_t){name, memory};
    return true;
}

struct argument {
    int name;
    dnnl_query_t what;
    dnnl_memory_t kept; /* NULL: one of the call's own */
};

/* A call of what is described, its scratch memory the last argument. */
static nudge_status make_call(struct making *making, struct call *call, const_dnnl_primitive_desc_t desc,
                              const struct argument *arguments, nudge_error *error) {
    if (dnnl_primitive_create(&call->primitive, desc) != dnnl_success) return no_memory(error);
    for (const struct argument *argument = arguments; argument->name; argument++) {
        int index = argument->name == DNNL_ARG_BIAS || argument->name == DNNL_ARG_DIFF_BIAS;
        if (!add_argument(making, call, argument->name,
                          dnnl_primitive_desc_query_md(desc, argument->what, index), argument->kept))
            return no_memory(error);
    }
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    if (!add_argument(making, call, DNNL_ARG_SCRATCHPAD, scratch, NULL)) return no_memory(error);
    size_t bytes = dnnl_memory_desc_get_size(scratch);
    if (bytes > making->product->scratch_bytes) making->product->scratch_bytes = bytes;
    return NUDGE_OK;
}

static nudge_status make_calls(struct making *making, int kind, const_dnnl_primitive_desc_t desc,
                               const struct argument *arguments, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < making->product->workers; i++)
        status = make_call(making, &making->product->calls[kind][i], desc, arguments, error);
    return status;
}

static bool keep(const struct making *making, dnnl_memory_t *memory, const dnnl_memory_desc_t *desc,
                 const void *place) {
    return dnnl_memory_create(memory, desc, making->product->engine, (void *)place) == dnnl_success;
}

static nudge_status make_forward(struct making *making, nudge_error *error) {
    const struct product_request *request = making->request;
    struct product *product = making->product;
    dnnl_data_type_t type = request->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t x = rows_of(request->share, making->inputs, type),
                       y = rows_of(request->share, making->outputs, dnnl_f32),
                       w = any_weight(making->outputs, making->inputs, type), b = bias_of(making->outputs);
    dnnl_inner_product_desc_t desc;
    dnnl_prop_kind_t kind = request->train ? dnnl_forward_training : dnnl_forward_inference;
    dnnl_inner_product_forward_desc_init(&desc, kind, &x, &w, &b, &y);
    nudge_status status = describe(making, &desc, &making->forward, error);
    if (status) return status;
    const dnnl_memory_desc_t *weight =
        dnnl_primitive_desc_query_md(making->forward, dnnl_query_weights_md, 0);
    status = check_layout(making, weight, request->bf16, error);
    if (status) return status;
    product->weight_inputs = (size_t)weight->format_desc.blocking.strides[0] / weight_panel(making->outputs);
    if (!keep(making, &product->w, weight, request->w) || !keep(making, &product->b, &b, request->b))
        return no_memory(error);
    const struct argument arguments[] = {{DNNL_ARG_DST, dnnl_query_dst_md, NULL},
                                         {DNNL_ARG_SRC, dnnl_query_src_md, NULL},
                                         {DNNL_ARG_WEIGHTS, dnnl_query_weights_md, product->w},
                                         {DNNL_ARG_BIAS, dnnl_query_weights_md, product->b},
                                         {0, dnnl_query_undef, NULL}};
    return make_calls(making, FORWARD, making->forward, arguments, error);
}

static nudge_status make_backward_data(struct making *making, nudge_error *error) {
    const struct product_request *request = making->request;
    struct product *product = making->product;
    dnnl_data_type_t type = request->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t dx = rows_of(request->share, making->inputs, dnnl_f32),
                       d = rows_of(request->share, making->outputs, type),
                       w = any_weight(making->outputs, making->inputs, type);
    dnnl_inner_product_desc_t desc;
    dnnl_primitive_desc_t made = NULL;
    dnnl_inner_product_backward_data_desc_init(&desc, &dx, &w, &d);
    nudge_status status = describe(making, &desc, &made, error);
    const dnnl_memory_desc_t *weight =
        status ? NULL : dnnl_primitive_desc_query_md(made, dnnl_query_weights_md, 0);
    if (!status) status = check_layout(making, weight, request->bf16, error);
    if (!status && !keep(making, &product->w_back, weight, request->w)) status = no_memory(error);
    const struct argument arguments[] = {{DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, NULL},
                                         {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, NULL},
                                         {DNNL_ARG_WEIGHTS, dnnl_query_weights_md, product->w_back},
                                         {0, dnnl_query_undef, NULL}};
    if (!status) status = make_calls(making, BACKWARD_DATA, made, arguments, error);
    if (made) dnnl_primitive_desc_destroy(made);
    return status;
}

static const struct argument weights_arguments[] = {{DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, NULL},
                                                    {DNNL_ARG_DIFF_BIAS, dnnl_query_diff_weights_md, NULL},
                                                    {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, NULL},
                                                    {DNNL_ARG_SRC, dnnl_query_src_md, NULL},
                                                    {0, dnnl_query_undef, NULL}};

/* A part's weights are a layer of their own, which must have panels as wide as those of the whole. */
static nudge_status make_part(struct making *making, size_t part, nudge_error *error) {
    const struct product_request *request = making->request;
    size_t outputs = product_part_begin(request->outputs, request->parts, part + 1) -
                     product_part_begin(request->outputs, request->parts, part);
    dnnl_data_type_t type = request->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t x = rows_of(request->rows, making->inputs, type),
                       d = rows_of(request->rows, outputs, type),
                       y = rows_of(request->rows, outputs, dnnl_f32),
                       w = any_weight(outputs, making->inputs, type),
                       dw = any_weight(outputs, making->inputs, dnnl_f32), b = bias_of(outputs);
    struct making hint = {.product = making->product};
    dnnl_inner_product_desc_t desc;
    dnnl_primitive_desc_t made = NULL;
    dnnl_inner_product_forward_desc_init(&desc, dnnl_forward_training, &x, &w, &b, &y);
    nudge_status status = describe(&hint, &desc, &hint.forward, error);
    dnnl_inner_product_backward_weights_desc_init(&desc, &x, &dw, &b, &d);
    if (!status) status = describe(&hint, &desc, &made, error);
    const dnnl_memory_desc_t *weight =
        status ? NULL : dnnl_primitive_desc_query_md(made, dnnl_query_diff_weights_md, 0);
    if (!status) status = check_layout(making, weight, false, error);
    if (!status)
        status = make_call(making, &making->product->calls[BACKWARD_WEIGHTS][part], made, weights_arguments,
                           error);
    if (made) dnnl_primitive_desc_destroy(made);
    if (hint.forward) dnnl_primitive_desc_destroy(hint.forward);
    return status;
}

static nudge_status make(struct making *making, nudge_error *error) {
    const struct product_request *request = making->request;
    struct product *product = making->product;
    bool there = dnnl_engine_create(&product->engine, dnnl_cpu, 0) == dnnl_success;
    for (size_t i = 0; there && i < product->workers; i++)
        there = dnnl_stream_create(&product->streams[i], product->engine, dnnl_stream_default_flags) ==
                dnnl_success;
    if (!there) return error_set(error, NUDGE_UNSUPPORTED, "oneDNN: no engine for this CPU");
    nudge_status status = make_forward(making, error);
    if (!status && request->data) status = make_backward_data(making, error);
    for (size_t part = 0; !status && request->train && part < product->parts; part++)
        status = make_part(making, part, error);
    if (making->forward) dnnl_primitive_desc_destroy(making->forward);
    return status;
}

/* oneDNN takes the number of threads from OpenMP, when a primitive is made and when it runs: one. */
static int one_thread_begin(void) {
    int before = omp_get_max_threads();
    if (before != 1) omp_set_num_threads(1);
    return before;
}
static void one_thread_end(int before) {
    if (before != 1) omp_set_num_threads(before);
}

/* -- the product -- */

static void release_calls(struct product *product, int kind, size_t count) {
    for (size_t i = 0; product->calls[kind] && i < count; i++) {
        struct call *call = &product->calls[kind][i];
        if (call->primitive) dnnl_primitive_destroy(call->primitive);
        for (int a = 0; a < call->count; a++) {
            dnnl_memory_t memory = call->arguments[a].memory;
            if (memory != product->w && memory != product->b && memory != product->w_back)
                dnnl_memory_destroy(memory);
        }
    }
    memory_release(&product->allocator, product->calls[kind], count * sizeof(struct call));
}

static void product_release(struct product *product) {
    if (!product) return;
    release_calls(product, FORWARD, product->workers);
    release_calls(product, BACKWARD_DATA, product->workers);
    release_calls(product, BACKWARD_WEIGHTS, product->parts);
    if (product->w) dnnl_memory_destroy(product->w);
    if (product->b) dnnl_memory_destroy(product->b);
    if (product->w_back) dnnl_memory_destroy(product->w_back);
    for (size_t i = 0; product->streams && i < product->workers; i++)
        if (product->streams[i]) dnnl_stream_destroy(product->streams[i]);
    if (product->engine) dnnl_engine_destroy(product->engine);
    nudge_allocator allocator = product->allocator;
    memory_release(&allocator, product->streams, product->workers * sizeof *product->streams);
    memory_release(&allocator, product, sizeof *product);
}

static bool get_lists(struct product *product) {
    const nudge_allocator *allocator = &product->allocator;
    product->streams = memory_get_zeroed(allocator, product->workers * sizeof *product->streams);
    for (int kind = 0; kind < KINDS; kind++) {
        size_t count = kind == BACKWARD_WEIGHTS ? product->parts : product->workers;
        product->calls[kind] = memory_get_zeroed(allocator, count * sizeof(struct call));
        if (!product->calls[kind]) return false;
    }
    return product->streams;
}

static nudge_status product_create(const nudge_allocator *allocator, const struct product_request *request,
                                   struct product **product, nudge_error *error) {
    struct product *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a product");
    *made = (struct product){.allocator = *allocator, .workers = request->workers, .parts = request->parts};
    struct making making = {.product = made,
                            .request = request,
                            .inputs = lane_round_up(request->inputs),
                            .outputs = lane_round_up(request->outputs)};
    int before = one_thread_begin();
    nudge_status status = get_lists(made) ? make(&making, error)
                                          : error_no_memory(error, sizeof(struct call), "a product's calls");
    one_thread_end(before);
    if (status)
        product_release(made);
    else
        *product = made;
    return status;
}

static size_t product_weight_inputs(const struct product *product) {
    return product->weight_inputs;
}
static size_t product_scratch_bytes(const struct product *product) {
    return product->scratch_bytes;
}

/* -- running -- */

static void place(const struct call *call, int argument, const void *where) {
    dnnl_memory_set_data_handle(call->arguments[argument].memory, (void *)where);
}

static void run(struct product *product, const struct call *call, unsigned worker, void *scratch) {
    place(call, call->count - 1, scratch);
    int before = one_thread_begin();
    dnnl_primitive_execute(call->primitive, product->streams[worker], call->count,
                           call->arguments); /* on a CPU it has run when it returns */
    one_thread_end(before);
}

static void forward(struct product *product, unsigned worker, void *scratch, void *y, const void *x) {
    const struct call *call = &product->calls[FORWARD][worker];
    place(call, 0, y);
    place(call, 1, x);
    run(product, call, worker, scratch);
}

static void backward_data(struct product *product, unsigned worker, void *scratch, void *dx, const void *d) {
    const struct call *call = &product->calls[BACKWARD_DATA][worker];
    place(call, 0, dx);
    place(call, 1, d);
    run(product, call, worker, scratch);
}

static void backward_weights(struct product *product, unsigned worker, size_t part, void *scratch, void *dw,
                             void *db, const void *d, const void *x) {
    const struct call *call = &product->calls[BACKWARD_WEIGHTS][part];
    place(call, 0, dw);
    place(call, 1, db);
    place(call, 2, d);
    place(call, 3, x);
    run(product, call, worker, scratch);
}

const struct product_verbs onednn_products = {
    product_create, product_release, product_weight_inputs, product_scratch_bytes,
    forward,        backward_data,   backward_weights,
};
