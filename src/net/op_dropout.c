/* dropout: in training an output is 0 with chance p, else x / (1 - p), so that its mean stays x (Srivastava et al. 2014;
 * inverted: prediction leaves it out). p is taken to 1/65536: a number drawn from 0 .. 65535 decides, two of them from
 * every 32 bits.
 *
 * The mask is never stored: a number is a function of (seed, layer, step, row of the step, neuron), so backward draws
 * it again, and threads and tiles cannot change it. */
#include "base/random.h"
#include "base/real.h"
#include "net/ops.h"

/* One block of Philox gives 4 x 32 bits: 8 neurons. So many blocks at once fill vectors. */
enum { BLOCKS = 16, PER_BLOCK = 8, AT_ONCE = BLOCKS * PER_BLOCK };

/* base/random.h's bijection, for BLOCKS counters that differ in their first number alone. */
static void draw_numbers(uint16_t numbers[AT_ONCE], uint32_t first_block, uint32_t which, uint32_t when,
                         uint32_t what, uint64_t seed) {
    uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        c0[i] = first_block + i;
        c1[i] = which;
        c2[i] = when;
        c3[i] = what;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            uint64_t product0 = (uint64_t)0xD2511F53u * c0[i], product1 = (uint64_t)0xCD9E8D57u * c2[i];
            uint32_t next0 = (uint32_t)(product1 >> 32) ^ c1[i] ^ key0,
                     next2 = (uint32_t)(product0 >> 32) ^ c3[i] ^ key1;
            c1[i] = (uint32_t)product1;
            c3[i] = (uint32_t)product0;
            c0[i] = next0;
            c2[i] = next2;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (int i = 0; i < BLOCKS; i++) {
        const uint32_t words[4] = {c0[i], c1[i], c2[i], c3[i]};
        for (int w = 0; w < 4; w++) {
            numbers[i * PER_BLOCK + 2 * w] = (uint16_t)words[w];
            numbers[i * PER_BLOCK + 2 * w + 1] = (uint16_t)(words[w] >> 16);
        }
    }
}

/* to = from times the mask; the two may be the same. */
static void mask(const struct op_call *call, real *to, size_t to_stride, const real *from,
                 size_t from_stride) {
    const uint32_t dropped = (uint32_t)(call->values[0] * 65536);
    const real scale = (real)(65536.0 / (65536.0 - dropped));
    const uint32_t what = (uint32_t)RANDOM_DROPOUT << 16 | ((uint32_t)call->layer & 0xFFFFu);
    uint16_t numbers[AT_ONCE];
    for (size_t r = 0; r < call->rows; r++)
        for (size_t j = 0, count; j < call->columns; j += count) {
            size_t neuron = call->first_column + j, place = neuron % AT_ONCE;
            count = AT_ONCE - place < call->columns - j ? AT_ONCE - place : call->columns - j;
            draw_numbers(numbers, (uint32_t)(neuron / AT_ONCE * BLOCKS), (uint32_t)(call->first_row + r),
                         (uint32_t)call->step, what, call->seed);
            for (size_t i = 0; i < count; i++) {
                real x = from[r * from_stride + j + i];
                to[r * to_stride + j + i] = numbers[place + i] < dropped ? 0 : x * scale;
            }
        }
}

static void dropout_forward(const struct op_call *call) {
    mask(call, call->y, call->output_stride, call->x, call->input_stride);
}

static void dropout_backward(const struct op_call *call) {
    mask(call, call->d, call->output_stride, call->d, call->output_stride);
}

extern const struct op_kernel VARIANT(op_dropout);
const struct op_kernel VARIANT(op_dropout) = {.forward = dropout_forward, .backward = dropout_backward};
