/* The cost over a plane through parameter space. The first layer's weighted sums are affine in the plane,
 *
 *     z(x, y) = (W_0 + x W_a + y W_u) a + .. = z_0 + x z_a + y z_u,
 *
 * so its products are taken three times a portion of rows, not once a point; what comes after is computed for each
 * point. Points are shared out among threads. In f32; some points are computed again in f64 from the beginning, and how
 * far the two are apart is told. Invariant: a point's sum runs over the rows in order, so threads do not show. */
#include "base/random.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "learn/batch.h"
#include "learn/cost.h"

#include <nudge_insight.h>
#include <string.h>

enum { SURFACE_ROWS = 1024, CHECK_ROWS = 256, CHECKS = 9, ROWS_A_TASK = 64 };

/* One thread's network and plan. */
struct site {
    nudge_net *net;
    struct plan *plan;
    void *memory;
};

struct surface {
    nudge_surface_options options;
    nudge_surface_result result;
    nudge_context *context;
    const nudge_net *net;
    const nudge_data *data;
    nudge_part part;
    struct chosen_cost chosen;
    struct walk_cost cost;
    size_t rows, capacity, points;
    nudge_net *corners[3]; /* origin, across, up: their blocks are combined */
    struct site *sites;    /* one a thread */
    size_t site_count, site_bytes;
    float *z[3];    /* of the portion: [capacity][M1^] each */
    size_t z_count; /* of one, in numbers */
    size_t portion; /* rows in it */
    size_t from;    /* the first point that is being computed */
    double *costs;  /* the caller's */
};

/* Where point i lies. */
static void place_of(const struct surface *surface, size_t i, double *x, double *y) {
    const nudge_surface_options *options = &surface->options;
    double column = (double)(i % options->columns), row = (double)(i / options->columns);
    double across = options->columns > 1 ? (double)(options->columns - 1) : 1;
    double up = options->lines > 1 ? (double)(options->lines - 1) : 1;
    *x = options->x_low + (options->x_high - options->x_low) * column / across;
    *y = options->y_low + (options->y_high - options->y_low) * row / up;
}

/* -- one point -- */

/* to = o + x a + y u, for `count` numbers. */
static void combine(float *restrict to, float *const from[3], size_t first, size_t count, float x, float y) {
    const float *restrict o = from[0] + first, *restrict a = from[1] + first, *restrict u = from[2] + first;
    for (size_t i = 0; i < count; i++) to[i] = o[i] + x * a[i] + y * u[i];
}

static void compute_point(void *argument, size_t index, unsigned worker) {
    struct surface *surface = argument;
    struct site *site = &surface->sites[worker];
    struct plan *plan = site->plan;
    float *blocks[3];
    double x, y;
    for (size_t i = 0; i < 3; i++) blocks[i] = surface->corners[i]->parameters;
    index += surface->from;
    place_of(surface, index, &x, &y);
    size_t behind =
        net_dense(surface->net, 1)->place[DENSE_BIAS] + lane_round_up(net_dense(surface->net, 1)->outputs);
    combine(site->net->parameters + behind, blocks, behind, surface->net->block_count - behind, (float)x,
            (float)y);
    combine(plan->steps[0].y, surface->z, 0, surface->portion * plan->steps[0].output_stride, (float)x,
            (float)y);
    for (size_t s = 1; s < plan->step_count; s++) {
        struct op_call call = walk_call(plan, &plan->steps[s], 0, surface->portion);
        plan->steps[s].kernel->forward(&call);
    }
    surface->cost.forward(plan, surface->cost.cost, 0, surface->portion);
    surface->costs[index] += batch_cost(plan, surface->portion);
}

/* -- a portion of rows -- */

/* z_0, z_a or z_u of some rows. */
struct first_layer {
    struct surface *surface;
    size_t corner;
};

