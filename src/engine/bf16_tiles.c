/* AMX: a tile is 16 rows of 64 bytes; C in four tiles, 32 rows x 32 outputs, takes two loads of A and two of B for four
 * products of 16 x 16 x 32. Compiled twice: with the instructions, and with what Intel's manual says of them in plain
 * C (NUDGE_TILES_IN_C), so that every machine can test the rest. Both give the same bits but for denormal numbers,
 * which AMX takes as zero: a product of two bf16 numbers is exact in f32, fused or not. */
#include "engine/bf16.h"

#include <string.h>

enum { TILE = 16, TILE_TERMS = 32, TILE_BYTES = 64 };

#ifdef NUDGE_TILES_IN_C

typedef uint8_t tile_bytes[TILE][TILE_BYTES];

static void tile_load(tile_bytes tile, const void *from, size_t stride) {
    for (size_t r = 0; r < TILE; r++) memcpy(tile[r], (const unsigned char *)from + r * stride, TILE_BYTES);
}

static void tile_store(void *to, size_t stride, tile_bytes tile) {
    for (size_t r = 0; r < TILE; r++) memcpy((unsigned char *)to + r * stride, tile[r], TILE_BYTES);
}

/* TDPBF16PS: the even terms and the odd ones are summed apart, from zero, and both together are added to C. A word holds
 * an even and an odd term: bf16 is the upper half of f32. */
static void tile_product(tile_bytes c, tile_bytes a, tile_bytes b) {
    uint32_t words_a[TILE][TILE], words_b[TILE][TILE];
    float sums[TILE][TILE];
    memcpy(words_a, a, sizeof words_a);
    memcpy(words_b, b, sizeof words_b);
    memcpy(sums, c, sizeof sums);
    for (size_t m = 0; m < TILE; m++) {
        float even[TILE] = {0}, odd[TILE] = {0};
        for (size_t k = 0; k < TILE; k++)
            for (size_t n = 0; n < TILE; n++) {
                uint32_t bits[4] = {words_a[m][k] << 16, words_b[k][n] << 16, words_a[m][k] & 0xFFFF0000u,
                                    words_b[k][n] & 0xFFFF0000u};
                float terms[4];
                memcpy(terms, bits, sizeof terms);
                even[n] += terms[0] * terms[1];
                odd[n] += terms[2] * terms[3];
            }
        for (size_t n = 0; n < TILE; n++) sums[m][n] += even[n] + odd[n];
    }
    memcpy(c, sums, sizeof sums);
}

#define TILES tile_bytes tiles[8]
#define ZERO(t) memset(tiles[t], 0, sizeof tiles[t])
#define LOAD(t, from, stride) tile_load(tiles[t], from, stride)
#define STORE(t, to, stride) tile_store(to, stride, tiles[t])
#define PRODUCT(c, a, b) tile_product(tiles[c], tiles[a], tiles[b])

static bool available(void) {
    return true;
}
static void begin(void) {}
static void end(void) {}

#else

#include "base/tile_registers.h"

#include <cpuid.h>
#include <immintrin.h>

/* What ldtilecfg reads: palette 1, eight tiles of 16 rows of 64 bytes. */
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} configuration = {1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

/* The compiler must not move what is stored or loaded across: it does not know what tiles read. */
#define FENCE() __asm__ volatile("" ::: "memory")
#define TILES
#define ZERO(t) _tile_zero(t)
#define LOAD(t, from, stride) _tile_loadd(t, from, stride)
#define STORE(t, to, stride) _tile_stored(t, to, stride)
#define PRODUCT(c, a, b) _tile_dpbf16ps(c, a, b)

static bool available(void) {
    enum { CPUID_BF16 = 1 << 22, CPUID_TILE = 1 << 24 };
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & CPUID_BF16) && (d & CPUID_TILE) &&
           tile_registers_ask();
}
static void begin(void) {
    _tile_loadconfig(&configuration);
}
static void end(void) {
    _tile_release();
}

#endif
#ifndef FENCE
#define FENCE()
#endif

/* Both are constants at most calls: whether C goes on to the right of its first tile, and below. */
static inline __attribute__((always_inline)) void block(const struct bf16_product *p, size_t r, size_t o,
                                                        bool right, bool low) {
    TILES;
    const size_t c_bytes = p->c_stride * sizeof(float), a_bytes = p->a_stride * sizeof(uint16_t),
                 b_bytes = p->panel * 2 * sizeof(uint16_t);
    float *c = p->c + r * p->c_stride + o;
    const uint16_t *a = p->a + r * p->a_stride, *b = p->b + 2 * o;
    if (p->start == BF16_ZERO) {
        ZERO(0);
        ZERO(1);
        ZERO(2);
        ZERO(3);
    } else { /* a row: 16 times the same line of memory */
        const float *from = p->start == BF16_C ? c : p->row + o;
        const size_t bytes = p->start == BF16_C ? c_bytes : 0,
                     down = p->start == BF16_C ? TILE * p->c_stride : 0;
        LOAD(0, from, bytes);
        if (right) LOAD(1, from + TILE, bytes);
        if (low) LOAD(2, from + down, bytes);
        if (low && right) LOAD(3, from + down + TILE, bytes);
    }
    for (size_t k = 0; k < p->terms; k += TILE_TERMS, a += TILE_TERMS, b += TILE_TERMS * p->panel) {
        LOAD(4, a, a_bytes);
        LOAD(6, b, b_bytes);
        if (right) LOAD(7, b + 2 * TILE, b_bytes);
        if (low) LOAD(5, a + TILE * p->a_stride, a_bytes);
        PRODUCT(0, 4, 6);
        if (right) PRODUCT(1, 4, 7);
        if (low) PRODUCT(2, 5, 6);
        if (low && right) PRODUCT(3, 5, 7);
    }
    STORE(0, c, c_bytes);
    if (right) STORE(1, c + TILE, c_bytes);
    if (low) STORE(2, c + TILE * p->c_stride, c_bytes);
    if (low && right) STORE(3, c + TILE * p->c_stride + TILE, c_bytes);
}

/* Rows outside: those of A stay in the nearest cache while B's panel goes by. */
static void product(const struct bf16_product *p) {
    const size_t rows = size_round_up(p->rows, BF16_ROWS);
    FENCE();
    for (size_t r = 0; r < rows; r += 2 * TILE)
        for (size_t o = 0; o < p->columns; o += 2 * TILE)
            if (rows - r > TILE && p->columns - o > TILE)
                block(p, r, o, true, true);
            else
                block(p, r, o, p->columns - o > TILE, rows - r > TILE);
    FENCE();
}

#ifdef NUDGE_TILES_IN_C
const struct bf16_kernel bf16_tiles = {"tiles", available, begin, end, product};
#else
extern const struct bf16_kernel bf16_amx_kernel;
const struct bf16_kernel bf16_amx_kernel = {"amx", available, begin, end, product};
#endif
