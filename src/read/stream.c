/* See stream.h. zlib's memory, too, comes from the context's allocator. */
#include "read/stream.h"

#include "base/status.h"
#include "read/zlib_memory.h"

#include <string.h>

enum { GZIP_ONLY = 16, DEFLATE_RATIO = 1032, MOST_AT_ONCE = 1 << 30 };

/* -- opening -- */

static nudge_status refill(struct stream *stream, nudge_error *error) {
    stream->at = stream->filled = 0;
    return file_reader_read(&stream->file, stream->buffer, STREAM_BUFFER, &stream->filled, error);
}

/* The file is open: its first bytes say what it is. */
static nudge_status begin_stream(struct stream *stream, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    stream->buffer = memory_get(stream->allocator, STREAM_BUFFER);
    if (!stream->buffer) status = error_no_memory(error, STREAM_BUFFER, "a file buffer");
    if (!status) status = refill(stream, error);
    if (!status) {
        stream->started = stream->filled < STREAM_START ? stream->filled : STREAM_START;
        memcpy(stream->start, stream->buffer, stream->started);
    }
    if (!status && stream->filled >= 2 && stream->buffer[0] == 0x1F && stream->buffer[1] == 0x8B) {
        stream->zlib = zlib_stream(stream->allocator);
        stream->gzip = stream->inside = inflateInit2(&stream->zlib, MAX_WBITS + GZIP_ONLY) == Z_OK;
        if (!stream->gzip) status = error_no_memory(error, (size_t)1 << MAX_WBITS, "unpacking gzip");
    }
    if (status) stream_close(stream);
    return status;
}

nudge_status stream_open(struct stream *stream, const nudge_allocator *allocator, const char *path,
                         nudge_error *error) {
    *stream = (struct stream){.allocator = allocator};
    nudge_status status = file_reader_open(&stream->file, path, error);
    return status ? status : begin_stream(stream, error);
}

nudge_status stream_open_input(struct stream *stream, const nudge_allocator *allocator, nudge_error *error) {
    *stream = (struct stream){.allocator = allocator};
    nudge_status status = file_reader_open_input(&stream->file, error);
    return status ? status : begin_stream(stream, error);
}

void stream_close(struct stream *stream) {
    if (!stream->allocator) return;
    if (stream->gzip) inflateEnd(&stream->zlib);
    memory_release(stream->allocator, stream->buffer, STREAM_BUFFER);
    file_reader_close(&stream->file);
    *stream = (struct stream){0};
}

uint64_t stream_most(const struct stream *stream) {
    uint64_t size = stream->file.size;
    if (!stream->gzip) return size;
    return size > UINT64_MAX / DEFLATE_RATIO ? UINT64_MAX : size * DEFLATE_RATIO;
}

/* -- reading -- */

static nudge_status read_plain(struct stream *stream, unsigned char *bytes, size_t count, size_t *got,
                               nudge_error *error) {
    size_t ready = stream->filled - stream->at;
    size_t first = count < ready ? count : ready, more = 0;
    memcpy(bytes, stream->buffer + stream->at, first);
    stream->at += first;
    nudge_status status = NUDGE_OK;
    if (first < count) status = file_reader_read(&stream->file, bytes + first, count - first, &more, error);
    *got = first + more;
    return status;
}

static nudge_status damaged(const struct stream *stream, const char *how, nudge_error *error) {
    uint64_t byte = stream->file.position - (stream->filled - stream->at);
    return error_set(error, NUDGE_BAD_INPUT, "%s: the gzip data are %s at byte %llu of the file",
                     shown(stream->file.path).text, how, (unsigned long long)byte);
}

/* Unpacks from the buffer into bytes[0 .. count-1]; *made may be 0 although more will come. */
static nudge_status inflate_some(struct stream *stream, unsigned char *bytes, size_t count, size_t *made,
                                 nudge_error *error) {
    z_stream *zlib = &stream->zlib;
    unsigned room = count < MOST_AT_ONCE ? (unsigned)count : MOST_AT_ONCE;
    zlib->next_in = stream->buffer + stream->at;
    zlib->avail_in = (unsigned)(stream->filled - stream->at);
    zlib->next_out = bytes;
    zlib->avail_out = room;
    int answer = inflate(zlib, Z_NO_FLUSH);
    stream->at = stream->filled - zlib->avail_in;
    *made = room - zlib->avail_out;
    if (answer == Z_STREAM_END) stream->inside = false;
    if (answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR) return NUDGE_OK;
    if (answer == Z_MEM_ERROR) return error_no_memory(error, (size_t)1 << MAX_WBITS, "unpacking gzip");
    return damaged(stream, "damaged", error);
}

/* A gzip file is one member after another; each ends with the checksum of what it unpacked to, which inflate
 * checks. */
static nudge_status read_gzip(struct stream *stream, unsigned char *bytes, size_t count, size_t *got,
                              nudge_error *error) {
    nudge_status status = NUDGE_OK;
    while (!status && *got < count) {
        size_t made = 0;
        if (stream->at == stream->filled) status = refill(stream, error);
        /* Zeros behind a member are padding, as on tapes: gzip(1) passes over them, too. */
        if (!status && !stream->inside && stream->at < stream->filled && stream->buffer[stream->at] == 0) {
            stream->at++;
            continue;
        }
        if (!status && stream->filled == 0)
            return stream->inside ? damaged(stream, "cut short", error) : NUDGE_OK;
        if (!status && !stream->inside) {
            inflateReset(&stream->zlib);
            stream->inside = true;
        }
        if (!status) status = inflate_some(stream, bytes + *got, count - *got, &made, error);
        *got += made;
    }
    return status;
}

nudge_status stream_read(struct stream *stream, void *bytes, size_t count, size_t *got, nudge_error *error) {
    *got = 0;
    nudge_status status = stream->gzip ? read_gzip(stream, bytes, count, got, error)
                                       : read_plain(stream, bytes, count, got, error);
    stream->position += *got;
    return status;
}