static void compute_first(void *argument, size_t index, unsigned worker) {
    const struct first_layer *first = argument;
    struct surface *surface = first->surface;
    (void)worker;
    const struct plan *plan = surface->sites[0].plan;
    const struct net_op *dense = net_dense(surface->net, 1);
    size_t row = index * ROWS_A_TASK, left = surface->portion - row;
    struct op_call call = walk_call(plan, &plan->steps[0], row, left < ROWS_A_TASK ? left : ROWS_A_TASK);
    const float *block = surface->corners[first->corner]->parameters;
    call.tensors[DENSE_WEIGHT] = block + dense->place[DENSE_WEIGHT];
    call.tensors[DENSE_BIAS] = block + dense->place[DENSE_BIAS];
    call.y = surface->z[first->corner] + row * plan->steps[0].output_stride;
    plan->steps[0].kernel->forward(&call);
}

static nudge_status take_portion(struct surface *surface, size_t first, nudge_error *error) {
    struct plan *plan = surface->sites[0].plan;
    size_t left = surface->rows - first;
    surface->portion = left < surface->capacity ? left : surface->capacity;
    struct row_source source = {
        .data = surface->data, .part = surface->part, .first = first, .rows = surface->portion};
    nudge_status status = batch_take(plan, &source, error);
    if (status) return status;
    double work = plan->products_per_row * (double)surface->portion;
    for (size_t corner = 0; corner < 3; corner++) {
        struct first_layer argument = {surface, corner};
        parallel_for(surface->context->workers, (surface->portion + ROWS_A_TASK - 1) / ROWS_A_TASK, work,
                     compute_first, &argument);
    }
    return NUDGE_OK;
}

/* All points over the portion, some at a time, so that the caller hears of it. */
static void compute_points(struct surface *surface, size_t first) {
    const nudge_surface_options *options = &surface->options;
    size_t at_once = surface->site_count * 8,
           portions = (surface->rows + surface->capacity - 1) / surface->capacity;
    double work = (double)surface->portion * surface->sites[0].plan->products_per_row;
    surface->from = 0;
    while (surface->from < surface->points && !surface->result.stopped) {
        size_t left = surface->points - surface->from, count = left < at_once ? left : at_once;
        parallel_for(surface->context->workers, count, work * (double)count, compute_point, surface);
        surface->from += count;
        size_t now = first / surface->capacity * surface->points + surface->from,
               all = portions * surface->points;
        if (options->on_points && !options->on_points(options->user, now, all) && now < all)
            surface->result.stopped = true;
    }
}

/* -- the same in f64, at some points -- */

static nudge_status cost_in_f64(struct surface *surface, struct plan *plan, size_t index, double *cost,
                                nudge_error *error) {
    double x, y, *parameters = plan->parameters;
    place_of(surface, index, &x, &y);
    for (size_t i = 0; i < surface->net->block_count; i++)
        parameters[i] = (double)surface->corners[0]->parameters[i] +
                        x * (double)surface->corners[1]->parameters[i] +
                        y * (double)surface->corners[2]->parameters[i];
    *cost = 0;
    for (size_t first = 0, rows; first < surface->rows; first += rows) {
        rows = surface->rows - first < plan->capacity ? surface->rows - first : plan->capacity;
        struct row_source source = {
            .data = surface->data, .part = surface->part, .first = first, .rows = rows};
        nudge_status status = batch_take(plan, &source, error);
        if (status) return status;
        walk_forward(plan, rows, NULL, &surface->cost);
        *cost += batch_cost(plan, rows);
    }
    *cost /= (double)surface->rows;
    return NUDGE_OK;
}

/* The corners, the middle, and others that a hash draws. */
static size_t checked_point(const struct surface *surface, size_t i) {
    size_t columns = surface->options.columns, lines = surface->options.lines;
    size_t chosen[] = {0, columns - 1, (lines - 1) * columns, surface->points - 1,
                       lines / 2 * columns + columns / 2};
    if (i < sizeof chosen / sizeof *chosen) return chosen[i];
    struct random_stream stream = random_stream_make(1, RANDOM_PLANE, 0, 0, (uint32_t)i);
    return random_below(&stream, (uint32_t)surface->points);
}

