/* Libraries that few programs need and that take longer to load than nudge to start: loaded when their first function
 * is wanted, and kept. Who uses one lists its functions once,
 *
 *     #define PNG_CALLS(CALL) CALL(read_info) CALL(read_row)
 *     struct png_calls { PNG_CALLS(LIBRARY_MEMBER_OF_png) };
 *
 * with members of the types that the library's own header says, so that the compiler checks every call. */
#ifndef NUDGE_BASE_LIBRARY_H
#define NUDGE_BASE_LIBRARY_H

#include <nudge.h>

struct library {
    const char *file; /* as the system's loader knows it: its name ends with the version of its interface */
    const char *const *names;
    size_t count;
    void *functions; /* [count] pointers to functions, in the order of the names: a struct of them */
    int state;       /* library_load's; 0 at the beginning */
};

/* Fills the functions in, at the first call. Errors: NUDGE_UNSUPPORTED when the library is not installed; `what` needs
 * it. Called by several threads at once. */
nudge_status library_load(struct library *library, const char *what, nudge_error *error);

#endif
