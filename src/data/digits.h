#ifndef NUDGE_DATA_DIGITS_H
#define NUDGE_DATA_DIGITS_H
#include <stdint.h>
enum { DIGITS_SIDE = 28, DIGITS_PIXELS = 784, DIGITS_CLASSES = 10 };
int digits_draw(uint8_t image[DIGITS_PIXELS], uint64_t seed, uint32_t part, uint32_t index);
#endif
