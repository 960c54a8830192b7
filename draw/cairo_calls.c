/* See cairo_calls.h. */
#include "draw/draw.h"

#include "draw/cairo_calls.h"

#include <dlfcn.h>
#include <string.h>

struct cairo_calls lib;

bool cairo_load(void) {
#define NAME(name) "cairo_" #name,
    static const char *const names[] = {CAIRO_CALLS(NAME)};
    static bool loaded;
    if (loaded) return true;
    void *handle = dlopen(NUDGE_CAIRO, RTLD_NOW | RTLD_LOCAL);
    loaded = handle != NULL;
    for (size_t i = 0; loaded && i < sizeof names / sizeof *names; i++) {
        void *function = dlsym(handle, names[i]);
        memcpy((unsigned char *)&lib + i * sizeof function, &function, sizeof function);
        if (!function) loaded = false;
    }
    return loaded;
}
