/* Which kernel multiplies in bf16. Invariant: one that computes a small product wrong is never used. */
#include "engine/bf16.h"

#include "base/context.h"

#include <string.h>

#ifdef NUDGE_BF16_KERNELS
extern const struct bf16_kernel bf16_avx512_kernel, bf16_amx_kernel;
const struct bf16_kernel *const bf16_avx512 = &bf16_avx512_kernel, *const bf16_amx = &bf16_amx_kernel;
#else
const struct bf16_kernel *const bf16_avx512 = NULL, *const bf16_amx = NULL;
#endif

VARIANTS_DECLARE_F32(struct bf16_copies, bf16_copies)

const struct bf16_copies *bf16_copies(const nudge_context *context) {
    static const struct bf16_copies *const levels[CPU_LEVELS] = VARIANTS_F32(bf16_copies);
    return levels[context->cpu_level - NUDGE_CPU_BASE];
}

/* -- the self-check -- */

/* 35 rows x 48 outputs: a whole block, and what is left over in both directions; 96 terms. */
enum { ROWS = 35, MEMORY_ROWS = 48, COLUMNS = 48, PANEL = 64, TERMS = 96 };

struct check {
    uint16_t a[MEMORY_ROWS * TERMS], b[TERMS * PANEL];
    float c[MEMORY_ROWS * PANEL], row[PANEL];
};

/* Numbers of both signs and of many sizes, by a short generator. */
static uint16_t some_number(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (uint16_t)(*state >> 31 << 15 | (120u + (*state >> 24 & 7u)) << 7 | (*state >> 9 & 0x7Fu));
}

static double value_of(uint16_t number) {
    uint32_t bits = (uint32_t)number << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Whether C is the sum within the rounding of TERMS + 1 additions in f32, whatever their order. */
static bool check_sums(const struct check *check, enum bf16_start start, const float *before) {
    for (size_t r = 0; r < ROWS; r++)
        for (size_t o = 0; o < COLUMNS; o++) {
            double sum = start == BF16_ROW ? (double)check->row[o] : start == BF16_C ? (double)before[o] : 0;
            double size = sum < 0 ? -sum : sum;
            for (size_t k = 0; k < TERMS; k++) {
                double term =
                    value_of(check->a[r * TERMS + k]) * value_of(check->b[(k / 2 * PANEL + o) * 2 + k % 2]);
                sum += term;
                size += term < 0 ? -term : term;
            }
            double miss = (double)check->c[r * PANEL + o] - sum;
            if (!((miss < 0 ? -miss : miss) <= (TERMS + 2) * 0x1p-24 * size)) return false;
        }
    return true;
}

bool bf16_is_right(const struct bf16_kernel *kernel) {
    static const enum bf16_start starts[] = {BF16_ZERO, BF16_ROW, BF16_C};
    struct check check;
    uint32_t state = 1;
    memset(&check, 0, sizeof check);
    for (size_t i = 0; i < MEMORY_ROWS * TERMS; i++) check.a[i] = some_number(&state);
    for (size_t i = 0; i < TERMS * PANEL; i++) check.b[i] = some_number(&state);
    for (size_t o = 0; o < PANEL; o++) check.row[o] = (float)value_of(some_number(&state));
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct bf16_product product = {.c = check.c,
                                       .c_stride = PANEL,
                                       .a = check.a,
                                       .a_stride = TERMS,
                                       .b = check.b,
                                       .panel = PANEL,
                                       .rows = ROWS,
                                       .columns = COLUMNS,
                                       .terms = TERMS,
                                       .start = starts[i],
                                       .row = check.row};
        for (size_t r = 0; r < MEMORY_ROWS; r++) memcpy(check.c + r * PANEL, check.row, sizeof check.row);
        kernel->begin();
        kernel->product(&product);
        kernel->end();
        if (!check_sums(&check, starts[i], check.row)) return false;
    }
    return true;
}

/* -- choosing -- */

const struct bf16_kernel *bf16_choose(const char *name, const struct bf16_kernel **wrong) {
    const struct bf16_kernel *const kernels[] = {bf16_amx, bf16_avx512, &bf16_tiles};
    *wrong = NULL;
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        const struct bf16_kernel *kernel = kernels[i];
        if (!kernel || (name ? strcmp(name, kernel->name) != 0 : kernel == &bf16_tiles)) continue;
        if (!kernel->available()) continue;
        if (bf16_is_right(kernel)) return kernel;
        *wrong = kernel;
    }
    return NULL;
}
