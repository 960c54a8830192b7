/* The bytes of a file in order, unpacked when they are gzip: the beginning of the file decides, not its name.
 * Invariant: memory is two small buffers whatever the file's size, and no byte is delivered that did not
 * arrive. */
#ifndef NUDGE_READ_STREAM_H
#define NUDGE_READ_STREAM_H

#include "base/file.h"

#include <zlib.h>

enum { STREAM_BUFFER = 64 * 1024, STREAM_START = 64 };

struct stream {
    const nudge_allocator *allocator;
    struct file_reader file;
    unsigned char *buffer; /* [STREAM_BUFFER] */
    size_t at, filled;     /* buffer[at .. filled-1] came from the file and is not used yet */
    bool gzip;
    bool inside; /* gzip: between a member's beginning and its end */
    z_stream zlib;
    uint64_t position;                 /* bytes delivered */
    unsigned char start[STREAM_START]; /* the file's own first bytes, for who wonders what it is */
    size_t started;
};

/* `allocator` and `path` must outlive the stream. */
nudge_status stream_open(struct stream *stream, const nudge_allocator *allocator, const char *path,
                         nudge_error *error);
/* The same of standard input. */
nudge_status stream_open_input(struct stream *stream, const nudge_allocator *allocator, nudge_error *error);
/* Delivers `count` bytes, or what is left: *got < count only at the end.
 * Errors: NUDGE_BAD_INPUT for gzip data that are damaged or cut short. */
nudge_status stream_read(struct stream *stream, void *bytes, size_t count, size_t *got, nudge_error *error);
void stream_close(struct stream *stream); /* one that is zeroed, or was not opened, allowed */

/* The most bytes that the whole stream can deliver. What a header announces beyond it is not there, and need
 * not be given memory: a plain file's own size, and for gzip 1032 times that, as 2 bits of deflate unpack to
 * 258 bytes at most. */
uint64_t stream_most(const struct stream *stream);

#endif
