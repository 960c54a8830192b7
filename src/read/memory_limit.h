/* How much memory this process may have. */
#ifndef NUDGE_READ_MEMORY_LIMIT_H
#define NUDGE_READ_MEMORY_LIMIT_H

#include <stddef.h>

/* The least of what the machine has, what the process may address or have as data (ulimit -v, -d), and what its control
 * groups allow (Linux, version 1 or 2), in bytes. */
size_t memory_limit(void);

#endif
