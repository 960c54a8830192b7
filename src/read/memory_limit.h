/* How much memory this process may have. */
#ifndef NUDGE_READ_MEMORY_LIMIT_H
#define NUDGE_READ_MEMORY_LIMIT_H

#include <stddef.h>

/* The least of what the machine has, what the process may address or have as data (ulimit -v, -d), and what
 * its control groups allow (Linux, version 1 or 2), in bytes. */
size_t memory_limit(void);

/* A control group's limit and those of the groups that it is in: the least of ROOT/GROUP/FILE and so on up to
 * ROOT/FILE, where GROUP is "/" or "/a/b". SIZE_MAX: there is none. */
size_t memory_group_limit(const char *root, const char *group, size_t length, const char *file);

#endif
