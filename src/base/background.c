/* See background.h. The thread starts with the first job and sleeps between jobs. */
#include "base/background.h"

#include "base/status.h"

#ifdef NUDGE_NO_THREADS

struct background {
    nudge_allocator allocator;
};

nudge_status background_create(const nudge_allocator *allocator, struct background **background,
                               nudge_error *error) {
    *background = memory_get_zeroed(allocator, sizeof **background);
    if (!*background) return error_no_memory(error, sizeof **background, "a thread");
    (*background)->allocator = *allocator;
    return NUDGE_OK;
}

void background_free(struct background *background) {
    if (!background) return;
    nudge_allocator allocator = background->allocator;
    memory_release(&allocator, background, sizeof *background);
}

void background_start(struct background *background, background_job *job, void *argument) {
    (void)background;
    job(argument);
}

void background_wait(struct background *background) {
    (void)background;
}

#else

#include <pthread.h>
#include <signal.h>

enum state { IDLE, WORKING, ENDING };

struct background {
    nudge_allocator allocator;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum state state;
    background_job *job;
    void *argument;
    bool started;
    pthread_t thread;
};

static void set_state(struct background *background, enum state state) {
    pthread_mutex_lock(&background->mutex);
    background->state = state;
    pthread_cond_broadcast(&background->changed);
    pthread_mutex_unlock(&background->mutex);
}

/* Waits while the state is `state`; what it is then. */
static enum state wait_while(struct background *background, enum state state) {
    pthread_mutex_lock(&background->mutex);
    while (background->state == state) pthread_cond_wait(&background->changed, &background->mutex);
    enum state now = background->state;
    pthread_mutex_unlock(&background->mutex);
    return now;
}

static void *background_main(void *argument) {
    struct background *background = argument;
    while (wait_while(background, IDLE) == WORKING) {
        background->job(background->argument);
        set_state(background, IDLE);
    }
    return NULL;
}

nudge_status background_create(const nudge_allocator *allocator, struct background **background,
                               nudge_error *error) {
    struct background *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a thread");
    made->allocator = *allocator;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    *background = made;
    return NUDGE_OK;
}

void background_free(struct background *background) {
    if (!background) return;
    background_wait(background);
    if (background->started) {
        set_state(background, ENDING);
        pthread_join(background->thread, NULL);
    }
    pthread_cond_destroy(&background->changed);
    pthread_mutex_destroy(&background->mutex);
    nudge_allocator allocator = background->allocator;
    memory_release(&allocator, background, sizeof *background);
}

/* Signals stay with the program's own threads. */
static bool start_thread(struct background *background) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    background->started = pthread_create(&background->thread, NULL, background_main, background) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return background->started;
}

void background_start(struct background *background, background_job *job, void *argument) {
    if (!background->started && !start_thread(background)) {
        job(argument);
        return;
    }
    background->job = job;
    background->argument = argument;
    set_state(background, WORKING);
}

void background_wait(struct background *background) {
    if (background->started) wait_while(background, WORKING);
}

#endif
