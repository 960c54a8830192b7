/* Durable writing (nudge_file_create in nudge.h): a new file beside the target, synced, then renamed over it,
 * then the folder synced. Invariant: as long as `beside` is set there is a file of that name, which this
 * writer made, has locked, and will rename or remove. Who dies before that (kill -9, a power failure) leaves the file,
 * but not the lock: the next writer of the same target, whose file has the same name, removes it. A target that is a
 * stream or a character device has none: it is written straight. */
#define _GNU_SOURCE
#include "base/file.h"

#include "base/context.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/file.h> /* flock */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_LINKS = 40, /* as Linux itself follows */
    NAME_KEPT = 200, /* of the target's name in the name beside it: names have at most 255 bytes */
    UNIQUE_DIGITS = 16,
    MOST_ATTEMPTS = 100,
};

struct nudge_file {
    nudge_allocator allocator;
    char *path;   /* as the caller named it: for sentences */
    char *target; /* with symbolic links followed */
    char *folder; /* the target's: known before, so that the end needs no memory */
    char *beside;
    int descriptor;
    int held; /* the same once more, which keeps the lock until the file beside is no more; -1: not yet needed */
    uint64_t size, settled; /* bytes written; of these on the disk, under the target's name */
};

static nudge_status refuse_write(nudge_error *error, const char *path, const char *what, int number) {
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
        status = refuse_write(error, path, "the folder cannot be made", errno);
    } else if ((number = sync_folder(parent))) {
        rmdir(path);
        status = refuse_write(error, path, "the folder cannot be made to last", number);
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
            return refuse_write(error, path, "cannot be written", ELOOP);
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

static uint64_t mix(uint64_t number) {
    number = (number ^ number >> 31) * 0x9E3779B97F4A7C15u;
    return number ^ number >> 29;
}

/* Sixteen digits. At first those of the target's name, so that what is left of a killed process is found again; where another
 * one writes there now, some that nobody is likely to come upon: O_EXCL finds out when one does. */
static void write_digits(char digits[UNIQUE_DIGITS], const nudge_file *file, int attempt) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t mixed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    mixed = mix(mixed ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)file ^ (uint64_t)attempt);
    if (attempt == 0) {
        mixed = 0;
        for (const char *c = file_path_name(file->target); *c; c++)
            mixed = mix(mixed + (unsigned char)*c + 1);
    }
    for (int i = 0; i < UNIQUE_DIGITS; i++) digits[i] = "0123456789abcdef"[mixed >> (4 * i) & 15];
}

/* -- whose the file beside is -- */

/* False: somebody else has it. Where files cannot be locked nobody can take one away either: see remove_stale. */
static bool lock(int descriptor) {
    while (flock(descriptor, LOCK_EX | LOCK_NB))
        if (errno != EINTR) return errno != EWOULDBLOCK;
    return true;
}

/* Removes a file beside whose writer is dead. Who has its lock while it has its name can be sure of that: a living writer
 * lets go of the lock only when the file has another name or is gone. */
static void remove_stale(const char *beside) {
    struct stat own, named;
    int descriptor = open(beside, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return;
    if (fstat(descriptor, &own) == 0 && S_ISREG(own.st_mode) && flock(descriptor, LOCK_EX | LOCK_NB) == 0 &&
        lstat(beside, &named) == 0 && named.st_dev == own.st_dev && named.st_ino == own.st_ino)
        unlink(beside);
    close(descriptor);
}

/* Somebody may have taken a file that was just made, and not locked yet, for one that was left behind: then it is lost. */
static bool make_beside(nudge_file *file, char *beside) {
    struct stat status;
    file->descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->descriptor < 0) return false;
    if (lock(file->descriptor) && fstat(file->descriptor, &status) == 0 && status.st_nlink > 0) {
        file->beside = beside;
        return true;
    }
    close(file->descriptor);
    file->descriptor = -1;
    errno = EEXIST;
    return false;
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

static nudge_status create_beside(nudge_file *file, nudge_error *error) {
    char *beside = beside_name(&file->allocator, file->target);
    if (!beside) return error_no_memory(error, strlen(file->target), shown(file->path).text);
    char *digits = beside + strlen(beside) - strlen(".part") - UNIQUE_DIGITS;
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        write_digits(digits, file, attempt);
        if (attempt == 0) remove_stale(beside);
        if (make_beside(file, beside)) return NUDGE_OK;
        if (errno != EEXIST && errno != EINTR) break;
    }
    int number = errno;
    memory_release_text(&file->allocator, beside);
    if (number == ENOENT)
        return error_set(error, NUDGE_IO, "%s: cannot be created: there is no such folder",
                         shown(file->path).text);
    return refuse_write(error, file->path, "cannot be created", number);
}

