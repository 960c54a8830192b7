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
DECLARE(op_softmax)

#define DENSE .kind = OP_DENSE
#define ACTIVATION .kind = OP_ACTIVATION
#define VALUE(x) .takes_value = true, .value = (x)
#define KINK .kink = true
#define BY_ROW .by_row = true
#define XAVIER .init = NUDGE_INIT_XAVIER_NORMAL
#define HE .init = NUDGE_INIT_HE_NORMAL
#define LECUN .init = NUDGE_INIT_LECUN_NORMAL

const struct op ops[] = {
    {"dense", "z = w x + b", DENSE, XAVIER, .kernels = VARIANTS(op_dense_kernel)},
    {"identity", "a = z", ACTIVATION, XAVIER, .kernels = VARIANTS(op_identity_kernel)},
    {"sigmoid", "a = 1 / (1 + e^-z)", ACTIVATION, XAVIER, .kernels = VARIANTS(op_sigmoid)},
    {"tanh", "a = tanh z", ACTIVATION, XAVIER, .kernels = VARIANTS(op_tanh)},
    {"lecun-tanh", "a = 1.7159 tanh(2z/3)", ACTIVATION, LECUN, .kernels = VARIANTS(op_lecun_tanh)},
    {"relu", "a = max(z, 0)", ACTIVATION, KINK, HE, .kernels = VARIANTS(op_relu)},
    {"leaky-relu", "a = z for z > 0, else s z; s = 0.01", ACTIVATION, VALUE(0.01), KINK, HE,
     .kernels = VARIANTS(op_leaky_relu)},
    {"elu", "a = z for z > 0, else α (e^z - 1); α = 1", ACTIVATION, VALUE(1), KINK, HE,
     .kernels = VARIANTS(op_elu)},
    {"selu", "a = λ z for z > 0, else λ α (e^z - 1)", ACTIVATION, KINK, LECUN, .kernels = VARIANTS(op_selu)},
    {"gelu", "a = z Φ(z), Φ the normal distribution", ACTIVATION, HE, .kernels = VARIANTS(op_gelu)},
    {"silu", "a = z / (1 + e^-z)", ACTIVATION, HE, .kernels = VARIANTS(op_silu)},
    {"softplus", "a = ln(1 + e^z)", ACTIVATION, HE, .kernels = VARIANTS(op_softplus)},
    {"softmax", "a_j = e^z_j / Σ_k e^z_k", ACTIVATION, BY_ROW, XAVIER, .kernels = VARIANTS(op_softmax)},
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
