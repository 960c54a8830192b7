/* The table of ops. Invariant: row 0 is dense, row 1 identity; names are unique and lower-case with '-'. */
#include "net/ops.h"

#include <string.h>

#define DECLARE(name) VARIANTS_DECLARE(struct op_kernel, name)
DECLARE(op_dense_kernel)
DECLARE(op_identity_kernel)
DECLARE(op_sigmoid)
DECLARE(op_tanh)
DECLARE(op_lecun_tanh)
DECLARE(op_relu)
DECLARE(op_leaky_relu)
DECLARE(op_elu)
DECLARE(op_selu)
DECLARE(op_gelu)
DECLARE(op_silu)
DECLARE(op_softplus)
DECLARE(op_softsign)
DECLARE(op_softmax)
DECLARE(op_dropout)
DECLARE(op_batch_norm)

#define DENSE .kind = OP_DENSE
#define ACTIVATION .kind = OP_ACTIVATION
#define BETWEEN .kind = OP_BETWEEN
#define ONE_VALUE(x) .value_count = 1, .values = {{(x), 0, 1e6, false, "a number from 0 to 1000000"}}
#define KINK .kink = true
#define BY_ROW .by_row = true
#define XAVIER .init = NUDGE_INIT_XAVIER_NORMAL
#define HE .init = NUDGE_INIT_HE_NORMAL
#define LECUN .init = NUDGE_INIT_LECUN_NORMAL

const struct op ops[] = {
    {"dense", "z = w x + b", DENSE, XAVIER, .tensor_count = 2,
     .tensors = {[DENSE_WEIGHT] = {"weight", NUDGE_ROLE_WEIGHT, .by_input = true},
                 [DENSE_BIAS] = {"bias", NUDGE_ROLE_BIAS, .start = 0}},
     .kernels = VARIANTS(op_dense_kernel)},
    {"identity", "a = z", ACTIVATION, XAVIER, .kernels = VARIANTS(op_identity_kernel)},
    {"sigmoid", "a = 1 / (1 + e^-z)", ACTIVATION, XAVIER, .kernels = VARIANTS(op_sigmoid)},
    {"tanh", "a = tanh z", ACTIVATION, XAVIER, .kernels = VARIANTS(op_tanh)},
    {"lecun-tanh", "a = 1.7159 tanh(2z/3)", ACTIVATION, LECUN, .kernels = VARIANTS(op_lecun_tanh)},
    {"relu", "a = max(z, 0)", ACTIVATION, KINK, HE, .in_place = true, .kernels = VARIANTS(op_relu)},
    {"leaky-relu", "a = z for z > 0, else s z; s = 0.01", ACTIVATION, ONE_VALUE(0.01), KINK, HE,
     .kernels = VARIANTS(op_leaky_relu)},
    {"elu", "a = z for z > 0, else α (e^z - 1); α = 1", ACTIVATION, ONE_VALUE(1), KINK, HE,
     .kernels = VARIANTS(op_elu)},
    {"selu", "a = λ z for z > 0, else λ α (e^z - 1)", ACTIVATION, KINK, LECUN, .kernels = VARIANTS(op_selu)},
    {"gelu", "a = z Φ(z), Φ the normal distribution", ACTIVATION, HE, .kernels = VARIANTS(op_gelu)},
    {"silu", "a = z / (1 + e^-z)", ACTIVATION, HE, .kernels = VARIANTS(op_silu)},
    {"softplus", "a = ln(1 + e^z)", ACTIVATION, HE, .kernels = VARIANTS(op_softplus)},
    {"softsign", "a = z / (1 + |z|)", ACTIVATION, KINK, XAVIER, .kernels = VARIANTS(op_softsign)},
    {"softmax", "a_j = e^z_j / Σ_k e^z_k", ACTIVATION, BY_ROW, XAVIER, .kernels = VARIANTS(op_softmax)},
    {"dropout", "training: y = x / (1 - p), or 0 with chance p; p = 0.5", BETWEEN, .only_training = true,
     .value_count = 1, .values = {{0.5, 0, 1, true, "a share from 0 to below 1"}},
     .kernels = VARIANTS(op_dropout)},
    {"batch-norm", "y = γ (x - mean) / √(variance + ε) + β; ε = 1e-5, momentum 0.1", BETWEEN,
     .mixes_rows = true, .value_count = 2,
     .values = {{1e-5, 1e-12, 1, false, "epsilon, a number from 1e-12 to 1"},
                {0.1, 0, 1, false, "momentum, a number from 0 to 1"}},
     .tensor_count = 4,
     .tensors = {{"batch_norm.scale", NUDGE_ROLE_SCALE, .start = 1},
                 {"batch_norm.shift", NUDGE_ROLE_BIAS, .start = 0},
                 {"batch_norm.mean", NUDGE_ROLE_STATE, .start = 0},
                 {"batch_norm.variance", NUDGE_ROLE_STATE, .start = 1, .not_negative = true}},
     .kept = 5, .kernels = VARIANTS(op_batch_norm)},
};
const size_t op_count = sizeof ops / sizeof *ops;

const struct op *op_find(const char *name, size_t length) {
    for (size_t i = 0; i < op_count; i++) {
        if (strlen(ops[i].name) != length) continue;
        size_t same = 0;
        while (same < length && (name[same] == '_' ? '-' : name[same]) == ops[i].name[same]) same++;
        if (same == length) return &ops[i];
    }
    return NULL;
}

const char *nudge_op_name(size_t i, const char **formula) {
    if (i >= op_count) return NULL;
    if (formula) *formula = ops[i].formula;
    return ops[i].name;
}
