/* Durable writing: a new file beside the target, synced, then renamed over it, then the folder synced.
 * Invariant: as long as `beside` is set there is a file of that name, which this writer made and will rename
 * or remove. A target that is a pipe or a character device has none: it is written straight. */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_LINKS = 40, /* as Linux itself follows */
    NAME_KEPT = 200, /* of the target's name in the name beside it: names have at most 255 bytes */
    UNIQUE_DIGITS = 16,
    MOST_ATTEMPTS = 100,
};

struct file_writer {
    nudge_allocator allocator;
    char *path;   /* as the caller named it: for sentences */
    char *target; /* with symbolic links followed */
    char *folder; /* the target's: known before, so that the end needs no memory */
    char *beside;
    int descriptor;
};

static nudge_status refuse(nudge_error *error, const char *path, const char *what, int number) {
    return error_set(error, NUDGE_IO, "%s: %s: %s", shown(path).text, what, file_reason(number).text);
}

/* -- folders -- */

/* Makes names in the folder last through a power failure. A folder that may not be read cannot be synced, and
 * some file systems know no such thing: there it is left to them. */
static int sync_folder(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno == EACCES ? 0 : errno;
    int number = 0;
    while (fsync(descriptor)) {
        number = errno;
        if (number != EINTR) break;
        number = 0;
    }
    close(descriptor);
    return number == EINVAL || number == ENOTSUP || number == EROFS ? 0 : number;
}

nudge_status file_folder_make(const nudge_allocator *allocator, const char *path, bool *made,
                              nudge_error *error) {
    *made = false;
    if (file_is_folder(path)) return NUDGE_OK;
    if (file_exists(path))
        return error_set(error, NUDGE_IO, "%s: is not a folder, expected one", shown(path).text);
    char *parent = file_path_folder(allocator, path);
    if (!parent) return error_no_memory(error, strlen(path) + 1, shown(path).text);
    nudge_status status = NUDGE_OK;
    int number;
    if (mkdir(path, 0777)) {
        status = refuse(error, path, "the folder cannot be made", errno);
    } else if ((number = sync_folder(parent))) {
        rmdir(path);
        status = refuse(error, path, "the folder cannot be made to last", number);
    } else {
        *made = true;
    }
    memory_release_text(allocator, parent);
    return status;
}

/* -- opening -- */

/* *target = the file that `path` names once symbolic links are followed, whether or not it is there. */
static nudge_status follow_links(const nudge_allocator *allocator, const char *path, char **target,
                                 nudge_error *error) {
    char *now = memory_copy_text(allocator, path);
    for (int links = 0; now; links++) {
        char link[PATH_MAX];
        ssize_t length = readlink(now, link, sizeof link - 1);
        if (length < 0) { /* not a link, or nothing there */
            *target = now;
            return NUDGE_OK;
        }
        if (links == MOST_LINKS) {
            memory_release_text(allocator, now);
            return refuse(error, path, "cannot be written", ELOOP);
        }
        link[length] = 0;
        char *folder = file_path_folder(allocator, now);
        char *next = !folder          ? NULL
                     : link[0] == '/' ? memory_copy_text(allocator, link)
                                      : file_path_join(allocator, folder, link);
        memory_release_text(allocator, folder);
        memory_release_text(allocator, now);
        now = next;
    }
    return error_no_memory(error, strlen(path) + 1, shown(path).text);
}

/* Sixteen digits that another writer is unlikely to come upon; O_EXCL finds out when one does. */
static void write_unique(char digits[UNIQUE_DIGITS], const void *writer, int attempt) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t mixed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    mixed ^= (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)writer ^ (uint64_t)attempt;
    mixed = (mixed ^ mixed >> 31) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 29;
    for (int i = 0; i < UNIQUE_DIGITS; i++) digits[i] = "0123456789abcdef"[mixed >> (4 * i) & 15];
}

/* FOLDER/NAME.<unique>.part, the name's beginning kept: who finds one after a power failure knows what it is.
 */
static char *beside_name(const nudge_allocator *allocator, const char *target) {
    static const char ending[] = ".0123456789abcdef.part";
    const char *name = file_path_name(target);
    size_t kept = strlen(name) < NAME_KEPT ? strlen(name) : NAME_KEPT;
    size_t length = (size_t)(name - target) + kept;
    char *beside = memory_get(allocator, length + sizeof ending);
    if (!beside) return NULL;
    memcpy(beside, target, length);
    memcpy(beside + length, ending, sizeof ending);
    return beside;
}

static nudge_status create_beside(struct file_writer *writer, nudge_error *error) {
    char *beside = beside_name(&writer->allocator, writer->target);
    if (!beside) return error_no_memory(error, strlen(writer->target), shown(writer->path).text);
    char *digits = beside + strlen(beside) - strlen(".part") - UNIQUE_DIGITS;
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        write_unique(digits, writer, attempt);
        writer->descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (writer->descriptor >= 0) {
            writer->beside = beside;
            return NUDGE_OK;
        }
        if (errno != EEXIST && errno != EINTR) break;
    }
    int number = errno;
    memory_release_text(&writer->allocator, beside);
    return refuse(error, writer->path, "cannot be created", number);
}

/* The new file takes over who may do what with the old one. Giving a file away is for the superuser;
 * elsewhere it is the caller's own already, or becomes so. */
