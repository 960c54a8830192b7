/* Files: their names and the system's reasons in sentences, paths, and reading in order.
 * Invariant: a file is read through the caller's buffers, never mapped, and every short read is noticed: a
 * file that shrinks while it is read is an error and not a crash. Writing is in file_write.c. */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h> /* flock */
#include <sys/stat.h>
#include <unistd.h>

/* -- for sentences -- */

static const struct {
    int number;
    const char *text;
} reasons[] = {
    {ENOENT, "no such file or folder"},
    {ENOTDIR, "a part of its path is not a folder"},
    {EISDIR, "it is a folder"},
    {EACCES, "permission denied"},
    {EPERM, "the system does not permit it"},
    {EEXIST, "it exists already"},
    {ELOOP, "too many symbolic links"},
    {ENAMETOOLONG, "its name is too long"},
    {ENOSPC, "no space left on the device"},
    {EDQUOT, "the disk quota is used up"},
    {EFBIG, "the file would become larger than allowed"},
    {EROFS, "the file system is read-only"},
    {EIO, "input/output error"},
    {EPIPE, "nobody reads the pipe any more"},
    {EMFILE, "this process has too many files open"},
    {ENFILE, "the system has too many files open"},
    {ENOMEM, "the system has no memory left"},
    {EBUSY, "it is in use"},
    {ETXTBSY, "it is a program that is running"},
    {ENXIO, "there is no such device, or nobody at the other end"},
    {ENODEV, "there is no such device"},
    {EINVAL, "the file system does not support it"},
};

struct file_reason file_reason(int number) {
    static const char unknown[] = "system error ";
    struct file_reason reason = {{0}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].number == number) {
            memcpy(reason.text, reasons[i].text, strlen(reasons[i].text));
            return reason;
        }
    memcpy(reason.text, unknown, sizeof unknown - 1);
    unsigned value = number < 0 ? 0 : (unsigned)number;
    size_t end = sizeof unknown - 1;
    for (unsigned rest = value; rest > 9; rest /= 10) end++;
    do {
        reason.text[end--] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return reason;
}

nudge_status error_in_file(nudge_error *error, nudge_status code, const char *path) {
    struct shown_text name = shown(path);
    char prefix[sizeof name.text + 2];
    size_t length = strlen(name.text);
    memcpy(prefix, name.text, length);
    memcpy(prefix + length, ": ", 3);
    return error_prefix(error, code, prefix);
}

/* -- paths -- */

char *file_path_join(const nudge_allocator *allocator, const char *folder, const char *name) {
    size_t folder_length = strlen(folder), name_length = strlen(name);
    bool slash = folder_length > 0 && folder[folder_length - 1] != '/';
    char *path = memory_get(allocator, folder_length + slash + name_length + 1);
    if (!path) return NULL;
    memcpy(path, folder, folder_length);
    if (slash) path[folder_length] = '/';
    memcpy(path + folder_length + slash, name, name_length + 1);
    return path;
}

const char *file_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *file_path_folder(const nudge_allocator *allocator, const char *path) {
    size_t length = (size_t)(file_path_name(path) - path);
    if (length == 0) return memory_copy_text(allocator, ".");
    while (length > 1 && path[length - 1] == '/') length--;
    char *folder = memory_get(allocator, length + 1);
    if (!folder) return NULL;
    memcpy(folder, path, length);
    folder[length] = 0;
    return folder;
}

bool file_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool file_is_regular(const char *path) {
    struct stat status;
    return stat(path, &status) || S_ISREG(status.st_mode);
}

/* -- reading -- */

static bool is_missing(int number) {
    return number == ENOENT || number == ENOTDIR || number == ELOOP || number == ENAMETOOLONG;
}

static nudge_status refuse_kind(const char *path, const struct stat *status, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT, "%s: is a %s, expected a file", shown(path).text,
                     S_ISDIR(status->st_mode) ? "folder" : "pipe or device");
}

