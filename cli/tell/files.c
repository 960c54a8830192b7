/* See files.h. */
#include "cli/tell/files.h"

#include "cli/signals.h"
#include "cli/tell/say.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is there is its inode; what is not there, a name in the folder with this inode. */
struct identity {
    dev_t device;
    ino_t inode;
    bool there;
    char name[256];
};

static struct noted {
    struct identity identity;
    char *path; /* as it was given */
    bool written;
} * noted;
static size_t noted_count;
static const char standard_output[] = "standard output";
static bool unused; /* nothing is said there */

static bool same(const struct identity *a, const struct identity *b) {
    return a->device == b->device && a->inode == b->inode && a->there == b->there &&
           (a->there || strcmp(a->name, b->name) == 0);
}

/* A path that is not there: its folder and its last name. False: there is no such folder either. */
static bool identify_missing(const char *path, struct identity *identity) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    size_t folder = length;
    while (folder > 0 && path[folder - 1] != '/') folder--;
    char *name = folder ? strndup(path, folder) : strdup(".");
    struct stat status;
    bool found = name && stat(name, &status) == 0 && length - folder < sizeof identity->name;
    if (found) {
        *identity = (struct identity){.device = status.st_dev, .inode = status.st_ino};
        memcpy(identity->name, path + folder, length - folder);
    }
    free(name);
    return found;
}

static struct identity identity_of(const struct stat *status) {
    return (struct identity){.device = status->st_dev, .inode = status->st_ino, .there = true};
}

/* A device is none that anything could be lost in. */
static bool identify(const char *path, struct identity *identity) {
    struct stat status;
    if (stat(path, &status) != 0) return identify_missing(path, identity);
    *identity = identity_of(&status);
    return !S_ISCHR(status.st_mode);
}

static int keep(const char *path, const struct identity *identity, bool written) {
    struct noted *longer = realloc(noted, (noted_count + 1) * sizeof *noted);
    if (longer) noted = longer;
    char *copy = longer ? strdup(path) : NULL;
    if (!copy) return say_failure("not enough memory: for a file's name");
    noted[noted_count++] = (struct noted){*identity, copy, written};
    return EXIT_DONE;
}

/* The shell's > FILE or | COMMAND: whatever else is written must not go there, too. Standard error may share it. */
static int keep_standard_output(void) {
    static bool kept;
    struct stat status;
    if (kept || unused || fstat(STDOUT_FILENO, &status) != 0 || S_ISCHR(status.st_mode)) return EXIT_DONE;
    kept = true;
    struct identity identity = identity_of(&status);
    return keep(standard_output, &identity, true);
}

static int note(const char *path, const struct identity *identity, bool written) {
    int status = keep_standard_output();
    for (size_t i = 0; !status && i < noted_count; i++) {
        if (unused && strcmp(noted[i].path, standard_output) == 0) continue;
        if (!(written || noted[i].written) || !same(identity, &noted[i].identity)) continue;
        const char *other = noted[i].path;
        if (written && noted[i].written)
            return strcmp(path, other) == 0
                       ? say_usage("%s: is to be written twice, expected two names", path)
                       : say_usage("%s and %s name the same file, expected two", other, path);
        return say_usage("%s: is read by this command, so it cannot be written", written ? path : other);
    }
    return status ? status : keep(path, identity, written);
}

void files_leave_standard_output(void) {
    unused = true;
}

int files_read(const char *path) {
    struct stat status;
    bool standard = strcmp(path, "-") == 0;
    if (standard ? fstat(STDIN_FILENO, &status) != 0 : stat(path, &status) != 0) return EXIT_DONE;
    if (!S_ISREG(status.st_mode)) return EXIT_DONE;
    struct identity identity = identity_of(&status);
    return note(standard ? "standard input" : path, &identity, false);
}

int files_read_data(const nudge_data *data) {
    const char *path;
    int status = EXIT_DONE;
    for (size_t i = 0; !status && (path = nudge_data_file(data, i)); i++) status = files_read(path);
    return status;
}

int files_write(const char *path) {
    nudge_file *file;
    nudge_error error;
    struct identity identity;
    signals_hold(); /* a file is made, and removed */
    nudge_status status = nudge_file_create(NULL, path, &file, &error);
    if (status) {
        signals_release();
        return say_error(&error, SAY_READING);
    }
    const char *target = nudge_file_target(file); /* NULL: a device or an open stream */
    bool found = identify(target ? target : path, &identity);
    nudge_file_abandon(file);
    signals_release();
    return found ? note(path, &identity, true) : EXIT_DONE;
}

int files_write_folder(const char *path) {
    struct identity identity;
    return identify(path, &identity) ? note(path, &identity, true) : EXIT_DONE;
}