static nudge_status check_points(struct surface *surface, nudge_error *error) {
    size_t capacity = surface->rows < CHECK_ROWS ? surface->rows : CHECK_ROWS;
    size_t bytes = plan_memory(surface->context, surface->net, REAL_F64, PLAN_PREDICT, capacity);
    void *memory = bytes < SIZE_MAX ? memory_get(&surface->context->allocator, bytes) : NULL;
    if (!memory) return error_no_memory(error, bytes, "checking the surface");
    struct plan *plan = plan_make(surface->context, surface->net, REAL_F64, PLAN_PREDICT, capacity, memory);
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; i < CHECKS && !status; i++) {
        size_t point = checked_point(surface, i);
        double exact, found = surface->costs[point];
        status = cost_in_f64(surface, plan, point, &exact, error);
        double error_here = exact != 0 ? (found - exact) / exact : found;
        if (error_here < 0) error_here = -error_here;
        if (!(error_here <= surface->result.error)) surface->result.error = error_here;
        surface->result.checked++;
    }
    memory_release(&surface->context->allocator, memory, bytes);
    return status;
}

/* -- making -- */

static nudge_status make_site(struct surface *surface, struct site *site, nudge_error *error) {
    nudge_status status = nudge_net_clone(surface->context, surface->net, &site->net, error);
    if (status) return status;
    site->memory =
        surface->site_bytes < SIZE_MAX ? memory_get(&surface->context->allocator, surface->site_bytes) : NULL;
    if (!site->memory) return error_no_memory(error, surface->site_bytes, "the surface");
    site->plan =
        plan_make(surface->context, site->net, REAL_F32, PLAN_PREDICT, surface->capacity, site->memory);
    /* inputs and targets are those of the first one: they are only read */
    site->plan->x = surface->sites[0].plan->x;
    site->plan->targets = surface->sites[0].plan->targets;
    return NUDGE_OK;
}

static nudge_status make_all(struct surface *surface, nudge_error *error) {
    const nudge_allocator *allocator = &surface->context->allocator;
    const float *vectors[] = {surface->options.origin, surface->options.across, surface->options.up};
    surface->site_count = workers_count(surface->context->workers);
    surface->site_bytes =
        plan_memory(surface->context, surface->net, REAL_F32, PLAN_PREDICT, surface->capacity);
    surface->sites = memory_get_zeroed(allocator, surface->site_count * sizeof *surface->sites);
    if (!surface->sites)
        return error_no_memory(error, surface->site_count * sizeof *surface->sites, "the surface");
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < 3; i++) {
        status = nudge_net_clone(surface->context, surface->net, &surface->corners[i], error);
        if (!status)
            status = nudge_net_set_parameters(surface->corners[i], vectors[i], surface->net->parameter_count,
                                              error);
        if (!status && i > 0) /* directions do not move the ops' state */
            memset(surface->corners[i]->parameters + surface->net->trained_count, 0,
                   (surface->net->block_count - surface->net->trained_count) * sizeof(float));
    }
    for (size_t i = 0; !status && i < surface->site_count; i++)
        status = make_site(surface, &surface->sites[i], error);
    if (status) return status;
    surface->z_count = surface->capacity * surface->sites[0].plan->steps[0].output_stride;
    for (size_t i = 0; i < 3; i++) {
        surface->z[i] = memory_get(allocator, surface->z_count * sizeof(float));
        if (!surface->z[i]) return error_no_memory(error, surface->z_count * sizeof(float), "the surface");
    }
    return NUDGE_OK;
}

static void free_surface(struct surface *surface) {
    const nudge_allocator *allocator = &surface->context->allocator;
    for (size_t i = 0; i < 3; i++) {
        nudge_net_free(surface->corners[i]);
        memory_release(allocator, surface->z[i], surface->z_count * sizeof(float));
    }
    for (size_t i = 0; surface->sites && i < surface->site_count; i++) {
        memory_release(allocator, surface->sites[i].memory, surface->site_bytes);
        nudge_net_free(surface->sites[i].net);
    }
    memory_release(allocator, surface->sites, surface->site_count * sizeof *surface->sites);
}

/* -- the call -- */

