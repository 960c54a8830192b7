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

static const char ending[] = ".XXXXXX";

/* The length of the folder's part of a path, with its slash. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Makes an empty file in the target's folder. Its descriptor, or -1 with errno set; *name is to be freed. */
static int make_beside(const char *path, char **name) {
    size_t length = strlen(path);
    *name = malloc(length + sizeof ending);
    if (!*name) return -1;
    memcpy(*name, path, length);
    memcpy(*name + length, ending, sizeof ending);
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

int output_check(const char *path) {
    struct stat target;
    char *name;
    if (path[0] == 0 || path[strlen(path) - 1] == '/')
        return say_usage("\"%s\": expected a file's name", path);
    bool there = stat(path, &target) == 0;
    if (there && S_ISDIR(target.st_mode)) return say_usage("%s: is a folder, expected a file's name", path);
    if (there && access(path, W_OK) != 0) return refuse(path, errno);
    if (there && is_straight(&target)) return EXIT_DONE;
    int descriptor = make_beside(path, &name);
    if (descriptor < 0) return refuse(path, errno);
    close(descriptor);
    unlink(name);
    free(name);
    return EXIT_DONE;
}

/* What a new file may be used for by whom: as if open() had made it, or as the old one. */
static void keep_mode(int descriptor, const char *path) {
    struct stat old;
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : 0666 & ~mask;
    if (fchmod(descriptor, mode) != 0) errno = 0; /* a file system without modes */
}

static int open_descriptor(struct output *output) {
    struct stat target;
    if (stat(output->path, &target) == 0 && is_straight(&target))
        return open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int descriptor = make_beside(output->path, &output->beside);
    if (descriptor >= 0) keep_mode(descriptor, output->path);
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
    if (!failed && output->beside && rename(output->beside, output->path) != 0) {
        failed = true;
        number = errno;
    }
    if (failed) {
        output_abandon(output);
        return say_failure("%s: cannot be written: %s", output->path, strerror(number));
    }
    if (output->beside) sync_folder(output->path);
    free(output->beside);
    output->beside = NULL;
    return EXIT_DONE;
}

void output_abandon(struct output *output) {
    if (!output->path) return;
    if (output->stream) fclose(output->stream);
    if (output->beside) unlink(output->beside);
    free(output->beside);
    output->stream = NULL;
    output->beside = NULL;
}
