/* Preprocessing as text, exact both ways: "shift 0x0p+0, scale 0x1.01p-8" with C's hexadecimal floating-point
 * numbers. */
#ifndef NUDGE_MODEL_PREPROCESSING_H
#define NUDGE_MODEL_PREPROCESSING_H

#include <nudge.h>

struct preprocessing_text {
    char text[80];
};

struct preprocessing_text preprocessing_print(nudge_preprocessing preprocessing);

/* False when the text is not of this form or its numbers are not f32. */
bool preprocessing_parse(const char *text, float *shift, float *scale);

#endif
