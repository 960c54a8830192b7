/* See record.h. */
#include "read/record.h"

#include <string.h>

struct record record_begin(const nudge_allocator *allocator) {
    return (struct record){.allocator = allocator};
}

void record_release(struct record *record) {
    memory_release(record->allocator, record->bytes, record->room);
    *record = (struct record){.allocator = record->allocator};
}

void record_bytes(struct record *record, const void *bytes, size_t count) {
    size_t need;
    if (record->failed) return;
    if (!size_add(&need, record->used, count) || need > SIZE_MAX / 2) {
        record->failed = true;
        return;
    }
    if (need > record->room) {
        size_t room = 2 * need;
        unsigned char *larger = memory_get(record->allocator, room);
        record->failed = !larger;
        if (!larger) return;
        if (record->used) memcpy(larger, record->bytes, record->used);
        memory_release(record->allocator, record->bytes, record->room);
        record->bytes = larger;
        record->room = room;
    }
    if (count) memcpy(record->bytes + record->used, bytes, count);
    record->used = need;
}

void record_number(struct record *record, uint64_t number) {
    unsigned char bytes[8];
    put_little_endian(bytes, sizeof bytes, number);
    record_bytes(record, bytes, sizeof bytes);
}

void record_share(struct record *record, double share) {
    uint64_t bits;
    memcpy(&bits, &share, sizeof bits);
    record_number(record, bits);
}

void record_text(struct record *record, const char *text) {
    size_t length = text ? strlen(text) : 0;
    record_number(record, text ? length : UINT64_MAX);
    record_bytes(record, text ? text : "", length + 1);
}

const void *record_take(struct record_reader *reader, size_t count) {
    reader->bad |= count > reader->left;
    if (reader->bad) return NULL;
    const unsigned char *at = reader->at;
    reader->at += count;
    reader->left -= count;
    return at;
}

uint64_t record_take_number(struct record_reader *reader, uint64_t most) {
    const unsigned char *bytes = record_take(reader, 8);
    uint64_t number = bytes ? little_endian(bytes, 8) : 0;
    reader->bad |= number > most;
    return reader->bad ? 0 : number;
}

double record_take_share(struct record_reader *reader) {
    uint64_t bits = record_take_number(reader, UINT64_MAX);
    double share;
    memcpy(&share, &bits, sizeof share);
    reader->bad |= !(share >= 0 && share <= 1);
    return reader->bad ? 0 : share;
}

const char *record_take_text(struct record_reader *reader) {
    size_t length = (size_t)record_take_number(reader, reader->left);
    const char *text = record_take(reader, length + 1);
    if (text && !memchr(text, 0, length) && text[length] == 0) return text;
    reader->bad = true;
    return "";
}
