/* Elementary functions in f32. Invariant: each is a fixed sequence of IEEE 754 operations (+ - * / in
 * binary32, in sin and cos in binary64 too; comparisons; integers) in the default rounding, so every compiler
 * and CPU gives the same bits, provided that products and sums are not fused (-ffp-contract=off). Only the
 * sign and payload of a NaN may differ. No libm, no tables but one in sin and cos, no float turned into an
 * integer out of range.
 *
 * All but sin and cos are free of branches: gcc and clang turn a loop `y[i] = f32_exp(x[i])` into vector code
 * at -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math, on x86-64 from SSE2 on. To that end both sides
 * of a choice are computed, so what is not chosen may be any number; unsigned integers wrap there without
 * harm.
 *
 * Beside each function stands its largest error over all 2^32 inputs, in units in the last place (ULP) of the
 * exact result (0.5 would be perfect), measured by tests/long/elementary_sweep.c (ctest --preset long).
 *
 * All constants are printed by tools/minimax.py: polynomials fitted by the exchange algorithm (Remez 1934) to
 * the function named beside them, then rounded to the type. Long ones are summed as two chains, of the even
 * and the odd powers, which a CPU computes at once. */
#ifndef NUDGE_BASE_ELEMENTARY_H
#define NUDGE_BASE_ELEMENTARY_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_RADIX == 2 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float must be IEEE 754 binary32");
_Static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16,
               "float must be computed as float (SSE2, not x87)");

#define F32_LOG2E 0x1.715476p0f
/* ln 2 as a sum. The first has 16 bits: its products with exponents, of 8 bits, are exact. */
#define F32_LN2_HIGH 0x1.62e4p-1f
#define F32_LN2_LOW 0x1.7f7d1cp-20f

static inline uint32_t f32_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float f32_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float f32_abs(float x) {
    return __builtin_fabsf(x);
}

/* `magnitude`, which is not negative, with the sign of `sign`. */
static inline float f32_with_sign(float magnitude, float sign) {
    return f32_from_bits(f32_bits(magnitude) | (f32_bits(sign) & 0x80000000u));
}

/* -- e^x and what is made of it -- */

/* x = k ln 2 + high - low, |high - low| <= ln 2 / 2 (Cody and Waite 1980). `high` is exact. */
struct f32_reduced {
    float high, low;
    uint32_t exponent; /* k + 256 */
};

/* |x| <= 104. Adding 1.5 * 2^23 leaves no bits for a fraction: the sum's last bits are the nearest whole
 * number. */
static inline struct f32_reduced f32_reduce(float x) {
    const float shift = 0x1.8p23f + 256;
    float shifted = x * F32_LOG2E + shift;
    float k = shifted - shift;
    struct f32_reduced reduced = {
        .high = x - k * F32_LN2_HIGH,
        .low = k * F32_LN2_LOW,
        .exponent = f32_bits(shifted) - 0x4B400000u, /* the bits of 1.5 * 2^23 */
    };
    return reduced;
}

/* 2^k for -126 <= k <= 127, given k + 256. */
static inline float f32_power_of_two(uint32_t exponent) {
    return f32_from_bits((exponent - 256 + 127) << 23);
}

/* e^r = 1 + r + r^2 p(r). `high` and `low` are kept apart as long as possible, which saves one rounding. */
static inline float f32_exp_reduced(struct f32_reduced x) {
    float r = x.high - x.low;
    float p = 0x1.555492p-3f + r * (0x1.5558f2p-5f + r * (0x1.1239d2p-7f + r * 0x1.6a244ap-10f));
    p = 0x1.fffffcp-2f + r * p;
    return 1.0f + (x.high + (r * r * p - x.low));
}

/* e^x = 2^k e^r. 2^k is multiplied in as two halves: k reaches from -150 (all beneath rounds to 0) to 128
 * (all above is infinite), more than one factor holds; and only the second product rounds, where the result
 * is denormal. Error <= 0.90 ULP. */
