/* See signals.h. Invariant: what the handler reads was written whole before it can run: pointers in `guarded` are set
 * while signals are held. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof ending / sizeof *ending, MOST_GUARDED = 8 };

static volatile sig_atomic_t caught, times, held, graceful;
static const char *volatile guarded[MOST_GUARDED];

static void set_action(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++) sigaddset(&action.sa_mask, ending[i]);
    sigaction(signal, &action, NULL);
}

/* Nothing in it but what a handler may call. */
static void end_by(int signal) {
    for (int i = 0; i < MOST_GUARDED; i++)
        if (guarded[i]) unlink(guarded[i]);
    for (int i = 0; i < MOST_GUARDED; i++)
        if (guarded[i]) rmdir(guarded[i]); /* a folder, of which the parts in it are gone now */
    set_action(signal, SIG_DFL);
    raise(signal); /* in the handler it waits until that has returned */
}

static void handle(int signal) {
    caught = signal;
    times = times + 1;
    if (!held && !(graceful && times == 1)) end_by(signal);
}

void signals_begin(void) {
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction old;
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
        set_action(ending[i], handle);
    }
}

void signals_catch(void) {
    graceful = 1;
}

int signals_caught(void) {
    return caught;
}

void signals_end(void) {
    if (caught) end_by(caught);
}

void signals_hold(void) {
    held = held + 1;
}

void signals_release(void) {
    held = held - 1;
    if (!held && caught && (!graceful || times > 1)) end_by(caught);
}

void signals_guard(const char *part) {
    for (int i = 0; part && i < MOST_GUARDED; i++)
        if (!guarded[i]) {
            guarded[i] = part;
            return;
        }
}

void signals_forget(const char *part) {
    for (int i = 0; part && i < MOST_GUARDED; i++)
        if (guarded[i] == part) guarded[i] = NULL;
}
