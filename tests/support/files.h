/* Files for tests: made, read back, counted; and an allocator that fails when it is told to and keeps
 * accounts. Every function fails the running test when it cannot do its work. */
#ifndef NUDGE_TESTS_SUPPORT_FILES_H
#define NUDGE_TESTS_SUPPORT_FILES_H

#include <nudge.h>

/* -- files -- */

/* Makes an empty folder in the working directory and goes there; and back again, removing it with all that is
 * in it. Fit to be cmocka's setup and teardown. */
int enter_scratch(void **state);
int leave_scratch(void **state);

void put_file(const char *path, const void *bytes, size_t count);
void put_gzip(const char *path, const void *bytes, size_t count);
/* malloc'ed; *count may be NULL. A NUL follows the bytes. */
unsigned char *get_file(const char *path, size_t *count);
size_t count_entries(const char *folder); /* "." and ".." aside */

/* -- IDX -- */

/* An IDX file in memory: header and elements. `elements` are big-endian already. Returns its size; `out` has
 * room for 4 + 4 * rank + count bytes. */
size_t make_idx(unsigned char *out, unsigned char type, size_t rank, const uint32_t *dimensions,
                const void *elements, size_t count);
void put_idx(const char *path, unsigned char type, size_t rank, const uint32_t *dimensions,
             const void *elements, size_t count);

/* The smallest set: n rows of 2x2 u8 images, pixels counting up from 0, and labels row % 3. `part` is "train"
 * or "t10k", and the files lie in `folder` under MNIST's names. */
void put_small_part(const char *folder, const char *part, uint32_t rows);

/* -- errors -- */

/* The status is `expected`, and the error has it too and is one sentence that contains every one of the texts
 * that follow, up to NULL. */
__attribute__((sentinel)) void expect_error(nudge_status status, nudge_status expected,
                                            const nudge_error *error, ...);

/* -- memory -- */

/* Counts blocks; the allocation number `fail_at` (from 1; 0: none) returns NULL. */
struct accounts {
    size_t allocations, fail_at;
    size_t live_blocks, live_bytes, peak_bytes;
};

nudge_allocator counting_allocator(struct accounts *accounts);
/* A context with one thread on that allocator. */
nudge_context *counting_context(struct accounts *accounts);

#endif