static inline float f32_exp(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    struct f32_reduced reduced = f32_reduce(x);
    uint32_t half = reduced.exponent >> 1;
    uint32_t rest = reduced.exponent - half;
    return f32_exp_reduced(reduced) * f32_power_of_two(half + 128) * f32_power_of_two(rest + 128);
}

/* e^x - 1 = 2^k (e^r - 1) + (2^k - 1) (Sun's fdlibm 1993), halved and doubled so that k = 128 needs no 2^128.
 * Beneath -18 it is -1. Tiny x are their own result, -0 and denormals among them. Error <= 1.51 ULP. */
static inline float f32_expm1(float x) {
    float y = x > 89.0f ? 89.0f : x;
    y = y < -18.0f ? -18.0f : y;
    struct f32_reduced reduced = f32_reduce(y);
    float r = reduced.high - reduced.low;
    float p = 0x1.5554b2p-5f + r * (0x1.11118ap-7f + r * (0x1.6d71e6p-10f + r * 0x1.a032c2p-13f));
    p = 0x1p-1f + r * (0x1.555554p-3f + r * p); /* (e^r - 1 - r) / r^2 */
    float e = reduced.high + (r * r * p - reduced.low);
    float half = f32_power_of_two(reduced.exponent - 1);
    float result = 2.0f * (half * e + (half - 0.5f));
    return f32_abs(x) < 0x1p-25f ? x : result;
}

/* 1 / (1 + e^-x), for negative x as e^x / (1 + e^x): the exponential never overflows, and results far beneath
 * 0 keep their digits down to the denormals. Error <= 2.41 ULP. */
static inline float f32_sigmoid(float x) {
    float e = f32_exp(-f32_abs(x));
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}

/* tanh x = x + x^3 p(x^2) up to 0.625, above 1 - 2 e / (1 + e), e = e^-2x (both after Cody and Waite 1980);
 * 1 from 9.011 on. Error <= 1.45 ULP. */
static inline float f32_tanh(float x) {
    float y = f32_abs(x);
    y = y > 9.5f ? 9.5f : y;
    float y2 = y * y;
    float p = -0x1.b835a4p-5f + y2 * (0x1.51f8cep-6f + y2 * -0x1.750ce4p-8f);
    p = -0x1.555532p-2f + y2 * (0x1.1106f6p-3f + y2 * p); /* (tanh(y) / y - 1) / y^2 */
    float small = y + y * (y2 * p);
    struct f32_reduced reduced = f32_reduce(-2.0f * y);
    float e = f32_exp_reduced(reduced) * f32_power_of_two(reduced.exponent);
    float large = 1.0f - 2.0f * e / (1.0f + e);
    return f32_with_sign(y < 0.625f ? small : large, x);
}

/* -- logarithms -- */

/* x = 2^k (1 + f), 3/4 <= 1 + f < 3/2, for normal x > 0; `f` is exact. Taking the bits of 3/4 from those of x
 * makes the exponent change there. */
struct f32_parts {
    float k, f;
};

static inline struct f32_parts f32_split(float x) {
    const uint32_t three_quarters = 0x3F400000u, one = 0x3F800000u;
    uint32_t bits = f32_bits(x) + (one - three_quarters);
    struct f32_parts parts = {
        .k = (float)(int32_t)(bits >> 23) - 127.0f,
        .f = f32_from_bits((bits & 0x7FFFFFu) + three_quarters) - 1.0f,
    };
    return parts;
}

/* ln(1 + f) - f = -f^2/2 + f^3 p(f) for -1/4 <= f <= 1/2 (Moshier's Cephes 1989). */
static inline float f32_log_rest(float f) {
    float f2 = f * f;
    float even = 0x1.9969bp-3f + f2 * (0x1.28847cp-3f + f2 * 0x1.ac90a6p-4f);
    float odd = -0x1.54efdep-3f + f2 * (-0x1.0d8a84p-3f + f2 * -0x1.7140bap-5f);
    even = 0x1.5555a4p-2f + f2 * even;
    odd = -0x1.00004p-2f + f2 * odd;
    return f2 * f * (even + f * odd) - 0.5f * f2;
}

