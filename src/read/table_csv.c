/* See table_csv.h. A file is read again from its beginning by opening it again; of standard input the bytes are kept
 * until nobody will ask for them again. */
#include "read/table_csv.h"

#include "base/file.h"
#include "base/status.h"
#include "read/kind.h"
#include "read/stream.h"
#include "table/csv_table.h"

#include <string.h>

struct csv_source {
    struct byte_source source; /* the first member */
    nudge_allocator allocator;
    const char *path; /* NULL: standard input */
    struct stream stream;
    /* Of standard input: kept[0 .. used-1] came from it, and the first `given` of them were given since the rewind. */
    bool keeps;
    char *kept;
    size_t used, room, given;
};

static nudge_status open_source(struct csv_source *source, nudge_error *error) {
    return source->path ? stream_open(&source->stream, &source->allocator, source->path, error)
                        : stream_open_input(&source->stream, &source->allocator, error);
}

static nudge_status keep_bytes(struct csv_source *source, const void *bytes, size_t count,
                               nudge_error *error) {
    size_t need;
    if (!size_add(&need, source->used, count)) return error_no_memory(error, SIZE_MAX, "standard input");
    if (need > source->room) {
        size_t room = need > SIZE_MAX / 2 ? need : 2 * need;
        char *larger = memory_get(&source->allocator, room);
        if (!larger) return error_no_memory(error, room, "standard input");
        if (source->used) memcpy(larger, source->kept, source->used);
        memory_release(&source->allocator, source->kept, source->room);
        source->kept = larger;
        source->room = room;
    }
    if (count) memcpy(source->kept + source->used, bytes, count);
    source->used = need;
    source->given += count;
    return NUDGE_OK;
}

static void release_kept(struct csv_source *source) {
    memory_release(&source->allocator, source->kept, source->room);
    source->kept = NULL;
    source->used = source->room = source->given = 0;
}

static nudge_status read_source(struct byte_source *base, void *bytes, size_t count, size_t *got,
                                nudge_error *error) {
    struct csv_source *source = (struct csv_source *)base;
    size_t again = source->used - source->given, more = 0;
    if (again > count) again = count;
    if (again) memcpy(bytes, source->kept + source->given, again);
    source->given += again;
    nudge_status status = NUDGE_OK;
    if (again < count)
        status = stream_read(&source->stream, (char *)bytes + again, count - again, &more, error);
    if (!status && source->keeps) status = keep_bytes(source, (char *)bytes + again, more, error);
    if (!status && !source->keeps && source->kept && source->given == source->used) release_kept(source);
    *got = again + more;
    return status;
}

static nudge_status rewind_source(struct byte_source *base, nudge_error *error) {
    struct csv_source *source = (struct csv_source *)base;
    if (source->path) {
        stream_close(&source->stream);
        return open_source(source, error);
    }
    if (!source->keeps)
        return error_set(error, NUDGE_IO, "standard input cannot be read twice: give the table as a file");
    source->given = 0;
    return NUDGE_OK;
}

static void forget_source(struct byte_source *base) {
    struct csv_source *source = (struct csv_source *)base;
    source->keeps = false;
    if (source->given == source->used) release_kept(source);
}

static void close_source(struct byte_source *base) {
    struct csv_source *source = (struct csv_source *)base;
    nudge_allocator allocator = source->allocator;
    stream_close(&source->stream);
    release_kept(source);
    memory_release(&allocator, source, sizeof *source);
}

nudge_status table_csv_open(const nudge_allocator *allocator, const char *path,
                            const nudge_data_options *options, struct table_reader **reader,
                            nudge_error *error) {
    bool input = strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0;
    struct csv_source *source = memory_get_zeroed(allocator, sizeof *source);
    if (!source) return error_no_memory(error, sizeof *source, "a table's file");
    source->source = (struct byte_source){read_source, rewind_source, forget_source, close_source};
    source->allocator = *allocator;
    source->path = input ? NULL : path;
    source->keeps = input;
    nudge_status status = open_source(source, error);
    /* What is in a gzip file is looked at by the table's reader alone. */
    const char *name = input ? "standard input" : path,
               *kind = status || source->stream.gzip
                           ? NULL
                           : file_kind(source->stream.start, source->stream.started);
    if (kind) status = error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(name).text, kind);
    if (status) {
        close_source(&source->source);
        return status;
    }
    return csv_table_open(&source->allocator, &source->source, name, options->header, reader, error);
}