/* The new file takes over who may do what with the old one. Giving a file away is for the superuser;
 * elsewhere it is the caller's own already, or becomes so. */
static nudge_status keep_mode(nudge_file *file, const struct stat *old, nudge_error *error) {
    if (fchown(file->descriptor, old->st_uid, old->st_gid)) errno = 0;
    if (fchmod(file->descriptor, old->st_mode & 0777))
        return refuse_write(error, file->path, "cannot keep the file's mode", errno);
    return NUDGE_OK;
}

static nudge_status open_regular(nudge_file *file, const struct stat *old, nudge_error *error) {
    nudge_status status = follow_links(&file->allocator, file->path, &file->target, error);
    if (status) return status;
    file->folder = file_path_folder(&file->allocator, file->target);
    if (!file->folder) return error_no_memory(error, strlen(file->target), shown(file->path).text);
    if (old) {
        struct stat followed; /* /proc has links that lead elsewhere than they say */
        if (stat(file->target, &followed) || followed.st_dev != old->st_dev || followed.st_ino != old->st_ino)
            return refuse_write(error, file->path, "cannot be replaced", ENOENT);
        if (faccessat(AT_FDCWD, file->target, W_OK, AT_EACCESS))
            return refuse_write(error, file->path, "cannot be written", errno);
    }
    status = create_beside(file, error);
    return !status && old ? keep_mode(file, old, error) : status;
}

/* A stream that the process was given open. Any other pipe would have to wait for somebody who reads it. */
static bool is_open_stream(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0) return true;
    return strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/stderr") == 0;
}

