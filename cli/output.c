/* See output.h. */
#define _GNU_SOURCE /* mkostemp */
#include "cli/output.h"

#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char beside_name[] = ".nudge.XXXXXX";

/* The length of the folder's part of a path, with its slash. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Where a link leads; else the path itself. To be freed. */
static char *follow(const char *path) {
    char *target = realpath(path, NULL);
    return target ? target : strdup(path);
}

/* Makes an empty file in the target's folder. Its descriptor, or -1 with errno set; *name is to be freed. */
static int make_beside(const char *target, char **name) {
    size_t length = folder_length(target);
    *name = malloc(length + sizeof beside_name);
    if (!*name) return -1;
    memcpy(*name, target, length);
    memcpy(*name + length, beside_name, sizeof beside_name);
    int descriptor = mkostemp(*name, O_CLOEXEC);
    if (descriptor < 0) {
        free(*name);
        *name = NULL;
    }
    return descriptor;
}

/* A device or pipe is written to straight away: it cannot be replaced. */
static bool is_straight(const struct stat *target) {
    return S_ISCHR(target->st_mode) || S_ISFIFO(target->st_mode);
}

static int refuse(const char *path, int number) {
    size_t folder = folder_length(path);
    if (number == ENOENT && folder) return say_usage("%.*s: no such folder", (int)folder, path);
    return say_usage("%s: cannot be written: %s", path, strerror(number));
}

static int try_beside(const char *path) {
    char *name, *target = follow(path);
    int descriptor = target ? make_beside(target, &name) : -1, number = errno;
    free(target);
    if (descriptor < 0) return refuse(path, number);
    close(descriptor);
    unlink(name);
    free(name);
    return EXIT_DONE;
}

int output_check(const char *path) {
    struct stat target;
    if (path[0] == 0 || path[strlen(path) - 1] == '/')
        return say_usage("\"%s\": expected a file's name", path);
    bool there = stat(path, &target) == 0;
    if (!there && errno != ENOENT) return refuse(path, errno);
    if (there && S_ISDIR(target.st_mode)) return say_usage("%s: is a folder, expected a file's name", path);
    if (there && access(path, W_OK) != 0) return refuse(path, errno);
    return there && is_straight(&target) ? EXIT_DONE : try_beside(path);
}

/* What a new file may be used for by whom: as if open() had made it, or as the old one. */
static void keep_mode(int descriptor, const char *target) {
    struct stat old;
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = stat(target, &old) == 0 ? old.st_mode & 0777 : 0666 & ~mask;
    if (fchmod(descriptor, mode) != 0) errno = 0; /* a file system without modes */
}

static int open_descriptor(struct output *output) {
    struct stat there;
    if (stat(output->path, &there) == 0 && is_straight(&there))
        return open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    output->target = follow(output->path);
    int descriptor = output->target ? make_beside(output->target, &output->beside) : -1;
    if (descriptor >= 0) keep_mode(descriptor, output->target);
    return descriptor;
}

int output_open(struct output *output, const char *path) {
    *output = (struct output){.stream = stdout, .path = path};
    if (!path) return EXIT_DONE;
    output->stream = NULL;
    int status = output_check(path);
    if (status) return status;
    int descriptor = open_descriptor(output);
    if (descriptor >= 0) output->stream = fdopen(descriptor, "w");
    if (output->stream) return EXIT_DONE;
    int number = errno;
    if (descriptor >= 0) close(descriptor);
    output_abandon(output);
    return say_failure("%s: cannot be written: %s", path, strerror(number));
}

static void sync_folder(const char *path) {
    char *folder = strndup(path, folder_length(path));
    int descriptor = folder ? open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

static void forget(struct output *output) {
    free(output->beside);
    free(output->target);
    output->beside = output->target = NULL;
}

int output_commit(struct output *output) {
    if (!output->path) return EXIT_DONE;
    bool failed = ferror(output->stream) || fflush(output->stream) != 0 ||
                  (output->beside && fsync(fileno(output->stream)) != 0);
    int number = failed && errno ? errno : EIO;
    if (fclose(output->stream) != 0 && !failed) {
        failed = true;
        number = errno;
    }
    output->stream = NULL;
    if (!failed && output->beside && rename(output->beside, output->target) != 0) {
        failed = true;
        number = errno;
    }
    if (failed) {
        output_abandon(output);
        return say_failure("%s: cannot be written: %s", output->path, strerror(number));
    }
    if (output->beside) sync_folder(output->target);
    forget(output);
    return EXIT_DONE;
}

void output_abandon(struct output *output) {
    if (!output->path) return;
    if (output->stream) fclose(output->stream);
    if (output->beside) unlink(output->beside);
    output->stream = NULL;
    forget(output);
}
