/* See signals.h. Invariant: the handler does nothing but note the signal and restore the default actions. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught;

static void set_action(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
}

static void note(int signal) {
    caught = signal;
    set_action(SIGINT, SIG_DFL);
    set_action(SIGTERM, SIG_DFL);
}

/* A signal that was ignored at the start (nohup, a background job of sh) stays ignored. */
static void catch_unless_ignored(int signal) {
    struct sigaction old;
    if (sigaction(signal, NULL, &old) == 0 && old.sa_handler == SIG_IGN) return;
    set_action(signal, note);
}

void signals_catch(void) {
    catch_unless_ignored(SIGINT);
    catch_unless_ignored(SIGTERM);
}

int signals_caught(void) {
    return caught;
}

void signals_end(void) {
    if (!caught) return;
    set_action(caught, SIG_DFL);
    raise(caught);
}
