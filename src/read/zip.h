/* The members of a zip archive, as .npz files are (PKWARE's APPNOTE.TXT): stored or packed by deflate, sizes of 32 or 64
 * bits. Invariant: nothing that the archive says of a member is believed: sizes are compared with the file and with what
 * deflate can do before they are told, no member delivers more bytes than told, and at its end its CRC-32 was checked.
 * Names are bytes to compare, and never paths. */
#ifndef NUDGE_READ_ZIP_H
#define NUDGE_READ_ZIP_H

#include "base/file.h"

#include <zlib.h>

struct zip_member {
    const char *name; /* [name_length], as it stands in the directory */
    size_t name_length;
    unsigned method; /* 0 stored, 8 deflate */
    bool encrypted;
    uint32_t crc;
    uint64_t packed, size; /* bytes in the archive, and unpacked */
    uint64_t at;           /* of the local header */
};

struct zip {
    const nudge_allocator *allocator;
    struct file_reader file;
    unsigned char *directory; /* [directory_size] */
    size_t directory_size;
    struct zip_member *members; /* [count] */
    size_t count;
    uint64_t directory_at; /* members lie before it */
};

/* Reads the directory. `allocator` and `path` must outlive the zip.
 * Errors: NUDGE_BAD_INPUT, a sentence with what is there and what should be. */
nudge_status zip_open(struct zip *zip, const nudge_allocator *allocator, const char *path,
                      nudge_error *error);
void zip_close(struct zip *zip); /* one that is zeroed, or was not opened, allowed */

/* The bytes of one member, in order. Several may be open at once. */
struct zip_stream {
    const struct zip *zip;
    const struct zip_member *member;
    unsigned char *buffer;
    size_t at, filled;  /* buffer[at .. filled-1] came from the file and is not used yet */
    uint64_t next, end; /* what is still to be read from the file */
    uint64_t position;  /* bytes delivered */
    uint32_t crc;
    bool inflating, ended;
    z_stream zlib;
};

/* Errors: a member that is encrypted, or packed by another method, and what does not fit together. */
nudge_status zip_stream_open(struct zip_stream *stream, const struct zip *zip, size_t member,
                             nudge_error *error);
/* Delivers `count` bytes, or what is left: *got < count only at the end, where the CRC was found right. */
nudge_status zip_stream_read(struct zip_stream *stream, void *bytes, size_t count, size_t *got,
                             nudge_error *error);
void zip_stream_close(struct zip_stream *stream); /* one that is zeroed, or was not opened, allowed */

#endif
