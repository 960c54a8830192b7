/* The number type of the arithmetic. A source file that includes this header is compiled once per variant, a
 * type and a CPU level: with NUDGE_F64 `real` is double, for checks and explanations, on libm; without it
 * float, on base/elementary.h. Invariant: in f32 everything reached from here gives the same bits with every
 * compiler; f64 promises no bits. NUDGE_VARIANT, such as f32_v3, ends the names of what the file exports. */
#ifndef NUDGE_BASE_REAL_H
#define NUDGE_BASE_REAL_H

#include <math.h>

#include "base/elementary.h"

/* A constant of the type: written with all its digits, rounded once. */
#define REAL(x) ((real)(x))

/* VARIANT(op_tanh) is op_tanh_f32_v3 where NUDGE_VARIANT is f32_v3. */
#ifdef NUDGE_VARIANT
#define NUDGE_PASTE_EXPANDED(name, variant) name##_##variant
#define NUDGE_PASTE(name, variant) NUDGE_PASTE_EXPANDED(name, variant)
#define VARIANT(name) NUDGE_PASTE(name, NUDGE_VARIANT)
#endif

/* Tables, one line each. */
/* clang-format off */
#ifdef NUDGE_F64

typedef double real;

static inline real real_abs(real x) { return fabs(x); }
static inline real real_sqrt(real x) { return sqrt(x); }
static inline real real_exp(real x) { return exp(x); }
static inline real real_expm1(real x) { return expm1(x); }
static inline real real_log(real x) { return log(x); }
static inline real real_log1p(real x) { return log1p(x); }
static inline real real_tanh(real x) { return tanh(x); }
static inline real real_erf(real x) { return erf(x); }
static inline real real_sin(real x) { return sin(x); }
static inline real real_cos(real x) { return cos(x); }

/* The same formulas as f32_sigmoid and f32_softplus. */
static inline real real_sigmoid(real x) {
    real e = exp(-fabs(x));
    return (x < 0 ? e : 1.0) / (1.0 + e);
}
static inline real real_softplus(real x) { return (x > 0 ? x : 0.0) + log1p(exp(-fabs(x))); }

#else

typedef float real;

static inline real real_abs(real x) { return f32_abs(x); }
static inline real real_sqrt(real x) { return __builtin_sqrtf(x); } /* IEEE 754: correctly rounded */
static inline real real_exp(real x) { return f32_exp(x); }
static inline real real_expm1(real x) { return f32_expm1(x); }
static inline real real_log(real x) { return f32_log(x); }
static inline real real_log1p(real x) { return f32_log1p(x); }
static inline real real_tanh(real x) { return f32_tanh(x); }
static inline real real_erf(real x) { return f32_erf(x); }
static inline real real_sin(real x) { return f32_sin(x); }
static inline real real_cos(real x) { return f32_cos(x); }
static inline real real_sigmoid(real x) { return f32_sigmoid(x); }
static inline real real_softplus(real x) { return f32_softplus(x); }

#endif
/* clang-format on */

#endif