/* ln x = k ln 2 + ln(1 + f). Denormals are first made normal. Error <= 0.96 ULP. */
static inline float f32_log(float x) {
    float scale = x < FLT_MIN ? 0x1p23f : 1.0f;
    float scale_log2 = x < FLT_MIN ? 23.0f : 0.0f;
    struct f32_parts parts = f32_split(x * scale);
    float k = parts.k - scale_log2;
    float result = k * F32_LN2_HIGH + (parts.f + (f32_log_rest(parts.f) + k * F32_LN2_LOW));
    float special = x < 0 ? NAN : x == 0 ? -INFINITY : x; /* the last: infinity and NaN */
    return x > 0 && x < INFINITY ? result : special;
}

/* ln(1 + x) from s = 1 + x rounded: ln s + lost / s, `lost` being what rounding took from s (Sun's fdlibm
 * 1993); but where k is 0, f is x itself. Error <= 1.03 ULP. */
static inline float f32_log1p(float x) {
    float s = 1.0f + x;
    float lost = x > 1.0f ? 1.0f - (s - x) : x - (s - 1.0f);
    struct f32_parts parts = f32_split(s);
    float k = parts.k;
    float f = k == 0 ? x : parts.f;
    float rest = f32_log_rest(f);
    float direct = f + rest;
    float by_parts = k * F32_LN2_HIGH + (f + (rest + (k * F32_LN2_LOW + lost / s)));
    float special = x < -1.0f ? NAN : x == -1.0f ? -INFINITY : x;
    return x > -1.0f && x < INFINITY ? (k == 0 ? direct : by_parts) : special;
}

/* ln(1 + e^x) = max(x, 0) + ln(1 + e), e = e^-|x|; for e in (1/2, 1] the logarithm is ln 2 + ln(1 + f) with
 * 1 + f = (1 + e) / 2. Error <= 1.62 ULP. */
static inline float f32_softplus(float x) {
    float e = f32_exp(-f32_abs(x));
    float f = e > 0.5f ? 0.5f * (e - 1.0f) : e;
    float high = e > 0.5f ? F32_LN2_HIGH : 0.0f;
    float low = e > 0.5f ? F32_LN2_LOW : 0.0f;
    float logarithm = high + (f + (f32_log_rest(f) + low));
    return (x > 0 ? x : 0.0f) + logarithm;
}

/* -- the error function -- */

/* erf x = 2/sqrt(pi) * integral of e^-t^2 from 0 to x. Below s = 1 - 2^-12 it is x + x p(x^2), above it
 * 1 - q(x - s)^4: a power of a polynomial falls as steeply as the tail (Hastings 1955, with 4 for his -4).
 * This s makes the constant term of q nearly a float. 1 from 3.9196 on. Error <= 1.70 ULP. */
static inline float f32_erf(float x) {
    const float s = 0x1.ffep-1f;
    float y = f32_abs(x);
    y = y > 4.0f ? 4.0f : y;
    float y2 = y * y;
    float p = 0x1.53f224p-8f + y2 * (-0x1.a3515ep-11f + y2 * 0x1.4771fep-14f);
    p = 0x1.ce2ce6p-4f + y2 * (-0x1.b7f71ap-6f + y2 * p);
    p = 0x1.06eba8p-3f + y2 * (-0x1.81273ep-2f + y2 * p); /* erf(y) / y - 1 */
    float small = y + y * p;
    float t = y - s;
    float t2 = t * t;
    float even = -0x1.06d816p-8f + t2 * (0x1.8ad226p-11f + t2 * -0x1.fafbeep-14f);
    float odd = -0x1.43d2a4p-8f + t2 * (0x1.6ecf5ep-12f + t2 * 0x1.76d0fp-17f);
    even = 0x1.427e72p-1f + t2 * (0x1.1873f8p-8f + t2 * even);
    odd = -0x1.a9758cp-2f + t2 * (0x1.a0e166p-5f + t2 * odd);
    float q = even + t * odd; /* (1 - erf(s + t))^(1/4) */
    float q2 = q * q;
    float large = 1.0f - q2 * q2;
    return f32_with_sign(y < s ? small : large, x);
}

