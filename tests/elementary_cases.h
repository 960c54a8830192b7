/* What the elementary functions of src/base/elementary.h must be; shared by tests/unit/elementary_test.c (a
 * sample) and tests/long/elementary_sweep.c (every input). Invariant: what is tested is what a vectorised
 * loop computes. References are the C library's functions in double: their own error, below 1 ULP of a
 * double, is 2^-29 of what is measured here. */
#ifndef NUDGE_TESTS_ELEMENTARY_CASES_H
#define NUDGE_TESTS_ELEMENTARY_CASES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/elementary.h"

#define ELEMENTARY_LIMIT 4.0 /* ULP */

static double elementary_sigmoid(double x) {
    double e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

static double elementary_softplus(double x) {
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

#define ELEMENTARY_LOOP(name)                                                                                \
    static void elementary_loop_##name(float *restrict y, const float *restrict x, size_t count) {           \
        for (size_t i = 0; i < count; i++) y[i] = f32_##name(x[i]);                                          \
    }
ELEMENTARY_LOOP(exp)
ELEMENTARY_LOOP(expm1)
ELEMENTARY_LOOP(log)
ELEMENTARY_LOOP(log1p)
ELEMENTARY_LOOP(tanh)
ELEMENTARY_LOOP(erf)
ELEMENTARY_LOOP(sin)
ELEMENTARY_LOOP(cos)
ELEMENTARY_LOOP(sigmoid)
ELEMENTARY_LOOP(softplus)

struct elementary_case {
    const char *name;
    float (*call)(float);
    void (*loop)(float *restrict y, const float *restrict x, size_t count);
    double (*reference)(double);
    float lowest, highest; /* no result may lie outside, not by rounding either */
    bool odd;              /* f(-x) = -f(x), to the bit */
};

enum { ELEMENTARY_CASES = 10 };

static const struct elementary_case elementary_cases[ELEMENTARY_CASES] = {
    {"exp", f32_exp, elementary_loop_exp, exp, 0, INFINITY, false},
    {"expm1", f32_expm1, elementary_loop_expm1, expm1, -1, INFINITY, false},
    {"log", f32_log, elementary_loop_log, log, -INFINITY, INFINITY, false},
    {"log1p", f32_log1p, elementary_loop_log1p, log1p, -INFINITY, INFINITY, false},
    {"tanh", f32_tanh, elementary_loop_tanh, tanh, -1, 1, true},
    {"erf", f32_erf, elementary_loop_erf, erf, -1, 1, true},
    {"sin", f32_sin, elementary_loop_sin, sin, -1, 1, true},
    {"cos", f32_cos, elementary_loop_cos, cos, -1, 1, false},
    {"sigmoid", f32_sigmoid, elementary_loop_sigmoid, elementary_sigmoid, 0, 1, false},
    {"softplus", f32_softplus, elementary_loop_softplus, elementary_softplus, 0, INFINITY, false},
};

/* |y - exact| in units of the last place of an f32 as large as `exact`. Both count as 2^128 beyond the
 * largest f32, so that overflow is right where it is the correct rounding. */
static inline double elementary_ulp_error(float y, double exact) {
    const double beyond = 0x1p128;
    double got = fabs((double)y) > beyond ? copysign(beyond, (double)y) : (double)y;
    double want = fabs(exact) > beyond ? copysign(beyond, exact) : exact;
    uint64_t bits;
    memcpy(&bits, &want, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7FF) - 1023;
    if (exponent < FLT_MIN_EXP - 1) exponent = FLT_MIN_EXP - 1;
    if (exponent > FLT_MAX_EXP - 1) exponent = FLT_MAX_EXP - 1;
    bits = (uint64_t)(FLT_MANT_DIG - 1 - exponent + 1023) << 52; /* 1 / ulp */
    double units;
    memcpy(&units, &bits, sizeof units);
    return fabs(got - want) * units;
}

/* What was found over many inputs. */
struct elementary_report {
    double worst; /* ULP */
    uint32_t worst_at;
    uint64_t wrong; /* results that are wrong in kind: NaN or not, sign of zero, out of range, not odd */
    uint32_t wrong_at;
};

static inline bool elementary_kind_is_wrong(const struct elementary_case *function, float y, double exact,
                                            float mirrored) {
    if (isnan(exact) || isnan(y)) return !(isnan(exact) && isnan(y));
    if (y < function->lowest || y > function->highest) return true;
    if (y == 0 && !signbit(y) != !signbit(exact)) return true;
    return function->odd && f32_bits(mirrored) != (f32_bits(y) ^ 0x80000000u);
}

enum { ELEMENTARY_BLOCK = 1024 };

/* Checks inputs of the bits first, first + stride, ...; count <= ELEMENTARY_BLOCK. */
static inline void elementary_check(struct elementary_report *report, const struct elementary_case *function,
                                    uint32_t first, uint32_t stride, size_t count) {
    float x[ELEMENTARY_BLOCK], y[ELEMENTARY_BLOCK], mirrored[ELEMENTARY_BLOCK];
    for (size_t i = 0; i < count; i++) x[i] = f32_from_bits((first + (uint32_t)i * stride) ^ 0x80000000u);
    if (function->odd) function->loop(mirrored, x, count);
    for (size_t i = 0; i < count; i++) x[i] = f32_from_bits(first + (uint32_t)i * stride);
    function->loop(y, x, count);
    for (size_t i = 0; i < count; i++) {
        double exact = function->reference((double)x[i]);
        if (elementary_kind_is_wrong(function, y[i], exact, function->odd ? mirrored[i] : 0)) {
            if (!report->wrong++) report->wrong_at = f32_bits(x[i]);
            continue;
        }
        double error = isnan(exact) ? 0 : elementary_ulp_error(y[i], exact);
        if (error > report->worst) {
            report->worst = error;
            report->worst_at = f32_bits(x[i]);
        }
    }
}

/* Results that are exact, by name. NaN stands for any NaN. */
struct elementary_special {
    const char *name;
    float x, y;
};

#define ELEMENTARY_DENORMAL 0x1p-149f

/* sign of zero kept, and f(x) = x for the smallest x */
#define ELEMENTARY_THROUGH_ZERO(name)                                                                        \
    {name, 0.0f, 0.0f}, {name, -0.0f, -0.0f}, {name, ELEMENTARY_DENORMAL, ELEMENTARY_DENORMAL},              \
        {name, -ELEMENTARY_DENORMAL, -ELEMENTARY_DENORMAL}, {name, FLT_MIN, FLT_MIN}, {                      \
        name, -FLT_MIN, -FLT_MIN                                                                             \
    }

static const struct elementary_special elementary_specials[] = {
    {"exp", 0.0f, 1},
    {"exp", -0.0f, 1},
    {"exp", ELEMENTARY_DENORMAL, 1},
    {"exp", INFINITY, INFINITY},
    {"exp", -INFINITY, 0},
    {"exp", FLT_MAX, INFINITY},
    {"exp", -FLT_MAX, 0},
    {"exp", 0x1.62e43p6f, INFINITY},              /* just above 128 ln 2 */
    {"exp", -0x1.9fe368p6f, ELEMENTARY_DENORMAL}, /* just above -150 ln 2: rounds up to 2^-149 */
    {"exp", -0x1.9fe36ap6f, 0},                   /* just beneath it */
    {"exp", NAN, NAN},
    ELEMENTARY_THROUGH_ZERO("expm1"),
    {"expm1", INFINITY, INFINITY},
    {"expm1", -INFINITY, -1},
    {"expm1", FLT_MAX, INFINITY},
    {"expm1", -FLT_MAX, -1},
    {"expm1", NAN, NAN},
    {"log", 1, 0.0f},
    {"log", 0.0f, -INFINITY},
    {"log", -0.0f, -INFINITY},
    {"log", -ELEMENTARY_DENORMAL, NAN},
    {"log", -1, NAN},
    {"log", -INFINITY, NAN},
    {"log", INFINITY, INFINITY},
    {"log", NAN, NAN},
    ELEMENTARY_THROUGH_ZERO("log1p"),
    {"log1p", -1, -INFINITY},
    {"log1p", -0x1.000002p0f, NAN},
    {"log1p", -INFINITY, NAN},
    {"log1p", INFINITY, INFINITY},
    {"log1p", NAN, NAN},
    ELEMENTARY_THROUGH_ZERO("tanh"),
    {"tanh", 9.02f, 1},
    {"tanh", -9.02f, -1},
    {"tanh", FLT_MAX, 1},
    {"tanh", INFINITY, 1},
    {"tanh", -INFINITY, -1},
    {"tanh", NAN, NAN},
    {"erf", 0.0f, 0.0f},
    {"erf", -0.0f, -0.0f},
    {"erf", ELEMENTARY_DENORMAL, ELEMENTARY_DENORMAL}, /* 1.128 of it, rounded */
    {"erf", -ELEMENTARY_DENORMAL, -ELEMENTARY_DENORMAL},
    {"erf", 3.93f, 1},
    {"erf", -3.93f, -1},
    {"erf", FLT_MAX, 1},
    {"erf", INFINITY, 1},
    {"erf", -INFINITY, -1},
    {"erf", NAN, NAN},
    ELEMENTARY_THROUGH_ZERO("sin"),
    {"sin", INFINITY, NAN},
    {"sin", -INFINITY, NAN},
    {"sin", NAN, NAN},
    {"cos", 0.0f, 1},
    {"cos", -0.0f, 1},
    {"cos", ELEMENTARY_DENORMAL, 1},
    {"cos", INFINITY, NAN},
    {"cos", -INFINITY, NAN},
    {"cos", NAN, NAN},
    {"sigmoid", 0.0f, 0.5f},
    {"sigmoid", -0.0f, 0.5f},
    {"sigmoid", INFINITY, 1},
    {"sigmoid", -INFINITY, 0},
    {"sigmoid", FLT_MAX, 1},
    {"sigmoid", -FLT_MAX, 0},
    {"sigmoid", -0x1.9fe368p6f, ELEMENTARY_DENORMAL},
    {"sigmoid", NAN, NAN},
    {"softplus", INFINITY, INFINITY},
    {"softplus", -INFINITY, 0},
    {"softplus", FLT_MAX, FLT_MAX},
    {"softplus", -FLT_MAX, 0},
    {"softplus", -0x1.9fe368p6f, ELEMENTARY_DENORMAL},
    {"softplus", NAN, NAN},
};

enum { ELEMENTARY_SPECIALS = sizeof elementary_specials / sizeof *elementary_specials };

/* What the function gives there; 2^127, which no row expects, when there is no such function. */
static inline float elementary_special_result(const struct elementary_special *special) {
    for (size_t f = 0; f < ELEMENTARY_CASES; f++)
        if (strcmp(elementary_cases[f].name, special->name) == 0) return elementary_cases[f].call(special->x);
    return 0x1p127f;
}

/* The bits of a result, all NaNs alike: their sign and payload are not promised. */
static inline uint32_t elementary_bits(float y) {
    return isnan(y) ? 0x7FC00000u : f32_bits(y);
}

#endif
