#ifndef NUDGE_BASE_ELEMENTARY_H
#define NUDGE_BASE_ELEMENTARY_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

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
static inline float f32_abs(float x) { return f32_from_bits(f32_bits(x) & 0x7FFFFFFFu); }
static inline float f32_with_sign(float magnitude, float sign) {
    return f32_from_bits(f32_bits(magnitude) | (f32_bits(sign) & 0x80000000u));
}
static inline float f32_pow2(uint32_t biased) { return f32_from_bits(biased << 23); }

struct f32_reduced {
    float high, low;
    uint32_t k;
};
static inline struct f32_reduced f32_exp_reduce(float x) {
    const float shift = 0x1.8p23f + 256;
    float shifted = x * 0x1.715476p0f + shift;
    float k = shifted - shift;
    struct f32_reduced reduced = {x - k * 0x1.62e4p-1f, k * 0x1.7f7d1cp-20f, f32_bits(shifted) - 0x4B400000u};
    return reduced;
}

static inline float f32_exp_kernel(struct f32_reduced s) {
    float r = s.high - s.low;
    float q = 0x1.fffffcp-2f + r * (0x1.555492p-3f + r * (0x1.5558f2p-5f + r * (0x1.1239d2p-7f + r * 0x1.6a244ap-10f)));
    return 1.0f + (s.high + (r * r * q - s.low));
}

static inline float f32_exp(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    struct f32_reduced s = f32_exp_reduce(x);
    uint32_t half = s.k >> 1;
    return f32_exp_kernel(s) * f32_pow2(half - 1) * f32_pow2(s.k - half - 1);
}

static inline float f32_expm1_kernel(struct f32_reduced s) {
    float r = s.high - s.low;
    float q = 0x1p-1f + r * (0x1.555554p-3f + r * (0x1.5554b2p-5f + r * (0x1.11118ap-7f + r * (0x1.6d71e6p-10f + r * 0x1.a032c2p-13f))));
    return s.high + (r * r * q - s.low);
}

static inline float f32_expm1(float x) {
    float y = x > 89.0f ? 89.0f : x;
    y = y < -18.0f ? -18.0f : y;
    struct f32_reduced s = f32_exp_reduce(y);
    float p = f32_expm1_kernel(s);
    float half = f32_pow2(s.k - 130);
    float e = 2.0f * (half * p + (half - 0.5f));
    return f32_abs(x) < 0x1p-25f ? x : e;
}

static inline float f32_tanh(float x) {
    float y = f32_abs(x);
    y = y > 9.5f ? 9.5f : y;
    float z = y * y;
    float p = -0x1.555532p-2f + z * (0x1.1106f6p-3f + z * (-0x1.b835a4p-5f + z * (0x1.51f8cep-6f + z * -0x1.750ce4p-8f)));
    float small = y + y * (z * p);
    struct f32_reduced s = f32_exp_reduce(-2.0f * y);
    float e = f32_pow2(s.k - 129) * f32_exp_kernel(s);
    float large = 1.0f - 2.0f * e / (1.0f + e);
    return f32_with_sign(y < 0.625f ? small : large, x);
}

static inline float f32_sigmoid(float x) {
    float e = f32_exp(-f32_abs(x));
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}

static inline float f32_softplus(float x) {
    float f = f32_exp(-f32_abs(x));
    float p = 0x1.5554b4p-2f + f * (-0x1.ffdcfp-3f + f * (0x1.981756p-3f + f * (-0x1.4c5ad6p-3f + f * (0x1.03aafcp-3f + f * (-0x1.5fe2b6p-4f + f * (0x1.6ad39p-5f + f * (-0x1.e100cap-7f + f * 0x1.2a53e2p-9f)))))));
    float l = f + f * f * (f * p - 0.5f);
    return (x > 0 ? x : 0.0f) + l;
}

static inline float f32_log_kernel(float f) {
    float p = 0x1.555554p-2f + f * (-0x1.000226p-2f + f * (0x1.99a008p-3f + f * (-0x1.547244p-3f + f * (0x1.22da1cp-3f + f * (-0x1.0d853cp-3f + f * (0x1.055b6ap-3f + f * -0x1.38b598p-4f))))));
    float z = f * f;
    return z * f * p - 0.5f * z;
}

static inline float f32_log(float x) {
    float tiny = x < FLT_MIN ? 0x1p23f : 1.0f;
    float offset = x < FLT_MIN ? 127.0f + 23 : 127.0f;
    uint32_t u = f32_bits(x * tiny) + (0x3F800000u - 0x3F3504F3u);
    float k = (float)(int32_t)(u >> 23) - offset;
    float f = f32_from_bits((u & 0x7FFFFFu) + 0x3F3504F3u) - 1.0f;
    float y = k * 0x1.62e4p-1f + (f + (f32_log_kernel(f) + k * 0x1.7f7d1cp-20f));
    float special = x == 0 ? -INFINITY : x < 0 ? NAN : x;
    return x > 0 && x < INFINITY ? y : special;
}

static inline float f32_log1p(float x) {
    float sum = 1.0f + x;
    float lost = x > 1.0f ? 1.0f - (sum - x) : x - (sum - 1.0f);
    uint32_t u = f32_bits(sum) + (0x3F800000u - 0x3F3504F3u);
    float k = (float)(int32_t)(u >> 23) - 127.0f;
    float m = f32_from_bits((u & 0x7FFFFFu) + 0x3F3504F3u) - 1.0f;
    float f = k == 0 ? x : m;
    float c = k == 0 ? 0.0f : lost / sum;
    float l = f32_log_kernel(f);
    float y = k * 0x1.62e4p-1f + (f + (l + (k * 0x1.7f7d1cp-20f + c)));
    y = k == 0 ? f + l : y;
    float special = x == -1.0f ? -INFINITY : x < -1.0f ? NAN : x;
    return x > -1.0f && x < INFINITY ? y : special;
}

static inline float f32_erf(float x) {
    float a = f32_abs(x);
    a = a > 3.95f ? 3.95f : a;
    float t = a * a;
    float p = 0x1.06eba8p-3f + t * (-0x1.81273ep-2f + t * (0x1.ce2ce6p-4f + t * (-0x1.b7f71ap-6f + t * (0x1.53f224p-8f + t * (-0x1.a3515ep-11f + t * 0x1.4771fcp-14f)))));
    float small = x + x * p;
    float b = a - 1.0f;
    float q = 0x1.427126p-1f + b * (-0x1.a974acp-2f + b * (0x1.196204p-8f + b * (0x1.a21fd2p-5f + b * (-0x1.27f4dcp-8f + b * (-0x1.0b9ebap-8f + b * (-0x1.2e0b92p-14f + b * (0x1.a0affcp-11f + b * (-0x1.0155cp-12f + b * 0x1.a66ec8p-16f))))))));
    q = q * q;
    float large = f32_with_sign(1.0f - q * q, x);
    return a < 1.0f ? small : large;
}
#endif