/* -- sine and cosine -- */

/* x = quadrant * pi/2 + r, |r| <= pi/4 and a little; the quadrant counts modulo 4. */
struct f32_angle {
    double r;
    uint32_t quadrant;
};

/* |x| < 2^24 (Cody and Waite 1980). The first part of pi/2 has 29 bits: its product with k, of 24, is exact.
 * */
static inline struct f32_angle f32_angle_moderate(float x) {
    const double shift = 0x1.8p52; /* as in f32_reduce */
    double shifted = (double)x * 0x1.45f306dc9c883p-1 + shift;
    double k = shifted - shift;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    struct f32_angle angle = {((double)x - k * 0x1.921fb54p0) - k * 0x1.10b4611a62633p-30, (uint32_t)bits};
    return angle;
}

/* 2^24 <= |x| < infinity (Payne and Hanek 1983). |x| = m 2^e, and x 2/pi = m 2^(e+1) / pi is wanted modulo 4.
 * Bits of 1/pi that stand for more than 2^(1-e) make multiples of 4: drop them. The next 96 bits make an
 * integer w with m w mod 2^96 = (x 2/pi mod 4) 2^94, of which the upper 64 bits suffice: no float comes
 * nearer to a multiple of pi/2 than 2^-29.3 (0x1.f37c8ap95, found by trying all). */
static inline struct f32_angle f32_angle_large(float x) {
    static const uint32_t inverse_pi[7] = {0x517CC1B7, 0x27220A94, 0xFE13ABE8, 0xFA9A6EE0,
                                           0x6DB14ACC, 0x9E21C820, 0xFF28B1D5};
    uint32_t bits = f32_bits(x) & 0x7FFFFFFFu;
    uint64_t m = (bits & 0x7FFFFFu) | 0x800000u;
    uint32_t first = (bits >> 23) - 151; /* e - 1, of 0 .. 103: the first bit to keep */
    const uint32_t *word = inverse_pi + first / 32;
    uint64_t w[3];
    for (int i = 0; i < 3; i++) w[i] = (((uint64_t)word[i] << 32 | word[i + 1]) << first % 32) >> 32;

    uint64_t turns = (m * w[0] << 32) + m * w[1] + (m * w[2] >> 32); /* 2^64 is one turn */
    uint64_t quadrant = (turns + (1ull << 61)) >> 62;
    double r = (double)(int64_t)(turns - (quadrant << 62)) * 0x1.921fb54442d18p-62;
    struct f32_angle angle = {r, (uint32_t)quadrant};
    if (x < 0) angle = (struct f32_angle){-r, 0u - angle.quadrant};
    return angle;
}

/* sin(x + quadrants pi/2). sin r = r + r^3 p(r^2), cos r = 1 - r^2/2 + r^4 q(r^2). Error <= 0.51 ULP. */
static inline float f32_sine(float x, uint32_t quadrants) {
    if (!(f32_abs(x) < INFINITY)) return x - x; /* NaN */
    struct f32_angle angle = f32_abs(x) < 0x1p24f ? f32_angle_moderate(x) : f32_angle_large(x);
    double r = angle.r, r2 = r * r;
    double p = 0x1.1111086a61931p-7 + r2 * (-0x1.a00f7f286c4dp-13 + r2 * 0x1.6cd1f29d3babdp-19);
    double q = 0x1.55554a1163818p-5 + r2 * (-0x1.6c0c33ac976b3p-10 + r2 * 0x1.99eb9d7dd858p-16);
    double sine = r * (1.0 + r2 * (-0x1.5555554c71d5cp-3 + r2 * p));
    double cosine = 1.0 + r2 * (-0.5 + r2 * q);
    uint32_t quadrant = angle.quadrant + quadrants;
    double result = quadrant & 1 ? cosine : sine;
    return (float)(quadrant & 2 ? -result : result);
}

static inline float f32_sin(float x) {
    return f32_sine(x, 0);
}
static inline float f32_cos(float x) {
    return f32_sine(x, 1);
}

#endif