static nudge_status keep_mode(struct file_writer *writer, const struct stat *old, nudge_error *error) {
    if (fchown(writer->descriptor, old->st_uid, old->st_gid)) errno = 0;
    if (fchmod(writer->descriptor, old->st_mode & 0777))
        return refuse(error, writer->path, "cannot keep the file's mode", errno);
    return NUDGE_OK;
}

static nudge_status open_regular(struct file_writer *writer, const struct stat *old, nudge_error *error) {
    nudge_status status = follow_links(&writer->allocator, writer->path, &writer->target, error);
    if (status) return status;
    writer->folder = file_path_folder(&writer->allocator, writer->target);
    if (!writer->folder) return error_no_memory(error, strlen(writer->target), shown(writer->path).text);
    if (old) {
        struct stat followed; /* /proc has links that lead elsewhere than they say */
        if (stat(writer->target, &followed) || followed.st_dev != old->st_dev ||
            followed.st_ino != old->st_ino)
            return refuse(error, writer->path, "cannot be replaced", ENOENT);
        if (faccessat(AT_FDCWD, writer->target, W_OK, AT_EACCESS))
            return refuse(error, writer->path, "cannot be written", errno);
    }
    status = create_beside(writer, error);
    return !status && old ? keep_mode(writer, old, error) : status;
}

static nudge_status open_straight(struct file_writer *writer, nudge_error *error) {
    do writer->descriptor = open(writer->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    while (writer->descriptor < 0 && errno == EINTR);
    return writer->descriptor < 0 ? refuse(error, writer->path, "cannot be written", errno) : NUDGE_OK;
}

static nudge_status open_target(struct file_writer *writer, nudge_error *error) {
    struct stat old;
    if (*file_path_name(writer->path) == 0)
        return error_set(error, NUDGE_IO, "%s: names a folder, expected a file's name",
                         shown(writer->path).text);
    if (stat(writer->path, &old))
        return errno == ENOENT ? open_regular(writer, NULL, error)
                               : refuse(error, writer->path, "cannot be written", errno);
    if (S_ISREG(old.st_mode)) return open_regular(writer, &old, error);
    if (S_ISCHR(old.st_mode) || S_ISFIFO(old.st_mode)) return open_straight(writer, error);
    return error_set(error, NUDGE_IO, "%s: is a %s, expected a file's name", shown(writer->path).text,
                     S_ISDIR(old.st_mode)   ? "folder"
                     : S_ISBLK(old.st_mode) ? "block device"
                                            : "socket");
}

nudge_status file_writer_open(const nudge_allocator *allocator, const char *path, struct file_writer **writer,
                              nudge_error *error) {
    struct file_writer *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, shown(path).text);
    made->allocator = *allocator;
    made->descriptor = -1;
    made->path = memory_copy_text(allocator, path);
    nudge_status status =
        made->path ? open_target(made, error) : error_no_memory(error, strlen(path) + 1, shown(path).text);
    if (status) {
        file_writer_abandon(made);
        return status;
    }
    *writer = made;
    return NUDGE_OK;
}

/* -- writing and ending -- */

nudge_status file_writer_write(struct file_writer *writer, const void *bytes, size_t count,
                               nudge_error *error) {
    enum { MOST_AT_ONCE = 1 << 30 };
    const char *from = bytes;
    while (count > 0) {
        ssize_t moved = write(writer->descriptor, from, count < MOST_AT_ONCE ? count : MOST_AT_ONCE);
        if (moved < 0 && errno == EINTR) continue;
        if (moved <= 0) return refuse(error, writer->path, "cannot be written", moved < 0 ? errno : ENOSPC);
        from += moved;
        count -= (size_t)moved;
    }
    return NUDGE_OK;
}

static nudge_status sync_and_close(struct file_writer *writer, nudge_error *error) {
    int number = 0;
    while (writer->beside && fsync(writer->descriptor))
        if (errno != EINTR) {
            number = errno;
            break;
        }
    if (close(writer->descriptor) && errno != EINTR && !number) number = errno;
    writer->descriptor = -1;
    return number ? refuse(error, writer->path, "cannot be written to the end", number) : NUDGE_OK;
}

static nudge_status rename_over(struct file_writer *writer, nudge_error *error) {
    if (rename(writer->beside, writer->target))
        return refuse(error, writer->path, "cannot be replaced", errno);
    memory_release_text(&writer->allocator, writer->beside);
    writer->beside = NULL;
    int number = sync_folder(writer->folder);
    if (number == 0) return NUDGE_OK;
    return refuse(error, writer->path,
                  "is written, but a power failure may undo that, as its folder cannot be synced", number);
}

nudge_status file_writer_commit(struct file_writer *writer, nudge_error *error) {
    nudge_status status = sync_and_close(writer, error);
    if (!status && writer->beside) status = rename_over(writer, error);
    file_writer_abandon(writer);
    return status;
}

void file_writer_abandon(struct file_writer *writer) {
    if (!writer) return;
    nudge_allocator allocator = writer->allocator;
    if (writer->descriptor >= 0) close(writer->descriptor);
    if (writer->beside) unlink(writer->beside);
    memory_release_text(&allocator, writer->beside);
    memory_release_text(&allocator, writer->folder);
    memory_release_text(&allocator, writer->target);
    memory_release_text(&allocator, writer->path);
    memory_release(&allocator, writer, sizeof *writer);
}
