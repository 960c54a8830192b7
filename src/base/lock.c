/* See lock.h. Without thread support (NUDGE_NO_THREADS) nobody has to wait. */
#include "base/lock.h"

#include "base/status.h"

#ifndef NUDGE_NO_THREADS
#include <pthread.h>
#endif

struct lock {
    nudge_allocator allocator;
#ifndef NUDGE_NO_THREADS
    pthread_mutex_t mutex;
#endif
};

nudge_status lock_create(const nudge_allocator *allocator, struct lock **lock, nudge_error *error) {
    struct lock *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a lock");
    made->allocator = *allocator;
#ifndef NUDGE_NO_THREADS
    pthread_mutex_init(&made->mutex, NULL);
#endif
    *lock = made;
    return NUDGE_OK;
}

void lock_free(struct lock *lock) {
    if (!lock) return;
#ifndef NUDGE_NO_THREADS
    pthread_mutex_destroy(&lock->mutex);
#endif
    nudge_allocator allocator = lock->allocator;
    memory_release(&allocator, lock, sizeof *lock);
}

#ifdef NUDGE_NO_THREADS

void lock_take(struct lock *lock) {
    (void)lock;
}
void lock_give(struct lock *lock) {
    (void)lock;
}

#else

void lock_take(struct lock *lock) {
    pthread_mutex_lock(&lock->mutex);
}
void lock_give(struct lock *lock) {
    pthread_mutex_unlock(&lock->mutex);
}

#endif
