/* Squares of 32-bit and of 64-bit numbers, transposed in registers: weights on their way back, and pairs of bf16. */
#ifndef NUDGE_ENGINE_TRANSPOSE_H
#define NUDGE_ENGINE_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__

#include <immintrin.h>

/* to[j][i] = from[i][j] of a square with sides of TRANSPOSE_SIDE; strides in numbers.
 *
 * Neighbouring rows are mixed by single numbers, then by pairs; then quarters of rows change places. */
enum { TRANSPOSE_SIDE = 16 };
static inline void transpose_square(void *restrict into, size_t to_stride, const void *restrict of,
                                    size_t from_stride) {
    float *to = into;
    const float *from = of;
    __m512 row[TRANSPOSE_SIDE], mixed[TRANSPOSE_SIDE];
#pragma GCC unroll 16
    for (size_t i = 0; i < TRANSPOSE_SIDE; i++) row[i] = _mm512_loadu_ps(from + i * from_stride);
#pragma GCC unroll 8
    for (size_t i = 0; i < TRANSPOSE_SIDE; i += 2) {
        mixed[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        mixed[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < TRANSPOSE_SIDE;
         i += 4) /* row[i + j] has column 4q + j of rows i .. i+3 in its quarter q */
#pragma GCC unroll 2
        for (size_t j = 0; j < 2; j++) {
            __m512d a = _mm512_castps_pd(mixed[i + j]), b = _mm512_castps_pd(mixed[i + j + 2]);
            row[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            row[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; j++) {
        __m512 a = _mm512_shuffle_f32x4(row[j], row[4 + j], 0x44),
               b = _mm512_shuffle_f32x4(row[j], row[4 + j], 0xEE),
               c = _mm512_shuffle_f32x4(row[8 + j], row[12 + j], 0x44),
               d = _mm512_shuffle_f32x4(row[8 + j], row[12 + j], 0xEE);
        _mm512_storeu_ps(to + j * to_stride, _mm512_shuffle_f32x4(a, c, 0x88));
        _mm512_storeu_ps(to + (4 + j) * to_stride, _mm512_shuffle_f32x4(a, c, 0xDD));
        _mm512_storeu_ps(to + (8 + j) * to_stride, _mm512_shuffle_f32x4(b, d, 0x88));
        _mm512_storeu_ps(to + (12 + j) * to_stride, _mm512_shuffle_f32x4(b, d, 0xDD));
    }
}

/* The same of 64-bit numbers. */
enum { TRANSPOSE_LONG_SIDE = 8 };
static inline void transpose_long_square(void *restrict into, size_t to_stride, const void *restrict of,
                                         size_t from_stride) {
    double *to = into;
    const double *from = of;
    __m512d row[TRANSPOSE_LONG_SIDE], mixed[TRANSPOSE_LONG_SIDE];
#pragma GCC unroll 8
    for (size_t i = 0; i < TRANSPOSE_LONG_SIDE; i++) row[i] = _mm512_loadu_pd(from + i * from_stride);
#pragma GCC unroll 4
    for (size_t i = 0; i < TRANSPOSE_LONG_SIDE; i += 2) { /* even columns of rows i and i + 1; odd columns */
        mixed[i] = _mm512_unpacklo_pd(row[i], row[i + 1]);
        mixed[i + 1] = _mm512_unpackhi_pd(row[i], row[i + 1]);
    }
#pragma GCC unroll 2
    for (size_t j = 0; j < 2; j++) {
        __m512d a = _mm512_shuffle_f64x2(mixed[j], mixed[2 + j], 0x44),
                b = _mm512_shuffle_f64x2(mixed[j], mixed[2 + j], 0xEE),
                c = _mm512_shuffle_f64x2(mixed[4 + j], mixed[6 + j], 0x44),
                d = _mm512_shuffle_f64x2(mixed[4 + j], mixed[6 + j], 0xEE);
        _mm512_storeu_pd(to + j * to_stride, _mm512_shuffle_f64x2(a, c, 0x88));
        _mm512_storeu_pd(to + (2 + j) * to_stride, _mm512_shuffle_f64x2(a, c, 0xDD));
        _mm512_storeu_pd(to + (4 + j) * to_stride, _mm512_shuffle_f64x2(b, d, 0x88));
        _mm512_storeu_pd(to + (6 + j) * to_stride, _mm512_shuffle_f64x2(b, d, 0xDD));
    }
}

#else

enum { TRANSPOSE_LONG_SIDE = 8 };
static inline void transpose_long_square(void *restrict to, size_t to_stride, const void *restrict from,
                                         size_t from_stride) {
    for (size_t j = 0; j < TRANSPOSE_LONG_SIDE; j++)
        for (size_t i = 0; i < TRANSPOSE_LONG_SIDE; i++)
            memcpy((unsigned char *)to + (j * to_stride + i) * sizeof(uint64_t),
                   (const unsigned char *)from + (i * from_stride + j) * sizeof(uint64_t), sizeof(uint64_t));
}

typedef uint32_t transpose_four __attribute__((vector_size(16), may_alias));

#if defined(__clang__) || __GNUC__ >= 12
#define PICK(x, y, i, j, k, l) __builtin_shufflevector(x, y, i, j, k, l)
#else
typedef int32_t transpose_places __attribute__((vector_size(16)));
#define PICK(x, y, i, j, k, l) __builtin_shuffle(x, y, (transpose_places){i, j, k, l})
#endif

enum { TRANSPOSE_SIDE = 4 };
static inline void transpose_square(void *restrict to, size_t to_stride, const void *restrict from,
                                    size_t from_stride) {
    transpose_four a, b, c, d;
    const unsigned char *in = from;
    memcpy(&a, in, sizeof a);
    memcpy(&b, in + from_stride * sizeof(uint32_t), sizeof b);
    memcpy(&c, in + 2 * from_stride * sizeof(uint32_t), sizeof c);
    memcpy(&d, in + 3 * from_stride * sizeof(uint32_t), sizeof d);
    transpose_four low_ac = PICK(a, c, 0, 4, 1, 5), high_ac = PICK(a, c, 2, 6, 3, 7);
    transpose_four low_bd = PICK(b, d, 0, 4, 1, 5), high_bd = PICK(b, d, 2, 6, 3, 7);
    const transpose_four out[4] = {PICK(low_ac, low_bd, 0, 4, 1, 5), PICK(low_ac, low_bd, 2, 6, 3, 7),
                                   PICK(high_ac, high_bd, 0, 4, 1, 5), PICK(high_ac, high_bd, 2, 6, 3, 7)};
    for (size_t j = 0; j < 4; j++)
        memcpy((unsigned char *)to + j * to_stride * sizeof(uint32_t), &out[j], sizeof out[j]);
}
#undef PICK

#endif

#endif
