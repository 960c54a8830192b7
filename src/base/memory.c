/* See memory.h. */
#define _GNU_SOURCE /* madvise */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 }; /* bytes */

#ifdef __linux__
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20 }; /* bytes */

/* A data set is filled from end to end: large pages save thousands of page faults. Linux gives them to who
 * asks; it is a hint, whose refusal changes nothing. */
static void ask_for_large_pages(void *memory, size_t bytes) {
    uintptr_t first = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uintptr_t end = ((uintptr_t)memory + bytes) / LARGE_PAGE * LARGE_PAGE;
    if (first < end) madvise((void *)first, end - first, MADV_HUGEPAGE);
}
#else
static void ask_for_large_pages(void *memory, size_t bytes) {
    (void)memory;
    (void)bytes;
}
#endif

static void *library_allocate(void *user, size_t bytes) {
    (void)user;
    void *memory = aligned_alloc(MEMORY_ALIGNMENT, size_round_up(bytes, MEMORY_ALIGNMENT));
    if (memory) ask_for_large_pages(memory, bytes);
    return memory;
}

static void library_release(void *user, void *memory, size_t bytes) {
    (void)user;
    (void)bytes;
    free(memory);
}

nudge_allocator memory_allocator(const nudge_allocator *chosen) {
    if (chosen && chosen->allocate && chosen->release) return *chosen;
    return (nudge_allocator){library_allocate, library_release, NULL};
}

void *memory_get(const nudge_allocator *allocator, size_t bytes) {
    return allocator->allocate(allocator->user, bytes ? bytes : MEMORY_ALIGNMENT);
}

void *memory_get_zeroed(const nudge_allocator *allocator, size_t bytes) {
    void *memory = memory_get(allocator, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

void memory_release(const nudge_allocator *allocator, void *memory, size_t bytes) {
    if (memory) allocator->release(allocator->user, memory, bytes ? bytes : MEMORY_ALIGNMENT);
}

char *memory_copy_text(const nudge_allocator *allocator, const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = memory_get(allocator, bytes);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}

void memory_release_text(const nudge_allocator *allocator, char *text) {
    if (text) memory_release(allocator, text, strlen(text) + 1);
}

void *arena_carve(struct arena *arena, size_t count, size_t element_size) {
    size_t bytes, end;
    if (!size_multiply(&bytes, count, element_size) || !size_add(&end, arena->used, bytes) ||
        end > SIZE_MAX / 2) {
        arena->overflow = true;
        return NULL;
    }
    void *piece = arena->block ? arena->block + arena->used : NULL;
    arena->used = size_round_up(end, MEMORY_ALIGNMENT);
    return piece;
}

void *arena_carve_beside(struct arena *arena, size_t count, size_t element_size, const void *beside,
                         unsigned quarters) {
    size_t bytes;
    if (!size_multiply(&bytes, count, element_size) || bytes < PAGE)
        return arena_carve(arena, count, element_size);
    if (!size_add(&bytes, bytes, PAGE)) bytes = SIZE_MAX;
    unsigned char *piece = arena_carve(arena, bytes, 1);
    if (!piece) return NULL;
    return piece + ((uintptr_t)beside + quarters * (PAGE / 4) - (uintptr_t)piece) % PAGE;
}
