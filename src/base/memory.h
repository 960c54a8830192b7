/* Memory: the context's allocator, checked sizes, and an arena that carves one block.
 * Invariant: every block is aligned to MEMORY_ALIGNMENT, and its size is given back at release. */
#ifndef NUDGE_BASE_MEMORY_H
#define NUDGE_BASE_MEMORY_H

#include <nudge.h>

enum { MEMORY_ALIGNMENT = 64 }; /* a cache line, and the widest vector */

/* The allocator with nothing in it replaced by the C library's. */
nudge_allocator memory_allocator(const nudge_allocator *chosen);

/* NULL when there is none; never fails for 0 bytes (allocates one alignment). */
void *memory_get(const nudge_allocator *allocator, size_t bytes);
void *memory_get_zeroed(const nudge_allocator *allocator, size_t bytes);
void memory_release(const nudge_allocator *allocator, void *memory, size_t bytes); /* NULL allowed */

/* A copy of a NUL-terminated text; release with strlen + 1 bytes: memory_release_text does. */
char *memory_copy_text(const nudge_allocator *allocator, const char *text);
void memory_release_text(const nudge_allocator *allocator, char *text); /* NULL allowed */

/* *result = a * b or a + b; false when that does not fit in a size_t. */
static inline bool size_multiply(size_t *result, size_t a, size_t b) {
    return !__builtin_mul_overflow(a, b, result);
}
static inline bool size_add(size_t *result, size_t a, size_t b) {
    return !__builtin_add_overflow(a, b, result);
}
/* n rounded up to a multiple of `to`, a power of two; saturates at SIZE_MAX - to + 1. */
static inline size_t size_round_up(size_t n, size_t to) {
    return n > SIZE_MAX - to ? SIZE_MAX - to + 1 : (n + to - 1) & ~(to - 1);
}

/* Carves pieces from one block, in order, each aligned. With block == NULL it only measures: run the same
 * carving twice, first to learn the size, then for the pointers. */
struct arena {
    unsigned char *block;
    size_t used;
    bool overflow; /* the sizes asked for do not fit in a size_t */
};

void *arena_carve(struct arena *arena, size_t count, size_t element_size);
/* The same for a piece that is read and written together with `beside`, element by element. A CPU has a load
 * wait for a store shortly before it whose address ends in the same 12 bits ("4K aliasing" in Intel's
 * optimization manual): a large piece therefore begins so many quarters of a 4 KB page after `beside`. */
void *arena_carve_beside(struct arena *arena, size_t count, size_t element_size, const void *beside,
                         unsigned quarters);

#endif
