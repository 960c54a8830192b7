/* Whether a number is finite, without libm. */
#ifndef NUDGE_BASE_FINITE_H
#define NUDGE_BASE_FINITE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The exponent of infinities and NaNs is all ones. */
static inline bool finite_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits & 0x7F800000u) != 0x7F800000u;
}

#endif