/* Without waiting, even if everybody who could read has gone. */
static nudge_status open_straight(nudge_file *file, nudge_error *error) {
    do file->descriptor = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (file->descriptor < 0 && errno == EINTR);
    int flags = file->descriptor < 0 ? -1 : fcntl(file->descriptor, F_GETFL);
    if (flags < 0 || fcntl(file->descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return refuse_write(error, file->path, "cannot be written", errno);
    return NUDGE_OK;
}

static nudge_status open_target(nudge_file *file, nudge_error *error) {
    struct stat old;
    if (*file->path == 0) return error_set(error, NUDGE_IO, "\"\": expected a file's name");
    if (*file_path_name(file->path) == 0)
        return error_set(error, NUDGE_IO, "%s: names a folder, expected a file's name",
                         shown(file->path).text);
    if (stat(file->path, &old))
        return errno == ENOENT ? open_regular(file, NULL, error)
                               : refuse_write(error, file->path, "cannot be written", errno);
    if (S_ISREG(old.st_mode)) return open_regular(file, &old, error);
    if (S_ISCHR(old.st_mode) || (S_ISFIFO(old.st_mode) && is_open_stream(file->path)))
        return open_straight(file, error);
    return error_set(error, NUDGE_IO, "%s: is a %s, expected a file's name", shown(file->path).text,
                     S_ISDIR(old.st_mode)    ? "folder"
                     : S_ISBLK(old.st_mode)  ? "block device"
                     : S_ISFIFO(old.st_mode) ? "named pipe"
                                             : "socket");
}

nudge_status nudge_file_create(const nudge_context *context, const char *path, nudge_file **file,
                               nudge_error *error) {
    if (missing(error, path, file)) return NUDGE_BAD_ARGUMENT;
    nudge_allocator memory = context ? context->allocator : memory_allocator(NULL), *allocator = &memory;
    nudge_file *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, shown(path).text);
    made->allocator = memory;
    made->descriptor = made->held = -1;
    made->path = memory_copy_text(allocator, path);
    nudge_status status =
        made->path ? open_target(made, error) : error_no_memory(error, strlen(path) + 1, shown(path).text);
    if (status) {
        nudge_file_abandon(made);
        return status;
    }
    *file = made;
    return NUDGE_OK;
}

const char *nudge_file_target(const nudge_file *file) {
    return file->target;
}

const char *nudge_file_part(const nudge_file *file) {
    return file->beside;
}

/* -- writing and ending -- */

nudge_status nudge_file_write(nudge_file *file, const void *bytes, size_t count, nudge_error *error) {
    enum { MOST_AT_ONCE = 1 << 30 };
    if (missing(error, file) || (count && missing(error, bytes))) return NUDGE_BAD_ARGUMENT;
    const char *from = bytes;
    while (count > 0) {
        ssize_t moved = write(file->descriptor, from, count < MOST_AT_ONCE ? count : MOST_AT_ONCE);
        if (moved < 0 && errno == EINTR) continue;
        if (moved <= 0)
            return refuse_write(error, file->path, "cannot be written", moved < 0 ? errno : ENOSPC);
        from += moved;
        count -= (size_t)moved;
        file->size += (uint64_t)moved;
    }
    return NUDGE_OK;
}

static nudge_status refuse_end(const nudge_file *file, int number, nudge_error *error) {
    return refuse_write(error, file->path, "cannot be written to the end", number);
}

static int sync_file(const nudge_file *file) {
    while (fsync(file->descriptor))
        if (errno != EINTR) return errno;
    return 0;
}

/* Closing may tell what could not be written, so it comes before the renaming. */
static nudge_status sync_and_close(nudge_file *file, nudge_error *error) {
    int number = file->beside ? sync_file(file) : 0;
    if (file->beside && !number && (file->held = fcntl(file->descriptor, F_DUPFD_CLOEXEC, 0)) < 0)
        number = errno;
    if (close(file->descriptor) && errno != EINTR && !number) number = errno;
    file->descriptor = -1;
    return number ? refuse_end(file, number, error) : NUDGE_OK;
}

static nudge_status rename_over(nudge_file *file, nudge_error *error) {
    if (rename(file->beside, file->target))
        return refuse_write(error, file->path, "cannot be replaced", errno);
    memory_release_text(&file->allocator, file->beside);
    file->beside = NULL;
    int number = sync_folder(file->folder);
    if (number == 0) return NUDGE_OK;
    return refuse_write(error, file->path,
                        "is written, but a power failure may undo that, as its folder cannot be synced",
                        number);
}

nudge_status nudge_file_commit(nudge_file *file, nudge_error *error) {
    if (missing(error, file)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = sync_and_close(file, error);
    if (!status && file->beside) status = rename_over(file, error);
    nudge_file_abandon(file);
    return status;
}

nudge_status file_settle(nudge_file *file, nudge_error *error) {
    int number = sync_file(file);
    nudge_status status = number         ? refuse_end(file, number, error)
                          : file->beside ? rename_over(file, error)
                                         : NUDGE_OK;
    if (!status) file->settled = file->size;
    return status;
}

bool file_take_back(nudge_file *file) {
    off_t end = (off_t)file->settled;
    if (ftruncate(file->descriptor, end) || lseek(file->descriptor, end, SEEK_SET) != end) return false;
    file->size = file->settled;
    return true;
}

void nudge_file_abandon(nudge_file *file) {
    if (!file) return;
    nudge_allocator allocator = file->allocator;
    if (file->beside) unlink(file->beside);
    if (file->descriptor >= 0) close(file->descriptor);
    if (file->held >= 0) close(file->held);
    memory_release_text(&allocator, file->beside);
    memory_release_text(&allocator, file->folder);
    memory_release_text(&allocator, file->target);
    memory_release_text(&allocator, file->path);
    memory_release(&allocator, file, sizeof *file);
}