nudge_status file_reader_open(struct file_reader *reader, const char *path, nudge_error *error) {
    *reader = (struct file_reader){.path = path, .descriptor = -1};
    int descriptor;
    struct stat status;
    /* Not even opened: whoever waits at the other end of a named pipe would be woken, and left alone. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) return refuse_kind(path, &status, error);
    do /* O_NONBLOCK: opening a pipe that nobody writes to must not hang */
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0 || fstat(descriptor, &status)) {
        int number = errno;
        if (descriptor >= 0) close(descriptor);
        return error_set(error, is_missing(number) ? NUDGE_BAD_INPUT : NUDGE_IO, "%s: cannot be opened: %s",
                         shown(path).text, file_reason(number).text);
    }
    if (!S_ISREG(status.st_mode)) {
        close(descriptor);
        return refuse_kind(path, &status, error);
    }
    reader->descriptor = descriptor;
    reader->size = (uint64_t)status.st_size;
    return NUDGE_OK;
}

nudge_status file_reader_open_input(struct file_reader *reader, nudge_error *error) {
    *reader = (struct file_reader){.path = "standard input", .size = UINT64_MAX};
    reader->descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (reader->descriptor >= 0) return NUDGE_OK;
    return error_set(error, NUDGE_IO, "standard input: cannot be opened: %s", file_reason(errno).text);
}

void file_reader_open_memory(struct file_reader *reader, const void *memory, size_t size) {
    *reader = (struct file_reader){.path = "memory", .descriptor = -1, .size = size, .memory = memory};
}

enum { MOST_AT_ONCE = 1 << 30 }; /* Linux reads at most 2 GiB in one call, others refuse more */

static nudge_status refuse_reading(const struct file_reader *reader, uint64_t position, nudge_error *error) {
    return error_set(error, NUDGE_IO, "%s: cannot be read at byte %llu: %s", shown(reader->path).text,
                     (unsigned long long)position, file_reason(errno).text);
}

nudge_status file_reader_read(struct file_reader *reader, void *bytes, size_t count, size_t *got,
                              nudge_error *error) {
    size_t done = 0;
    if (reader->memory) {
        nudge_status status = file_reader_read_at(reader, reader->position, bytes, count, got, error);
        reader->position += *got;
        return status;
    }
    while (done < count) {
        size_t wanted = count - done < MOST_AT_ONCE ? count - done : MOST_AT_ONCE;
        ssize_t moved = read(reader->descriptor, (char *)bytes + done, wanted);
        if (moved < 0 && errno == EINTR) continue;
        if (moved < 0) return refuse_reading(reader, reader->position, error);
        if (moved == 0) break;
        done += (size_t)moved;
        reader->position += (uint64_t)moved;
    }
    *got = done;
    return NUDGE_OK;
}

nudge_status file_reader_read_at(const struct file_reader *reader, uint64_t position, void *bytes,
                                 size_t count, size_t *got, nudge_error *error) {
    size_t done = 0;
    if (reader->memory) {
        uint64_t left = position < reader->size ? reader->size - position : 0;
        *got = count < left ? count : (size_t)left;
        if (*got) memcpy(bytes, reader->memory + position, *got);
        return NUDGE_OK;
    }
    while (done < count) {
        size_t wanted = count - done < MOST_AT_ONCE ? count - done : MOST_AT_ONCE;
        ssize_t moved = pread(reader->descriptor, (char *)bytes + done, wanted, (off_t)(position + done));
        if (moved < 0 && errno == EINTR) continue;
        if (moved < 0) return refuse_reading(reader, position + done, error);
        if (moved == 0) break;
        done += (size_t)moved;
    }
    *got = done;
    return NUDGE_OK;
}

nudge_status file_reader_seek(struct file_reader *reader, uint64_t position, nudge_error *error) {
    if (position > reader->size ||
        (!reader->memory && lseek(reader->descriptor, (off_t)position, SEEK_SET) < 0))
        return error_set(error, NUDGE_IO, "%s: has no byte %llu to be read", shown(reader->path).text,
                         (unsigned long long)position);
    reader->position = position;
    return NUDGE_OK;
}

bool file_is_locked(const struct file_reader *reader) {
    if (reader->descriptor < 0) return false;
    if (flock(reader->descriptor, LOCK_SH | LOCK_NB)) return errno == EWOULDBLOCK;
    flock(reader->descriptor, LOCK_UN);
    return false;
}

void file_reader_close(struct file_reader *reader) {
    if (reader->path && reader->descriptor >= 0) close(reader->descriptor);
    *reader = (struct file_reader){.descriptor = -1};
}
