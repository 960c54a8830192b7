/* AVX512_BF16: VDPBF16PS adds two terms to each of 16 sums at once. A tile is 6 rows x 64 outputs, as in verbs.c. */
#include "engine/bf16.h"

#include <immintrin.h>
#include <string.h>

enum { TALL = 6, WIDE = 4 };

/* `rows` and `lanes` are constants at every call. */
static inline __attribute__((always_inline)) void tile(const struct bf16_product *p, float *c,
                                                       const uint16_t *a, const uint16_t *b, const float *row,
                                                       int rows, int lanes) {
    __m512 acc[TALL][WIDE];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < lanes; v++)
            acc[r][v] = p->start == BF16_C     ? _mm512_loadu_ps(c + (size_t)r * p->c_stride + LANE * v)
                        : p->start == BF16_ROW ? _mm512_loadu_ps(row + LANE * v)
                                               : _mm512_setzero_ps();
    for (size_t k = 0; k < p->terms; k += 2, a += 2, b += 2 * p->panel) {
        __m512bh b_k[WIDE];
        for (int v = 0; v < lanes; v++) b_k[v] = (__m512bh)_mm512_loadu_si512(b + 2 * LANE * v);
        for (int r = 0; r < rows; r++) {
            int32_t two;
            memcpy(&two, a + (size_t)r * p->a_stride, sizeof two);
            __m512bh a_rk = (__m512bh)_mm512_set1_epi32(two);
            for (int v = 0; v < lanes; v++) acc[r][v] = _mm512_dpbf16_ps(acc[r][v], a_rk, b_k[v]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < lanes; v++) _mm512_storeu_ps(c + (size_t)r * p->c_stride + LANE * v, acc[r][v]);
}

static inline __attribute__((always_inline)) void column(const struct bf16_product *p, size_t o, int lanes) {
    for (size_t r = 0; r < p->rows; r += TALL) {
        size_t rest = p->rows - r;
        float *c = p->c + r * p->c_stride + o;
        const uint16_t *a = p->a + r * p->a_stride, *b = p->b + 2 * o;
        const float *row = p->row ? p->row + o : NULL;
        switch (rest) {
        case 1: tile(p, c, a, b, row, 1, lanes); break;
        case 2: tile(p, c, a, b, row, 2, lanes); break;
        case 3: tile(p, c, a, b, row, 3, lanes); break;
        case 4: tile(p, c, a, b, row, 4, lanes); break;
        case 5: tile(p, c, a, b, row, 5, lanes); break;
        default: tile(p, c, a, b, row, TALL, lanes);
        }
    }
}

static void product(const struct bf16_product *p) {
    for (size_t o = 0; o < p->columns; o += WIDE * LANE) switch ((p->columns - o) / LANE) {
        case 1: column(p, o, 1); break;
        case 2: column(p, o, 2); break;
        case 3: column(p, o, 3); break;
        default: column(p, o, WIDE);
        }
}

static bool available(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512bf16");
}

static void nothing(void) {}

extern const struct bf16_kernel bf16_avx512_kernel;
const struct bf16_kernel bf16_avx512_kernel = {"avx512", available, nothing, nothing, product};
