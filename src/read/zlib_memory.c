/* See zlib_memory.h. The size of a block stands in front of it, as zlib does not say it when it gives one back. */
#include "read/zlib_memory.h"

#include <string.h>

static void *zlib_allocate(void *opaque, unsigned items, unsigned size) {
    size_t bytes;
    if (!size_multiply(&bytes, items, size) || !size_add(&bytes, bytes, MEMORY_ALIGNMENT)) return Z_NULL;
    unsigned char *block = memory_get(opaque, bytes);
    if (!block) return Z_NULL;
    memcpy(block, &bytes, sizeof bytes);
    return block + MEMORY_ALIGNMENT;
}

static void zlib_release(void *opaque, void *memory) {
    unsigned char *block = (unsigned char *)memory - MEMORY_ALIGNMENT;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    memory_release(opaque, block, bytes);
}

z_stream zlib_stream(const nudge_allocator *allocator) {
    return (z_stream){.zalloc = zlib_allocate, .zfree = zlib_release, .opaque = (void *)allocator};
}
