/* Safetensors files as other programs write them: a JSON of the test's, and the numbers behind it. */
#ifndef NUDGE_TESTS_SUPPORT_FOREIGN_H
#define NUDGE_TESTS_SUPPORT_FOREIGN_H

#include <stdint.h>
#include <string.h>

/* Into `out`, which has room for all of it; returns the size. */
static inline size_t make_foreign(unsigned char *out, const char *json, const void *numbers, size_t bytes) {
    size_t length = strlen(json);
    for (size_t i = 0; i < 8; i++) out[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(out + 8, json, length);
    if (bytes) memcpy(out + 8 + length, numbers, bytes);
    return 8 + length + bytes;
}

#define FOREIGN_TENSOR(name, dtype, shape, begin, end)                                                       \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"

#endif
