/* Numbers and texts as bytes, and back: all numbers are u64, little-endian, a share is the bits of its f64; a text is its length, its bytes, and a byte 0.
 * Invariant of reading: nothing is read behind the end; from the first thing on that is not there, all is 0 and "". */
#ifndef NUDGE_READ_RECORD_H
#define NUDGE_READ_RECORD_H

#include "base/memory.h"

/* -- writing -- */

struct record {
    const nudge_allocator *allocator;
    unsigned char *bytes; /* [room] */
    size_t used, room;
    bool failed; /* there was no memory */
};

struct record record_begin(const nudge_allocator *allocator);
void record_release(struct record *record);
void record_bytes(struct record *record, const void *bytes, size_t count);
void record_number(struct record *record, uint64_t number);
void record_share(struct record *record, double share);
void record_text(struct record *record, const char *text); /* NULL: another one than "" */

/* -- reading -- */

struct record_reader {
    const unsigned char *at;
    size_t left;
    bool bad; /* something was not there */
};

const void *record_take(struct record_reader *reader, size_t count);      /* NULL: there are not so many */
uint64_t record_take_number(struct record_reader *reader, uint64_t most); /* more than `most` is bad */
double record_take_share(struct record_reader *reader);                   /* from 0 to 1 */
const char *record_take_text(struct record_reader *reader);

/* Numbers of four and eight bytes. */
static inline uint64_t little_endian(const unsigned char *bytes, size_t count) {
    uint64_t number = 0;
    for (size_t i = count; i-- > 0;) number = number << 8 | bytes[i];
    return number;
}
static inline void put_little_endian(unsigned char *bytes, size_t count, uint64_t number) {
    for (size_t i = 0; i < count; i++) bytes[i] = (unsigned char)(number >> 8 * i);
}

#endif
