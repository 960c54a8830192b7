/* For LD_PRELOAD: the allocation number $FAIL_MALLOC_AT of the process fails, counted from 1 from the start
 * of main: how the libraries before it bear it is not ours. glibc alone: its own names are what is called
 * instead. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;
static long fail_at; /* 0: none */

static int fails(void) {
    return fail_at && ++allocations == fail_at;
}

typedef int main_function(int argc, char **argv, char **environment);
static main_function *true_main;

static int counted_main(int argc, char **argv, char **environment) {
    const char *at = getenv("FAIL_MALLOC_AT");
    fail_at = at ? atol(at) : 0;
    return true_main(argc, argv, environment);
}

int __libc_start_main(main_function *given, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end) {
    int (*start)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *) =
        (int (*)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *))dlsym(
            RTLD_NEXT, "__libc_start_main");
    true_main = given;
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

static void *none(void) {
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size) {
    return fails() ? none() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails() ? none() : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return fails() ? none() : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? none() : __libc_memalign(alignment, size);
}