static nudge_status check_surface(const nudge_surface_options *options, nudge_error *error) {
    if (!options->origin || !options->across || !options->up)
        return error_set(error, NUDGE_BAD_ARGUMENT, "surface: expected an origin and two directions");
    if (options->columns < 2 || options->lines < 2 || options->columns > 4096 || options->lines > 4096)
        return error_set(error, NUDGE_BAD_ARGUMENT, "surface of %zu by %zu points, expected 2 to 4096 each",
                         options->columns, options->lines);
    double span = options->x_high - options->x_low, height = options->y_high - options->y_low;
    if (!(span > 0) || !(height > 0) || span - span != 0 || height - height != 0)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "surface: expected finite x_low < x_high and y_low < y_high");
    return NUDGE_OK;
}

static nudge_status prepare_surface(struct surface *surface, nudge_error *error) {
    const nudge_surface_options *options = &surface->options;
    nudge_status status = check_surface(options, error);
    if (!status && options->count != surface->net->parameter_count)
        status = error_set(error, NUDGE_BAD_ARGUMENT, "surface: vectors of %zu numbers, expected %zu",
                           options->count, surface->net->parameter_count);
    if (!status) status = batch_check(surface->net, surface->data, error);
    if (status) return status;
    size_t there = nudge_data_rows(surface->data, surface->part);
    if (there == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no %s part", surface->data->name,
                         data_part_name(surface->part));
    surface->rows = options->rows && options->rows < there ? options->rows : there;
    surface->capacity = surface->rows < SURFACE_ROWS ? surface->rows : SURFACE_ROWS;
    surface->points = options->columns * options->lines;
    surface->chosen = cost_of(surface->net);
    return cost_check_targets(&surface->chosen, surface->net, surface->data, surface->part, error);
}

static nudge_status run_surface(struct surface *surface, nudge_error *error) {
    nudge_status status = make_all(surface, error);
    memset(surface->costs, 0, surface->points * sizeof *surface->costs);
    for (size_t first = 0; !status && first < surface->rows && !surface->result.stopped;
         first += surface->capacity) {
        status = take_portion(surface, first, error);
        if (!status) compute_points(surface, first);
    }
    for (size_t i = 0; i < surface->points; i++) surface->costs[i] /= (double)surface->rows;
    if (!status && !surface->result.stopped) status = check_points(surface, error);
    return status;
}

nudge_status nudge_surface(nudge_context *context, const nudge_net *net, const nudge_data *data,
                           nudge_part part, const nudge_surface_options *options,
                           nudge_surface_result *result, nudge_error *error) {
    if (missing(error, context, net, data, options, result)) return NUDGE_BAD_ARGUMENT;
    struct surface surface = {.options = NUDGE_SURFACE_OPTIONS,
                              .result = NUDGE_SURFACE_RESULT,
                              .context = context,
                              .net = net,
                              .data = data,
                              .part = part};
    if (!options_take(&surface.options, sizeof surface.options, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "surface options: struct_size is not set; begin with NUDGE_SURFACE_OPTIONS");
    if (!options_take(&surface.result, sizeof surface.result, result) || !surface.result.costs)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "surface result: begin with NUDGE_SURFACE_RESULT and give room for the costs");
    nudge_status status = prepare_surface(&surface, error);
    if (status) return status;
    size_t bytes = surface.points * sizeof *surface.costs;
    surface.costs =
        memory_get(&context->allocator, bytes); /* the caller's stay as they are until all is well */
    if (!surface.costs) return error_no_memory(error, bytes, "the surface");
    surface.cost = cost_for_walk(&surface.chosen);
    surface.result.checked = 0;
    surface.result.error = 0;
    surface.result.stopped = false;
    status = run_surface(&surface, error);
    if (!status && !surface.result.stopped) memcpy(surface.result.costs, surface.costs, bytes);
    surface.result.rows = surface.rows;
    free_surface(&surface);
    memory_release(&context->allocator, surface.costs, bytes);
    if (!status) options_give(result, &surface.result, sizeof surface.result);
    return status;
}
