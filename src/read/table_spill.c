/* See table_spill.h. */
#define _GNU_SOURCE /* mkostemp */
#include "read/table_spill.h"

#include "base/status.h"
#include "read/table_cache_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static nudge_status refuse_write(const struct table_spill_file *file, nudge_error *error) {
    return error_set(error, NUDGE_IO, "%s: rows cannot be written beside it: %s", shown(file->path).text,
                     file_reason(errno).text);
}

static nudge_status open_spill(struct table_spill_file *file, nudge_error *error) {
    static const char name[] = ".nudge-rows.XXXXXX";
    char *folder = file_path_folder(file->allocator, file->path);
    char *path = folder ? file_path_join(file->allocator, folder, name) : NULL;
    nudge_status status = file->folders ? table_cache_folders(file->allocator, file->path, error) : NUDGE_OK;
    if (!path) {
        status = error_no_memory(error, strlen(file->path) + sizeof name, "a file's name");
    } else if (!status) {
        int descriptor = mkostemp(path, O_CLOEXEC);
        if (descriptor < 0 || unlink(path)) status = refuse_write(file, error);
        file->file = (struct file_reader){.path = file->path, .descriptor = descriptor};
        file->open = descriptor >= 0;
    }
    memory_release_text(file->allocator, path);
    memory_release_text(file->allocator, folder);
    return status;
}

static nudge_status write_spill(struct table_spill *spill, const void *bytes, size_t count,
                                nudge_error *error) {
    struct table_spill_file *file = (struct table_spill_file *)spill;
    nudge_status status = file->open ? NUDGE_OK : open_spill(file, error);
    const char *from = bytes;
    while (!status && count > 0) {
        ssize_t moved = write(file->file.descriptor, from, count);
        if (moved < 0 && errno != EINTR) status = refuse_write(file, error);
        if (moved <= 0) continue;
        from += moved;
        count -= (size_t)moved;
        file->file.size += (uint64_t)moved;
    }
    return status;
}

static nudge_status read_spill(struct table_spill *spill, uint64_t position, void *bytes, size_t count,
                               nudge_error *error) {
    const struct table_spill_file *file = (const struct table_spill_file *)spill;
    size_t got = 0;
    nudge_status status = file_reader_read_at(&file->file, position, bytes, count, &got, error);
    if (!status && got < count)
        return error_set(error, NUDGE_IO, "%s: rows that were written beside it are gone",
                         shown(file->path).text);
    return status;
}

static void close_spill(struct table_spill_file *file) {
    if (file->open) file_reader_close(&file->file);
    file->open = false;
}

static nudge_status restart_spill(struct table_spill *spill, nudge_error *error) {
    (void)error;
    close_spill((struct table_spill_file *)spill);
    return NUDGE_OK;
}

void table_spill_begin(struct table_spill_file *file, const nudge_allocator *allocator, const char *path,
                       bool folders, size_t limit, const char *hint) {
    *file = (struct table_spill_file){.allocator = allocator, .path = path, .folders = folders};
    file->spill = (struct table_spill){.limit = limit, .hint = hint};
    if (!path) return;
    file->spill.write = write_spill;
    file->spill.read = read_spill;
    file->spill.restart = restart_spill;
}

void table_spill_end(struct table_spill_file *file) {
    close_spill(file);
}
