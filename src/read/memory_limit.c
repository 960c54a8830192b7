/* See memory_limit.h. What cannot be found out limits nothing. */
#define _GNU_SOURCE /* stpcpy, memmem */
#include "read/memory_limit.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_ROOM = 1024, FILE_ROOM = 4096 };

static size_t least(size_t a, uint64_t b) {
    return b < a ? (size_t)b : a;
}

static size_t machine_memory(void) {
#ifdef _SC_PHYS_PAGES
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0) return least(SIZE_MAX, (uint64_t)pages * (uint64_t)page);
#endif
    return SIZE_MAX;
}

/* -- control groups -- */

/* The file's beginning as text; "" when it cannot be read. */
static void read_text(const char *path, char text[FILE_ROOM]) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, text, FILE_ROOM - 1);
    text[got > 0 ? got : 0] = '\0';
    if (file >= 0) close(file);
}

/* A file that holds a number of bytes, or "max". */
static size_t limit_in(const char *path) {
    char text[FILE_ROOM];
    uint64_t bytes = 0;
    read_text(path, text);
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (bytes > (UINT64_MAX - 9) / 10) return SIZE_MAX;
        bytes = 10 * bytes + (uint64_t)(*at - '0');
    }
    return at == text ? SIZE_MAX : least(SIZE_MAX, bytes);
}

size_t memory_group_limit(const char *root, const char *group, size_t length, const char *file) {
    char path[PATH_ROOM];
    size_t limit = SIZE_MAX, start = strlen(root);
    if (start + length + 1 + strlen(file) >= sizeof path) return SIZE_MAX;
    memcpy(path, root, start);
    memcpy(path + start, group, length);
    for (size_t end = start + length;; end--) {
        if (end > start && end < start + length && path[end] != '/') continue;
        path[end] = '/';
        stpcpy(path + end + 1, file);
        limit = least(limit, limit_in(path));
        if (end == start) return limit;
    }
}

/* Lines "HIERARCHY:CONTROLLERS:/GROUP"; of version 2 "0::/GROUP". */
static size_t groups_limit(void) {
    char text[FILE_ROOM];
    size_t limit = SIZE_MAX;
    read_text("/proc/self/cgroup", text);
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        const char *first = memchr(line, ':', length);
        const char *second = first ? memchr(first + 1, ':', length - (size_t)(first + 1 - line)) : NULL;
        if (second && second[1] == '/') {
            size_t group = length - (size_t)(second + 1 - line);
            if (second == first + 1)
                limit = least(limit, memory_group_limit("/sys/fs/cgroup", second + 1, group, "memory.max"));
            else if (memmem(first, (size_t)(second - first), "memory", 6))
                limit = least(limit, memory_group_limit("/sys/fs/cgroup/memory", second + 1, group,
                                                        "memory.limit_in_bytes"));
        }
        line += length;
        if (*line) line++;
    }
    return limit;
}

size_t memory_limit(void) {
    size_t limit = machine_memory();
    struct rlimit allowed;
    if (getrlimit(RLIMIT_DATA, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY)
        limit = least(limit, allowed.rlim_cur);
    if (getrlimit(RLIMIT_AS, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY)
        limit = least(limit, allowed.rlim_cur);
    return least(limit, groups_limit());
}
