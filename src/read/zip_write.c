/* See zip_write.h. */
#include "read/zip_write.h"

#include <string.h>

enum { DATE = 0x0021, PLAIN = 20, ZIP64 = 45, UNIX = 3 << 8, RECORD = 128 };

/* A record that is being put together. */
struct record {
    unsigned char bytes[RECORD];
    size_t size;
};

static void put_number(struct record *record, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++) record->bytes[record->size++] = (unsigned char)(value >> (8 * i));
}

struct zip_writer zip_writer_begin(nudge_file *file) {
    return (struct zip_writer){.file = file, .zip64_from = UINT32_MAX};
}

nudge_status zip_write_bytes(struct zip_writer *writer, const void *bytes, size_t count, nudge_error *error) {
    writer->at += count;
    return nudge_file_write(writer->file, bytes, count, error);
}

static nudge_status write_record(struct zip_writer *writer, const struct record *record, nudge_error *error) {
    return zip_write_bytes(writer, record->bytes, record->size, error);
}

static uint32_t narrow(const struct zip_writer *writer, uint64_t value) {
    return value >= writer->zip64_from ? UINT32_MAX : (uint32_t)value;
}

/* What a local header and a directory's entry have in common, from the version needed to the name's length. */
static void put_common(struct record *record, const struct zip_writer *writer,
                       const struct zip_written *member, bool wide) {
    put_number(record, wide ? ZIP64 : PLAIN, 2);
    put_number(record, 0, 2); /* flags */
    put_number(record, 0, 2); /* stored */
    put_number(record, 0, 2); /* time */
    put_number(record, DATE, 2);
    put_number(record, member->crc, 4);
    put_number(record, narrow(writer, member->size), 4);
    put_number(record, narrow(writer, member->size), 4);
    put_number(record, strlen(member->name), 2);
}

nudge_status zip_write_member(struct zip_writer *writer, const char *name, uint64_t size, uint32_t crc,
                              nudge_error *error) {
    struct zip_written *member = &writer->members[writer->count++];
    *member = (struct zip_written){name, size, writer->at, crc};
    bool wide = size >= writer->zip64_from;
    struct record local = {{0}, 0}, extra = {{0}, 0};
    if (wide) {
        put_number(&extra, 1, 2);
        put_number(&extra, 16, 2);
        put_number(&extra, size, 8);
        put_number(&extra, size, 8);
    }
    put_number(&local, 0x04034B50, 4);
    put_common(&local, writer, member, wide);
    put_number(&local, extra.size, 2);
    nudge_status status = write_record(writer, &local, error);
    if (!status) status = zip_write_bytes(writer, name, strlen(name), error);
    return status ? status : write_record(writer, &extra, error);
}

static nudge_status write_entry(struct zip_writer *writer, const struct zip_written *member,
                                nudge_error *error) {
    bool far = member->at >= writer->zip64_from, large = member->size >= writer->zip64_from;
    struct record entry = {{0}, 0}, extra = {{0}, 0};
    if (far || large) {
        put_number(&extra, 1, 2);
        put_number(&extra, (large ? 16u : 0u) + (far ? 8u : 0u), 2);
        if (large) put_number(&extra, member->size, 8);
        if (large) put_number(&extra, member->size, 8);
        if (far) put_number(&extra, member->at, 8);
    }
    put_number(&entry, 0x02014B50, 4);
    put_number(&entry, UNIX | (far || large ? ZIP64 : PLAIN), 2);
    put_common(&entry, writer, member, far || large);
    put_number(&entry, extra.size, 2);
    put_number(&entry, 0, 2); /* comment */
    put_number(&entry, 0, 2); /* disk */
    put_number(&entry, 0, 2); /* internal attributes */
    put_number(&entry, (uint32_t)0100644 << 16, 4);
    put_number(&entry, narrow(writer, member->at), 4);
    nudge_status status = write_record(writer, &entry, error);
    if (!status) status = zip_write_bytes(writer, member->name, strlen(member->name), error);
    return status ? status : write_record(writer, &extra, error);
}

nudge_status zip_write_end(struct zip_writer *writer, nudge_error *error) {
    uint64_t at = writer->at;
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < writer->count; i++)
        status = write_entry(writer, &writer->members[i], error);
    uint64_t size = writer->at - at, end64_at = writer->at;
    struct record end = {{0}, 0};
    if (at >= writer->zip64_from || size >= writer->zip64_from) {
        put_number(&end, 0x06064B50, 4);
        put_number(&end, 44, 8); /* bytes that follow in this record */
        put_number(&end, UNIX | ZIP64, 2);
        put_number(&end, ZIP64, 2);
        put_number(&end, 0, 8); /* disks */
        put_number(&end, writer->count, 8);
        put_number(&end, writer->count, 8);
        put_number(&end, size, 8);
        put_number(&end, at, 8);
        put_number(&end, 0x07064B50, 4); /* the locator */
        put_number(&end, 0, 4);
        put_number(&end, end64_at, 8);
        put_number(&end, 1, 4);
    }
    put_number(&end, 0x06054B50, 4);
    put_number(&end, 0, 4); /* disks */
    put_number(&end, writer->count, 2);
    put_number(&end, writer->count, 2);
    put_number(&end, narrow(writer, size), 4);
    put_number(&end, narrow(writer, at), 4);
    put_number(&end, 0, 2); /* comment */
    return status ? status : write_record(writer, &end, error);
}
