/* A zip archive of stored members, written in order. The same members give the same bytes: dates are the first that zip
 * knows, 1980-01-01. */
#ifndef NUDGE_READ_ZIP_WRITE_H
#define NUDGE_READ_ZIP_WRITE_H

#include <nudge.h>

enum { ZIP_WRITTEN = 8 /* members at most */ };

struct zip_writer {
    nudge_file *file;
    uint64_t zip64_from; /* sizes and places from here on take 64 bits: UINT32_MAX, in tests less */
    uint64_t at;         /* bytes written */
    size_t count;
    struct zip_written {
        const char *name;
        uint64_t size, at;
        uint32_t crc;
    } members[ZIP_WRITTEN];
};

/* Writes into `file`, which stays the caller's. */
struct zip_writer zip_writer_begin(nudge_file *file);
/* A member's header: `size` bytes whose CRC-32 is `crc` follow, by zip_write_bytes. `name` is kept as a pointer. */
nudge_status zip_write_member(struct zip_writer *writer, const char *name, uint64_t size, uint32_t crc,
                              nudge_error *error);
nudge_status zip_write_bytes(struct zip_writer *writer, const void *bytes, size_t count, nudge_error *error);
/* The directory. */
nudge_status zip_write_end(struct zip_writer *writer, nudge_error *error);

#endif
