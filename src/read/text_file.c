/* See text_file.h. */
#define _GNU_SOURCE
#include "read/text_file.h"

#include "base/status.h"
#include "read/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 64 * 1024, MOST_AT_ONCE = 1 << 30 };

struct text_file {
    struct text_source source; /* first: a pointer to it is one to all of this */
    nudge_allocator allocator;
    char *path;
    struct stream stream; /* of a file */
    bool open;            /* the stream is: a rewind may have failed */
    char *kept;           /* [room], of a pipe: kept[0 .. filled-1] is all of it */
    size_t room, filled, at;
};

/* -- a pipe -- */

static nudge_status grow(struct text_file *file, nudge_error *error) {
    size_t room = FIRST_ROOM;
    if (file->room > 0 && !size_multiply(&room, file->room, 2))
        return error_no_memory(error, SIZE_MAX, "what a pipe brought");
    char *kept = memory_get(&file->allocator, room);
    if (!kept) return error_no_memory(error, room, "what a pipe brought");
    if (file->filled > 0) memcpy(kept, file->kept, file->filled);
    memory_release(&file->allocator, file->kept, file->room);
    file->kept = kept;
    file->room = room;
    return NUDGE_OK;
}

static nudge_status take_all(struct text_file *file, int descriptor, nudge_error *error) {
    for (;;) {
        nudge_status status = file->filled < file->room ? NUDGE_OK : grow(file, error);
        if (status) return status;
        size_t wanted = file->room - file->filled;
        ssize_t moved =
            read(descriptor, file->kept + file->filled, wanted < MOST_AT_ONCE ? wanted : MOST_AT_ONCE);
        if (moved < 0 && errno == EINTR) continue;
        if (moved < 0)
            return error_set(error, NUDGE_IO, "%s: cannot be read at byte %zu: %s", shown(file->path).text,
                             file->filled, file_reason(errno).text);
        if (moved == 0) return NUDGE_OK;
        file->filled += (size_t)moved;
    }
}

static nudge_status open_pipe(struct text_file *file, nudge_error *error) {
    int descriptor;
    do descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0)
        return error_set(error, NUDGE_IO, "%s: cannot be opened: %s", shown(file->path).text,
                         file_reason(errno).text);
    nudge_status status = take_all(file, descriptor, error);
    close(descriptor);
    if (!status && file->filled >= 2 && memcmp(file->kept, "\x1F\x8B", 2) == 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: gzip data through a pipe, expected text: unpack it before the pipe",
                         shown(file->path).text);
    return status;
}

static nudge_status read_pipe(struct text_source *source, void *bytes, size_t count, size_t *got,
                              nudge_error *error) {
    struct text_file *file = (struct text_file *)source;
    (void)error;
    size_t left = file->filled - file->at;
    *got = count < left ? count : left;
    if (*got > 0) memcpy(bytes, file->kept + file->at, *got);
    file->at += *got;
    return NUDGE_OK;
}

static nudge_status rewind_pipe(struct text_source *source, nudge_error *error) {
    (void)error;
    ((struct text_file *)source)->at = 0;
    return NUDGE_OK;
}

/* -- a file -- */

static nudge_status open_stream(struct text_file *file, nudge_error *error) {
    nudge_status status = stream_open(&file->stream, &file->allocator, file->path, error);
    file->open = !status;
    return status;
}

static nudge_status read_stream(struct text_source *source, void *bytes, size_t count, size_t *got,
                                nudge_error *error) {
    struct text_file *file = (struct text_file *)source;
    *got = 0;
    if (file->open) return stream_read(&file->stream, bytes, count, got, error);
    return error_set(error, NUDGE_IO, "%s: could not be opened again", shown(file->path).text);
}

static void close_stream(struct text_file *file) {
    if (file->open) stream_close(&file->stream);
    file->open = false;
}

static nudge_status rewind_stream(struct text_source *source, nudge_error *error) {
    struct text_file *file = (struct text_file *)source;
    close_stream(file);
    return open_stream(file, error);
}

/* -- the source -- */

static void close_file(struct text_source *source) {
    struct text_file *file = (struct text_file *)source;
    nudge_allocator allocator = file->allocator;
    close_stream(file);
    memory_release(&allocator, file->kept, file->room);
    memory_release_text(&allocator, file->path);
    memory_release(&allocator, file, sizeof *file);
}

/* A pipe, a terminal, a socket: what has no size. */
static bool is_pipe(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) &&
           !S_ISBLK(status.st_mode);
}

nudge_status text_file_open(const nudge_allocator *allocator, const char *path, struct text_source **source,
                            nudge_error *error) {
    struct text_file *file = memory_get_zeroed(allocator, sizeof *file);
    char *copy = file ? memory_copy_text(allocator, path) : NULL;
    if (!copy) {
        memory_release(allocator, file, sizeof *file);
        return error_no_memory(error, sizeof *file + strlen(path) + 1, "a file's source");
    }
    file->allocator = *allocator;
    file->path = copy;
    bool pipe = is_pipe(path);
    file->source = pipe ? (struct text_source){copy, read_pipe, rewind_pipe, close_file}
                        : (struct text_source){copy, read_stream, rewind_stream, close_file};
    nudge_status status = pipe ? open_pipe(file, error) : open_stream(file, error);
    if (status)
        close_file(&file->source);
    else
        *source = &file->source;
    return status;
}
