/* What writing and reading a table's cache file share: see table_cache.h. */
#ifndef NUDGE_READ_TABLE_CACHE_FILE_H
#define NUDGE_READ_TABLE_CACHE_FILE_H

#include <stdbool.h>

enum { CACHE_START = 32, CACHE_ALIGNMENT = 64, CACHE_SUM = 4 };
#define CACHE_MAGIC "nudge rows 1\n"

/* Whether there is a file, and it does not begin as these do; an empty one is nobody's. */
bool table_cache_is_foreign(const char *path);

#endif
