/* Planes through parameter space: where a surface is looked at. */
#include "base/context.h"
#include "base/random.h"
#include "base/status.h"
#include "net/net.h"
#include "net/ops.h"

#include <math.h>
#include <nudge_insight.h>
#include <string.h>

enum { SWEEPS = 60 };

/* -- principal components of paths -- */

/* The symmetric matrix becomes diagonal, its eigenvectors the columns of `vectors`: rotations, one pair of rows after
 * the other (Jacobi 1846). Uses nothing but + - * / and sqrt, so its bits are the same everywhere. */
static void diagonalise(double *matrix, double *vectors, size_t n) {
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++) vectors[i * n + i] = 1;
    for (size_t sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0, all = 0;
        for (size_t i = 0; i < n * n; i++) {
            all += matrix[i] * matrix[i];
            if (i / n != i % n) off += matrix[i] * matrix[i];
        }
        if (off <= 1e-28 * all) return;
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double apq = matrix[p * n + q];
                if (apq == 0) continue;
                double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * apq);
                double t = 1 / ((theta < 0 ? -theta : theta) + sqrt(theta * theta + 1));
                if (theta < 0) t = -t;
                double c = 1 / sqrt(t * t + 1), s = t * c;
                for (size_t k = 0; k < n; k++) { /* columns p and q */
                    double kp = matrix[k * n + p], kq = matrix[k * n + q];
                    matrix[k * n + p] = c * kp - s * kq;
                    matrix[k * n + q] = s * kp + c * kq;
                }
                for (size_t k = 0; k < n; k++) { /* rows p and q */
                    double pk = matrix[p * n + k], qk = matrix[q * n + k];
                    matrix[p * n + k] = c * pk - s * qk;
                    matrix[q * n + k] = s * pk + c * qk;
                    double vp = vectors[k * n + p], vq = vectors[k * n + q];
                    vectors[k * n + p] = c * vp - s * vq;
                    vectors[k * n + q] = s * vp + c * vq;
                }
            }
    }
}

/* <p_i - o, p_j - o> for all pairs, o the origin. */
static void fill_gram(double *gram, const float *const *paths, size_t count, const float *origin,
                      size_t parameters) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < parameters; k++)
                sum += ((double)paths[i][k] - (double)origin[k]) * ((double)paths[j][k] - (double)origin[k]);
            gram[i * count + j] = gram[j * count + i] = sum;
        }
}

/* Σ_i v_i (p_i - o) / √λ: the unit vector in parameter space that belongs to an eigenvector of the Gram matrix. */
static void direction_of(float *direction, const float *const *paths, size_t count, const float *origin,
                         size_t parameters, const double *vectors, size_t column, double eigenvalue) {
    double scale = eigenvalue > 0 ? 1 / sqrt(eigenvalue) : 0;
    for (size_t k = 0; k < parameters; k++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += vectors[i * count + column] * ((double)paths[i][k] - (double)origin[k]);
        direction[k] = (float)(sum * scale);
    }
}

/* The two largest eigenvalues; of a path on a line the second is 0. */
static void largest_two(const double *matrix, size_t n, size_t chosen[2]) {
    chosen[0] = chosen[1] = SIZE_MAX;
    for (size_t turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < n; i++) {
            if (i == chosen[0]) continue;
            if (chosen[turn] == SIZE_MAX || matrix[i * n + i] > matrix[chosen[turn] * n + chosen[turn]])
                chosen[turn] = i;
        }
}

nudge_status nudge_plane_pca(nudge_context *context, const float *const *paths, size_t count,
                             size_t parameters, float *origin, float *across, float *up, double explained[2],
                             nudge_error *error) {
    if (missing(error, context, paths, origin, across, up)) return NUDGE_BAD_ARGUMENT;
    if (count < 3 || count > 4096)
        return error_set(error, NUDGE_BAD_ARGUMENT, "plane through %zu points, expected 3 to 4096", count);
    size_t bytes = 2 * count * count * sizeof(double), chosen[2];
    double *gram = memory_get(&context->allocator, bytes), *vectors, all = 0;
    if (!gram) return error_no_memory(error, bytes, "the plane");
    vectors = gram + count * count;
    for (size_t k = 0; k < parameters; k++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) sum += (double)paths[i][k];
        origin[k] = (float)(sum / (double)count);
    }
    fill_gram(gram, paths, count, origin, parameters);
    diagonalise(gram, vectors, count);
    largest_two(gram, count, chosen);
    for (size_t i = 0; i < count; i++) all += gram[i * count + i] > 0 ? gram[i * count + i] : 0;
    float *directions[] = {across, up};
    for (size_t d = 0; d < 2; d++) {
        double eigenvalue = gram[chosen[d] * count + chosen[d]];
        if (eigenvalue < 1e-14 * all) eigenvalue = 0;
        direction_of(directions[d], paths, count, origin, parameters, vectors, chosen[d], eigenvalue);
        if (explained) explained[d] = all > 0 ? eigenvalue / all : 0;
    }
    memory_release(&context->allocator, gram, bytes);
    return NUDGE_OK;
}

/* -- random directions -- */

static void draw_direction(const nudge_net *net, uint64_t seed, uint32_t which, float *direction) {
    for (size_t t = 0; t < net->tensor_count; t++) {
        const struct net_tensor *tensor = &net->tensors[t];
        if (tensor_is_state(tensor)) continue;
        float *to = direction + tensor->first;
        memset(to, 0, tensor->count * sizeof *to);
        if (tensor->is->role != NUDGE_ROLE_WEIGHT) continue;
        struct random_stream stream =
            random_stream_make(seed, RANDOM_PLANE, (uint32_t)tensor->layer, 1, which);
        for (size_t j = 0; j < tensor->outputs; j++, to += tensor->inputs) {
            double drawn = 0, own = 0;
            for (size_t k = 0; k < tensor->inputs; k++) {
                double w = (double)net->parameters[tensor_place(tensor, j * tensor->inputs + k)];
                to[k] = random_normal(&stream);
                drawn += (double)to[k] * (double)to[k];
                own += w * w;
            }
            double scale = drawn > 0 ? sqrt(own / drawn) : 0;
            for (size_t k = 0; k < tensor->inputs; k++) to[k] = (float)((double)to[k] * scale);
        }
    }
}

nudge_status nudge_plane_random(const nudge_net *net, uint64_t seed, float *across, float *up, size_t count,
                                nudge_error *error) {
    if (missing(error, net, across, up)) return NUDGE_BAD_ARGUMENT;
    if (count != net->parameter_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "plane: room for %zu numbers, expected %zu", count,
                         net->parameter_count);
    draw_direction(net, seed, 0, across);
    draw_direction(net, seed, 1, up);
    return NUDGE_OK;
}
