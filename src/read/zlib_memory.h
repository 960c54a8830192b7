/* zlib's memory from an allocator. */
#ifndef NUDGE_READ_ZLIB_MEMORY_H
#define NUDGE_READ_ZLIB_MEMORY_H

#include "base/memory.h"

#include <zlib.h>

/* A stream that is otherwise zero, for inflateInit2; the allocator must outlive it. */
z_stream zlib_stream(const nudge_allocator *allocator);

#endif
