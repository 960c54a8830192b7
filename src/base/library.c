/* See library.h. */
#include "base/library.h"

#include "base/status.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

enum { NOT_TRIED, LOADED, MISSING };

static bool find_all(struct library *library) {
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return false;
    for (size_t i = 0; i < library->count; i++) {
        void *function = dlsym(handle, library->names[i]);
        if (!function) return false;
        memcpy((unsigned char *)library->functions + i * sizeof function, &function, sizeof function);
    }
    return true;
}

nudge_status library_load(struct library *library, const char *what, nudge_error *error) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    if (library->state == NOT_TRIED) library->state = find_all(library) ? LOADED : MISSING;
    int state = library->state;
    pthread_mutex_unlock(&one_at_a_time);
    if (state == LOADED) return NUDGE_OK;
    return error_set(error, NUDGE_UNSUPPORTED, "%s: it needs the library %s, which is not installed here",
                     what, library->file);
}
