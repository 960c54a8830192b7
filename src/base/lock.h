/* One thread at a time: what several threads share and none may touch while another does. */
#ifndef NUDGE_BASE_LOCK_H
#define NUDGE_BASE_LOCK_H

#include "base/memory.h"

struct lock;

nudge_status lock_create(const nudge_allocator *allocator, struct lock **lock, nudge_error *error);
void lock_free(struct lock *lock); /* NULL allowed; nobody holds it */

/* Waits until nobody holds it. Not twice by the same thread. */
void lock_take(struct lock *lock);
void lock_give(struct lock *lock);

#endif
