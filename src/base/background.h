/* One thread beside the caller, for work that waits (files) while the caller computes. Invariant: one job at
 * a time; the caller and the job share nothing but what the job was given, and that only between start and
 * wait. */
#ifndef NUDGE_BASE_BACKGROUND_H
#define NUDGE_BASE_BACKGROUND_H

#include "base/memory.h"

struct background;

typedef void background_job(void *argument);

nudge_status background_create(const nudge_allocator *allocator, struct background **background,
                               nudge_error *error);
void background_free(struct background *background); /* waits; NULL allowed */

/* Begins job(argument). The job before must have been waited for. Where there are no threads, or the system
 * refuses one, the job is done at once. */
void background_start(struct background *background, background_job *job, void *argument);
/* Returns when the job is done; at once when there is none. What it wrote is there. */
void background_wait(struct background *background);

#endif
