/* The elementary functions: errors over a dense sample of inputs (tests/long/elementary_sweep.c takes them
 * all), exact special values, and the bits themselves, which must be the same with every compiler and CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants the three above */
#include <cmocka.h>

#include "base/real.h"
#include "elementary_cases.h"

static void assert_report(const struct elementary_case *function, const struct elementary_report *report) {
    if (report->wrong)
        fail_msg("%s(%a): wrong in kind; %llu such inputs", function->name,
                 (double)f32_from_bits(report->wrong_at), (unsigned long long)report->wrong);
    if (!(report->worst <= ELEMENTARY_LIMIT))
        fail_msg("%s(%a): error %.3f ULP", function->name, (double)f32_from_bits(report->worst_at),
                 report->worst);
}

/* Every 1021st of the 2^32 inputs; 1021 is prime, so all exponents and endings of mantissas take part. */
static void test_dense_sample(void **state) {
    (void)state;
    const uint32_t stride = 1021;
    const uint64_t inputs = (1ull << 32) / stride;
    for (size_t f = 0; f < ELEMENTARY_CASES; f++) {
        struct elementary_report report = {0};
        for (uint64_t i = 0; i < inputs; i += ELEMENTARY_BLOCK) {
            size_t count = inputs - i < ELEMENTARY_BLOCK ? (size_t)(inputs - i) : ELEMENTARY_BLOCK;
            elementary_check(&report, &elementary_cases[f], (uint32_t)i * stride, stride, count);
        }
        assert_report(&elementary_cases[f], &report);
    }
}

/* Where a function begins, ends, overflows, saturates, or changes its formula; then multiples of pi/2, where
 * sin and cos must give the little that is left of a long subtraction. Of all floats, 0x1.f37c8ap95 comes
 * nearest to one. */
/* clang-format off */
static const float places[] = {
    0,             FLT_MIN,       FLT_MAX,       INFINITY,      0.25f,         0.5f,          1,
    2,             4,             8,             0.75f,         1.5f,          0x1p-25f,      0x1p-24f,
    0x1p-23f,      0x1p-12f,      0x1p24f,       0x1p25f,       0x1p31f,       0x1p64f,       0.625f,
    0x1.ffep-1f,   3.9195597f,    9.0109138f,    9.5f,          0.34657359f,   0.69314718f,   16.635530f,
    17.328680f,    18,            88.722839f,    89,            87.336545f,    103.27893f,    103.97208f,
    104,           0.785398163f,  1.57079633f,   3.14159265f,   4.71238898f,   6.28318531f,   12.5663706f,
    31.4159265f,   0x1.f9cbe2p7f, 0x1.921fb6p23f, 0x1.921fb6p24f, 0x1.f37c8ap95f,
};
/* clang-format on */

static void test_around_places(void **state) {
    (void)state;
    for (size_t f = 0; f < ELEMENTARY_CASES; f++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            for (uint32_t sign = 0; sign < 2; sign++) {
                struct elementary_report report = {0};
                uint32_t middle = f32_bits(places[i]) | sign << 31;
                elementary_check(&report, &elementary_cases[f], middle - 512, 1, 1024);
                assert_report(&elementary_cases[f], &report);
            }
}

static void test_specials(void **state) {
    (void)state;
    for (size_t i = 0; i < ELEMENTARY_SPECIALS; i++) {
        const struct elementary_special *special = &elementary_specials[i];
        float y = elementary_special_result(special);
        if (elementary_bits(y) != elementary_bits(special->y))
            fail_msg("%s(%a) = %a, expected %a", special->name, (double)special->x, (double)y,
                     (double)special->y);
    }
}

/* FNV-1a (Fowler, Noll, Vo) over the bits of the results for `inputs` inputs, each number's lowest byte
 * first. Loops and single calls must agree. */
static uint64_t hash_of_results(const struct elementary_case *function, uint32_t stride, uint32_t inputs) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (uint32_t first = 0; first < inputs; first += ELEMENTARY_BLOCK) {
        float x[ELEMENTARY_BLOCK], y[ELEMENTARY_BLOCK];
        for (uint32_t i = 0; i < ELEMENTARY_BLOCK; i++) x[i] = f32_from_bits((first + i) * stride);
        function->loop(y, x, ELEMENTARY_BLOCK);
        for (uint32_t i = 0; i < ELEMENTARY_BLOCK; i++) {
            uint32_t bits = elementary_bits(y[i]);
            assert_int_equal(elementary_bits(function->call(x[i])), bits);
            for (int shift = 0; shift < 32; shift += 8)
                hash = (hash ^ (bits >> shift & 0xFF)) * 0x100000001B3u;
        }
    }
    return hash;
}

/* Where this fails although the errors are small, a compiler has fused, reordered or widened operations. When
 * a function is changed on purpose, the message tells the new value. */
static void test_bits_are_pinned(void **state) {
    (void)state;
    static const uint64_t pinned[ELEMENTARY_CASES] = {
        0x1a40a89b11b6dbec, /* exp */
        0x3f1c66237fe9ace6, /* expm1 */
        0x6b28c508b0c094d3, /* log */
        0xc200b15f98e033ad, /* log1p */
        0x423fea847c967352, /* tanh */
        0xcc00a2eaf2aa0d6b, /* erf */
        0xdd428579350d8769, /* sin */
        0xffee33195212ce35, /* cos */
        0xac851f74bad033b6, /* sigmoid */
        0xdbe6c2d3020e0e44, /* softplus */
    };
    bool same = true;
    for (size_t f = 0; f < ELEMENTARY_CASES; f++) {
        uint64_t hash = hash_of_results(&elementary_cases[f], 16381, 256 * ELEMENTARY_BLOCK);
        if (hash == pinned[f]) continue;
        print_error("%s: hash 0x%016llX, expected 0x%016llX\n", elementary_cases[f].name,
                    (unsigned long long)hash, (unsigned long long)pinned[f]);
        same = false;
    }
    assert_true(same);
}

/* Without NUDGE_F64 the arithmetic's names mean the functions tested here. */
static void test_real_is_f32(void **state) {
    (void)state;
    const real x = REAL(0.7);
    assert_int_equal(sizeof(real), sizeof(float));
    const real pairs[][2] = {
        {real_exp(x), f32_exp(x)},
        {real_expm1(x), f32_expm1(x)},
        {real_log(x), f32_log(x)},
        {real_log1p(x), f32_log1p(x)},
        {real_tanh(x), f32_tanh(x)},
        {real_erf(x), f32_erf(x)},
        {real_sin(x), f32_sin(x)},
        {real_cos(x), f32_cos(x)},
        {real_sigmoid(x), f32_sigmoid(x)},
        {real_softplus(x), f32_softplus(x)},
        {real_abs(-x), x},
        {real_sqrt(REAL(0.25)), REAL(0.5)},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(f32_bits(pairs[i][0]), f32_bits(pairs[i][1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_specials),     cmocka_unit_test(test_around_places),
        cmocka_unit_test(test_dense_sample), cmocka_unit_test(test_bits_are_pinned),
        cmocka_unit_test(test_real_is_f32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
